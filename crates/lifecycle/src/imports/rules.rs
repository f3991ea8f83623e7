//! The rules of a plan. Pure: a row's values, and what is stored about them, give what will be done with the row.

use std::collections::BTreeMap;

use kernel::{Date, EmailAddress, MemberId, fold};

use super::departments::{Full, Place, Tree};
use super::draft::{Draft, Finding, Holder, Lookups, Stored, Terms};
use super::types::{OnExisting, Outcome};
use super::values::{Changes, KeyKind, RowKey, Values};
use crate::sheets::{CellError, ColumnKey, join_departments};

/// A row with what will be done with it.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub outcome: Outcome,
    pub values: Values,
    pub address: Option<EmailAddress>,
    pub keys: Vec<RowKey>,
    pub errors: Vec<CellError>,
    pub changes: Changes,
    pub member_id: Option<MemberId>,
    /// The cell that led to the member, and what to say of it where it should have led to nobody.
    pub met_by: Option<CellError>,
    pub supervisor: Option<MemberId>,
}

/// Plans one row. `claim` answers whether no earlier row of the file has the key. `departments` are those of the terms, with the members of
/// earlier rows counted in.
pub(crate) fn plan_row(
    terms: &Terms,
    stored: &Lookups,
    claim: &mut dyn FnMut(&RowKey) -> bool,
    departments: &mut Tree,
    draft: Draft,
) -> Planned {
    let keys = draft.keys();
    let mut findings = draft.findings.clone();
    for (column, key) in &keys {
        if !claim(key) {
            findings.push(Finding::wrong(*column, key.kind.duplicate_code()));
        }
    }

    let met = meet(stored, &keys, &mut findings);
    let met_by = met.and_then(|member| {
        let (column, key) = keys.iter().find(|(_, key)| stored.holders.get(key) == Some(&Holder::Member(member.id)))?;
        Some(CellError::new(*column, key.kind.taken_code()).with("name", member_name(member)))
    });
    let supervisor = find_supervisor(stored, &draft, &mut findings);
    let mut row_keys: Vec<RowKey> = keys.into_iter().map(|(_, key)| key).collect();
    let (mut outcome, mut changes) = (Outcome::Unchanged, Changes::new());
    match met {
        None => {
            check_new(terms, stored, &draft, &mut findings);
            if let Some(implied) = draft.implied_account_name() {
                if findings.iter().all(|finding| finding.error.column != ColumnKey::MailPrefix) && !claim(&implied) {
                    findings.push(Finding::wrong(ColumnKey::AccountName, implied.kind.duplicate_code()));
                }
                row_keys.push(implied);
            }
            outcome = Outcome::Create;
            changes = draft.values.iter().map(|(column, value)| (*column, [None, Some(value.clone())])).collect();
        }
        Some(member) => match terms.options.on_existing {
            OnExisting::Skip => findings.retain(|finding| !finding.clash),
            OnExisting::Fail => findings.push(Finding::clash(leading_column(&draft), "member_exists").with("name", member_name(member))),
            OnExisting::Update => {
                changes = changes_of(terms, member, &draft, supervisor, &mut findings);
                check_existing(terms, member, &changes, &mut findings);
                outcome = match changes.is_empty() {
                    true => Outcome::Unchanged,
                    false if changes.contains_key(&ColumnKey::Department) => Outcome::Move,
                    false => Outcome::Update,
                };
            }
        },
    }
    let places_matter = outcome == Outcome::Create || outcome == Outcome::Move;
    if places_matter {
        check_departments(terms, departments, met, &draft, &mut findings);
    }
    // A column with an error is not changed by anything.
    if !findings.is_empty() {
        let wrong = findings.iter().any(|finding| !finding.clash);
        outcome = if wrong { Outcome::Error } else { Outcome::Conflict };
        changes.clear();
    }
    Planned {
        outcome,
        member_id: met.map(|member| member.id),
        met_by,
        supervisor,
        values: draft.values,
        address: draft.address,
        keys: row_keys,
        errors: findings.into_iter().map(|finding| finding.error).collect(),
        changes,
    }
}

