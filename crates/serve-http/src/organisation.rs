//! The organisation itself and its settings.

use axum::extract::State;
use directory::access::{Permission, Target, authorize};
use directory::organisations::{self, Language, ProfileAttribute};
use kernel::{OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, bounded_items};

/// The organisation and its settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organisation {
    #[schema(value_type = String)]
    pub id: OrgId,
    pub code: String,
    pub name: String,
    pub time_zone: String,
    pub language: String,
    /// How many members the organisation may have; null is without limit.
    #[schema(required)]
    pub member_limit: Option<i64>,
    pub password_policy: PasswordPolicy,
    pub required_fields: RequiredFields,
    /// For how many days an initial password opens the page that chooses a new one.
    pub initial_password_days: u32,
    /// A profile that lacks one of these is shown as incomplete: `gender`, `mobile`, `office_phone`, `position`, `address`, `employee_number`, …
    pub complete_profile: Vec<String>,
    /// From how many days before its expiry a member is listed as expiring soon.
    pub expiring_soon_days: u32,
    /// Mail programs sign in with client passwords only.
    pub client_passwords_only: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// What a password must have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordPolicy {
    /// 6 to 64 characters.
    #[schema(minimum = 6, maximum = 64)]
    pub min_length: u32,
    pub require_upper: bool,
    pub require_lower: bool,
    pub require_digit: bool,
    pub require_special: bool,
    /// How many former passwords may not be taken again: 0 to 24.
    #[schema(minimum = 0, maximum = 24)]
    pub history: u32,
}

/// Which fields a member must have, in forms and imports.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequiredFields {
    pub name: bool,
    pub mobile: bool,
    pub department: bool,
}

/// Changes to the organisation; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OrganisationPatch {
    #[schema(max_length = 128)]
    pub name: Option<String>,
    pub time_zone: Option<String>,
    /// `zh-CN` or `en`.
    pub language: Option<String>,
    pub password_policy: Option<PasswordPolicy>,
    pub required_fields: Option<RequiredFields>,
    /// 1 to 90 days.
    #[schema(minimum = 1, maximum = 90)]
    pub initial_password_days: Option<u32>,
    #[schema(max_items = 32)]
    pub complete_profile: Option<Vec<String>>,
    /// 1 to 365 days.
    #[schema(minimum = 1, maximum = 365)]
    pub expiring_soon_days: Option<u32>,
    pub client_passwords_only: Option<bool>,
}

/// Shows the organisation and its settings
#[utoipa::path(get, path = "/api/v1/admin/organisation", operation_id = "getOrganisation", tag = "organisation", responses((status = 200, body = Organisation)))]
pub async fn get_organisation(State(app): State<AppState>, Console(caller): Console) -> Result<Json<Organisation>, ApiError> {
    let ctx = caller.ctx;
    let organisation = app.store.read(move |tx| {
        authorize(&ctx, tx, Permission::ViewOverview, Target::Organisation)?;
        Ok::<_, ApiError>(organisations::get(tx, ctx.org)?)
    });
    Ok(Json(organisation.await?.into()))
}

/// Changes the organisation and its settings
#[utoipa::path(patch, path = "/api/v1/admin/organisation", operation_id = "updateOrganisation", tag = "organisation", request_body = OrganisationPatch, responses((status = 200, body = Organisation)))]
pub async fn update_organisation(
    State(app): State<AppState>,
    Console(caller): Console,
    Json(body): Json<OrganisationPatch>,
) -> Result<Json<Organisation>, ApiError> {
    let ctx = caller.ctx;
    let language = body.language.as_deref().map(read_language).transpose()?;
    bounded_items("complete_profile", body.complete_profile.as_deref().unwrap_or_default(), 32)?;
    let complete_profile = body.complete_profile.as_deref().map(read_attributes).transpose()?;
    let changed = app.store.write(move |tx| {
        let mut settings = organisations::settings(tx, ctx.org)?;
        let asked = body.clone();
        settings.password_policy = asked.password_policy.map_or(settings.password_policy, Into::into);
        settings.required_fields = asked.required_fields.map_or(settings.required_fields, Into::into);
        settings.initial_password_days = asked.initial_password_days.unwrap_or(settings.initial_password_days);
        settings.expiring_soon_days = asked.expiring_soon_days.unwrap_or(settings.expiring_soon_days);
        settings.client_passwords_only = asked.client_passwords_only.unwrap_or(settings.client_passwords_only);
        settings.complete_profile = complete_profile.clone().unwrap_or(settings.complete_profile);
        let patch = organisations::OrganisationPatch {
            name: asked.name,
            time_zone: asked.time_zone,
            language,
            settings: Some(settings),
            member_limit: None,
        };
        Ok::<_, ApiError>(organisations::update(&ctx, tx, &patch)?)
    });
    Ok(Json(changed.await?.into()))
}

impl From<organisations::Organisation> for Organisation {
    fn from(organisation: organisations::Organisation) -> Self {
        let settings = organisation.settings;
        Self {
            id: organisation.id,
            code: organisation.code,
            name: organisation.name,
            time_zone: organisation.time_zone,
            language: organisation.language.as_str().to_owned(),
            member_limit: organisation.member_limit,
            password_policy: settings.password_policy.into(),
            required_fields: settings.required_fields.into(),
            initial_password_days: settings.initial_password_days,
            complete_profile: settings.complete_profile.into_iter().map(|attribute| attribute.as_str().to_owned()).collect(),
            expiring_soon_days: settings.expiring_soon_days,
            client_passwords_only: settings.client_passwords_only,
            created_at: organisation.created_at,
        }
    }
}

/// Structs with the same fields here and in the directory.
macro_rules! same_fields {
    ($wire:ident, $subject:ident { $($field:ident),* $(,)? }) => {
        impl From<organisations::$subject> for $wire {
            fn from(subject: organisations::$subject) -> Self {
                Self { $($field: subject.$field),* }
            }
        }
        impl From<$wire> for organisations::$subject {
            fn from(wire: $wire) -> Self {
                Self { $($field: wire.$field),* }
            }
        }
    };
}
same_fields!(PasswordPolicy, PasswordPolicy { min_length, require_upper, require_lower, require_digit, require_special, history });
same_fields!(RequiredFields, RequiredFields { name, mobile, department });

/// `zh-CN` or `en`.
pub fn read_language(text: &str) -> Result<Language, ApiError> {
    text.parse().map_err(|_| ApiError::field("language", "value_invalid"))
}

fn read_attributes(words: &[String]) -> Result<Vec<ProfileAttribute>, ApiError> {
    let read =
        |(index, word): (usize, &String)| word.parse().map_err(|_| ApiError::field(format!("complete_profile.{index}"), "value_invalid"));
    words.iter().enumerate().map(read).collect()
}
