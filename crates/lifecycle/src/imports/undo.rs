//! The job that takes an import back, the last row first.

use std::collections::HashMap;

use directory::access::{Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::departments;
use directory::members::{self, Batch, Member, MemberState};
use identity::identities;
use kernel::{Ctx, DepartmentId, ImportId, MemberId};
use mail::mail_accounts;
use serde_json::{Value, json};
use store::jobs::{self, Job};
use store::{StoreError, Tx};

use super::departments::{Place, Tree};
use super::draft::{Draft, Holder, Lookups, Stored};
use super::profile;
use super::repo;
use super::repo::head::Moment;
use super::running::{self, Run};
use super::types::{Import, ImportRow, ImportState, Outcome, RowResult};
use super::values::{RowKey, Values};
use super::world::{self, World};
use crate::jobs::{JobApp, JobError};
use crate::sheets::{CellError, ColumnKey, split_departments};

const ROWS_PER_CHUNK: usize = 50;

kernel::codes! {
    Conflict "member_signed_in",
    Conflict "member_has_mail",
    Conflict "member_changed_since",
    Conflict "member_is_administrator",
    Conflict "address_not_taken_back",
}

/// Takes back what an import has changed.
pub async fn run_undo(app: &JobApp, job: &Job) -> Result<Value, JobError> {
    running::on_thread(app, job, &[ImportState::Undoing], ImportState::Applied, undo).await
}

fn undo(run: &Run) -> Result<Value, JobError> {
    let id = run.import_id();
    let Some(import) = run.begin(&[ImportState::Undoing], ImportState::Undoing)? else { return Ok(Value::Null) };
    let mut before = u32::MAX;
    while let Some(last) = undo_chunk(run, &import, before)? {
        before = last;
    }
    let ctx = run.ctx();
    while remove_department(run)? {}
    run.step(move |tx, _| finish(&ctx, tx, id))
}

fn finish(ctx: &Ctx, tx: &mut Tx, id: ImportId) -> Result<Value, JobError> {
    repo::head::change_state(tx, ctx.org, id, &[ImportState::Undoing], ImportState::Undone)?;
    repo::head::set_moment(tx, ctx.org, id, Moment::Undone, ctx.now)?;
    // Nobody has these passwords yet, and whose they were may be gone.
    repo::passwords::delete(tx, ctx.org, id)?;
    repo::lock::release(tx, ctx.org, id)?;
    let Some(import) = repo::head::find(tx, ctx.org, id, ctx.now)? else { return Ok(Value::Null) };
    let kept = import.rows_applied - import.rows_undone;
    let told = json!({ "rows_undone": import.rows_undone, "rows_kept": kept });
    let event = AuditEvent::new("import.undone", AuditTarget::import(id, &import.file_name));
    audit::record(ctx, tx, event.with_after(told))?;
    Ok(json!({ "import_id": id, "rows_undone": import.rows_undone, "rows_kept": kept }))
}

fn undo_chunk(run: &Run, import: &Import, before: u32) -> Result<Option<u32>, JobError> {
    let (ctx, id, options, total) = (run.ctx(), run.import_id(), import.options.clone(), import.rows_applied);
    run.step(move |tx, lease| {
        authorize(&ctx, tx, Permission::ImportMembers, Target::Organisation).map_err(running::denied)?;
        let rows = repo::rows::next_to_undo(tx, ctx.org, id, before, ROWS_PER_CHUNK)?;
        let Some(last) = rows.last().map(|row| row.row_number) else { return Ok(None) };
        let ids: Vec<MemberId> = rows.iter().filter_map(|row| row.member_id).collect();
        let world = world::load_uncounted(&ctx, tx, &options)?;
        let named: Vec<RowKey> = rows.iter().filter_map(new_supervisor).flat_map(supervisor_keys).collect();
        let mut undoer = Undoer {
            ctx: &ctx,
            supervisors: repo::lookups::load(tx, ctx.org, &world.domain_ids, &named)?,
            members: members::find_many(tx, ctx.org, &ids, ctx.now)?.into_iter().map(|member| (member.id, member)).collect(),
            stored: repo::lookups::members(tx, ctx.org, &ids)?,
            batch: Batch::begin(&ctx, tx).map_err(running::denied)?,
            world,
        };
        let mut undone = Vec::new();
        for row in &rows {
            match undoer.undo(tx, row)? {
                kept if kept.is_empty() => undone.push(row.row_number),
                kept => repo::rows::set_result_with_errors(tx, ctx.org, id, row.row_number, RowResult::Kept, &kept)?,
            }
        }
        repo::rows::set_results(tx, ctx.org, id, RowResult::Undone, &undone)?;
        repo::head::count_results(tx, ctx.org, id, RowResult::Undone, undone.len())?;
        let left = repo::rows::count_with_result(tx, ctx.org, id, RowResult::Applied)?;
        jobs::set_progress(tx, lease, total - left, Some(total))?;
        Ok(Some(last))
    })
}

/// Removes one of the departments the import made, the deepest first. False when none is left to be looked at.
fn remove_department(run: &Run) -> Result<bool, JobError> {
    let (ctx, id) = (run.ctx(), run.import_id());
    run.step(move |tx, _| {
        let Some(department) = repo::departments::list(tx, ctx.org, id)?.first().copied() else { return Ok(false) };
        // One that somebody uses stays.
        if let Err(departments::RemoveError::Store(error)) = departments::remove(&ctx, tx, department) {
            return Err(error.into());
        }
        repo::departments::delete(tx, ctx.org, id, department)?;
        Ok(true)
    })
}

/// The supervisor a row gave its member, as its cell names it.
fn new_supervisor(row: &ImportRow) -> Option<&str> {
    row.changes.get(&ColumnKey::Supervisor)?[1].as_deref()
}

fn supervisor_keys(cell: &str) -> Vec<RowKey> {
    let values = Values::from([(ColumnKey::Supervisor, cell.to_owned())]);
    Draft { values, ..Draft::default() }.supervisor_keys()
}

struct Undoer<'a> {
    ctx: &'a Ctx,
    /// Whom the rows' cells for supervisors name.
    supervisors: Lookups,
    members: HashMap<MemberId, Member>,
    stored: HashMap<MemberId, Stored>,
    batch: Batch,
    world: World,
}

