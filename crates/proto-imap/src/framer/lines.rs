//! Lines and what stands at their end.

/// A literal that follows the line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Announcement {
    /// Where its `{` or `~{` stands in the line.
    pub start: usize,
    pub size: u64,
    pub synchronizing: bool,
}

/// Up to `wanted` octets from the front.
pub(crate) fn take<'a>(input: &mut &'a [u8], wanted: u64) -> &'a [u8] {
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(input.len());
    let (taken, rest) = input.split_at(wanted);
    *input = rest;
    taken
}

/// A line with its end, if it has one. A bare LF is taken as the end too.
pub(crate) fn take_line<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = input.iter().position(|octet| *octet == b'\n')?;
    Some(take(input, end as u64 + 1))
}

/// A line with its end, or all there is, and whether it is a whole line.
pub(crate) fn take_chunk<'a>(input: &mut &'a [u8]) -> (&'a [u8], bool) {
    match take_line(input) {
        Some(line) => (line, true),
        None => (std::mem::take(input), false),
    }
}

pub(crate) fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// `["~"] "{" number64 ["+"] "}"` at the end of a line, where an argument can begin.
pub(crate) fn announcement(line: &[u8]) -> Option<Announcement> {
    let rest = line.strip_suffix(b"}")?;
    let (rest, synchronizing) = match rest.strip_suffix(b"+") {
        Some(rest) => (rest, false),
        None => (rest, true),
    };
    let digits = rest.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
    let (rest, digits) = rest.split_at(rest.len() - digits);
    if digits.is_empty() {
        return None;
    }
    let rest = rest.strip_suffix(b"{")?;
    let rest = rest.strip_suffix(b"~").unwrap_or(rest);
    // Within a word it is no literal but part of a bad line, whose next line is a command of its own.
    if !matches!(rest.last(), Some(b' ' | b'(')) {
        return None;
    }
    let size = digits.iter().fold(0_u64, |size, digit| size.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    Some(Announcement { start: rest.len(), size, synchronizing })
}
