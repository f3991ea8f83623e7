//! Unique ids of a whole maildrop, from the server that had it before.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use kernel::{Ctx, MailAccountId};
use store::{Store, StoreError};

use super::{UniqueIdError, repo, set_unique_id};
use crate::MessageId;
use crate::heads::{self, MailError};
use crate::mailboxes::{self, Role};
use crate::mime;

/// Entries that one transaction reads: their envelopes are a few hundred octets each.
const PAGE: usize = 500;
/// Ids that one transaction writes.
const CHUNK: usize = 100;

/// What another server's programs know a message by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBy {
    /// Without brackets.
    pub message_id: String,
    pub unique_id: String,
}

/// What came of [`bring_unique_ids`].
#[derive(Debug, Default)]
pub struct Brought {
    /// Messages that have their unique id now, those that had it before included.
    pub given: usize,
    /// By number in what was asked for, from 0.
    pub refused: Vec<(usize, UniqueIdError)>,
}

/// Gives the messages of INBOX the unique ids that programs know them by from another server, as [`set_unique_id`] does one. Messages are found by their
/// Message-ID; of several with the same the first one stands for the one with the lowest uid, so what is asked for comes in the order of the other server's
/// list. Asked again, it changes nothing.
pub async fn bring_unique_ids(store: &Store, ctx: &Ctx, account: MailAccountId, known: &[KnownBy]) -> Result<Brought, MailError> {
    let mut found = find(store, ctx, account, known).await?;
    let mut brought = Brought::default();
    let mut wanted: Vec<(usize, MessageId, String)> = Vec::new();
    for (number, known) in known.iter().enumerate() {
        match found.get_mut(&known.message_id).and_then(VecDeque::pop_front) {
            Some(message) => wanted.push((number, message, known.unique_id.clone())),
            None => brought.refused.push((number, UniqueIdError::NoSuchMessage)),
        }
    }
    while !wanted.is_empty() {
        let chunk: Arc<[_]> = wanted.drain(..CHUNK.min(wanted.len())).collect();
        let (ctx, length) = (ctx.clone(), chunk.len());
        let refused = store.write_account(account, move |tx| {
            let mut refused = Vec::new();
            for (number, message, unique_id) in chunk.iter() {
                match set_unique_id(&ctx, tx, account, *message, unique_id) {
                    Ok(()) => {}
                    Err(UniqueIdError::Store(error) | UniqueIdError::Mail(MailError::Store(error))) => return Err(MailError::Store(error)),
                    Err(error) => refused.push((*number, error)),
                }
            }
            Ok(refused)
        });
        let refused = refused.await?;
        brought.given += length - refused.len();
        brought.refused.extend(refused);
    }
    brought.refused.sort_by_key(|(number, _)| *number);
    Ok(brought)
}

/// The messages of INBOX that have one of these Message-IDs, by uid.
async fn find(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    known: &[KnownBy],
) -> Result<HashMap<String, VecDeque<MessageId>>, MailError> {
    let mut found: HashMap<String, VecDeque<MessageId>> = known.iter().map(|known| (known.message_id.clone(), VecDeque::new())).collect();
    let opened = ctx.clone();
    let inbox = store.read(move |tx| {
        heads::open(&opened, tx, account)?;
        Ok::<_, MailError>(mailboxes::repo::find_role_id(tx, account, Role::Inbox)?)
    });
    let Some(inbox) = inbox.await? else { return Ok(found) };
    let mut after = 0;
    loop {
        let page = store.read::<_, StoreError, _>(move |tx| repo::envelopes(tx, account, inbox, after, PAGE)).await?;
        for (uid, message, envelope) in &page {
            after = *uid;
            if let Some(messages) = mime::message_id_of(envelope).and_then(|id| found.get_mut(&id)) {
                messages.push_back(*message);
            }
        }
        if page.len() < PAGE {
            return Ok(found);
        }
    }
}
