//! From an Email object as clients make it to the bytes of a message (RFC 8621 §4.6).
//!
//! [`read`] takes the object apart and says what is wrong with it; the caller brings the blobs it names; [`write`] makes the message.

mod parts;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Ctx, Timestamp};
use mail::mime::{self, HeaderDate, HeaderValue};
use mail::{FlagError, Flags};
use serde_json::{Map, Value, json};

use self::parts::DraftPart;
use super::forms::{CONVENIENT, HeaderProperty};
use super::wire::date_of;
use crate::jmap::blob_ids::BlobName;
use crate::jmap::error::SetError;

/// A message to be written.
pub struct Draft {
    /// In the order in which they are written.
    fields: Vec<(String, HeaderValue)>,
    body: DraftPart,
    pub keywords: Flags,
    pub received_at: Option<Timestamp>,
}

const SERVER_SET: &[&str] = &["id", "blobId", "threadId", "size", "hasAttachment", "preview", "headers"];
const BODY: &[&str] = &["bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments"];
const MAX_HEADER_FIELDS: usize = 200;

/// Reads an Email object; `mailboxIds` is the caller's.
pub fn read(object: &Map<String, Value>) -> Result<Draft, SetError> {
    let mut wrong: BTreeSet<String> = object.keys().filter(|name| SERVER_SET.contains(&name.as_str())).cloned().collect();
    let mut fields: BTreeMap<String, Vec<(String, HeaderValue)>> = BTreeMap::new();
    for (property, value) in object {
        let header = match header_of(property) {
            None => {
                let known = ["mailboxIds", "keywords", "receivedAt"].contains(&property.as_str()) || BODY.contains(&property.as_str());
                if !known {
                    wrong.insert(property.clone());
                }
                continue;
            }
            // RFC 8621 §4.6: fields of the body belong to its parts.
            Some(header) if header.name.starts_with("content-") || header.name == "mime-version" => None,
            Some(header) => Some(header),
        };
        let Some(header) = header else {
            wrong.insert(property.clone());
            continue;
        };
        if value.is_null() {
            continue;
        }
        match values::read(&header, value) {
            Some(values) => {
                let written = field_name(property, &header);
                let values = values.into_iter().map(|value| (written.clone(), value)).collect();
                // The same field under two properties.
                if fields.insert(header.name.clone(), values).is_some() {
                    wrong.insert(property.clone());
                }
            }
            None => {
                wrong.insert(property.clone());
            }
        }
    }
    let keywords = keywords_of(object.get("keywords")).map_err(|error| match error {
        Some(FlagError::TooMany) => SetError::new("tooManyKeywords"),
        _ => SetError::invalid_property("keywords", "keywords are a map of names that are true"),
    })?;
    let received_at = match object.get("receivedAt") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let date = value.as_str().filter(|text| text.ends_with('Z')).and_then(date_of);
            if date.is_none() {
                wrong.insert("receivedAt".to_owned());
            }
            date.map(|date| date.at)
        }
    };
    if fields.values().map(Vec::len).sum::<usize>() > MAX_HEADER_FIELDS {
        return Err(SetError::new("tooLarge").because("a message has fewer header fields"));
    }
    let body = parts::read(object, &mut wrong);
    match body {
        Some(body) if wrong.is_empty() => Ok(Draft { fields: in_order(fields), body, keywords, received_at }),
        _ => Err(SetError::invalid_properties(wrong.iter().map(String::as_str), "these cannot be set, or not to that")),
    }
}

fn header_of(property: &str) -> Option<HeaderProperty> {
    if property.starts_with("header:") {
        // One that cannot be read is no property at all.
        return property.parse().ok();
    }
    let (_, name, form) = CONVENIENT.iter().find(|(known, ..)| *known == property)?;
    Some(HeaderProperty { property: property.to_owned(), name: (*name).to_owned(), form: *form, all: false })
}

/// As the client spelt it, or as RFC 5322 does.
fn field_name(property: &str, header: &HeaderProperty) -> String {
    if let Some(rest) = property.strip_prefix("header:") {
        return rest.split(':').next().unwrap_or_default().to_owned();
    }
    let capital = |word: &str| match word {
        "id" => "ID".to_owned(),
        word => word[..1].to_ascii_uppercase() + &word[1..],
    };
    header.name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

/// `Err(None)` when it is no map of keywords at all.
pub fn keywords_of(value: Option<&Value>) -> Result<Flags, Option<FlagError>> {
    match value {
        None | Some(Value::Null) => Ok(Flags::NONE),
        Some(Value::Object(keywords)) if keywords.values().all(|value| *value == json!(true)) => {
            Flags::from_keywords(keywords.keys().map(String::as_str)).map_err(Some)
        }
        Some(_) => Err(None),
    }
}

/// Those that people look at first; the others by their names.
fn in_order(mut fields: BTreeMap<String, Vec<(String, HeaderValue)>>) -> Vec<(String, HeaderValue)> {
    const FIRST: [&str; 11] =
        ["date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject"];
    let mut ordered: Vec<(String, HeaderValue)> = FIRST.iter().filter_map(|name| fields.remove(*name)).flatten().collect();
    ordered.extend(fields.into_values().flatten());
    ordered
}

impl Draft {
    /// The blobs whose bytes the message is made of.
    pub fn blobs(&self) -> BTreeSet<BlobName> {
        let mut blobs = BTreeSet::new();
        self.body.collect_blobs(&mut blobs);
        blobs
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }

    /// The domain of the author, if there is one.
    fn domain(&self) -> Option<String> {
        let (_, from) = self.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("from"))?;
        let HeaderValue::Addresses(addresses) = from else { return None };
        let (_, domain) = addresses.first()?.email.rsplit_once('@')?;
        domain.parse::<kernel::DomainName>().ok().map(|domain| domain.to_string())
    }

    /// The message. `blobs` holds what [`blobs`](Self::blobs) named; a Date and a Message-ID are added where there is none.
    pub fn write(self, ctx: &Ctx, host: &str, blobs: &BTreeMap<BlobName, Vec<u8>>) -> Vec<u8> {
        let missing = mail::submission::Missing::of(ctx, &self.domain().unwrap_or_else(|| host.to_owned()));
        let mut headers = Vec::with_capacity(self.fields.len() + 2);
        if !self.has("date") {
            headers.push(("Date".to_owned(), HeaderValue::Date(HeaderDate { at: missing.date, offset_minutes: 0 })));
        }
        if !self.has("message-id") {
            headers.push(("Message-ID".to_owned(), HeaderValue::MessageIds(vec![missing.message_id])));
        }
        headers.extend(self.fields);
        mime::build(&mime::Draft { headers, body: self.body.with_blobs(blobs) }, &*ctx.rng)
    }
}
