//! The cursor of the parser and the tokens every command uses. RFC 9051 §9

use std::borrow::Cow;

use super::Options;
use crate::{Atom, SyntaxErrorKind, chars};

/// What a rule found instead of what it wanted; the tag is added at the top.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unexpected {
    pub kind: SyntaxErrorKind,
    pub expected: &'static str,
    pub at: usize,
}

pub(crate) type Parsed<T> = Result<T, Unexpected>;

pub(crate) struct Input<'a> {
    octets: &'a [u8],
    at: usize,
    pub options: &'a Options,
}

impl<'a> Input<'a> {
    pub fn new(octets: &'a [u8], options: &'a Options) -> Self {
        Self { octets, at: 0, options }
    }

    pub fn rest(&self) -> &'a [u8] {
        &self.octets[self.at..]
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.octets.len()
    }

    pub fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    pub fn fail<T>(&self, expected: &'static str) -> Parsed<T> {
        Err(self.unexpected(expected))
    }

    pub fn unexpected(&self, expected: &'static str) -> Unexpected {
        Unexpected { kind: SyntaxErrorKind::Syntax, expected, at: self.at }
    }

    pub fn error(&self, kind: SyntaxErrorKind, expected: &'static str) -> Unexpected {
        Unexpected { kind, expected, at: self.at }
    }

    /// Takes the octet if it is next.
    pub fn accept(&mut self, octet: u8) -> bool {
        let found = self.peek() == Some(octet);
        self.at += usize::from(found);
        found
    }

    pub fn octet(&mut self, octet: u8, expected: &'static str) -> Parsed<()> {
        if self.accept(octet) { Ok(()) } else { self.fail(expected) }
    }

    pub fn space(&mut self) -> Parsed<()> {
        self.octet(b' ', "a space")
    }

    pub fn open(&mut self) -> Parsed<()> {
        self.octet(b'(', "\"(\"")
    }

    pub fn close(&mut self) -> Parsed<()> {
        self.octet(b')', "\")\"")
    }

    pub fn end(&self) -> Parsed<()> {
        if self.is_at_end() { Ok(()) } else { self.fail("the end of the command") }
    }

    /// Takes `word` if it is next, in any case. Its end is not looked at.
    pub fn accept_word(&mut self, word: &str) -> bool {
        let found = self.rest().get(..word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word.as_bytes()));
        if found {
            self.at += word.len();
        }
        found
    }

    /// The octets as long as they are allowed, perhaps none.
    pub fn take_while(&mut self, allowed: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|octet| !allowed(*octet)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    pub fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.octets.len());
    }

    /// At least one allowed octet, as text. `allowed` must be seven-bit.
    pub fn text_while(&mut self, allowed: impl Fn(u8) -> bool, expected: &'static str) -> Parsed<&'a str> {
        let start = self.at;
        let taken = self.take_while(|octet| octet.is_ascii() && allowed(octet));
        match std::str::from_utf8(taken) {
            Ok(text) if !text.is_empty() => Ok(text),
            _ => Err(Unexpected { kind: SyntaxErrorKind::Syntax, expected, at: start }),
        }
    }

    pub fn atom(&mut self, expected: &'static str) -> Parsed<Atom> {
        let start = self.at;
        let text = self.text_while(chars::is_atom_char, expected)?;
        Atom::new(text).ok_or(Unexpected { kind: SyntaxErrorKind::Syntax, expected, at: start })
    }

    /// A word of letters, digits, `.`, `-`, upper-cased, as commands and their options are.
    pub fn word(&mut self, expected: &'static str) -> Parsed<String> {
        let text = self.text_while(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-'), expected)?;
        Ok(text.to_ascii_uppercase())
    }

    /// `number64`: 63 bits.
    pub fn number64(&mut self, expected: &'static str) -> Parsed<u64> {
        let start = self.at;
        let digits = self.text_while(|octet| octet.is_ascii_digit(), expected)?;
        let number = digits.parse().ok().filter(|number| *number <= i64::MAX as u64);
        number.ok_or(Unexpected { kind: SyntaxErrorKind::Syntax, expected, at: start })
    }

    pub fn number(&mut self, expected: &'static str) -> Parsed<u32> {
        let start = self.at;
        u32::try_from(self.number64(expected)?).map_err(|_| Unexpected { kind: SyntaxErrorKind::Syntax, expected, at: start })
    }

    /// `nz-number = digit-nz *DIGIT`
    pub fn nz_number(&mut self, expected: &'static str) -> Parsed<std::num::NonZeroU32> {
        if self.peek() == Some(b'0') {
            return self.fail(expected);
        }
        let start = self.at;
        let number = self.number(expected)?;
        std::num::NonZeroU32::new(number).ok_or(Unexpected { kind: SyntaxErrorKind::Syntax, expected, at: start })
    }

    /// `astring = 1*ASTRING-CHAR / string`
    pub fn astring(&mut self, expected: &'static str) -> Parsed<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(expected),
            _ => Ok(Cow::Borrowed(self.text_while(chars::is_astring_char, expected)?.as_bytes())),
        }
    }

    /// An astring that must be UTF-8.
    pub fn text(&mut self, expected: &'static str) -> Parsed<String> {
        let start = self.at;
        let octets = self.astring(expected)?;
        utf8(octets, start)
    }

    /// `string = quoted / literal`
    pub fn string(&mut self, expected: &'static str) -> Parsed<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal(),
            _ => self.fail(expected),
        }
    }

    /// `nstring = string / nil`
    pub fn nstring(&mut self, expected: &'static str) -> Parsed<Option<Cow<'a, [u8]>>> {
        match self.peek() {
            Some(b'N' | b'n') if self.accept_word("NIL") => Ok(None),
            _ => self.string(expected).map(Some),
        }
    }

    /// `nstring` or `literal8`, in which any octet may stand; for responses.
    pub fn nstring8(&mut self) -> Parsed<Option<Vec<u8>>> {
        self.accept(b'~');
        if self.peek() != Some(b'{') {
            return Ok(self.nstring("a string or NIL")?.map(Cow::into_owned));
        }
        let size = self.literal_size()?;
        let octets = usize::try_from(size).ok().and_then(|size| self.rest().get(..size));
        let Some(octets) = octets else { return self.fail("the whole literal") };
        self.at += octets.len();
        Ok(Some(octets.to_vec()))
    }

    fn quoted(&mut self) -> Parsed<Cow<'a, [u8]>> {
        self.octet(b'"', "a quoted string")?;
        let plain = self.take_while(|octet| !matches!(octet, b'"' | b'\\' | b'\r' | b'\n' | 0));
        if self.accept(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut octets = plain.to_vec();
        loop {
            octets.extend_from_slice(self.take_while(|octet| !matches!(octet, b'"' | b'\\' | b'\r' | b'\n' | 0)));
            if self.accept(b'"') {
                return Ok(Cow::Owned(octets));
            }
            self.octet(b'\\', "the end of the quoted string")?;
            // RFC 9051 §9: only the quote and the backslash are escaped.
            match self.peek() {
                Some(special @ (b'"' | b'\\')) => octets.push(special),
                _ => return self.fail("a quote or backslash behind the backslash"),
            }
            self.at += 1;
        }
    }

    /// `literal = "{" number64 ["+"] "}" CRLF *CHAR8`
    fn literal(&mut self) -> Parsed<Cow<'a, [u8]>> {
        let size = self.literal_size()?;
        let octets = usize::try_from(size).ok().and_then(|size| self.rest().get(..size));
        let Some(octets) = octets else { return self.fail("the whole literal") };
        if memchr::memchr(0, octets).is_some() {
            return self.fail("a literal without NUL");
        }
        self.at += octets.len();
        Ok(Cow::Borrowed(octets))
    }

    /// `{n}` or `{n+}` with its line end.
    pub fn literal_size(&mut self) -> Parsed<u64> {
        self.octet(b'{', "a literal")?;
        let size = self.number64("the size of a literal")?;
        self.accept(b'+');
        self.octet(b'}', "the end of a literal's size")?;
        self.octet(b'\r', "a line end behind a literal's size")?;
        self.octet(b'\n', "a line end behind a literal's size")?;
        Ok(size)
    }

    /// `"(" [item *(SP item)] ")"`
    pub fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.open()?;
        let mut items = Vec::new();
        if self.accept(b')') {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.accept(b')') {
                return Ok(items);
            }
            self.octet(b' ', "a space or \")\"")?;
        }
    }

    /// `"(" item *(SP item) ")"`
    pub fn filled_list<T>(&mut self, expected: &'static str, item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let start = self.at;
        let items = self.list(item)?;
        if items.is_empty() { Err(Unexpected { kind: SyntaxErrorKind::Syntax, expected, at: start + 1 }) } else { Ok(items) }
    }
}

pub(crate) fn utf8(octets: Cow<'_, [u8]>, at: usize) -> Parsed<String> {
    String::from_utf8(octets.into_owned()).map_err(|_| Unexpected { kind: SyntaxErrorKind::Syntax, expected: "UTF-8", at })
}
