//! Finding members by what is known of them. Except for [`get`], these authorise nothing: they are for sign-in, imports and delivery.

use std::collections::HashMap;

use kernel::{Ctx, EmailAddress, MailAccountId, MemberId, OrgId, Timestamp};
use store::{IN_LIST_MAX, StoreError, Tx};

use super::{Member, MemberState, Place, repo};
use crate::access::{Denied, Permission, Target, authorize};
use crate::addresses::{self, Address, AddressKind};
use crate::clashes::ClashField;
use crate::organisations;

/// A member with everything an administrator sees of it; members may also look at themselves.
pub fn get(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<Member, Denied> {
    let (permission, target) = match ctx.actor.member_id() {
        Some(own) if own == id => (Permission::UseOwnAccount, Target::Own(id)),
        _ => (Permission::ViewMembers, Target::Member(id)),
    };
    authorize(ctx, tx, permission, target)?;
    find(tx, ctx.org, id, ctx.now)?.ok_or(Denied::NotFound)
}

pub fn find(tx: &mut Tx, org: OrgId, id: MemberId, now: Timestamp) -> Result<Option<Member>, StoreError> {
    Ok(find_many(tx, org, &[id], now)?.pop())
}

/// Those of the members that exist, in the order asked for.
pub fn find_many(tx: &mut Tx, org: OrgId, ids: &[MemberId], now: Timestamp) -> Result<Vec<Member>, StoreError> {
    let today = organisations::today(tx, org, now)?;
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IN_LIST_MAX) {
        let mut members: HashMap<MemberId, Member> =
            repo::members(tx, org, chunk, today)?.into_iter().map(|member| (member.id, member)).collect();
        for (id, place) in repo::places_of(tx, org, chunk)? {
            if let Some(member) = members.get_mut(&id) {
                member.departments.push(place);
            }
        }
        for address in addresses::list_of_members(tx, org, chunk)? {
            if let Some(member) = address.member_id.and_then(|id| members.get_mut(&id)) {
                give(member, address);
            }
        }
        found.extend(chunk.iter().filter_map(|id| members.remove(id)));
    }
    Ok(found)
}

fn give(member: &mut Member, address: Address) {
    match address.kind {
        AddressKind::Primary => member.address = Some(address.address),
        AddressKind::Alias => member.aliases.push(address.address),
        _ => {}
    }
}

/// What the member may do at present; `None` when there is no such member.
pub fn state_of(tx: &mut Tx, org: OrgId, id: MemberId, now: Timestamp) -> Result<Option<MemberState>, StoreError> {
    let today = organisations::today(tx, org, now)?;
    repo::state(tx, org, id, today)
}

/// The name of a member outside the recycle bin.
pub fn name_of_present(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<Option<String>, StoreError> {
    Ok(repo::head(tx, org, id)?.filter(|head| head.recycled_at.is_none()).map(|head| head.name))
}

/// The mail account the member holds.
pub fn mail_account_of(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<Option<MailAccountId>, StoreError> {
    repo::mail_account(tx, org, id)
}

/// The member with this account name, however it is written; the recycle bin is not looked through.
pub fn find_by_account_name(tx: &mut Tx, org: OrgId, account_name: &str) -> Result<Option<MemberId>, StoreError> {
    // No account name has such characters, and a NUL cannot even be asked for: no engine takes it.
    if account_name.len() > 1024 || account_name.contains(char::is_control) {
        return Ok(None);
    }
    repo::holder_of(tx, org, ClashField::AccountName, &kernel::fold(account_name))
}

/// Of these account names (folded) those that are taken, and by whom; the recycle bin is not looked through.
pub fn find_many_by_account_name(tx: &mut Tx, org: OrgId, names: &[&str]) -> Result<Vec<(String, MemberId)>, StoreError> {
    in_chunks(names, |chunk| repo::holders_of(tx, org, ClashField::AccountName, chunk))
}

/// As [`find_many_by_account_name`], for mobiles in E.164 form.
pub fn find_many_by_mobile(tx: &mut Tx, org: OrgId, mobiles: &[&str]) -> Result<Vec<(String, MemberId)>, StoreError> {
    in_chunks(mobiles, |chunk| repo::holders_of(tx, org, ClashField::Mobile, chunk))
}

/// As [`find_many_by_account_name`], for employee numbers in normalised form.
pub fn find_many_by_employee_number(tx: &mut Tx, org: OrgId, numbers: &[&str]) -> Result<Vec<(String, MemberId)>, StoreError> {
    in_chunks(numbers, |chunk| repo::holders_of(tx, org, ClashField::EmployeeNumber, chunk))
}

/// Of these addresses those that exist, held ones and other organisations' included, and what has them.
pub fn find_many_by_address(tx: &mut Tx, org: OrgId, wanted: &[EmailAddress]) -> Result<Vec<(EmailAddress, Option<MemberId>)>, StoreError> {
    let found = addresses::find_many(tx, wanted)?;
    let own = |address: &Address| address.member_id.filter(|_| address.org == org && address.kind != AddressKind::Held);
    Ok(found.into_iter().map(|address| (address.address.clone(), own(&address))).collect())
}

/// Of these ids those of members outside the recycle bin.
pub fn find_many_by_id(tx: &mut Tx, org: OrgId, ids: &[MemberId]) -> Result<Vec<MemberId>, StoreError> {
    in_chunks(ids, |chunk| repo::present(tx, org, chunk))
}

fn in_chunks<T, U>(all: &[T], mut find: impl FnMut(&[T]) -> Result<Vec<U>, StoreError>) -> Result<Vec<U>, StoreError> {
    let mut found = Vec::new();
    for chunk in all.chunks(IN_LIST_MAX) {
        found.extend(find(chunk)?);
    }
    Ok(found)
}

/// The departments of one member, the main one first.
pub(super) type MemberPlace = (MemberId, Place);
