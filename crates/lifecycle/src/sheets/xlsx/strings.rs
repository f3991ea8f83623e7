//! The strings that cells share, in one piece of memory.

use super::archive::{Archive, Budget};
use super::xml::{Token, Xml};
use crate::sheets::{MAX_CELL_CHARS, SheetError};

const MAX_PART_BYTES: u64 = 128 << 20;
const MAX_STRINGS: usize = 5_000_000;

#[derive(Default)]
pub struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub fn read(archive: &Archive<'_>, part: Option<&str>, budget: &Budget) -> Result<Self, SheetError> {
        let mut strings = Self::default();
        let Some(part) = part else { return Ok(strings) };
        let Some(unpacked) = archive.part(part, MAX_PART_BYTES, budget)? else { return Ok(strings) };
        let mut xml = Xml::new(part, unpacked);
        let mut rich = RichText::default();
        loop {
            match xml.next()? {
                Token::End => return Ok(strings),
                Token::Open(element) if element.name() == b"si" => rich.clear(),
                Token::Open(element) => rich.open(element.name()),
                Token::Text(text) => rich.text(&text),
                Token::Close(closed) if closed.name() == b"si" => {
                    if strings.ends.len() >= MAX_STRINGS {
                        return Err(SheetError::ExpandsTooFar);
                    }
                    strings.text.push_str(rich.value());
                    strings.ends.push(u32::try_from(strings.text.len()).map_err(|_| SheetError::ExpandsTooFar)?);
                }
                Token::Close(closed) => rich.close(closed.name()),
                Token::Aside => {}
            }
        }
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.text.get(start as usize..*self.ends.get(index)? as usize)
    }
}

/// Gathers the text of a string that may have runs of different looks (`r`), leaving out reading aids (`rPh`).
#[derive(Default)]
pub struct RichText {
    value: String,
    in_text: bool,
    in_reading_aid: bool,
}

impl RichText {
    pub fn clear(&mut self) {
        self.value.clear();
        self.in_text = false;
        self.in_reading_aid = false;
    }

    pub fn open(&mut self, name: &[u8]) {
        match name {
            b"t" => self.in_text = !self.in_reading_aid,
            b"rPh" => self.in_reading_aid = true,
            _ => {}
        }
    }

    pub fn close(&mut self, name: &[u8]) {
        match name {
            b"t" => self.in_text = false,
            b"rPh" => self.in_reading_aid = false,
            _ => {}
        }
    }

    pub fn text(&mut self, text: &str) {
        if self.in_text {
            push_bounded(&mut self.value, text);
        }
    }

    /// At most a little longer than a cell may be, so that the cell is seen to be too long.
    pub fn value(&self) -> &str {
        match self.value.char_indices().nth(MAX_CELL_CHARS + 1) {
            Some((end, _)) => &self.value[..end],
            None => &self.value,
        }
    }
}

/// Appends until the text is certainly longer than a cell may be.
pub fn push_bounded(value: &mut String, text: &str) {
    const ENOUGH: usize = 4 * (MAX_CELL_CHARS + 2);
    if value.len() < ENOUGH {
        let end = text.char_indices().nth(ENOUGH).map_or(text.len(), |(end, _)| end);
        value.push_str(&text[..end]);
    }
}
