//! XML as workbooks have it: elements, attributes and text. Document types, entities, bottomless nesting and endless tokens are refused.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesEnd, BytesStart, Event};

use super::archive::{Budget, Unpacked};
use crate::sheets::SheetError;

/// A workbook's parts nest about ten deep.
const MAX_DEPTH: usize = 64;
/// The longest tag or run of text that is read. Programs write at most 32,767 characters into a cell.
const MAX_TOKEN_BYTES: usize = 1 << 20;

pub enum Token<'x> {
    Open(Element<'x>),
    Close(Closed<'x>),
    Text(Cow<'x, str>),
    /// Comments and instructions, which mean nothing here.
    Aside,
    End,
}

pub struct Closed<'x> {
    end: BytesEnd<'x>,
    /// How many elements were open, this one included.
    pub depth: usize,
}

impl Closed<'_> {
    /// Without its prefix.
    pub fn name(&self) -> &[u8] {
        self.end.local_name().into_inner()
    }
}

pub struct Element<'x> {
    start: BytesStart<'x>,
    /// How many elements are open, this one included.
    pub depth: usize,
}

impl Element<'_> {
    /// Without its prefix.
    pub fn name(&self) -> &[u8] {
        self.start.local_name().into_inner()
    }

    /// Calls `each` with the name, without its prefix, and the raw value of each attribute.
    pub fn attributes(&self, mut each: impl FnMut(&[u8], &[u8])) {
        // The check for duplicates would compare each attribute with all before it.
        for attribute in self.start.attributes().with_checks(false).flatten() {
            each(attribute.key.local_name().into_inner(), &attribute.value);
        }
    }

    pub fn attribute(&self, name: &[u8]) -> Option<String> {
        let mut attributes = self.start.attributes();
        let attribute = attributes.with_checks(false).flatten().find(|attribute| attribute.key.local_name().into_inner() == name)?;
        attribute.unescape_value().ok().map(Cow::into_owned)
    }
}

/// The value of an attribute that is a flag (xsd:boolean).
pub fn is_true(value: &[u8]) -> bool {
    matches!(value, b"1" | b"true")
}

pub struct Xml<'a, 'b> {
    reader: Reader<Bounded<BufReader<Unpacked<'a, 'b>>>>,
    buffer: Vec<u8>,
    budget: &'b Budget,
    depth: usize,
    part: String,
}

impl<'a, 'b> Xml<'a, 'b> {
    pub fn new(part: &str, unpacked: Unpacked<'a, 'b>) -> Self {
        let budget = unpacked.budget;
        let source = Bounded { inner: BufReader::with_capacity(64 << 10, unpacked), left: MAX_TOKEN_BYTES };
        let mut reader = Reader::from_reader(source);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), budget, depth: 0, part: part.to_owned() }
    }

    pub fn damaged(&self) -> SheetError {
        SheetError::Damaged { part: self.part.clone() }
    }

    pub fn next(&mut self) -> Result<Token<'_>, SheetError> {
        self.budget.take_token()?;
        self.buffer.clear();
        self.reader.get_mut().left = MAX_TOKEN_BYTES;
        let broken = || SheetError::Damaged { part: self.part.clone() };
        let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| match error {
            Error::Io(error) => error.get_ref().and_then(|inner| inner.downcast_ref()).cloned().unwrap_or_else(broken),
            _ => broken(),
        })?;
        Ok(match event {
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Token::Aside,
            Event::DocType(_) => return Err(SheetError::DeclaresEntities),
            Event::Eof if self.depth == 0 => Token::End,
            Event::Start(start) if self.depth < MAX_DEPTH => {
                self.depth += 1;
                Token::Open(Element { start, depth: self.depth })
            }
            // Empty elements arrive as a start and an end.
            Event::Eof | Event::Start(_) | Event::Empty(_) => return Err(broken()),
            Event::End(end) => {
                let depth = self.depth;
                self.depth = depth.saturating_sub(1);
                Token::Close(Closed { end, depth })
            }
            Event::Text(text) => Token::Text(utf8(text.into_inner()).ok_or_else(broken)?),
            Event::CData(text) => Token::Text(utf8(text.into_inner()).ok_or_else(broken)?),
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => character,
                    // Entities beyond those of XML itself would have to be declared.
                    Ok(None) => predefined(&reference).ok_or(SheetError::DeclaresEntities)?,
                    Err(_) => return Err(broken()),
                };
                Token::Text(character.to_string().into())
            }
        })
    }
}

fn utf8(bytes: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// XML 1.0 §4.6.
fn predefined(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        _ => None,
    }
}

/// Gives no more than `left` bytes until it is set anew, so that no single token fills the memory.
struct Bounded<R> {
    inner: R,
    left: usize,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.left;
        let available = self.inner.fill_buf()?;
        if left == 0 && !available.is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(&available[..available.len().min(left)])
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}
