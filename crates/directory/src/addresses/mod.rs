//! 邮件地址: every address of every kind is one row, so that no two things ever share one.

mod repo;

use kernel::{Ctx, DomainId, EmailAddress, MemberId, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{StoreError, Tx};

use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::clashes::{Clash, ClashField};
use crate::domains::Domain;
use crate::{domains, members, topics};

pub(crate) use repo::{forget_all, hold_all, release_held, take_back};

crate::words::words! {
    /// What an address is for.
    AddressKind {
        /// A member's own; each member has at most one.
        Primary = "primary",
        /// 别名
        Alias = "alias",
        Group = "group",
        Department = "department",
        Shared = "shared",
        /// Of a member in the recycle bin, or gone; never given out again.
        Held = "held",
    }
}

/// An address as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub address: EmailAddress,
    pub domain_id: DomainId,
    pub org: OrgId,
    pub kind: AddressKind,
    pub member_id: Option<MemberId>,
    pub held_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// How many aliases a member may have.
pub const MAX_ALIASES: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    #[error("the organisation may not make addresses in {domain}")]
    DomainNotUsable { domain: String },
    #[error(transparent)]
    Taken(#[from] Clash),
    #[error("member {0} does not exist")]
    MemberNotFound(MemberId),
    #[error("a member has at most {limit} addresses besides the primary one")]
    TooMany { limit: usize },
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not claim the address")]
    Store(#[from] StoreError),
}
kernel::faults! { ClaimError:
    ClaimError::DomainNotUsable { domain } => Invalid "domain_not_usable_by_organisation" { domain },
    ClaimError::MemberNotFound(_) => NotFound "member_not_found",
    ClaimError::TooMany { limit } => LimitReached "too_many_aliases" { limit },
    ClaimError::Taken(inner) => inner,
    ClaimError::Denied(inner) => inner,
    ClaimError::Store(inner) => inner,
}

#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error("the member has no such address")]
    NotFound,
    #[error("the primary address is replaced, not released")]
    IsPrimary,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not release the address")]
    Store(#[from] StoreError),
}
kernel::faults! { ReleaseError:
    ReleaseError::NotFound => NotFound "address_not_found",
    ReleaseError::IsPrimary => Conflict "address_is_primary",
    ReleaseError::Denied(inner) => inner,
    ReleaseError::Store(inner) => inner,
}

/// Gives a member one more address, under which it also receives.
pub fn add_alias(ctx: &Ctx, tx: &mut Tx, member: MemberId, address: &EmailAddress) -> Result<(), ClaimError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(member))?;
    let name = members::name_of_present(tx, ctx.org, member)?.ok_or(ClaimError::MemberNotFound(member))?;
    let aliases = repo::list_of_member(tx, ctx.org, member)?.into_iter().filter(|own| own.kind == AddressKind::Alias).count();
    if aliases >= MAX_ALIASES {
        return Err(ClaimError::TooMany { limit: MAX_ALIASES });
    }
    claim(ctx, tx, address, AddressKind::Alias, member)?;
    members::refresh_search(tx, ctx.org, member)?;
    let event = AuditEvent::new("member.alias_added", AuditTarget::member(member, name));
    audit::record(ctx, tx, event.with_after(json!({ "alias": address })))?;
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(())
}

/// Takes an alias from a member. The address is free for others at once.
pub fn remove_alias(ctx: &Ctx, tx: &mut Tx, member: MemberId, address: &EmailAddress) -> Result<(), ReleaseError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(member))?;
    let name = members::name_of_present(tx, ctx.org, member)?.ok_or(ReleaseError::NotFound)?;
    let own = repo::list_of_member(tx, ctx.org, member)?.into_iter().find(|own| own.address == *address).ok_or(ReleaseError::NotFound)?;
    match own.kind {
        AddressKind::Alias => {}
        AddressKind::Primary => return Err(ReleaseError::IsPrimary),
        _ => return Err(ReleaseError::NotFound),
    }
    repo::delete(tx, own.domain_id, &own.address)?;
    members::refresh_search(tx, ctx.org, member)?;
    let event = AuditEvent::new("member.alias_removed", AuditTarget::member(member, name));
    audit::record(ctx, tx, event.with_before(json!({ "alias": address })))?;
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(())
}

