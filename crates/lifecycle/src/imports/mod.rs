//! 批量导入: a spreadsheet of people becomes members.
//!
//! [`upload`] takes a file in, [`run_plan`] says for every row what will be done, [`edit_row`] mends cells, [`apply_import`] and
//! [`run_apply`] do it, [`undo_import`] and [`run_undo`] take it back. The rules are in `rules`, pure; whoever adds a column begins in
//! `sheets`, then goes on to `rules` and `profile`. Nothing here keeps a password that somebody typed.
//!
//! `docs/designs/imports.md` says why it is done this way.

mod access;
mod actions;
mod apply;
mod apply_row;
mod departments;
mod draft;
mod edit_row;
mod files;
mod list;
mod passwords;
mod paths;
mod plan;
mod profile;
mod read;
mod repo;
mod rules;
mod running;
mod sweep;
mod texts;
mod types;
mod undo;
mod upload;
mod values;
mod world;

pub use access::AccessError;
pub use actions::{ActionError, apply_import, cancel_import, undo_import};
pub use apply::run_apply;
pub use edit_row::{EditRowError, edit_row};
pub use files::{FileError, wrong_rows};
pub use list::{RowFilter, get_import, list_imports, list_rows};
pub use passwords::{PasswordsError, take_initial_passwords};
pub use plan::run_plan;
pub use sweep::{Swept, sweep};
pub use types::{Import, ImportError, ImportRow, ImportState, InitialPasswords, Invite, OnExisting, Options, Outcome, RowResult, Summary};
pub use undo::run_undo;
pub use upload::{APPLY_JOB, NewImport, PLAN_JOB, UNDO_JOB, UploadError, upload};
pub use values::{Changes, Values};
