//! Who administers the organisation. Only owners change it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use directory::addresses::{self, AddressKind};
use directory::administrators;
use http::StatusCode;
use kernel::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path};
use crate::list::List;
use crate::session::AdministratorRole;

#[derive(Debug, Serialize, ToSchema)]
pub struct Administrator {
    #[schema(value_type = String)]
    pub member_id: MemberId,
    pub name: String,
    pub account_name: String,
    #[schema(required)]
    pub address: Option<String>,
    pub role: AdministratorRole,
    #[schema(value_type = String, format = DateTime)]
    pub granted_at: Timestamp,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantAdministrator {
    pub role: AdministratorRole,
}

/// Lists the administrators
#[utoipa::path(get, path = "/api/v1/admin/administrators", operation_id = "listAdministrators", tag = "administrators", responses((status = 200, body = List<Administrator>)))]
pub async fn list_administrators(State(app): State<AppState>, Console(caller): Console) -> Result<Json<List<Administrator>>, ApiError> {
    let ctx = caller.ctx;
    let found = app.store.read(move |tx| {
        let mut items = Vec::new();
        for administrator in administrators::list(&ctx, tx)? {
            let own = addresses::list_of_member(tx, ctx.org, administrator.member_id)?;
            let primary = own.into_iter().find(|address| address.kind == AddressKind::Primary);
            items.push(Administrator {
                member_id: administrator.member_id,
                name: administrator.name,
                account_name: administrator.account_name,
                address: primary.map(|address| address.address.to_string()),
                role: administrator.role.into(),
                granted_at: administrator.granted_at,
            });
        }
        Ok::<_, ApiError>(items)
    });
    Ok(Json(List::whole(found.await?)))
}

/// Makes a member an administrator, or changes the role
#[utoipa::path(put, path = "/api/v1/admin/administrators/{member_id}", operation_id = "grantAdministrator", tag = "administrators", params(("member_id" = String, Path)), request_body = GrantAdministrator, responses((status = 204)))]
pub async fn grant_administrator(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(member_id): Path<MemberId>,
    Json(body): Json<GrantAdministrator>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    app.store.write(move |tx| Ok::<_, ApiError>(administrators::grant(&ctx, tx, member_id, body.role.into())?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes a member's role as administrator away; the last owner stays
#[utoipa::path(delete, path = "/api/v1/admin/administrators/{member_id}", operation_id = "revokeAdministrator", tag = "administrators", params(("member_id" = String, Path)), responses((status = 204)))]
pub async fn revoke_administrator(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(member_id): Path<MemberId>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    app.store.write(move |tx| Ok::<_, ApiError>(administrators::revoke(&ctx, tx, member_id)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
