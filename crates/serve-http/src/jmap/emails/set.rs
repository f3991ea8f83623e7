//! Email/set (RFC 8621 §4.6).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::MailAccountId;
use mail::entries::{self, EntryError, FlagChange};
use mail::heads::MailError;
use mail::messages::{self, AppendError, NewMessage};
use mail::{FlagError, Flags, MailboxId, MessageId, mime};
use serde_json::{Map, Value, json};
use store::BlobError;

use super::compose::{self, keywords_of};
use crate::jmap::blob_ids::BlobName;
use crate::jmap::blobs::{self, on_a_thread};
use crate::jmap::error::{MethodError, SetError};
use crate::jmap::limits::MAX_SIZE_UPLOAD;
use crate::jmap::patch;
use crate::jmap::standard::{Outcome, SetArguments};
use crate::jmap::work::{IfInState, Work, arguments};

/// Messages of one transaction, which must not hold up others.
const CHUNK: usize = 100;

pub async fn set(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: SetArguments = arguments(args)?;
    args.refuse_too_many()?;
    let account = work.account(&args.account_id)?;
    let old_state = work.state(account).await?;
    IfInState::read(args.if_in_state.as_deref())?.check(old_state)?;
    let mut outcome = Outcome::default();
    for (creation, value) in args.create.unwrap_or_default() {
        let result = create(work, account, value).await;
        if let Ok(made) = &result {
            work.created.insert(creation.clone(), made["id"].as_str().unwrap_or_default().to_owned());
        }
        outcome.creation(&creation, result);
    }
    let destroyed = args.destroy.unwrap_or_default();
    let mut updates: Vec<(String, Value)> = Vec::new();
    for (id, patch) in args.update.unwrap_or_default() {
        // RFC 8620 §5.3: what is destroyed in the same call is not updated.
        if destroyed.contains(&id) {
            outcome.update(&id, Err(SetError::new("willDestroy")));
        } else {
            updates.push((id, patch));
        }
    }
    update(work, account, updates, &mut outcome).await;
    destroy(work, account, destroyed, &mut outcome).await;
    let new_state = work.state(account).await?;
    Ok(outcome.answer(&args.account_id, old_state, new_state))
}

async fn create(work: &Work<'_>, account: MailAccountId, value: Value) -> Result<Value, SetError> {
    let Value::Object(mut object) = value else { return Err(SetError::invalid_properties([], "an email is an object")) };
    let mailboxes = mailboxes_of(work, object.remove("mailboxIds").as_ref())?;
    let draft = compose::read(&object)?;
    let mut found: BTreeMap<BlobName, Vec<u8>> = BTreeMap::new();
    let mut missing = Vec::new();
    let mut room = MAX_SIZE_UPLOAD;
    let ctx = work.ctx();
    for name in draft.blobs() {
        match blobs::load(&work.app.store, &ctx, account, &name).await.map_err(SetError::of_method)? {
            None => missing.push(name.to_string()),
            Some(blob) => {
                room = room.checked_sub(blob.bytes.len()).ok_or_else(too_large)?;
                found.insert(name, blob.bytes);
            }
        }
    }
    if !missing.is_empty() {
        return Err(SetError::new("blobNotFound").with("notFound", json!(missing)));
    }
    let received_at = draft.received_at.unwrap_or(ctx.now);
    let (flags, host) = (draft.keywords.clone(), work.app.options.mail_host.clone());
    let composing = ctx.clone();
    let bytes = on_a_thread(move || draft.write(&composing, &host, &found)).await.map_err(SetError::of_method)?;
    add(work, account, bytes, mailboxes, flags, received_at).await
}

fn too_large() -> SetError {
    SetError::new("tooLarge").because("the message and its attachments are larger than this server takes")
}

