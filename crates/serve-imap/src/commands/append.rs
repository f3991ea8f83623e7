//! APPEND, with MULTIAPPEND (RFC 3502), CATENATE (RFC 4469), UIDPLUS (RFC 4315) and APPENDLIMIT (RFC 7889). RFC 9051 §6.3.12

use std::sync::Arc;

use kernel::Timestamp;
use mail::heads::{self, MailError};
use mail::messages::{self, Added, AppendError, NewMessage};
use mail::{Flags, mailboxes, mime};
use proto_imap::{Append, AppendData, AppendMessage, Code, MailboxName, NumberSet};
use store::StagedBlob;
use tokio::time::{Duration, Instant};

use super::catenate;
use super::copy::try_create;
use super::store::flags_of;
use crate::errors::{Failed, Refusal};
use crate::names::path_of;
use crate::session::{Answer, Done, Message, Session};
use crate::watch;

/// Smaller messages are looked through where they are; a thread of their own would cost more.
const SMALL_BYTES: usize = 128 << 10;

/// A mailbox that messages may come into without being asked about: the last one that was asked about.
pub(crate) struct LetIn {
    mailbox: MailboxName,
    /// What may still come.
    room_bytes: u64,
    until: Instant,
}

/// Whoever copies a folder sends one message after the other, and would wait for a thread that reads before each. Whether a message can stay is said when it
/// has come, whatever was said before.
const LET_IN_FOR: Duration = Duration::from_secs(10);

/// Whether a message of `size` octets can go into the mailbox, asked before it is sent.
pub(crate) async fn expect(session: &mut Session, mailbox: &MailboxName, size: u64) -> Result<(), Failed> {
    let standing = take_let_in(session);
    let standing = standing.filter(|it| it.mailbox == *mailbox && it.room_bytes >= size && Instant::now() < it.until);
    let mut let_in = match standing {
        Some(standing) => standing,
        None => {
            let room_bytes = room_for(session, mailbox, size).await?;
            LetIn { mailbox: mailbox.clone(), room_bytes, until: Instant::now() + LET_IN_FOR }
        }
    };
    let_in.room_bytes -= size;
    keep_let_in(session, Some(let_in));
    Ok(())
}

fn take_let_in(session: &mut Session) -> Option<LetIn> {
    session.user.as_mut()?.let_in.take()
}

fn keep_let_in(session: &mut Session, let_in: Option<LetIn>) {
    if let Some(user) = &mut session.user {
        user.let_in = let_in;
    }
}

/// How much room the account has, if the mailbox is there and so much more fits.
pub(super) async fn room_for(session: &Session, mailbox: &MailboxName, size: u64) -> Result<u64, Failed> {
    let path = path_of(mailbox)?;
    let (found, has_room, room_bytes) = session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let head = heads::open(ctx, tx, account)?;
            Ok((mailboxes::find_path(ctx, tx, account, &path)?.is_some(), head.has_room_for(size), head.room_bytes()))
        })
        .await?;
    if !found {
        return Err(try_create().into());
    }
    if !has_room {
        return Err(Refusal::no(Code::OverQuota, "There is no room for this message").into());
    }
    Ok(room_bytes)
}

pub(crate) async fn append(session: &mut Session, append: Append, received: Vec<Message>) -> Answer {
    // After a failure it is asked again.
    let let_in = take_let_in(session);
    let path = path_of(&append.mailbox)?;
    // Whoever sent something was let in before; what is there already is put together only if there is somewhere to put it.
    if append.messages.iter().any(|message| matches!(message.data, AppendData::Catenate(_))) {
        room_for(session, &append.mailbox, 0).await?;
    }
    let mut staged = Vec::with_capacity(received.len());
    let mut received = received.into_iter();
    for message in &append.messages {
        let octets = octets_of(session, message, &mut received).await?;
        staged.push(stage(session, message, octets).await?);
    }
    let added = write(session, path, staged).await?;
    let uid_validity = added.first().map_or(0, |added| added.uid_validity);
    if let Some(first) = added.first() {
        watch::made_messages(session, first.mailbox, added.iter().map(|added| added.uid));
    }
    keep_let_in(session, let_in);
    let uids: NumberSet = added.iter().map(|added| added.uid).collect();
    Ok(Done::Ok(Some(Code::AppendUid { uid_validity, uids }), "APPEND completed"))
}

/// What was sent of the message, or what is put together for it.
pub(super) async fn octets_of(
    session: &Session,
    message: &AppendMessage,
    received: &mut impl Iterator<Item = Message>,
) -> Result<Message, Failed> {
    match &message.data {
        AppendData::Literal { .. } => {
            let octets = received.next().ok_or_else(|| Refusal::bad("A message was expected"))?;
            refuse_empty(&octets)?;
            Ok(octets)
        }
        AppendData::Catenate(parts) => {
            let whole = catenate::put_together(session, parts, received).await?;
            refuse_empty(&whole)?;
            Ok(whole)
        }
    }
}

/// RFC 3502 §6.3.11: an empty message gives the whole command up.
fn refuse_empty(message: &Message) -> Result<(), Refusal> {
    if message.octets.is_empty() { Err(Refusal::no(Code::Cannot, "An empty message was given up")) } else { Ok(()) }
}

/// A message whose octets are on disk.
pub(super) struct Staged {
    pub(super) new: NewMessage,
    pub(super) flags: Flags,
}

pub(super) async fn stage(session: &Session, message: &AppendMessage, received: Message) -> Result<Staged, Failed> {
    let flags = flags_of(&message.flags)?;
    let received_at = match message.date {
        Some(date) => Timestamp::from_micros(date.unix_seconds().saturating_mul(1_000_000)),
        None => session.ctx.now,
    };
    let Message { octets, .. } = received;
    let octets = mime::without_nul(octets);
    let (octets, rendered) = if octets.len() <= SMALL_BYTES {
        let rendered = mime::render(&octets);
        (octets, rendered)
    } else {
        let rendering = tokio::task::spawn_blocking(move || {
            let rendered = mime::render(&octets);
            (octets, rendered)
        });
        rendering.await.map_err(|_| Refusal::no(Code::ServerBug, "Something went wrong on our side"))?
    };
    let blob: StagedBlob = session.server.store.blobs().stage(session.ctx.org, octets).await.map_err(Failed::of)?;
    let new = NewMessage { blob: Arc::new(blob), prefix: Arc::from([]), rendered: Arc::new(rendered), received_at };
    Ok(Staged { new, flags })
}

/// All of them, or none.
async fn write(session: &Session, path: Vec<String>, staged: Vec<Staged>) -> Result<Vec<Added>, Failed> {
    let written = session
        .write(move |ctx, tx, account| -> Result<Option<Vec<Added>>, AppendError> {
            // It was there when the message was let in; that it still is can only be said here.
            let Some(mailbox) = mailboxes::find_path(ctx, tx, account, &path)? else { return Ok(None) };
            let mut added = Vec::with_capacity(staged.len());
            for Staged { new, flags } in &staged {
                added.extend(messages::append(ctx, tx, account, &[mailbox.id], new, flags)?);
            }
            Ok(Some(added))
        })
        .await?;
    Ok(written.ok_or_else(try_create)?)
}
