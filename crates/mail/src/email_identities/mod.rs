//! Who a member writes as: each of its addresses with a name and signatures, and as many more as it wants for the same addresses.
//!
//! Which addresses a member has is the directory's affair; [`bring_up_to_date`] makes the missing identities and takes away those whose address is gone.

mod history;
mod repo;

use directory::addresses::{self, AddressKind};
use directory::members;
use kernel::{Ctx, EmailAddress, EmailIdentityId, MailAccountId};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

pub use history::Changed;
pub(crate) use history::{Touch, changed_since};

use crate::heads::{self, Head, MailError};

pub const MAX_IDENTITIES: usize = 300;
pub const MAX_NAME_CHARS: usize = 255;
pub const MAX_SIGNATURE_BYTES: usize = 64 * 1024;
/// Addresses in each of Reply-To and Bcc.
pub const MAX_NAMED: usize = 50;

/// An address as headers write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAddress {
    pub name: Option<String>,
    pub email: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailIdentity {
    pub id: EmailIdentityId,
    /// Never changes.
    pub address: EmailAddress,
    pub name: String,
    pub reply_to: Option<Vec<NamedAddress>>,
    pub bcc: Option<Vec<NamedAddress>>,
    pub text_signature: String,
    pub html_signature: String,
    /// The only identity of an address stays.
    pub may_delete: bool,
}

/// What a new identity is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEmailIdentity {
    pub address: EmailAddress,
    /// `None` is the member's name.
    pub name: Option<String>,
    pub reply_to: Option<Vec<NamedAddress>>,
    pub bcc: Option<Vec<NamedAddress>>,
    pub text_signature: String,
    pub html_signature: String,
}

