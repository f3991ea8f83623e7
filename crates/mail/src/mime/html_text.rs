//! The words of an HTML text, for previews and searches. Nothing of it is ever shown as HTML.

use mail_parser::decoders::html::add_html_token;
use memchr::{memchr, memchr2, memmem};

/// Elements whose content nobody reads.
const UNREAD: &[&str] = &["script", "style", "title", "template", "noembed", "noframes", "iframe", "xml"];
/// Elements that begin a new line.
const LINES: &[&str] = &[
    "br",
    "p",
    "div",
    "tr",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "blockquote",
    "pre",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "center",
    "section",
    "article",
    "header",
    "footer",
    "body",
    "address",
    "figure",
    "form",
    "fieldset",
    "option",
];
/// Elements that stand apart on their line.
const CELLS: &[&str] = &["td", "th", "img", "button", "input"];

/// At most about `max_chars` characters of text; lines as the blocks are, white space otherwise collapsed.
pub(super) fn text(html: &str, max_chars: usize) -> String {
    let mut out = Collapsed { text: String::with_capacity(html.len().min(max_chars.saturating_mul(2))), left: max_chars };
    let bytes = html.as_bytes();
    let mut at = 0;
    while at < bytes.len() && out.left > 0 {
        let next = memchr2(b'<', b'&', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        out.push_str(&html[at..next]);
        at = next;
        match bytes.get(at) {
            Some(b'&') => at += entity(&bytes[at..], &mut out),
            Some(b'<') => at += markup(&bytes[at..], &mut out),
            _ => {}
        }
    }
    let kept = out.text.trim_end().len();
    out.text.truncate(kept);
    out.text
}

/// Text whose white space is collapsed as it grows.
struct Collapsed {
    text: String,
    /// Characters that still may come.
    left: usize,
}

impl Collapsed {
    fn push_str(&mut self, text: &str) {
        for character in text.chars() {
            self.push(character);
        }
    }

    fn push(&mut self, character: char) {
        if self.left == 0 {
            return;
        }
        if character.is_whitespace() {
            if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
        } else {
            self.left -= 1;
            self.text.push(character);
        }
    }

    fn new_line(&mut self) {
        if self.text.ends_with(' ') {
            self.text.pop();
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

/// How many bytes the entity, or the lone `&`, took.
fn entity(bytes: &[u8], out: &mut Collapsed) -> usize {
    let end = bytes.iter().take(34).position(|byte| *byte == b';');
    let Some(token) = end
        .map(|end| &bytes[..=end])
        .filter(|token| token[1..token.len() - 1].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#'))
    else {
        out.push('&');
        return 1;
    };
    let mut meant = String::new();
    add_html_token(&mut meant, token, false);
    out.push_str(&meant);
    token.len()
}

/// How many bytes the tag, the comment, or the lone `<` took.
fn markup(bytes: &[u8], out: &mut Collapsed) -> usize {
    if let Some(comment) = bytes.strip_prefix(b"<!--") {
        return memmem::find(comment, b"-->").map_or(bytes.len(), |found| 4 + found + 3);
    }
    if matches!(bytes.get(1), Some(b'!' | b'?')) {
        return memchr(b'>', bytes).map_or(bytes.len(), |found| found + 1);
    }
    let is_end = bytes.get(1) == Some(&b'/');
    let name_at = if is_end { 2 } else { 1 };
    if !bytes.get(name_at).is_some_and(u8::is_ascii_alphabetic) {
        out.push('<');
        return 1;
    }
    let name_len = bytes[name_at..].iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(bytes.len() - name_at);
    let name = &bytes[name_at..name_at + name_len];
    let is_one_of = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()));
    let end = end_of_tag(bytes);
    if is_one_of(LINES) {
        out.new_line();
    } else if is_one_of(CELLS) {
        out.push(' ');
    } else if !is_end && is_one_of(UNREAD) {
        return end + end_of_element(&bytes[end..], name);
    }
    end
}

/// The place after the `>`; one within quotes does not count.
fn end_of_tag(bytes: &[u8]) -> usize {
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            // Quotes stand only for values.
            (None, b'"' | b'\'') if bytes[..at].trim_ascii_end().last() == Some(&b'=') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    bytes.len()
}

/// The place of the tag that ends the element, or the end.
fn end_of_element(bytes: &[u8], name: &[u8]) -> usize {
    memmem::find_iter(bytes, b"</")
        .find(|at| bytes.get(at + 2..at + 2 + name.len()).is_some_and(|other| other.eq_ignore_ascii_case(name)))
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_words_of_a_mail_are_read_as_people_see_them() {
        for (html, words) in [
            ("<p>你好，<b>世界</b></p><p>再&nbsp;见&amp;&#x597d;</p>", "你好，世界\n再 见&好"),
            ("<html><head><title>t</title><style>p { color: red }</style></head><body> a \r\n b<br>c</body></html>", "a b\nc"),
            ("<script>if (a < b) { '</p>' }</script>x", "x"),
            ("<!-- no > no -->yes<!doctype html>", "yes"),
            ("<a title=\"a > b\" href=x>link</a>", "link"),
            ("<td>1</td><td>2</td>", "1 2"),
            ("a < b && c &bogus; d", "a < b && c &bogus; d"),
            ("unclosed <a href=\"", "unclosed"),
            ("<style>all of it", ""),
            ("&", "&"),
        ] {
            assert_eq!(text(html, 1000), words, "{html}");
        }
        assert_eq!(text("<p>abcdef</p>", 3), "abc");
    }

    #[test]
    fn markup_without_an_end_costs_no_more_than_its_length() {
        for piece in ["<", "<a ", "<a b=\"", "<!--", "&", "<style>", "</", "<a b = \""] {
            text(&piece.repeat(200_000 / piece.len()), usize::MAX);
        }
    }
}
