//! Lists are read a page at a time, each page beginning where the last one ended.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Where a page ends: the sort values of its last row. Opaque to callers; its text form is safe in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(Vec<String>);

impl Cursor {
    pub fn new(parts: impl IntoIterator<Item = String>) -> Self {
        Self(parts.into_iter().collect())
    }

    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// The part at `index` as `T`; `None` when it is missing or does not read as one, which only a forged cursor does.
    pub fn part<T: std::str::FromStr>(&self, index: usize) -> Option<T> {
        self.0.get(index)?.parse().ok()
    }

    /// `None` when the text is not a cursor this server made.
    pub fn decode(text: &str) -> Option<Self> {
        if text.len() > 2048 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let parts: Vec<String> = serde_json::from_slice(&bytes).ok()?;
        // No stored text has a NUL, and no engine takes one in a question.
        let possible = parts.iter().all(|part| !part.contains('\0'));
        possible.then_some(Self(parts))
    }

    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.0).expect("strings always serialise"))
    }
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Where the page before ended; `None` asks for the first.
    pub after: Option<Cursor>,
    limit: u32,
}

impl PageRequest {
    pub const MAX_LIMIT: u32 = 500;

    /// `limit` is brought into 1..=500.
    pub fn new(after: Option<Cursor>, limit: u32) -> Self {
        Self { after, limit: limit.clamp(1, Self::MAX_LIMIT) }
    }

    pub fn first(limit: u32) -> Self {
        Self::new(None, limit)
    }

    pub fn limit(&self) -> u32 {
        self.limit
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; `None` when this is the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of `items`, which were asked for with one more than the limit so that the end is known without another query.
    pub fn from_surplus(mut items: Vec<T>, request: &PageRequest, cursor: impl Fn(&T) -> Cursor) -> Self {
        let limit = request.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|item| cursor(item).encode()) } else { None };
        Self { items, next }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_one_no_row_can_have_made_does_not() {
        let cursor = Cursor::new(["任熙".to_owned(), "mbr_0000000000001".to_owned()]);
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        let forged = Cursor::new(["\0".to_owned()]).encode();
        for text in ["", "bad", &forged, &"A".repeat(4000)] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
