use kernel::{DomainId, DomainName, EmailAddress, LocalPart, MemberId, OrgId, Timestamp};
use store::{Params, Row, StoreError, Tx, in_list, params};

use super::{Address, AddressKind};

const ROWS_PER_INSERT: usize = 100;

const SELECT: &str = "SELECT a.local_part, d.name, a.domain_id, a.org_id, a.kind, a.member_id, a.held_at, a.created_at
     FROM address a JOIN domain d ON d.id = a.domain_id";

fn read(row: &Row) -> Result<Address, StoreError> {
    let (local_part, domain): (LocalPart, DomainName) = (row.get(0)?, row.get(1)?);
    Ok(Address {
        address: EmailAddress { local_part, domain },
        domain_id: row.get(2)?,
        org: row.get(3)?,
        kind: row.get(4)?,
        member_id: row.get(5)?,
        held_at: row.get(6)?,
        created_at: row.get(7)?,
    })
}

/// `false` when the address is taken.
pub(super) fn insert(
    tx: &mut Tx,
    org: OrgId,
    domain: DomainId,
    address: &EmailAddress,
    kind: AddressKind,
    member: MemberId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO address (domain_id, local_part, org_id, kind, member_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (domain_id, local_part) DO NOTHING",
        params![domain, address.local_part, org, kind, member, now],
    )?;
    Ok(inserted.is_one())
}

/// Answers how many were free.
pub(super) fn insert_many(
    tx: &mut Tx,
    org: OrgId,
    kind: AddressKind,
    claims: &[(DomainId, &EmailAddress, MemberId)],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut written = 0;
    for chunk in claims.chunks(ROWS_PER_INSERT) {
        let mut statement = String::from("INSERT INTO address (org_id, kind, created_at, domain_id, local_part, member_id) VALUES ");
        let mut params = params![org, kind, now];
        for (index, (domain, address, member)) in chunk.iter().enumerate() {
            let domain = params.push(*domain);
            let (local_part, member) = (params.push(&address.local_part), params.push(*member));
            let comma = if index == 0 { "" } else { "," };
            statement.push_str(&format!("{comma}($1,$2,$3,${domain},${local_part},${member})"));
        }
        statement.push_str(" ON CONFLICT (domain_id, local_part) DO NOTHING");
        written += tx.execute(&statement, params)?.count();
    }
    Ok(written)
}

pub(super) fn delete(tx: &mut Tx, domain: DomainId, address: &EmailAddress) -> Result<(), StoreError> {
    tx.execute("DELETE FROM address WHERE domain_id = $1 AND local_part = $2", params![domain, address.local_part])?.expect_one()
}

pub(super) fn set_kind(tx: &mut Tx, domain: DomainId, address: &EmailAddress, kind: AddressKind) -> Result<(), StoreError> {
    tx.execute("UPDATE address SET kind = $3 WHERE domain_id = $1 AND local_part = $2", params![domain, address.local_part, kind])?
        .expect_one()
}

pub(super) fn find_in(tx: &mut Tx, domain: DomainId, address: &EmailAddress) -> Result<Option<Address>, StoreError> {
    tx.query_opt(&format!("{SELECT} WHERE a.domain_id = $1 AND a.local_part = $2"), params![domain, address.local_part], read)
}

pub(super) fn find(tx: &mut Tx, address: &EmailAddress) -> Result<Option<Address>, StoreError> {
    tx.query_opt(&format!("{SELECT} WHERE d.name = $1 AND a.local_part = $2"), params![address.domain, address.local_part], read)
}

pub(super) fn find_many(tx: &mut Tx, addresses: &[EmailAddress]) -> Result<Vec<Address>, StoreError> {
    let mut domains: Vec<&DomainName> = addresses.iter().map(|address| &address.domain).collect();
    domains.sort();
    domains.dedup();
    let mut params = Params::default();
    params.extend(domains.iter().copied());
    params.extend(addresses.iter().map(|address| &address.local_part));
    let sql = format!(
        "{SELECT} WHERE d.name IN {} AND a.local_part IN {}",
        in_list(1, domains.len()),
        in_list(domains.len() + 1, addresses.len())
    );
    let wanted: std::collections::HashSet<&EmailAddress> = addresses.iter().collect();
    let found = tx.query_all(&sql, params, read)?;
    // Two lists also find names that were asked for in another domain.
    Ok(found.into_iter().filter(|found| wanted.contains(&found.address)).collect())
}

pub(super) fn list_of_member(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Vec<Address>, StoreError> {
    list_of_members(tx, org, &[member])
}

pub(super) fn list_of_members(tx: &mut Tx, org: OrgId, members: &[MemberId]) -> Result<Vec<Address>, StoreError> {
    let mut params = params![org];
    params.extend(members);
    let sql = format!("{SELECT} WHERE a.org_id = $1 AND a.member_id IN {}", in_list(2, members.len()));
    let mut found = tx.query_all(&sql, params, read)?;
    found.sort_by(|a, b| {
        let rank = |address: &Address| (address.member_id, address.kind != AddressKind::Primary);
        rank(a).cmp(&rank(b)).then_with(|| a.address.cmp(&b.address))
    });
    Ok(found)
}

/// Holds every address of a member who goes to the recycle bin.
pub(crate) fn hold_all(tx: &mut Tx, org: OrgId, member: MemberId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE address SET held_kind = kind, kind = 'held', held_at = $3 WHERE org_id = $1 AND member_id = $2 AND kind <> 'held'",
        params![org, member, now],
    )?
    .any();
    Ok(())
}

/// Frees every address of a member that is unmade.
pub(crate) fn forget_all(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM address WHERE org_id = $1 AND member_id = $2", params![org, member])?.any();
    Ok(())
}

/// Gives a member back what was held for it.
pub(crate) fn take_back(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE address SET kind = held_kind, held_kind = NULL, held_at = NULL WHERE org_id = $1 AND member_id = $2 AND kind = 'held'",
        params![org, member],
    )?
    .any();
    Ok(())
}

/// The member is gone for good; its addresses stay held for nobody.
pub(crate) fn release_held(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<(), StoreError> {
    tx.execute("UPDATE address SET member_id = NULL WHERE org_id = $1 AND member_id = $2", params![org, member])?.any();
    Ok(())
}
