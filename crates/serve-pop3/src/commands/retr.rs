//! RETR, and TOP, which is a part of it. RFC 1939 §5, §7

use std::sync::Arc;

use mail::maildrop::find_octets;
use mail::messages;
use store::BlobError;
use tokio::time::{Duration, timeout};

use super::{cannot_be_read, find};
use crate::errors::{Code, Failed, Refusal};
use crate::session::{Answer, Done, GATHERED_BYTES, Session};
use crate::texts;
use crate::wire::Body;

/// How long a message waits for memory.
const MEMORY_PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn retr(session: &mut Session, number: u32) -> Answer {
    let message = find(session, number)?;
    let size = message.size.to_string();
    let octets = read(session, message.uid).await?;
    session.say_line(&["+OK ", &size, " ", texts::OCTETS.in_language(session.language)]);
    send(session, Body::whole(&octets.bytes)).await
}

pub(crate) async fn top(session: &mut Session, number: u32, lines: u64) -> Answer {
    let message = find(session, number)?;
    let octets = read(session, message.uid).await?;
    session.say_ok(texts::LISTED);
    send(session, Body::top(&octets.bytes, lines)).await
}

/// A message in memory, and what it takes of the memory of all.
struct Octets {
    bytes: Vec<u8>,
    _memory: tokio::sync::OwnedSemaphorePermit,
}

async fn read(session: &Session, uid: u32) -> Result<Octets, Failed> {
    let (account, mailbox) = (session.account()?, session.maildrop()?.mailbox);
    let found = session.read(move |ctx, tx| find_octets(ctx, tx, account, mailbox, uid)).await?;
    // Somebody else, by IMAP or on the web, has removed it since the session began.
    let found = found.ok_or(Refusal::plain(texts::IS_GONE))?;
    let kib = u32::try_from(found.size_bytes.div_ceil(1024)).unwrap_or(u32::MAX);
    let memory = Arc::clone(&session.server.message_memory).acquire_many_owned(kib);
    let Ok(Ok(memory)) = timeout(MEMORY_PATIENCE, memory).await else {
        return Err(Refusal::of(Code::SysTemp, texts::TRY_LATER).into());
    };
    match messages::read(&session.server.store, session.ctx.org, &found.blob_id, &found.prefix).await {
        Ok(bytes) => Ok(Octets { bytes, _memory: memory }),
        Err(BlobError::NotFound) => Err(cannot_be_read().into()),
        Err(error) => Err(Failed::of(error)),
    }
}

/// A part at a time, each copied once on its way to the client.
async fn send(session: &mut Session, mut body: Body<'_>) -> Answer {
    while body.write_some(session.connection.output(), GATHERED_BYTES) {
        session.connection.flush().await?;
    }
    Ok(Done::Said)
}
