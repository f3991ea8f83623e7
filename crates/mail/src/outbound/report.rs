//! Notices to senders: what could not be delivered, what takes long, what has arrived (RFC 3461, RFC 3462, RFC 3464).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use directory::organisations::Language;
use kernel::{Rng, Timestamp};

use super::Answer;
use super::texts::Texts;
use crate::submission::{EnvelopeAddress, Return, rfc_5322_date};

/// What a notice tells of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Failed,
    Delayed,
    /// Delivered into a mailbox here.
    Delivered,
    /// Handed to a host that tells no more of it.
    Relayed,
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
        }
    }
}

/// A recipient a notice is about.
#[derive(Debug, Clone)]
pub struct Reported {
    pub address: EnvelopeAddress,
    /// `ORCPT` as the sender wrote it.
    pub original: Option<String>,
    pub answer: Answer,
    /// Of a delayed one: until when it is tried.
    pub retried_until: Option<Timestamp>,
}

/// A notice. All of its recipients share an action.
pub struct Report<'a> {
    pub action: Action,
    /// The public name of this server.
    pub by: &'a str,
    /// The domain the notice is from: postmaster there.
    pub from_domain: &'a str,
    pub to: &'a EnvelopeAddress,
    pub language: Language,
    pub now: Timestamp,
    pub arrived_at: Timestamp,
    pub envelope_id: Option<&'a str>,
    pub ret: Return,
    pub recipients: &'a [Reported],
    /// The message it is about, as it was handed in.
    pub original: &'a [u8],
}

/// What comes back whole; of anything larger only the header does.
const MAX_RETURNED_BYTES: usize = 10 * 1024 * 1024;
const MAX_RETURNED_HEADER_BYTES: usize = 256 * 1024;
/// Recipients that are named in words; all of them are in the part for programs.
const MAX_NAMED: usize = 100;

/// The notice as a message from the mail system, lines ended by CRLF.
pub fn build(report: &Report<'_>, rng: &dyn Rng) -> Vec<u8> {
    let chance: [u8; 16] = rng.bytes();
    let unique: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
    // Chance decides, so no message can hold it by design.
    let boundary = format!("=_{unique}");
    let texts = Texts::of(report.language);
    let whole = report.ret == Return::Full && report.action == Action::Failed && report.original.len() <= MAX_RETURNED_BYTES;
    let returned = if whole { report.original } else { header_of(report.original) };
    let mut message = Vec::with_capacity(returned.len() + 8 * 1024);
    write_header(report, &texts, &unique, &boundary, returned, &mut message);
    let mut part = |head: &str, body: &[u8]| {
        message.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        message.extend_from_slice(body);
        if !body.ends_with(b"\r\n") {
            message.extend_from_slice(b"\r\n");
        }
    };
    let words = texts.body(report.action, &named(report), report.recipients.len(), report.original);
    part("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", base64_lines(words.as_bytes()).as_bytes());
    part(delivery_status_type(report), delivery_status(report).as_bytes());
    part(&returned_type(whole, returned), returned);
    message.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    message
}

fn write_header(report: &Report<'_>, texts: &Texts, unique: &str, boundary: &str, returned: &[u8], message: &mut Vec<u8>) {
    let domain = report.from_domain;
    let mut line = |text: String| {
        message.extend_from_slice(text.as_bytes());
        message.extend_from_slice(b"\r\n");
    };
    line(format!("From: {} <postmaster@{domain}>", encoded_word(texts.sender())));
    line(format!("To: <{}>", report.to));
    line(format!("Subject: {}", encoded_word(texts.subject(report.action))));
    line(format!("Date: {}", rfc_5322_date(report.now)));
    line(format!("Message-ID: <{unique}@{}>", report.by));
    if let Some(id) = message_id_of(report.original) {
        line(format!("In-Reply-To: {id}"));
        line(format!("References: {id}"));
    }
    // RFC 3834 §3.1.7: nobody's programs answer this.
    line(format!("Auto-Submitted: {}", if report.action == Action::Failed { "auto-replied" } else { "auto-generated" }));
    line("MIME-Version: 1.0".to_owned());
    line(format!("Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"{boundary}\""));
    if !returned.is_ascii() {
        line("Content-Transfer-Encoding: 8bit".to_owned());
    }
    line(String::new());
}

fn named(report: &Report<'_>) -> Vec<(String, Answer, Option<Timestamp>)> {
    report
        .recipients
        .iter()
        .take(MAX_NAMED)
        .map(|reported| (reported.address.to_string(), reported.answer.clone(), reported.retried_until))
        .collect()
}

/// RFC 6533 §4 has a type of its own for what is not ASCII.
fn delivery_status_type(report: &Report<'_>) -> &'static str {
    if report.recipients.iter().any(|reported| reported.address.needs_utf8()) {
        "Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 7bit"
    } else {
        "Content-Type: message/delivery-status"
    }
}

fn returned_type(whole: bool, returned: &[u8]) -> String {
    let kind = if whole { "message/rfc822" } else { "text/rfc822-headers" };
    let encoding = if returned.is_ascii() { "7bit" } else { "8bit" };
    format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}")
}

