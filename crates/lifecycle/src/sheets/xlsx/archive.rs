//! The zip file around a workbook: only its list of parts, and each part unpacked as a stream that knows when to stop.
//!
//! It is our own because general readers make room for as many entries as a file claims to have, and because the bounds on what a part
//! may unpack to have to hold while it is read.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use crate::sheets::SheetError;

/// Workbooks have dozens of parts; those with many pictures hundreds.
const MAX_PARTS: usize = 10_000;
/// All that may be unpacked while a workbook is looked through once.
const MAX_UNPACKED: u64 = 1 << 30;
/// Rows that are much alike pack to a fortieth; nothing honest of this size packs to less than one part in a hundred.
const RATIO_FREE: u64 = 32 << 20;
const MAX_RATIO: u64 = 100;
/// Tags and texts: six for a cell, and as many cells as the longest sheet of members may have in eighty columns.
const MAX_TOKENS: u64 = 100_000_000;

struct Entry {
    header: usize,
    packed: usize,
    method: u16,
    crc: u32,
    encrypted: bool,
}

pub struct Archive<'a> {
    bytes: &'a [u8],
    entries: HashMap<String, Entry>,
}

/// What is left of [`MAX_UNPACKED`] and [`MAX_TOKENS`] for one look through the workbook.
pub struct Budget {
    bytes: Cell<u64>,
    tokens: Cell<u64>,
}

impl Budget {
    pub fn new() -> Self {
        Self { bytes: Cell::new(MAX_UNPACKED), tokens: Cell::new(MAX_TOKENS) }
    }

    /// To be called for each token, because short ones make much work of few bytes.
    pub fn take_token(&self) -> Result<(), SheetError> {
        self.tokens.set(self.tokens.get().checked_sub(1).ok_or(SheetError::ExpandsTooFar)?);
        Ok(())
    }
}

fn damaged() -> SheetError {
    SheetError::Damaged { part: "zip".to_owned() }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// Names of parts are compared without case (OPC, ISO 29500-2 §6.2.2.3); some writers use backslashes.
fn part_name(name: &str) -> String {
    name.trim_start_matches(['/', '\\']).replace('\\', "/").to_ascii_lowercase()
}

impl<'a> Archive<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, SheetError> {
        let (count, start) = directory(bytes).ok_or_else(damaged)?;
        if count > MAX_PARTS as u64 {
            return Err(SheetError::ExpandsTooFar);
        }
        let mut entries = HashMap::new();
        let mut at = usize::try_from(start).map_err(|_| damaged())?;
        for _ in 0..count {
            let (name, entry, next) = entry_at(bytes, at).ok_or_else(damaged)?;
            entries.insert(name, entry);
            at = next;
        }
        Ok(Self { bytes, entries })
    }

    pub fn has(&self, part: &str) -> bool {
        self.entries.contains_key(&part_name(part))
    }

    /// Unpacks a part as it is read; `None` when there is no such part.
    pub fn part<'b>(&self, part: &str, limit: u64, budget: &'b Budget) -> Result<Option<Unpacked<'a, 'b>>, SheetError> {
        let Some(entry) = self.entries.get(&part_name(part)) else { return Ok(None) };
        if entry.encrypted {
            return Err(SheetError::Encrypted);
        }
        let broken = || SheetError::Damaged { part: part.to_owned() };
        let packed = self.data(entry).ok_or_else(broken)?;
        let source = match entry.method {
            0 => Source::Stored(packed),
            8 => Source::Deflated(Box::new(DeflateDecoder::new(packed))),
            _ => return Err(broken()),
        };
        Ok(Some(Unpacked { source, packed: packed.len() as u64, unpacked: 0, limit, budget, crc: Crc::new(), expected_crc: entry.crc }))
    }

    /// APPNOTE §4.3.7: the local header's name and extra field may differ in length from those in the directory.
    fn data(&self, entry: &Entry) -> Option<&'a [u8]> {
        let header = self.bytes.get(entry.header..)?;
        if !header.starts_with(b"PK\x03\x04") {
            return None;
        }
        let start = 30 + usize::from(u16_at(header, 26)?) + usize::from(u16_at(header, 28)?);
        header.get(start..start.checked_add(entry.packed)?)
    }
}