/// Puts a message into the account; what the client learns of it.
pub async fn add(
    work: &Work<'_>,
    account: MailAccountId,
    bytes: Vec<u8>,
    mailboxes: Vec<MailboxId>,
    flags: Flags,
    received_at: kernel::Timestamp,
) -> Result<Value, SetError> {
    // Base64 makes a third more of what was uploaded.
    if bytes.len() > MAX_SIZE_UPLOAD + MAX_SIZE_UPLOAD / 2 {
        return Err(too_large());
    }
    let (rendered, bytes) = on_a_thread(move || (mime::render(&bytes), bytes)).await.map_err(SetError::of_method)?;
    let staged = work.app.store.blobs().stage(work.caller.ctx.org, bytes).await.map_err(|error| match error {
        BlobError::TooLarge { .. } => too_large(),
        error => SetError::of(error),
    })?;
    let message = NewMessage { blob: Arc::new(staged), prefix: Arc::from([]), rendered: Arc::new(rendered), received_at };
    let size = message.size_bytes();
    let added = work
        .write(account, move |ctx, tx| {
            let added = messages::append(ctx, tx, account, &mailboxes, &message, &flags).map_err(append_failure)?;
            added.first().copied().ok_or_else(|| SetError::invalid_property("mailboxIds", "a message is in at least one mailbox"))
        })
        .await?;
    Ok(json!({
        "id": added.message,
        "blobId": BlobName::message(added.message).to_string(),
        "threadId": added.thread,
        "size": size,
    }))
}

fn append_failure(error: AppendError) -> SetError {
    match error {
        AppendError::Mail(MailError::MailboxNotFound(_)) | AppendError::NoMailbox => {
            SetError::typed("invalidProperties", error).with("properties", json!(["mailboxIds"]))
        }
        error => SetError::of(error),
    }
}

/// The mailboxes that a `mailboxIds` names; at least one.
pub fn mailboxes_of(work: &Work<'_>, value: Option<&Value>) -> Result<Vec<MailboxId>, SetError> {
    let wrong = || SetError::invalid_property("mailboxIds", "a message is in at least one mailbox that exists");
    let Some(Value::Object(ids)) = value else { return Err(wrong()) };
    if ids.is_empty() || !ids.values().all(|value| *value == json!(true)) {
        return Err(wrong());
    }
    ids.keys().map(|id| work.id(id).and_then(|id| id.parse().ok()).ok_or_else(wrong)).collect()
}

/// What an update makes of a message, once it was held against what the message is.
#[derive(Debug, Clone, Default)]
struct Change {
    /// Instead of all that it has.
    keywords: Option<Flags>,
    mailboxes: Option<Vec<MailboxId>>,
}

async fn update(work: &Work<'_>, account: MailAccountId, updates: Vec<(String, Value)>, outcome: &mut Outcome) {
    let mut patches: Vec<(String, MessageId, Map<String, Value>)> = Vec::new();
    for (id, patch) in updates {
        match (work.id(&id).and_then(|id| id.parse().ok()), patch) {
            (None, _) => outcome.update(&id, Err(SetError::not_found())),
            (Some(message), Value::Object(patch)) => match with_created_ids(work, patch) {
                Ok(patch) => patches.push((id, message, patch)),
                Err(error) => outcome.update(&id, Err(error)),
            },
            (Some(_), _) => outcome.update(&id, Err(SetError::invalid_patch("a patch is an object"))),
        }
    }
    for chunk in patches.chunks(CHUNK) {
        let chunk: Arc<Vec<_>> = Arc::new(chunk.to_vec());
        let all = Arc::clone(&chunk);
        let done = work
            .write(account, move |ctx, tx| {
                let mut results = Vec::with_capacity(all.len());
                for (_, message, patch) in all.iter() {
                    results.push(update_one(ctx, tx, account, *message, patch)?);
                }
                Ok::<_, Failed>(results)
            })
            .await;
        match done {
            Ok(results) => chunk.iter().zip(results).for_each(|((id, ..), result)| outcome.update(id, result.map(|()| Value::Null))),
            // Something was refused after something was written: each for itself, so that only that one fails.
            Err(_) => {
                for (id, message, patch) in chunk.iter() {
                    let (message, patch) = (*message, patch.clone());
                    let done = work.write(account, move |ctx, tx| update_one(ctx, tx, account, message, &patch)).await;
                    let result = done.unwrap_or_else(|Failed(error)| Err(error));
                    outcome.update(id, result.map(|()| Value::Null));
                }
            }
        }
    }
}

/// What makes a transaction go back.
struct Failed(SetError);

impl From<store::StoreError> for Failed {
    fn from(error: store::StoreError) -> Self {
        Self(error.into())
    }
}

impl From<EntryError> for Failed {
    fn from(error: EntryError) -> Self {
        Self(entry_failure(error))
    }
}

impl From<MailError> for Failed {
    fn from(error: MailError) -> Self {
        Self(error.into())
    }
}

