//! Texts of a search in other charsets than UTF-8: what Chinese programs still send. RFC 9051 §6.4.4

use encoding_rs::Encoding;
use proto_imap::{Atom, CharsetError, decode_utf8};

/// What BADCHARSET tells.
const TOLD: [&str; 8] = ["US-ASCII", "UTF-8", "GBK", "GB18030", "GB2312", "Big5", "ISO-2022-JP", "ISO-8859-1"];

pub(crate) fn known() -> Vec<Atom> {
    TOLD.iter().filter_map(|name| Atom::new(name)).collect()
}

pub(crate) fn decode(charset: &str, octets: &[u8]) -> Result<String, CharsetError> {
    match decode_utf8(charset, octets) {
        Err(CharsetError::Unknown) => {}
        known => return known,
    }
    let encoding = Encoding::for_label_no_replacement(charset.as_bytes()).ok_or(CharsetError::Unknown)?;
    let text = encoding.decode_without_bom_handling_and_without_replacement(octets);
    text.map(|text| text.into_owned()).ok_or(CharsetError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_charsets_are_read_and_unknown_ones_refused() {
        assert_eq!(decode("gb18030", &[0xbb, 0xe1, 0xd2, 0xe9]).as_deref(), Ok("会议"));
        assert_eq!(decode("GB2312", &[0xbb, 0xe1, 0xd2, 0xe9]).as_deref(), Ok("会议"));
        assert_eq!(decode("Big5", &[0xb7, 0x7c]).as_deref(), Ok("會"));
        assert_eq!(decode("UTF-8", b"\xff"), Err(CharsetError::Invalid));
        assert_eq!(decode("GBK", b"\xff"), Err(CharsetError::Invalid));
        assert_eq!(decode("klingon", b"a"), Err(CharsetError::Unknown));
    }
}
