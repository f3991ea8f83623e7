//! What is stored about the values of many rows, in a handful of queries.

use std::collections::{BTreeMap, HashMap};

use kernel::{Date, DepartmentId, DomainId, DomainName, EmailAddress, MemberId, OrgId, ServiceClassId};
use store::{IN_LIST_MAX, Row, StoreError, Tx, in_list, params};

use super::super::departments::Node;
use super::super::draft::{Holder, Lookups, Stored};
use super::super::values::{KeyKind, RowKey, Values};
use crate::sheets::ColumnKey;

/// Finds whom the keys belong to, and what is stored of these members.
pub fn load(tx: &mut Tx, org: OrgId, domains: &HashMap<DomainName, DomainId>, keys: &[RowKey]) -> Result<Lookups, StoreError> {
    let mut by_kind: BTreeMap<KeyKind, Vec<&str>> = BTreeMap::new();
    for key in keys {
        by_kind.entry(key.kind).or_default().push(&key.value);
    }
    let mut lookups = Lookups::default();
    for (kind, mut values) in by_kind {
        values.sort_unstable();
        values.dedup();
        match kind {
            KeyKind::Member => find_by_id(tx, org, &values, &mut lookups)?,
            KeyKind::Address => find_by_address(tx, org, domains, &values, &mut lookups)?,
            KeyKind::EmployeeNumber => find_by_column(tx, org, kind, "employee_number", &values, &mut lookups)?,
            KeyKind::AccountName => find_by_column(tx, org, kind, "account_name", &values, &mut lookups)?,
            KeyKind::Mobile => find_by_column(tx, org, kind, "mobile", &values, &mut lookups)?,
        }
    }
    let mut ids: Vec<MemberId> = lookups
        .holders
        .values()
        .filter_map(|holder| match holder {
            Holder::Member(id) => Some(*id),
            Holder::Other => None,
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for chunk in ids.chunks(IN_LIST_MAX) {
        load_members(tx, org, chunk, &mut lookups.members)?;
    }
    Ok(lookups)
}

/// What is stored of these members.
pub fn members(tx: &mut Tx, org: OrgId, ids: &[MemberId]) -> Result<HashMap<MemberId, Stored>, StoreError> {
    let mut members = HashMap::new();
    for chunk in ids.chunks(IN_LIST_MAX) {
        load_members(tx, org, chunk, &mut members)?;
    }
    Ok(members)
}

fn find_by_id(tx: &mut Tx, org: OrgId, values: &[&str], lookups: &mut Lookups) -> Result<(), StoreError> {
    let ids: Vec<MemberId> = values.iter().filter_map(|value| value.parse().ok()).collect();
    for chunk in ids.chunks(IN_LIST_MAX) {
        let sql = format!("SELECT id FROM member WHERE org_id = $1 AND id IN {}", in_list(2, chunk.len()));
        let mut params = params![org];
        params.extend(chunk.iter().copied());
        for id in tx.query_all(&sql, params, |row| row.get::<MemberId>(0))? {
            lookups.holders.insert(RowKey { kind: KeyKind::Member, value: id.to_string() }, Holder::Member(id));
        }
    }
    Ok(())
}

fn find_by_column(
    tx: &mut Tx,
    org: OrgId,
    kind: KeyKind,
    column: &'static str,
    values: &[&str],
    lookups: &mut Lookups,
) -> Result<(), StoreError> {
    for chunk in values.chunks(IN_LIST_MAX) {
        let sql = format!(
            "SELECT {column}, id FROM member WHERE org_id = $1 AND recycled_at IS NULL AND {column} IN {}",
            in_list(2, chunk.len())
        );
        let mut params = params![org];
        params.extend(chunk.iter().copied());
        tx.for_each(&sql, params, |row| {
            lookups.holders.insert(RowKey { kind, value: row.get(0)? }, Holder::Member(row.get(1)?));
            Ok(())
        })?;
    }
    Ok(())
}

fn find_by_address(
    tx: &mut Tx,
    org: OrgId,
    domains: &HashMap<DomainName, DomainId>,
    values: &[&str],
    lookups: &mut Lookups,
) -> Result<(), StoreError> {
    let mut by_domain: HashMap<DomainId, (DomainName, Vec<String>)> = HashMap::new();
    for address in values.iter().filter_map(|value| value.parse::<EmailAddress>().ok()) {
        let Some(id) = domains.get(&address.domain) else { continue };
        let (_, local_parts) = by_domain.entry(*id).or_insert_with(|| (address.domain.clone(), Vec::new()));
        local_parts.push(address.local_part.as_str().to_owned());
    }
    for (domain_id, (domain, local_parts)) in by_domain {
        for chunk in local_parts.chunks(IN_LIST_MAX) {
            let sql = format!(
                "SELECT local_part, org_id, member_id, kind = 'held' FROM address WHERE domain_id = $1 AND local_part IN {}",
                in_list(2, chunk.len())
            );
            let mut params = params![domain_id];
            params.extend(chunk.iter().map(String::as_str));
            tx.for_each(&sql, params, |row| {
                // A domain may serve several organisations: of the others' addresses only that they are taken is to be known. And what is
                // held for a member in the recycle bin leads to nobody.
                let holder = match row.get::<Option<MemberId>>(2)? {
                    Some(id) if row.get::<OrgId>(1)? == org && !row.get::<bool>(3)? => Holder::Member(id),
                    _ => Holder::Other,
                };
                let value = format!("{}@{domain}", row.get::<String>(0)?);
                lookups.holders.insert(RowKey { kind: KeyKind::Address, value }, holder);
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn load_members(tx: &mut Tx, org: OrgId, ids: &[MemberId], members: &mut HashMap<MemberId, Stored>) -> Result<(), StoreError> {
    let with_ids = || {
        let mut params = params![org];
        params.extend(ids.iter().copied());
        params
    };
    let list = in_list(2, ids.len());
    let sql = format!(
        "SELECT m.id, m.recycled_at IS NOT NULL, m.visible_in_directory, m.account_name, m.name, m.gender, m.mobile, m.employee_number, \
         m.join_date, m.office_phone, m.home_phone, m.office_location, m.nickname, m.birthday, m.alternate_address, m.expires_on, \
         m.remarks, c.name, m.supervisor_id FROM member m LEFT JOIN service_class c ON c.org_id = m.org_id AND c.id = m.service_class_id \
         WHERE m.org_id = $1 AND m.id IN {list}"
    );
    tx.for_each(&sql, with_ids(), |row| {
        let stored = read_member(row)?;
        members.insert(stored.id, stored);
        Ok(())
    })?;
    let sql = format!(
        "SELECT member_id, department_id, is_main, position, rank FROM department_member WHERE org_id = $1 AND member_id IN {list} \
         ORDER BY member_id, is_main DESC, sort_order, department_id"
    );
    tx.for_each(&sql, with_ids(), |row| {
        let Some(member) = members.get_mut(&row.get(0)?) else { return Ok(()) };
        member.departments.push(row.get(1)?);
        if row.get::<bool>(2)? {
            set(&mut member.values, ColumnKey::Position, row.get(3)?);
            set(&mut member.values, ColumnKey::Rank, row.get(4)?);
        }
        Ok(())
    })?;
    let sql = format!(
        "SELECT a.member_id, a.local_part, d.name FROM address a JOIN domain d ON d.id = a.domain_id \
         WHERE a.org_id = $1 AND a.member_id IN {list} AND a.kind IN ('primary', 'alias') ORDER BY a.kind DESC, a.local_part"
    );
    tx.for_each(&sql, with_ids(), |row| {
        if let Some(member) = members.get_mut(&row.get(0)?) {
            member.addresses.push(format!("{}@{}", row.get::<String>(1)?, row.get::<String>(2)?));
        }
        Ok(())
    })
}

fn read_member(row: &Row) -> Result<Stored, StoreError> {
    const TEXTS: [ColumnKey; 11] = [
        ColumnKey::AccountName,
        ColumnKey::Name,
        ColumnKey::Gender,
        ColumnKey::Mobile,
        ColumnKey::EmployeeNumber,
        ColumnKey::JoinDate,
        ColumnKey::OfficePhone,
        ColumnKey::HomePhone,
        ColumnKey::OfficeLocation,
        ColumnKey::Nickname,
        ColumnKey::Birthday,
    ];
    const MORE_TEXTS: [ColumnKey; 4] = [ColumnKey::AlternateAddress, ColumnKey::ExpiresOn, ColumnKey::Remarks, ColumnKey::ServiceClass];
    let mut values = Values::new();
    for (index, column) in TEXTS.into_iter().chain(MORE_TEXTS).enumerate() {
        let text = match column {
            ColumnKey::JoinDate | ColumnKey::Birthday | ColumnKey::ExpiresOn => {
                row.get::<Option<Date>>(3 + index)?.map(|date| date.to_string())
            }
            _ => row.get(3 + index)?,
        };
        set(&mut values, column, text);
    }
    values.insert(ColumnKey::VisibleInDirectory, row.get::<bool>(2)?.to_string());
    set(&mut values, ColumnKey::Supervisor, row.get::<Option<MemberId>>(18)?.map(|id| id.to_string()));
    Ok(Stored { id: row.get(0)?, values, departments: Vec::new(), addresses: Vec::new(), recycled: row.get(1)? })
}

fn set(values: &mut Values, column: ColumnKey, text: Option<String>) {
    if let Some(text) = text {
        values.insert(column, text);
    }
}

pub fn owners(tx: &mut Tx, org: OrgId) -> Result<Vec<MemberId>, StoreError> {
    tx.query_all("SELECT member_id FROM administrator WHERE org_id = $1 AND role = 'owner'", params![org], |row| row.get(0))
}

/// Service classes by folded name.
pub fn service_classes(tx: &mut Tx, org: OrgId) -> Result<Vec<(String, ServiceClassId)>, StoreError> {
    tx.query_all("SELECT name_key, id FROM service_class WHERE org_id = $1", params![org], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The departments of an organisation without their limits.
pub fn unlimited_departments(tx: &mut Tx, org: OrgId) -> Result<Vec<Node>, StoreError> {
    let mut nodes = read_departments(tx, org)?;
    nodes.iter_mut().for_each(|node| node.member_limit = None);
    Ok(nodes)
}

/// The departments of an organisation, with distinct members counted where a limit makes the number matter.
pub fn departments(tx: &mut Tx, org: OrgId) -> Result<Vec<Node>, StoreError> {
    let mut nodes = read_departments(tx, org)?;
    for node in nodes.iter_mut().filter(|node| node.member_limit.is_some()) {
        node.members = members_below(tx, org, node.id)?;
    }
    Ok(nodes)
}

fn read_departments(tx: &mut Tx, org: OrgId) -> Result<Vec<Node>, StoreError> {
    tx.query_all("SELECT id, parent_id, name, identifier, member_limit FROM department WHERE org_id = $1", params![org], |row| {
        let parent: DepartmentId = row.get(1)?;
        Ok(Node {
            id: row.get(0)?,
            parent: (parent.raw() != 0).then_some(parent),
            name: row.get(2)?,
            identifier: row.get(3)?,
            member_limit: row.get(4)?,
            members: 0,
        })
    })
}

fn members_below(tx: &mut Tx, org: OrgId, department: DepartmentId) -> Result<i64, StoreError> {
    tx.query_one(
        "WITH RECURSIVE below (id) AS (SELECT id FROM department WHERE org_id = $1 AND id = $2 \
         UNION ALL SELECT d.id FROM department d JOIN below b ON d.parent_id = b.id WHERE d.org_id = $1) \
         SELECT COUNT(DISTINCT dm.member_id) FROM department_member dm JOIN below b ON b.id = dm.department_id \
         JOIN member m ON m.org_id = dm.org_id AND m.id = dm.member_id WHERE dm.org_id = $1 AND m.recycled_at IS NULL",
        params![org, department],
        |row| row.get(0),
    )
}