/// What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailIdentityPatch {
    pub name: Option<String>,
    pub reply_to: Option<Option<Vec<NamedAddress>>>,
    pub bcc: Option<Option<Vec<NamedAddress>>>,
    pub text_signature: Option<String>,
    pub html_signature: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum EmailIdentityError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("identity {0} does not exist")]
    NotFound(EmailIdentityId),
    #[error("{address} is not an address of this member")]
    NotOwn { address: String },
    #[error("the last identity of an address stays")]
    LastOfAddress,
    #[error("there are at most {limit} identities")]
    TooMany { limit: usize },
    #[error("the {field} is too long")]
    TooLong { field: &'static str },
    #[error("could not use the identities")]
    Store(#[from] StoreError),
}
kernel::faults! { EmailIdentityError:
    EmailIdentityError::Mail(inner) => inner,
    EmailIdentityError::NotFound(_) => NotFound "email_identity_not_found",
    EmailIdentityError::NotOwn { address } => Forbidden "sender_not_own" { address },
    EmailIdentityError::LastOfAddress => Forbidden "email_identity_needed",
    EmailIdentityError::TooMany { limit } => LimitReached "too_many_email_identities" { limit },
    EmailIdentityError::TooLong { field } => Invalid "value_too_long" { field },
    EmailIdentityError::Store(inner) => inner,
}

/// The identities as stored, and whether they are those of the member's addresses; if not, [`bring_up_to_date`] and look again.
pub struct Listed {
    pub change_number: i64,
    /// Those of the primary address first.
    pub identities: Vec<EmailIdentity>,
    pub is_current: bool,
}

/// The member's addresses, the primary one first.
fn own_addresses(tx: &mut Tx, head: &Head) -> Result<Vec<EmailAddress>, StoreError> {
    let Some(member) = head.member else { return Ok(Vec::new()) };
    let own = addresses::list_of_member(tx, head.org, member)?;
    let sends = |kind| matches!(kind, AddressKind::Primary | AddressKind::Alias);
    Ok(own.into_iter().filter(|own| sends(own.kind)).map(|own| own.address).collect())
}

pub fn list(ctx: &Ctx, tx: &mut Tx, account: MailAccountId) -> Result<Listed, MailError> {
    let head = heads::open(ctx, tx, account)?;
    let own = own_addresses(tx, &head)?;
    let mut identities = repo::list(tx, account)?;
    let is_current = own.iter().all(|address| identities.iter().any(|identity| identity.address == *address))
        && identities.iter().all(|identity| own.contains(&identity.address));
    let place = |address: &EmailAddress| own.iter().position(|own| own == address).unwrap_or(usize::MAX);
    identities.sort_by_key(|identity| (place(&identity.address), identity.id));
    for index in 0..identities.len() {
        let address = &identities[index].address;
        let may_delete = identities.iter().filter(|other| other.address == *address).count() > 1;
        identities[index].may_delete = may_delete;
    }
    Ok(Listed { change_number: head.change_number, identities, is_current })
}

/// Makes an identity for each address that has none, and removes those whose address the member no longer has.
pub fn bring_up_to_date(ctx: &Ctx, tx: &mut Tx, account: MailAccountId) -> Result<(), MailError> {
    let head = heads::open(ctx, tx, account)?;
    let own = own_addresses(tx, &head)?;
    let stored = repo::list(tx, account)?;
    let missing: Vec<&EmailAddress> = own.iter().filter(|address| !stored.iter().any(|identity| identity.address == **address)).collect();
    let stale: Vec<EmailIdentityId> =
        stored.iter().filter(|identity| !own.contains(&identity.address)).map(|identity| identity.id).collect();
    if missing.is_empty() && stale.is_empty() {
        return Ok(());
    }
    let name = name_of_holder(ctx, tx, &head)?;
    let change = heads::begin_change(tx, &head)?;
    for id in stale {
        repo::delete(tx, account, id, change)?;
    }
    for address in missing {
        let identity = EmailIdentity {
            id: ctx.new_id(),
            address: address.clone(),
            name: name.clone(),
            reply_to: None,
            bcc: None,
            text_signature: String::new(),
            html_signature: String::new(),
            may_delete: false,
        };
        repo::insert(tx, account, &identity, change)?;
    }
    Ok(())
}

fn name_of_holder(ctx: &Ctx, tx: &mut Tx, head: &Head) -> Result<String, StoreError> {
    let Some(member) = head.member else { return Ok(String::new()) };
    Ok(members::find(tx, head.org, member, ctx.now)?.map(|member| member.profile.name).unwrap_or_default())
}

pub fn find(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: EmailIdentityId) -> Result<Option<EmailIdentity>, MailError> {
    Ok(list(ctx, tx, account)?.identities.into_iter().find(|identity| identity.id == id))
}

pub fn create(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, new: &NewEmailIdentity) -> Result<EmailIdentityId, EmailIdentityError> {
    let head = heads::open(ctx, tx, account)?;
    if !own_addresses(tx, &head)?.contains(&new.address) {
        return Err(EmailIdentityError::NotOwn { address: new.address.to_string() });
    }
    if repo::list(tx, account)?.len() >= MAX_IDENTITIES {
        return Err(EmailIdentityError::TooMany { limit: MAX_IDENTITIES });
    }
    let name = match &new.name {
        Some(name) => name.clone(),
        None => name_of_holder(ctx, tx, &head)?,
    };
    let identity = EmailIdentity {
        id: ctx.new_id(),
        address: new.address.clone(),
        name,
        reply_to: new.reply_to.clone(),
        bcc: new.bcc.clone(),
        text_signature: new.text_signature.clone(),
        html_signature: new.html_signature.clone(),
        may_delete: true,
    };
    refuse_too_long(&identity)?;
    let change = heads::begin_change(tx, &head)?;
    repo::insert(tx, account, &identity, change)?;
    Ok(identity.id)
}

pub fn change(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    id: EmailIdentityId,
    patch: &EmailIdentityPatch,
) -> Result<(), EmailIdentityError> {
    let head = heads::open(ctx, tx, account)?;
    let mut identity = repo::find(tx, account, id)?.ok_or(EmailIdentityError::NotFound(id))?;
    let EmailIdentityPatch { name, reply_to, bcc, text_signature, html_signature } = patch.clone();
    identity.name = name.unwrap_or(identity.name);
    identity.reply_to = reply_to.unwrap_or(identity.reply_to);
    identity.bcc = bcc.unwrap_or(identity.bcc);
    identity.text_signature = text_signature.unwrap_or(identity.text_signature);
    identity.html_signature = html_signature.unwrap_or(identity.html_signature);
    refuse_too_long(&identity)?;
    let change = heads::begin_change(tx, &head)?;
    repo::update(tx, account, &identity, change)?;
    Ok(())
}

pub fn remove(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: EmailIdentityId) -> Result<(), EmailIdentityError> {
    let head = heads::open(ctx, tx, account)?;
    let stored = repo::list(tx, account)?;
    let identity = stored.iter().find(|identity| identity.id == id).ok_or(EmailIdentityError::NotFound(id))?;
    if !stored.iter().any(|other| other.id != id && other.address == identity.address) {
        return Err(EmailIdentityError::LastOfAddress);
    }
    let change = heads::begin_change(tx, &head)?;
    repo::delete(tx, account, id, change)?;
    Ok(())
}

/// What came, changed and went since; `None` when that cannot be told.
pub fn changes(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    since: i64,
    max: usize,
) -> Result<Option<Changed<EmailIdentityId>>, MailError> {
    let head = heads::open(ctx, tx, account)?;
    let touched = repo::touched_since(tx, account, since)?;
    Ok(changed_since(touched, since, head.change_number, max))
}

fn refuse_too_long(identity: &EmailIdentity) -> Result<(), EmailIdentityError> {
    let named = |list: &Option<Vec<NamedAddress>>| {
        let fits =
            |one: &NamedAddress| one.email.len() <= 320 && one.name.as_ref().is_none_or(|name| name.chars().count() <= MAX_NAME_CHARS);
        list.as_ref().is_none_or(|list| list.len() <= MAX_NAMED && list.iter().all(fits))
    };
    let checks = [
        ("name", identity.name.chars().count() <= MAX_NAME_CHARS),
        ("replyTo", named(&identity.reply_to)),
        ("bcc", named(&identity.bcc)),
        ("textSignature", identity.text_signature.len() <= MAX_SIGNATURE_BYTES),
        ("htmlSignature", identity.html_signature.len() <= MAX_SIGNATURE_BYTES),
    ];
    match checks.into_iter().find(|(_, fits)| !fits) {
        Some((field, _)) => Err(EmailIdentityError::TooLong { field }),
        None => Ok(()),
    }
}
