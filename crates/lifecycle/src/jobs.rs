//! What a background job is run with, and how it ends when it does not succeed.

use kernel::{Actor, Ctx, Fault, FaultKind, OrgId, Params, Source};
use store::{Store, StoreError};

/// What every job may use. Cheap to clone.
#[derive(Clone)]
pub struct JobApp {
    pub store: Store,
    pub source: Source,
}

impl JobApp {
    /// The context of a transaction of a job: `actor` is who asked for the work, the moment is now.
    pub fn ctx(&self, org: OrgId, actor: Actor, request_id: &str) -> Ctx {
        self.source.ctx(org, actor, request_id.into(), None)
    }
}

/// How a job ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Running it again would end the same way.
    #[error("the job failed: {code}")]
    Failed { code: &'static str, kind: FaultKind, params: Params },
    /// Somebody asked for it to stop, and it stopped between two steps.
    #[error("the job was cancelled")]
    Cancelled,
    /// Something it needs is in use; it should run again after `retry_after_secs`.
    #[error("the job has to wait: {code}")]
    Waiting { code: &'static str, retry_after_secs: i64 },
    /// Another worker goes on with it, or it has ended; nothing is to be written any more.
    #[error("the lease on the job was lost")]
    LeaseLost,
    /// The store could not; the job should run again and goes on where it was.
    #[error("the job was interrupted")]
    Store(#[from] StoreError),
}

impl From<store::jobs::JobError> for JobError {
    fn from(error: store::jobs::JobError) -> Self {
        match error {
            store::jobs::JobError::LeaseLost(_) => Self::LeaseLost,
            store::jobs::JobError::Store(error) => Self::Store(error),
        }
    }
}

impl JobError {
    /// The end of a job for a reason that is a code and nothing else.
    pub fn refused(code: &'static str) -> Self {
        Self::Failed { code, kind: FaultKind::Conflict, params: Params::new() }
    }

    /// The end of a job for a reason that has a code of its own.
    pub fn failed(fault: &dyn Fault) -> Self {
        Self::Failed { code: fault.code(), kind: fault.kind(), params: fault.params() }
    }
}

kernel::codes! { Conflict "job_cancelled" }

impl Fault for JobError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Failed { kind, .. } => *kind,
            Self::Cancelled | Self::LeaseLost => FaultKind::Conflict,
            Self::Waiting { .. } => FaultKind::Unavailable,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Failed { code, .. } | Self::Waiting { code, .. } => code,
            Self::Cancelled => "job_cancelled",
            Self::LeaseLost => "job_lease_lost",
            Self::Store(error) => error.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Failed { params, .. } => params.clone(),
            Self::Store(error) => error.params(),
            Self::Cancelled | Self::LeaseLost | Self::Waiting { .. } => Params::new(),
        }
    }
}
