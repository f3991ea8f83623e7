//! Email/import (RFC 8621 §4.8): messages that were uploaded, or are parts of others.

use kernel::MailAccountId;
use mail::FlagError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::compose::keywords_of;
use super::set::{add, mailboxes_of};
use super::wire::date_of;
use crate::jmap::blob_ids::BlobName;
use crate::jmap::blobs;
use crate::jmap::error::{MethodError, SetError};
use crate::jmap::limits::MAX_OBJECTS_IN_SET;
use crate::jmap::work::{IfInState, Work, arguments};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    account_id: String,
    #[serde(default)]
    if_in_state: Option<String>,
    emails: Map<String, Value>,
}

pub async fn import(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: Arguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    if args.emails.len() > MAX_OBJECTS_IN_SET {
        return Err(MethodError::RequestTooLarge);
    }
    let old_state = work.state(account).await?;
    IfInState::read(args.if_in_state.as_deref())?.check(old_state)?;
    let (mut created, mut not_created) = (Map::new(), Map::new());
    for (creation, value) in args.emails {
        match import_one(work, account, value).await {
            Ok(made) => {
                work.created.insert(creation.clone(), made["id"].as_str().unwrap_or_default().to_owned());
                created.insert(creation, made);
            }
            Err(error) => {
                not_created.insert(creation, error.into_json());
            }
        }
    }
    let new_state = work.state(account).await?;
    let map = |map: Map<String, Value>| if map.is_empty() { Value::Null } else { Value::Object(map) };
    Ok(json!({
        "accountId": args.account_id,
        "oldState": old_state.to_string(),
        "newState": new_state.to_string(),
        "created": map(created),
        "notCreated": map(not_created),
    }))
}

async fn import_one(work: &Work<'_>, account: MailAccountId, value: Value) -> Result<Value, SetError> {
    let Value::Object(object) = value else { return Err(SetError::invalid_properties([], "an import is an object")) };
    let unknown: Vec<&str> =
        object.keys().map(String::as_str).filter(|name| !["blobId", "mailboxIds", "keywords", "receivedAt"].contains(name)).collect();
    if !unknown.is_empty() {
        return Err(SetError::invalid_properties(unknown, "these cannot be set"));
    }
    let mailboxes = mailboxes_of(work, object.get("mailboxIds"))?;
    let flags = keywords_of(object.get("keywords")).map_err(|error| match error {
        Some(FlagError::TooMany) => SetError::new("tooManyKeywords"),
        _ => SetError::invalid_property("keywords", "keywords are a map of names that are true"),
    })?;
    let ctx = work.ctx();
    let received_at = match object.get("receivedAt") {
        None | Some(Value::Null) => ctx.now,
        Some(value) => {
            let date = value.as_str().filter(|text| text.ends_with('Z')).and_then(date_of);
            date.map(|date| date.at).ok_or_else(|| SetError::invalid_property("receivedAt", "not a UTC date"))?
        }
    };
    let Some(id) = object.get("blobId").and_then(Value::as_str) else {
        return Err(SetError::invalid_property("blobId", "an import names a blob"));
    };
    // RFC 8621 §4.8; `blobNotFound` is for parts of an email that is put together.
    let missing = || SetError::invalid_property("blobId", "there is no such blob");
    let name: BlobName = id.parse().map_err(|_| missing())?;
    let blob = blobs::load(&work.app.store, &ctx, account, &name).await.map_err(SetError::of_method)?.ok_or_else(missing)?;
    // Any bytes can be read as a message somehow, but nothing without a header was one.
    if !looks_like_a_message(&blob.bytes) {
        return Err(SetError::new("invalidEmail").because("the blob is not a message"));
    }
    add(work, account, blob.bytes, mailboxes, flags, received_at).await
}

/// It begins with a header field.
pub fn looks_like_a_message(bytes: &[u8]) -> bool {
    let name = bytes.iter().take_while(|byte| byte.is_ascii_graphic() && **byte != b':').count();
    name > 0 && bytes[name..].trim_ascii_start().first() == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_with_a_header_is_a_message() {
        assert!(looks_like_a_message(b"From: a@first.test\r\n\r\nx") && looks_like_a_message(b"Subject : x"));
        for wrong in [&b""[..], b"\r\n\r\nx", b"%PDF-1.4 \x00", b": x", b"\x89PNG\r\n", b" folded: x"] {
            assert!(!looks_like_a_message(wrong));
        }
    }
}
