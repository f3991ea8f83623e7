//! Emails as JSON (RFC 8621 §4.1): from what is stored beside a message, or from the message itself.

use std::collections::BTreeSet;

use kernel::Timestamp;
use mail::messages::StoredMessage;
use mail::mime::{Address, AddressGroup, HeaderDate, HeaderField, Parsed, Part};
use mail::{Flags, MailboxId};
use serde_json::{Map, Value, json};

use super::forms::{CONVENIENT, Form, HeaderProperty};
use crate::jmap::blob_ids::BlobName;
use crate::jmap::error::MethodError;

/// What can be told without reading a message.
const STORED: &[&str] = &[
    "id",
    "blobId",
    "threadId",
    "mailboxIds",
    "keywords",
    "size",
    "receivedAt",
    "sender",
    "from",
    "to",
    "cc",
    "bcc",
    "replyTo",
    "subject",
    "sentAt",
    "hasAttachment",
    "preview",
];
/// What the message itself tells, headers aside.
const READ: &[&str] =
    &["messageId", "inReplyTo", "references", "headers", "bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments"];

/// RFC 8621 §4.2
const DEFAULT: &[&str] = &[
    "id",
    "blobId",
    "threadId",
    "mailboxIds",
    "keywords",
    "size",
    "receivedAt",
    "messageId",
    "inReplyTo",
    "references",
    "sender",
    "from",
    "to",
    "cc",
    "bcc",
    "replyTo",
    "subject",
    "sentAt",
    "hasAttachment",
    "preview",
    "bodyValues",
    "textBody",
    "htmlBody",
    "attachments",
];
/// RFC 8621 §4.9: what a message outside of the account has.
const DEFAULT_OF_PARSE: &[&str] = &[
    "messageId",
    "inReplyTo",
    "references",
    "sender",
    "from",
    "to",
    "cc",
    "bcc",
    "replyTo",
    "subject",
    "sentAt",
    "hasAttachment",
    "preview",
    "bodyValues",
    "textBody",
    "htmlBody",
    "attachments",
];
const DEFAULT_OF_PART: &[&str] = &["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location"];
const OF_PART: &[&str] =
    &["partId", "blobId", "size", "headers", "name", "type", "charset", "disposition", "cid", "language", "location", "subParts"];

/// Which properties are asked for, of emails and of their parts.
#[derive(Debug, Clone)]
pub struct Wanted {
    properties: BTreeSet<String>,
    headers: Vec<HeaderProperty>,
    of_parts: BTreeSet<String>,
    part_headers: Vec<HeaderProperty>,
    pub text_values: bool,
    pub html_values: bool,
    pub all_values: bool,
    pub max_value_bytes: Option<usize>,
}

/// How a call says what it wants of each email.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Shape {
    pub body_properties: Option<Vec<String>>,
    pub fetch_text_body_values: bool,
    #[serde(rename = "fetchHTMLBodyValues")]
    pub fetch_html_body_values: bool,
    pub fetch_all_body_values: bool,
    pub max_body_value_bytes: usize,
}

impl Shape {
    pub const ARGUMENTS: [&str; 5] =
        ["bodyProperties", "fetchTextBodyValues", "fetchHTMLBodyValues", "fetchAllBodyValues", "maxBodyValueBytes"];

    /// Takes these arguments from among all.
    pub fn take(args: &mut Map<String, Value>) -> Result<Self, MethodError> {
        let own = Self::ARGUMENTS.iter().filter_map(|name| args.remove_entry(*name)).filter(|(_, value)| !value.is_null()).collect();
        crate::jmap::work::arguments(own)
    }
}

