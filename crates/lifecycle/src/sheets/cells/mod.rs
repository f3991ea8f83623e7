//! What the cells of a row mean: each is normalised by one rule per column, and every fault of the row is told at once.

mod dates;
mod departments;
mod scalars;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use kernel::{CountryCode, Date, DomainName, EmailAddress, LocalPart, MemberId, PhoneNumber};
use serde::{Deserialize, Serialize};

use super::{Cell, CellFault, Column, ColumnKey, MAX_CELL_CHARS};

pub use dates::read_date;
pub use departments::{join_departments, split_departments};
pub use scalars::{Gender, read_boolean, read_gender};

kernel::codes! {
    Invalid "name_missing",
    Invalid "mobile_missing",
    Invalid "department_missing",
    Invalid "gender_unknown",
    Invalid "mobile_invalid",
    Invalid "account_name_invalid",
    Invalid "address_invalid",
    Invalid "address_domain_not_usable",
    Invalid "address_differs_from_prefix",
    Invalid "alternate_address_invalid",
    Invalid "initial_password_too_long",
    Invalid "department_path_invalid",
    Invalid "department_name_too_long",
    Invalid "department_twice",
    Invalid "date_invalid",
    Invalid "date_in_future",
    Invalid "boolean_unknown",
    Invalid "member_id_invalid",
    Invalid "text_too_long",
    Invalid "text_not_plain",
    Invalid "number_lossy",
    Invalid "formula_without_value",
    Invalid "cell_error_value",
    Invalid "cell_too_long",
}

/// What the rules for cells depend on.
#[derive(Debug, Clone)]
pub struct CellRules {
    /// For mobile numbers written without a country code.
    pub default_country: CountryCode,
    /// The domains that full addresses may be in.
    pub domains: Vec<DomainName>,
    /// Birthdays lie before it.
    pub today: Date,
    pub name_required: bool,
    pub mobile_required: bool,
    pub department_required: bool,
}

/// One wrong cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellError {
    pub column: ColumnKey,
    pub code: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<Cow<'static, str>, String>,
}

impl CellError {
    pub fn new(column: ColumnKey, code: &'static str) -> Self {
        Self { column, code: code.into(), params: BTreeMap::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.insert(name.into(), value.to_string());
        self
    }
}

/// What a cell for mail holds: a prefix alone, or a full address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailName {
    pub local_part: LocalPart,
    /// `None` leaves the domain to the options of the import.
    pub domain: Option<DomainName>,
}

/// A password somebody typed into a sheet. It is neither printed nor kept.
#[derive(Clone, PartialEq, Eq)]
pub struct InitialPassword(String);

impl InitialPassword {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InitialPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The values of a row, normalised. `None` is a blank cell, a wrong one, or a column that the sheet does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    pub member_id: Option<MemberId>,
    pub name: Option<String>,
    pub gender: Option<Gender>,
    pub mobile: Option<PhoneNumber>,
    pub account_name: Option<String>,
    /// From the column of prefixes or that of addresses.
    pub mail: Option<MailName>,
    pub initial_password: Option<InitialPassword>,
    /// Paths below the root department, the main one first. A path without segments is the root department itself.
    pub departments: Option<Vec<Vec<String>>>,
    pub position: Option<String>,
    pub rank: Option<String>,
    pub employee_number: Option<String>,
    pub join_date: Option<Date>,
    pub office_phone: Option<String>,
    pub home_phone: Option<String>,
    pub office_location: Option<String>,
    pub supervisor: Option<String>,
    pub nickname: Option<String>,
    pub birthday: Option<Date>,
    pub alternate_address: Option<String>,
    /// Its name, not yet looked up.
    pub service_class: Option<String>,
    pub visible_in_directory: Option<bool>,
    pub expires_on: Option<Date>,
    pub remarks: Option<String>,
}

