//! FETCH responses, item by item. RFC 9051 §7.5.2

use std::num::NonZeroU32;

use super::tokens;
use crate::{DateTime, FetchItem, ObjectId, Section};

/// Writes `* n FETCH (…)`. Begin with [`crate::ResponseWriter::fetch`], end with [`FetchWriter::finish`].
#[derive(Debug)]
#[must_use = "the response is not closed before finish"]
pub struct FetchWriter<'a> {
    out: &'a mut Vec<u8>,
    utf8: bool,
    empty: bool,
}

/// A [`FetchWriter`] that let go of its buffer, so that a large literal can be written in pieces.
#[derive(Debug)]
#[must_use = "the response is not closed before finish"]
pub struct PausedFetch {
    utf8: bool,
}

impl PausedFetch {
    /// After the announced octets were all written.
    pub fn resume(self, out: &mut Vec<u8>) -> FetchWriter<'_> {
        FetchWriter { out, utf8: self.utf8, empty: false }
    }
}

impl<'a> FetchWriter<'a> {
    pub(super) fn begin(out: &'a mut Vec<u8>, number: u32, word: &str, utf8: bool) -> Self {
        out.extend_from_slice(b"* ");
        tokens::number(out, u64::from(number));
        out.extend_from_slice(word.as_bytes());
        Self { out, utf8, empty: true }
    }

    /// Whether nothing was said yet.
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    pub fn uid(&mut self, uid: u32) -> &mut Self {
        tokens::number(self.item("UID "), u64::from(uid));
        self
    }

