//! A message as JMAP shows it: RFC 8621 §4.

use std::borrow::Cow;
use std::collections::HashMap;

use super::bodies::{self, Bodies};
use super::dates::HeaderDate;
use super::scan::{self, Field, Kind, Structure};
use super::types::{Address, AddressGroup};
use super::{addresses, content, dates, ids, summary, words};

/// Addresses of one field.
const MAX_ADDRESSES: usize = 20_000;

/// A message taken apart. Headers and texts are decoded when they are asked for.
pub struct Parsed<'a> {
    structure: Structure<'a>,
    bodies: Bodies,
    /// The first is the message itself; a part comes before its sub-parts. A message within is one part and not taken apart.
    pub parts: Vec<Part<'a>>,
    /// Indexes of `parts`, as the two below.
    pub text_body: Vec<usize>,
    pub html_body: Vec<usize>,
    pub attachments: Vec<usize>,
}

/// An `EmailBodyPart` (RFC 8621 §4.1.4).
pub struct Part<'a> {
    /// Where the scanner has it.
    span: usize,
    /// The IMAP part numbers, joined by dots; `None` for a multipart.
    pub part_id: Option<String>,
    /// For [`super::binary`]; empty for a multipart that is the message.
    pub path: Vec<u32>,
    /// Octets without the transfer encoding.
    pub size: u64,
    pub headers: Vec<HeaderField<'a>>,
    pub name: Option<String>,
    /// In lower case, without parameters.
    pub media_type: String,
    pub charset: Option<String>,
    /// In lower case.
    pub disposition: Option<String>,
    pub cid: Option<String>,
    pub language: Option<Vec<String>>,
    pub location: Option<String>,
    /// Indexes of [`Parsed::parts`].
    pub sub_parts: Vec<usize>,
}

/// An `EmailBodyValue`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyValue {
    /// Lines end with LF.
    pub value: String,
    pub is_encoding_problem: bool,
    pub is_truncated: bool,
}

/// A header field, and the forms of RFC 8621 §4.1.2.
#[derive(Debug, Clone)]
pub struct HeaderField<'a> {
    pub name: Cow<'a, str>,
    /// What stands after the colon, folded, without the last line end.
    pub value: &'a [u8],
}

pub fn parse(message: &[u8]) -> Parsed<'_> {
    let structure = scan::scan(message);
    let bodies = bodies::find(&structure);
    let mut parts = Vec::with_capacity(structure.parts.len());
    let mut indexes = HashMap::new();
    let is_multipart = structure.parts[0].kind == Kind::Multipart;
    add_part(&structure, 0, if is_multipart { Vec::new() } else { vec![1] }, &mut parts, &mut indexes);
    let listed = |list: &[usize]| list.iter().filter_map(|span| indexes.get(span).copied()).collect();
    let (text_body, html_body, attachments) = (listed(&bodies.text), listed(&bodies.html), listed(&bodies.attachments));
    Parsed { structure, bodies, parts, text_body, html_body, attachments }
}

/// The depth is bounded by the scanner.
fn add_part<'a>(
    structure: &Structure<'a>,
    span: usize,
    path: Vec<u32>,
    parts: &mut Vec<Part<'a>>,
    indexes: &mut HashMap<usize, usize>,
) -> usize {
    let index = parts.len();
    indexes.insert(span, index);
    let is_multipart = structure.parts[span].kind == Kind::Multipart;
    let (main, sub) = structure.media_type(span);
    let field = |name: &str| structure.field(span, name);
    let line = |value: &[u8]| Some(words::decode_line(value)).filter(|line| !line.is_empty());
    let language = field("content-language").map(|value| {
        let tags = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|tag| !tag.is_empty());
        tags.map(|tag| words::without_controls(&String::from_utf8_lossy(tag))).collect::<Vec<_>>()
    });
    parts.push(Part {
        span,
        part_id: (!is_multipart).then(|| path.iter().map(u32::to_string).collect::<Vec<_>>().join(".")),
        size: content::transfer(structure, span).decoded_len(structure.body(span)) as u64,
        headers: structure.fields(span).iter().map(HeaderField::of).collect(),
        name: bodies::name(structure, span),
        charset: (main == "text").then(|| {
            content::label(structure, span)
                .map_or_else(|| "us-ascii".to_owned(), |label| words::without_controls(&String::from_utf8_lossy(&label)))
        }),
        media_type: format!("{main}/{sub}"),
        disposition: bodies::disposition(structure, span),
        cid: field("content-id").and_then(|value| ids::parse(value).into_iter().next().or_else(|| line(value))),
        language: language.filter(|tags| !tags.is_empty()),
        location: field("content-location").and_then(line),
        sub_parts: Vec::new(),
        path: path.clone(),
    });
    if is_multipart {
        for (position, child) in structure.parts[span].children.iter().enumerate() {
            let mut path = path.clone();
            path.push(position as u32 + 1);
            let child = add_part(structure, *child, path, parts, indexes);
            parts[index].sub_parts.push(child);
        }
    }
    index
}

