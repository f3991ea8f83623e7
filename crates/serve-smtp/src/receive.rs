//! A message for people here: from another server (MX), or from a server of one's own in front (LMTP).

use std::sync::Arc;

use directory::domains;
use futures_util::future::join_all;
use kernel::{Actor, Ctx, DomainName, OrgId, Timestamp};
use mail::FlagBits;
use mail::delivery::{self, DeliverError, Into, LocalRecipient};
use mail::mailboxes::Role;
use mail::messages::NewMessage;
use mail::mime::{self, Rendered};
use mail::reception;
use store::{BlobError, StoreError};

use crate::Kind;
use crate::body::WholeMessage;
use crate::checks::{self, Dmarc, Verdict};
use crate::desk::Desk;
use crate::headers::{Header, MAX_RECEIVED};
use crate::reply::{self, Reply};
use crate::session::{Destination, Envelope, Taken};
use crate::syntax::ForwardPath;
use crate::trace;

/// Takes a message: one answer for all its recipients at the MX, one for each over LMTP. With a positive answer it is on disk.
pub async fn take(desk: &Desk, envelope: &Envelope, message: WholeMessage) -> Vec<Reply> {
    let lmtp = desk.rules().kind == Kind::Lmtp;
    match try_take(desk, envelope, message).await {
        Ok(replies) => replies,
        Err(refusal) => vec![refusal; if lmtp { envelope.recipients.len() } else { 1 }],
    }
}

async fn try_take(desk: &Desk, envelope: &Envelope, message: WholeMessage) -> Result<Vec<Reply>, Reply> {
    // Held until the message is on disk.
    let WholeMessage { bytes, reservation: _held } = message;
    let host_name = &desk.rules().options.host_name;
    let header = Header::read(&bytes, host_name);
    if header.received > MAX_RECEIVED {
        return Err(reply::MAIL_LOOP);
    }
    if desk.rules().kind != Kind::Lmtp && envelope.recipients.len() > 1 {
        check_room(desk, envelope, bytes.len() as u64).await?;
    }
    let (mut bytes, verdict) = judge(desk, envelope, bytes).await;
    let into = match &verdict {
        Some(verdict) => weigh(desk, verdict).await?,
        None => Role::Inbox,
    };
    header.disown_forged(&mut bytes);
    let now = desk.shared().parts.source.now();
    let prefix = prefix(desk, envelope, verdict.as_ref(), now);
    // A notice to a sender that somebody has forged would be spam of our own making. Over LMTP the server in front has looked.
    let answerable = desk.rules().kind == Kind::Lmtp || verdict.as_ref().is_some_and(|verdict| verdict.sender_is_known);
    let return_path = if answerable { envelope.from.as_str() } else { "" };
    deliver(desk, envelope, bytes, &Way { prefix, into, now, return_path }).await
}

/// How a message goes to all who get it.
struct Way<'a> {
    prefix: Arc<[u8]>,
    into: Role,
    now: Timestamp,
    /// Who is told when somebody does not get it after all; empty is nobody.
    return_path: &'a str,
}

/// What stands in front of the message for everybody; who it was delivered to is added for each.
fn prefix(desk: &Desk, envelope: &Envelope, verdict: Option<&Verdict>, now: Timestamp) -> Arc<[u8]> {
    let rules = desk.rules();
    let mut prefix = format!("Return-Path: <{}>\r\n", envelope.from.as_str());
    prefix.push_str(verdict.map_or("", |verdict| &verdict.results));
    prefix.push_str(&trace::received(&rules.options.host_name, rules.kind, desk.peer(), envelope, now));
    Arc::from(prefix.into_bytes())
}

/// One of several recipients whose mailbox cannot hold the message would only be found out after the message was taken. A client that has told
/// its size before RCPT was answered by it already.
async fn check_room(desk: &Desk, envelope: &Envelope, size_bytes: u64) -> Result<(), Reply> {
    if envelope.parameters.size.is_some_and(|told| told >= size_bytes) {
        return Ok(());
    }
    let recipients = envelope.recipients.iter().filter_map(|taken| match (&taken.to, &taken.destination) {
        (ForwardPath::Address(_), Destination::Local(found)) => Some(found.clone()),
        _ => None,
    });
    let recipients: Vec<_> = recipients.collect();
    let checked = desk.shared().parts.store.read(move |tx| reception::is_one_full(tx, &recipients, size_bytes));
    match checked.await {
        Ok(false) => Ok(()),
        Ok(true) => Err(reply::MAILBOX_FULL),
        Err(error) => Err(desk.unavailable(&error)),
    }
}

