//! What the rules work on: the terms of an import, a row whose cells have been read, and what is stored about its values.

use std::collections::{HashMap, HashSet};

use kernel::{CountryCode, Date, DepartmentId, DomainName, EmailAddress, MemberId, ServiceClassId, fold};

use super::departments::Tree;
use super::types::Options;
use super::values::{KeyKind, RowKey, Values};
use crate::sheets::{CellError, ColumnKey, split_departments};

/// What holds for all rows of an import.
pub(crate) struct Terms {
    pub options: Options,
    pub country: CountryCode,
    /// Completes addresses written as a prefix; `None` when the organisation has no domain it may use.
    pub domain: Option<DomainName>,
    pub usable_domains: HashSet<DomainName>,
    pub name_required: bool,
    pub mobile_required: bool,
    pub department_required: bool,
    /// By folded name.
    pub service_classes: HashMap<String, ServiceClassId>,
    pub today: Date,
    /// The administrator who imports; `None` for an operator.
    pub importer: Option<MemberId>,
    pub owners: HashSet<MemberId>,
    pub departments: Tree,
}

impl Terms {
    /// The departments that a new member with this row would be in, or that those yet to be made would hang below.
    pub fn places(&self, draft: &Draft) -> Vec<DepartmentId> {
        let mut places: Vec<DepartmentId> = draft.paths().iter().map(|path| self.departments.find(path).nearest()).collect();
        if places.is_empty() {
            places.push(self.options.department_id.unwrap_or_else(|| self.departments.root()));
        }
        places
    }

    /// Whether the importer may change owners.
    pub fn acts_for_owners(&self) -> bool {
        self.importer.is_none_or(|importer| self.owners.contains(&importer))
    }
}

/// What is stored of a member that rows may meet.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub id: MemberId,
    pub values: Values,
    /// The main one first.
    pub departments: Vec<DepartmentId>,
    pub addresses: Vec<String>,
    pub recycled: bool,
}

/// Whom a value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    Member(MemberId),
    /// A group, a department, the recycle bin's memory.
    Other,
}

/// What is stored about the values of some rows.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    pub holders: HashMap<RowKey, Holder>,
    pub members: HashMap<MemberId, Stored>,
}

/// Something found about a cell.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// Clashes with what is stored, rather than being wrong in itself.
    pub clash: bool,
    pub error: CellError,
}

impl Finding {
    pub fn wrong(column: ColumnKey, code: &'static str) -> Self {
        Self { clash: false, error: CellError::new(column, code) }
    }

    pub fn clash(column: ColumnKey, code: &'static str) -> Self {
        Self { clash: true, error: CellError::new(column, code) }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.error = self.error.with(name, value);
        self
    }
}

kernel::codes! {
    Invalid "department_not_found",
    Invalid "member_not_found",
    Invalid "service_class_unknown",
    Invalid "supervisor_not_found",
    Conflict "member_exists",
    Conflict "member_recycled",
    Conflict "address_differs",
    Conflict "own_account_protected",
    Conflict "owner_protected",
}

/// A row whose cells have been read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub values: Values,
    /// The address the row speaks of, from its prefix or its full form.
    pub address: Option<EmailAddress>,
    /// What was wrong with the cells themselves.
    pub findings: Vec<Finding>,
}

impl Draft {
    pub fn new(terms: &Terms, values: Values, mut findings: Vec<Finding>) -> Self {
        let address = match address_of(terms, &values) {
            Ok(address) => address,
            Err(finding) => {
                // A cell that could not be read has said so already.
                if !findings.iter().any(|one| one.error.column == finding.error.column) {
                    findings.push(finding);
                }
                None
            }
        };
        Self { values, address, findings }
    }

    pub fn value(&self, column: ColumnKey) -> Option<&str> {
        self.values.get(&column).map(String::as_str)
    }

    pub fn is_wrong(&self, column: ColumnKey) -> bool {
        self.findings.iter().any(|finding| finding.error.column == column)
    }

    /// The values that lead to one member, in the order in which a row meets one.
    pub fn keys(&self) -> Vec<(ColumnKey, RowKey)> {
        let mut keys = Vec::with_capacity(4);
        let mut add = |column, kind, value: String| keys.push((column, RowKey { kind, value }));
        if let Some(value) = self.value(ColumnKey::MemberId) {
            add(ColumnKey::MemberId, KeyKind::Member, value.to_owned());
        }
        if let Some(value) = self.value(ColumnKey::EmployeeNumber) {
            add(ColumnKey::EmployeeNumber, KeyKind::EmployeeNumber, value.to_owned());
        }
        if let Some(value) = self.value(ColumnKey::AccountName) {
            add(ColumnKey::AccountName, KeyKind::AccountName, fold(value));
        }
        if let Some(address) = &self.address {
            add(ColumnKey::MailPrefix, KeyKind::Address, address.to_string());
        }
        if let Some(value) = self.value(ColumnKey::Mobile) {
            add(ColumnKey::Mobile, KeyKind::Mobile, value.to_owned());
        }
        keys
    }

    /// What the supervisor's cell may mean: a member's id, address, employee number or account name, tried in this order.
    pub fn supervisor_keys(&self) -> Vec<RowKey> {
        let Some(text) = self.value(ColumnKey::Supervisor) else { return Vec::new() };
        let key = |kind, value: String| RowKey { kind, value };
        if text.parse::<MemberId>().is_ok() {
            vec![key(KeyKind::Member, text.to_owned())]
        } else if text.contains('@') {
            vec![key(KeyKind::Address, text.to_ascii_lowercase())]
        } else {
            vec![key(KeyKind::EmployeeNumber, text.to_owned()), key(KeyKind::AccountName, fold(text))]
        }
    }

    /// All that has to be looked up for the row.
    pub fn wanted(&self) -> impl Iterator<Item = RowKey> {
        self.keys().into_iter().map(|(_, key)| key).chain(self.implied_account_name()).chain(self.supervisor_keys())
    }

    /// The account name a new member gets when the row gives none: its mail prefix.
    pub fn implied_account_name(&self) -> Option<RowKey> {
        let address = self.address.as_ref().filter(|_| self.value(ColumnKey::AccountName).is_none())?;
        Some(RowKey { kind: KeyKind::AccountName, value: address.local_part.as_str().to_owned() })
    }

    /// The departments the row names; the first is the main one.
    pub fn paths(&self) -> Vec<Vec<String>> {
        self.value(ColumnKey::Department).and_then(split_departments).unwrap_or_default()
    }
}

/// The address a row's cells speak of.
fn address_of(terms: &Terms, values: &Values) -> Result<Option<EmailAddress>, Finding> {
    let column = ColumnKey::MailPrefix;
    let Some(text) = values.get(&column) else { return Ok(None) };
    let invalid = |_| Finding::wrong(column, "address_invalid");
    let unusable = |domain: String| Finding::wrong(column, "address_domain_not_usable").with("domain", domain);
    let address = match (text.contains('@'), &terms.domain) {
        (true, _) => text.parse::<EmailAddress>().map_err(invalid)?,
        (false, Some(domain)) => EmailAddress { local_part: text.parse().map_err(invalid)?, domain: domain.clone() },
        (false, None) => return Err(unusable(String::new())),
    };
    if terms.usable_domains.contains(&address.domain) { Ok(Some(address)) } else { Err(unusable(address.domain.to_unicode())) }
}
