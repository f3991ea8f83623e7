//! Terms as the engine takes them: a list in a string, behind the owner's prefix.

use std::fmt::Write;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::tempo::give_way;

pub(super) const LISTED: &str = "listed";
/// Ends the prefix of a list.
const AFTER_OWNER: char = '\u{2}';
/// Between terms that follow one another.
pub(super) const NEXT: char = '\u{0}';
/// Between terms that do not.
pub(super) const GAP: char = '\u{1}';

/// What stands before each term of an owner: as many characters for all, so that no owner's prefix begins another's.
pub(super) fn owner_prefix(owner: i64) -> String {
    const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";
    let bits = owner.cast_unsigned();
    (0..11).rev().map(|digit| char::from(DIGITS[(bits >> (digit * 6) & 63) as usize])).collect()
}

pub(super) fn key(prefix: &str, number: i64) -> String {
    format!("{prefix}{:016x}", number.cast_unsigned())
}

/// A list for the tokenizer; `terms` has its separators in it.
pub(super) fn list(prefix: &str, terms: &str) -> String {
    let mut list = String::with_capacity(prefix.len() + 1 + terms.len());
    // Writing to a string does not fail.
    let _ = write!(list, "{prefix}{AFTER_OWNER}{terms}");
    list
}

/// Cuts lists into terms.
#[derive(Clone, Default)]
pub(super) struct Listed {
    token: Token,
}

pub(super) struct Stream<'a> {
    prefix: &'a str,
    rest: &'a str,
    position: usize,
    token: &'a mut Token,
}

impl Tokenizer for Listed {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        // On a thread of the engine.
        give_way();
        self.token.reset();
        let (prefix, rest) = text.split_once(AFTER_OWNER).unwrap_or_default();
        Stream { prefix, rest, position: 0, token: &mut self.token }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        while !self.rest.is_empty() {
            let end = memchr::memchr2(NEXT as u8, GAP as u8, self.rest.as_bytes()).unwrap_or(self.rest.len());
            let term = &self.rest[..end];
            let is_gap = self.rest.as_bytes().get(end) == Some(&(GAP as u8));
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            let position = self.position;
            self.position += if is_gap { 3 } else { 1 };
            if term.is_empty() {
                continue;
            }
            self.token.text.clear();
            self.token.text.push_str(self.prefix);
            self.token.text.push_str(term);
            self.token.position = position;
            return true;
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
