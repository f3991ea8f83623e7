//! Address lists (RFC 5322 §3.4), as written and decoded, read as well as can be when they are broken.

use std::borrow::Cow;

use memchr::memchr;

use super::charset;
use super::types::{Address, AddressGroup};
use super::words::{self, Words};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Mailbox(Mailbox<'a>),
    GroupStart(Cow<'a, [u8]>),
    GroupEnd,
}

/// Raw parts: no quotes, comments or folds, encoded words as they are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mailbox<'a> {
    pub name: Option<Cow<'a, [u8]>>,
    /// RFC 5322 §4.4: the source route.
    pub route: Option<&'a [u8]>,
    pub local: Cow<'a, [u8]>,
    /// Empty when there is none.
    pub domain: Cow<'a, [u8]>,
}

impl Mailbox<'_> {
    pub fn decode(&self) -> Address {
        let name = self.name.as_deref().map(words::decode_line).filter(|name| !name.is_empty());
        let local = charset::guess(&self.local).text;
        let mut email = if needs_quotes(&self.local) && !self.domain.is_empty() { quote(&local) } else { local.into_owned() };
        if !self.domain.is_empty() {
            email.push('@');
            email.push_str(&charset::guess(&self.domain).text);
        }
        Address { name, email: words::without_controls(&email) }
    }
}

fn needs_quotes(local: &[u8]) -> bool {
    local.is_empty() || local.iter().any(|byte| byte.is_ascii_whitespace() || b"()<>[]:;@\\,\"".contains(byte))
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Calls `f` with what the list holds, in order, until it answers `false`.
pub(super) fn for_each<'a>(value: &'a [u8], f: &mut dyn FnMut(Item<'a>) -> bool) {
    let mut reader = Reader { value, at: 0, words: Words::new(value), is_quote_left: true, is_comment_left: true };
    let mut is_in_group = false;
    while reader.at < value.len() {
        let (item, end) = reader.item(is_in_group);
        let goes_on = match item {
            Some(Item::GroupStart(name)) => {
                is_in_group = true;
                f(Item::GroupStart(name))
            }
            Some(item) => f(item),
            None => true,
        };
        if !goes_on {
            return;
        }
        if end == Some(b';') && std::mem::take(&mut is_in_group) && !f(Item::GroupEnd) {
            return;
        }
    }
    if is_in_group {
        f(Item::GroupEnd);
    }
}

struct Reader<'a> {
    value: &'a [u8],
    at: usize,
    words: Words<'a>,
    /// Whether a quote that opens may still be closed: looked for once, so that many that are not cost nothing.
    is_quote_left: bool,
    is_comment_left: bool,
}

impl<'a> Reader<'a> {
    /// One item, and what ended it.
    fn item(&mut self, is_in_group: bool) -> (Option<Item<'a>>, Option<u8>) {
        let start = self.at;
        let mut has_at = false;
        let mut comment = None;
        while let Some(&byte) = self.value.get(self.at) {
            match byte {
                b'"' => self.skip_quoted(),
                b'(' => comment = self.skip_comment().or(comment),
                b'=' => self.at += self.words.at(self.at).map_or(1, |word| word.len),
                b'<' => return self.with_angle(start),
                b',' | b';' => {
                    let item = self.plain(start, self.at, comment);
                    self.at += 1;
                    return (item, Some(byte));
                }
                b':' if !has_at && !is_in_group => {
                    let name = phrase(&self.value[start..self.at]);
                    self.at += 1;
                    return (Some(Item::GroupStart(name)), None);
                }
                _ => {
                    has_at |= byte == b'@';
                    self.at += 1;
                }
            }
        }
        (self.plain(start, self.at, comment), None)
    }

    /// `name <route:local@domain> (comment)`, from its `<` on.
    fn with_angle(&mut self, start: usize) -> (Option<Item<'a>>, Option<u8>) {
        let name = phrase(&self.value[start..self.at]);
        self.at += 1;
        let inside_at = self.at;
        let has_route = self.value[inside_at..].trim_ascii_start().starts_with(b"@");
        while let Some(&byte) = self.value.get(self.at) {
            match byte {
                b'"' => self.skip_quoted(),
                b'>' | b'<' => break,
                b',' | b';' if !has_route => break,
                _ => self.at += 1,
            }
        }
        let inside = &self.value[inside_at..self.at];
        let mut comment = None;
        let mut end = None;
        while let Some(&byte) = self.value.get(self.at) {
            match byte {
                b'"' => self.skip_quoted(),
                b'(' => comment = self.skip_comment().or(comment),
                b',' | b';' => {
                    self.at += 1;
                    end = Some(byte);
                    break;
                }
                _ => self.at += 1,
            }
        }
        let (route, address) = match memchr(b':', inside).filter(|_| has_route) {
            Some(colon) => (Some(inside[..colon].trim_ascii()), &inside[colon + 1..]),
            None => (None, inside),
        };
        let name = Some(name).filter(|name| !name.is_empty()).or_else(|| comment.map(phrase_of_comment));
        if name.as_ref().is_none_or(|name| name.is_empty()) && address.trim_ascii().is_empty() {
            return (None, end);
        }
        let (local, domain) = address_parts(address);
        (Some(Item::Mailbox(Mailbox { name, route, local, domain })), end)
    }

