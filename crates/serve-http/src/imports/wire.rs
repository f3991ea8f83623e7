//! What the API tells about imports.

use std::collections::BTreeMap;

use kernel::{DepartmentId, ImportId, JobId, MemberId, Timestamp};
use lifecycle::{imports, sheets};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::same_words;

/// How a file is to be read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ImportOptions {
    /// The domain of mail prefixes; the default domain when null.
    pub domain: Option<String>,
    /// Whether departments named in the file are created; true by default.
    pub create_missing_departments: bool,
    /// The country of numbers without a country code: `+86` by default.
    pub default_country: String,
    /// What becomes of rows that meet an existing member.
    pub on_existing: OnExisting,
    /// Where new members go whose row names no department.
    #[schema(value_type = Option<String>)]
    pub department_id: Option<DepartmentId>,
    /// Where the initial passwords of new members come from; `generated` by default.
    pub initial_passwords: InitialPasswords,
    /// How new members hear of their account.
    pub invite: Invite,
}

impl Default for ImportOptions {
    fn default() -> Self {
        imports::Options::default().into()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnExisting {
    Update,
    /// Leave the member as it is.
    Skip,
    /// Treat the row as a conflict.
    Fail,
}

/// Where the initial passwords of new members come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InitialPasswords {
    /// From the file; a row without one gives none.
    Given,
    /// From the file; a row without one gets a generated one, to be downloaded once.
    Generated,
    /// Nobody gets one; members sign in after a reset.
    None,
}

/// How new members hear of their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Invite {
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    Uploading,
    Uploaded,
    Planning,
    Planned,
    Applying,
    Applied,
    Undoing,
    Undone,
    Cancelled,
    Failed,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct Import {
    #[schema(value_type = String)]
    pub id: ImportId,
    pub state: ImportState,
    pub file_name: String,
    pub file_bytes: i64,
    pub options: ImportOptions,
    /// How the file was read; null until it was.
    #[schema(required)]
    pub layout: Option<ImportLayout>,
    pub summary: ImportSummary,
    pub rows_total: i64,
    pub rows_applied: i64,
    pub rows_failed: i64,
    pub rows_undone: i64,
    /// The job at work on it, or the last one that was.
    #[schema(value_type = Option<String>, required)]
    pub job_id: Option<JobId>,
    /// Why the whole import failed.
    #[schema(required)]
    pub error_code: Option<String>,
    pub error_params: BTreeMap<String, String>,
    /// Whether generated initial passwords wait for their one download.
    pub passwords_available: bool,
    #[schema(value_type = Option<String>, required)]
    pub created_by: Option<MemberId>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub planned_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub applied_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub undone_at: Option<Timestamp>,
}

/// Rows by outcome.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ImportSummary {
    pub create: i64,
    pub update: i64,
    #[serde(rename = "move")]
    pub moved: i64,
    pub unchanged: i64,
    pub conflict: i64,
    pub error: i64,
}

/// How a file was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportLayout {
    /// The sheet's name; null for CSV.
    #[schema(required)]
    pub sheet: Option<String>,
    /// The sheet is hidden: no visible one has headings.
    pub sheet_hidden: bool,
    /// Other sheets of the workbook, which are not read.
    pub other_sheets: Vec<String>,
    /// For CSV: `UTF-8`, `UTF-16LE`, `UTF-16BE` or `GB18030`.
    #[schema(required)]
    pub encoding: Option<String>,
    /// For CSV: `,`, `;` or a tab.
    #[schema(required)]
    pub delimiter: Option<String>,
    /// The row the headings stand in, as a spreadsheet program shows it.
    pub heading_row: u32,
    /// How many rows are hidden in the file. They are read too.
    pub hidden_rows: u32,
    /// How many merged ranges there were, whose value was repeated in the rows below.
    pub merged_ranges: u32,
    pub columns: Vec<ImportColumn>,
}

/// A column of the file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportColumn {
    /// Counted from 0. The cells of a row stand in the order of `columns`.
    pub index: u32,
    pub heading: String,
    /// What it was recognised as, such as `name` or `mobile`; null when it was not and is left out.
    #[schema(required)]
    pub key: Option<String>,
    /// Hidden in the file. It is read like any other.
    pub hidden: bool,
}

same_words!(OnExisting, imports::OnExisting { Update, Skip, Fail });
same_words!(InitialPasswords, imports::InitialPasswords { Given, Generated, None });
same_words!(Invite, imports::Invite { None });
same_words!(
    ImportState,
    imports::ImportState { Uploading, Uploaded, Planning, Planned, Applying, Applied, Undoing, Undone, Cancelled, Failed }
);

impl From<imports::Options> for ImportOptions {
    fn from(options: imports::Options) -> Self {
        Self {
            domain: options.domain,
            create_missing_departments: options.create_missing_departments,
            default_country: options.default_country,
            on_existing: options.on_existing.into(),
            department_id: options.department_id,
            initial_passwords: options.initial_passwords.into(),
            invite: options.invite.into(),
        }
    }
}

impl From<ImportOptions> for imports::Options {
    fn from(options: ImportOptions) -> Self {
        Self {
            domain: options.domain,
            on_existing: options.on_existing.into(),
            create_missing_departments: options.create_missing_departments,
            department_id: options.department_id,
            default_country: options.default_country,
            invite: options.invite.into(),
            initial_passwords: options.initial_passwords.into(),
        }
    }
}

impl From<imports::Import> for Import {
    fn from(import: imports::Import) -> Self {
        let (error_code, error_params) = import.error.map_or((None, BTreeMap::new()), |error| (Some(error.code), error.params));
        Self {
            id: import.id,
            state: import.state.into(),
            file_name: import.file_name,
            file_bytes: import.file_bytes,
            options: import.options.into(),
            layout: import.layout.map(ImportLayout::from),
            summary: import.summary.into(),
            rows_total: import.rows_total,
            rows_applied: import.rows_applied,
            rows_failed: import.rows_failed,
            rows_undone: import.rows_undone,
            job_id: import.job_id,
            error_code,
            error_params,
            passwords_available: import.passwords_available,
            created_by: import.created_by,
            created_at: import.created_at,
            planned_at: import.planned_at,
            applied_at: import.applied_at,
            undone_at: import.undone_at,
        }
    }
}

impl From<imports::Summary> for ImportSummary {
    fn from(summary: imports::Summary) -> Self {
        Self {
            create: summary.create,
            update: summary.update,
            moved: summary.moved,
            unchanged: summary.unchanged,
            conflict: summary.conflict,
            error: summary.error,
        }
    }
}

impl From<sheets::Layout> for ImportLayout {
    fn from(layout: sheets::Layout) -> Self {
        let column = |column: sheets::Column| ImportColumn {
            index: u32::try_from(column.index).unwrap_or(u32::MAX),
            heading: column.heading,
            key: column.key.map(|key| key.as_str().to_owned()),
            hidden: column.hidden,
        };
        Self {
            sheet: layout.sheet,
            sheet_hidden: layout.sheet_hidden,
            other_sheets: layout.other_sheets,
            encoding: layout.encoding,
            delimiter: layout.delimiter.map(String::from),
            heading_row: layout.heading_row,
            hidden_rows: layout.hidden_rows,
            merged_ranges: layout.merged_ranges,
            columns: layout.columns.into_iter().map(column).collect(),
        }
    }
}
