//! Content-Type, Content-Disposition and their parameters: RFC 2045 §5.1, RFC 2231, and the wrong forms that are about.

use std::borrow::Cow;

use memchr::memchr;

use super::{charset, words};

/// Parameters of one field that are told apart.
const MAX_PARAMETERS: usize = 200;

/// `text/plain; charset=utf-8`.
#[derive(Debug, Clone)]
pub(super) struct ContentType<'a> {
    pub main: &'a [u8],
    pub sub: &'a [u8],
    /// What follows the type, from its semicolon on.
    pub parameters: &'a [u8],
}

impl<'a> ContentType<'a> {
    pub fn is_message(&self) -> bool {
        self.main.eq_ignore_ascii_case(b"message") && (self.sub.eq_ignore_ascii_case(b"rfc822") || self.sub.eq_ignore_ascii_case(b"global"))
    }

    /// The parameter that separates the parts of a multipart, as it stands in the message.
    pub fn boundary(&self) -> Option<Cow<'a, [u8]>> {
        let found = parameters(self.parameters).find(|(name, _)| name.eq_ignore_ascii_case(b"boundary"))?;
        let boundary = match found.1 {
            Cow::Borrowed(value) => Cow::Borrowed(value.trim_ascii_end()),
            // It was folded, which only one with a space can be (RFC 2046 §5.1.1).
            Cow::Owned(value) => Cow::Owned(value.trim_ascii_end().to_vec()),
        };
        (!boundary.is_empty()).then_some(boundary)
    }
}

/// `None` when there is no `type/subtype` to be seen.
pub(super) fn content_type(value: &[u8]) -> Option<ContentType<'_>> {
    let (main, rest) = token(skip_comments(value))?;
    let rest = skip_comments(rest).strip_prefix(b"/")?;
    let (sub, rest) = token(skip_comments(rest))?;
    Some(ContentType { main, sub, parameters: rest })
}

/// `attachment; filename=a.pdf`: the word, and what follows it.
pub(super) fn disposition(value: &[u8]) -> Option<(&[u8], &[u8])> {
    token(skip_comments(value))
}

fn token(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| !is_token(*byte)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn is_token(byte: u8) -> bool {
    (33..127).contains(&byte) && !b"()<>@,;:\\\"/[]?=".contains(&byte)
}

/// Leading white space and comments; comments are not nested here, nobody does that.
fn skip_comments(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        match text.strip_prefix(b"(").and_then(|inside| Some(&inside[memchr(b')', inside)? + 1..])) {
            Some(after) => text = after,
            None => return text,
        }
    }
}

/// The parameters as they are written: names as they are, values without quotes, backslashes and folds.
pub(super) fn parameters(text: &[u8]) -> impl Iterator<Item = (&[u8], Cow<'_, [u8]>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[memchr(b';', rest)? + 1..];
            rest = skip_comments(rest);
            let end = rest.iter().position(|byte| matches!(byte, b'=' | b';'))?;
            if rest[end] == b';' {
                rest = &rest[end..];
                continue;
            }
            let name = rest[..end].trim_ascii();
            rest = rest[end + 1..].trim_ascii_start();
            let value = if rest.starts_with(b"\"") { quoted(&mut rest) } else { unquoted(name, &mut rest) };
            if !name.is_empty() {
                return Some((name, value));
            }
        }
    })
    .take(MAX_PARAMETERS)
}

fn quoted<'a>(rest: &mut &'a [u8]) -> Cow<'a, [u8]> {
    let inside = &rest[1..];
    let mut owned: Option<Vec<u8>> = None;
    let mut at = 0;
    while at < inside.len() {
        let byte = inside[at];
        match byte {
            b'"' => {
                *rest = &inside[at + 1..];
                return match owned {
                    Some(owned) => Cow::Owned(owned),
                    None => Cow::Borrowed(&inside[..at]),
                };
            }
            b'\\' | b'\r' | b'\n' => {
                let owned = owned.get_or_insert_with(|| inside[..at].to_vec());
                // A path of Windows, written by a program that knew no escapes, keeps its backslashes.
                if byte == b'\\' && inside.get(at + 1).is_some_and(|next| matches!(next, b'"' | b'\\')) {
                    at += 1;
                    owned.push(inside[at]);
                } else if byte == b'\\' {
                    owned.push(byte);
                }
            }
            _ => {
                if let Some(owned) = &mut owned {
                    owned.push(byte);
                }
            }
        }
        at += 1;
    }
    // The closing quote is missing.
    *rest = b"";
    owned.map_or(Cow::Borrowed(inside), Cow::Owned)
}

fn unquoted<'a>(name: &[u8], rest: &mut &'a [u8]) -> Cow<'a, [u8]> {
    let end = memchr(b';', rest).unwrap_or(rest.len());
    let (mut value, after) = rest.split_at(end);
    *rest = after;
    // RFC 2045 §5.1 writes a comment after a value; in a file name it is a part of the name.
    let is_name = name.len() >= 4 && (name[..4].eq_ignore_ascii_case(b"name") || name[..4].eq_ignore_ascii_case(b"file"));
    if !is_name && let Some(comment) = memchr(b'(', value) {
        value = &value[..comment];
    }
    let value = value.trim_ascii();
    if value.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        return Cow::Owned(value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect());
    }
    Cow::Borrowed(value)
}

