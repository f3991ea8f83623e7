//! Modified UTF-7, in which RFC 3501 §5.1.3 writes mailbox names.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Appends `text` in modified UTF-7.
pub(crate) fn encode(text: &str, out: &mut Vec<u8>) {
    let mut units = [0_u16; 2];
    let mut open = false;
    let (mut bits, mut held) = (0_u32, 0_u32);
    for character in text.chars() {
        if (' '..='~').contains(&character) {
            if open {
                close(bits, held, out);
                (open, bits, held) = (false, 0, 0);
            }
            out.push(character as u8);
            if character == '&' {
                out.push(b'-');
            }
            continue;
        }
        if !open {
            out.push(b'&');
            open = true;
        }
        for unit in character.encode_utf16(&mut units) {
            bits = (bits << 16) | u32::from(*unit);
            held += 16;
            while held >= 6 {
                held -= 6;
                out.push(ALPHABET[((bits >> held) & 63) as usize]);
            }
            bits &= (1 << held) - 1;
        }
    }
    if open {
        close(bits, held, out);
    }
}

/// The last, padded digit and the end of a shifted run.
fn close(bits: u32, held: u32, out: &mut Vec<u8>) {
    if held > 0 {
        out.push(ALPHABET[((bits << (6 - held)) & 63) as usize]);
    }
    out.push(b'-');
}

/// The text, or `None` when the octets are not what [`encode`] would have made of it.
///
/// RFC 3501 §5.1.3 forbids superfluous shifts and the encoding of printable characters: each name has one form, and only that is taken.
pub(crate) fn decode(octets: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&octet, tail)) = rest.split_first() {
        rest = tail;
        match octet {
            b'&' => {
                let end = rest.iter().position(|&octet| octet == b'-')?;
                if end == 0 {
                    text.push('&');
                } else {
                    run(&rest[..end], &mut text)?;
                }
                rest = &rest[end + 1..];
            }
            b' '..=b'~' => text.push(char::from(octet)),
            _ => return None,
        }
    }
    let mut again = Vec::with_capacity(octets.len());
    encode(&text, &mut again);
    (again == octets).then_some(text)
}

/// One shifted run: base 64 of UTF-16.
fn run(digits: &[u8], text: &mut String) -> Option<()> {
    let mut units = Vec::with_capacity(digits.len() * 6 / 16);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for digit in digits {
        let value = ALPHABET.iter().position(|letter| letter == digit)?;
        bits = (bits << 6) | value as u32;
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push((bits >> held) as u16);
            bits &= (1 << held) - 1;
        }
    }
    for character in char::decode_utf16(units) {
        text.push(character.ok()?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = Vec::new();
        encode(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_are_written_as_the_rfc_shows() {
        for (text, wire) in [
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("收件箱", "&ZTZO9nux-"),
            ("a&b", "a&-b"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("😀", "&2D3eAA-"),
            ("a\u{e9}\u{e9}b", "a&AOkA6Q-b"),
            ("", ""),
        ] {
            assert_eq!(encoded(text), wire);
            assert_eq!(decode(wire.as_bytes()).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_not_the_one_form_is_refused() {
        for wire in ["&", "a&b", "&AGE-", "&U,BTFw-&ZeVnLIqe-", "&2D0-", "&U,BTF-", "&U,BTFx-", "&U/BTFw-", "caf\u{e9}", "&A-", "\u{7}"] {
            assert_eq!(decode(wire.as_bytes()), None, "{wire}");
        }
    }
}
