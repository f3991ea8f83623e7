//! Bytes of a text file into text, without guessing where a guess could be silently wrong.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_16BE, UTF_16LE};

use super::SheetError;
use super::error::Found;

/// UTF-8 when it is valid UTF-8; UTF-16 by its mark or by the zero bytes that separators and line ends bring along; else GB 18030, which
/// includes GBK. A byte sequence that none of them has is an error that names its line.
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, &'static str), SheetError> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        let text = std::str::from_utf8(rest).map_err(|error| unknown_at(rest, error.valid_up_to()))?;
        return Ok((Cow::Borrowed(text), "UTF-8"));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return decode_strictly(rest, UTF_16LE).map(|text| (text.into(), "UTF-16LE"));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return decode_strictly(rest, UTF_16BE).map(|text| (text.into(), "UTF-16BE"));
    }
    if bytes.contains(&0) {
        return decode_utf16(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((Cow::Borrowed(text), "UTF-8")),
        Err(error) if is_mostly_utf8(bytes) => Err(unknown_at(bytes, error.valid_up_to())),
        Err(_) => decode_strictly(bytes, GB18030).map(|text| (text.into(), "GB18030")),
    }
}

fn unknown_at(bytes: &[u8], offset: usize) -> SheetError {
    SheetError::EncodingUnknown { line: 1 + bytes[..offset.min(bytes.len())].iter().filter(|&&byte| byte == b'\n').count() as u64 }
}

/// No text in UTF-8 or GB 18030 has zero bytes. In UTF-16 every comma, tab and line end has one, always on the same side.
fn decode_utf16(bytes: &[u8]) -> Result<(Cow<'_, str>, &'static str), SheetError> {
    let not_text = SheetError::NotASpreadsheet { found: Found::Other };
    let zeros = |side: usize| bytes.iter().skip(side).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if !bytes.len().is_multiple_of(2) || even.min(odd) * 20 > even.max(odd) {
        return Err(not_text);
    }
    let (encoding, name) = if odd > even { (UTF_16LE, "UTF-16LE") } else { (UTF_16BE, "UTF-16BE") };
    let text = decode_strictly(bytes, encoding).map_err(|_| not_text)?;
    Ok((text.into(), name))
}

/// Text in UTF-8 with a few broken bytes often decodes as GB 18030 too, into nonsense. It is taken for what it was meant to be.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    valid > broken.saturating_mul(8)
}

fn decode_strictly(bytes: &[u8], encoding: &'static Encoding) -> Result<String, SheetError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2 + 16);
    let mut read = 0;
    loop {
        let (result, consumed) = decoder.decode_to_string_without_replacement(&bytes[read..], &mut text, true);
        read += consumed;
        match result {
            DecoderResult::InputEmpty => return Ok(text),
            DecoderResult::OutputFull => text.reserve(bytes.len() - read + 16),
            DecoderResult::Malformed(..) => {
                let line = 1 + text.bytes().filter(|&byte| byte == b'\n').count() as u64;
                return Err(SheetError::EncodingUnknown { line });
            }
        }
    }
}
