//! Header fields: folded, encoded words (RFC 2047), parameters (RFC 2231).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::types::{Address, AddressGroup};
use super::HeaderValue;

const MAX_LINE: usize = 76;
/// A word longer than this cannot stand in a line as it is.
const MAX_WORD: usize = 900;
/// Bytes of text in one encoded word, which may have 75 letters.
const WORD_BYTES: usize = 45;
/// Letters of one piece of a parameter.
const PIECE: usize = 54;

/// Writes a field as it grows, and breaks lines between its words.
struct Folded<'a> {
    out: &'a mut Vec<u8>,
    width: usize,
    is_first: bool,
}

impl<'a> Folded<'a> {
    fn new(out: &'a mut Vec<u8>, name: &str) -> Self {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        Self { out, width: name.len() + 1, is_first: true }
    }

    /// One word after a space or on a new line.
    fn word(&mut self, word: &str) {
        if self.width + 1 + word.len() > MAX_LINE && !self.is_first {
            self.out.extend_from_slice(b"\r\n ");
            self.width = 1;
        } else {
            self.out.push(b' ');
            self.width += 1;
        }
        self.is_first = false;
        self.out.extend_from_slice(word.as_bytes());
        self.width += word.len();
    }

    /// Directly after the last word.
    fn attach(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.width += text.len();
    }

    fn end(self) {
        if self.is_first {
            self.out.push(b' ');
        }
        self.out.extend_from_slice(b"\r\n");
    }
}

pub(super) fn write(out: &mut Vec<u8>, name: &str, value: &HeaderValue) {
    let mut folded = Folded::new(out, name);
    match value {
        HeaderValue::Raw(raw) if raw.is_ascii() => {
            // As it is, line breaks only where lines go on.
            let raw = one_field(raw);
            folded.attach(if raw.starts_with([' ', '\t']) { "" } else { " " });
            folded.attach(&raw);
            folded.is_first = false;
        }
        HeaderValue::Raw(text) | HeaderValue::Text(text) => unstructured(&mut folded, text),
        HeaderValue::Addresses(addresses) => address_list(&mut folded, addresses),
        HeaderValue::GroupedAddresses(groups) => group_list(&mut folded, groups),
        HeaderValue::MessageIds(ids) => {
            for id in ids {
                folded.word(&format!("<{}>", bare(id)));
            }
        }
        HeaderValue::Date(date) => folded.word(&date.to_rfc_5322()),
        HeaderValue::Urls(urls) => {
            for (position, url) in urls.iter().enumerate() {
                folded.word(&format!("<{}>{}", bare(url), if position + 1 < urls.len() { "," } else { "" }));
            }
        }
    }
    folded.end();
}

/// Line breaks that begin no folded line become spaces, and other control characters go.
fn one_field(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw.trim_end();
    while let Some(at) = rest.find(['\r', '\n']) {
        out.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches(['\r', '\n']);
        // An empty folded line ends the header for many readers.
        let goes_on = after.starts_with([' ', '\t']) && !out.rsplit('\n').next().unwrap_or_default().trim().is_empty();
        out.push_str(if goes_on { "\r\n" } else { " " });
        rest = after;
    }
    out.push_str(rest);
    out.retain(|character| !character.is_control() || matches!(character, '\r' | '\n' | '\t'));
    out
}

/// Without what would end an id or an address in angle brackets.
fn bare(text: &str) -> String {
    text.chars().filter(|character| !character.is_control() && !character.is_whitespace() && !matches!(character, '<' | '>')).collect()
}

fn unstructured(folded: &mut Folded<'_>, text: &str) {
    let text = one_line(text);
    if needs_words(&text) {
        encoded_words(folded, &text, &[]);
        return;
    }
    // Several spaces stay several; a line is broken at the first.
    for word in text.split(' ') {
        folded.word(word);
    }
}

fn needs_words(text: &str) -> bool {
    !text.is_ascii()
        || text.contains("=?")
        || text.contains('\t')
        || text.starts_with(' ')
        || text.ends_with(' ')
        || text.contains("  ")
        || text.split(' ').any(|word| word.len() > MAX_WORD)
}

/// Line ends and control characters become spaces or nothing.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| if matches!(character, '\r' | '\n') { ' ' } else { character })
        .filter(|character| !character.is_control() || *character == '\t')
        .collect()
}