fn delivery_status(report: &Report<'_>) -> String {
    let mut text = String::new();
    let mut field = |name: &str, value: &str| {
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value);
        text.push_str("\r\n");
    };
    if let Some(id) = report.envelope_id {
        field("Original-Envelope-Id", &from_xtext(id));
    }
    field("Reporting-MTA", &format!("dns; {}", report.by));
    field("Arrival-Date", &rfc_5322_date(report.arrived_at));
    for reported in report.recipients {
        text.push_str("\r\n");
        recipient_status(report, reported, &mut text);
    }
    text
}

fn recipient_status(report: &Report<'_>, reported: &Reported, text: &mut String) {
    let mut field = |name: &str, value: &str| {
        text.push_str(&format!("{name}: {value}\r\n"));
    };
    if let Some((kind, address)) = reported.original.as_deref().and_then(|original| original.split_once(';')) {
        field("Original-Recipient", &format!("{}; {}", ascii(kind), from_xtext(address)));
    }
    field("Final-Recipient", &typed_address(&reported.address));
    field("Action", report.action.as_str());
    field("Status", &status_for(report.action, &reported.answer));
    if let Some(host) = &reported.answer.host {
        field("Remote-MTA", &format!("dns; {}", ascii(host)));
    }
    if let Some(code) = reported.answer.code {
        field("Diagnostic-Code", &format!("smtp; {code} {} {}", ascii(&reported.answer.status), ascii(&reported.answer.text)));
    } else if report.action != Action::Delivered {
        field("Diagnostic-Code", &format!("x-yanshu; {}", ascii(&reported.answer.text)));
    }
    field("Last-Attempt-Date", &rfc_5322_date(report.now));
    if let Some(until) = reported.retried_until {
        field("Will-Retry-Until", &rfc_5322_date(until));
    }
}

/// RFC 3464 §2.3.4: the class says what the action says.
fn status_for(action: Action, answer: &Answer) -> String {
    let class = match action {
        Action::Failed => '5',
        Action::Delayed => '4',
        Action::Delivered | Action::Relayed => '2',
    };
    let rest = answer.status.split_once('.').map_or("0.0", |(_, rest)| rest);
    // Time that ran out is told as 4.4.7 by custom (RFC 3463 §3.5), though nothing more is tried.
    if action == Action::Failed && answer.status == "4.4.7" { answer.status.clone() } else { format!("{class}.{}", ascii(rest)) }
}

/// `rfc822; li.na@example.test`; with `\x{…}` for what is not ASCII (RFC 6533 §3).
fn typed_address(address: &EnvelopeAddress) -> String {
    if !address.needs_utf8() {
        return format!("rfc822; {address}");
    }
    let mut encoded = String::new();
    for character in address.as_str().chars() {
        match character {
            '!'..='~' if !matches!(character, '+' | '=' | '\\') => encoded.push(character),
            _ => encoded.push_str(&format!("\\x{{{:X}}}", u32::from(character))),
        }
    }
    format!("utf-8; {encoded}")
}

/// RFC 3461 §4: `+3D` stands for `=`.
fn from_xtext(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'+').then(|| text.get(at + 1..at + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                plain.push(char::from(byte));
                at += 3;
            }
            None => {
                plain.push(char::from(bytes[at]));
                at += 1;
            }
        }
    }
    ascii(&plain)
}

/// Printable ASCII, so that nothing said by others can begin a new field.
fn ascii(text: &str) -> String {
    text.chars().map(|character| if (' '..='~').contains(&character) { character } else { '?' }).collect()
}

/// The header of a message with the empty line's line end left out.
fn header_of(message: &[u8]) -> &[u8] {
    let end = message.windows(4).position(|window| window == b"\r\n\r\n").map_or(message.len(), |at| at + 2);
    &message[..end.min(MAX_RETURNED_HEADER_BYTES)]
}

/// With its angle brackets, when it is one that can be repeated.
fn message_id_of(message: &[u8]) -> Option<String> {
    let field = crate::submission::header_fields(message).find(|field| message[field.name.clone()].eq_ignore_ascii_case(b"Message-ID"))?;
    let value = std::str::from_utf8(&message[field.name.end + 1..field.whole.end]).ok()?.trim_start_matches(':').trim();
    let plain =
        value.len() <= 250 && value.starts_with('<') && value.ends_with('>') && value.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    plain.then(|| value.to_owned())
}

fn encoded_word(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    // RFC 2047 §2: at most 75 characters each, so at most 45 bytes of text, cut between characters.
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(42);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(&rest[..end])));
        rest = &rest[end..];
    }
    words.join("\r\n ")
}

fn base64_lines(bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / 38 + 2);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(76));
        lines.push_str(line);
        lines.push_str("\r\n");
        rest = more;
    }
    lines
}