/// What the checks say; nothing when they are off, and over LMTP, where the server in front has made its own.
async fn judge(desk: &Desk, envelope: &Envelope, bytes: Vec<u8>) -> (Vec<u8>, Option<Verdict>) {
    let options = &desk.rules().options;
    let (Some(checks), Some(peer), Kind::Mx) = (&options.checks, desk.peer().address, desk.rules().kind) else { return (bytes, None) };
    let shared = Arc::new(bytes);
    let verdict = checks::check(checks, &options.host_name, peer.to_canonical(), envelope, &shared).await;
    // A hash that was given up may still run over the bytes; then they are copied.
    (Arc::unwrap_or_clone(shared), Some(verdict))
}

/// Where the message goes, or why it is refused.
async fn weigh(desk: &Desk, verdict: &Verdict) -> Result<Role, Reply> {
    let refuses = desk.rules().options.checks.as_ref().is_some_and(|checks| checks.refuse_on_dmarc_reject);
    match verdict.dmarc {
        Dmarc::Reject if refuses => return Err(reply::DMARC_REFUSED),
        Dmarc::Reject | Dmarc::Quarantine => return Ok(Role::Junk),
        Dmarc::Nothing => {}
    }
    let claimed: Vec<DomainName> = verdict.unproven.iter().filter_map(|domain| domain.parse().ok()).collect();
    if claimed.is_empty() {
        return Ok(Role::Inbox);
    }
    // Colleagues' mail does not come from outside, unless something speaks for it.
    let ours = desk.shared().parts.store.read(move |tx| {
        for domain in &claimed {
            if domains::find_by_name(tx, domain)?.is_some_and(|domain| domain.is_usable()) {
                return Ok::<_, StoreError>(true);
            }
        }
        Ok(false)
    });
    let ours = ours.await.map_err(|error| desk.unavailable(&error))?;
    Ok(if ours { Role::Junk } else { Role::Inbox })
}

/// Larger messages are looked through on a thread of their own.
const RENDERED_HERE_BYTES: usize = 256 << 10;

async fn render(bytes: Vec<u8>) -> Result<(Vec<u8>, Rendered), StoreError> {
    if bytes.len() <= RENDERED_HERE_BYTES {
        let rendered = mime::render(&bytes);
        return Ok((bytes, rendered));
    }
    let rendering = tokio::task::spawn_blocking(move || {
        let rendered = mime::render(&bytes);
        (bytes, rendered)
    });
    rendering.await.map_err(|_| StoreError::Panicked)
}

/// A message in one organisation, and who gets it there.
struct Share {
    ctx: Ctx,
    message: NewMessage,
    recipients: Vec<LocalRecipient>,
}

async fn deliver(desk: &Desk, envelope: &Envelope, bytes: Vec<u8>, way: &Way<'_>) -> Result<Vec<Reply>, Reply> {
    let (bytes, rendered) = render(bytes).await.map_err(|error| desk.unavailable(&error))?;
    let rendered = Arc::new(rendered);
    let mut by_org = by_organisation(envelope, way.into);
    let last = by_org.pop();
    let mut shares = Vec::with_capacity(by_org.len() + 1);
    // Each organisation has bytes of its own; nearly always there is but one, and nothing is copied.
    for (org, recipients) in by_org {
        shares.push(share(desk, org, recipients, bytes.clone(), &rendered, way).await?);
    }
    if let Some((org, recipients)) = last {
        shares.push(share(desk, org, recipients, bytes, &rendered, way).await?);
    }
    match desk.rules().kind {
        Kind::Lmtp => Ok(deliver_to_each(desk, envelope, &shares, way).await),
        _ => deliver_to_all(desk, shares, way).await.map(|()| vec![Reply::told(250, "2.0.0", &format!("Taken as {}", envelope.id))]),
    }
}

async fn share(
    desk: &Desk,
    org: OrgId,
    recipients: Vec<LocalRecipient>,
    bytes: Vec<u8>,
    rendered: &Arc<Rendered>,
    way: &Way<'_>,
) -> Result<Share, Reply> {
    let staged = desk.shared().parts.store.blobs().stage(org, bytes).await;
    let blob = Arc::new(staged.map_err(|error| blob_refusal(desk, &error))?);
    let message = NewMessage { blob, prefix: Arc::clone(&way.prefix), rendered: Arc::clone(rendered), received_at: way.now };
    Ok(Share { ctx: desk.ctx(org, Actor::System { task: "smtp" }), message, recipients })
}

