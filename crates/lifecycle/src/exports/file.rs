//! The file of an export: sealed while it waits, given to whoever asked for it, gone after a day.

use directory::access::Denied;
use directory::administrators::{self, Role};
use directory::audit::{self, AuditEvent, AuditTarget};
use kernel::{Actor, Ctx, JobId, OrgId, Timestamp};
use serde_json::json;
use store::{Store, StoreError, Tx};

use super::repo::{self, FileHead};
use super::start::authorize_all;
use crate::sheets::File;

/// What is sealed with the key of this name lies in `export_part`.
const PURPOSE: &str = "exports";
const PART_BYTES: usize = 1 << 20;
const FILES_PER_SWEEP: i64 = 100;

#[derive(Debug, thiserror::Error)]
pub enum OpenFileError {
    #[error("there is no file of an export {0}, or not any more")]
    NotFound(JobId),
    #[error("the export is not done yet")]
    NotReady,
    #[error("the file was sealed with another key")]
    Unreadable,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not open the file")]
    Store(#[from] StoreError),
}
kernel::faults! { OpenFileError:
    OpenFileError::NotFound(_) => NotFound "export_not_found",
    OpenFileError::NotReady => Conflict "export_not_ready",
    OpenFileError::Unreadable => Internal "export_unreadable",
    OpenFileError::Denied(inner) => inner,
    OpenFileError::Store(inner) => inner,
}

/// The file of an export, for its maker and the owners, as long as they may export what is in it. Each download is an audit event.
pub async fn open_file(store: &Store, ctx: &Ctx, job: JobId) -> Result<File, OpenFileError> {
    let head = {
        let ctx = ctx.clone();
        store.write(move |tx| open_head(&ctx, tx, job)).await?
    };
    let (org, mut bytes) = (ctx.org, Vec::new());
    for part in 0.. {
        let Some(sealed) = store.read(move |tx| repo::find_part(tx, org, job, part)).await? else { break };
        let plain = store.keys().unseal(PURPOSE, &part_context(org, job, part), &sealed).map_err(|_| OpenFileError::Unreadable)?;
        bytes.extend_from_slice(&plain);
    }
    Ok(File { name: head.file_name, content_type: head.format.content_type(), bytes })
}

fn open_head(ctx: &Ctx, tx: &mut Tx, job: JobId) -> Result<FileHead, OpenFileError> {
    // Asked before anything is looked up: to nobody and to members an export neither exists nor not.
    authorize_all(ctx, tx, &[])?;
    let Some(head) = repo::find_head(tx, ctx.org, job)? else {
        let waits = store::jobs::find(tx, ctx.org, job)?.filter(|found| found.kind == super::EXPORT_JOB && !found.state.has_ended());
        let own = waits.is_some_and(|found| is_for(ctx, found.created_by));
        return Err(if own { OpenFileError::NotReady } else { OpenFileError::NotFound(job) });
    };
    if !is_for(ctx, head.created_by) && !sees_all(ctx, tx)? || head.expires_at <= ctx.now {
        return Err(OpenFileError::NotFound(job));
    }
    authorize_all(ctx, tx, &head.departments)?;
    if !head.is_complete {
        return Err(OpenFileError::NotReady);
    }
    let event = AuditEvent::new("export.downloaded", AuditTarget::job(job, super::EXPORT_JOB));
    audit::record(ctx, tx, event.with_after(json!({ "file_name": head.file_name })))?;
    Ok(head)
}

fn is_for(ctx: &Ctx, created_by: Option<kernel::MemberId>) -> bool {
    match &ctx.actor {
        Actor::Member { member_id, .. } => created_by == Some(*member_id),
        Actor::Operator { .. } | Actor::System { .. } => true,
        Actor::Nobody => false,
    }
}

fn sees_all(ctx: &Ctx, tx: &mut Tx) -> Result<bool, StoreError> {
    match ctx.actor.member_id() {
        Some(member) => Ok(administrators::role_of(tx, ctx.org, member)? == Some(Role::Owner)),
        None => Ok(false),
    }
}

/// Keeps the file of a job, sealed, in transactions of one part each.
pub(super) fn keep(store: &Store, ctx: &Ctx, job: JobId, head: FileHead, bytes: &[u8]) -> Result<(), StoreError> {
    let org = ctx.org;
    let head = std::sync::Arc::new(head);
    store.write_bulk_blocking(move |tx| {
        // An earlier try may have left a part of it.
        repo::delete(tx, org, job)?;
        repo::insert_head(tx, org, job, &head)
    })?;
    for (part, plain) in bytes.chunks(PART_BYTES).enumerate() {
        let sealed = store.keys().seal(PURPOSE, &part_context(org, job, part), plain, &*ctx.rng);
        store.write_bulk_blocking(move |tx| repo::insert_part(tx, org, job, part, &sealed))?;
    }
    Ok(())
}

/// Binds a sealed part to its export and place, so that parts cannot be exchanged.
fn part_context(org: OrgId, job: JobId, part: usize) -> Vec<u8> {
    format!("{}/{}/{part}", org.raw(), job.raw()).into_bytes()
}

/// Removes the files of every organisation whose time is over; answers how many. To be called every few minutes.
pub async fn sweep(store: &Store, now: Timestamp) -> Result<usize, StoreError> {
    let expired = store.read(move |tx| repo::expired(tx, now, FILES_PER_SWEEP)).await?;
    for &(org, job) in &expired {
        store.write_bulk(move |tx| repo::delete(tx, org, job)).await?;
    }
    Ok(expired.len())
}
