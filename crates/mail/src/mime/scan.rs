//! Where everything in a message is: one pass over the bytes, nothing decoded, nothing copied.
//!
//! IMAP's sizes, `BODY[…]`, JMAP's parts and the searches all read from this one answer, so they agree however broken the mail is.
//! The rules for broken mail: a header ends at an empty line, at a delimiter of an open multipart, or before a line that is no header when the next one
//! is none either; a part ends at a delimiter of any open multipart; a multipart without delimiters holds one text part; what lies deeper than
//! [`MAX_DEPTH`] or after [`MAX_PARTS`] parts is not taken apart.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr, memmem};

use super::params::{self, ContentType};
use super::{MAX_DEPTH, MAX_PARTS};

/// Header fields that are told apart in one message, in all of its parts; later ones are still served with their header.
const MAX_FIELDS: usize = 20_000;
/// RFC 2046 §5.1.1 allows 70; longer ones are seen.
const MAX_BOUNDARY: usize = 250;

/// One header field with its line ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub raw: &'a [u8],
    name_len: usize,
    value_at: usize,
}

impl<'a> Field<'a> {
    pub fn name(&self) -> &'a [u8] {
        &self.raw[..self.name_len]
    }

    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }

    /// What stands after the colon, without the last line end; still folded.
    pub fn value(&self) -> &'a [u8] {
        without_line_end(&self.raw[self.value_at..])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Leaf,
    Multipart,
    /// message/rfc822 or message/global; its only child is the message within.
    Message,
}

/// A part of a message. The first is the message itself.
#[derive(Debug)]
pub(super) struct Span<'a> {
    pub kind: Kind,
    pub children: Vec<usize>,
    /// With the empty line that ends it, where there is one.
    pub header: Range<usize>,
    pub body: Range<usize>,
    fields: Range<usize>,
    /// `None` where there is no such field, or it cannot be read.
    pub content_type: Option<ContentType<'a>>,
    /// The type when there is no field: message/rfc822 within a digest.
    pub is_in_digest: bool,
    /// Not taken apart because it lies too deep; served as it is.
    pub is_opaque: bool,
}

pub(super) struct Structure<'a> {
    pub message: &'a [u8],
    pub parts: Vec<Span<'a>>,
    fields: Vec<Field<'a>>,
}

impl<'a> Structure<'a> {
    pub fn fields(&self, part: usize) -> &[Field<'a>] {
        &self.fields[self.parts[part].fields.clone()]
    }

    /// The value of the first field of this name.
    pub fn field(&self, part: usize, name: &str) -> Option<&'a [u8]> {
        self.fields(part).iter().find(|field| field.is(name)).map(Field::value)
    }

    pub fn body(&self, part: usize) -> &'a [u8] {
        &self.message[self.parts[part].body.clone()]
    }

    /// Lower-case words `type` and `subtype`, with the defaults of RFC 2045 §5.2 and RFC 2046 §5.1.5.
    pub fn media_type(&self, part: usize) -> (String, String) {
        let span = &self.parts[part];
        match &span.content_type {
            Some(content_type) => (lower(content_type.main), lower(content_type.sub)),
            None if span.is_in_digest => ("message".to_owned(), "rfc822".to_owned()),
            None => ("text".to_owned(), "plain".to_owned()),
        }
    }

    pub fn is_text(&self, part: usize) -> bool {
        let span = &self.parts[part];
        span.kind == Kind::Leaf && span.content_type.as_ref().map_or(!span.is_in_digest, |found| found.main.eq_ignore_ascii_case(b"text"))
    }

    /// The part at these IMAP part numbers (RFC 9051 §6.4.5). A message that is no multipart has one part, itself without its header.
    pub fn find(&self, path: &[u32]) -> Option<usize> {
        let mut found = 0;
        // What the next number counts in, and whether that is a whole message.
        let mut container = Some((0, true));
        for number in path {
            let (at, is_message) = container?;
            let index = usize::try_from(*number).ok()?.checked_sub(1)?;
            found = match self.parts[at].kind {
                Kind::Multipart => *self.parts[at].children.get(index)?,
                Kind::Leaf | Kind::Message if is_message && index == 0 => at,
                Kind::Leaf | Kind::Message => return None,
            };
            container = match self.parts[found].kind {
                Kind::Multipart => Some((found, false)),
                Kind::Message => self.parts[found].children.first().map(|inner| (*inner, true)),
                Kind::Leaf => None,
            };
        }
        Some(found)
    }
}