impl Undoer<'_> {
    /// Takes one row back; answers what could not be.
    fn undo(&mut self, tx: &mut Tx, row: &ImportRow) -> Result<Vec<CellError>, StoreError> {
        let Some(member) = row.member_id.and_then(|id| self.members.get(&id)).cloned() else { return Ok(Vec::new()) };
        if row.outcome == Outcome::Create { self.remove(tx, &member) } else { self.revert(tx, row, &member) }
    }

    /// Removes a member that was never used, as if it had not been made.
    fn remove(&self, tx: &mut Tx, member: &Member) -> Result<Vec<CellError>, StoreError> {
        let kept = |code| Ok(vec![CellError::new(ColumnKey::Name, code)]);
        if member.activated_at.is_some() || member.last_sign_in_at.is_some() {
            return kept("member_signed_in");
        }
        if directory::administrators::role_of(tx, self.ctx.org, member.id)?.is_some() {
            return kept("member_is_administrator");
        }
        if let Some(account) = member.mail_account_id
            && mail_accounts::find(tx, self.ctx.org, account)?.is_some_and(|account| account.message_count > 0)
        {
            return kept("member_has_mail");
        }
        match members::unmake(self.ctx, tx, member.id) {
            Ok(()) => {}
            Err(members::StateError::Store(error)) => return Err(error),
            Err(error) => return kept(kernel::Fault::code(&error)),
        }
        mail_accounts::remove_empty(tx, self.ctx.org, member.mail_account_id.as_slice())?;
        identities::remove_many(tx, member.identity_id.as_slice())?;
        Ok(Vec::new())
    }

    /// Brings values back that still are what the import made them.
    fn revert(&mut self, tx: &mut Tx, row: &ImportRow, member: &Member) -> Result<Vec<CellError>, StoreError> {
        if member.state == MemberState::Recycled {
            return Ok(vec![CellError::new(ColumnKey::Name, "member_recycled").with("name", &member.profile.name)]);
        }
        let Some(stored) = self.stored.get(&member.id).cloned() else { return Ok(Vec::new()) };
        let (mut kept, mut old_values, mut columns) = (Vec::new(), Values::new(), Vec::new());
        let mut places = None;
        for (column, [old, new]) in &row.changes {
            match column {
                ColumnKey::MailPrefix => kept.push(CellError::new(*column, "address_not_taken_back")),
                ColumnKey::Department => match self.former_departments(&stored, old.as_deref(), new.as_deref()) {
                    Some(former) => places = Some(former),
                    None => kept.push(CellError::new(*column, "member_changed_since")),
                },
                _ if !self.still_is(&stored, *column, new.as_deref()) => {
                    kept.push(CellError::new(*column, "member_changed_since"));
                }
                _ => {
                    columns.push(*column);
                    old_values.extend(old.clone().map(|old| (*column, old)));
                }
            }
        }
        let supervisor = old_values.get(&ColumnKey::Supervisor).and_then(|id| id.parse().ok());
        let patch = profile::patch(&self.world.terms, &old_values, supervisor, columns.iter().copied());
        if patch != members::MemberPatch::default() {
            match self.batch.update(self.ctx, tx, member.id, &patch) {
                Ok(_) => {}
                Err(members::UpdateError::Store(error)) => return Err(error),
                Err(error) => kept.push(CellError::new(ColumnKey::Name, kernel::Fault::code(&error))),
            }
        }
        let posts = [ColumnKey::Position, ColumnKey::Rank];
        if places.is_some() || columns.iter().any(|column| posts.contains(column)) {
            kept.extend(self.replace(tx, member, places, &columns, &old_values)?);
        }
        Ok(kept)
    }

    fn still_is(&self, stored: &Stored, column: ColumnKey, new: Option<&str>) -> bool {
        let present = stored.values.get(&column).map(String::as_str);
        match column {
            ColumnKey::AccountName | ColumnKey::ServiceClass => present.map(kernel::fold) == new.map(kernel::fold),
            // The plan holds the supervisor as the cell named it, the member holds an id. Whoever else it is by now was put there by somebody else.
            ColumnKey::Supervisor => {
                present.is_some_and(|id| new.and_then(|cell| self.supervisor(cell)).is_some_and(|named| named.to_string() == *id))
            }
            _ => present == new,
        }
    }

    fn supervisor(&self, cell: &str) -> Option<MemberId> {
        supervisor_keys(cell).iter().find_map(|key| match self.supervisors.holders.get(key) {
            Some(Holder::Member(id)) => Some(*id),
            _ => None,
        })
    }

    /// The departments the member was in, if it is still where the import put it and they still exist.
    fn former_departments(&self, stored: &Stored, old: Option<&str>, new: Option<&str>) -> Option<Vec<DepartmentId>> {
        let tree: &Tree = &self.world.terms.departments;
        let known = |cell: &str| -> Option<Vec<DepartmentId>> {
            let places = split_departments(cell)?.into_iter().map(|path| tree.find(&path));
            places.map(|place| if let Place::Known(id) = place { Some(id) } else { None }).collect()
        };
        if known(new?)? != stored.departments {
            return None;
        }
        known(old?)
    }

    fn replace(
        &mut self,
        tx: &mut Tx,
        member: &Member,
        places: Option<Vec<DepartmentId>>,
        columns: &[ColumnKey],
        old_values: &Values,
    ) -> Result<Vec<CellError>, StoreError> {
        let present = member.departments.clone();
        let ids = places.unwrap_or_else(|| present.iter().map(|place| place.department_id).collect());
        let mut placements = profile::placements(&ids, old_values);
        for placement in &mut placements {
            let main = present.iter().find(|place| place.is_main && placement.is_main);
            let same = present.iter().find(|place| place.department_id == placement.department_id);
            if let Some(place) = same.or(main) {
                if !(placement.is_main && columns.contains(&ColumnKey::Position)) {
                    placement.position = place.position.clone();
                }
                if !(placement.is_main && columns.contains(&ColumnKey::Rank)) {
                    placement.rank = place.rank.clone();
                }
            }
        }
        match self.batch.set_departments(self.ctx, tx, member.id, &placements) {
            Ok(_) => Ok(Vec::new()),
            Err(members::PlaceError::Store(error)) => Err(error),
            Err(error) => Ok(vec![CellError::new(ColumnKey::Department, kernel::Fault::code(&error))]),
        }
    }
}
