//! How a method call, or one object of it, is told to have failed (RFC 8620 §3.6.2, §5.3; RFC 8621).
//!
//! What comes from an operation carries its `code` and `params` beside the type, so that pages can show the code's text in the user's language.

use kernel::{Fault, FaultKind, Params};
use mail::heads::MailError;
use serde_json::{Map, Value, json};
use store::StoreError;

/// A method call was not carried out.
#[derive(Debug)]
pub enum MethodError {
    UnknownMethod,
    InvalidArguments(String),
    InvalidResultReference(String),
    AccountNotFound,
    RequestTooLarge,
    StateMismatch,
    CannotCalculateChanges,
    AnchorNotFound,
    UnsupportedSort(String),
    UnsupportedFilter(String),
    UnknownDataType(String),
    TooManyChanges,
    FromAccountNotFound,
    FromAccountNotSupported,
    Forbidden(String),
    /// What an operation said.
    Fault {
        kind: FaultKind,
        code: &'static str,
        params: Params,
        description: String,
    },
}

impl MethodError {
    pub fn invalid_arguments(why: impl Into<String>) -> Self {
        Self::InvalidArguments(why.into())
    }

    pub fn invalid_result_reference(why: impl Into<String>) -> Self {
        Self::InvalidResultReference(why.into())
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnknownMethod => "unknownMethod",
            Self::InvalidArguments(_) => "invalidArguments",
            Self::InvalidResultReference(_) => "invalidResultReference",
            Self::AccountNotFound => "accountNotFound",
            Self::RequestTooLarge => "requestTooLarge",
            Self::StateMismatch => "stateMismatch",
            Self::CannotCalculateChanges => "cannotCalculateChanges",
            Self::AnchorNotFound => "anchorNotFound",
            Self::UnsupportedSort(_) => "unsupportedSort",
            Self::UnsupportedFilter(_) => "unsupportedFilter",
            Self::UnknownDataType(_) => "unknownDataType",
            Self::TooManyChanges => "tooManyChanges",
            Self::FromAccountNotFound => "fromAccountNotFound",
            Self::FromAccountNotSupported => "fromAccountNotSupportedByMethod",
            Self::Forbidden(_) => "forbidden",
            Self::Fault { kind, code, .. } => match kind {
                FaultKind::NotFound if *code == "mail_account_not_found" => "accountNotFound",
                FaultKind::NotFound if *code == "anchor_not_found" => "anchorNotFound",
                FaultKind::Conflict if *code == "changes_not_known" => "cannotCalculateChanges",
                FaultKind::Invalid | FaultKind::NotFound | FaultKind::Conflict => "invalidArguments",
                FaultKind::Unauthenticated | FaultKind::Forbidden => "forbidden",
                FaultKind::LimitReached | FaultKind::Throttled | FaultKind::Unavailable => "serverUnavailable",
                FaultKind::Internal => "serverFail",
            },
        }
    }

    /// The arguments of the `error` answer.
    pub fn into_json(self) -> Value {
        let mut body = json!({ "type": self.kind() });
        match self {
            Self::InvalidArguments(description)
            | Self::InvalidResultReference(description)
            | Self::UnsupportedSort(description)
            | Self::UnknownDataType(description)
            | Self::Forbidden(description)
            | Self::UnsupportedFilter(description) => body["description"] = json!(description),
            Self::Fault { code, params, description, .. } => {
                body["description"] = json!(description);
                body["code"] = json!(code);
                body["params"] = json!(params);
            }
            _ => {}
        }
        body
    }
}

/// Tells the log of what is a defect or an outage; the caller is told of internals nothing.
fn note<F: Fault>(fault: &F) -> (FaultKind, String) {
    let kind = fault.kind();
    match kind {
        FaultKind::Internal => {
            tracing::error!(error = fault as &dyn std::error::Error, code = fault.code(), "A JMAP method failed");
            (kind, "something went wrong inside the server".to_owned())
        }
        FaultKind::Unavailable => {
            tracing::warn!(error = fault as &dyn std::error::Error, code = fault.code(), "A JMAP method could not be carried out");
            (kind, fault.to_string())
        }
        _ => (kind, fault.to_string()),
    }
}

impl<F: Fault> From<F> for MethodError {
    fn from(fault: F) -> Self {
        let (kind, description) = note(&fault);
        Self::Fault { kind, code: fault.code(), params: fault.params(), description }
    }
}

/// One object of a `/set`, `/copy` or `/import` was not created, updated or destroyed.
#[derive(Debug, Clone)]
pub struct SetError {
    kind: &'static str,
    description: Option<String>,
    more: Map<String, Value>,
}

impl From<StoreError> for SetError {
    fn from(error: StoreError) -> Self {
        Self::of(error)
    }
}

impl From<MailError> for SetError {
    fn from(error: MailError) -> Self {
        Self::of(error)
    }
}

impl SetError {
    pub fn new(kind: &'static str) -> Self {
        Self { kind, description: None, more: Map::new() }
    }

    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.description = Some(why.into());
        self
    }

    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    pub fn not_found() -> Self {
        Self::new("notFound")
    }

    pub fn invalid_patch(why: impl Into<String>) -> Self {
        Self::new("invalidPatch").because(why)
    }

    pub fn invalid_property(name: &str, why: impl Into<String>) -> Self {
        Self::new("invalidProperties").because(why).with("properties", json!([name]))
    }

    pub fn invalid_properties<'a>(names: impl IntoIterator<Item = &'a str>, why: impl Into<String>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        Self::new("invalidProperties").because(why).with("properties", json!(names))
    }

    /// The type that fits what an operation said. Operations whose faults have types of their own in the RFC look at the code first.
    pub fn of<F: Fault>(fault: F) -> Self {
        let (kind, description) = note(&fault);
        let kind = match kind {
            FaultKind::Invalid | FaultKind::Conflict => "invalidProperties",
            FaultKind::NotFound => "notFound",
            FaultKind::Unauthenticated | FaultKind::Forbidden => "forbidden",
            FaultKind::LimitReached => "overQuota",
            FaultKind::Throttled => "rateLimit",
            FaultKind::Unavailable => "serverUnavailable",
            FaultKind::Internal => "serverFail",
        };
        Self::new(kind).because(description).coded(fault.code(), &fault.params())
    }

    /// As [`of`](Self::of), with the type the RFC has for it.
    pub fn typed<F: Fault>(kind: &'static str, fault: F) -> Self {
        Self { kind, ..Self::of(fault) }
    }

    /// How a method that could not be carried out for one object is told for that object.
    pub fn of_method(error: MethodError) -> Self {
        let kind = match error.kind() {
            kind @ ("serverFail" | "serverUnavailable" | "forbidden") => kind,
            "accountNotFound" => "notFound",
            _ => "invalidProperties",
        };
        match error {
            MethodError::Fault { code, params, description, .. } => Self::new(kind).because(description).coded(code, &params),
            _ => Self::new(kind),
        }
    }

    fn coded(self, code: &str, params: &Params) -> Self {
        self.with("code", json!(code)).with("params", json!(params))
    }

    pub fn kind(&self) -> &'static str {
        self.kind
    }

    pub fn into_json(self) -> Value {
        let mut object = self.more;
        object.insert("type".to_owned(), json!(self.kind));
        if let Some(description) = self.description {
            object.insert("description".to_owned(), json!(description));
        }
        Value::Object(object)
    }
}
