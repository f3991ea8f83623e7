//! Why a request as a whole was not carried out (RFC 8620 §3.6.1).

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::json::Unreadable;
use super::limits;

#[derive(Debug, PartialEq, Eq)]
pub enum RequestProblem {
    UnknownCapability(String),
    NotJson,
    NotRequest(&'static str),
    Limit(&'static str),
}

impl RequestProblem {
    fn kind(&self) -> &'static str {
        match self {
            Self::UnknownCapability(_) => "unknownCapability",
            Self::NotJson => "notJSON",
            Self::NotRequest(_) => "notRequest",
            Self::Limit(_) => "limit",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::UnknownCapability(name) => format!("this server does not have the capability {name:?}"),
            Self::NotJson => "the body is not I-JSON, or not declared as application/json".to_owned(),
            Self::NotRequest(why) => (*why).to_owned(),
            Self::Limit(name) => format!("the request is beyond the limit {name}, {}", limit_of(name)),
        }
    }
}

impl From<Unreadable> for RequestProblem {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::NotJson => Self::NotJson,
            Unreadable::TooManyValues => Self::NotRequest("the body holds more values than its size allows"),
        }
    }
}

fn limit_of(name: &str) -> usize {
    match name {
        "maxSizeRequest" => limits::MAX_SIZE_REQUEST,
        "maxCallsInRequest" => limits::MAX_CALLS_IN_REQUEST,
        "maxConcurrentRequests" => limits::MAX_CONCURRENT_REQUESTS,
        "maxSizeUpload" => limits::MAX_SIZE_UPLOAD,
        _ => limits::MAX_CONCURRENT_UPLOAD,
    }
}

impl RequestProblem {
    fn status(&self) -> StatusCode {
        match self {
            Self::Limit("maxSizeUpload") => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The problem as it is told, over HTTP or otherwise (RFC 7807).
    pub fn into_json(self) -> Value {
        let mut body = json!({
            "type": format!("urn:ietf:params:jmap:error:{}", self.kind()),
            "status": self.status().as_u16(),
            "detail": self.detail(),
        });
        if let Self::Limit(name) = &self {
            body["limit"] = json!(name);
        }
        body
    }
}

impl IntoResponse for RequestProblem {
    fn into_response(self) -> Response {
        let status = self.status();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], self.into_json().to_string()).into_response()
    }
}