fn by_organisation(envelope: &Envelope, into: Role) -> Vec<(OrgId, Vec<LocalRecipient>)> {
    let mut shares: Vec<(OrgId, Vec<LocalRecipient>)> = Vec::new();
    for taken in &envelope.recipients {
        let Destination::Local(found) = &taken.destination else { continue };
        let place = shares.iter().position(|(org, _)| *org == found.org).unwrap_or_else(|| {
            shares.push((found.org, Vec::new()));
            shares.len() - 1
        });
        shares[place].1.extend(found.receivers.iter().map(|receiver| LocalRecipient {
            account: receiver.account,
            address: taken.to.as_str().to_owned(),
            into: Into::Role(into),
            flags: FlagBits::default(),
            note: None,
        }));
    }
    shares
}

/// All of them or none, in one commit.
async fn deliver_to_all(desk: &Desk, mut shares: Vec<Share>, way: &Way<'_>) -> Result<(), Reply> {
    let store = &desk.shared().parts.store;
    let return_path = way.return_path.to_owned();
    let accepted = match (shares.pop(), shares.is_empty()) {
        (Some(Share { ctx, message, recipients }), true) => {
            delivery::accept(store, &ctx, recipients, message, &return_path).await.map(drop)
        }
        (Some(last), false) => {
            shares.push(last);
            store
                .write(move |tx| {
                    for share in &shares {
                        delivery::accept_in(&share.ctx, tx, &share.recipients, &share.message, &return_path)?;
                    }
                    Ok(())
                })
                .await
        }
        (None, _) => return Err(reply::UNKNOWN_RECIPIENT),
    };
    accepted.map_err(|error| refusal(desk, &error))
}

/// How many recipients of one LMTP message are delivered to at a time.
const AT_A_TIME: usize = 16;

/// Each by itself, and an answer for each (RFC 2033 §4.2).
async fn deliver_to_each(desk: &Desk, envelope: &Envelope, shares: &[Share], way: &Way<'_>) -> Vec<Reply> {
    // Who stands twice, under whichever name, gets the message once and the same answer twice.
    let mut firsts: Vec<&Taken> = Vec::new();
    let mut places = Vec::with_capacity(envelope.recipients.len());
    for taken in &envelope.recipients {
        let known = firsts.iter().position(|first| first.destination == taken.destination);
        places.push(known.unwrap_or(firsts.len()));
        if known.is_none() {
            firsts.push(taken);
        }
    }
    let mut replies = Vec::with_capacity(firsts.len());
    for chunk in firsts.chunks(AT_A_TIME) {
        replies.extend(join_all(chunk.iter().map(|taken| deliver_to_one(desk, envelope, shares, taken, way))).await);
    }
    places.into_iter().map(|place| replies[place].clone()).collect()
}

async fn deliver_to_one(desk: &Desk, envelope: &Envelope, shares: &[Share], taken: &Taken, way: &Way<'_>) -> Reply {
    let Destination::Local(found) = &taken.destination else { return reply::UNKNOWN_RECIPIENT };
    let Some(share) = shares.iter().find(|share| share.ctx.org == found.org) else { return reply::UNKNOWN_RECIPIENT };
    let is_own = |recipient: &&LocalRecipient| {
        recipient.address == taken.to.as_str() && found.receivers.iter().any(|receiver| receiver.account == recipient.account)
    };
    let own: Vec<_> = share.recipients.iter().filter(is_own).cloned().collect();
    let store = &desk.shared().parts.store;
    match delivery::accept(store, &share.ctx, own, share.message.clone(), way.return_path).await {
        Ok(_) => Reply::told(250, "2.0.0", &format!("Taken as {}", envelope.id)),
        Err(error) => refusal(desk, &error),
    }
}

fn refusal(desk: &Desk, error: &DeliverError) -> Reply {
    match error {
        DeliverError::OverQuota { .. } => reply::MAILBOX_FULL,
        DeliverError::Mail(mail::heads::MailError::AccountNotFound) => reply::UNKNOWN_RECIPIENT,
        other => desk.told(other),
    }
}

fn blob_refusal(desk: &Desk, error: &BlobError) -> Reply {
    match error {
        BlobError::TooLarge { .. } => reply::MESSAGE_TOO_LARGE,
        other => desk.told(other),
    }
}
