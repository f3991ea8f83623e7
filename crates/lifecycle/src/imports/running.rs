//! What the jobs of imports have in common: a thread of their own, steps that only the holder of the lease takes, and an end that the
//! import shows.

use directory::access::{Denied, Permission, Target, authorize};
use kernel::{Ctx, Fault, ImportId, Params};
use serde_json::Value;
use store::jobs::{self, Job, Lease};
use store::{StoreError, Tx};

use super::access::Errand;
use super::repo;
use super::types::{Import, ImportState};
use crate::jobs::{JobApp, JobError};

/// One run of a job of an import.
pub(super) struct Run {
    pub app: JobApp,
    pub job: Job,
    errand: Errand,
}

kernel::codes! { Internal "job_payload_unreadable" }

/// Runs `work` on a thread where it may block. When it cannot succeed any more, the import says why; `from` are the
/// states it is in meanwhile.
pub(super) async fn on_thread(
    app: &JobApp,
    job: &Job,
    from: &'static [ImportState],
    when_cancelled: ImportState,
    work: fn(&Run) -> Result<Value, JobError>,
) -> Result<Value, JobError> {
    let errand = Errand::read(&job.payload).ok_or_else(|| JobError::refused("job_payload_unreadable"))?;
    let run = Run { app: app.clone(), job: job.clone(), errand };
    let ended = tokio::task::spawn_blocking(move || {
        let result = work(&run);
        match &result {
            Err(error @ JobError::Failed { .. }) => run.conclude(from, ImportState::Failed, Some(error))?,
            Err(JobError::Cancelled) => run.conclude(from, when_cancelled, None)?,
            _ => {}
        }
        result
    });
    // Only a panic ends the thread early; the worker counts it as a failed try.
    ended.await.unwrap_or(Err(JobError::Store(StoreError::Panicked)))
}

/// A denial, as a job ends with it.
pub(super) fn denied(denied: Denied) -> JobError {
    match denied {
        Denied::Store(error) => JobError::Store(error),
        denied => JobError::failed(&denied),
    }
}

impl Run {
    pub fn import_id(&self) -> ImportId {
        self.errand.import_id
    }

    /// The context of one transaction: on behalf of whoever asked for the work.
    pub fn ctx(&self) -> Ctx {
        self.errand.ctx(&self.app, self.job.org)
    }

    /// Brings the import from one of the states `from` into `to`, for somebody who may still import. `None` when there is nothing to do.
    pub fn begin(&self, from: &'static [ImportState], to: ImportState) -> Result<Option<Import>, JobError> {
        let (ctx, id) = (self.ctx(), self.import_id());
        self.app.store.write_blocking(move |tx| {
            authorize(&ctx, tx, Permission::ImportMembers, Target::Organisation).map_err(denied)?;
            if !repo::head::change_state(tx, ctx.org, id, from, to)? {
                return Ok(None);
            }
            Ok(repo::head::find(tx, ctx.org, id, ctx.now)?)
        })
    }

    /// One transaction of the work in the bulk lane; not begun when somebody asked the job to stop.
    pub fn step<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Tx, &Lease) -> Result<T, JobError> + Send + 'static,
    ) -> Result<T, JobError> {
        let lease = self.job.lease();
        self.app.store.write_bulk_blocking(move |tx| {
            if jobs::is_cancel_requested(tx, lease.org, lease.id)? {
                return Err(JobError::Cancelled);
            }
            work(tx, &lease)
        })
    }

    fn conclude(&self, from: &'static [ImportState], state: ImportState, error: Option<&JobError>) -> Result<(), JobError> {
        let (org, id) = (self.job.org, self.import_id());
        let (code, params) = error.map_or((None, Params::new()), |error| (Some(error.code()), error.params()));
        self.app.store.write_blocking(move |tx| {
            if repo::head::change_state(tx, org, id, from, state)? {
                repo::head::set_error(tx, org, id, code, &params)?;
            }
            repo::lock::release(tx, org, id)?;
            // What failed or was given up cannot be planned again from the same upload.
            Ok::<_, JobError>(repo::uploads::delete(tx, org, id)?)
        })
    }
}
