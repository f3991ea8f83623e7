//! The job that writes an export. Interrupted, it starts over: it has written nothing but its own file.

use std::sync::Arc;

use directory::access::Denied;
use directory::members::{self, Member, MemberState};
use kernel::{Ctx, MemberId};
use serde_json::{Value, json};
use store::jobs::{self, Job};
use store::{StoreError, Tx, give_way};

use super::errand::Errand;
use super::repo::{self, FileHead};
use super::start::authorize_all;
use super::values::{self, Words};
use super::{KEEP_SECS, file};
use crate::jobs::{JobApp, JobError};
use crate::sheets::{Language, Table};

const MEMBERS_PER_PAGE: usize = 500;
/// After so many pages the job shows how far it is, and whether it may go on.
const PAGES_PER_STEP: usize = 10;

/// Writes the file that [`start`](super::start) promised.
pub async fn run_export(app: &JobApp, job: &Job) -> Result<Value, JobError> {
    let errand = Errand::read(&job.payload).ok_or_else(|| JobError::refused("job_payload_unreadable"))?;
    let (app, job) = (app.clone(), job.clone());
    let ended = tokio::task::spawn_blocking(move || export(&Run { app, job, errand: Arc::new(errand) }));
    // Only a panic ends the thread early; the worker counts it as a failed try.
    ended.await.unwrap_or(Err(JobError::Store(StoreError::Panicked)))
}

struct Run {
    app: JobApp,
    job: Job,
    errand: Arc<Errand>,
}

impl Run {
    fn ctx(&self) -> Ctx {
        self.errand.ctx(&self.app, self.job.org)
    }

    /// Shows how far the job is. Ends it when it was cancelled, or when whoever asked for it may not export any more.
    fn step(&self, done: usize, total: usize) -> Result<(), JobError> {
        let (ctx, lease, errand) = (self.ctx(), self.job.lease(), Arc::clone(&self.errand));
        self.app.store.write_bulk_blocking(move |tx| {
            if jobs::is_cancel_requested(tx, lease.org, lease.id)? {
                return Err(JobError::Cancelled);
            }
            authorize_all(&ctx, tx, &errand.departments).map_err(denied)?;
            Ok(jobs::set_progress(tx, &lease, done as i64, Some(total as i64))?)
        })
    }
}

fn denied(denied: Denied) -> JobError {
    match denied {
        Denied::Store(error) => JobError::Store(error),
        denied => JobError::failed(&denied),
    }
}

fn export(run: &Run) -> Result<Value, JobError> {
    run.step(0, 0)?;
    let (ctx, errand) = (run.ctx(), Arc::clone(&run.errand));
    let (words, chosen) = run.app.store.read_blocking(move |tx| {
        let words = Words::load(&ctx, tx, errand.language.as_deref())?;
        Ok::<_, StoreError>((words, repo::chosen_members(tx, ctx.org, &errand.departments)?))
    })?;
    let ctx = run.ctx();
    let (sheet, name) = match words.language {
        Language::Chinese => ("成员", "成员"),
        Language::English => ("Members", "members"),
    };
    let headings: Vec<&str> = run.errand.fields.iter().map(|key| key.heading(words.language)).collect();
    let mut table = Table::new(run.errand.format, sheet, &headings, ctx.now).map_err(|error| JobError::failed(&error))?;
    let mut rows = 0;
    for (page, ids) in chosen.chunks(MEMBERS_PER_PAGE).enumerate() {
        if page > 0 && page % PAGES_PER_STEP == 0 {
            run.step(page * MEMBERS_PER_PAGE, chosen.len())?;
        }
        rows += write_page(run, &words, &mut table, ids, rows)?;
    }
    let bytes = table.finish().map_err(|error| JobError::failed(&error))?;
    let head = FileHead {
        file_name: format!("{name}-{}.{}", ctx.now.date_in(&words.zone), run.errand.format.extension()),
        format: run.errand.format,
        departments: run.errand.departments.clone(),
        created_by: run.job.created_by,
        created_at: ctx.now,
        expires_at: ctx.now.plus_secs(KEEP_SECS),
        is_complete: false,
    };
    let result = json!({ "rows": rows, "file_name": head.file_name, "size_bytes": bytes.len(), "expires_at": head.expires_at });
    file::keep(&run.app.store, &ctx, run.job.id, head, &bytes)?;
    let (org, id, size) = (run.job.org, run.job.id, bytes.len());
    run.step(chosen.len(), chosen.len())?;
    run.app.store.write_bulk_blocking(move |tx| repo::complete(tx, org, id, size))?;
    Ok(result)
}

/// Writes the rows of some members; those that went to the recycle bin meanwhile are left out.
fn write_page(run: &Run, words: &Words, table: &mut Table, ids: &[MemberId], before: usize) -> Result<usize, JobError> {
    let (ctx, ids) = (run.ctx(), ids.to_vec());
    let (members, supervisors) = run.app.store.read_blocking(move |tx| {
        let members = present(&ctx, tx, &ids)?;
        let supervisors = values::supervisors(&ctx, tx, &members)?;
        Ok::<_, StoreError>((members, supervisors))
    })?;
    let mut cells: Vec<String> = Vec::with_capacity(run.errand.fields.len());
    for (index, member) in members.iter().enumerate() {
        give_way();
        cells.clear();
        cells.extend(run.errand.fields.iter().map(|&key| values::cell(words, &supervisors, key, member, before + index + 1)));
        table.row(&cells).map_err(|error| JobError::failed(&error))?;
    }
    Ok(members.len())
}

fn present(ctx: &Ctx, tx: &mut Tx, ids: &[MemberId]) -> Result<Vec<Member>, StoreError> {
    let mut found = members::find_many(tx, ctx.org, ids, ctx.now)?;
    found.retain(|member| member.state != MemberState::Recycled);
    Ok(found)
}