impl Wanted {
    pub fn read(properties: Option<Vec<String>>, shape: Shape, of_parse: bool) -> Result<Self, MethodError> {
        let mut wanted = Self {
            properties: BTreeSet::new(),
            headers: Vec::new(),
            of_parts: BTreeSet::new(),
            part_headers: Vec::new(),
            text_values: shape.fetch_text_body_values,
            html_values: shape.fetch_html_body_values,
            all_values: shape.fetch_all_body_values,
            max_value_bytes: Some(shape.max_body_value_bytes).filter(|max| *max > 0),
        };
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let properties = properties.unwrap_or_else(|| owned(if of_parse { DEFAULT_OF_PARSE } else { DEFAULT }));
        let known: Vec<&str> = STORED.iter().chain(READ).copied().collect();
        (wanted.properties, wanted.headers) = divided(properties, &known)?;
        let of_parts = shape.body_properties.unwrap_or_else(|| owned(DEFAULT_OF_PART));
        (wanted.of_parts, wanted.part_headers) = divided(of_parts, OF_PART)?;
        if !of_parse {
            wanted.properties.insert("id".to_owned());
        }
        Ok(wanted)
    }

    /// Whether the messages themselves have to be read.
    pub fn needs_bytes(&self) -> bool {
        !self.headers.is_empty() || READ.iter().any(|name| self.properties.contains(*name))
    }

    /// Whether more is asked for than in which mailboxes a message is, and with which keywords.
    pub fn has(&self, name: &str) -> bool {
        self.properties.contains(name)
    }
}

fn divided(names: Vec<String>, known: &[&str]) -> Result<(BTreeSet<String>, Vec<HeaderProperty>), MethodError> {
    const MAX: usize = 200;
    let (mut plain, mut headers) = (BTreeSet::new(), Vec::new());
    if names.len() > MAX {
        return Err(MethodError::RequestTooLarge);
    }
    for name in names {
        if known.contains(&name.as_str()) {
            plain.insert(name);
        } else {
            let header = name.parse().map_err(|_| MethodError::invalid_arguments(format!("there is no property {name:?}")))?;
            headers.push(header);
        }
    }
    Ok((plain, headers))
}

/// In which mailboxes a message is, and its keywords.
pub struct Places {
    pub mailboxes: Vec<MailboxId>,
    pub flags: Flags,
}

/// What is stored of a message, as far as it is wanted. The header fields among it are left to the message itself when `bytes_follow`.
pub fn describe_stored(message: &StoredMessage, places: &Places, wanted: &Wanted, bytes_follow: bool) -> Map<String, Value> {
    let mut object = Map::new();
    let summary = &message.summary;
    for name in &wanted.properties {
        let value = match name.as_str() {
            "id" => json!(message.id),
            "blobId" => json!(BlobName::message(message.id).to_string()),
            "threadId" => json!(message.thread),
            "mailboxIds" => Value::Object(places.mailboxes.iter().map(|mailbox| (mailbox.to_string(), Value::Bool(true))).collect()),
            "keywords" => Value::Object(places.flags.keywords().into_iter().map(|keyword| (keyword, Value::Bool(true))).collect()),
            "size" => json!(message.size_bytes),
            "receivedAt" => json!(utc(message.received_at)),
            "hasAttachment" => json!(message.has_attachment),
            "preview" => json!(summary.preview),
            _ if bytes_follow => continue,
            "sender" => some_addresses(&summary.sender),
            "from" => some_addresses(&summary.from),
            "to" => some_addresses(&summary.to),
            "cc" => some_addresses(&summary.cc),
            "bcc" => some_addresses(&summary.bcc),
            "replyTo" => some_addresses(&summary.reply_to),
            "subject" => json!(summary.subject),
            "sentAt" => json!(message.sent_at.map(utc)),
            _ => continue,
        };
        object.insert(name.clone(), value);
    }
    object
}

/// RFC 8620 §1.4: a UTCDate has no zero fraction.
pub fn utc(at: Timestamp) -> String {
    HeaderDate { at, offset_minutes: 0 }.to_string()
}