/// Makes an address the member's primary one: an alias of its own, or a new one. The former primary address stays as an alias, so that
/// no mail is lost.
pub fn set_primary(ctx: &Ctx, tx: &mut Tx, member: MemberId, address: &EmailAddress) -> Result<(), ClaimError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(member))?;
    let name = members::name_of_present(tx, ctx.org, member)?.ok_or(ClaimError::MemberNotFound(member))?;
    let own = repo::list_of_member(tx, ctx.org, member)?;
    let former = own.iter().find(|own| own.kind == AddressKind::Primary);
    if former.is_some_and(|former| former.address == *address) {
        return Ok(());
    }
    match own.iter().find(|own| own.address == *address) {
        Some(alias) => repo::set_kind(tx, alias.domain_id, &alias.address, AddressKind::Primary)?,
        None => claim(ctx, tx, address, AddressKind::Primary, member)?,
    }
    if let Some(former) = former {
        repo::set_kind(tx, former.domain_id, &former.address, AddressKind::Alias)?;
    }
    members::refresh_search(tx, ctx.org, member)?;
    let event = AuditEvent::new("member.address_changed", AuditTarget::member(member, name));
    let event = event.with_before(json!({ "address": former.map(|former| &former.address) })).with_after(json!({ "address": address }));
    audit::record(ctx, tx, event)?;
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(())
}

/// Writes the row of an address of a member, and nothing else: the caller authorises, records and refreshes the search.
pub(crate) fn claim(ctx: &Ctx, tx: &mut Tx, address: &EmailAddress, kind: AddressKind, member: MemberId) -> Result<(), ClaimError> {
    let domains = domains::list_unchecked(tx, ctx.org)?;
    let domain = usable_domain(ctx, &domains, address)?;
    claim_in(ctx, tx, domain, address, kind, member)
}

/// As [`claim`], with a domain that [`usable_domain`] has found.
pub(crate) fn claim_in(
    ctx: &Ctx,
    tx: &mut Tx,
    domain: DomainId,
    address: &EmailAddress,
    kind: AddressKind,
    member: MemberId,
) -> Result<(), ClaimError> {
    if repo::insert(tx, ctx.org, domain, address, kind, member, ctx.now)? {
        return Ok(());
    }
    Err(clash(ctx, tx, domain, address)?.into())
}

/// Primary addresses of as many members. `false` when one was taken: then some may be written, and the transaction must be rolled back.
pub(crate) fn claim_many(ctx: &Ctx, tx: &mut Tx, claims: &[(DomainId, &EmailAddress, MemberId)]) -> Result<bool, StoreError> {
    Ok(repo::insert_many(tx, ctx.org, AddressKind::Primary, claims, ctx.now)? == claims.len() as u64)
}

/// Who or what has this address.
pub(crate) fn clash(ctx: &Ctx, tx: &mut Tx, domain: DomainId, address: &EmailAddress) -> Result<Clash, StoreError> {
    let taken = repo::find_in(tx, domain, address)?;
    let holder = taken.as_ref().filter(|taken| taken.org == ctx.org).and_then(|taken| taken.member_id);
    let clash = Clash::new(ctx, tx, ClashField::Address, address, holder)?;
    Ok(Clash { held: taken.is_some_and(|taken| taken.kind == AddressKind::Held), ..clash })
}

/// The domain of an address, if the organisation may make addresses in it.
pub(crate) fn usable_domain(ctx: &Ctx, domains: &[Domain], address: &EmailAddress) -> Result<DomainId, ClaimError> {
    let domain = domains.iter().find(|domain| domain.name == address.domain && domain.takes_addresses_of(ctx.org));
    domain.map(|domain| domain.id).ok_or_else(|| ClaimError::DomainNotUsable { domain: address.domain.to_string() })
}

/// A member's addresses: the primary one first, then by address. Those of a member in the recycle bin are held.
pub fn list_of_member(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Vec<Address>, StoreError> {
    repo::list_of_member(tx, org, member)
}

/// The addresses of many members; at most [`store::IN_LIST_MAX`] of them.
pub(crate) fn list_of_members(tx: &mut Tx, org: OrgId, members: &[MemberId]) -> Result<Vec<Address>, StoreError> {
    repo::list_of_members(tx, org, members)
}

/// Whatever has this address, in whichever organisation; for delivery and sign-in.
pub fn find(tx: &mut Tx, address: &EmailAddress) -> Result<Option<Address>, StoreError> {
    repo::find(tx, address)
}

/// Those of the addresses that exist, in whichever organisation; for imports. Authorises nothing.
pub fn find_many(tx: &mut Tx, addresses: &[EmailAddress]) -> Result<Vec<Address>, StoreError> {
    let mut found = Vec::new();
    for chunk in addresses.chunks(store::IN_LIST_MAX / 2) {
        found.extend(repo::find_many(tx, chunk)?);
    }
    Ok(found)
}
