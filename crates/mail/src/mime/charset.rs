//! Bytes in some character set -> text.

use std::borrow::Cow;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

pub(super) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// Bytes that mean nothing in this character set, or a character set that nobody knows.
    pub is_problem: bool,
}

/// `label` as mails write it; empty or unknown: whatever the bytes look like.
pub(super) fn decode<'a>(label: &[u8], bytes: &'a [u8]) -> Decoded<'a> {
    match find(label) {
        Charset::Encoding(encoding) => with(encoding, bytes),
        Charset::Utf16 => with(utf_16_of(bytes), bytes),
        Charset::Hz => hz(bytes),
        Charset::Utf7 => utf_7(bytes),
        Charset::Iso2022Kr => iso_2022_kr(bytes),
        // ASCII and what says nothing: many mails that say so hold more.
        Charset::Ascii => guess(bytes),
        Charset::Unknown => Decoded { is_problem: !bytes.is_ascii(), ..guess(bytes) },
    }
}

/// Whether [`decode`] knows a character set of this name.
pub(super) fn is_known(label: &[u8]) -> bool {
    !matches!(find(label), Charset::Unknown)
}

enum Charset {
    Encoding(&'static Encoding),
    Utf16,
    Hz,
    Utf7,
    Iso2022Kr,
    Ascii,
    Unknown,
}

fn find(label: &[u8]) -> Charset {
    let label = label.trim_ascii();
    let mut lower = [0; 40];
    let Some(lower) = lower.get_mut(..label.len()) else { return Charset::Unknown };
    lower.copy_from_slice(label);
    lower.make_ascii_lowercase();
    let Ok(label) = std::str::from_utf8(lower) else { return Charset::Unknown };
    let label = label.trim_matches(|character: char| matches!(character, '"' | '\'' | ' '));
    match label {
        "utf-8" | "utf8" => return Charset::Encoding(UTF_8),
        "" | "us-ascii" | "ascii" | "unknown-8bit" | "default" | "_autodetect_all" | "8bit" | "7bit" | "binary" | "unknown"
        | "x-unknown" => {
            return Charset::Ascii;
        }
        "hz" | "hz-gb-2312" | "hz-gb2312" | "csiso58gb231280hz" => return Charset::Hz,
        "utf-7" | "utf7" | "unicode-1-1-utf-7" | "csunicode11utf7" | "x-unicode-2-0-utf-7" => return Charset::Utf7,
        "utf-16" | "utf16" | "unicode" | "ucs-2" | "iso-10646-ucs-2" => return Charset::Utf16,
        "iso-2022-kr" | "csiso2022kr" => return Charset::Iso2022Kr,
        _ => {}
    }
    if let Some(encoding) = Encoding::for_label_no_replacement(label.as_bytes()) {
        return Charset::Encoding(encoding);
    }
    let label = label.strip_prefix("x-").unwrap_or(label);
    if label.starts_with("gb") || matches!(label, "cp936" | "ms936" | "windows-936" | "936" | "euc-cn" | "euccn") {
        return Charset::Encoding(GB18030);
    }
    if label.contains("big5") || matches!(label, "cp950" | "ms950" | "windows-950" | "950") {
        return Charset::Encoding(BIG5);
    }
    if label.starts_with("iso-2022-jp") || label == "cp50220" {
        return Charset::Encoding(ISO_2022_JP);
    }
    if label.starts_with("utf-8") || label.starts_with("utf8") {
        return Charset::Encoding(UTF_8);
    }
    if matches!(label, "cp949" | "ms949" | "uhc" | "windows-949") {
        return Charset::Encoding(EUC_KR);
    }
    let number = label.trim_start_matches(|character: char| !character.is_ascii_digit());
    if label.starts_with("cp") || label.starts_with("win") || label.starts_with("ms") {
        if let Some(encoding) = Encoding::for_label_no_replacement(format!("windows-{number}").as_bytes()) {
            return Charset::Encoding(encoding);
        }
    } else if let Some(part) =
        label.strip_prefix("iso8859-").or_else(|| label.strip_prefix("iso8859")).or_else(|| label.strip_prefix("iso_8859_"))
        && let Some(encoding) = Encoding::for_label_no_replacement(format!("iso-8859-{part}").as_bytes())
    {
        return Charset::Encoding(encoding);
    }
    Charset::Unknown
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Decoded<'a> {
    let (text, is_problem) = encoding.decode_with_bom_removal(bytes);
    Decoded { text, is_problem }
}

/// Text that does not say what it is: UTF-8 when it is valid, else GB 18030, else Big5, else Western European.
pub(super) fn guess(bytes: &[u8]) -> Decoded<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)), is_problem: false };
    }
    // A text that was cut may end within a character.
    let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    if valid > 0 && bytes.len() - valid < 4 && !bytes[..valid].is_ascii() {
        return with(UTF_8, bytes);
    }
    let gb = GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    let is_private = |text: &str| text.contains(|character| ('\u{e000}'..='\u{f8ff}').contains(&character));
    let gb = match gb {
        Some(text) if !is_private(&text) => return Decoded { text, is_problem: false },
        gb => gb,
    };
    // GB 18030 gives a private meaning to much that is Big5.
    if let Some(text) = BIG5.decode_without_bom_handling_and_without_replacement(bytes).or(gb) {
        return Decoded { text, is_problem: false };
    }
    // One wrong byte in a Chinese text spoils it less than reading all of it as Latin.
    let gb = with(GB18030, bytes);
    let wrong = gb.text.chars().filter(|character| *character == char::REPLACEMENT_CHARACTER).count();
    let chinese = gb.text.chars().filter(|character| ('\u{4e00}'..='\u{9fff}').contains(character)).count();
    if chinese > wrong * 4 {
        return gb;
    }
    Decoded { is_problem: true, ..with(WINDOWS_1252, bytes) }
}

