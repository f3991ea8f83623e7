//! What an administrator does with an import once it is there: apply it, stop it, take it back.

use directory::audit::{self, AuditEvent, AuditTarget};
use kernel::{Ctx, ImportId};
use serde_json::json;
use store::jobs::{self, JobState};
use store::{StoreError, Tx};

use super::access::{self, AccessError};
use super::repo;
use super::types::{Import, ImportState};
use super::upload::{APPLY_JOB, UNDO_JOB, push_job};

#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    #[error("the import is {state}")]
    NotPossible { state: &'static str },
    #[error("no row of the plan changes anything")]
    NothingToApply,
    #[error("{file_name} is being imported at the moment")]
    OtherRunning { file_name: String },
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("could not start the work")]
    Store(#[from] StoreError),
}
kernel::faults! { ActionError:
    ActionError::NotPossible { state } => Conflict "import_state_unfit" { state },
    ActionError::NothingToApply => Conflict "import_nothing_to_apply",
    ActionError::OtherRunning { file_name } => Conflict "import_running" { file_name },
    ActionError::Access(inner) => inner,
    ActionError::Store(inner) => inner,
}

/// Starts applying a plan, or goes on with one that was stopped. Refused while another import of the organisation is applied or taken back.
pub fn apply_import(ctx: &Ctx, tx: &mut Tx, id: ImportId) -> Result<Import, ActionError> {
    let import = access::get(ctx, tx, id)?;
    let startable = match import.state {
        ImportState::Planned => true,
        ImportState::Cancelled | ImportState::Failed => import.planned_at.is_some() && import.rows_undone == 0,
        // A job that was given up leaves the import behind; another one goes on where it was.
        ImportState::Applying => job_has_ended(ctx, tx, &import)?,
        _ => false,
    };
    if !startable {
        return Err(ActionError::NotPossible { state: import.state.as_str() });
    }
    if import.summary.to_apply() == 0 {
        return Err(ActionError::NothingToApply);
    }
    start(ctx, tx, &import, ImportState::Applying, APPLY_JOB, "import.apply_started")
}

/// Starts taking back what an import has changed.
pub fn undo_import(ctx: &Ctx, tx: &mut Tx, id: ImportId) -> Result<Import, ActionError> {
    let import = access::get(ctx, tx, id)?;
    let startable = match import.state {
        ImportState::Applied => true,
        ImportState::Cancelled | ImportState::Failed => import.rows_applied > 0,
        ImportState::Undoing => job_has_ended(ctx, tx, &import)?,
        _ => false,
    };
    if !startable {
        return Err(ActionError::NotPossible { state: import.state.as_str() });
    }
    start(ctx, tx, &import, ImportState::Undoing, UNDO_JOB, "import.undo_started")
}

fn start(
    ctx: &Ctx,
    tx: &mut Tx,
    import: &Import,
    state: ImportState,
    kind: &'static str,
    action: &'static str,
) -> Result<Import, ActionError> {
    if let Err(holder) = repo::lock::take(tx, ctx.org, import.id, ctx.now)? {
        let other = repo::head::find(tx, ctx.org, holder, ctx.now)?;
        return Err(ActionError::OtherRunning { file_name: other.map(|other| other.file_name).unwrap_or_default() });
    }
    repo::head::change_state(tx, ctx.org, import.id, &[import.state], state)?;
    repo::head::set_error(tx, ctx.org, import.id, None, &Default::default())?;
    push_job(ctx, tx, import.id, ctx.new_id(), kind)?;
    let event = AuditEvent::new(action, AuditTarget::import(import.id, &import.file_name));
    audit::record(ctx, tx, event.with_after(json!({ "rows": import.summary })))?;
    Ok(access::get(ctx, tx, import.id)?)
}

/// Stops what is going on between two steps; a plan that waits is dropped. What was applied stays applied.
pub fn cancel_import(ctx: &Ctx, tx: &mut Tx, id: ImportId) -> Result<Import, ActionError> {
    let import = access::get(ctx, tx, id)?;
    let end = match import.state {
        ImportState::Uploaded | ImportState::Planning | ImportState::Planned | ImportState::Applying => ImportState::Cancelled,
        ImportState::Undoing => ImportState::Applied,
        _ => return Err(ActionError::NotPossible { state: import.state.as_str() }),
    };
    if let Some(job) = import.job_id {
        jobs::request_cancel(tx, ctx.org, job, ctx.now)?;
    }
    // One that runs ends the import itself when it has stopped.
    if import.state == ImportState::Planned || job_has_ended(ctx, tx, &import)? {
        repo::head::change_state(tx, ctx.org, id, &[import.state], end)?;
        repo::lock::release(tx, ctx.org, id)?;
        repo::uploads::delete(tx, ctx.org, id)?;
    }
    audit::record(ctx, tx, AuditEvent::new("import.cancelled", AuditTarget::import(id, &import.file_name)))?;
    Ok(access::get(ctx, tx, id)?)
}

fn job_has_ended(ctx: &Ctx, tx: &mut Tx, import: &Import) -> Result<bool, StoreError> {
    let Some(job) = import.job_id else { return Ok(true) };
    let state = jobs::find(tx, ctx.org, job)?.map(|job| job.state);
    Ok(state.is_none_or(JobState::has_ended))
}