/// The member the row is about. A value of somebody else's is a finding on its cell.
fn meet<'a>(stored: &'a Lookups, keys: &[(ColumnKey, RowKey)], findings: &mut Vec<Finding>) -> Option<&'a Stored> {
    let mut met: Option<&Stored> = None;
    for (column, key) in keys {
        let taken = |by: Option<&Stored>| {
            let finding = Finding::clash(*column, key.kind.taken_code());
            match by.and_then(|member| member.values.get(&ColumnKey::Name)) {
                Some(name) => finding.with("name", name),
                None => finding,
            }
        };
        match stored.holders.get(key) {
            None if key.kind == KeyKind::Member => findings.push(Finding::wrong(*column, "member_not_found")),
            None => {}
            Some(Holder::Other) => findings.push(taken(None)),
            Some(Holder::Member(id)) => {
                let Some(member) = stored.members.get(id) else { continue };
                match met {
                    Some(first) if first.id != *id => findings.push(taken(Some(member))),
                    Some(_) => {}
                    None if member.recycled => {
                        findings.push(Finding::clash(*column, "member_recycled").with("name", member_name(member)));
                        met = Some(member);
                    }
                    None => met = Some(member),
                }
            }
        }
    }
    met
}

fn find_supervisor(stored: &Lookups, draft: &Draft, findings: &mut Vec<Finding>) -> Option<MemberId> {
    let text = draft.value(ColumnKey::Supervisor)?;
    let found = draft.supervisor_keys().iter().find_map(|key| match stored.holders.get(key) {
        Some(Holder::Member(id)) if stored.members.get(id).is_some_and(|member| !member.recycled) => Some(*id),
        _ => None,
    });
    if found.is_none() {
        findings.push(Finding::wrong(ColumnKey::Supervisor, "supervisor_not_found").with("supervisor", text));
    }
    found
}

fn member_name(member: &Stored) -> String {
    member.values.get(&ColumnKey::Name).cloned().unwrap_or_default()
}

/// The cell by which a row would meet a member first.
fn leading_column(draft: &Draft) -> ColumnKey {
    draft.keys().first().map_or(ColumnKey::Name, |(column, _)| *column)
}

/// What a new member must have, and must not take from others.
fn check_new(terms: &Terms, stored: &Lookups, draft: &Draft, findings: &mut Vec<Finding>) {
    let mut require = |required: bool, column: ColumnKey, code: &'static str| {
        if required && draft.value(column).is_none() && !draft.is_wrong(column) {
            findings.push(Finding::wrong(column, code));
        }
    };
    // A member without any name cannot be told from others, whatever the setting says.
    let nameless = draft.address.is_none() && draft.value(ColumnKey::AccountName).is_none();
    require(terms.name_required || nameless, ColumnKey::Name, "name_missing");
    require(terms.mobile_required, ColumnKey::Mobile, "mobile_missing");
    require(terms.department_required && terms.options.department_id.is_none(), ColumnKey::Department, "department_missing");
    if let Some(implied) = draft.implied_account_name()
        && stored.holders.contains_key(&implied)
        && !findings.iter().any(|finding| finding.error.column == ColumnKey::MailPrefix)
    {
        findings.push(Finding::clash(ColumnKey::AccountName, KeyKind::AccountName.taken_code()));
    }
    check_service_class(terms, draft, findings);
}

fn check_service_class(terms: &Terms, draft: &Draft, findings: &mut Vec<Finding>) {
    if let Some(name) = draft.value(ColumnKey::ServiceClass)
        && !terms.service_classes.contains_key(&fold(name))
    {
        findings.push(Finding::wrong(ColumnKey::ServiceClass, "service_class_unknown").with("name", name));
    }
}

/// Columns whose values are compared as they are.
const PLAIN_COLUMNS: &[ColumnKey] = &[
    ColumnKey::Name,
    ColumnKey::Gender,
    ColumnKey::Mobile,
    ColumnKey::Position,
    ColumnKey::Rank,
    ColumnKey::EmployeeNumber,
    ColumnKey::JoinDate,
    ColumnKey::OfficePhone,
    ColumnKey::HomePhone,
    ColumnKey::OfficeLocation,
    ColumnKey::Nickname,
    ColumnKey::Birthday,
    ColumnKey::AlternateAddress,
    ColumnKey::VisibleInDirectory,
    ColumnKey::ExpiresOn,
    ColumnKey::Remarks,
];