/// The number of entries and where their directory begins. APPNOTE §4.3.16, and §4.3.14 for files in zip64 form.
fn directory(bytes: &[u8]) -> Option<(u64, u64)> {
    let tail = bytes.len().saturating_sub(22 + 65_535);
    let end = tail + memchr::memmem::rfind(&bytes[tail..], b"PK\x05\x06")?;
    let (count, start, _comment_length) = (u16_at(bytes, end + 10)?, u32_at(bytes, end + 16)?, u16_at(bytes, end + 20)?);
    let locator = end.checked_sub(20).filter(|&at| bytes[at..].starts_with(b"PK\x06\x07"));
    let Some(locator) = locator.filter(|_| count == u16::MAX || start == u32::MAX) else { return Some((count.into(), start.into())) };
    let record = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
    if !bytes.get(record..)?.starts_with(b"PK\x06\x06") {
        return None;
    }
    Some((u64_at(bytes, record.checked_add(32)?)?, u64_at(bytes, record.checked_add(48)?)?))
}

/// APPNOTE §4.3.12.
fn entry_at(bytes: &[u8], at: usize) -> Option<(String, Entry, usize)> {
    let record = bytes.get(at..)?;
    if !record.starts_with(b"PK\x01\x02") {
        return None;
    }
    let lengths = [u16_at(record, 28)?, u16_at(record, 30)?, u16_at(record, 32)?].map(usize::from);
    let name = String::from_utf8_lossy(record.get(46..46 + lengths[0])?).into_owned();
    let extra = record.get(46 + lengths[0]..46 + lengths[0] + lengths[1])?;
    let (packed, unpacked, header) = (u32_at(record, 20)?, u32_at(record, 24)?, u32_at(record, 42)?);
    let (packed, header) = wide_fields(extra, packed, unpacked, header)?;
    let entry = Entry {
        header: usize::try_from(header).ok()?,
        packed: usize::try_from(packed).ok()?,
        method: u16_at(record, 10)?,
        crc: u32_at(record, 16)?,
        encrypted: u16_at(record, 8)? & 1 == 1,
    };
    Some((part_name(&name), entry, at + 46 + lengths.iter().sum::<usize>()))
}

/// APPNOTE §4.5.3: 64-bit fields stand in an extra field, and only those that did not fit.
fn wide_fields(mut extra: &[u8], packed: u32, unpacked: u32, header: u32) -> Option<(u64, u64)> {
    let (mut wide_packed, mut wide_header) = (u64::from(packed), u64::from(header));
    while let (Some(tag), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let field = extra.get(4..4 + usize::from(length))?;
        if tag == 1 {
            let mut at = if unpacked == u32::MAX { 8 } else { 0 };
            if packed == u32::MAX {
                wide_packed = u64_at(field, at)?;
                at += 8;
            }
            if header == u32::MAX {
                wide_header = u64_at(field, at)?;
            }
        }
        extra = &extra[4 + usize::from(length)..];
    }
    Some((wide_packed, wide_header))
}

enum Source<'a> {
    Stored(&'a [u8]),
    Deflated(Box<DeflateDecoder<&'a [u8]>>),
}

/// A part while it is unpacked. Ends with an error when it grows beyond all measure, or when its checksum is wrong.
pub struct Unpacked<'a, 'b> {
    source: Source<'a>,
    packed: u64,
    unpacked: u64,
    limit: u64,
    pub budget: &'b Budget,
    crc: Crc,
    expected_crc: u32,
}

impl Read for Unpacked<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.source {
            Source::Stored(rest) => rest.read(buffer)?,
            Source::Deflated(decoder) => decoder.read(buffer)?,
        };
        if read == 0 && !buffer.is_empty() {
            return if self.crc.sum() == self.expected_crc { Ok(0) } else { Err(io::ErrorKind::InvalidData.into()) };
        }
        self.crc.update(&buffer[..read]);
        self.unpacked += read as u64;
        let left = self.budget.bytes.get().checked_sub(read as u64);
        let swollen = self.unpacked > RATIO_FREE && self.unpacked > self.packed.saturating_mul(MAX_RATIO);
        match left {
            Some(left) if !swollen && self.unpacked <= self.limit => self.budget.bytes.set(left),
            _ => return Err(io::Error::other(SheetError::ExpandsTooFar)),
        }
        Ok(read)
    }
}
