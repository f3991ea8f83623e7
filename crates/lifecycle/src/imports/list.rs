//! Imports and their rows, a page at a time.

use directory::access::{Permission, Target, authorize};
use kernel::{Ctx, Cursor, ImportId, Page, PageRequest};
use store::Tx;

use super::access::{self, AccessError};
use super::repo;
use super::repo::rows::Wanted;
use super::types::{Import, ImportRow, Outcome, RowResult};

/// The imports the actor may see, latest first.
pub fn list_imports(ctx: &Ctx, tx: &mut Tx, page: &PageRequest) -> Result<Page<Import>, AccessError> {
    authorize(ctx, tx, Permission::ImportMembers, Target::Organisation)?;
    let mine = if access::sees_all(ctx, tx)? { None } else { ctx.actor.member_id() };
    let before = page.after.as_ref().and_then(|cursor| cursor.part(0)).map(ImportId::from_raw);
    let imports = repo::head::list(tx, ctx.org, mine, before, i64::from(page.limit()) + 1, ctx.now)?;
    Ok(Page::from_surplus(imports, page, |import| Cursor::new([import.id.raw().to_string()])))
}

/// One import, with its counts.
pub fn get_import(ctx: &Ctx, tx: &mut Tx, id: ImportId) -> Result<Import, AccessError> {
    access::get(ctx, tx, id)
}

/// Which rows to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowFilter {
    pub outcome: Option<Outcome>,
    pub result: Option<RowResult>,
}

/// The rows of an import in the order of the file.
pub fn list_rows(ctx: &Ctx, tx: &mut Tx, id: ImportId, filter: RowFilter, page: &PageRequest) -> Result<Page<ImportRow>, AccessError> {
    access::get(ctx, tx, id)?;
    let after = page.after.as_ref().and_then(|cursor| cursor.part(0)).unwrap_or(0);
    let wanted = Wanted { outcome: filter.outcome, result: filter.result };
    let rows = repo::rows::list(tx, ctx.org, id, wanted, after, i64::from(page.limit()) + 1)?;
    Ok(Page::from_surplus(rows, page, |row| Cursor::new([row.row_number.to_string()])))
}
