//! Further addresses of a member.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use directory::access::{Permission, Target, authorize};
use directory::addresses::{self, Address, AddressKind};
use directory::members;
use http::StatusCode;
use kernel::{DomainId, EmailAddress, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::change::address_in;
use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path};
use crate::list::List;

/// One address of a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberAddress {
    pub address: String,
    /// `primary`, `alias` or `held`.
    pub kind: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAlias {
    /// The part before the `@`.
    #[schema(max_length = 64)]
    pub local_part: String,
    /// The default domain when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub domain_id: Option<DomainId>,
}

/// Lists a member's addresses, the primary one first
#[utoipa::path(get, path = "/api/v1/admin/members/{id}/aliases", operation_id = "listMemberAliases", tag = "members", params(("id" = String, Path)), responses((status = 200, body = List<MemberAddress>)))]
pub async fn list_member_aliases(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
) -> Result<Json<List<MemberAddress>>, ApiError> {
    let ctx = caller.ctx;
    let found = app.store.read(move |tx| {
        authorize(&ctx, tx, Permission::ViewMembers, Target::Member(id))?;
        members::get(&ctx, tx, id)?;
        let mut own = addresses::list_of_member(tx, ctx.org, id)?;
        own.sort_by_key(|address| (address.kind != AddressKind::Primary, address.address.clone()));
        Ok::<_, ApiError>(own)
    });
    Ok(Json(List::whole(found.await?.into_iter().map(MemberAddress::from).collect())))
}

/// Gives a member another address
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/aliases", operation_id = "addMemberAlias", tag = "members", params(("id" = String, Path)), request_body = AddAlias, responses((status = 201, body = MemberAddress)))]
pub async fn add_member_alias(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
    Json(body): Json<AddAlias>,
) -> Result<(StatusCode, Json<MemberAddress>), ApiError> {
    let ctx = caller.ctx;
    let added = app.store.write(move |tx| {
        authorize(&ctx, tx, Permission::ManageMembers, Target::Member(id))?;
        let address = address_in(&ctx, tx, "local_part", &kernel::normalise(&body.local_part), body.domain_id)?;
        addresses::add_alias(&ctx, tx, id, &address)?;
        addresses::find(tx, &address)?.ok_or_else(ApiError::not_found)
    });
    Ok((StatusCode::CREATED, Json(added.await?.into())))
}

/// Takes an alias away
#[utoipa::path(delete, path = "/api/v1/admin/members/{id}/aliases/{address}", operation_id = "removeMemberAlias", tag = "members", params(("id" = String, Path), ("address" = String, Path)), responses((status = 204)))]
pub async fn remove_member_alias(
    State(app): State<AppState>,
    Console(caller): Console,
    Path((id, address)): Path<(MemberId, String)>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    let address: EmailAddress = address.parse().map_err(|_| ApiError::not_found())?;
    app.store.write(move |tx| Ok::<_, ApiError>(addresses::remove_alias(&ctx, tx, id, &address)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl From<Address> for MemberAddress {
    fn from(address: Address) -> Self {
        Self { address: address.address.to_string(), kind: address.kind.as_str().to_owned(), created_at: address.created_at }
    }
}
