//! One mail of the demonstration: what it says, how it is written, and where its copies lie.

use kernel::Timestamp;
use mail::FlagBits;
use mail::mailboxes::Role;
use mail::mime::{self, Address, Content, Draft, DraftPart, HeaderDate, HeaderValue};

use super::dice::Boundaries;
use super::files::{self, Attachment};
use super::markup::{self, Look};
use super::old_programs::{Manner, OldMail, OldValue};
use super::words;

/// What writes the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dress {
    Text,
    Html(Look),
    Old(Manner),
}

/// The way a mail came, which the header lines of its delivery tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Inside,
    Outside,
    /// From outside, under a name it has no right to.
    Forged,
}

/// A copy of the mail in somebody's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    /// Into the people of the house.
    pub(super) person: usize,
    pub(super) place: Place,
    pub(super) flags: FlagBits,
    /// Whether it was delivered, and not written by this person.
    pub(super) delivered: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Role(Role),
    /// A folder of the person's own, from the top.
    Folder(&'static str),
}

#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) seed: u64,
    /// Of the Message-ID, without angle brackets.
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) from: Address,
    pub(super) to: Vec<Address>,
    pub(super) cc: Vec<Address>,
    pub(super) subject: String,
    pub(super) references: Vec<String>,
    /// See [`markup`].
    pub(super) text: String,
    pub(super) dress: Dress,
    pub(super) files: Vec<Attachment>,
    pub(super) way: Way,
    pub(super) copies: Vec<Copy>,
}

const OFFSET_MINUTES: i32 = 480;

impl Letter {
    /// What was sent.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self.dress {
            // A mail says what it says: whoever cannot write it in the old way writes it in the new one.
            Dress::Old(manner) if self.can_be_old(manner) => self.old(manner),
            Dress::Old(_) => self.utf8(Some(Look::Plain)),
            Dress::Text if markup::pictures(&self.text).is_empty() => self.utf8(None),
            Dress::Text => self.utf8(Some(Look::Plain)),
            Dress::Html(look) => self.utf8(Some(look)),
        }
    }

    fn can_be_old(&self, manner: Manner) -> bool {
        markup::pictures(&self.text).is_empty() && manner.can_write(&self.text) && manner.can_write(&self.subject)
    }

    fn utf8(&self, look: Option<Look>) -> Vec<u8> {
        let text = markup::to_text(&self.text);
        let cid = |source: &str| format!("{}.{:x}@pictures", if source == markup::VIEW { "view" } else { "diagram" }, self.seed);
        let mut inline = Vec::new();
        for source in markup::pictures(&self.text) {
            let (name, bytes) = match source {
                markup::DIAGRAM => ("统计图.png", files::diagram(self.seed)),
                markup::VIEW => ("照片.png", files::evening(self.seed)),
                _ => continue,
            };
            inline.push(DraftPart {
                cid: Some(cid(source)),
                disposition: Some("inline".to_owned()),
                name: Some(name.to_owned()),
                ..DraftPart::new("image/png", Content::Bytes(bytes))
            });
        }
        let source_of = |source: &str| match source {
            markup::DIAGRAM | markup::VIEW => format!("cid:{}", cid(source)),
            remote => remote.to_owned(),
        };
        let html = look.map(|look| markup::to_html(&self.text, look, &self.subject, source_of));
        let attached =
            self.files.iter().map(|file| DraftPart::attachment(file.media_type(), &file.file_name(), file.bytes(&text, self.at)));
        let attached = attached.collect();
        let mut headers = vec![("Date", HeaderValue::Date(HeaderDate { at: self.at, offset_minutes: OFFSET_MINUTES }))];
        headers.push(("From", HeaderValue::Addresses(vec![self.from.clone()])));
        for (name, addresses) in [("To", &self.to), ("Cc", &self.cc)] {
            if !addresses.is_empty() {
                headers.push((name, HeaderValue::Addresses(addresses.clone())));
            }
        }
        headers.push(("Subject", HeaderValue::Text(self.subject.clone())));
        headers.push(("Message-ID", HeaderValue::MessageIds(vec![self.id.clone()])));
        if let Some(parent) = self.references.last() {
            headers.push(("In-Reply-To", HeaderValue::MessageIds(vec![parent.clone()])));
            headers.push(("References", HeaderValue::MessageIds(self.references.clone())));
        }
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let draft = Draft { headers, body: DraftPart::of(Some(text), html, inline, attached) };
        mime::build(&draft, &Boundaries::new(self.seed))
    }

    fn old(&self, manner: Manner) -> Vec<u8> {
        let people = |addresses: &[Address]| {
            let people = addresses.iter().map(|address| {
                let name = address.name.clone().filter(|name| manner.can_write(name));
                (name.unwrap_or_default(), address.email.clone())
            });
            OldValue::People(people.collect())
        };
        let ids = |ids: &[String]| OldValue::Ascii(ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join("\r\n\t"));
        let date = HeaderDate { at: self.at, offset_minutes: OFFSET_MINUTES };
        let mut headers = vec![("Date", OldValue::Ascii(date.to_rfc_5322())), ("From", people(std::slice::from_ref(&self.from)))];
        for (name, addresses) in [("To", &self.to), ("Cc", &self.cc)] {
            if !addresses.is_empty() {
                headers.push((name, people(addresses)));
            }
        }
        headers.push(("Subject", OldValue::Text(self.subject.clone())));
        headers.push(("Message-ID", ids(std::slice::from_ref(&self.id))));
        if let Some(parent) = self.references.last() {
            headers.push(("In-Reply-To", ids(std::slice::from_ref(parent))));
            headers.push(("References", ids(&self.references)));
        }
        let text = markup::to_text(&self.text);
        let files = self.files.iter().map(|file| (file.file_name(), file.media_type(), file.bytes(&text, self.at)));
        let files = files.collect();
        OldMail { manner, headers, text: &text, files, boundary: format!("----=_Part_{:016X}", self.seed) }.write()
    }

    /// The header lines of a delivery to `address`, a person of `domain`.
    pub(super) fn prefix(&self, address: &str, domain: &str) -> Vec<u8> {
        let date = words::local(self.at).strftime("%a, %d %b %Y %H:%M:%S +0800").to_string();
        let from = &self.from.email;
        let theirs = from.split_once('@').map_or("unknown.example.test", |(_, domain)| domain);
        let id = format!("{:013x}", self.seed >> 12);
        let lines = match self.way {
            Way::Inside => format!(
                "Return-Path: <{from}>\r\nDelivered-To: {address}\r\n\
                 Received: from mail.{domain} (local)\r\n\tby mail.{domain} with ESMTPSA\r\n\tid {id};\r\n\t{date}\r\n"
            ),
            Way::Outside | Way::Forged => {
                let verdict = if self.way == Way::Outside { "pass" } else { "fail" };
                format!(
                    "Return-Path: <{from}>\r\nDelivered-To: {address}\r\n\
                     Authentication-Results: mail.{domain}; spf={verdict} smtp.mailfrom={theirs};\r\n\tdmarc={verdict} header.from={theirs}\r\n\
                     Received: from mx.{theirs} ([192.0.2.{}])\r\n\tby mail.{domain} with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n\tid {id}\r\n\
                     \tfor <{address}>;\r\n\t{date}\r\n",
                    self.seed % 254 + 1
                )
            }
        };
        lines.into_bytes()
    }
}
