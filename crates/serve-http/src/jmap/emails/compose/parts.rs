//! The body as clients give it: a tree of parts, or a text, an HTML text and attachments (RFC 8621 §4.6).

use std::collections::{BTreeMap, BTreeSet};

use mail::mime::{self, Content};
use serde_json::{Map, Value};

use super::values::{self, is_message_id};
use crate::jmap::blob_ids::BlobName;
use crate::jmap::emails::forms::HeaderProperty;

const MAX_PARTS: usize = mail::mime::MAX_PARTS;
const MAX_DEPTH: usize = 50;
const PROPERTIES: &[&str] =
    &["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location", "subParts"];

/// A part whose blobs have still to be brought.
pub struct DraftPart {
    /// With everything but its content.
    shell: mime::DraftPart,
    content: DraftContent,
}

enum DraftContent {
    Text(String),
    Blob(BlobName),
    Parts(Vec<DraftPart>),
}

/// Reads the body; names of properties that are wrong go into `wrong`, and then there may be no body.
pub(super) fn read(object: &Map<String, Value>, wrong: &mut BTreeSet<String>) -> Option<DraftPart> {
    let given = |name: &str| object.get(name).filter(|value| !value.is_null());
    let no_values = Map::new();
    let values = match given("bodyValues") {
        None => &no_values,
        Some(Value::Object(values)) if values.values().all(is_body_value) => values,
        Some(_) => {
            wrong.insert("bodyValues".to_owned());
            return None;
        }
    };
    let mut reader = Reader { values, parts: 0 };
    let mut noted = |name: &str, part: Option<DraftPart>| {
        if part.is_none() {
            wrong.insert(name.to_owned());
        }
        part
    };
    if let Some(structure) = given("bodyStructure") {
        let others: Vec<&str> = ["textBody", "htmlBody", "attachments"].into_iter().filter(|name| given(name).is_some()).collect();
        if !others.is_empty() {
            others.into_iter().for_each(|name| drop(noted(name, None)));
            return None;
        }
        return noted("bodyStructure", reader.part(structure, 0));
    }
    let mut list = |name: &str, media_type: Option<&str>| -> Option<Vec<DraftPart>> {
        let Some(value) = given(name) else { return Some(Vec::new()) };
        let items = value.as_array().filter(|items| media_type.is_none() || items.len() == 1);
        let parts: Option<Vec<DraftPart>> = items.and_then(|items| items.iter().map(|item| reader.part(item, 1)).collect());
        let is_right = |part: &DraftPart| {
            !matches!(part.content, DraftContent::Parts(_)) && media_type.is_none_or(|wanted| part.shell.media_type == wanted)
        };
        let parts = parts.filter(|parts| parts.iter().all(is_right));
        if parts.is_none() {
            noted(name, None);
        }
        parts
    };
    let (text, html, attachments) = (list("textBody", Some("text/plain")), list("htmlBody", Some("text/html")), list("attachments", None));
    Some(assembled(text?, html?, attachments?))
}

fn is_body_value(value: &Value) -> bool {
    let Value::Object(object) = value else { return false };
    let is_false = |name: &str| object.get(name).is_none_or(|value| value.is_null() || *value == Value::Bool(false));
    object.get("value").is_some_and(Value::is_string) && is_false("isEncodingProblem") && is_false("isTruncated")
}

/// Text and HTML are alternatives; pictures that the HTML shows stand beside it; everything else comes after.
fn assembled(text: Vec<DraftPart>, html: Vec<DraftPart>, attachments: Vec<DraftPart>) -> DraftPart {
    let is_shown = |part: &DraftPart| part.shell.cid.is_some() && part.shell.disposition.as_deref() == Some("inline");
    let (shown, attachments): (Vec<_>, Vec<_>) =
        if html.is_empty() { (Vec::new(), attachments) } else { attachments.into_iter().partition(is_shown) };
    let html: Vec<DraftPart> = if shown.is_empty() { html } else { vec![multipart("related", html.into_iter().chain(shown).collect())] };
    let mut body: Vec<DraftPart> = text.into_iter().chain(html).collect();
    let body = match body.len() {
        0 => None,
        1 => body.pop(),
        _ => Some(multipart("alternative", body)),
    };
    match (body, attachments.is_empty()) {
        (Some(body), true) => body,
        (None, true) => DraftPart { shell: shell("text/plain"), content: DraftContent::Text(String::new()) },
        (body, false) => multipart("mixed", body.into_iter().chain(attachments).collect()),
    }
}

fn shell(media_type: &str) -> mime::DraftPart {
    mime::DraftPart::new(media_type, Content::Parts(Vec::new()))
}

fn multipart(subtype: &str, parts: Vec<DraftPart>) -> DraftPart {
    DraftPart { shell: shell(&format!("multipart/{subtype}")), content: DraftContent::Parts(parts) }
}

struct Reader<'a> {
    values: &'a Map<String, Value>,
    parts: usize,
}

