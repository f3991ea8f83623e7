use directory::addresses::AddressKind;
use kernel::{DomainName, LocalPart, MailAccountId, MemberId, OrgId, Timestamp};
use store::{IN_LIST_MAX, Row, StoreError, Tx, in_list, params};

use super::Mailbox;

/// A domain, and what one of its addresses is.
pub(super) struct Found {
    pub owner: OrgId,
    pub domain_is_usable: bool,
    pub address: Option<FoundAddress>,
}

pub(super) struct FoundAddress {
    pub org: OrgId,
    pub kind: AddressKind,
    pub holder: Option<Holder>,
}

pub(super) struct Holder {
    pub member: MemberId,
    pub is_recycled: bool,
    pub mailbox: Option<Mailbox>,
}

/// Domain, address, member, mailbox and quota in one statement: this is asked for every recipient of every message.
const FIND: &str = "SELECT d.org_id, d.verified_at, d.assumed, a.org_id, a.kind, m.id, m.recycled_at,
        h.id, h.used_bytes, c.mail_quota_bytes, m.extra_mail_quota_bytes
     FROM domain d
     LEFT JOIN address a ON a.domain_id = d.id AND a.local_part = $2
     LEFT JOIN member m ON m.org_id = a.org_id AND m.id = a.member_id
     LEFT JOIN mail_account h ON h.id = m.mail_account_id AND h.org_id = m.org_id
     LEFT JOIN service_class c ON c.org_id = m.org_id AND c.id = m.service_class_id
     WHERE d.name = $1";

pub(super) fn find(tx: &mut Tx, domain: &DomainName, local_part: Option<&LocalPart>) -> Result<Option<Found>, StoreError> {
    let local_part = local_part.map_or("", LocalPart::as_str);
    tx.query_opt(FIND, params![domain, local_part], |row| {
        let (verified_at, assumed): (Option<Timestamp>, bool) = (row.get(1)?, row.get(2)?);
        let kind: Option<AddressKind> = row.get(4)?;
        let address = match kind {
            Some(kind) => Some(FoundAddress { org: row.get(3)?, kind, holder: holder(row)? }),
            None => None,
        };
        Ok(Found { owner: row.get(0)?, domain_is_usable: assumed || verified_at.is_some(), address })
    })
}

fn holder(row: &Row<'_>) -> Result<Option<Holder>, StoreError> {
    let Some(member) = row.get::<Option<MemberId>>(5)? else { return Ok(None) };
    let recycled_at: Option<Timestamp> = row.get(6)?;
    Ok(Some(Holder { member, is_recycled: recycled_at.is_some(), mailbox: mailbox(row, 7)? }))
}

fn mailbox(row: &Row<'_>, first: usize) -> Result<Option<Mailbox>, StoreError> {
    let Some(account) = row.get(first)? else { return Ok(None) };
    Ok(Some(Mailbox { account, used_bytes: row.get(first + 1)?, class_base_bytes: row.get(first + 2)?, extra_bytes: row.get(first + 3)? }))
}

/// Owners who have a mailbox, oldest first.
pub(super) fn owners(tx: &mut Tx, org: OrgId, most: i64) -> Result<Vec<(MemberId, Mailbox)>, StoreError> {
    let found = tx.query_all(
        "SELECT m.id, h.id, h.used_bytes, c.mail_quota_bytes, m.extra_mail_quota_bytes
         FROM administrator a
         JOIN member m ON m.org_id = a.org_id AND m.id = a.member_id
         JOIN mail_account h ON h.id = m.mail_account_id AND h.org_id = m.org_id
         JOIN service_class c ON c.org_id = m.org_id AND c.id = m.service_class_id
         WHERE a.org_id = $1 AND a.role = 'owner' AND m.recycled_at IS NULL
         ORDER BY m.id LIMIT $2",
        params![org, most],
        |row| Ok((row.get(0)?, mailbox(row, 1)?)),
    )?;
    Ok(found.into_iter().filter_map(|(member, mailbox)| Some((member, mailbox?))).collect())
}

/// Those of the accounts that members of the organisation hold.
pub(super) fn mailboxes(tx: &mut Tx, org: OrgId, accounts: &[MailAccountId]) -> Result<Vec<Mailbox>, StoreError> {
    let mut found = Vec::with_capacity(accounts.len());
    for chunk in accounts.chunks(IN_LIST_MAX) {
        let mut params = params![org];
        params.extend(chunk);
        // The organisation is asked of the member only: of the account, SQLite would go through all that the organisation has.
        let sql = format!(
            "SELECT h.id, h.used_bytes, c.mail_quota_bytes, m.extra_mail_quota_bytes
             FROM mail_account h
             JOIN member m ON m.org_id = $1 AND m.id = h.member_id
             JOIN service_class c ON c.org_id = m.org_id AND c.id = m.service_class_id
             WHERE h.id IN {}",
            in_list(2, chunk.len())
        );
        tx.for_each(&sql, params, |row| {
            found.extend(mailbox(row, 0)?);
            Ok(())
        })?;
    }
    Ok(found)
}

pub(super) fn first_usable_domain(tx: &mut Tx) -> Result<Option<DomainName>, StoreError> {
    tx.query_opt("SELECT name FROM domain WHERE verified_at IS NOT NULL OR assumed ORDER BY org_id, id LIMIT 1", params![], |row| {
        row.get(0)
    })
}