/// A multipart or a message that is open while its parts are found.
struct Open<'a> {
    part: usize,
    /// Empty for a message.
    boundary: Cow<'a, [u8]>,
    /// The frame this boundary meant before, when an outer one has the same.
    shadowed: Option<usize>,
    /// After its last delimiter; what follows is nobody's until an outer delimiter comes.
    is_finished: bool,
}

struct Scanner<'a> {
    message: &'a [u8],
    parts: Vec<Span<'a>>,
    fields: Vec<Field<'a>>,
    open: Vec<Open<'a>>,
    /// Boundary -> innermost open multipart that has it. Found by hash: a line that looks like a delimiter costs the same at any depth.
    boundaries: HashMap<Cow<'a, [u8]>, usize>,
}

/// A delimiter line of the multipart `frame`.
struct Delimiter {
    frame: usize,
    line: Range<usize>,
    is_last: bool,
}

pub(super) fn scan(message: &[u8]) -> Structure<'_> {
    let mut scanner =
        Scanner { message, parts: Vec::with_capacity(4), fields: Vec::with_capacity(24), open: Vec::new(), boundaries: HashMap::new() };
    scanner.run();
    Structure { message, parts: scanner.parts, fields: scanner.fields }
}

/// As [`scan`] of a header alone: nothing after it is looked at.
pub(super) fn scan_header(message: &[u8]) -> Structure<'_> {
    let mut scanner =
        Scanner { message, parts: Vec::with_capacity(1), fields: Vec::with_capacity(24), open: Vec::new(), boundaries: HashMap::new() };
    scanner.header(0, None, false);
    Structure { message, parts: scanner.parts, fields: scanner.fields }
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        let delimiters = memmem::Finder::new(b"\n--");
        let mut at = 0;
        let mut parent = None;
        loop {
            let mut body_at = self.entity(at, parent);
            // A message within begins with its own header at once.
            while let Some(frame) = self.open.last().filter(|frame| self.parts[frame.part].kind == Kind::Message) {
                let inner_of = frame.part;
                if !self.parts[inner_of].children.is_empty() {
                    break;
                }
                body_at = self.entity(body_at, Some(inner_of));
            }
            let Some(next) = self.next_part(body_at, &delimiters) else { break };
            at = next.0;
            parent = Some(next.1);
        }
        for part in 0..self.parts.len() {
            if self.parts[part].kind == Kind::Multipart && self.parts[part].children.is_empty() {
                self.add_missing_part(part);
            }
        }
    }

    /// The header at `at` becomes a part; answers where its body begins.
    fn entity(&mut self, at: usize, parent: Option<usize>) -> usize {
        let is_in_digest = parent.is_some_and(|parent| {
            let span = &self.parts[parent];
            span.kind == Kind::Multipart && span.content_type.as_ref().is_some_and(|found| found.sub.eq_ignore_ascii_case(b"digest"))
        });
        let part = self.header(at, parent, is_in_digest);
        let body_at = self.parts[part].body.start;
        let is_encoded = || self.value_of(part, "content-transfer-encoding").is_some_and(is_encoded);
        let span = &self.parts[part];
        let (mut kind, mut boundary) = (Kind::Leaf, Cow::Borrowed(&b""[..]));
        match &span.content_type {
            Some(found) if found.main.eq_ignore_ascii_case(b"multipart") => {
                kind = Kind::Multipart;
                boundary = found.boundary().filter(|boundary| boundary.len() <= MAX_BOUNDARY).unwrap_or_default();
            }
            Some(found) if found.is_message() => kind = if is_encoded() { Kind::Leaf } else { Kind::Message },
            None if is_in_digest => kind = Kind::Message,
            _ => {}
        }
        if (kind != Kind::Leaf && self.open.len() >= MAX_DEPTH) || (kind == Kind::Message && self.parts.len() >= MAX_PARTS) {
            kind = Kind::Leaf;
            self.parts[part].is_opaque = true;
        }
        self.parts[part].kind = kind;
        if kind != Kind::Leaf {
            let shadowed = if boundary.is_empty() { None } else { self.boundaries.insert(boundary.clone(), self.open.len()) };
            self.open.push(Open { part, boundary, shadowed, is_finished: false });
        }
        body_at
    }

    fn value_of(&self, part: usize, name: &str) -> Option<&'a [u8]> {
        self.fields[self.parts[part].fields.clone()].iter().find(|field| field.is(name)).map(Field::value)
    }

    /// Reads the header that begins at `at`; the part's body is left open to the end of the message.
    fn header(&mut self, at: usize, parent: Option<usize>, is_in_digest: bool) -> usize {
        let first_field = self.fields.len();
        let message = self.message;
        let mut line_at = at;
        let mut end = message.len();
        let mut body_at = message.len();
        while line_at < message.len() {
            let line_end = end_of_line(message, line_at);
            let line = &message[line_at..line_end];
            if without_line_end(line).is_empty() {
                (end, body_at) = (line_end, line_end);
                break;
            }
            if line.starts_with(b"--") && self.delimiter(line_at..line_end).is_some() {
                (end, body_at) = (line_at, line_at);
                break;
            }
            if let Some(colon) = colon_of(line) {
                let mut field_end = line_end;
                while field_end < message.len() && matches!(message[field_end], b' ' | b'\t') {
                    field_end = end_of_line(message, field_end);
                }
                if self.fields.len() < MAX_FIELDS {
                    let name_len = line[..colon].trim_ascii_end().len();
                    self.fields.push(Field { raw: &message[line_at..field_end], name_len, value_at: colon + 1 });
                }
                line_at = field_end;
                continue;
            }
            // One line that is no header among headers is passed over; two mean that the empty line is missing.
            let next = &message[line_end..];
            let next_line = &next[..end_of_line(next, 0)];
            let is_end_next = !next_line.is_empty() && without_line_end(next_line).is_empty();
            if !is_end_next && colon_of(next_line).is_none() {
                (end, body_at) = (line_at, line_at);
                break;
            }
            line_at = line_end;
        }
        let fields = first_field..self.fields.len();
        let content_type = self.fields[fields.clone()].iter().find(|field| field.is("content-type"));
        let content_type = content_type.and_then(|field| params::content_type(field.value()));
        let part = self.parts.len();
        self.parts.push(Span {
            kind: Kind::Leaf,
            children: Vec::new(),
            header: at..end,
            body: body_at..message.len(),
            fields,
            content_type,
            is_in_digest,
            is_opaque: false,
        });
        if let Some(parent) = parent {
            self.parts[parent].children.push(part);
        }
        part
    }

    /// The next delimiter that begins a part: where the part begins and whose child it is. Parts that end on the way are closed.
    fn next_part(&mut self, from: usize, delimiters: &memmem::Finder<'_>) -> Option<(usize, usize)> {
        if self.boundaries.is_empty() {
            return None;
        }
        let mut at = from;
        loop {
            let line_at = if self.message[at..].starts_with(b"--") && (at == 0 || self.message[at - 1] == b'\n') {
                at
            } else {
                at + delimiters.find(&self.message[at..])? + 1
            };
            let line_end = end_of_line(self.message, line_at);
            at = line_end;
            let Some(found) = self.delimiter(line_at..line_end) else { continue };
            if self.parts.len() >= MAX_PARTS && !found.is_last {
                return None;
            }
            self.end_parts(found.frame + 1, found.line.start);
            let part = self.open[found.frame].part;
            if !found.is_last {
                return Some((line_end, part));
            }
            self.finish(found.frame);
            if self.boundaries.is_empty() {
                return None;
            }
        }
    }

    /// Which open multipart this line delimits.
    fn delimiter(&self, line: Range<usize>) -> Option<Delimiter> {
        if self.boundaries.is_empty() || line.len() > MAX_BOUNDARY + 64 {
            return None;
        }
        let text = self.message[line.start + 2..line.end].trim_ascii_end();
        if let Some(&frame) = self.boundaries.get(text) {
            return Some(Delimiter { frame, line, is_last: false });
        }
        let frame = *self.boundaries.get(text.strip_suffix(b"--")?)?;
        Some(Delimiter { frame, line, is_last: true })
    }

    /// A multipart after its last delimiter has no more parts.
    fn finish(&mut self, frame: usize) {
        let open = &mut self.open[frame];
        if open.is_finished || open.boundary.is_empty() {
            return;
        }
        open.is_finished = true;
        // An inner multipart with the same boundary has been closed before its outer one can be reached.
        match open.shadowed {
            Some(outer) => self.boundaries.insert(open.boundary.clone(), outer),
            None => self.boundaries.remove(&open.boundary),
        };
    }

    /// What is open from `frame` on, and the part that was found last, end before the delimiter at `at`, to which the line end before it belongs.
    fn end_parts(&mut self, frame: usize, at: usize) {
        let end = before_line_end(self.message, at);
        if let Some(last) = self.parts.len().checked_sub(1).filter(|last| self.parts[*last].kind == Kind::Leaf) {
            self.end_part(last, end);
        }
        while self.open.len() > frame {
            self.finish(self.open.len() - 1);
            let Some(open) = self.open.pop() else { return };
            self.end_part(open.part, end);
            if self.parts[open.part].kind == Kind::Message
                && let Some(&inner) = self.parts[open.part].children.first()
            {
                // The empty line of a message without a body may be the one that belongs to the delimiter.
                let end = self.parts[open.part].body.end;
                let span = &mut self.parts[inner];
                span.header.end = span.header.end.min(end);
                span.body = span.body.start.min(end)..span.body.end.min(end);
            }
        }
    }

    fn end_part(&mut self, part: usize, end: usize) {
        let body = &mut self.parts[part].body;
        if body.end == self.message.len() {
            body.end = end.max(body.start);
        }
    }

    /// A multipart in which no delimiter was found: what it holds is shown as text.
    fn add_missing_part(&mut self, of: usize) {
        let body = self.parts[of].body.clone();
        let part = self.parts.len();
        self.parts.push(Span {
            kind: Kind::Leaf,
            children: Vec::new(),
            header: body.start..body.start,
            body,
            fields: 0..0,
            content_type: None,
            is_in_digest: false,
            is_opaque: false,
        });
        self.parts[of].children.push(part);
    }
}

