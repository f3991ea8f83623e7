//! 收信: who may receive what. Asked before a message is taken: by SMTP at RCPT, by submission for recipients of this installation.
//!
//! The answer is about the moment: a mailbox may be full or gone by the time the message is whole, and delivery finds that out for itself.

mod repo;

use std::collections::{HashMap, HashSet};

use directory::addresses::AddressKind;
use kernel::{DomainName, MailAccountId, MemberId, OrgId};
use store::{StoreError, Tx};

use crate::mail_accounts::effective_quota;
use crate::submission::EnvelopeAddress;

/// Somebody here, or several, whom an address reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub org: OrgId,
    /// One for a member's address; the owners for `postmaster` and `abuse`. Never empty.
    pub receivers: Vec<Receiver>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver {
    pub account: MailAccountId,
    pub member: MemberId,
}

/// Why an address does not receive.
#[derive(Debug, thiserror::Error)]
pub enum RecipientRefused {
    /// No organisation here has the domain, or it is not verified. Mail for it is never passed on.
    #[error("mail for this domain is not taken here")]
    DomainNotOurs,
    #[error("there is no such mailbox")]
    Unknown,
    /// In the recycle bin, or gone; told to strangers as [`Unknown`](Self::Unknown).
    #[error("the mailbox is gone")]
    Recycled,
    #[error("the mailbox is full")]
    MailboxFull,
    #[error("could not look the recipient up")]
    Store(#[from] StoreError),
}
kernel::faults! { RecipientRefused:
    RecipientRefused::DomainNotOurs => Forbidden "recipient_domain_not_ours",
    RecipientRefused::Unknown => NotFound "recipient_unknown",
    RecipientRefused::Recycled => NotFound "recipient_gone",
    RecipientRefused::MailboxFull => LimitReached "recipient_mailbox_full",
    RecipientRefused::Store(inner) => inner,
}

/// Addresses every domain has (RFC 5321 §4.5.1, RFC 2142 §4). Unless somebody was given them, they reach the owners.
const OF_THE_OWNERS: [&str; 2] = ["postmaster", "abuse"];

/// Owners that one message to `postmaster` reaches at most.
const MAX_OWNERS: i64 = 20;

/// Whom `to` reaches. Tags behind a `+`, quotes and capitals do not matter. `size_bytes` is what the message will take, as far as it is known.
///
/// Every state of a member receives but `recycled`: what a suspended or leaving member is sent belongs to its organisation.
pub fn check_recipient(tx: &mut Tx, to: &EnvelopeAddress, size_bytes: u64) -> Result<Recipient, RecipientRefused> {
    find_recipient(tx, None, to, size_bytes)
}

/// As [`check_recipient`], for mail of a member: between members, a domain of their own organisation works before DNS has proven it to the world.
pub fn check_recipient_of_member(tx: &mut Tx, org: OrgId, to: &EnvelopeAddress, size_bytes: u64) -> Result<Recipient, RecipientRefused> {
    find_recipient(tx, Some(org), to, size_bytes)
}

fn find_recipient(tx: &mut Tx, within: Option<OrgId>, to: &EnvelopeAddress, size_bytes: u64) -> Result<Recipient, RecipientRefused> {
    let domain = to.domain_name().ok_or(RecipientRefused::DomainNotOurs)?;
    // An address that none of ours can look like is unknown in a domain of ours and refused in any other.
    let local_part = to.own_form().map(|address| address.local_part);
    let found = repo::find(tx, &domain, local_part.as_ref())?;
    let found = found.filter(|found| found.domain_is_usable || within == Some(found.owner)).ok_or(RecipientRefused::DomainNotOurs)?;
    let local_part = local_part.ok_or(RecipientRefused::Unknown)?;
    let Some(address) = found.address else {
        return if OF_THE_OWNERS.contains(&local_part.as_str()) {
            of_owners(tx, found.owner, size_bytes)
        } else {
            Err(RecipientRefused::Unknown)
        };
    };
    match address.kind {
        AddressKind::Primary | AddressKind::Alias => {}
        AddressKind::Held => return Err(RecipientRefused::Recycled),
        // What these reach is decided where they are made.
        AddressKind::Group | AddressKind::Department | AddressKind::Shared => return Err(RecipientRefused::Unknown),
    }
    let holder = address.holder.ok_or(RecipientRefused::Unknown)?;
    if holder.is_recycled {
        return Err(RecipientRefused::Recycled);
    }
    let mailbox = holder.mailbox.ok_or(RecipientRefused::Unknown)?;
    if !mailbox.has_room(size_bytes) {
        return Err(RecipientRefused::MailboxFull);
    }
    Ok(Recipient { org: address.org, receivers: vec![Receiver { account: mailbox.account, member: holder.member }] })
}

/// Whether a message of this size has no room with one of several, of whom it is asked together. Who is gone since [`check_recipient`] is not full.
pub fn is_one_full(tx: &mut Tx, recipients: &[Recipient], size_bytes: u64) -> Result<bool, StoreError> {
    let mut by_org: HashMap<OrgId, Vec<MailAccountId>> = HashMap::new();
    for recipient in recipients {
        by_org.entry(recipient.org).or_default().extend(recipient.receivers.iter().map(|receiver| receiver.account));
    }
    let mut full = HashSet::new();
    for (org, accounts) in by_org {
        let mailboxes = repo::mailboxes(tx, org, &accounts)?;
        full.extend(mailboxes.iter().filter(|mailbox| !mailbox.has_room(size_bytes)).map(|mailbox| mailbox.account));
    }
    Ok(recipients.iter().any(|recipient| recipient.receivers.iter().all(|receiver| full.contains(&receiver.account))))
}

/// What `<postmaster>` without a domain stands for (RFC 5321 §4.5.1): the postmaster of the domain that the host's own name is in, or else of the
/// first domain of the installation. `None` while there is no domain.
pub fn postmaster_address(tx: &mut Tx, host_name: &str) -> Result<Option<EnvelopeAddress>, StoreError> {
    let mut name = Some(host_name);
    while let Some(candidate) = name {
        if let Ok(domain) = candidate.parse::<DomainName>()
            && repo::find(tx, &domain, None)?.is_some_and(|found| found.domain_is_usable)
        {
            return Ok(postmaster_of(&domain));
        }
        name = candidate.split_once('.').map(|(_, parent)| parent);
    }
    Ok(repo::first_usable_domain(tx)?.as_ref().and_then(postmaster_of))
}

fn postmaster_of(domain: &DomainName) -> Option<EnvelopeAddress> {
    format!("postmaster@{domain}").parse().ok()
}

/// Owners whose mailbox is full are left out as long as one other is not.
fn of_owners(tx: &mut Tx, org: OrgId, size_bytes: u64) -> Result<Recipient, RecipientRefused> {
    let owners = repo::owners(tx, org, MAX_OWNERS)?;
    if owners.is_empty() {
        return Err(RecipientRefused::Unknown);
    }
    let with_room = owners.into_iter().filter(|(_, mailbox)| mailbox.has_room(size_bytes));
    let receivers: Vec<_> = with_room.map(|(member, mailbox)| Receiver { account: mailbox.account, member }).collect();
    if receivers.is_empty() { Err(RecipientRefused::MailboxFull) } else { Ok(Recipient { org, receivers }) }
}

/// What the repository tells of a mailbox.
struct Mailbox {
    account: MailAccountId,
    used_bytes: u64,
    class_base_bytes: Option<u64>,
    extra_bytes: i64,
}

impl Mailbox {
    /// Without a known size, a mailbox that is not quite full takes the message and delivery decides.
    fn has_room(&self, size_bytes: u64) -> bool {
        let quota = effective_quota(self.class_base_bytes, self.extra_bytes);
        quota.is_none_or(|quota| self.used_bytes.saturating_add(size_bytes.max(1)) <= quota)
    }
}
