//! From the cells of a row to its draft, and what of the row is kept.

use identity::passwords::Password;
use kernel::Rng;
use store::KeyRing;

use super::draft::{Draft, Finding, Terms};
use super::rules::Planned;
use super::types::ImportRow;
use super::types::InitialPasswords;
use super::values::join_keys;
use crate::sheets::{Cell, CellRules, ColumnKey, Layout, read_row};

kernel::codes! { Invalid "initial_password_too_short" }

/// Reads cells of one sheet under the terms of one import.
pub(super) struct Reader<'a> {
    pub terms: &'a Terms,
    pub layout: &'a Layout,
    pub keys: &'a KeyRing,
    pub rng: &'a dyn Rng,
    rules: CellRules,
}

/// A row whose cells have been read, and what must not be lost of it.
pub(super) struct Read {
    pub row_number: u32,
    pub cells: Vec<Cell>,
    pub draft: Draft,
    pub initial_password_hash: Option<Vec<u8>>,
}

impl<'a> Reader<'a> {
    pub fn new(terms: &'a Terms, layout: &'a Layout, keys: &'a KeyRing, rng: &'a dyn Rng) -> Self {
        let rules = CellRules {
            default_country: terms.country,
            domains: terms.usable_domains.iter().cloned().collect(),
            today: terms.today,
            // Whether something is missing depends on whom the row meets.
            name_required: false,
            mobile_required: false,
            department_required: false,
        };
        Self { terms, layout, keys, rng, rules }
    }

    /// Reads a row. `kept_password` is the hash of a password that was in the file and is not in the cells any more.
    pub fn read(&self, row_number: u32, mut cells: Vec<Cell>, kept_password: Option<Vec<u8>>) -> Read {
        let read = read_row(&self.layout.columns, &cells, &self.rules);
        let mut findings: Vec<Finding> = read.errors.into_iter().map(|error| Finding { clash: false, error }).collect();
        let mut initial_password_hash = kept_password;
        if let Some(password) = &read.values.initial_password {
            initial_password_hash = self.hash(password.expose(), &mut findings);
        }
        if self.terms.options.initial_passwords == InitialPasswords::None {
            initial_password_hash = None;
        }
        if let Some(position) = self.layout.position(ColumnKey::InitialPassword)
            && let Some(cell) = cells.get_mut(position)
        {
            // From here on nothing holds the password.
            *cell = Cell::default();
        }
        let draft = Draft::new(self.terms, read.values.texts(), findings);
        Read { row_number, cells, draft, initial_password_hash }
    }

    fn hash(&self, password: &str, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
        if password.chars().count() < identity::initial::MIN_GIVEN_CHARS {
            let finding = Finding::wrong(ColumnKey::InitialPassword, "initial_password_too_short");
            findings.push(finding.with("min", identity::initial::MIN_GIVEN_CHARS));
            return None;
        }
        match Password::new(password) {
            Ok(password) => Some(identity::initial::hash(self.keys, self.rng, &password)),
            Err(_) => {
                findings.push(Finding::wrong(ColumnKey::InitialPassword, "initial_password_too_long"));
                None
            }
        }
    }

    /// What is kept of a planned row. Its errors stand in the order of the sheet's columns, missing columns last.
    pub fn row(&self, row_number: u32, cells: Vec<Cell>, initial_password_hash: Option<Vec<u8>>, planned: Planned) -> ImportRow {
        let mut errors = planned.errors;
        errors.sort_by_key(|error| self.layout.position(error.column).unwrap_or(usize::MAX));
        ImportRow {
            row_number,
            outcome: planned.outcome,
            cells,
            values: planned.values,
            errors,
            changes: planned.changes,
            member_id: planned.member_id,
            result: None,
            initial_password_hash,
            keys: join_keys(&planned.keys),
        }
    }
}