/// A date as JMAP has it, with the offset kept (RFC 8620 §1.4).
pub fn date_of(text: &str) -> Option<HeaderDate> {
    if text.len() < 20 || text.as_bytes().get(10) != Some(&b'T') || text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let at: Timestamp = serde_json::from_value(json!(text)).ok()?;
    let offset_minutes = match text.strip_suffix('Z') {
        Some(_) => 0,
        None => {
            let offset = text.get(text.len() - 6..)?;
            let (hours, minutes): (i32, i32) = (offset.get(1..3)?.parse().ok()?, offset.get(4..6)?.parse().ok()?);
            let magnitude = hours * 60 + minutes;
            if offset.starts_with('-') { -magnitude } else { magnitude }
        }
    };
    (offset_minutes.abs() < 24 * 60).then_some(HeaderDate { at, offset_minutes })
}

fn some_addresses(list: &[Address]) -> Value {
    if list.is_empty() { Value::Null } else { addresses(list) }
}

fn addresses(list: &[Address]) -> Value {
    Value::Array(list.iter().map(|address| json!({ "name": address.name, "email": address.email })).collect())
}

fn groups(list: &[AddressGroup]) -> Value {
    Value::Array(list.iter().map(|group| json!({ "name": group.name, "addresses": addresses(&group.addresses) })).collect())
}

fn form_of(field: &HeaderField<'_>, form: Form) -> Value {
    match form {
        Form::Raw => json!(field.as_raw()),
        Form::Text => json!(field.as_text()),
        Form::Addresses => addresses(&field.as_addresses()),
        Form::GroupedAddresses => groups(&field.as_grouped_addresses()),
        Form::MessageIds => json!(field.as_message_ids()),
        Form::Date => json!(field.as_date().map(|date| date.to_string())),
        Form::Urls => json!(field.as_urls()),
    }
}

