//! A cell is mended in place: the row is planned again, and with it every row that shares a value with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use kernel::{Ctx, ImportId};
use store::{KeyRing, Store, StoreError, Tx};

use super::access::{self, AccessError};
use super::draft::Draft;
use super::read::{Read, Reader};
use super::repo;
use super::rules::plan_row;
use super::types::{Import, ImportRow, ImportState, Outcome};
use super::values::{RowKey, split_keys};
use super::world::{self, World};
use crate::sheets::{Cell, Column, ColumnKey, Layout, MAX_CELL_CHARS};

/// How many rows may share values with one that is edited. More than that are a file that needs mending elsewhere.
const MAX_AFFECTED: usize = 1000;
const MAX_TRIES: usize = 5;

#[derive(Debug, thiserror::Error)]
pub enum EditRowError {
    #[error("the import has no row {row}")]
    RowNotFound { row: u32 },
    #[error("the import is {state}; only a plan can be edited")]
    NotPlanned { state: &'static str },
    #[error("column {column} cannot be edited")]
    ColumnNotEditable { column: ColumnKey },
    #[error("a cell has at most {limit} characters")]
    CellTooLong { limit: usize },
    #[error("row {row} shares its values with more than {limit} others")]
    TooManyAffected { row: u32, limit: usize },
    #[error("the plan was edited by somebody else at the same time")]
    EditedMeanwhile,
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("could not edit the row")]
    Store(#[from] StoreError),
}
kernel::faults! { EditRowError:
    EditRowError::RowNotFound { row } => NotFound "import_row_not_found" { row },
    EditRowError::NotPlanned { state } => Conflict "import_not_planned" { state },
    EditRowError::ColumnNotEditable { column } => Invalid "column_not_editable" { column },
    EditRowError::CellTooLong { limit } => Invalid "cell_too_long" { limit },
    EditRowError::TooManyAffected { row, limit } => LimitReached "too_many_rows_affected" { row, limit },
    EditRowError::EditedMeanwhile => Conflict "edited_meanwhile",
    EditRowError::Access(inner) => inner,
    EditRowError::Store(inner) => inner,
}

/// Puts new texts into cells of a row and plans it again. Cells of columns that the file does not have are added.
pub async fn edit_row(
    store: &Store,
    ctx: &Ctx,
    id: ImportId,
    row: u32,
    cells: BTreeMap<ColumnKey, String>,
) -> Result<ImportRow, EditRowError> {
    for (column, text) in &cells {
        if matches!(column, ColumnKey::Number | ColumnKey::State | ColumnKey::CreatedAt) {
            return Err(EditRowError::ColumnNotEditable { column: *column });
        }
        if text.chars().nth(MAX_CELL_CHARS).is_some() {
            return Err(EditRowError::CellTooLong { limit: MAX_CELL_CHARS });
        }
    }
    let cells = Arc::new(cells);
    for _ in 0..MAX_TRIES {
        // Looking through the keys of a large file takes longer than a write may; so it is read first, and the version tells whether
        // it still holds.
        let (reading, wanted, sealing) = (ctx.clone(), Arc::clone(&cells), store.clone());
        let replan = Arc::new(store.read(move |tx| replan(&reading, tx, sealing.keys(), id, row, &wanted)).await?);
        let (writing, saved) = (ctx.clone(), Arc::clone(&replan));
        if store.write(move |tx| save(&writing, tx, id, &saved)).await? {
            let edited = replan.rows.iter().find(|(_, new)| new.row_number == row);
            return edited.map(|(_, new)| new.clone()).ok_or(EditRowError::RowNotFound { row });
        }
    }
    Err(EditRowError::EditedMeanwhile)
}

/// Rows planned again.
struct Replan {
    version: i64,
    layout: Option<Layout>,
    /// With the outcomes they had.
    rows: Vec<(Outcome, ImportRow)>,
}

fn save(ctx: &Ctx, tx: &mut Tx, id: ImportId, replan: &Replan) -> Result<bool, EditRowError> {
    access::get(ctx, tx, id)?;
    if !repo::head::advance_plan_version(tx, ctx.org, id, replan.version)? {
        return Ok(false);
    }
    if let Some(layout) = &replan.layout {
        repo::head::set_layout(tx, ctx.org, id, layout)?;
    }
    for (before, row) in &replan.rows {
        repo::rows::replace(tx, ctx.org, id, row)?;
        if *before != row.outcome {
            repo::head::recount(tx, ctx.org, id, *before, row.outcome)?;
        }
    }
    Ok(true)
}

fn replan(
    ctx: &Ctx,
    tx: &mut Tx,
    keys: &KeyRing,
    id: ImportId,
    number: u32,
    cells: &BTreeMap<ColumnKey, String>,
) -> Result<Replan, EditRowError> {
    let import = access::get(ctx, tx, id)?;
    if import.state != ImportState::Planned {
        return Err(EditRowError::NotPlanned { state: import.state.as_str() });
    }
    let version = repo::head::plan_version(tx, ctx.org, id)?;
    let target = repo::rows::find(tx, ctx.org, id, number)?.ok_or(EditRowError::RowNotFound { row: number })?;
    let (layout, layout_grew) = with_columns(&import, cells.keys().copied());
    let world = world::load(ctx, tx, &import.options)?;
    let reader = Reader::new(&world.terms, &layout, keys, &*ctx.rng);

    let edited = reader.read(number, with_cells(&target.cells, &layout, cells), kept_password(&target, cells));
    let new_keys = all_keys(&edited.draft);
    let around = Neighbours::find(ctx, tx, id, &target, &new_keys)?;
    let mut reads: BTreeMap<u32, (Outcome, Read)> = BTreeMap::new();
    for other in &around.rows {
        if let Some(row) = repo::rows::find(tx, ctx.org, id, *other)? {
            reads.insert(*other, (row.outcome, reader.read(*other, row.cells, row.initial_password_hash)));
        }
    }
    reads.insert(number, (target.outcome, edited));

    let wanted: Vec<RowKey> = reads.values().flat_map(|(_, read)| read.draft.wanted()).collect();
    let stored = repo::lookups::load(tx, ctx.org, &world.domain_ids, &wanted)?;
    let affected: HashSet<u32> = reads.keys().copied().collect();
    let mut departments = counted_departments(ctx, tx, id, &world, &affected)?;
    let mut rows = Vec::with_capacity(reads.len());
    for (row_number, (before, read)) in reads {
        let mut claim = |key: &RowKey| around.first.get(key).is_none_or(|first| *first >= row_number);
        let planned = plan_row(&world.terms, &stored, &mut claim, &mut departments, read.draft);
        rows.push((before, reader.row(row_number, read.cells, read.initial_password_hash, planned)));
    }
    Ok(Replan { version, layout: layout_grew.then_some(layout), rows })
}

fn all_keys(draft: &Draft) -> Vec<RowKey> {
    draft.keys().into_iter().map(|(_, key)| key).chain(draft.implied_account_name()).collect()
}

/// A password that was in the file stays, unless another is put in its place or the cell is emptied.
fn kept_password(target: &ImportRow, cells: &BTreeMap<ColumnKey, String>) -> Option<Vec<u8>> {
    if cells.contains_key(&ColumnKey::InitialPassword) { None } else { target.initial_password_hash.clone() }
}

/// The layout with a column for each of `keys`, and whether it had to grow.
fn with_columns(import: &Import, keys: impl Iterator<Item = ColumnKey>) -> (Layout, bool) {
    let mut layout = import.layout.clone().expect("a planned import has a layout");
    let mut grew = false;
    for key in keys.filter(|key| *key != ColumnKey::Number) {
        if !layout.has(key) {
            let index = layout.columns.last().map_or(0, |column| column.index + 1);
            layout.columns.push(Column { index, heading: key.as_str().to_owned(), key: Some(key), hidden: false, error_texts: false });
            grew = true;
        }
    }
    (layout, grew)
}

fn with_cells(old: &[Cell], layout: &Layout, new: &BTreeMap<ColumnKey, String>) -> Vec<Cell> {
    let mut cells = old.to_vec();
    cells.resize(layout.columns.len(), Cell::default());
    for (key, text) in new {
        if let Some(position) = layout.position(*key) {
            cells[position] = Cell::from(text.as_str());
        }
    }
    cells
}

/// The rows around one that is edited: who shares a value with it, and who had each value first.
struct Neighbours {
    rows: BTreeSet<u32>,
    first: HashMap<RowKey, u32>,
}

impl Neighbours {
    fn find(ctx: &Ctx, tx: &mut Tx, id: ImportId, target: &ImportRow, new_keys: &[RowKey]) -> Result<Self, EditRowError> {
        let number = target.row_number;
        let shared: HashSet<RowKey> = split_keys(&target.keys).chain(new_keys.iter().cloned()).collect();
        let mut rows = BTreeSet::new();
        let mut keys: HashSet<RowKey> = new_keys.iter().cloned().collect();
        repo::rows::each_keys(tx, ctx.org, id, |other, text| {
            if other != number && rows.len() <= MAX_AFFECTED && split_keys(text).any(|key| shared.contains(&key)) {
                rows.insert(other);
                keys.extend(split_keys(text));
            }
        })?;
        if rows.len() > MAX_AFFECTED {
            return Err(EditRowError::TooManyAffected { row: number, limit: MAX_AFFECTED });
        }
        let mut first: HashMap<RowKey, u32> = new_keys.iter().map(|key| (key.clone(), number)).collect();
        repo::rows::each_keys(tx, ctx.org, id, |other, text| {
            if other == number {
                return;
            }
            for key in split_keys(text).filter(|key| keys.contains(key)) {
                first.entry(key).and_modify(|row| *row = other.min(*row)).or_insert(other);
            }
        })?;
        Ok(Self { rows, first })
    }
}

/// The departments with the new members of all other rows counted in, where a limit makes that matter.
fn counted_departments(
    ctx: &Ctx,
    tx: &mut Tx,
    id: ImportId,
    world: &World,
    affected: &HashSet<u32>,
) -> Result<super::departments::Tree, StoreError> {
    let mut tree = world.terms.departments.clone();
    if tree.is_limited() {
        repo::rows::each_created(tx, ctx.org, id, |number, values| {
            if !affected.contains(&number) {
                let places = world.terms.places(&Draft { values, ..Draft::default() });
                // A row that finds no room was planned as a conflict and is not among these.
                let _ = tree.admit(&[], &places);
            }
        })?;
    }
    Ok(tree)
}