/// The text as encoded words; `with` is attached to the last.
fn encoded_words(folded: &mut Folded<'_>, text: &str, with: &[&str]) {
    for word in words_of(text) {
        folded.word(&word);
    }
    for attached in with {
        folded.attach(attached);
    }
}

fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        // Never within a character (RFC 2047 §5).
        let (piece, after) = rest.split_at(rest.floor_char_boundary(WORD_BYTES));
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(piece)));
        rest = after;
    }
    words
}

fn address_list(folded: &mut Folded<'_>, addresses: &[Address]) {
    for (position, address) in addresses.iter().enumerate() {
        self::address(folded, address, if position + 1 < addresses.len() { "," } else { "" });
    }
}

fn group_list(folded: &mut Folded<'_>, groups: &[AddressGroup]) {
    for (position, group) in groups.iter().enumerate() {
        let separator = if position + 1 < groups.len() { "," } else { "" };
        let Some(name) = &group.name else {
            address_list(folded, &group.addresses);
            folded.attach(if group.addresses.is_empty() { "" } else { separator });
            continue;
        };
        phrase(folded, name);
        folded.attach(":");
        address_list(folded, &group.addresses);
        folded.attach(";");
        folded.attach(separator);
    }
}

fn address(folded: &mut Folded<'_>, address: &Address, separator: &str) {
    let email: String = address.email.chars().filter(|character| !character.is_control() && !matches!(character, '<' | '>')).collect();
    match address.name.as_deref().map(one_line).filter(|name| !name.trim().is_empty()) {
        Some(name) => {
            phrase(folded, name.trim());
            folded.word(&format!("<{email}>{separator}"));
        }
        None if is_plain_address(&email) => folded.word(&format!("{email}{separator}")),
        None => folded.word(&format!("<{email}>{separator}")),
    }
}

fn is_plain_address(email: &str) -> bool {
    !email.is_empty() && email.chars().all(|character| character.is_ascii_graphic() && !"()<>,;:\\\"[]".contains(character))
}

/// A display name: words, a quoted string, or encoded words.
fn phrase(folded: &mut Folded<'_>, name: &str) {
    let name = one_line(name);
    if needs_words(&name) {
        encoded_words(folded, &name, &[]);
    } else if !name.is_empty()
        && name.chars().all(|character| character.is_ascii_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(character))
    {
        for word in name.split(' ') {
            folded.word(word);
        }
    } else {
        folded.word(&quoted(&name));
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `Content-Type: text/plain; charset=utf-8; name="…"`. A name that is not ASCII stands in Content-Type as encoded words, for programs that know nothing
/// better, and in Content-Disposition as RFC 2231 wants it.
pub(super) fn with_parameters(out: &mut Vec<u8>, field: &str, word: &str, parameters: &[(&str, &str)], name: Option<(&str, &str)>) {
    let mut folded = Folded::new(out, field);
    folded.word(word);
    for (key, value) in parameters {
        folded.attach(";");
        folded.word(&format!("{key}={}", quoted(&one_line(value))));
    }
    if let Some((key, value)) = name {
        let value = one_line(value);
        if value.is_ascii() && value.len() <= PIECE && !value.contains("=?") {
            folded.attach(";");
            folded.word(&format!("{key}={}", quoted(&value)));
        } else if key == "name" {
            folded.attach(";");
            let words = words_of(&value);
            for (position, word) in words.iter().enumerate() {
                let open = if position == 0 { format!("{key}=\"") } else { String::new() };
                let close = if position + 1 == words.len() { "\"" } else { "" };
                folded.word(&format!("{open}{word}{close}"));
            }
        } else {
            extended(&mut folded, key, &value);
        }
    }
    folded.end();
}

/// `filename*=utf-8''%E4…`, in pieces when it is long (RFC 2231 §3, §4).
fn extended(folded: &mut Folded<'_>, key: &str, value: &str) {
    let mut pieces = vec![String::from("utf-8''")];
    for byte in value.bytes() {
        let letters =
            if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        match pieces.last_mut() {
            Some(last) if last.len() + letters.len() <= PIECE => last.push_str(&letters),
            _ => pieces.push(letters),
        }
    }
    for (position, piece) in pieces.iter().enumerate() {
        folded.attach(";");
        let number = if pieces.len() == 1 { String::new() } else { format!("*{position}") };
        folded.word(&format!("{key}{number}*={piece}"));
    }
}
