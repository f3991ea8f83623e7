//! The job that plans an import: the sheet is read row by row, and every row gets its outcome.

use std::ops::ControlFlow;
use std::sync::Arc;

use directory::access::{Permission, Target, authorize};
use kernel::{Ctx, ImportId};
use serde_json::{Value, json};
use store::jobs::{self, Job};
use store::{Tx, give_way};

use super::departments::Tree;
use super::draft::Lookups;
use super::read::{Read, Reader};
use super::repo;
use super::repo::head::Moment;
use super::rules::plan_row;
use super::running::{self, Run};
use super::types::{ImportRow, ImportState, Summary};
use super::upload;
use super::values::{RowKey, Seen};
use super::world::{self, World};
use crate::jobs::{JobApp, JobError};
use crate::sheets::{Sheet, SheetError};

const ROWS_PER_CHUNK: usize = 1000;
const ROWS_PER_WRITE: usize = 500;

kernel::codes! { Conflict "upload_missing" }

impl From<SheetError> for JobError {
    fn from(error: SheetError) -> Self {
        Self::failed(&error)
    }
}

/// Plans an import. Interrupted, it starts over: it has written nothing but its own rows.
pub async fn run_plan(app: &JobApp, job: &Job) -> Result<Value, JobError> {
    const MEANWHILE: &[ImportState] = &[ImportState::Uploaded, ImportState::Planning];
    running::on_thread(app, job, MEANWHILE, ImportState::Cancelled, plan).await
}

fn plan(run: &Run) -> Result<Value, JobError> {
    let id = run.import_id();
    let Some(import) = run.begin(&[ImportState::Uploaded, ImportState::Planning], ImportState::Planning)? else {
        return Ok(Value::Null);
    };
    let org = run.job.org;
    while run.app.store.write_bulk_blocking(move |tx| repo::rows::delete_some(tx, org, id, ROWS_PER_CHUNK as i64))? > 0 {}

    let bytes = upload::read_upload(&run.app.store, org, id).map_err(|error| match error {
        upload::UnreadableUpload::Store(error) => JobError::Store(error),
        error => JobError::failed(&error),
    })?;
    let bytes = bytes.ok_or_else(|| JobError::refused("upload_missing"))?;
    let sheet = Sheet::open(&bytes)?;
    let layout = sheet.layout().clone();
    let world = {
        let (ctx, options, layout) = (run.ctx(), import.options.clone(), layout.clone());
        run.app.store.write_blocking(move |tx| {
            repo::head::set_layout(tx, ctx.org, id, &layout)?;
            world::load(&ctx, tx, &options)
        })?
    };
    let seed = u64::from_le_bytes(run.app.source.rng.bytes());
    let mut planner = Planner {
        run,
        world: &world,
        reader: Reader::new(&world.terms, &layout, run.app.store.keys(), &*run.app.source.rng),
        seen: Seen::new(seed),
        departments: world.terms.departments.clone(),
        summary: Summary::default(),
        total: i64::from(layout.rows),
        waiting: Vec::with_capacity(ROWS_PER_CHUNK),
    };
    sheet.for_each_row(|row| {
        give_way();
        let read = planner.reader.read(row.number, row.cells, None);
        planner.waiting.push(read);
        if planner.waiting.len() == ROWS_PER_CHUNK {
            planner.flush()?;
        }
        Ok::<_, JobError>(ControlFlow::Continue(()))
    })?;
    planner.flush()?;
    let summary = planner.summary;
    let ctx = run.ctx();
    run.step(move |tx, _| finish(&ctx, tx, id, &summary))?;
    Ok(json!({ "import_id": id, "summary": summary }))
}

fn finish(ctx: &Ctx, tx: &mut Tx, id: ImportId, summary: &Summary) -> Result<(), JobError> {
    repo::head::set_summary(tx, ctx.org, id, summary)?;
    repo::head::set_moment(tx, ctx.org, id, Moment::Planned, ctx.now)?;
    repo::head::change_state(tx, ctx.org, id, &[ImportState::Planning], ImportState::Planned)?;
    // With the plan made, nothing needs the file any more, and passwords may stand in it.
    Ok(repo::uploads::delete(tx, ctx.org, id)?)
}

struct Planner<'a> {
    run: &'a Run,
    world: &'a World,
    reader: Reader<'a>,
    seen: Seen,
    departments: Tree,
    summary: Summary,
    total: i64,
    waiting: Vec<Read>,
}

impl Planner<'_> {
    /// Plans and writes the rows that wait.
    fn flush(&mut self) -> Result<(), JobError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let stored = self.look_up(&waiting)?;
        let mut rows = Vec::with_capacity(waiting.len());
        for read in waiting {
            give_way();
            let seen = &mut self.seen;
            let planned = plan_row(&self.world.terms, &stored, &mut |key| seen.claim(key), &mut self.departments, read.draft);
            *self.summary.slot(planned.outcome) += 1;
            rows.push(self.reader.row(read.row_number, read.cells, read.initial_password_hash, planned));
        }
        let mut done = self.summary.total() - rows.len() as i64;
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(ROWS_PER_WRITE));
            done += rows.len() as i64;
            self.write(std::mem::replace(&mut rows, rest), done)?;
        }
        Ok(())
    }

    fn look_up(&self, rows: &[Read]) -> Result<Lookups, JobError> {
        let keys: Arc<[RowKey]> = rows.iter().flat_map(|read| read.draft.wanted()).collect();
        let (org, domains) = (self.run.job.org, Arc::clone(&self.world.domain_ids));
        Ok(self.run.app.store.read_blocking(move |tx| repo::lookups::load(tx, org, &domains, &keys))?)
    }

    fn write(&self, rows: Vec<ImportRow>, done: i64) -> Result<(), JobError> {
        let (id, org, total) = (self.run.import_id(), self.run.job.org, self.total);
        let ctx = self.run.ctx();
        self.run.step(move |tx, lease| {
            authorize(&ctx, tx, Permission::ImportMembers, Target::Organisation).map_err(running::denied)?;
            repo::rows::insert_many(tx, org, id, &rows)?;
            Ok(jobs::set_progress(tx, lease, done, Some(total))?)
        })
    }
}
