//! What an import is to those who look at it.

use kernel::{DepartmentId, ImportId, JobId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};

use super::values::{Changes, Values};
use crate::sheets::{Cell, CellError, Layout};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

words! {
    /// How far an import has come.
    ImportState {
        Uploading = "uploading",
        Uploaded = "uploaded",
        Planning = "planning",
        Planned = "planned",
        Applying = "applying",
        Applied = "applied",
        Undoing = "undoing",
        Undone = "undone",
        Cancelled = "cancelled",
        Failed = "failed",
    }
}

words! {
    /// What applying the import will do with a row.
    Outcome {
        Create = "create",
        Update = "update",
        /// The member gets other departments; other values may change as well.
        Move = "move",
        Unchanged = "unchanged",
        /// Clashes with what is stored.
        Conflict = "conflict",
        /// Wrong in itself or within the file.
        Error = "error",
    }
}

impl ImportState {
    /// Whether nothing happens with the import until somebody asks for it.
    pub fn is_at_rest(self) -> bool {
        matches!(self, Self::Planned | Self::Applied | Self::Undone | Self::Cancelled | Self::Failed)
    }
}

impl Outcome {
    /// Whether applying the import does something with such a row.
    pub fn changes_something(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Move)
    }
}

words! {
    /// What became of a row.
    RowResult {
        Applied = "applied",
        /// The plan did not hold any more when its turn came.
        Failed = "failed",
        /// There was nothing to do.
        Skipped = "skipped",
        Undone = "undone",
        /// Applied, and undoing could not take it back.
        Kept = "kept",
    }
}

words! {
    /// What a row that meets an existing member does.
    OnExisting {
        Update = "update",
        /// Leave the member as it is.
        Skip = "skip",
        /// Treat the row as a conflict.
        Fail = "fail",
    }
}

words! {
    /// Where the initial passwords of new members come from.
    InitialPasswords {
        /// From the file; a row without one gives none.
        Given = "given",
        /// From the file; a row without one gets a generated one, to be downloaded once.
        Generated = "generated",
        /// Nobody gets one; members sign in after a reset.
        None = "none",
    }
}

words! {
    /// How new members hear of their account.
    Invite {
        None = "none",
    }
}

/// How a file is to be read and what may be done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The domain of addresses written as a prefix only; the organisation's default domain when missing.
    pub domain: Option<String>,
    pub on_existing: OnExisting,
    pub create_missing_departments: bool,
    /// Where new members go whose row names no department.
    pub department_id: Option<DepartmentId>,
    /// For mobile numbers written without one.
    pub default_country: String,
    pub invite: Invite,
    pub initial_passwords: InitialPasswords,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            domain: None,
            on_existing: OnExisting::Update,
            create_missing_departments: true,
            department_id: None,
            default_country: "+86".to_owned(),
            invite: Invite::None,
            initial_passwords: InitialPasswords::Generated,
        }
    }
}

/// Rows by what will be done with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub create: i64,
    pub update: i64,
    #[serde(rename = "move")]
    pub moved: i64,
    pub unchanged: i64,
    pub conflict: i64,
    pub error: i64,
}

impl Summary {
    pub fn slot(&mut self, outcome: Outcome) -> &mut i64 {
        match outcome {
            Outcome::Create => &mut self.create,
            Outcome::Update => &mut self.update,
            Outcome::Move => &mut self.moved,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Conflict => &mut self.conflict,
            Outcome::Error => &mut self.error,
        }
    }

    pub fn total(&self) -> i64 {
        self.create + self.update + self.moved + self.unchanged + self.conflict + self.error
    }

    /// The rows that applying works on.
    pub fn to_apply(&self) -> i64 {
        self.create + self.update + self.moved
    }
}

/// Why an import as a whole went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportError {
    pub code: String,
    pub params: std::collections::BTreeMap<String, String>,
}

/// An import as its administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    pub id: ImportId,
    pub state: ImportState,
    pub file_name: String,
    pub file_bytes: i64,
    pub options: Options,
    pub layout: Option<Layout>,
    pub summary: Summary,
    pub rows_total: i64,
    pub rows_applied: i64,
    pub rows_failed: i64,
    pub rows_undone: i64,
    pub job_id: Option<JobId>,
    pub error: Option<ImportError>,
    pub created_by: Option<MemberId>,
    pub created_at: Timestamp,
    pub planned_at: Option<Timestamp>,
    pub applied_at: Option<Timestamp>,
    pub undone_at: Option<Timestamp>,
    /// Whether generated initial passwords wait for their download.
    pub passwords_available: bool,
}

/// A row with what will be, or was, done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportRow {
    pub row_number: u32,
    pub outcome: Outcome,
    /// As they stood in the file; password cells are empty.
    pub cells: Vec<Cell>,
    pub values: Values,
    pub errors: Vec<CellError>,
    pub changes: Changes,
    pub member_id: Option<MemberId>,
    pub result: Option<RowResult>,
    #[serde(skip)]
    pub(crate) initial_password_hash: Option<Vec<u8>>,
    #[serde(skip)]
    pub(crate) keys: String,
}