    /// `local@domain (comment)`, or something else.
    fn plain(&self, start: usize, end: usize, comment: Option<&'a [u8]>) -> Option<Item<'a>> {
        let text = self.value[start..end].trim_ascii();
        if text.is_empty() {
            return None;
        }
        let name = comment.map(phrase_of_comment).filter(|name| !name.is_empty());
        let (local, domain) = address_parts(text);
        if domain.is_empty() {
            // A name without an address, or an address without a domain.
            let is_name = local.iter().any(|byte| byte.is_ascii_whitespace()) || local.starts_with(b"=?");
            if local.is_empty() {
                return None;
            }
            let mailbox =
                if is_name { Mailbox { name: Some(local), ..Mailbox::default() } } else { Mailbox { name, local, ..Mailbox::default() } };
            return Some(Item::Mailbox(mailbox));
        }
        Some(Item::Mailbox(Mailbox { name, route: None, local, domain }))
    }

    fn skip_quoted(&mut self) {
        self.at += 1;
        if !self.is_quote_left {
            return;
        }
        match end_of_quoted(&self.value[self.at..]) {
            Some(end) => self.at += end,
            // A quote without its fellow is a letter like any other.
            None => self.is_quote_left = false,
        }
    }

    /// What stands between the parentheses.
    fn skip_comment(&mut self) -> Option<&'a [u8]> {
        self.at += 1;
        if !self.is_comment_left {
            return None;
        }
        match end_of_comment(&self.value[self.at..]) {
            Some(end) => {
                let inside = &self.value[self.at..self.at + end - 1];
                self.at += end;
                Some(inside)
            }
            None => {
                self.is_comment_left = false;
                None
            }
        }
    }
}

/// The place after the closing quote.
fn end_of_quoted(inside: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match inside.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The place after the closing parenthesis; comments nest.
fn end_of_comment(inside: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 1);
    loop {
        match inside.get(at)? {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'\\' => at += 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn phrase_of_comment(comment: &[u8]) -> Cow<'_, [u8]> {
    collapse(comment, true)
}

/// A phrase without its quotes and comments, one space between words.
pub(super) fn phrase(text: &[u8]) -> Cow<'_, [u8]> {
    collapse(text, false)
}

fn collapse(text: &[u8], is_comment: bool) -> Cow<'_, [u8]> {
    let text = text.trim_ascii();
    let is_plain = !text.iter().any(|byte| matches!(byte, b'"' | b'(' | b')' | b'\\' | b'\r' | b'\n' | b'\t'))
        && memchr::memmem::find(text, b"  ").is_none();
    if is_plain {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let (mut at, mut is_quoted) = (0, false);
    let (mut is_quote_left, mut is_comment_left) = (true, true);
    let mut words = Words::new(text);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'\r' | b'\n' => {}
            b'=' if !is_quoted => {
                let end = words.at(at - 1).map_or(at, |word| at - 1 + word.len);
                out.extend_from_slice(&text[at - 1..end]);
                at = end;
            }
            b'\\' if is_quoted || is_comment => {
                out.extend(text.get(at));
                at += 1;
            }
            b'"' if is_quoted => is_quoted = false,
            b'"' if !is_comment && is_quote_left && end_of_quoted(&text[at..]).is_some() => is_quoted = true,
            b'"' if !is_comment => {
                is_quote_left = false;
                out.push(byte);
            }
            b'(' if !is_quoted && !is_comment && is_comment_left => match end_of_comment(&text[at..]) {
                Some(end) => at += end,
                None => {
                    is_comment_left = false;
                    out.push(byte);
                }
            },
            b' ' | b'\t' if !is_quoted => {
                if out.last().is_some_and(|last| *last != b' ') {
                    out.push(b' ');
                }
            }
            byte => out.push(byte),
        }
    }
    let kept = out.trim_ascii_end().len();
    out.truncate(kept);
    Cow::Owned(out)
}

/// The local part and the domain of an address without angle brackets; the domain is empty when there is no `@`.
fn address_parts(text: &[u8]) -> (Cow<'_, [u8]>, Cow<'_, [u8]>) {
    let mut last_at = None;
    let mut at = 0;
    let (mut is_quote_left, mut is_comment_left) = (true, true);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'@' => last_at = Some(at - 1),
            b'"' if is_quote_left => match end_of_quoted(&text[at..]) {
                Some(end) => at += end,
                None => is_quote_left = false,
            },
            b'(' if is_comment_left => match end_of_comment(&text[at..]) {
                Some(end) => at += end,
                None => is_comment_left = false,
            },
            _ => {}
        }
    }
    match last_at {
        Some(split) => {
            let mut domain = phrase(&text[split + 1..]);
            if domain.contains(&b' ') {
                domain.to_mut().retain(|byte| *byte != b' ');
            }
            (phrase(&text[..split]), domain)
        }
        None => (phrase(text), Cow::Borrowed(&[])),
    }
}