/// What the row changes of a member that exists. Empty cells change nothing.
fn changes_of(terms: &Terms, member: &Stored, draft: &Draft, supervisor: Option<MemberId>, findings: &mut Vec<Finding>) -> Changes {
    let mut changes: Changes = BTreeMap::new();
    let mut compare = |column: ColumnKey, same: &dyn Fn(&str, &str) -> bool| {
        let Some(new) = draft.value(column) else { return };
        let old = member.values.get(&column);
        if !old.is_some_and(|old| same(old, new)) {
            changes.insert(column, [old.cloned(), Some(new.to_owned())]);
        }
    };
    for column in PLAIN_COLUMNS {
        compare(*column, &|old, new| old == new);
    }
    let same_when_folded = |old: &str, new: &str| fold(old) == fold(new);
    compare(ColumnKey::AccountName, &same_when_folded);
    compare(ColumnKey::ServiceClass, &same_when_folded);
    check_service_class(terms, draft, findings);
    if let Some(supervisor) = supervisor.map(|id| id.to_string()) {
        compare(ColumnKey::Supervisor, &|old, _| old == supervisor);
    }

    if let Some(address) = &draft.address {
        let address = address.to_string();
        if member.addresses.is_empty() {
            changes.insert(ColumnKey::MailPrefix, [None, Some(address)]);
        } else if !is_address_of(member, draft, &address) && !findings.iter().any(|finding| finding.error.column == ColumnKey::MailPrefix) {
            let present = member.addresses.first().cloned().unwrap_or_default();
            findings.push(Finding::clash(ColumnKey::MailPrefix, "address_differs").with("address", present));
        }
    }
    let paths = draft.paths();
    if !paths.is_empty() {
        let wanted: Vec<Place> = paths.iter().map(|path| terms.departments.find(path)).collect();
        let present = || member.departments.iter().map(|id| Place::Known(*id));
        // Which one is the main one matters; the order of the others does not.
        let same = wanted.len() == member.departments.len()
            && wanted.first() == present().next().as_ref()
            && wanted.iter().all(|place| present().any(|one| one == *place));
        if !same {
            let old: Vec<Vec<String>> = member.departments.iter().map(|id| terms.departments.path_of(*id)).collect();
            let old = join_departments(&old);
            changes.insert(ColumnKey::Department, [Some(old), draft.value(ColumnKey::Department).map(str::to_owned)]);
        }
    }
    changes
}

/// A prefix alone leaves the domain open: it fits any address of the member that begins with it.
fn is_address_of(member: &Stored, draft: &Draft, address: &str) -> bool {
    let prefix = draft.value(ColumnKey::MailPrefix).filter(|text| !text.contains('@'));
    member.addresses.iter().any(|one| one == address || one.rsplit_once('@').map(|(local, _)| local) == prefix)
}

/// Nobody ends their own access or an owner's by a line in a file, and only owners change owners.
fn check_existing(terms: &Terms, member: &Stored, changes: &Changes, findings: &mut Vec<Finding>) {
    let is_owner = terms.owners.contains(&member.id);
    if is_owner && !terms.acts_for_owners() {
        findings.extend(changes.keys().map(|column| Finding::clash(*column, "owner_protected")));
        return;
    }
    if (is_owner || terms.importer == Some(member.id))
        && let Some([_, Some(day)]) = changes.get(&ColumnKey::ExpiresOn)
        && day.parse::<Date>().is_ok_and(|day| day < terms.today)
    {
        findings.push(Finding::clash(ColumnKey::ExpiresOn, "own_account_protected"));
    }
}

/// That the departments exist or may be made, and have room.
fn check_departments(terms: &Terms, departments: &mut Tree, met: Option<&Stored>, draft: &Draft, findings: &mut Vec<Finding>) {
    if !terms.options.create_missing_departments {
        let missing = draft.paths().into_iter().find(|path| matches!(terms.departments.find(path), Place::Missing { .. }));
        if let Some(path) = missing {
            findings.push(Finding::wrong(ColumnKey::Department, "department_not_found").with("path", path.join("/")));
            return;
        }
    }
    // A row that is not applied takes no room.
    if !findings.is_empty() {
        return;
    }
    let before = met.map(|member| member.departments.as_slice()).unwrap_or_default();
    match departments.admit(before, &terms.places(draft)) {
        Ok(()) => {}
        Err(Full::Department { name, limit }) => {
            findings.push(Finding::clash(ColumnKey::Department, "department_full").with("department", name).with("limit", limit));
        }
        Err(Full::Organisation { limit }) => {
            findings.push(Finding::clash(ColumnKey::Name, "organisation_full").with("limit", limit));
        }
    }
}