/// A parameter whose continuations (RFC 2231 §3) have been joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    /// Lower-case; ends in `*` when the value is `charset'language'percent-encoded` (RFC 2231 §4).
    pub name: String,
    pub value: Vec<u8>,
}

pub(super) fn joined(text: &[u8]) -> Vec<Parameter> {
    let mut joined: Vec<Parameter> = Vec::new();
    let mut pieces: Vec<(String, u32, bool, Cow<'_, [u8]>)> = Vec::new();
    for (name, value) in parameters(text) {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        match continuation(&name) {
            Some((base, number, is_extended)) => pieces.push((base.to_owned(), number, is_extended, value)),
            None if joined.iter().any(|other| other.name == name) => {}
            None => joined.push(Parameter { name, value: value.into_owned() }),
        }
    }
    pieces.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    for group in pieces.chunk_by(|a, b| a.0 == b.0) {
        let is_extended = group.iter().any(|piece| piece.2);
        let mut value = Vec::new();
        for (position, (_, number, is_encoded, bytes)) in group.iter().enumerate() {
            if usize::try_from(*number) != Ok(position) {
                break;
            }
            if is_extended && !is_encoded {
                if position == 0 {
                    value.extend_from_slice(b"''");
                }
                percent_encode(bytes, &mut value);
            } else {
                value.extend_from_slice(bytes);
            }
        }
        let name = if is_extended { format!("{}*", group[0].0) } else { group[0].0.clone() };
        if !value.is_empty() && !joined.iter().any(|other| other.name == name) {
            joined.push(Parameter { name, value });
        }
    }
    joined
}

/// `filename*1*` -> (`filename`, 1, true); `None` for `filename` and `filename*`.
fn continuation(name: &str) -> Option<(&str, u32, bool)> {
    let (stripped, is_extended) = name.strip_suffix('*').map_or((name, false), |stripped| (stripped, true));
    let (base, number) = stripped.split_once('*')?;
    Some((base, number.parse().ok()?, is_extended))
}

fn percent_encode(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
}

/// The value of a parameter as people read it.
pub(super) fn decoded(text: &[u8], name: &str) -> Option<String> {
    let all = joined(text);
    let extended = all.iter().find(|found| found.name.strip_suffix('*') == Some(name)).map(|found| decode_extended(&found.value));
    let value = extended.or_else(|| Some(words::decode(&all.iter().find(|found| found.name == name)?.value)))?;
    let value = words::without_controls(&value);
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// `utf-8'zh'%E4%BD%A0` -> `你`.
fn decode_extended(value: &[u8]) -> String {
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let (label, text) = match (parts.next(), parts.next(), parts.next()) {
        (Some(label), Some(_), Some(text)) => (label, text),
        _ => (&b""[..], value),
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let hex = |offset: usize| text.get(at + offset).and_then(|byte| char::from(*byte).to_digit(16));
        if text[at] == b'%'
            && let (Some(high), Some(low)) = (hex(1), hex(2))
        {
            bytes.push((high * 16 + low) as u8);
            at += 3;
        } else {
            bytes.push(text[at]);
            at += 1;
        }
    }
    charset::decode(label, &bytes).text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_name(value: &str) -> String {
        decoded(value.as_bytes(), "filename").unwrap_or_default()
    }

    #[test]
    fn file_names_are_read_in_every_form_that_is_about() {
        for (written, read) in [
            (r#"attachment; filename="a b.pdf""#, "a b.pdf"),
            ("attachment; filename=a b (1).pdf", "a b (1).pdf"),
            ("attachment; filename*=utf-8''%E6%8A%A5%E8%A1%A8.xlsx", "报表.xlsx"),
            ("attachment; filename*=GB18030'zh-cn'%B1%A8%B1%ED.xlsx", "报表.xlsx"),
            ("attachment; filename*0*=utf-8''%E6%8A; filename*1*=%A5%E8%A1%A8; filename*2=\".xlsx\"", "报表.xlsx"),
            ("attachment; filename*1=\"b.pdf\"; filename*0=\"a\"", "ab.pdf"),
            ("attachment; filename=\"=?utf-8?B?5oql6KGoLnhsc3g=?=\"", "报表.xlsx"),
            ("attachment; filename==?gbk?B?saix7S54bHN4?=", "报表.xlsx"),
            ("attachment; filename=\"报表.xlsx\"", "报表.xlsx"),
            ("attachment; filename=\"C:\\dir\\a.txt\"", "C:\\dir\\a.txt"),
            ("attachment;\r\n filename=\"a\r\n b.txt\"", "a b.txt"),
            ("attachment; filename=\"no end", "no end"),
            // Both forms: the better one counts.
            ("attachment; filename=\"x.xlsx\"; filename*=utf-8''%E6%8A%A5.xlsx", "报.xlsx"),
        ] {
            assert_eq!(file_name(written), read, "{written}");
        }
    }

    #[test]
    fn a_comment_after_a_charset_is_no_part_of_it() {
        let found = content_type(b" text/plain (text); charset=us-ascii (Plain text)").unwrap();
        assert_eq!((found.main, found.sub), (&b"text"[..], &b"plain"[..]));
        assert_eq!(joined(found.parameters), [Parameter { name: "charset".to_owned(), value: b"us-ascii".to_vec() }]);
    }

    #[test]
    fn a_type_without_a_slash_is_none() {
        assert!(content_type(b"text").is_none());
        assert!(content_type(b"").is_none());
        assert!(content_type(b"/plain").is_none());
    }
}
