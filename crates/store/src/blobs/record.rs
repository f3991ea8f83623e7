//! One record of a pack file: a blob with what is needed to find it again without SQL.
//!
//! ```text
//! offset size
//!      0    4  "YSR1": magic and version
//!      4    1  codec: 0 as it is, 1 zstd
//!      5    1  key id: 0 not encrypted
//!      6    2  reserved, zero
//!      8    8  organisation
//!     16   33  blob id: algorithm tag and keyed hash
//!     49    4  size of the blob
//!     53    4  size of the body that follows the header
//!     57    4  CRC-32 of the header before it and of the body
//!     61    …  body
//! ```
//! Numbers are little-endian.

use std::cell::RefCell;

use kernel::OrgId;
use zstd::bulk::{Compressor, Decompressor};

use super::BlobId;

pub const HEADER_BYTES: usize = 61;
const MAGIC: &[u8; 4] = b"YSR1";
const CRC_AT: usize = HEADER_BYTES - 4;

/// The largest blob: what the largest message and the largest upload need, and what one record can hold.
pub const MAX_BLOB_BYTES: usize = 256 * 1024 * 1024;
/// Below this zstd saves less than its frame costs.
const COMPRESS_FROM: usize = 256;
const ZSTD_LEVEL: i32 = 3;
/// Reading back compressed octets costs time each time, more than all else that a whole message needs. What does not get smaller than this, as BASE64 of
/// what is compressed itself (which becomes three quarters), is kept as it is.
const WORTH_TENTHS: usize = 7;
const SAMPLE: usize = 8 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Plain = 0,
    Zstd = 1,
}

/// The record is not one, was cut off, or was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record in a pack file is damaged")]
pub struct Damaged;

/// What a record's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub org: OrgId,
    pub id: BlobId,
    pub size: u32,
    pub body_bytes: u32,
    codec: Codec,
    crc: u32,
}

impl Header {
    pub fn record_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + u64::from(self.body_bytes)
    }

    /// Reads a header; says nothing yet of the body.
    pub fn parse(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Damaged> {
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        if &bytes[..4] != MAGIC || bytes[5..8] != [0, 0, 0] {
            return Err(Damaged);
        }
        let codec = match bytes[4] {
            0 => Codec::Plain,
            1 => Codec::Zstd,
            _ => return Err(Damaged),
        };
        let org = OrgId::from_raw(i64::from_le_bytes(bytes[8..16].try_into().expect("eight bytes")));
        let id = BlobId::from_array(bytes[16..49].try_into().expect("thirty-three bytes"));
        let header = Self { org, id, size: number(49), body_bytes: number(53), codec, crc: number(CRC_AT) };
        // The body is never larger than the blob: it is compressed only where that makes it smaller.
        if header.size as usize > MAX_BLOB_BYTES || header.body_bytes > header.size {
            return Err(Damaged);
        }
        Ok(header)
    }

    /// Whether header and body are as they were written.
    pub fn is_intact(&self, header: &[u8; HEADER_BYTES], body: &[u8]) -> bool {
        checksum(&header[..CRC_AT], body) == self.crc
    }
}

thread_local! {
    // Its tables are made once for each thread, not for each blob.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(ZSTD_LEVEL).ok());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = RefCell::new(Decompressor::new().ok());
}

/// `None` where it is not worth it. Of a long blob a piece from its middle is tried first, because what is attached makes messages long.
fn compress(blob: &[u8]) -> Option<Vec<u8>> {
    let is_long = blob.len() >= 4 * SAMPLE;
    let sample = if is_long { &blob[blob.len() / 2..][..SAMPLE] } else { blob };
    if blob.len() < COMPRESS_FROM || is_base64_of_noise(sample) {
        return None;
    }
    COMPRESSOR.with_borrow_mut(|compressor| {
        let compressor = compressor.as_mut()?;
        let mut try_on =
            |octets: &[u8]| compressor.compress(octets).ok().filter(|squeezed| squeezed.len() < octets.len() / 10 * WORTH_TENTHS);
        if is_long {
            try_on(sample)?;
        }
        try_on(blob)
    })
}

/// Whether its letters are nearly as evenly spread as 64 can be: what is attached is most often compressed already, and finding out by compressing it
/// takes ten times as long. What is not ASCII may be Chinese in an encoding whose octets are spread evenly and yet compress.
fn is_base64_of_noise(octets: &[u8]) -> bool {
    const BITS: f32 = 5.9;
    let mut counts = [0_u32; 128];
    for &octet in octets {
        let Some(count) = counts.get_mut(usize::from(octet)) else { return false };
        *count += 1;
    }
    let all = octets.len() as f32;
    let bits = |count: u32| count as f32 * (all / count as f32).log2();
    counts.into_iter().filter(|count| *count > 0).map(bits).sum::<f32>() > BITS * all
}

fn decompress(body: &[u8], size: usize) -> Option<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.as_mut()?.decompress(body, size).ok())
}