fn entry_failure(error: EntryError) -> SetError {
    match error {
        EntryError::Mail(MailError::MailboxNotFound(_)) | EntryError::NoMailbox => {
            SetError::typed("invalidProperties", error).with("properties", json!(["mailboxIds"]))
        }
        EntryError::Flag(FlagError::TooMany) => SetError::typed("tooManyKeywords", error),
        EntryError::Flag(FlagError::Invalid) => SetError::of(error).with("properties", json!(["keywords"])),
        error => SetError::of(error),
    }
}

/// Puts ids in place of creation ids among the mailboxes.
fn with_created_ids(work: &Work<'_>, patch: Map<String, Value>) -> Result<Map<String, Value>, SetError> {
    let unknown = || SetError::invalid_property("mailboxIds", "there is no such mailbox");
    let resolved = |id: &str| work.id(id).map(str::to_owned).ok_or_else(unknown);
    let entry = |(path, value): (String, Value)| match (path.strip_prefix("mailboxIds/"), value) {
        (Some(id), value) => Ok((format!("mailboxIds/{}", resolved(id)?), value)),
        (None, Value::Object(ids)) if path == "mailboxIds" => {
            let ids = ids.into_iter().map(|(id, value)| Ok((resolved(&id)?, value))).collect::<Result<_, SetError>>()?;
            Ok((path, Value::Object(ids)))
        }
        (None, value) => Ok((path, value)),
    };
    patch.into_iter().map(entry).collect()
}