/// RFC 2781 §4.3 says big-endian without a mark; mails without one are as often little-endian, which the zero bytes tell.
fn utf_16_of(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        _ => {
            let zeros = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
            if zeros(1) > zeros(0) { UTF_16LE } else { UTF_16BE }
        }
    }
}

/// RFC 1843: `~{` begins pairs of GB 2312 in seven bits, `~}` ends them, `~~` is a tilde, and a tilde at the end of a line joins two lines.
fn hz(bytes: &[u8]) -> Decoded<'static> {
    let mut eight_bits = Vec::with_capacity(bytes.len());
    let mut is_chinese = false;
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'~', Some(b'{')) if !is_chinese => {
                is_chinese = true;
                at += 2;
            }
            (b'~', Some(b'}')) if is_chinese => {
                is_chinese = false;
                at += 2;
            }
            (b'~', Some(b'~')) if !is_chinese => {
                eight_bits.push(b'~');
                at += 2;
            }
            (b'~', Some(b'\n')) if !is_chinese => at += 2,
            // A line ends the Chinese even where its mark is missing.
            (b'\n' | b'\r', _) => {
                is_chinese = false;
                eight_bits.push(bytes[at]);
                at += 1;
            }
            (first @ 0x21..=0x7e, Some(second @ 0x21..=0x7e)) if is_chinese => {
                eight_bits.extend_from_slice(&[first | 0x80, second | 0x80]);
                at += 2;
            }
            (byte, _) => {
                eight_bits.push(byte);
                at += 1;
            }
        }
    }
    let decoded = with(GB18030, &eight_bits);
    Decoded { text: Cow::Owned(decoded.text.into_owned()), is_problem: decoded.is_problem }
}