impl<'a> Parsed<'a> {
    pub fn headers(&self) -> &[HeaderField<'a>] {
        &self.parts[0].headers
    }

    pub fn has_attachment(&self) -> bool {
        bodies::has_attachment(&self.structure, &self.bodies)
    }

    pub fn preview(&self) -> String {
        summary::preview(&self.structure, &self.bodies)
    }

    /// The part with this `partId`.
    pub fn find(&self, part_id: &str) -> Option<usize> {
        self.parts.iter().position(|part| part.part_id.as_deref() == Some(part_id))
    }

    /// The bytes of a part without their transfer encoding.
    pub fn bytes(&self, part: usize) -> Cow<'a, [u8]> {
        content::bytes(&self.structure, self.parts[part].span)
    }

    /// The text of a part, cut to at most `max_bytes` of UTF-8, not within a character, nor within a tag of HTML.
    pub fn body_value(&self, part: usize, max_bytes: Option<usize>) -> BodyValue {
        let part = &self.parts[part];
        let decoded = content::text(&self.structure, part.span);
        let mut value = decoded.text;
        if value.contains('\r') {
            value = value.replace("\r\n", "\n");
        }
        let is_truncated = max_bytes.is_some_and(|max| value.len() > max);
        if let Some(max) = max_bytes.filter(|_| is_truncated) {
            value.truncate(value.floor_char_boundary(max));
            if part.media_type == "text/html"
                && let Some(open) = value.rfind('<')
                && !value[open..].contains('>')
            {
                value.truncate(open);
            }
        }
        BodyValue { value, is_encoding_problem: decoded.is_problem, is_truncated }
    }
}

impl<'a> HeaderField<'a> {
    fn of(field: &Field<'a>) -> Self {
        Self { name: String::from_utf8_lossy(field.name()), value: field.value() }
    }

    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// RFC 8621 §4.1.2.1: as it stands, NULs left out.
    pub fn as_raw(&self) -> String {
        super::charset::guess(self.value).text.replace('\0', "")
    }

    pub fn as_text(&self) -> String {
        words::decode(self.value.trim_ascii_start())
    }

    pub fn as_addresses(&self) -> Vec<Address> {
        addresses::decode(self.value, MAX_ADDRESSES)
    }

    pub fn as_grouped_addresses(&self) -> Vec<AddressGroup> {
        addresses::decode_groups(self.value, MAX_ADDRESSES)
    }

    /// `None` when there is none to be read, as for the two below.
    pub fn as_message_ids(&self) -> Option<Vec<String>> {
        Some(ids::parse(self.value)).filter(|ids| !ids.is_empty())
    }

    pub fn as_date(&self) -> Option<HeaderDate> {
        dates::parse(self.value)
    }

    /// RFC 2369: what stands in angle brackets.
    pub fn as_urls(&self) -> Option<Vec<String>> {
        let text = words::unfold(self.value);
        let urls: Vec<String> = text
            .split(|byte| *byte == b'<')
            .skip(1)
            .filter_map(|rest| Some(&rest[..memchr::memchr(b'>', rest)?]))
            .map(|url| String::from_utf8_lossy(url).split_whitespace().collect())
            .filter(|url: &String| !url.is_empty())
            .collect();
        Some(urls).filter(|urls| !urls.is_empty())
    }
}

/// The decoded values of all fields of this name, for searches and rules.
pub fn header_values(message: &[u8], name: &str) -> Vec<String> {
    let structure = scan::scan_header(message);
    structure.fields(0).iter().filter(|field| field.is(name)).map(|field| words::decode_line(field.value())).collect()
}
