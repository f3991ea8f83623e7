//! Reads HTML loosely and writes it strictly.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use mail_parser::decoders::html::add_html_token;
use memchr::{memchr, memchr2, memmem};

use super::urls::Rewriter;
use super::{css, policy};

/// Open elements; those within more are dropped, their text is kept.
const MAX_DEPTH: usize = 150;
/// After so many tags only text is kept.
const MAX_TAGS: usize = 200_000;
/// Attributes of one tag that are looked at.
const MAX_ATTRIBUTES: usize = 60;

static ELEMENTS: LazyLock<HashSet<&str>> = LazyLock::new(|| policy::ELEMENTS.iter().copied().collect());
static ATTRIBUTES: LazyLock<HashSet<&str>> = LazyLock::new(|| policy::ATTRIBUTES.iter().copied().collect());
static UNSEEN: LazyLock<HashSet<&str>> = LazyLock::new(|| policy::UNSEEN.iter().copied().collect());

/// Parts of a table that hold nothing but other parts of it.
const TABLE_FRAMES: &[&str] = &["table", "tbody", "thead", "tfoot", "tr", "colgroup"];
/// End tags of what stands outside do not reach over these.
const BOUNDARIES: &[&str] = &["td", "th", "caption", "table"];

pub(super) fn normalise(html: &str, rewriter: &mut Rewriter<'_>) -> String {
    let mut writer = Writer { out: String::with_capacity(html.len() + html.len() / 4), open: Vec::new(), rewriter, tags: 0 };
    let bytes = html.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let next = memchr(b'<', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        writer.text(&decode(&html[at..next]));
        at = next;
        if at < bytes.len() {
            at += writer.markup(&html[at..]);
        }
    }
    while !writer.open.is_empty() {
        writer.pop();
    }
    writer.out
}

struct Writer<'r, 'a> {
    out: String,
    open: Vec<&'static str>,
    rewriter: &'r mut Rewriter<'a>,
    tags: usize,
}

/// A start tag as it was read.
struct Tag<'h> {
    attributes: Vec<(String, Cow<'h, str>)>,
    len: usize,
}

