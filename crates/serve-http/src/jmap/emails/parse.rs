//! Email/parse (RFC 8621 §4.9): messages that are blobs, such as one attached to another.

use std::sync::Arc;

use mail::mime;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::import::looks_like_a_message;
use super::wire::{Shape, Wanted, describe_read};
use crate::jmap::blob_ids::BlobName;
use crate::jmap::blobs::{self, on_a_thread};
use crate::jmap::error::MethodError;
use crate::jmap::limits::{MAX_ANSWER_BYTES, MAX_OBJECTS_IN_GET};
use crate::jmap::references::weight_of;
use crate::jmap::work::{Work, arguments};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    account_id: String,
    blob_ids: Vec<String>,
    #[serde(default)]
    properties: Option<Vec<String>>,
}

pub async fn parse(work: &mut Work<'_>, mut args: Map<String, Value>) -> Result<Value, MethodError> {
    let shape = Shape::take(&mut args)?;
    let args: Arguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    if args.blob_ids.len() > MAX_OBJECTS_IN_GET {
        return Err(MethodError::RequestTooLarge);
    }
    let wanted = Arc::new(Wanted::read(args.properties, shape, true)?);
    let ctx = work.ctx();
    let (mut parsed, mut not_parsable, mut not_found) = (Map::new(), Vec::new(), Vec::new());
    let mut room = MAX_ANSWER_BYTES;
    for id in args.blob_ids {
        if parsed.contains_key(&id) || not_parsable.contains(&id) || not_found.contains(&id) {
            continue;
        }
        let Ok(name) = id.parse::<BlobName>() else {
            not_found.push(id);
            continue;
        };
        let Some(blob) = blobs::load(&work.app.store, &ctx, account, &name).await? else {
            not_found.push(id);
            continue;
        };
        if !looks_like_a_message(&blob.bytes) {
            not_parsable.push(id);
            continue;
        }
        let wanted = Arc::clone(&wanted);
        let size = blob.bytes.len();
        let object = on_a_thread(move || {
            let mut object = Map::new();
            describe_read(&mut object, &mime::parse(&blob.bytes), &name, &wanted);
            if wanted.has("size") {
                object.insert("size".to_owned(), json!(size));
            }
            Value::Object(object)
        })
        .await?;
        room = room.checked_sub(weight_of(&object)).ok_or(MethodError::RequestTooLarge)?;
        parsed.insert(id, object);
    }
    let list = |list: Vec<String>| if list.is_empty() { Value::Null } else { json!(list) };
    let mut answer = Map::new();
    answer.insert("accountId".to_owned(), args.account_id.into());
    answer.insert("parsed".to_owned(), if parsed.is_empty() { Value::Null } else { Value::Object(parsed) });
    answer.insert("notParsable".to_owned(), list(not_parsable));
    answer.insert("notFound".to_owned(), list(not_found));
    Ok(Value::Object(answer))
}
