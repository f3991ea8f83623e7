//! ZIP archives, as far as office files use them: entries found by the directory at the end, stored or deflated.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::DeflateDecoder;

pub(super) struct Entry<'a> {
    pub name: Cow<'a, str>,
    method: u16,
    packed: &'a [u8],
}

/// Office files have some hundreds.
const MAX_ENTRIES: usize = 5_000;
/// A comment may follow the end of the directory.
const MAX_COMMENT: usize = 65_535;
const END_BYTES: usize = 22;

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?)).ok()
}

/// The entries of an archive that can be read, in the order of its directory.
pub(super) fn entries(file: &[u8]) -> Vec<Entry<'_>> {
    let mut found = Vec::new();
    let from = file.len().saturating_sub(END_BYTES + MAX_COMMENT);
    let Some(end) = memchr::memmem::rfind(&file[from..], b"PK\x05\x06").map(|at| from + at) else { return found };
    let Some(mut at) = u32_at(file, end + 16) else { return found };
    while found.len() < MAX_ENTRIES
        && let Some((entry, next)) = entry(file, at)
    {
        found.extend(entry);
        at = next;
    }
    found
}

/// The entry whose place in the directory is `at`, unless it cannot be read, and the place of the next.
fn entry(file: &[u8], at: usize) -> Option<(Option<Entry<'_>>, usize)> {
    if file.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
        return None;
    }
    let (flags, method) = (u16_at(file, at + 8)?, u16_at(file, at + 10)?);
    let packed_len = u32_at(file, at + 20)?;
    let (name_len, extra_len, comment_len) = (u16_at(file, at + 28)?, u16_at(file, at + 30)?, u16_at(file, at + 32)?);
    let local = u32_at(file, at + 42)?;
    let name = file.get(at + 46..at + 46 + name_len)?;
    let next = at + 46 + name_len + extra_len + comment_len;
    let body = || {
        // Its name and extra field may be longer or shorter there.
        let start = local.checked_add(30)?.checked_add(u16_at(file, local + 26)?)?.checked_add(u16_at(file, local + 28)?)?;
        file.get(start..start.checked_add(packed_len)?)
    };
    const ENCRYPTED: usize = 1;
    let packed = if flags & ENCRYPTED == 0 { body() } else { None };
    let entry =
        packed.map(|packed| Entry { name: String::from_utf8_lossy(name), method: u16::try_from(method).unwrap_or(u16::MAX), packed });
    Some((entry, next))
}

impl Entry<'_> {
    /// What is packed in it, cut after `max_bytes`, and as far as it is whole.
    pub fn unpack(&self, max_bytes: usize) -> Vec<u8> {
        match self.method {
            0 => self.packed[..self.packed.len().min(max_bytes)].to_vec(),
            8 => {
                let mut unpacked = Vec::new();
                // What came before a defect is kept.
                let _ = DeflateDecoder::new(self.packed).take(max_bytes as u64).read_to_end(&mut unpacked);
                unpacked
            }
            _ => Vec::new(),
        }
    }
}