impl Writer<'_, '_> {
    /// How many bytes the tag, the comment, or the lone `<` took.
    fn markup(&mut self, html: &str) -> usize {
        let bytes = html.as_bytes();
        if let Some(comment) = bytes.strip_prefix(b"<!--") {
            // Browsers end these at once.
            if comment.starts_with(b">") || comment.starts_with(b"->") {
                return 4 + 1 + usize::from(comment[0] == b'-');
            }
            return memmem::find(comment, b"-->").map_or(bytes.len(), |found| 4 + found + 3);
        }
        let is_end = bytes.get(1) == Some(&b'/');
        let name_at = if is_end { 2 } else { 1 };
        if !bytes.get(name_at).is_some_and(u8::is_ascii_alphabetic) {
            if is_end || matches!(bytes.get(1), Some(b'!' | b'?')) {
                return memchr(b'>', bytes).map_or(bytes.len(), |found| found + 1);
            }
            self.text("<");
            return 1;
        }
        let name_len = bytes[name_at..]
            .iter()
            .position(|byte| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>'))
            .unwrap_or(bytes.len() - name_at);
        let name = html[name_at..name_at + name_len].to_ascii_lowercase();
        let Some(tag) = read_attributes(html, name_at + name_len) else {
            // A tag that never ends is no text either.
            return bytes.len();
        };
        self.tags += 1;
        if is_end {
            self.end(&name);
            return tag.len;
        }
        if UNSEEN.contains(name.as_str()) {
            return tag.len + end_of_element(&bytes[tag.len..], name.as_bytes());
        }
        // The body's colours are those of the mail.
        let name = if name == "body" { "div" } else { name.as_str() };
        if let Some(element) = ELEMENTS.get(name)
            && self.tags <= MAX_TAGS
        {
            self.start(element, &tag.attributes);
        }
        tag.len
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.is_in_table_frame() {
            if text.trim().is_empty() {
                return;
            }
            self.open_cell();
        }
        escape(text, &mut self.out);
    }

    fn start(&mut self, element: &'static str, attributes: &[(String, Cow<'_, str>)]) {
        match element {
            "td" | "th" => {
                if !self.close_to(&["tr", "tbody", "thead", "tfoot", "table"]) {
                    return;
                }
                if self.open.last() != Some(&"tr") {
                    self.push("tr");
                }
            }
            "tr" => {
                if !self.close_to(&["tbody", "thead", "tfoot", "table"]) {
                    return;
                }
            }
            "col" => {
                if !self.close_to(&["colgroup", "table"]) {
                    return;
                }
            }
            "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => {
                if !self.close_to(&["table"]) {
                    return;
                }
            }
            _ => {
                if self.is_in_table_frame() {
                    self.open_cell();
                }
                if policy::is_block(element) {
                    self.close_within("p", &[]);
                }
                match element {
                    "li" => self.close_within("li", &["ul", "ol", "dir"]),
                    "dd" | "dt" => {
                        self.close_within("dd", &["dl"]);
                        self.close_within("dt", &["dl"]);
                    }
                    "a" => self.close_within("a", &[]),
                    "rt" | "rp" => {
                        self.close_within("rt", &["ruby"]);
                        self.close_within("rp", &["ruby"]);
                    }
                    _ => {}
                }
                if element.len() == 2
                    && element.starts_with('h')
                    && self.open.last().is_some_and(|open| open.len() == 2 && open.starts_with('h'))
                {
                    self.pop();
                }
            }
        }
        if self.open.len() >= MAX_DEPTH {
            return;
        }
        self.out.push('<');
        self.out.push_str(element);
        self.attributes(element, attributes);
        self.out.push('>');
        if !policy::VOID.contains(&element) {
            self.open.push(element);
        }
    }

    fn end(&mut self, name: &str) {
        if name == "br" {
            self.start("br", &[]);
            return;
        }
        let name = if name == "body" { return } else { name };
        let is_table_part = TABLE_FRAMES.contains(&name) || BOUNDARIES.contains(&name);
        for at in (0..self.open.len()).rev() {
            let open = self.open[at];
            if open == name {
                while self.open.len() > at {
                    self.pop();
                }
                return;
            }
            let is_boundary = if is_table_part { open == "table" } else { BOUNDARIES.contains(&open) };
            if is_boundary {
                return;
            }
        }
    }

    fn push(&mut self, element: &'static str) {
        self.out.push('<');
        self.out.push_str(element);
        self.out.push('>');
        self.open.push(element);
    }

    fn pop(&mut self) {
        if let Some(element) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(element);
            self.out.push('>');
        }
    }

    fn is_in_table_frame(&self) -> bool {
        self.open.last().is_some_and(|open| TABLE_FRAMES.contains(open))
    }

    /// What stands in a table outside of its cells gets one.
    fn open_cell(&mut self) {
        if self.open.last() == Some(&"colgroup") {
            self.pop();
        }
        if self.open.last() != Some(&"tr") {
            self.push("tr");
        }
        self.push("td");
    }

    /// Closes what is open within the innermost of these; `false` when none of them is open in this table.
    fn close_to(&mut self, elements: &[&str]) -> bool {
        let table = self.open.iter().rposition(|open| *open == "table");
        let Some(at) = self.open.iter().rposition(|open| elements.contains(open)).filter(|at| table.is_some_and(|table| *at >= table))
        else {
            return false;
        };
        while self.open.len() > at + 1 {
            self.pop();
        }
        true
    }

    /// Closes the innermost open `element`, unless it is beyond a cell, a table, or one of `fences`.
    fn close_within(&mut self, element: &str, fences: &[&str]) {
        for at in (0..self.open.len()).rev() {
            let open = self.open[at];
            if open == element {
                while self.open.len() > at {
                    self.pop();
                }
                return;
            }
            if BOUNDARIES.contains(&open) || fences.contains(&open) {
                return;
            }
        }
    }

    fn attributes(&mut self, element: &str, attributes: &[(String, Cow<'_, str>)]) {
        for (position, (name, value)) in attributes.iter().enumerate() {
            // Of two with one name browsers take the first.
            if attributes[..position].iter().any(|(other, _)| other == name) {
                continue;
            }
            match (element, name.as_str()) {
                ("a", "href") => {
                    if let Some(url) = self.rewriter.link(value) {
                        self.attribute("href", &url);
                        self.attribute("target", "_blank");
                        self.attribute("rel", "noopener noreferrer");
                    }
                }
                ("img", "src") => {
                    if let Some(url) = self.rewriter.picture(value) {
                        self.attribute("src", &url);
                    }
                }
                ("table" | "td" | "th" | "tr" | "div", "background") => {
                    if let Some(url) = self.rewriter.background(value) {
                        self.attribute("background", &url);
                    }
                }
                (_, "style") => {
                    let style = css::clean(value, self.rewriter);
                    if !style.is_empty() {
                        self.attribute("style", &style);
                    }
                }
                (_, name) if ATTRIBUTES.contains(name) && policy::allows(name, value) => self.attribute(name, value),
                _ => {}
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value, &mut self.out);
        self.out.push('"');
    }
}

/// The attributes from `at` on, and where the tag ends; `None` when it does not.
fn read_attributes(html: &str, mut at: usize) -> Option<Tag<'_>> {
    let bytes = html.as_bytes();
    let mut attributes = Vec::new();
    let is_space = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
    loop {
        while is_space(*bytes.get(at)?) || bytes[at] == b'/' {
            at += 1;
        }
        if bytes[at] == b'>' {
            return Some(Tag { attributes, len: at + 1 });
        }
        let name_at = at;
        // A `=` may begin a name, so the standard says.
        at += 1;
        while !matches!(*bytes.get(at)?, b'=' | b'>' | b'/') && !is_space(bytes[at]) {
            at += 1;
        }
        let name = &html[name_at..at];
        while is_space(*bytes.get(at)?) {
            at += 1;
        }
        let mut value = "";
        if bytes[at] == b'=' {
            at += 1;
            while is_space(*bytes.get(at)?) {
                at += 1;
            }
            match bytes[at] {
                quote @ (b'"' | b'\'') => {
                    let end = memchr(quote, &bytes[at + 1..])?;
                    value = &html[at + 1..at + 1 + end];
                    at += end + 2;
                }
                _ => {
                    let value_at = at;
                    while bytes.get(at).is_some_and(|byte| *byte != b'>' && !is_space(*byte)) {
                        at += 1;
                    }
                    value = &html[value_at..at];
                }
            }
        }
        if attributes.len() < MAX_ATTRIBUTES && name.is_ascii() {
            attributes.push((name.to_ascii_lowercase(), decode(value)));
        }
    }
}

/// Character references decoded; what is none stays as it is.
fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(found) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..found]);
        rest = &rest[found..];
        let bytes = rest.as_bytes();
        let end = bytes[1..].iter().take(34).position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#').map(|end| end + 1);
        match end.filter(|end| bytes[*end] == b';' && *end > 1) {
            Some(end) => {
                add_html_token(&mut out, &bytes[..=end], false);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// As text or as a value in double quotes. Characters that turn the direction of all that follows are left out: they make one text look like another.
fn escape(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let is_plain = memchr2(b'<', b'&', bytes).is_none() && memchr2(b'>', b'"', bytes).is_none() && !text.contains(is_unwanted);
    if is_plain {
        out.push_str(text);
        return;
    }
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            character if is_unwanted(character) => {}
            character => out.push(character),
        }
    }
}

fn is_unwanted(character: char) -> bool {
    matches!(character, '\u{202d}' | '\u{202e}') || (character.is_control() && !matches!(character, '\n' | '\t' | '\r'))
}

/// The place after the tag that ends the element, or the end.
fn end_of_element(bytes: &[u8], name: &[u8]) -> usize {
    let end_tag = memmem::find_iter(bytes, b"</").find(|at| {
        let rest = &bytes[at + 2..];
        rest.len() >= name.len()
            && rest[..name.len()].eq_ignore_ascii_case(name)
            && rest.get(name.len()).is_none_or(|byte| !byte.is_ascii_alphanumeric())
    });
    end_tag.map_or(bytes.len(), |at| at + memchr(b'>', &bytes[at..]).map_or(bytes.len() - at, |end| end + 1))
}
