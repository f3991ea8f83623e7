//! What the other parts get to see of a message.

use std::fmt;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::Lineage;

/// Everything that is worked out once, when a message comes in, and stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// RFC822.SIZE of what was rendered.
    pub size_bytes: u64,
    /// The IMAP ENVELOPE as it goes on the wire, with its parentheses.
    pub envelope: Vec<u8>,
    /// The IMAP BODYSTRUCTURE (with extension data) as it goes on the wire, with its parentheses; [`super::body_of`] makes BODY of it.
    pub body_structure: Vec<u8>,
    pub summary: Summary,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// The ids of In-Reply-To and References, without angle brackets, each once, at most [`super::MAX_REFERENCES`]; the nearest ancestors are kept.
    pub references: Vec<String>,
    /// [`super::base_subject`] of the subject: equal for the mails of one thread.
    pub base_subject: String,
    pub sent_at: Option<Timestamp>,
    pub has_attachment: bool,
    /// Octets that are sent beyond the size where lines have to end with CRLF; see [`crate::maildrop::missing_line_end_bytes`].
    pub more_bytes: u64,
}

/// The parts of a message that lists show and searches look at, decoded. Holds no control characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Address>,
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub sender: Vec<Address>,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub reply_to: Vec<Address>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Address>,
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<Address>,
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<Address>,
    #[serde(rename = "u", default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// The beginning of the text, at most [`super::MAX_PREVIEW_CHARS`], white space collapsed.
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    pub preview: String,
    /// A list of addresses was longer than [`super::MAX_SUMMARY_ADDRESSES`]: who needs the rest reads the message.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
    #[serde(rename = "l", default, skip_serializing_if = "Lineage::is_empty")]
    pub lineage: Lineage,
    #[serde(rename = "g", default, skip_serializing_if = "FirstGroups::is_empty")]
    pub first_groups: FirstGroups,
}

/// The names of groups that lists of addresses begin with: by these such lists are sorted (RFC 5256 §3, RFC 5957 §3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstGroups {
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub cc: Option<String>,
}

impl FirstGroups {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Somebody a header names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As written; not necessarily one that mail could be sent to.
    #[serde(rename = "e")]
    pub email: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.email),
            None => f.write_str(&self.email),
        }
    }
}

/// What `BODY[…]` and `BINARY[…]` of IMAP ask for (RFC 9051 §6.4.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Part numbers from 1; empty is the message itself.
    pub path: Vec<u32>,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// `BODY[]`, `BODY[1.2]`.
    Whole,
    /// `BODY[HEADER]`; with a path, that of the message/rfc822 part there.
    Header,
    /// `BODY[HEADER.FIELDS (…)]`, `BODY[HEADER.FIELDS.NOT (…)]`.
    HeaderFields { names: Vec<String>, not: bool },
    /// `BODY[TEXT]`.
    Text,
    /// `BODY[1.2.MIME]`.
    Mime,
}

/// A group of addresses (RFC 5322 §3.4), or those that stand in none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressGroup {
    pub name: Option<String>,
    pub addresses: Vec<Address>,
}
