//! Blobs within method calls (RFC 9404): small ones are put together, read and traced to what uses them without further requests.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::MailAccountId;
use mail::entries;
use mail::uploads::{self, UploadLimits};
use ring::digest::{self, Algorithm};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Found, Place};
use crate::jmap::blob_ids::BlobName;
use crate::jmap::error::{MethodError, SetError};
use crate::jmap::limits::{self, MAX_BLOB_SET_BYTES, MAX_DATA_SOURCES, MAX_OBJECTS_IN_GET};
use crate::jmap::work::{Work, arguments};

/// What Blob/lookup can look for, as the session object tells it.
pub const TYPE_NAMES: [&str; 3] = ["Email", "Mailbox", "Thread"];
/// The digests that Blob/get can make, by the names of the IANA registry.
pub const DIGESTS: [&str; 4] = ["sha", "sha-256", "sha-384", "sha-512"];
/// What the bytes may weigh that one Blob/get reads.
const MAX_READ_BYTES: usize = 64 << 20;

fn algorithm(name: &str) -> Option<&'static Algorithm> {
    match name {
        "sha" => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "sha-256" => Some(&digest::SHA256),
        "sha-384" => Some(&digest::SHA384),
        "sha-512" => Some(&digest::SHA512),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UploadArguments {
    account_id: String,
    create: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBlob {
    data: Vec<Source>,
    #[serde(default, rename = "type")]
    content_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Source {
    Text {
        #[serde(rename = "data:asText")]
        text: String,
    },
    Base64 {
        #[serde(rename = "data:asBase64")]
        base64: String,
    },
    Blob {
        #[serde(rename = "blobId")]
        blob_id: String,
        #[serde(default)]
        offset: Option<usize>,
        #[serde(default)]
        length: Option<usize>,
    },
}

/// Blob/upload (RFC 9404 §4.1)
pub async fn upload(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: UploadArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    if args.create.len() > limits::MAX_OBJECTS_IN_SET {
        return Err(MethodError::RequestTooLarge);
    }
    let (mut created, mut not_created) = (Map::new(), Map::new());
    for (creation, value) in in_order(args.create) {
        match create(work, account, value).await {
            Ok((name, content_type, size)) => {
                work.created.insert(creation.clone(), name.to_string());
                created.insert(creation, json!({ "id": name.to_string(), "type": content_type, "size": size }));
            }
            Err(error) => {
                not_created.insert(creation, error.into_json());
            }
        }
    }
    let map = |map: Map<String, Value>| if map.is_empty() { Value::Null } else { Value::Object(map) };
    Ok(json!({ "accountId": args.account_id, "created": map(created), "notCreated": map(not_created) }))
}

/// Each after those it is made of, however the client wrote them. What goes round in a circle comes last, and fails.
fn in_order(create: Map<String, Value>) -> Vec<(String, Value)> {
    let mut ordered: Vec<(String, Value)> = Vec::with_capacity(create.len());
    let mut waiting: Vec<(String, Value)> = create.into_iter().collect();
    while !waiting.is_empty() {
        let names: BTreeSet<String> = waiting.iter().map(|(creation, _)| format!("#{creation}")).collect();
        let is_free = |value: &Value| {
            let sources = value["data"].as_array().map(Vec::as_slice).unwrap_or_default();
            !sources.iter().any(|source| source["blobId"].as_str().is_some_and(|id| names.contains(id)))
        };
        let (free, bound): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, value)| is_free(value));
        if free.is_empty() {
            ordered.extend(bound);
            break;
        }
        ordered.extend(free);
        waiting = bound;
    }
    ordered
}

async fn create(work: &Work<'_>, account: MailAccountId, value: Value) -> Result<(BlobName, Option<String>, usize), SetError> {
    let wrong = |why: &str| SetError::invalid_property("data", why);
    let new: NewBlob = serde_json::from_value(value).map_err(|_| wrong("a blob is put together of texts, base64 and parts of blobs"))?;
    if new.data.len() > MAX_DATA_SOURCES {
        return Err(wrong("a blob is put together of fewer pieces"));
    }
    let mut bytes = Vec::new();
    for source in new.data {
        match source {
            Source::Text { text } => bytes.extend_from_slice(text.as_bytes()),
            Source::Base64 { base64 } => {
                bytes.extend(STANDARD.decode(base64).map_err(|_| wrong("what is given as base64 is not"))?);
            }
            Source::Blob { blob_id, offset, length } => {
                let found = find(work, account, &blob_id).await.map_err(SetError::of_method)?;
                let found = found.ok_or_else(|| SetError::new("blobNotFound").with("notFound", json!([blob_id])))?;
                let range = Range::of(&found.bytes, offset, length);
                if range.is_cut {
                    return Err(wrong("the piece reaches beyond the end of its blob"));
                }
                bytes.extend_from_slice(range.bytes);
            }
        }
        if bytes.len() > MAX_BLOB_SET_BYTES {
            return Err(SetError::new("tooLarge").with("maxSize", json!(MAX_BLOB_SET_BYTES)));
        }
    }
    let content_type = new.content_type.filter(|given| given.len() <= 200 && given.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let size = bytes.len();
    let staged = work.app.store.blobs().stage(work.caller.ctx.org, bytes).await.map_err(SetError::of)?;
    let kept_type = content_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
    let bounds = UploadLimits { bytes: limits::MAX_UPLOADED_BYTES, count: limits::MAX_UPLOADS };
    let kept = work
        .write(account, move |ctx, tx| uploads::add(ctx, tx, account, &staged, &kept_type, size as u64, bounds).map_err(SetError::of))
        .await?;
    Ok((BlobName::upload(kept.id), content_type, size))
}

/// A blob by its id or creation id.
async fn find(work: &Work<'_>, account: MailAccountId, id: &str) -> Result<Option<Found>, MethodError> {
    let Some(name) = work.id(id).and_then(|id| id.parse::<BlobName>().ok()) else { return Ok(None) };
    super::load(&work.app.store, &work.ctx(), account, &name).await
}

/// A piece of a blob.
struct Range<'a> {
    bytes: &'a [u8],
    /// More was asked for than there is.
    is_cut: bool,
}

impl<'a> Range<'a> {
    fn of(bytes: &'a [u8], offset: Option<usize>, length: Option<usize>) -> Self {
        let begin = offset.unwrap_or(0);
        let end = length.map_or(bytes.len().max(begin), |length| begin.saturating_add(length));
        Self { bytes: &bytes[begin.min(bytes.len())..end.min(bytes.len())], is_cut: end > bytes.len() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetArguments {
    account_id: String,
    ids: Vec<String>,
    #[serde(default)]
    properties: Option<Vec<String>>,
    #[serde(default)]
    offset: Option<usize>,
    #[serde(default)]
    length: Option<usize>,
}

impl GetArguments {
    fn wants(&self, property: &str) -> bool {
        match &self.properties {
            Some(properties) => properties.iter().any(|wanted| wanted == property),
            None => ["data", "size"].contains(&property),
        }
    }

    fn refuse_unknown(&self) -> Result<(), MethodError> {
        let is_known = |property: &str| {
            ["id", "data", "data:asText", "data:asBase64", "size"].contains(&property)
                || property.strip_prefix("digest:").is_some_and(|name| algorithm(name).is_some())
        };
        match self.properties.iter().flatten().find(|property| !is_known(property)) {
            Some(unknown) => Err(MethodError::invalid_arguments(format!("there is no property {unknown:?}"))),
            None => Ok(()),
        }
    }
}

/// Blob/get (RFC 9404 §4.2)
pub async fn get(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: GetArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    args.refuse_unknown()?;
    if args.ids.len() > MAX_OBJECTS_IN_GET {
        return Err(MethodError::RequestTooLarge);
    }
    let (mut list, mut not_found, mut read) = (Vec::new(), Vec::new(), 0);
    for id in args.ids.iter().collect::<BTreeSet<_>>() {
        match find(work, account, id).await? {
            Some(found) => {
                read += found.bytes.len();
                if read > MAX_READ_BYTES {
                    return Err(MethodError::RequestTooLarge);
                }
                list.push(describe(&args, work.id(id).unwrap_or(id), &found.bytes));
            }
            None => not_found.push(id),
        }
    }
    Ok(json!({ "accountId": args.account_id, "list": list, "notFound": not_found }))
}

fn describe(args: &GetArguments, id: &str, bytes: &[u8]) -> Value {
    let mut object = Map::from_iter([("id".to_owned(), json!(id))]);
    let range = Range::of(bytes, args.offset, args.length);
    let text = std::str::from_utf8(range.bytes).ok();
    if args.wants("data:asText") || (args.wants("data") && text.is_some()) {
        object.insert("data:asText".to_owned(), json!(text));
        if text.is_none() {
            object.insert("isEncodingProblem".to_owned(), json!(true));
        }
    }
    if args.wants("data:asBase64") || (args.wants("data") && text.is_none()) {
        object.insert("data:asBase64".to_owned(), json!(STANDARD.encode(range.bytes)));
    }
    if range.is_cut {
        object.insert("isTruncated".to_owned(), json!(true));
    }
    for property in args.properties.iter().flatten() {
        if let Some(algorithm) = property.strip_prefix("digest:").and_then(algorithm) {
            object.insert(property.clone(), json!(STANDARD.encode(digest::digest(algorithm, range.bytes))));
        }
    }
    if args.wants("size") {
        object.insert("size".to_owned(), json!(bytes.len()));
    }
    Value::Object(object)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LookupArguments {
    account_id: String,
    type_names: Vec<String>,
    ids: Vec<String>,
}

/// Blob/lookup (RFC 9404 §4.3): which messages a blob belongs to, in which threads and mailboxes. An upload belongs to none: a message that was made of
/// it has bytes of its own.
pub async fn lookup(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: LookupArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    if let Some(unknown) = args.type_names.iter().find(|name| !TYPE_NAMES.contains(&name.as_str())) {
        return Err(MethodError::UnknownDataType(unknown.clone()));
    }
    if args.ids.len() > MAX_OBJECTS_IN_GET {
        return Err(MethodError::RequestTooLarge);
    }
    let (mut list, mut not_found) = (Vec::new(), Vec::new());
    for id in args.ids.iter().collect::<BTreeSet<_>>() {
        let name = work.id(id).and_then(|id| id.parse::<BlobName>().ok());
        let place = match &name {
            Some(name) => super::place(&work.app.store, &work.ctx(), account, name.root).await?,
            None => None,
        };
        let Some(place) = place else {
            not_found.push(id);
            continue;
        };
        let mut matched = Map::new();
        for type_name in &args.type_names {
            matched.insert(type_name.clone(), json!(matches(work, account, &place, type_name).await?));
        }
        list.push(json!({ "id": work.id(id), "matchedIds": matched }));
    }
    Ok(json!({ "accountId": args.account_id, "list": list, "notFound": not_found }))
}

async fn matches(work: &Work<'_>, account: MailAccountId, place: &Place, type_name: &str) -> Result<Vec<String>, MethodError> {
    let Place::Message(message) = place else { return Ok(Vec::new()) };
    match type_name {
        "Email" => Ok(vec![message.id.to_string()]),
        "Thread" => Ok(vec![message.thread.to_string()]),
        _ => {
            let id = message.id;
            let entries = work.read(move |ctx, tx| Ok::<_, MethodError>(entries::entries_of_messages(ctx, tx, account, &[id])?)).await?;
            Ok(entries.iter().map(|entry| entry.mailbox.to_string()).collect())
        }
    }
}