fn header(fields: &[HeaderField<'_>], name: &str, form: Form, all: bool) -> Value {
    let mut of_name = fields.iter().filter(|field| field.is(name));
    if all {
        return Value::Array(of_name.map(|field| form_of(field, form)).collect());
    }
    of_name.next_back().map_or(Value::Null, |field| form_of(field, form))
}

fn headers(fields: &[HeaderField<'_>]) -> Value {
    Value::Array(fields.iter().map(|field| json!({ "name": field.name, "value": field.as_raw() })).collect())
}

/// What the message itself tells, as far as it is wanted. `blob` names it.
pub fn describe_read(object: &mut Map<String, Value>, parsed: &Parsed<'_>, blob: &BlobName, wanted: &Wanted) {
    let part = |index: &usize| describe_part(parsed, *index, blob, wanted, false);
    for name in &wanted.properties {
        if object.contains_key(name) {
            continue;
        }
        let value = match name.as_str() {
            "headers" => headers(parsed.headers()),
            "bodyStructure" => describe_part(parsed, 0, blob, wanted, true),
            "bodyValues" => body_values(parsed, wanted),
            "textBody" => parsed.text_body.iter().map(part).collect(),
            "htmlBody" => parsed.html_body.iter().map(part).collect(),
            "attachments" => parsed.attachments.iter().map(part).collect(),
            "hasAttachment" => json!(parsed.has_attachment()),
            "preview" => json!(parsed.preview()),
            // RFC 8621 §4.9: a message outside of the account has neither of these.
            "id" | "threadId" | "mailboxIds" | "keywords" | "receivedAt" => Value::Null,
            "blobId" => json!(blob.to_string()),
            other => match CONVENIENT.iter().find(|(property, ..)| *property == other) {
                Some((_, field, form)) => header(parsed.headers(), field, *form, false),
                None => continue,
            },
        };
        object.insert(name.clone(), value);
    }
    for wanted in &wanted.headers {
        object.insert(wanted.property.clone(), header(parsed.headers(), &wanted.name, wanted.form, wanted.all));
    }
}

fn describe_part(parsed: &Parsed<'_>, index: usize, blob: &BlobName, wanted: &Wanted, as_tree: bool) -> Value {
    let part: &Part<'_> = &parsed.parts[index];
    let is_multipart = part.part_id.is_none();
    let mut object = Map::new();
    for name in &wanted.of_parts {
        let value = match name.as_str() {
            "partId" => json!(part.part_id),
            "blobId" if is_multipart => Value::Null,
            "blobId" => json!(blob.part(&part.path).map(|name| name.to_string())),
            "size" => json!(part.size),
            "headers" => headers(&part.headers),
            "name" => json!(part.name),
            "type" => json!(part.media_type),
            "charset" => json!(part.charset),
            "disposition" => json!(part.disposition),
            "cid" => json!(part.cid),
            "language" => json!(part.language),
            "location" => json!(part.location),
            _ => continue,
        };
        object.insert(name.clone(), value);
    }
    for wanted in &wanted.part_headers {
        object.insert(wanted.property.clone(), header(&part.headers, &wanted.name, wanted.form, wanted.all));
    }
    // Without its sub-parts the structure would be of no use, so they need not be asked for by name.
    if is_multipart && (as_tree || wanted.of_parts.contains("subParts")) {
        let parts = part.sub_parts.iter().map(|child| describe_part(parsed, *child, blob, wanted, as_tree)).collect();
        object.insert("subParts".to_owned(), parts);
    } else if wanted.of_parts.contains("subParts") {
        object.insert("subParts".to_owned(), Value::Null);
    }
    Value::Object(object)
}

fn body_values(parsed: &Parsed<'_>, wanted: &Wanted) -> Value {
    let mut parts: BTreeSet<usize> = BTreeSet::new();
    if wanted.all_values {
        parts.extend((0..parsed.parts.len()).filter(|index| parsed.parts[*index].media_type.starts_with("text/")));
    }
    for (is_wanted, list) in [(wanted.text_values, &parsed.text_body), (wanted.html_values, &parsed.html_body)] {
        if is_wanted {
            parts.extend(list.iter().filter(|index| parsed.parts[**index].media_type.starts_with("text/")));
        }
    }
    let value = |index: usize| {
        let value = parsed.body_value(index, wanted.max_value_bytes);
        let id = parsed.parts[index].part_id.clone()?;
        Some((id, json!({ "value": value.value, "isEncodingProblem": value.is_encoding_problem, "isTruncated": value.is_truncated })))
    };
    Value::Object(parts.into_iter().filter_map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_their_offset_and_nothing_else_is_a_date() {
        assert_eq!(date_of("2014-10-30T14:12:00+08:00").unwrap().to_string(), "2014-10-30T14:12:00+08:00");
        assert_eq!(date_of("2014-10-30T06:12:00Z").unwrap().at, date_of("2014-10-30T14:12:00+08:00").unwrap().at);
        assert_eq!(date_of("2014-10-30T14:12:00-03:30").unwrap().offset_minutes, -210);
        for wrong in [
            "",
            "2014-10-30",
            "2014-10-30T14:12:00",
            "2014-10-30t14:12:00z",
            "2014-13-30T14:12:00Z",
            "2014-10-30 14:12:00Z",
            "yesterday",
            "十月",
        ] {
            assert!(date_of(wrong).is_none(), "{wrong}");
        }
        assert_eq!(utc(Timestamp::from_micros(1_414_649_520_123_456)), "2014-10-30T06:12:00Z");
    }

    #[test]
    fn what_is_asked_for_decides_whether_messages_are_read() {
        let wanted = |names: &[&str]| Wanted::read(Some(names.iter().map(|name| (*name).to_owned()).collect()), Shape::default(), false);
        assert!(
            !wanted(&["from", "to", "subject", "preview", "receivedAt", "keywords", "mailboxIds", "hasAttachment", "size"])
                .unwrap()
                .needs_bytes()
        );
        assert!(wanted(&["header:X-Mailer:asText"]).unwrap().needs_bytes());
        assert!(wanted(&["references"]).unwrap().needs_bytes());
        assert!(Wanted::read(None, Shape::default(), false).unwrap().needs_bytes());
        assert_eq!(wanted(&["nothing"]).unwrap_err().kind(), "invalidArguments");
        assert_eq!(wanted(&["header:From:asText"]).unwrap_err().kind(), "invalidArguments");
    }
}