impl Values {
    /// The values as text, as plans show them and exports write them; without the initial password.
    pub fn texts(&self) -> BTreeMap<ColumnKey, String> {
        use ColumnKey as K;
        let text = |value: &Option<String>| value.clone();
        let date = |value: Option<Date>| value.map(|date| date.to_string());
        let mail = self.mail.as_ref().map(|mail| match &mail.domain {
            None => mail.local_part.to_string(),
            Some(domain) => EmailAddress { local_part: mail.local_part.clone(), domain: domain.clone() }.to_string(),
        });
        let all = [
            (K::MemberId, self.member_id.map(|id| id.to_string())),
            (K::Name, text(&self.name)),
            (K::Gender, self.gender.map(|gender| gender.as_str().to_owned())),
            (K::Mobile, self.mobile.as_ref().map(|mobile| mobile.as_str().to_owned())),
            (K::AccountName, text(&self.account_name)),
            (K::MailPrefix, mail),
            (K::Department, self.departments.as_deref().map(join_departments)),
            (K::Position, text(&self.position)),
            (K::Rank, text(&self.rank)),
            (K::EmployeeNumber, text(&self.employee_number)),
            (K::JoinDate, date(self.join_date)),
            (K::OfficePhone, text(&self.office_phone)),
            (K::HomePhone, text(&self.home_phone)),
            (K::OfficeLocation, text(&self.office_location)),
            (K::Supervisor, text(&self.supervisor)),
            (K::Nickname, text(&self.nickname)),
            (K::Birthday, date(self.birthday)),
            (K::AlternateAddress, text(&self.alternate_address)),
            (K::ServiceClass, text(&self.service_class)),
            (K::VisibleInDirectory, self.visible_in_directory.map(|visible| visible.to_string())),
            (K::ExpiresOn, date(self.expires_on)),
            (K::Remarks, text(&self.remarks)),
        ];
        all.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect()
    }
}

/// A row after its cells were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadRow {
    pub values: Values,
    /// In the order of the sheet's columns; columns that are missing come last.
    pub errors: Vec<CellError>,
    /// Columns whose value is what a formula came to when the file was saved.
    pub formulas: Vec<ColumnKey>,
}

/// Reads the cells of one row, which stand in the order of `columns`. Cells that are not there count as blank.
pub fn read_row(columns: &[Column], cells: &[Cell], rules: &CellRules) -> ReadRow {
    let mut row = ReadRow::default();
    let blank = Cell::default();
    let mut prefix_and_address = (None, None);
    for (position, column) in columns.iter().enumerate() {
        let Some(key) = column.key else { continue };
        let cell = cells.get(position).unwrap_or(&blank);
        if cell.formula && !cell.is_blank() {
            row.formulas.push(key);
        }
        let read = match key {
            ColumnKey::MailPrefix | ColumnKey::Address => scalars::read_mail(cell_text(key, cell), key, rules).map(|mail| {
                let place = if key == ColumnKey::Address { &mut prefix_and_address.1 } else { &mut prefix_and_address.0 };
                *place = mail;
            }),
            _ => read_cell(&mut row.values, key, cell, rules),
        };
        if let Err(error) = read {
            row.errors.push(error);
        }
    }
    merge_mail(&mut row, prefix_and_address);
    require_missing_columns(columns, rules, &mut row.errors);
    row
}

/// A prefix and a full address in one row must speak of the same mailbox; the address adds the domain.
fn merge_mail(row: &mut ReadRow, (prefix, address): (Option<MailName>, Option<MailName>)) {
    row.values.mail = match (prefix, address) {
        (Some(prefix), Some(address)) => {
            let domains_differ = prefix.domain.is_some() && address.domain.is_some() && prefix.domain != address.domain;
            if prefix.local_part != address.local_part || domains_differ {
                row.errors.push(CellError::new(ColumnKey::Address, "address_differs_from_prefix"));
            }
            Some(MailName { domain: prefix.domain.or(address.domain), ..prefix })
        }
        (prefix, address) => prefix.or(address),
    };
}

fn require_missing_columns(columns: &[Column], rules: &CellRules, errors: &mut Vec<CellError>) {
    let required = [
        (rules.name_required, ColumnKey::Name, "name_missing"),
        (rules.mobile_required, ColumnKey::Mobile, "mobile_missing"),
        (rules.department_required, ColumnKey::Department, "department_missing"),
    ];
    for (required, key, code) in required {
        if required && !columns.iter().any(|column| column.key == Some(key)) {
            errors.push(CellError::new(key, code));
        }
    }
}

