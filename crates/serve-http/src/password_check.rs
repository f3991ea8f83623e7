//! Tells, while somebody types a password, which rules it meets.

use std::collections::BTreeMap;

use axum::extract::State;
use directory::organisations::{self, PasswordPolicy};
use identity::passwords::{Password, PasswordRuleResult, Personal, check_policy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::error::ApiError;
use crate::extract::{Json, SameSite, bounded};

/// A password being typed. It is judged and forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordCheck {
    #[schema(max_length = 256, format = Password)]
    pub password: String,
    /// Whose policy applies; without it, the policy new organisations start with.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub organisation_code: Option<String>,
    /// The person's name, which a password may not contain.
    #[serde(default)]
    #[schema(max_length = 128)]
    pub name: Option<String>,
}

/// How a password does against the policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordVerdict {
    /// Whether all rules are met.
    pub acceptable: bool,
    pub rules: Vec<PasswordRule>,
}

/// One rule of the policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordRule {
    /// `min_length`, `upper`, `lower`, `digit`, `special`, `common`, `personal` or `history`; the last is only told when the password is sent.
    #[schema(example = "min_length")]
    pub rule: String,
    pub met: bool,
    /// What the rule's text speaks of, such as `{"min_length": "10"}`.
    pub params: BTreeMap<String, String>,
}

/// Tells rule by rule whether a password would be accepted
#[utoipa::path(post, path = "/api/v1/password-check", operation_id = "checkPassword", tag = "entry", request_body = PasswordCheck, responses((status = 200, body = PasswordVerdict)))]
pub async fn check_password(
    State(app): State<AppState>,
    _: SameSite,
    Json(body): Json<PasswordCheck>,
) -> Result<Json<PasswordVerdict>, ApiError> {
    bounded("organisation_code", body.organisation_code.as_deref().unwrap_or_default(), 64)?;
    bounded("name", body.name.as_deref().unwrap_or_default(), 128)?;
    let password = read_password("password", &body.password)?;
    let code = body.organisation_code.clone();
    let organisation = match code {
        Some(code) => app.store.read(move |tx| Ok::<_, ApiError>(organisations::find_by_code(tx, &code)?)).await?,
        None => None,
    };
    let policy = organisation.map_or_else(PasswordPolicy::default, |organisation| organisation.settings.password_policy);
    let personal = Personal::of(body.name.iter().chain(&body.organisation_code).map(String::as_str));
    let rules: Vec<PasswordRule> = check_policy(&policy, &personal, &password).into_iter().map(PasswordRule::from).collect();
    Ok(Json(PasswordVerdict { acceptable: rules.iter().all(|rule| rule.met), rules }))
}

impl From<PasswordRuleResult> for PasswordRule {
    fn from(result: PasswordRuleResult) -> Self {
        let rule = serde_json::to_value(result.rule).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
        Self { rule, met: result.met, params: result.params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
    }
}

/// A password of a request; `field` is where it stood.
pub fn read_password(field: &'static str, typed: &str) -> Result<Password, ApiError> {
    Password::new(typed).map_err(|fault| ApiError::field(field, kernel::Fault::code(&fault)))
}