/// The addresses of a list, those of groups among them (RFC 8621 §4.1.2.3).
pub(super) fn decode(value: &[u8], limit: usize) -> Vec<Address> {
    let mut addresses = Vec::new();
    for_each(value, &mut |item| {
        if let Item::Mailbox(mailbox) = item {
            addresses.push(mailbox.decode());
        }
        addresses.len() < limit
    });
    addresses
}

/// The name of the group that a list begins with, if it begins with one.
pub(super) fn first_group(value: &[u8]) -> Option<String> {
    let mut name = None;
    for_each(value, &mut |item| {
        if let Item::GroupStart(found) = item {
            name = Some(words::decode_line(&found));
        }
        false
    });
    name
}

/// The addresses of a list in their groups; those in none are together in groups without a name (RFC 8621 §4.1.2.4).
pub(super) fn decode_groups(value: &[u8], limit: usize) -> Vec<AddressGroup> {
    let mut groups: Vec<AddressGroup> = Vec::new();
    let (mut count, mut is_open) = (0, false);
    for_each(value, &mut |item| {
        match item {
            Item::GroupStart(name) => {
                groups.push(AddressGroup { name: Some(words::decode_line(&name)), addresses: Vec::new() });
                is_open = true;
            }
            Item::GroupEnd => is_open = false,
            Item::Mailbox(mailbox) => match groups.last_mut() {
                Some(group) if is_open || group.name.is_none() => group.addresses.push(mailbox.decode()),
                _ => groups.push(AddressGroup { name: None, addresses: vec![mailbox.decode()] }),
            },
        }
        count += 1;
        count < limit
    });
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<String> {
        decode(value.as_bytes(), 100).iter().map(Address::to_string).collect()
    }

    #[test]
    fn addresses_are_read_in_every_form_that_is_about() {
        for (written, expected) in [
            ("a@b.c", &["a@b.c"][..]),
            ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", &["Pete <pete@silly.test>"]),
            (
                "A Group(Some people):Chris Jones <c@(Chris's host.)public.example>, joe@example.org,\r\n John <jdoe@one.test> (my dear friend); (the end of the group)",
                &["Chris Jones <c@public.example>", "joe@example.org", "John <jdoe@one.test>"],
            ),
            ("\"Joe Q. Public\" <john.q.public@example.com>", &["Joe Q. Public <john.q.public@example.com>"]),
            ("\"Giant; \\\"Big\\\" Box\" <sysservices@example.net>", &["Giant; \"Big\" Box <sysservices@example.net>"]),
            ("<boss@nil.test>, \"a, b\" <c@d.e>", &["boss@nil.test", "a, b <c@d.e>"]),
            ("\"joe q\"@example.com", &["\"joe q\"@example.com"]),
            ("old@example.com (Old Style)", &["Old Style <old@example.com>"]),
            ("Undisclosed recipients:(nobody(that I know))  ;", &[]),
            (
                "Mary Smith <@machine.tld,@other.tld:mary@example.net>, , jdoe@test . example",
                &["Mary Smith <mary@example.net>", "jdoe@test.example"],
            ),
            ("a@b.c <a@b.c>", &["a@b.c <a@b.c>"]),
            ("a@b.c; d@e.f", &["a@b.c", "d@e.f"]),
            ("=?utf-8?B?5byg5LiJ?= <z@x.y>", &["张三 <z@x.y>"]),
            ("\"=?gbk?B?1cXI/Q==?=\" <z@x.y>", &["张三 <z@x.y>"]),
            ("=?utf-8?Q?a,b_(c)?= <z@x.y>", &["a,b (c) <z@x.y>"]),
            ("[JIRA] 张三 <z@x.y>", &["[JIRA] 张三 <z@x.y>"]),
            ("O\"Brien <o@b.c>, d@e.f", &["O\"Brien <o@b.c>", "d@e.f"]),
            ("No End <a@b.c", &["No End <a@b.c>"]),
            ("broken < a@b.c, d@e.f", &["broken <a@b.c>", "d@e.f"]),
            ("Only A Name", &["Only A Name <>"]),
            ("root", &["root"]),
            ("<>", &[]),
            ("", &[]),
            (" , ;, ", &[]),
        ] {
            assert_eq!(read(written), expected, "{written}");
        }
    }

    #[test]
    fn groups_keep_their_names() {
        let groups = decode_groups("x@y.z, 同事: a@b.c, d@e.f;, g@h.i, Empty:;".as_bytes(), 100);
        let shown: Vec<_> = groups.iter().map(|group| (group.name.as_deref(), group.addresses.len())).collect();
        assert_eq!(shown, [(None, 1), (Some("同事"), 2), (None, 1), (Some("Empty"), 0)]);
    }

    #[test]
    fn brackets_that_never_close_cost_no_more_than_their_length() {
        for piece in ["(", "\"", "<", "<@a,", "=?", "=?a?q?", "\\", ":", "a:;", "(\"<"] {
            let value = piece.repeat(200_000 / piece.len());
            decode(value.as_bytes(), usize::MAX);
            decode_groups(value.as_bytes(), usize::MAX);
        }
    }
}