    /// Names as on the wire: `\Seen`, `$Forwarded`.
    pub fn flags(&mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Self {
        tokens::list(self.item("FLAGS "), names, |out, name| out.extend_from_slice(name.as_ref().as_bytes()));
        self
    }

    pub fn mod_seq(&mut self, mod_seq: u64) -> &mut Self {
        tokens::number(self.item("MODSEQ ("), mod_seq);
        self.out.push(b')');
        self
    }

    pub fn internal_date(&mut self, time: DateTime) -> &mut Self {
        tokens::date_time(self.item("INTERNALDATE "), time);
        self
    }

    pub fn rfc822_size(&mut self, size: u64) -> &mut Self {
        tokens::number(self.item("RFC822.SIZE "), size);
        self
    }

    /// Octets as they go on the wire, with their parentheses; so with the two structures.
    pub fn envelope(&mut self, rendered: &[u8]) -> &mut Self {
        self.item("ENVELOPE ").extend_from_slice(rendered);
        self
    }

    pub fn body_structure(&mut self, rendered: &[u8]) -> &mut Self {
        self.item("BODYSTRUCTURE ").extend_from_slice(rendered);
        self
    }

    pub fn body(&mut self, rendered: &[u8]) -> &mut Self {
        self.item("BODY ").extend_from_slice(rendered);
        self
    }

    /// `None` is NIL.
    pub fn section(&mut self, section: &Section, origin: Option<u64>, octets: Option<&[u8]>) -> &mut Self {
        self.section_name(section, origin);
        self.nliteral(octets)
    }

    /// Announces a section: the caller appends exactly `size` octets, here or after [`FetchWriter::pause`].
    pub fn section_announced(&mut self, section: &Section, origin: Option<u64>, size: u64) -> &mut Self {
        self.section_name(section, origin);
        tokens::literal_size(self.out, size);
        self
    }

    /// RFC 3516 §4.3: what holds NUL is sent as a literal8.
    pub fn binary(&mut self, path: &[NonZeroU32], origin: Option<u64>, octets: Option<&[u8]>) -> &mut Self {
        tokens::section_binary(self.item("BINARY"), path);
        self.origin(origin);
        if octets.is_some_and(|octets| memchr::memchr(0, octets).is_some()) {
            self.out.push(b'~');
        }
        self.nliteral(octets)
    }

    pub fn binary_size(&mut self, path: &[NonZeroU32], size: u64) -> &mut Self {
        tokens::section_binary(self.item("BINARY.SIZE"), path);
        self.out.push(b' ');
        tokens::number(self.out, size);
        self
    }

    pub fn rfc822(&mut self, octets: Option<&[u8]>) -> &mut Self {
        self.item("RFC822 ");
        self.nliteral(octets)
    }

    pub fn rfc822_header(&mut self, octets: Option<&[u8]>) -> &mut Self {
        self.item("RFC822.HEADER ");
        self.nliteral(octets)
    }

    pub fn rfc822_text(&mut self, octets: Option<&[u8]>) -> &mut Self {
        self.item("RFC822.TEXT ");
        self.nliteral(octets)
    }

    pub fn email_id(&mut self, id: &ObjectId) -> &mut Self {
        self.object_id("EMAILID ", Some(id))
    }

    /// `None` is NIL: no threads here.
    pub fn thread_id(&mut self, id: Option<&ObjectId>) -> &mut Self {
        self.object_id("THREADID ", id)
    }

    /// `None` is NIL: there is one, but it costs too much to make just now. RFC 8970 §4
    pub fn preview(&mut self, text: Option<&str>) -> &mut Self {
        let utf8 = self.utf8;
        let out = self.item("PREVIEW ");
        match text {
            Some(text) => tokens::string(out, text.as_bytes(), utf8),
            None => out.extend_from_slice(b"NIL"),
        }
        self
    }

    pub fn save_date(&mut self, time: Option<DateTime>) -> &mut Self {
        let out = self.item("SAVEDATE ");
        match time {
            Some(time) => tokens::date_time(out, time),
            None => out.extend_from_slice(b"NIL"),
        }
        self
    }

    /// The same as the methods above, from a value.
    pub fn put(&mut self, item: &FetchItem) -> &mut Self {
        match item {
            FetchItem::Uid(uid) => self.uid(*uid),
            FetchItem::Flags(flags) => self.flags(flags.iter().map(crate::Flag::name)),
            FetchItem::ModSeq(mod_seq) => self.mod_seq(*mod_seq),
            FetchItem::InternalDate(time) => self.internal_date(*time),
            FetchItem::Rfc822Size(size) => self.rfc822_size(*size),
            FetchItem::Envelope(rendered) => self.envelope(rendered),
            FetchItem::BodyStructure(rendered) => self.body_structure(rendered),
            FetchItem::Body(rendered) => self.body(rendered),
            FetchItem::Rfc822(octets) => self.rfc822(octets.as_deref()),
            FetchItem::Rfc822Header(octets) => self.rfc822_header(octets.as_deref()),
            FetchItem::Rfc822Text(octets) => self.rfc822_text(octets.as_deref()),
            FetchItem::Section { section, origin, octets } => self.section(section, *origin, octets.as_deref()),
            FetchItem::Binary { path, origin, octets } => self.binary(path, *origin, octets.as_deref()),
            FetchItem::BinarySize { path, size } => self.binary_size(path, *size),
            FetchItem::EmailId(id) => self.email_id(id),
            FetchItem::ThreadId(id) => self.thread_id(id.as_ref()),
            FetchItem::Preview(text) => self.preview(text.as_deref()),
            FetchItem::SaveDate(time) => self.save_date(*time),
        }
    }

    /// Lets go of the buffer behind [`FetchWriter::section_announced`].
    pub fn pause(self) -> PausedFetch {
        PausedFetch { utf8: self.utf8 }
    }

    pub fn finish(self) {
        self.out.extend_from_slice(b")\r\n");
    }

    fn item(&mut self, name: &str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b' ');
        }
        self.empty = false;
        self.out.extend_from_slice(name.as_bytes());
        self.out
    }

    fn section_name(&mut self, section: &Section, origin: Option<u64>) {
        tokens::section(self.item("BODY"), section);
        self.origin(origin);
    }

    fn origin(&mut self, origin: Option<u64>) {
        if let Some(origin) = origin {
            self.out.push(b'<');
            tokens::number(self.out, origin);
            self.out.push(b'>');
        }
        self.out.push(b' ');
    }

    fn nliteral(&mut self, octets: Option<&[u8]>) -> &mut Self {
        match octets {
            Some(octets) => tokens::literal(self.out, octets),
            None => self.out.extend_from_slice(b"NIL"),
        }
        self
    }

    fn object_id(&mut self, name: &str, id: Option<&ObjectId>) -> &mut Self {
        let out = self.item(name);
        match id {
            Some(id) => tokens::list(out, [id], |out, id| out.extend_from_slice(id.as_str().as_bytes())),
            None => out.extend_from_slice(b"NIL"),
        }
        self
    }
}