/// RFC 1557: after shift-out, pairs of KS X 1001 in seven bits, until shift-in.
fn iso_2022_kr(bytes: &[u8]) -> Decoded<'static> {
    let mut eight_bits = Vec::with_capacity(bytes.len());
    let mut is_korean = false;
    let mut rest = bytes;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            0x0e => is_korean = true,
            0x0f => is_korean = false,
            0x1b if after.starts_with(b"$)C") => rest = &after[3..],
            b'\n' => {
                is_korean = false;
                eight_bits.push(b'\n');
            }
            0x21..=0x7e if is_korean => eight_bits.push(byte | 0x80),
            byte => eight_bits.push(*byte),
        }
    }
    let decoded = with(EUC_KR, &eight_bits);
    Decoded { text: Cow::Owned(decoded.text.into_owned()), is_problem: decoded.is_problem }
}

/// RFC 2152: `+` begins base64 of UTF-16, anything that is no base64 ends it, `-` is swallowed there, `+-` is a plus sign.
fn utf_7(bytes: &[u8]) -> Decoded<'static> {
    let mut text = String::with_capacity(bytes.len());
    let mut is_problem = false;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        if byte != b'+' {
            is_problem |= !byte.is_ascii();
            text.push(if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER });
            continue;
        }
        if bytes.get(at) == Some(&b'-') {
            text.push('+');
            at += 1;
            continue;
        }
        let (mut units, mut bits, mut held) = (Vec::new(), 0u32, 0u32);
        while let Some(value) = bytes.get(at).and_then(|byte| super::transfer::base64_value(*byte)) {
            bits = (bits << 6) | u32::from(value);
            held += 6;
            if held >= 16 {
                held -= 16;
                units.push((bits >> held) as u16);
                bits &= (1 << held) - 1;
            }
            at += 1;
        }
        if bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        for unit in char::decode_utf16(units) {
            is_problem |= unit.is_err();
            text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
    Decoded { text: Cow::Owned(text), is_problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(label: &str, bytes: &[u8]) -> String {
        decode(label.as_bytes(), bytes).text.into_owned()
    }

    #[test]
    fn the_character_sets_of_the_chinese_world_are_read() {
        assert_eq!(read("gb2312", b"\xc4\xe3\xba\xc3"), "你好");
        assert_eq!(read("GBK", b"\xc4\xe3\xba\xc3"), "你好");
        assert_eq!(read("cp936", b"\xc4\xe3\xba\xc3"), "你好");
        assert_eq!(read("gb18030", b"\x95\x32\x82\x36"), "𠀀");
        assert_eq!(read("HZ-GB-2312", b"~{Dc:C~} ~~ a~\nb"), "你好 ~ ab");
        assert_eq!(read("big5", b"\xa7\x41\xa6\x6e"), "你好");
        assert_eq!(read("x-windows-950", b"\xa7\x41\xa6\x6e"), "你好");
        assert_eq!(read("iso-2022-jp", b"\x1b$B$3$s\x1b(B!"), "こん!");
        assert_eq!(read("iso-2022-kr", b"\x1b$)C\x0e>H3g\x0f!"), "안녕!");
        assert_eq!(read("utf-16", b"\x60\x4f\x7d\x59\x21\x00"), "你好!");
        assert_eq!(read("utf-16", b"\xfe\xff\x4f\x60"), "你");
        assert_eq!(read("windows-1251", b"\xcf\xf0"), "Пр");
        assert_eq!(read("cp1252", b"\x80"), "€");
        assert_eq!(read("utf-7", b"Hi +T2BZfQ- +-"), "Hi 你好 +");
    }

    #[test]
    fn text_that_says_nothing_of_itself_is_utf_8_or_else_gb_18030() {
        assert_eq!(read("", "你好".as_bytes()), "你好");
        assert_eq!(read("", b"\xa7\x41\xa6\x6e"), "你好");
        assert_eq!(read("us-ascii", b"\xc4\xe3\xba\xc3"), "你好");
        assert_eq!(read("x-nobody-knows", b"\xc4\xe3\xba\xc3"), "你好");
        assert!(decode(b"x-nobody-knows", b"\xc4\xe3").is_problem);
        assert!(!decode(b"x-nobody-knows", b"plain").is_problem);
        assert!(decode(b"utf-8", b"\xc4\xe3\xba\xc3").is_problem);
    }
}
