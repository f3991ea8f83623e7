//! 域名: the part of an address after the `@`. Verified through DNS, owned by one organisation, and lent to others by grant.

mod dns;
mod repo;

use kernel::{Actor, Ctx, DomainId, DomainName, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{StoreError, Tx};

use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::topics;

pub use dns::{DnsRecord, dns_records, verification_record_name, verification_value};

/// A domain as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    pub id: DomainId,
    /// The organisation that owns it; another than the one asked for when it is granted.
    pub owner: OrgId,
    pub name: DomainName,
    /// Completes mail prefixes when no other domain is named.
    pub is_default: bool,
    /// What the TXT record must hold; see [`verification_value`].
    pub verification_token: String,
    pub verified_at: Option<Timestamp>,
    /// Made usable without DNS by an operator.
    pub assumed: bool,
    pub last_checked_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl Domain {
    /// Whether mail flows through it.
    pub fn is_usable(&self) -> bool {
        self.assumed || self.verified_at.is_some()
    }

    /// Whether an organisation may make addresses in it. In a domain of its own it may do so while DNS is still being set up: people are
    /// imported first, and mail flows once the domain is verified.
    pub fn takes_addresses_of(&self, org: OrgId) -> bool {
        self.owner == org || self.is_usable()
    }
}

/// How many domains one organisation may have.
pub const MAX_DOMAINS: i64 = 1000;

#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error("the domain {domain} is in use already")]
    Taken { domain: DomainName },
    #[error("an organisation has at most {limit} domains")]
    TooMany { limit: i64 },
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not add the domain")]
    Store(#[from] StoreError),
}
kernel::faults! { AddError:
    AddError::Taken { domain } => Conflict "domain_taken" { domain },
    AddError::TooMany { limit } => LimitReached "too_many_domains" { limit },
    AddError::Denied(inner) => inner,
    AddError::Store(inner) => inner,
}

#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("domain {0} does not exist")]
    NotFound(DomainId),
    #[error("the domain is neither verified nor assumed")]
    NotUsable,
    #[error("organisation {0} does not exist")]
    OrganisationNotFound(OrgId),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not change the domain")]
    Store(#[from] StoreError),
}
kernel::faults! { ChangeError:
    ChangeError::NotFound(_) => NotFound "domain_not_found",
    ChangeError::NotUsable => Conflict "domain_not_usable",
    ChangeError::OrganisationNotFound(_) => NotFound "organisation_not_found",
    ChangeError::Denied(inner) => inner,
    ChangeError::Store(inner) => inner,
}

#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    #[error("domain {0} does not exist")]
    NotFound(DomainId),
    #[error("{count} addresses are in this domain")]
    InUse { count: i64 },
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not remove the domain")]
    Store(#[from] StoreError),
}
kernel::faults! { RemoveError:
    RemoveError::NotFound(_) => NotFound "domain_not_found",
    RemoveError::InUse { count } => Conflict "domain_in_use" { count },
    RemoveError::Denied(inner) => inner,
    RemoveError::Store(inner) => inner,
}

/// Adds a domain, to be verified through DNS. The first one becomes the default.
pub fn add(ctx: &Ctx, tx: &mut Tx, name: &DomainName) -> Result<DomainId, AddError> {
    insert(ctx, tx, name, false)
}

/// Adds a domain that is usable without DNS, for tests and closed networks. Only operators and the system may.
pub fn add_assumed(ctx: &Ctx, tx: &mut Tx, name: &DomainName) -> Result<DomainId, AddError> {
    from_outside(ctx)?;
    insert(ctx, tx, name, true)
}

fn insert(ctx: &Ctx, tx: &mut Tx, name: &DomainName, assumed: bool) -> Result<DomainId, AddError> {
    authorize(ctx, tx, Permission::ManageDomains, Target::Organisation)?;
    let count = repo::count(tx, ctx.org)?;
    if count >= MAX_DOMAINS {
        return Err(AddError::TooMany { limit: MAX_DOMAINS });
    }
    let token: [u8; 16] = ctx.rng.bytes();
    let domain = Domain {
        id: ctx.new_id(),
        owner: ctx.org,
        name: name.clone(),
        is_default: count == 0,
        verification_token: token.iter().map(|byte| format!("{byte:02x}")).collect(),
        verified_at: None,
        assumed,
        last_checked_at: None,
        created_at: ctx.now,
    };
    if !repo::insert(tx, &domain)? {
        return Err(AddError::Taken { domain: name.clone() });
    }
    let event = AuditEvent::new("domain.added", AuditTarget::domain(domain.id, name.as_str()));
    audit::record(ctx, tx, event.with_after(json!({ "name": name, "assumed": assumed })))?;
    crate::changed(ctx, tx, topics::DOMAINS);
    Ok(domain.id)
}

/// Makes a domain usable without DNS. Only operators and the system may.
pub fn assume(ctx: &Ctx, tx: &mut Tx, id: DomainId) -> Result<(), ChangeError> {
    from_outside(ctx)?;
    let domain = own(ctx, tx, id)?;
    if domain.assumed {
        return Ok(());
    }
    repo::set_assumed(tx, ctx.org, id)?;
    audit::record(ctx, tx, AuditEvent::new("domain.assumed", AuditTarget::domain(id, domain.name.as_str())))?;
    crate::changed(ctx, tx, topics::DOMAINS);
    Ok(())
}

/// Keeps what a look into DNS has found: the TXT values at [`verification_record_name`] and at the domain itself.
///
/// A domain that was verified stays so when the record is gone: mail must not stop because somebody tidied up a zone.
pub fn check_result(ctx: &Ctx, tx: &mut Tx, id: DomainId, txt_values: &[String]) -> Result<Domain, ChangeError> {
    authorize(ctx, tx, Permission::ManageDomains, Target::Organisation)?;
    let mut domain = own(ctx, tx, id)?;
    let expected = verification_value(&domain);
    let found = txt_values.iter().any(|value| value.trim() == expected);
    let newly = found && domain.verified_at.is_none();
    domain.last_checked_at = Some(ctx.now);
    if newly {
        domain.verified_at = Some(ctx.now);
    }
    repo::set_checked(tx, ctx.org, id, domain.verified_at, ctx.now)?;
    if newly {
        let event = AuditEvent::new("domain.verified", AuditTarget::domain(id, domain.name.as_str()));
        audit::record(ctx, tx, event.with_after(json!({ "verified_at": ctx.now })))?;
    }
    crate::changed(ctx, tx, topics::DOMAINS);
    Ok(domain)
}

/// Makes this the domain that completes mail prefixes.
pub fn set_default(ctx: &Ctx, tx: &mut Tx, id: DomainId) -> Result<(), ChangeError> {
    authorize(ctx, tx, Permission::ManageDomains, Target::Organisation)?;
    let domain = own(ctx, tx, id)?;
    if domain.is_default {
        return Ok(());
    }
    if !domain.is_usable() {
        return Err(ChangeError::NotUsable);
    }
    let before = repo::default_of(tx, ctx.org)?.map(|old| old.name);
    repo::set_default(tx, ctx.org, id)?;
    let event = AuditEvent::new("domain.made_default", AuditTarget::domain(id, domain.name.as_str()));
    audit::record(ctx, tx, event.with_before(json!({ "default": before })).with_after(json!({ "default": domain.name })))?;
    crate::changed(ctx, tx, topics::DOMAINS);
    Ok(())
}

/// Removes a domain in which no address is left, held ones included. Its grants go with it.
pub fn remove(ctx: &Ctx, tx: &mut Tx, id: DomainId) -> Result<(), RemoveError> {
    authorize(ctx, tx, Permission::ManageDomains, Target::Organisation)?;
    let domain = repo::find_own(tx, ctx.org, id)?.ok_or(RemoveError::NotFound(id))?;
    let count = repo::address_count(tx, id)?;
    if count > 0 {
        return Err(RemoveError::InUse { count });
    }
    repo::delete(tx, ctx.org, id)?;
    if domain.is_default
        && let Some(next) = repo::oldest(tx, ctx.org)?
    {
        repo::set_default(tx, ctx.org, next)?;
    }
    let event = AuditEvent::new("domain.removed", AuditTarget::domain(id, domain.name.as_str()));
    audit::record(ctx, tx, event.with_before(json!({ "name": domain.name })))?;
    crate::changed(ctx, tx, topics::DOMAINS);
    Ok(())
}

/// Lets another organisation of this installation make addresses in a domain of this one. Only operators and the system may, because
/// organisations know nothing of each other.
pub fn grant(ctx: &Ctx, tx: &mut Tx, id: DomainId, to: OrgId) -> Result<(), ChangeError> {
    from_outside(ctx)?;
    let domain = own(ctx, tx, id)?;
    let name = repo::organisation_name(tx, to)?.ok_or(ChangeError::OrganisationNotFound(to))?;
    if to == ctx.org || !repo::insert_grant(tx, to, id, ctx.now)? {
        return Ok(());
    }
    let event = AuditEvent::new("domain.granted", AuditTarget::domain(id, domain.name.as_str()));
    audit::record(ctx, tx, event.with_after(json!({ "organisation": name })))?;
    crate::changed(ctx, tx, topics::DOMAINS);
    crate::changed(&ctx.in_org(to), tx, topics::DOMAINS);
    Ok(())
}

/// Ends a grant. Addresses made under it stay; new ones are refused.
pub fn revoke_grant(ctx: &Ctx, tx: &mut Tx, id: DomainId, from: OrgId) -> Result<(), ChangeError> {
    from_outside(ctx)?;
    let domain = own(ctx, tx, id)?;
    let name = repo::organisation_name(tx, from)?.ok_or(ChangeError::OrganisationNotFound(from))?;
    if !repo::delete_grant(tx, from, id)? {
        return Ok(());
    }
    let event = AuditEvent::new("domain.grant_revoked", AuditTarget::domain(id, domain.name.as_str()));
    audit::record(ctx, tx, event.with_before(json!({ "organisation": name })))?;
    crate::changed(ctx, tx, topics::DOMAINS);
    crate::changed(&ctx.in_org(from), tx, topics::DOMAINS);
    Ok(())
}

/// The organisation's own domains and those granted to it, the default first, then by name.
pub fn list(ctx: &Ctx, tx: &mut Tx) -> Result<Vec<Domain>, Denied> {
    authorize(ctx, tx, Permission::ViewMembers, Target::Organisation)?;
    Ok(repo::list(tx, ctx.org)?)
}

/// One of the organisation's own domains.
pub fn get(ctx: &Ctx, tx: &mut Tx, id: DomainId) -> Result<Domain, ChangeError> {
    authorize(ctx, tx, Permission::ViewMembers, Target::Organisation)?;
    own(ctx, tx, id)
}

/// A domain by name, whoever owns it; for delivery and sign-in.
pub fn find_by_name(tx: &mut Tx, name: &DomainName) -> Result<Option<Domain>, StoreError> {
    repo::find_by_name(tx, name)
}

/// The domains in which this organisation may make addresses: its own, and granted ones that are verified or assumed; the default first.
pub fn usable_by(tx: &mut Tx, org: OrgId) -> Result<Vec<Domain>, StoreError> {
    Ok(repo::list(tx, org)?.into_iter().filter(|domain| domain.takes_addresses_of(org)).collect())
}

/// Own and granted domains, usable or not.
pub(crate) fn list_unchecked(tx: &mut Tx, org: OrgId) -> Result<Vec<Domain>, StoreError> {
    repo::list(tx, org)
}

/// The domain that completes mail prefixes.
pub fn default_of(tx: &mut Tx, org: OrgId) -> Result<Option<Domain>, StoreError> {
    repo::default_of(tx, org)
}

fn own(ctx: &Ctx, tx: &mut Tx, id: DomainId) -> Result<Domain, ChangeError> {
    repo::find_own(tx, ctx.org, id)?.ok_or(ChangeError::NotFound(id))
}

fn from_outside(ctx: &Ctx) -> Result<(), Denied> {
    match ctx.actor {
        Actor::Operator { .. } | Actor::System { .. } => Ok(()),
        Actor::Nobody => Err(Denied::Unauthenticated),
        Actor::Member { .. } => Err(Denied::Forbidden),
    }
}
