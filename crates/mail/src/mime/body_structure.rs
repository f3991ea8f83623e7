//! IMAP BODYSTRUCTURE and BODY: RFC 9051 §7.5.2, RFC 3501 §7.4.2.

use super::params::{self, Parameter};
use super::scan::{self, Kind, Structure};
use super::wire::{self, Reader};
use super::{envelope, words};

/// All envelopes of a message and its messages within; beyond it, theirs are empty.
const MAX_ENVELOPES: usize = 1024 * 1024;

/// All parameters and descriptions; beyond it there are none.
const MAX_EXTRAS: usize = 1024 * 1024;
/// Types, encodings and the like; longer ones are known to nobody.
const MAX_WORD: usize = 255;
const MAX_LANGUAGES: usize = 100;

/// BODYSTRUCTURE of the whole message.
pub(super) fn write(structure: &Structure<'_>) -> Vec<u8> {
    let counted: Vec<usize> = (0..structure.parts.len()).filter(|part| is_text(structure, *part) || is_message(structure, *part)).collect();
    let ranges: Vec<_> = counted.iter().map(|part| structure.parts[*part].body.clone()).collect();
    let mut lines = vec![0; structure.parts.len()];
    for (part, count) in counted.iter().zip(scan::count_lines(structure.message, &ranges)) {
        lines[*part] = count;
    }
    let mut writer = Writer {
        out: Vec::with_capacity(256 * structure.parts.len()),
        structure,
        lines,
        envelopes_left: MAX_ENVELOPES,
        extras_left: MAX_EXTRAS,
    };
    writer.body(0);
    writer.out
}

fn is_text(structure: &Structure<'_>, part: usize) -> bool {
    structure.is_text(part) && !structure.parts[part].is_opaque
}

fn is_message(structure: &Structure<'_>, part: usize) -> bool {
    let span = &structure.parts[part];
    !span.is_opaque && span.content_type.as_ref().map_or(span.is_in_digest, params::ContentType::is_message)
}

struct Writer<'a> {
    out: Vec<u8>,
    structure: &'a Structure<'a>,
    lines: Vec<u64>,
    envelopes_left: usize,
    extras_left: usize,
}

impl Writer<'_> {
    /// The depth is bounded by the scanner.
    fn body(&mut self, part: usize) {
        let span = &self.structure.parts[part];
        self.out.push(b'(');
        if span.kind == Kind::Multipart {
            for child in &span.children {
                self.body(*child);
            }
            self.out.push(b' ');
            let content_type = span.content_type.as_ref();
            self.word(content_type.map_or(b"mixed", |found| found.sub));
            self.out.push(b' ');
            self.parameters(content_type.map_or(&[], |found| found.parameters));
        } else {
            self.single(part);
            self.out.push(b' ');
            self.text(part, "content-md5");
        }
        self.out.push(b' ');
        self.disposition(part);
        self.out.push(b' ');
        self.language(part);
        self.out.push(b' ');
        self.text(part, "content-location");
        self.out.push(b')');
    }

    fn single(&mut self, part: usize) {
        let span = &self.structure.parts[part];
        match &span.content_type {
            _ if span.is_opaque => self.out.extend_from_slice(b"\"application\" \"octet-stream\" NIL"),
            Some(found) => {
                self.word(found.main);
                self.out.push(b' ');
                self.word(found.sub);
                self.out.push(b' ');
                self.parameters(found.parameters);
            }
            None if span.is_in_digest => self.out.extend_from_slice(b"\"message\" \"rfc822\" NIL"),
            // RFC 2045 §5.2.
            None => self.out.extend_from_slice(b"\"text\" \"plain\" (\"charset\" \"us-ascii\")"),
        }
        self.out.push(b' ');
        self.text(part, "content-id");
        self.out.push(b' ');
        self.text(part, "content-description");
        self.out.push(b' ');
        let encoding =
            self.structure.field(part, "content-transfer-encoding").map(<[u8]>::trim_ascii).filter(|encoding| !encoding.is_empty());
        self.word(&words::unfold(encoding.unwrap_or(b"7bit")));
        self.out.push(b' ');
        wire::number(&mut self.out, span.body.len() as u64);
        let is_message = is_message(self.structure, part);
        if is_message {
            self.out.push(b' ');
            self.message_within(part);
        }
        if is_message || is_text(self.structure, part) {
            self.out.push(b' ');
            wire::number(&mut self.out, self.lines[part]);
        }
    }

    /// Envelope and body of the message that this part holds.
    fn message_within(&mut self, part: usize) {
        let inner = self.structure.parts[part].children.first().copied();
        let envelope_at = self.out.len();
        match inner.filter(|_| self.envelopes_left > 0) {
            Some(inner) => envelope::write(&mut self.out, self.structure, inner),
            None => envelope::write_nothing(&mut self.out),
        }
        self.envelopes_left = self.envelopes_left.saturating_sub(self.out.len() - envelope_at);
        self.out.push(b' ');
        match inner {
            Some(inner) => self.body(inner),
            // An encoded message is not looked into.
            None => self.out.extend_from_slice(b"(\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL)"),
        }
    }

    fn text(&mut self, part: usize, name: &str) {
        let value = self.structure.field(part, name).filter(|_| self.extras_left > 0).map(|value| words::unfold(value.trim_ascii()));
        let at = self.out.len();
        wire::nstring(&mut self.out, value.as_deref());
        self.extras_left = self.extras_left.saturating_sub(self.out.len() - at);
    }

    fn word(&mut self, word: &[u8]) {
        wire::string(&mut self.out, &word[..word.len().min(MAX_WORD)]);
    }

    fn parameters(&mut self, text: &[u8]) {
        let joined = if self.extras_left > 0 { params::joined(text) } else { Vec::new() };
        if joined.is_empty() {
            self.out.extend_from_slice(b"NIL");
            return;
        }
        for (position, Parameter { name, value }) in joined.iter().enumerate() {
            if self.extras_left == 0 {
                break;
            }
            let at = self.out.len();
            self.out.push(if position == 0 { b'(' } else { b' ' });
            self.word(name.as_bytes());
            self.out.push(b' ');
            wire::string(&mut self.out, value);
            self.extras_left = self.extras_left.saturating_sub(self.out.len() - at);
        }
        self.out.push(b')');
    }

    fn disposition(&mut self, part: usize) {
        let value = self.structure.field(part, "content-disposition");
        let Some((word, parameters)) = value.and_then(params::disposition) else {
            self.out.extend_from_slice(b"NIL");
            return;
        };
        self.out.push(b'(');
        self.word(word);
        self.out.push(b' ');
        self.parameters(parameters);
        self.out.push(b')');
    }

    fn language(&mut self, part: usize) {
        let value = self.structure.field(part, "content-language").unwrap_or_default();
        let tags: Vec<&[u8]> =
            value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|tag| !tag.is_empty()).take(MAX_LANGUAGES).collect();
        match tags[..] {
            [] => self.out.extend_from_slice(b"NIL"),
            [tag] => self.word(tag),
            _ => {
                for (position, tag) in tags.iter().enumerate() {
                    self.out.push(if position == 0 { b'(' } else { b' ' });
                    self.word(tag);
                }
                self.out.push(b')');
            }
        }
    }
}

