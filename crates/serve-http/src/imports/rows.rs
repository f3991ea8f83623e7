//! The rows of an import's plan.

use std::collections::BTreeMap;

use axum::extract::State;
use kernel::{ImportId, MemberId};
use lifecycle::imports::{self, RowFilter};
use lifecycle::sheets::ColumnKey;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path, Query};
use crate::list::{List, page_request};
use crate::words::same_words;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ImportRowQuery {
    pub outcome: Option<ImportOutcome>,
    pub result: Option<ImportResult>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

/// What the plan makes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    Create,
    Update,
    Move,
    Unchanged,
    /// It clashes with stored data.
    Conflict,
    /// It is wrong within the file.
    Error,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportResult {
    Applied,
    /// The plan did not hold any more when its turn came.
    Failed,
    /// There was nothing to do.
    Skipped,
    Undone,
    /// Applied, and undoing could not take it back.
    Kept,
}

/// A row of the file and its plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportRow {
    /// As the spreadsheet program shows it.
    pub row_number: u32,
    pub outcome: ImportOutcome,
    /// The cells as they stood in the file, in the order of the layout's columns; those of passwords are empty.
    pub cells: Vec<String>,
    /// The values the member ends up with, by column key.
    pub values: BTreeMap<String, String>,
    pub errors: Vec<CellError>,
    /// What changes, by column key: the old value and the new; null where there is none.
    #[schema(value_type = BTreeMap<String, Vec<Option<String>>>)]
    pub changes: BTreeMap<String, [Option<String>; 2]>,
    /// The member it meets or has become.
    #[schema(value_type = Option<String>, required)]
    pub member_id: Option<MemberId>,
    /// Null until it was applied.
    #[schema(required)]
    pub result: Option<ImportResult>,
}

/// What is wrong with one cell.
#[derive(Debug, Serialize, ToSchema)]
pub struct CellError {
    /// The column key.
    pub column: String,
    pub code: String,
    pub params: BTreeMap<String, String>,
}

/// New texts for cells, by column key; other cells stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRowPatch {
    pub cells: BTreeMap<String, String>,
}

/// Lists the rows of a plan
#[utoipa::path(get, path = "/api/v1/admin/imports/{id}/rows", operation_id = "listImportRows", tag = "imports", params(("id" = String, Path), ImportRowQuery), responses((status = 200, body = List<ImportRow>)))]
pub async fn list_import_rows(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<ImportId>,
    Query(query): Query<ImportRowQuery>,
) -> Result<Json<List<ImportRow>>, ApiError> {
    let ctx = caller.ctx;
    let request = page_request(query.cursor.as_deref(), query.limit)?;
    let filter = RowFilter { outcome: query.outcome.map(Into::into), result: query.result.map(Into::into) };
    let found = app.store.read(move |tx| Ok::<_, ApiError>(imports::list_rows(&ctx, tx, id, filter, &request)?)).await?;
    Ok(Json(List::page(found, ImportRow::from)))
}

/// Mends cells of a row, which is planned again
#[utoipa::path(patch, path = "/api/v1/admin/imports/{id}/rows/{row}", operation_id = "updateImportRow", tag = "imports", params(("id" = String, Path), ("row" = u32, Path, description = "The row number, as the spreadsheet program shows it")), request_body = ImportRowPatch, responses((status = 200, body = ImportRow)))]
pub async fn update_import_row(
    State(app): State<AppState>,
    Console(caller): Console,
    Path((id, row)): Path<(ImportId, u32)>,
    Json(body): Json<ImportRowPatch>,
) -> Result<Json<ImportRow>, ApiError> {
    let mut cells = BTreeMap::new();
    for (column, text) in body.cells {
        let key: ColumnKey = column.parse().map_err(|_| ApiError::field(format!("cells.{}", shortened(&column)), "field_unknown"))?;
        cells.insert(key, text);
    }
    let edited = imports::edit_row(&app.store, &caller.ctx, id, row, cells).await?;
    Ok(Json(edited.into()))
}

same_words!(ImportOutcome, imports::Outcome { Create, Update, Move, Unchanged, Conflict, Error });
same_words!(ImportResult, imports::RowResult { Applied, Failed, Skipped, Undone, Kept });

impl From<imports::ImportRow> for ImportRow {
    fn from(row: imports::ImportRow) -> Self {
        let error = |error: lifecycle::sheets::CellError| CellError {
            column: error.column.as_str().to_owned(),
            code: error.code.into_owned(),
            params: error.params.into_iter().map(|(name, value)| (name.into_owned(), value)).collect(),
        };
        Self {
            row_number: row.row_number,
            outcome: row.outcome.into(),
            cells: row.cells.into_iter().map(|cell| cell.text).collect(),
            values: row.values.into_iter().map(|(key, value)| (key.as_str().to_owned(), value)).collect(),
            errors: row.errors.into_iter().map(error).collect(),
            changes: row.changes.into_iter().map(|(key, change)| (key.as_str().to_owned(), change)).collect(),
            member_id: row.member_id,
            result: row.result.map(Into::into),
        }
    }
}

/// A name from a request, fit to be said back.
fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