/// Makes the record of a blob, compressed where that helps. The blob is at most [`MAX_BLOB_BYTES`] long.
pub fn encode(org: OrgId, id: &BlobId, blob: &[u8]) -> Vec<u8> {
    let squeezed = compress(blob);
    let (codec, body) = match &squeezed {
        Some(squeezed) => (Codec::Zstd, squeezed.as_slice()),
        None => (Codec::Plain, blob),
    };
    let mut record = Vec::with_capacity(HEADER_BYTES + body.len());
    record.extend_from_slice(MAGIC);
    record.extend_from_slice(&[codec as u8, 0, 0, 0]);
    record.extend_from_slice(&org.raw().to_le_bytes());
    record.extend_from_slice(id.as_bytes());
    record.extend_from_slice(&(blob.len() as u32).to_le_bytes());
    record.extend_from_slice(&(body.len() as u32).to_le_bytes());
    let crc = checksum(&record, body);
    record.extend_from_slice(&crc.to_le_bytes());
    record.extend_from_slice(body);
    record
}

/// The header and the body of a whole record, checked against its checksum.
pub fn check(record: &[u8]) -> Result<(Header, &[u8]), Damaged> {
    let (head, body) = record.split_first_chunk::<HEADER_BYTES>().ok_or(Damaged)?;
    let header = Header::parse(head)?;
    let body = body.get(..header.body_bytes as usize).ok_or(Damaged)?;
    if header.is_intact(head, body) { Ok((header, body)) } else { Err(Damaged) }
}

/// What a record's header says, and its blob behind the first `before` bytes, which are not of the record. Both are checked.
pub fn decode(head: &[u8; HEADER_BYTES], mut bytes: Vec<u8>, before: usize) -> Result<(Header, Vec<u8>), Damaged> {
    let header = Header::parse(head)?;
    let body = bytes.get(before..).and_then(|rest| rest.get(..header.body_bytes as usize)).ok_or(Damaged)?;
    if !header.is_intact(head, body) {
        return Err(Damaged);
    }
    let blob = match header.codec {
        Codec::Plain => {
            bytes.truncate(before + header.body_bytes as usize);
            bytes
        }
        Codec::Zstd => {
            let blob = decompress(body, header.size as usize).ok_or(Damaged)?;
            if before == 0 {
                blob
            } else {
                bytes.truncate(before);
                bytes.extend_from_slice(&blob);
                bytes
            }
        }
    };
    if blob.len() != before + header.size as usize {
        return Err(Damaged);
    }
    Ok((header, blob))
}

fn checksum(header: &[u8], body: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(header);
    crc.update(body);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> BlobId {
        BlobId::from_array([1; 33])
    }

    fn read_back(record: &[u8], before: &[u8]) -> Result<(Header, Vec<u8>), Damaged> {
        let (head, body) = record.split_first_chunk().ok_or(Damaged)?;
        decode(head, [before, body].concat(), before.len())
    }

    #[test]
    fn a_record_reads_back_and_every_changed_byte_is_noticed() {
        for blob in [
            b"".to_vec(),
            b"short".to_vec(),
            vec![b'x'; 10_000],
            (0..=255).cycle().take(1000).map(|n: u32| ((n * 7919) >> 3) as u8).collect(),
        ] {
            let record = encode(OrgId::from_raw(5), &id(), &blob);
            let (header, read) = read_back(&record, b"").unwrap();
            assert_eq!((header.org, &header.id, header.record_bytes()), (OrgId::from_raw(5), &id(), record.len() as u64));
            assert_eq!(read, blob);
            assert_eq!(read_back(&record, b"in front").unwrap().1, [b"in front", blob.as_slice()].concat());
            for index in 0..record.len() {
                let mut changed = record.clone();
                changed[index] ^= 0x40;
                assert_eq!(read_back(&changed, b""), Err(Damaged), "byte {index}");
                assert_eq!(read_back(&record[..index], b"x"), Err(Damaged), "cut at {index}");
            }
        }
    }

    #[test]
    fn text_is_stored_smaller_than_it_is() {
        let text = "各位同事，附件为 11 月排班表。".repeat(100);
        assert!(encode(OrgId::from_raw(5), &id(), text.as_bytes()).len() < text.len() / 4);
    }

    #[test]
    fn base64_of_what_is_compressed_is_told_from_base64_of_text() {
        use base64::Engine;
        let mut noise = vec![0; 3000];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        let lines = |octets: &[u8]| {
            let letters = base64::engine::general_purpose::STANDARD.encode(octets);
            letters.as_bytes().chunks(76).flat_map(|line| [line, b"\r\n"].concat()).collect::<Vec<u8>>()
        };
        let text = "各位同事，附件为 11 月排班表，请于周五前确认。Please confirm by Friday.".repeat(40);
        assert!(is_base64_of_noise(&lines(&noise)));
        assert!(!is_base64_of_noise(&lines(text.as_bytes())));
        assert!(!is_base64_of_noise(text.as_bytes()));
        assert!(!is_base64_of_noise(&noise));
    }
}