/// BODY, which has no extension data, from BODYSTRUCTURE as [`super::render`] wrote it.
pub fn body_of(body_structure: &[u8]) -> Vec<u8> {
    let mut reader = Reader { bytes: body_structure, at: 0 };
    let mut out = Vec::with_capacity(body_structure.len());
    match without_extensions(&mut reader, &mut out) {
        Some(()) => out,
        // Not ours; as good an answer as any.
        None => body_structure.to_vec(),
    }
}

fn without_extensions(reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Option<()> {
    let begin = reader.at;
    reader.take(b'(')?;
    out.push(b'(');
    if reader.peek()? == b'(' {
        while reader.peek()? == b'(' {
            without_extensions(reader, out)?;
        }
        let subtype_at = reader.at;
        reader.take(b' ')?;
        reader.skip()?;
        out.extend_from_slice(&reader.bytes[subtype_at..reader.at]);
    } else {
        let main_at = reader.at;
        reader.skip()?;
        let main = &reader.bytes[main_at..reader.at];
        reader.take(b' ')?;
        let sub_at = reader.at;
        reader.skip()?;
        let sub = &reader.bytes[sub_at..reader.at];
        // Parameters, id, description, encoding, octets.
        for _ in 0..5 {
            reader.take(b' ')?;
            reader.skip()?;
        }
        let is = |word: &[u8], name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        let is_message = is(main, "\"message\"") && (is(sub, "\"rfc822\"") || is(sub, "\"global\""));
        if is_message {
            reader.take(b' ')?;
            reader.skip()?;
            reader.take(b' ')?;
            out.extend_from_slice(&reader.bytes[begin + 1..reader.at]);
            without_extensions(reader, out)?;
            let lines_at = reader.at;
            reader.take(b' ')?;
            reader.skip()?;
            out.extend_from_slice(&reader.bytes[lines_at..reader.at]);
        } else {
            if is(main, "\"text\"") {
                reader.take(b' ')?;
                reader.skip()?;
            }
            out.extend_from_slice(&reader.bytes[begin + 1..reader.at]);
        }
    }
    while reader.peek()? == b' ' {
        reader.at += 1;
        reader.skip()?;
    }
    reader.take(b')')?;
    out.push(b')');
    Some(())
}
