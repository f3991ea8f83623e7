//! A member's mail programs: what to set them up with, and the passwords they sign in with.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::LOCATION;
use identity::client_passwords::{self, ClientPassword, NewClientPassword};
use identity::protocols::Protocol;
use kernel::{ClientPasswordId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Account as AccountCaller;
use crate::error::ApiError;
use crate::extract::{Json, Path};
use crate::list::List;
use crate::password_check::read_password;

/// One client password, without the password.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientPasswordRow {
    #[schema(value_type = String)]
    pub id: ClientPasswordId,
    pub name: String,
    /// `imap`, `pop3`, `smtp`, `jmap`.
    #[schema(value_type = Vec<String>)]
    pub protocols: Vec<Protocol>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub expires_at: Option<Timestamp>,
    /// To within a few minutes.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub last_used_at: Option<Timestamp>,
    #[schema(required)]
    pub last_used_ip: Option<String>,
    #[schema(value_type = Option<String>, required)]
    pub last_used_protocol: Option<Protocol>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClientPassword {
    /// What the member calls it, such as the program and the device.
    #[schema(max_length = 64)]
    pub name: String,
    /// `imap`, `pop3`, `smtp`, `jmap`; at least one.
    #[schema(value_type = Vec<String>, max_items = 8)]
    pub protocols: Vec<Protocol>,
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    #[schema(max_length = 256, format = Password)]
    pub current_password: String,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedClientPassword {
    pub client_password: ClientPasswordRow,
    /// Shown this once.
    pub password: String,
}

/// How a mail program reaches this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientServer {
    /// `imap`, `pop3` or `smtp`.
    pub protocol: &'static str,
    pub host: String,
    pub port: u16,
    /// `tls`: from the start. `starttls`: after STARTTLS.
    pub security: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ClientSettings {
    /// What to sign in with; null for a member without an address.
    #[schema(required)]
    pub user_name: Option<String>,
    /// Mail programs take client passwords only.
    pub client_passwords_only: bool,
    /// The best first for each protocol.
    pub servers: Vec<ClientServer>,
}

impl From<ClientPassword> for ClientPasswordRow {
    fn from(found: ClientPassword) -> Self {
        Self {
            id: found.id,
            name: found.name,
            protocols: found.protocols,
            created_at: found.created_at,
            expires_at: found.expires_at,
            last_used_at: found.last_used_at,
            last_used_ip: found.last_used_ip,
            last_used_protocol: found.last_used_protocol,
        }
    }
}

/// Lists the own client passwords
#[utoipa::path(get, path = "/api/v1/account/client-passwords", operation_id = "listClientPasswords", tag = "account", responses((status = 200, body = List<ClientPasswordRow>)))]
pub async fn list_client_passwords(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
) -> Result<Json<List<ClientPasswordRow>>, ApiError> {
    let ctx = caller.ctx;
    let found = app.store.read(move |tx| Ok::<_, ApiError>(client_passwords::list(&ctx, tx)?)).await?;
    Ok(Json(List::whole(found.into_iter().map(ClientPasswordRow::from).collect())))
}

/// Makes a client password
///
/// The answer holds the password, this once. The member's own password is asked for again.
#[utoipa::path(post, path = "/api/v1/account/client-passwords", operation_id = "createClientPassword", tag = "account", request_body = CreateClientPassword, responses((status = 201, body = CreatedClientPassword)))]
pub async fn create_client_password(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Json(body): Json<CreateClientPassword>,
) -> Result<Response, ApiError> {
    let new = NewClientPassword {
        current_password: read_password("current_password", &body.current_password)?,
        name: body.name,
        protocols: body.protocols,
        expires_at: body.expires_at,
    };
    let made = client_passwords::create(&app.store, &app.hasher, &caller.ctx, new).await?;
    let location = format!("/api/v1/account/client-passwords/{}", made.client_password.id);
    let answer = CreatedClientPassword { client_password: made.client_password.into(), password: made.password.to_string() };
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(answer)).into_response())
}

/// Revokes a client password
///
/// Programs that use it are signed out at once.
#[utoipa::path(delete, path = "/api/v1/account/client-passwords/{id}", operation_id = "revokeClientPassword", tag = "account", params(("id" = String, Path)), responses((status = 204)))]
pub async fn revoke_client_password(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Path(id): Path<ClientPasswordId>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    app.store.write(move |tx| Ok::<_, ApiError>(client_passwords::revoke(&ctx, tx, id)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Tells what to set a mail program up with
#[utoipa::path(get, path = "/api/v1/account/client-settings", operation_id = "getClientSettings", tag = "account", responses((status = 200, body = ClientSettings)))]
pub async fn get_client_settings(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
) -> Result<Json<ClientSettings>, ApiError> {
    let (ctx, own) = (caller.ctx, caller.session.member_id);
    let (user_name, client_passwords_only) = app
        .store
        .read(move |tx| {
            let member = directory::members::get(&ctx, tx, own)?;
            let settings = directory::organisations::settings(tx, ctx.org)?;
            Ok::<_, ApiError>((member.address.map(|address| address.to_string()), settings.client_passwords_only))
        })
        .await?;
    Ok(Json(ClientSettings { user_name, client_passwords_only, servers: app.options.client_servers.clone() }))
}