impl Reader<'_> {
    fn part(&mut self, value: &Value, depth: usize) -> Option<DraftPart> {
        self.parts += 1;
        let object = value.as_object().filter(|_| self.parts <= MAX_PARTS && depth <= MAX_DEPTH)?;
        if !object.keys().all(|name| PROPERTIES.contains(&name.as_str()) || name.starts_with("header:")) {
            return None;
        }
        let text = |name: &str| match object.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) if text.len() <= 2_000 => Some(Some(text.clone())),
            Some(_) => None,
        };
        let (part_id, blob_id) = (text("partId")?, text("blobId")?);
        let sub_parts = object.get("subParts").filter(|value| !value.is_null());
        let media_type = match text("type")? {
            Some(media_type) => media_type.to_ascii_lowercase(),
            None if sub_parts.is_some() => "multipart/mixed".to_owned(),
            None if part_id.is_some() => "text/plain".to_owned(),
            None => "application/octet-stream".to_owned(),
        };
        if !is_media_type(&media_type) {
            return None;
        }
        let is_multipart = media_type.starts_with("multipart/");
        let content = match (part_id, blob_id, sub_parts) {
            (None, None, Some(Value::Array(parts))) if is_multipart && !parts.is_empty() => {
                DraftContent::Parts(parts.iter().map(|part| self.part(part, depth + 1)).collect::<Option<_>>()?)
            }
            // RFC 8621 §4.6: the charset and the size of a text are ours to choose.
            (Some(id), None, None) if media_type.starts_with("text/") && text("charset")?.is_none() && !given(object, "size") => {
                DraftContent::Text(self.values.get(&id)?["value"].as_str()?.to_owned())
            }
            (None, Some(id), None) if !is_multipart => DraftContent::Blob(id.parse().ok()?),
            _ => return None,
        };
        Some(DraftPart { shell: describe(object, &media_type)?, content })
    }
}

fn given(object: &Map<String, Value>, name: &str) -> bool {
    object.get(name).is_some_and(|value| !value.is_null())
}

fn is_media_type(text: &str) -> bool {
    let is_token = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte));
    text.len() <= 127 && text.split_once('/').is_some_and(|(main, sub)| is_token(main) && is_token(sub))
}

/// What a part says of itself.
fn describe(object: &Map<String, Value>, media_type: &str) -> Option<mime::DraftPart> {
    let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let name = text("name");
    let disposition = text("disposition").map(|word| word.to_ascii_lowercase()).or_else(|| name.as_ref().map(|_| "attachment".to_owned()));
    let is_word = |word: &String| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let cid = text("cid");
    if !disposition.iter().all(is_word) || !cid.iter().all(|cid| is_message_id(cid)) {
        return None;
    }
    let language: Vec<String> = match object.get("language").filter(|value| !value.is_null()) {
        None => Vec::new(),
        Some(tags) => tags.as_array()?.iter().map(|tag| tag.as_str().map(str::to_owned)).collect::<Option<_>>()?,
    };
    let location = text("location");
    let is_line = |text: &String| text.bytes().all(|byte| byte.is_ascii_graphic());
    if !language.iter().all(is_word) || !location.iter().all(is_line) {
        return None;
    }
    Some(mime::DraftPart {
        charset: text("charset"),
        name,
        disposition,
        cid,
        language,
        location,
        headers: headers(object)?,
        ..shell(media_type)
    })
}

/// Fields of the part besides those that have a property of their own.
fn headers(object: &Map<String, Value>) -> Option<Vec<(String, mime::HeaderValue)>> {
    const OWN: [&str; 6] =
        ["content-type", "content-transfer-encoding", "content-disposition", "content-id", "content-language", "content-location"];
    let mut headers: Vec<(String, mime::HeaderValue)> = Vec::new();
    for (property, value) in object.iter().filter(|(name, value)| name.starts_with("header:") && !value.is_null()) {
        let header: HeaderProperty = property.parse().ok()?;
        // RFC 8621 §4.6: only fields of the body, and how a part is encoded is ours to say.
        if !header.name.starts_with("content-") || OWN.contains(&header.name.as_str()) {
            return None;
        }
        let written = property["header:".len()..].split(':').next()?.to_owned();
        if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&written)) {
            return None;
        }
        headers.extend(values::read(&header, value)?.into_iter().map(|value| (written.clone(), value)));
    }
    Some(headers)
}

impl DraftPart {
    pub(super) fn collect_blobs(&self, blobs: &mut BTreeSet<BlobName>) {
        match &self.content {
            DraftContent::Text(_) => {}
            DraftContent::Blob(name) => {
                blobs.insert(name.clone());
            }
            DraftContent::Parts(parts) => parts.iter().for_each(|part| part.collect_blobs(blobs)),
        }
    }

    pub(super) fn with_blobs(self, blobs: &BTreeMap<BlobName, Vec<u8>>) -> mime::DraftPart {
        let content = match self.content {
            DraftContent::Text(text) => Content::Text(text),
            DraftContent::Parts(parts) => Content::Parts(parts.into_iter().map(|part| part.with_blobs(blobs)).collect()),
            DraftContent::Blob(name) => Content::Bytes(blobs.get(&name).cloned().unwrap_or_default()),
        };
        mime::DraftPart { content, ..self.shell }
    }
}