/// How many lines each of these ranges has, in one pass over the bytes however they nest.
pub(super) fn count_lines(message: &[u8], ranges: &[Range<usize>]) -> Vec<u64> {
    let mut points: Vec<(usize, i32)> = ranges.iter().flat_map(|range| [(range.start, 1), (range.end, -1)]).collect();
    points.sort_unstable_by_key(|point| point.0);
    let mut lines_before: Vec<(usize, u64)> = Vec::with_capacity(points.len());
    let (mut at, mut lines, mut depth) = (0, 0, 0);
    for (point, change) in points {
        if depth > 0 {
            lines += memchr::memchr_iter(b'\n', &message[at..point]).count() as u64;
        }
        at = point;
        depth += change;
        lines_before.push((point, lines));
    }
    let before = |point: usize| {
        let found = lines_before.partition_point(|(other, _)| *other < point);
        lines_before.get(found).map_or(lines, |(_, lines)| *lines)
    };
    ranges.iter().map(|range| before(range.end) - before(range.start)).collect()
}

/// Whether a Content-Transfer-Encoding changes the bytes.
pub(super) fn is_encoded(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    value.eq_ignore_ascii_case(b"base64") || value.eq_ignore_ascii_case(b"quoted-printable")
}

/// The place of the colon when a line begins a header field.
fn colon_of(line: &[u8]) -> Option<usize> {
    let colon = memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(|byte| (33..127).contains(byte))).then_some(colon)
}

/// The place after the line end of the line at `at`.
fn end_of_line(bytes: &[u8], at: usize) -> usize {
    memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found + 1)
}

/// `at` is the beginning of a line: the place where the line before it ends, line end not counted.
fn before_line_end(bytes: &[u8], at: usize) -> usize {
    without_line_end(&bytes[..at]).len()
}

pub(super) fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn lower(word: &[u8]) -> String {
    String::from_utf8_lossy(word).to_ascii_lowercase()
}