/// The normalised text of a cell, or why there is none.
fn cell_text(key: ColumnKey, cell: &Cell) -> Result<String, CellError> {
    match &cell.fault {
        Some(CellFault::NumberLossy) => Err(CellError::new(key, "number_lossy").with("value", &cell.text)),
        Some(CellFault::FormulaWithoutValue) => Err(CellError::new(key, "formula_without_value")),
        Some(CellFault::ErrorValue { value }) => Err(CellError::new(key, "cell_error_value").with("value", value)),
        Some(CellFault::TooLong) => Err(CellError::new(key, "cell_too_long").with("limit", MAX_CELL_CHARS)),
        None => Ok(scalars::trim(&kernel::normalise(&cell.text)).to_owned()),
    }
}

fn read_cell(values: &mut Values, key: ColumnKey, cell: &Cell, rules: &CellRules) -> Result<(), CellError> {
    use ColumnKey as K;
    // Columns that are only exported, or only count rows, may hold anything.
    if matches!(key, K::Number | K::State | K::CreatedAt) {
        return Ok(());
    }
    let text = cell_text(key, cell)?;
    if text.is_empty() {
        return match key {
            K::Name if rules.name_required => Err(CellError::new(key, "name_missing")),
            K::Mobile if rules.mobile_required => Err(CellError::new(key, "mobile_missing")),
            K::Department if rules.department_required => Err(CellError::new(key, "department_missing")),
            _ => Ok(()),
        };
    }
    match key {
        K::Number | K::State | K::CreatedAt | K::MailPrefix | K::Address => {}
        K::MemberId => values.member_id = Some(text.parse().map_err(|_| CellError::new(key, "member_id_invalid"))?),
        K::Name => values.name = Some(scalars::plain(key, text, 128)?),
        K::Gender => values.gender = Some(read_gender(&text).ok_or_else(|| CellError::new(key, "gender_unknown"))?),
        K::Mobile => values.mobile = Some(scalars::mobile(&text, rules.default_country)?),
        K::AccountName => values.account_name = Some(scalars::account_name(&text)?),
        K::InitialPassword => values.initial_password = Some(scalars::initial_password(&cell.text)?),
        K::Department => values.departments = Some(departments::read(&text)?),
        K::Position => values.position = Some(scalars::plain(key, text, 64)?),
        K::Rank => values.rank = Some(scalars::plain(key, text, 64)?),
        K::EmployeeNumber => values.employee_number = Some(scalars::employee_number(&text)?),
        K::JoinDate => values.join_date = Some(dates::read(key, &text)?),
        K::OfficePhone => values.office_phone = Some(scalars::phone(key, &text)?),
        K::HomePhone => values.home_phone = Some(scalars::phone(key, &text)?),
        K::OfficeLocation => values.office_location = Some(scalars::plain(key, text, 128)?),
        K::Supervisor => values.supervisor = Some(scalars::plain(key, text, 256)?),
        K::Nickname => values.nickname = Some(scalars::plain(key, text, 128)?),
        K::Birthday => {
            let birthday = dates::read(key, &text)?;
            if birthday >= rules.today {
                return Err(CellError::new(key, "date_in_future"));
            }
            values.birthday = Some(birthday);
        }
        K::AlternateAddress => values.alternate_address = Some(scalars::alternate_address(&text)?),
        K::ServiceClass => values.service_class = Some(scalars::plain(key, text, 128)?),
        K::VisibleInDirectory => {
            values.visible_in_directory = Some(read_boolean(&text).ok_or_else(|| CellError::new(key, "boolean_unknown"))?)
        }
        K::ExpiresOn => values.expires_on = Some(dates::read(key, &text)?),
        // As typed, as the directory keeps them: NFKC would take the wide marks of Chinese out of what people wrote.
        K::Remarks => values.remarks = Some(scalars::remarks(cell.text.trim())?),
    }
    Ok(())
}
