//! How messages go out on a wire whose lines end with CRLF, whatever an import or a mail program has stored.

/// Octets that a message gets on such a wire: each lone CR or LF becomes CRLF, and the last line gets its end. Nothing for most messages, and
/// nothing for an empty one.
pub fn missing_line_end_bytes(message: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (message.first(), message.last()) else { return 0 };
    let lone = |before: u8, at: u8| u8::from((at == b'\n') & (before != b'\r')) + u8::from((before == b'\r') & (at != b'\n'));
    // Sums of so few octets fit in one each, and the loop in the registers that take many octets at once.
    const AT_ONCE: usize = 127;
    let pairs = message.chunks(AT_ONCE).zip(message[1..].chunks(AT_ONCE));
    let within: u64 =
        pairs.map(|(before, at)| u64::from(before.iter().zip(at).fold(0, |sum: u8, (before, at)| sum + lone(*before, *at)))).sum();
    let unended = if matches!(last, b'\r' | b'\n') { 0 } else { 2 };
    within + u64::from(*first == b'\n') + u64::from(*last == b'\r') + unended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_with_crlf_everywhere_misses_nothing() {
        assert_eq!(missing_line_end_bytes(b""), 0);
        assert_eq!(missing_line_end_bytes(b"\r\n"), 0);
        assert_eq!(missing_line_end_bytes(b"Subject: x\r\n\r\nText\r\n"), 0);
        assert_eq!(missing_line_end_bytes("a long line\r\n".repeat(1000).as_bytes()), 0);
    }

    #[test]
    fn lone_ends_miss_one_octet_each_and_an_unended_line_two() {
        assert_eq!(missing_line_end_bytes(b"\n"), 1);
        assert_eq!(missing_line_end_bytes(b"\r"), 1);
        assert_eq!(missing_line_end_bytes(b"a\nb\rc\r\nd"), 4);
        assert_eq!(missing_line_end_bytes(b"\n\r"), 2);
        assert_eq!(missing_line_end_bytes(b"\r\r\n"), 1);
        assert_eq!(missing_line_end_bytes(b"x"), 2);
        assert_eq!(missing_line_end_bytes("line\n".repeat(1000).as_bytes()), 1000);
        assert_eq!(missing_line_end_bytes("\r".repeat(1000).as_bytes()), 1000);
    }
}
