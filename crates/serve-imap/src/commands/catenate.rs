//! CATENATE: a message of what is sent and of what is there already. RFC 4469

use std::sync::Arc;

use mail::entries;
use mail::heads::MailError;
use mail::messages::{self, StoredMessage};
use mail::{UidSet, mailboxes, mime};
use proto_imap::{CatenatePart, Code, MessageUrl};
use tokio::time::timeout;

use super::fetch::section_of;
use crate::errors::{Failed, Refusal};
use crate::names::path_of;
use crate::session::{MEMORY_PATIENCE, Message, Session, kib};

/// The parts one behind the other, as they are. What they take in memory is drawn from what all sessions share.
pub(super) async fn put_together(
    session: &Session,
    parts: &[CatenatePart],
    received: &mut impl Iterator<Item = Message>,
) -> Result<Message, Failed> {
    let memory = Arc::clone(&session.server.incoming_memory);
    let mut whole = Message { octets: Vec::new(), memory: take(&memory, 0).await? };
    for part in parts {
        match part {
            CatenatePart::Text { .. } => {
                let text = received.next().ok_or_else(|| Refusal::bad("A text was expected"))?;
                refuse_too_big(session, whole.octets.len() as u64, text.octets.len() as u64)?;
                if whole.octets.is_empty() {
                    whole = text;
                    continue;
                }
                whole.octets.extend_from_slice(&text.octets);
                whole.memory.merge(text.memory);
            }
            CatenatePart::Url(url) => {
                let (named, stored) = find(session, url).await?.ok_or_else(|| bad_url(url))?;
                // Read aside of what is being received: that is held for as long as clients like.
                let reading = Arc::clone(&session.server.outgoing_memory);
                let _reading = take(&reading, stored.size_bytes).await?;
                let read = messages::read(&session.server.store, session.ctx.org, &stored.blob_id, &stored.prefix).await;
                let octets = read.map_err(Failed::of)?;
                let part = part_of(&named, &octets).ok_or_else(|| bad_url(url))?;
                refuse_too_big(session, whole.octets.len() as u64, part.len() as u64)?;
                whole.memory.merge(take(&memory, part.len() as u64).await?);
                whole.octets.extend_from_slice(&part);
            }
        }
    }
    Ok(whole)
}

fn bad_url(url: &str) -> Refusal {
    Refusal::no(Code::BadUrl(url.to_owned()), "The URL names no message or part here")
}

/// RFC 4469 §4.2
fn refuse_too_big(session: &Session, before: u64, more: u64) -> Result<(), Refusal> {
    if before + more > session.server.options.max_message_bytes {
        return Err(Refusal::no(Code::TooBig, "The message would be larger than APPENDLIMIT"));
    }
    Ok(())
}

async fn take(memory: &Arc<tokio::sync::Semaphore>, bytes: u64) -> Result<tokio::sync::OwnedSemaphorePermit, Refusal> {
    match timeout(MEMORY_PATIENCE, Arc::clone(memory).acquire_many_owned(kib(bytes))).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Refusal::no(Code::Unavailable, "Too much mail is on its way, try again later")),
    }
}

/// The message that a URL names, of one's own.
async fn find(session: &Session, url: &str) -> Result<Option<(MessageUrl, StoredMessage)>, Failed> {
    let Some(named) = MessageUrl::parse(url) else { return Ok(None) };
    let path = named.mailbox.as_ref().map(path_of).transpose();
    let (Ok(path), selected) = (path, session.view.as_ref().map(|view| view.mailbox)) else { return Ok(None) };
    let (uid, uid_validity) = (named.uid.get(), named.uid_validity);
    let stored = session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let mailbox = match (&path, selected) {
                (Some(path), _) => mailboxes::find_path(ctx, tx, account, path)?,
                (None, Some(selected)) => Some(mailboxes::get(ctx, tx, account, selected)?),
                (None, None) => None,
            };
            let same = |known: u32| uid_validity.is_none_or(|wanted| wanted.get() == known);
            let Some(mailbox) = mailbox.filter(|mailbox| same(mailbox.uid_validity)) else { return Ok(None) };
            let uids: UidSet = std::iter::once(uid).collect();
            let (found, _) = entries::find_entries(ctx, tx, account, mailbox.id, &uids, 1)?;
            let Some(entry) = found.first() else { return Ok(None) };
            Ok(messages::find_messages(ctx, tx, account, &[entry.message])?.pop())
        })
        .await?;
    Ok(stored.map(|stored| (named, stored)))
}

/// RFC 4469 §3: the octets that FETCH BODY would tell.
fn part_of<'o>(named: &MessageUrl, octets: &'o [u8]) -> Option<std::borrow::Cow<'o, [u8]>> {
    let part = match &named.section {
        Some(section) => mime::section(octets, &section_of(section))?,
        None => octets.into(),
    };
    let Some((offset, length)) = named.partial else { return Some(part) };
    let from = part.len().min(offset as usize);
    let to = length.map_or(part.len(), |length| part.len().min(from + length.get() as usize));
    Some(part[from..to].to_vec().into())
}
