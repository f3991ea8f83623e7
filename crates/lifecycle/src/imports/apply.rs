//! The job that applies a plan, a chunk of rows a transaction. Interrupted, it goes on with the next row that is not marked.

use std::time::{Duration, Instant};

use directory::access::{Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use kernel::{Ctx, ImportId};
use serde_json::{Value, json};
use store::jobs::{self, Job};
use store::{Engine, Tx};

use super::apply_row::{Applier, CONTESTED, Writing};
use super::repo;
use super::repo::head::Moment;
use super::running::{self, Run};
use super::types::{Import, ImportState, RowResult};
use crate::jobs::{JobApp, JobError};

const FIRST_CHUNK: usize = 25;
/// What a transaction costs before its first row is a few rows' worth, so that smaller ones only make the import longer.
const SMALLEST_CHUNK: usize = 10;
const LARGEST_CHUNK: usize = 200;
/// After so many rows the database looks at how large its tables have become, and again each time they are so many times as many.
const ROWS_BEFORE_LOOK: usize = 1000;
const GROWTH_BETWEEN_LOOKS: usize = 4;
const SKIPPED_PER_TRANSACTION: i64 = 5000;

/// Applies the plan of an import.
pub async fn run_apply(app: &JobApp, job: &Job) -> Result<Value, JobError> {
    running::on_thread(app, job, &[ImportState::Applying], ImportState::Cancelled, apply).await
}

fn apply(run: &Run) -> Result<Value, JobError> {
    let id = run.import_id();
    let Some(import) = run.begin(&[ImportState::Applying], ImportState::Applying)? else { return Ok(Value::Null) };
    let mut pace = Pace::new(run.app.store.engine());
    let (mut after, mut rows, mut next_look) = (0, 0, ROWS_BEFORE_LOOK);
    while let Some(chunk) = apply_chunk(run, &import, after, pace.rows, Writing::Together)? {
        after = chunk.last;
        pace.learn(chunk.rows, chunk.took);
        rows += chunk.rows;
        if rows >= next_look {
            run.app.store.refresh_statistics();
            next_look = rows * GROWTH_BETWEEN_LOOKS;
        }
    }
    if rows >= ROWS_BEFORE_LOOK {
        run.app.store.refresh_statistics();
    }
    let org = run.job.org;
    while run.step(move |tx, _| Ok(repo::rows::skip_some_unchanged(tx, org, id, SKIPPED_PER_TRANSACTION)?))? > 0 {}
    let ctx = run.ctx();
    run.step(move |tx, _| finish(&ctx, tx, id))
}

fn finish(ctx: &Ctx, tx: &mut Tx, id: ImportId) -> Result<Value, JobError> {
    repo::head::change_state(tx, ctx.org, id, &[ImportState::Applying], ImportState::Applied)?;
    repo::head::set_moment(tx, ctx.org, id, Moment::Applied, ctx.now)?;
    repo::lock::release(tx, ctx.org, id)?;
    let Some(import) = repo::head::find(tx, ctx.org, id, ctx.now)? else { return Ok(Value::Null) };
    let result = json!({ "import_id": id, "rows_applied": import.rows_applied, "rows_failed": import.rows_failed });
    let event = AuditEvent::new("import.applied", AuditTarget::import(id, &import.file_name));
    audit::record(ctx, tx, event.with_after(json!({ "rows_applied": import.rows_applied, "rows_failed": import.rows_failed })))?;
    Ok(result)
}

/// How many rows go into a transaction.
struct Pace {
    rows: usize,
    wanted: Duration,
}

impl Pace {
    fn new(engine: Engine) -> Self {
        let wanted = match engine {
            // There is one writer, and it serves everybody else in between.
            Engine::Sqlite => Duration::from_millis(30),
            Engine::Postgres => Duration::from_millis(250),
        };
        Self { rows: FIRST_CHUNK, wanted }
    }

    fn learn(&mut self, rows: usize, took: Duration) {
        let per_row = took.as_secs_f64() / rows.max(1) as f64;
        let fitting = (self.wanted.as_secs_f64() / per_row.max(1e-6)) as usize;
        // At most doubled, so that one quick chunk does not make a slow one.
        self.rows = fitting.min(self.rows * 2).clamp(SMALLEST_CHUNK, LARGEST_CHUNK);
    }
}

struct Chunk {
    last: u32,
    rows: usize,
    took: Duration,
}

fn apply_chunk(run: &Run, import: &Import, after: u32, limit: usize, writing: Writing) -> Result<Option<Chunk>, JobError> {
    match try_chunk(run, import, after, limit, writing) {
        Err(JobError::Waiting { code: CONTESTED, .. }) if writing == Writing::Together => {
            apply_chunk(run, import, after, limit, Writing::OneByOne)
        }
        other => other,
    }
}

fn try_chunk(run: &Run, import: &Import, after: u32, limit: usize, writing: Writing) -> Result<Option<Chunk>, JobError> {
    let (ctx, id, options) = (run.ctx(), run.import_id(), import.options.clone());
    let store = run.app.store.clone();
    run.step(move |tx, lease| {
        let began = Instant::now();
        authorize(&ctx, tx, Permission::ImportMembers, Target::Organisation).map_err(running::denied)?;
        let rows = repo::rows::next_to_apply(tx, ctx.org, id, after, limit)?;
        let Some(last) = rows.last().map(|row| row.row_number) else { return Ok(None) };
        let taken = rows.len();
        let applied = Applier::begin(&ctx, tx, store.keys(), id, &options, writing)?.apply(rows)?;
        repo::head::count_results(tx, ctx.org, id, RowResult::Applied, applied)?;
        repo::head::count_results(tx, ctx.org, id, RowResult::Failed, taken - applied)?;
        let (done, total) = repo::head::progress(tx, ctx.org, id)?;
        jobs::set_progress(tx, lease, done, Some(total))?;
        Ok(Some(Chunk { last, rows: taken, took: began.elapsed() }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_rows_make_small_transactions() {
        let mut pace = Pace::new(Engine::Sqlite);
        for _ in 0..10 {
            pace.learn(pace.rows, Duration::from_micros(100) * pace.rows as u32);
        }
        assert_eq!(pace.rows, LARGEST_CHUNK);
        pace.learn(200, Duration::from_millis(400));
        assert_eq!(pace.rows, 15);
        pace.learn(15, Duration::from_secs(1));
        assert_eq!(pace.rows, SMALLEST_CHUNK);
    }
}
