//! Email/get (RFC 8621 §4.2). Lists cost two statements and no reading of messages; bodies are read a few at a time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use kernel::{MailAccountId, OrgId};
use mail::messages::{self, StoredMessage};
use mail::{Flags, MailboxId, MessageId, entries, heads, mime};
use serde_json::{Map, Value};
use store::Store;

use super::wire::{Places, Shape, Wanted, describe_read, describe_stored};
use crate::jmap::blob_ids::BlobName;
use crate::jmap::blobs::on_a_thread;
use crate::jmap::error::MethodError;
use crate::jmap::limits::{MAX_ANSWER_BYTES, MAX_OBJECTS_IN_GET};
use crate::jmap::references::weight_of;
use crate::jmap::standard::{GetArguments, got};
use crate::jmap::work::{Work, arguments};

/// Messages that one call reads at the same time.
const READ_AT_ONCE: usize = 4;

pub async fn get(work: &mut Work<'_>, mut args: Map<String, Value>) -> Result<Value, MethodError> {
    let shape = Shape::take(&mut args)?;
    let mut args: GetArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let wanted = Arc::new(Wanted::read(args.properties.take(), shape, false)?);
    let ids = match args.wanted()? {
        Some(ids) => ids,
        None => super::query::all(work, account, MAX_OBJECTS_IN_GET).await?.into_iter().map(|id| id.to_string()).collect(),
    };
    // Two names for one message are answered once.
    let mut asked: Vec<(String, Option<MessageId>)> = Vec::with_capacity(ids.len());
    for id in ids {
        let message = work.id(&id).and_then(|id| id.parse().ok());
        if message.is_none() || !asked.iter().any(|(_, other)| *other == message) {
            asked.push((id, message));
        }
    }
    let messages: Vec<MessageId> = asked.iter().filter_map(|(_, message)| *message).collect();
    let (state, found) = find(work, account, messages).await?;
    let (mut list, mut not_found) = (Vec::with_capacity(found.len()), Vec::new());
    let mut wanted_messages = Vec::new();
    let mut found = found;
    for (id, message) in asked {
        match message.and_then(|message| found.remove(&message)) {
            Some(found) => wanted_messages.push(found),
            None => not_found.push(id),
        }
    }
    if wanted.needs_bytes() {
        let (store, org) = (work.app.store.clone(), work.caller.ctx.org);
        let mut described = stream::iter(wanted_messages)
            .map(|(message, places)| describe(store.clone(), org, message, places, Arc::clone(&wanted)))
            .buffered(READ_AT_ONCE);
        let mut room = MAX_ANSWER_BYTES;
        while let Some(email) = described.try_next().await? {
            room = room.checked_sub(weight_of(&email)).ok_or(MethodError::RequestTooLarge)?;
            list.push(email);
        }
    } else {
        list.extend(wanted_messages.iter().map(|(message, places)| Value::Object(describe_stored(message, places, &wanted, false))));
    }
    Ok(got(&args.account_id, state, list, not_found))
}

type Found = HashMap<MessageId, (StoredMessage, Places)>;

/// The messages that exist, with the state they have been seen in.
pub async fn find(work: &Work<'_>, account: MailAccountId, wanted: Vec<MessageId>) -> Result<(i64, Found), MethodError> {
    work.read(move |ctx, tx| {
        let state = heads::open(ctx, tx, account)?.change_number;
        let stored = messages::find_messages(ctx, tx, account, &wanted)?;
        let mut places: BTreeMap<MessageId, (Vec<MailboxId>, Vec<Flags>)> = BTreeMap::new();
        for entry in entries::entries_of_messages(ctx, tx, account, &wanted)? {
            let (mailboxes, flags) = places.entry(entry.message).or_default();
            mailboxes.push(entry.mailbox);
            flags.push(entry.flags);
        }
        let with_places = |message: StoredMessage| {
            let (mailboxes, flags) = places.remove(&message.id)?;
            Some((message.id, (message, Places { mailboxes, flags: Flags::of_entries(&flags) })))
        };
        Ok::<_, MethodError>((state, stored.into_iter().filter_map(with_places).collect()))
    })
    .await
}

async fn describe(store: Store, org: OrgId, message: StoredMessage, places: Places, wanted: Arc<Wanted>) -> Result<Value, MethodError> {
    let bytes = messages::read(&store, org, &message.blob_id, &message.prefix).await?;
    on_a_thread(move || {
        let mut object = describe_stored(&message, &places, &wanted, true);
        describe_read(&mut object, &mime::parse(&bytes), &BlobName::message(message.id), &wanted);
        Value::Object(object)
    })
    .await
}