/// The outer error takes the transaction back; the inner one was found before anything was written.
fn update_one(
    ctx: &kernel::Ctx,
    tx: &mut store::Tx,
    account: MailAccountId,
    message: MessageId,
    patch: &Map<String, Value>,
) -> Result<Result<(), SetError>, Failed> {
    let entries = entries::entries_of_messages(ctx, tx, account, &[message])?;
    if entries.is_empty() {
        return Ok(Err(SetError::not_found()));
    }
    let flags = Flags::of_entries(entries.iter().map(|entry| &entry.flags));
    let mailboxes: BTreeSet<MailboxId> = entries.iter().map(|entry| entry.mailbox).collect();
    let change = match change_of(message, &flags, &mailboxes, patch) {
        Ok(change) => change,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(mailboxes) = &change.mailboxes {
        entries::set_mailboxes(ctx, tx, account, message, mailboxes)?;
    }
    if let Some(keywords) = &change.keywords {
        entries::change_keywords(ctx, tx, account, &[message], FlagChange::Replace, keywords)?;
    }
    Ok(Ok(()))
}

fn change_of(message: MessageId, flags: &Flags, mailboxes: &BTreeSet<MailboxId>, patch: &Map<String, Value>) -> Result<Change, SetError> {
    let set = |names: &mut dyn Iterator<Item = String>| Value::Object(names.map(|name| (name, Value::Bool(true))).collect());
    let before = json!({
        "id": message,
        "keywords": set(&mut flags.keywords().into_iter()),
        "mailboxIds": set(&mut mailboxes.iter().map(MailboxId::to_string)),
    });
    let Value::Object(before) = before else { return Err(SetError::not_found()) };
    let wrong: Vec<&str> =
        patch.keys().map(|path| path.split('/').next().unwrap_or_default()).filter(|name| !before.contains_key(*name)).collect();
    if !wrong.is_empty() {
        return Err(SetError::invalid_properties(wrong, "only keywords and mailboxes can be changed"));
    }
    let mut after = before.clone();
    patch::apply(&mut after, &lower_case(patch))?;
    if after.get("id") != before.get("id") {
        return Err(SetError::invalid_property("id", "the server sets it"));
    }
    let mut change = Change::default();
    if after.get("keywords") != before.get("keywords") {
        let keywords = keywords_of(after.get("keywords")).map_err(|error| match error {
            Some(FlagError::TooMany) => SetError::new("tooManyKeywords"),
            _ => SetError::invalid_property("keywords", "keywords are a map of names that are true"),
        })?;
        change.keywords = Some(keywords);
    }
    if after.get("mailboxIds") != before.get("mailboxIds") {
        let wrong = || SetError::invalid_property("mailboxIds", "a message is in at least one mailbox that exists");
        let Some(Value::Object(ids)) = after.get("mailboxIds") else { return Err(wrong()) };
        if ids.is_empty() || !ids.values().all(|value| *value == json!(true)) {
            return Err(wrong());
        }
        change.mailboxes = Some(ids.keys().map(|id| id.parse().map_err(|_| wrong())).collect::<Result<_, _>>()?);
    }
    Ok(change)
}

/// RFC 8621 §4.1.1: keywords are compared without regard to case, and answered in lower case.
fn lower_case(patch: &Map<String, Value>) -> Map<String, Value> {
    let entry = |(path, value): (&String, &Value)| match (path.strip_prefix("keywords/"), value) {
        (Some(keyword), value) => (format!("keywords/{}", keyword.to_ascii_lowercase()), value.clone()),
        (None, Value::Object(keywords)) if path == "keywords" => {
            (path.clone(), Value::Object(keywords.iter().map(|(keyword, value)| (keyword.to_ascii_lowercase(), value.clone())).collect()))
        }
        (None, value) => (path.clone(), value.clone()),
    };
    patch.iter().map(entry).collect()
}

async fn destroy(work: &Work<'_>, account: MailAccountId, ids: Vec<String>, outcome: &mut Outcome) {
    let mut messages: Vec<(String, MessageId)> = Vec::new();
    for id in ids {
        match work.id(&id).and_then(|id| id.parse().ok()) {
            Some(message) => messages.push((id, message)),
            None => outcome.destruction(&id, Err(SetError::not_found())),
        }
    }
    for chunk in messages.chunks(CHUNK) {
        let wanted: Vec<MessageId> = chunk.iter().map(|(_, message)| *message).collect();
        let done = work.write(account, move |ctx, tx| entries::destroy(ctx, tx, account, &wanted).map_err(Failed::from)).await;
        for (id, message) in chunk {
            let result = match &done {
                Ok(done) if done.destroyed.contains(message) => Ok(()),
                Ok(_) => Err(SetError::not_found()),
                Err(Failed(error)) => Err(error.clone()),
            };
            outcome.destruction(id, result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(patch: Value) -> Result<Change, &'static str> {
        let flags = Flags::from_keywords(["$seen", "Work"]).unwrap();
        let mailboxes = BTreeSet::from([MailboxId::from_raw(1), MailboxId::from_raw(2)]);
        let Value::Object(patch) = patch else { panic!("a patch is an object") };
        change_of(MessageId::from_raw(9), &flags, &mailboxes, &patch).map_err(|error| error.kind())
    }

    fn keywords(change: &Change) -> Vec<String> {
        let mut keywords = change.keywords.as_ref().unwrap().keywords();
        keywords.sort();
        keywords
    }

    #[test]
    fn patches_say_what_a_message_becomes() {
        assert_eq!(keywords(&change(json!({ "keywords/$Flagged": true, "keywords/work": null })).unwrap()), ["$flagged", "$seen"]);
        assert_eq!(keywords(&change(json!({ "keywords": { "$Draft": true } })).unwrap()), ["$draft"]);
        let moved = change(json!({ "mailboxIds/f1": null, "mailboxIds/f3": true })).unwrap();
        assert_eq!(moved.mailboxes.unwrap(), [MailboxId::from_raw(2), MailboxId::from_raw(3)]);
        let nothing = change(json!({ "keywords/$seen": true, "id": "m9" })).unwrap();
        assert!(nothing.keywords.is_none() && nothing.mailboxes.is_none());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (patch, kind) in [
            (json!({ "subject": "x" }), "invalidProperties"),
            (json!({ "id": "m8" }), "invalidProperties"),
            (json!({ "mailboxIds": {} }), "invalidProperties"),
            (json!({ "mailboxIds/f1": null, "mailboxIds/f2": null }), "invalidProperties"),
            (json!({ "mailboxIds/f1": false }), "invalidProperties"),
            (json!({ "mailboxIds/inbox": true }), "invalidProperties"),
            (json!({ "keywords/$seen": false }), "invalidProperties"),
            (json!({ "keywords/a b": true }), "invalidProperties"),
            (json!({ "keywords": {}, "keywords/$seen": null }), "invalidPatch"),
            (json!({ "keywords/a/b": true }), "invalidPatch"),
        ] {
            assert_eq!(change(patch.clone()).map(drop), Err(kind), "{patch}");
        }
    }
}
