//! The one table from kinds of failure to HTTP, and the form in which failures are told: problem+json, RFC 9457.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use kernel::{Fault, FaultKind, FieldFault, Params};
use serde::Serialize;
use utoipa::ToSchema;

kernel::codes! {
    Invalid "body_invalid",
    Invalid "body_too_large",
    Invalid "cursor_invalid",
    Invalid "field_missing",
    Invalid "field_unknown",
    Invalid "value_invalid",
    Invalid "value_too_long",
    Invalid "too_many_items",
    Invalid "query_invalid",
    Invalid "media_type_unsupported",
    Invalid "method_not_allowed",
    Unauthenticated "not_signed_in",
    Forbidden "csrf_token_invalid",
    Forbidden "cross_site_request",
    Forbidden "choose_password_first",
    Forbidden "secure_connection_required",
    Forbidden "forbidden",
    NotFound "not_found",
    Unavailable "request_timeout",
    Unavailable "too_many_streams",
    Internal "internal_error",
}

/// What a failed request is answered with (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:yanshu:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// In English, for people who read logs; pages show the code's text.
    pub title: String,
    pub status: u16,
    /// Stable; the language files have a text for it.
    pub code: String,
    /// What the code's text speaks of.
    pub params: BTreeMap<String, String>,
    /// Which fields of the request are wrong, and how.
    pub fields: Vec<ProblemField>,
    /// To quote when asking for help; the log has it too.
    pub request_id: String,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// The field's name, with `.` and indexes for nested ones.
    pub field: String,
    pub code: String,
    pub params: BTreeMap<String, String>,
}

/// A failure on its way out. The answer's body is written by [`render`], which knows the request's id.
#[derive(Debug)]
pub struct ApiError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    title: String,
    params: Params,
    fields: Vec<FieldFault>,
    retry_after_secs: Option<u64>,
    /// Causes, for the log only.
    cause: Option<String>,
}

/// The status each kind of failure has in HTTP.
pub fn status_of(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        FaultKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        FaultKind::Forbidden => StatusCode::FORBIDDEN,
        FaultKind::NotFound => StatusCode::NOT_FOUND,
        FaultKind::Conflict | FaultKind::LimitReached => StatusCode::CONFLICT,
        FaultKind::Throttled => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl<F: Fault> From<F> for ApiError {
    fn from(fault: F) -> Self {
        let kind = fault.kind();
        let params = fault.params();
        let retry_after_secs = match kind {
            FaultKind::Throttled => Some(params.get("retry_after_secs").and_then(|secs| secs.parse().ok()).unwrap_or(30)),
            FaultKind::Unavailable => Some(5),
            _ => None,
        };
        // Internal errors tell nothing of what went on inside; the log has it.
        let title = if kind == FaultKind::Internal { "something went wrong inside the server".to_owned() } else { fault.to_string() };
        let cause = matches!(kind, FaultKind::Internal | FaultKind::Unavailable).then(|| chain(&fault));
        Self(Box::new(Parts {
            status: status_of(kind),
            code: fault.code(),
            title,
            params,
            fields: fault.fields(),
            retry_after_secs,
            cause,
        }))
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, title: impl Into<String>) -> Self {
        let (params, fields) = (Params::new(), Vec::new());
        Self(Box::new(Parts { status, code, title: title.into(), params, fields, retry_after_secs: None, cause: None }))
    }

    /// One field of the request is wrong.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        Self::field_with(field, code, Params::new())
    }

    /// One field of the request is wrong, in a way that has parameters.
    pub fn field_with(field: impl Into<String>, code: &'static str, params: Params) -> Self {
        let field = field.into();
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, format!("the field {field:?} is not as it should be"));
        error.0.params = params.clone();
        error.0.fields.push(FieldFault { field, code, params });
        error
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here, or it is not for the caller to know")
    }

    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "the request needs a session")
    }

    pub fn internal(cause: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "something went wrong inside the server");
        error.0.cause = Some(cause.into());
        error
    }

    pub fn code(&self) -> &'static str {
        self.0.code
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(Failure(std::sync::Arc::new(self)));
        response
    }
}

/// Rides on a response until its body is written.
#[derive(Clone)]
pub struct Failure(pub std::sync::Arc<ApiError>);

/// Writes the problem of a failed request, and its cause to the log.
pub fn render(failure: &ApiError, request_id: &str) -> Response {
    let failure = &*failure.0;
    if let Some(cause) = &failure.cause {
        tracing::error!(request.id = request_id, code = failure.code, cause, "a request failed");
    }
    let named = |params: &Params| params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let problem = Problem {
        kind: format!("urn:yanshu:problem:{}", failure.code),
        title: failure.title.clone(),
        status: failure.status.as_u16(),
        code: failure.code.to_owned(),
        params: named(&failure.params),
        fields: failure
            .fields
            .iter()
            .map(|fault| ProblemField { field: fault.field.clone(), code: fault.code.to_owned(), params: named(&fault.params) })
            .collect(),
        request_id: request_id.to_owned(),
    };
    let body = serde_json::to_vec(&problem).expect("a problem holds only strings and numbers");
    let mut response = (failure.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
    if let Some(secs) = failure.retry_after_secs {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}
