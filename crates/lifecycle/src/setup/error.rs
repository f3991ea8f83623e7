use directory::administrators::GrantError;
use directory::members::InsertError;
use directory::{domains, organisations};
use identity::passwords::{Busy, PolicyUnmet};
use kernel::{Fault, FaultKind, FieldFault, Params};
use store::StoreError;

/// Why an organisation was not set up; what concerns one field of the form says so on that field.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    #[error("the set-up link is no longer valid")]
    LinkInvalid,
    #[error("the form cannot be accepted: {code}")]
    Refused { kind: FaultKind, code: &'static str, params: Params, fields: Vec<FieldFault> },
    #[error(transparent)]
    Policy(#[from] PolicyUnmet),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("could not set the organisation up")]
    Store(#[from] StoreError),
}

kernel::codes! { Forbidden "setup_link_invalid", Invalid "domain_invalid", Invalid "mail_prefix_invalid", Invalid "fields_invalid" }

impl Fault for SetUpError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::LinkInvalid => FaultKind::Forbidden,
            Self::Refused { kind, .. } => *kind,
            Self::Policy(inner) => inner.kind(),
            Self::Busy(inner) => inner.kind(),
            Self::Store(inner) => inner.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::LinkInvalid => "setup_link_invalid",
            Self::Refused { code, .. } => code,
            Self::Policy(inner) => inner.code(),
            Self::Busy(inner) => inner.code(),
            Self::Store(inner) => inner.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Refused { params, .. } => params.clone(),
            _ => Params::new(),
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Refused { fields, .. } => fields.clone(),
            Self::Policy(inner) => inner.fields(),
            _ => Vec::new(),
        }
    }
}

impl SetUpError {
    pub(super) fn wrong(field: &str, code: &'static str) -> Self {
        let fault = FieldFault { field: field.to_owned(), code, params: Params::new() };
        Self::Refused { kind: FaultKind::Invalid, code: "fields_invalid", params: Params::new(), fields: vec![fault] }
    }

    /// The parts speak of their own fields; the form has other names for them. A fault without fields stands on `field`.
    fn on_form(fault: &dyn Fault, field: &str, renamed: &[(&str, &str)]) -> Self {
        let mut fields = fault.fields();
        for wrong in &mut fields {
            if let Some((_, name)) = renamed.iter().find(|(inner, _)| *inner == wrong.field) {
                wrong.field = (*name).to_owned();
            }
        }
        if fields.is_empty() {
            fields.push(FieldFault { field: field.to_owned(), code: fault.code(), params: fault.params() });
        }
        Self::Refused { kind: fault.kind(), code: fault.code(), params: fault.params(), fields }
    }
}

impl From<organisations::AddError> for SetUpError {
    fn from(error: organisations::AddError) -> Self {
        match error {
            organisations::AddError::Store(error) => Self::Store(error),
            organisations::AddError::TimeZoneUnknown { .. } => Self::on_form(&error, "time_zone", &[]),
            other => Self::on_form(&other, "organisation_code", &[("name", "organisation_name")]),
        }
    }
}

impl From<domains::AddError> for SetUpError {
    fn from(error: domains::AddError) -> Self {
        match error {
            domains::AddError::Store(error) => Self::Store(error),
            other => Self::on_form(&other, "domain", &[]),
        }
    }
}

impl From<InsertError> for SetUpError {
    fn from(error: InsertError) -> Self {
        match error {
            InsertError::Store(error) => Self::Store(error),
            other => Self::on_form(&other, "administrator_name", &[("name", "administrator_name"), ("address", "mail_prefix")]),
        }
    }
}

impl From<GrantError> for SetUpError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Store(error) => Self::Store(error),
            other => Self::on_form(&other, "administrator_name", &[]),
        }
    }
}
