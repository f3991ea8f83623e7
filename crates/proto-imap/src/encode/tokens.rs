//! Strings, numbers and other small things as they stand on the wire. RFC 9051 §9

use std::num::NonZeroU32;

use crate::{
    Date, DateTime, Flag, MessageSet, PartialRange, Section, SectionText, SequenceNumber, SequenceRange, SequenceSet, chars, utf7,
};

/// Longer strings are easier on both sides as literals.
const MAX_QUOTED_BYTES: usize = 4 << 10;

pub(crate) fn number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Exactly so many digits.
fn padded(out: &mut Vec<u8>, number: u16, digits: u32) {
    for place in (0..digits).rev() {
        out.push(b'0' + (number / 10_u16.pow(place) % 10) as u8);
    }
}

/// Whether the octets may stand between quotes; eight-bit ones only where both sides have agreed on UTF-8.
pub(crate) fn fits_quotes(octets: &[u8], utf8: bool) -> bool {
    octets.len() <= MAX_QUOTED_BYTES
        && octets.iter().all(|octet| !matches!(octet, 0 | b'\r' | b'\n') && (utf8 || octet.is_ascii()))
        && (!utf8 || std::str::from_utf8(octets).is_ok())
}

/// The octets must fit quotes.
pub(crate) fn quoted(out: &mut Vec<u8>, octets: &[u8]) {
    out.push(b'"');
    for octet in octets {
        if matches!(octet, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*octet);
    }
    out.push(b'"');
}

pub(crate) fn is_astring_atom(octets: &[u8]) -> bool {
    // NIL would be taken for the atom by those who read nstrings.
    !octets.is_empty() && octets.iter().all(|octet| chars::is_astring_char(*octet)) && !octets.eq_ignore_ascii_case(b"NIL")
}

/// `string`, as a server sends it: quoted, or a literal.
pub(crate) fn string(out: &mut Vec<u8>, octets: &[u8], utf8: bool) {
    if fits_quotes(octets, utf8) {
        quoted(out, octets);
    } else {
        literal(out, octets);
    }
}

/// The same of octets among which NUL may be: then it is a `literal8`.
pub(crate) fn string8(out: &mut Vec<u8>, octets: &[u8], utf8: bool) {
    if memchr::memchr(0, octets).is_some() {
        out.push(b'~');
    }
    string(out, octets, utf8);
}

pub(crate) fn literal(out: &mut Vec<u8>, octets: &[u8]) {
    literal_size(out, octets.len() as u64);
    out.extend_from_slice(octets);
}

pub(crate) fn literal_size(out: &mut Vec<u8>, size: u64) {
    out.push(b'{');
    number(out, size);
    out.extend_from_slice(b"}\r\n");
}

pub(crate) fn astring(out: &mut Vec<u8>, octets: &[u8], utf8: bool) {
    if is_astring_atom(octets) { out.extend_from_slice(octets) } else { string(out, octets, utf8) }
}

/// A mailbox name in the session's encoding.
pub(crate) fn mailbox(out: &mut Vec<u8>, name: &str, utf8: bool) {
    if utf8 || name.bytes().all(|octet| matches!(octet, b' '..=b'~') && octet != b'&') {
        astring(out, name.as_bytes(), utf8);
    } else {
        let mut encoded = Vec::with_capacity(name.len() * 2);
        utf7::encode(name, &mut encoded);
        astring(out, &encoded, false);
    }
}

/// A delimiter: a quoted character or NIL.
pub(crate) fn delimiter(out: &mut Vec<u8>, delimiter: Option<char>) {
    match delimiter {
        Some(delimiter) => quoted(out, delimiter.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice(b"NIL"),
    }
}

/// Items with a space between them.
pub(crate) fn spaced<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Vec<u8>, T)) {
    for (index, value) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        item(out, value);
    }
}

/// Items with a space between them, in parentheses.
pub(crate) fn list<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, item: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'(');
    spaced(out, items, item);
    out.push(b')');
}

pub(crate) fn flag(out: &mut Vec<u8>, flag: &Flag) {
    out.extend_from_slice(flag.name().as_bytes());
}

pub(crate) fn number_set(out: &mut Vec<u8>, ranges: &[std::ops::RangeInclusive<u32>]) {
    for (index, range) in ranges.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        number(out, u64::from(*range.start()));
        if range.start() != range.end() {
            out.push(b':');
            number(out, u64::from(*range.end()));
        }
    }
}

/// `partial-range`
pub(crate) fn partial_range(out: &mut Vec<u8>, range: PartialRange) {
    for (before, place) in [("", range.first), (":", range.last)] {
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(if range.from_end { b"-" } else { b"" });
        number(out, u64::from(place.get()));
    }
}

pub(crate) fn message_set(out: &mut Vec<u8>, set: &MessageSet) {
    match set {
        MessageSet::Set(set) => sequence_set(out, set),
        MessageSet::Saved => out.push(b'$'),
    }
}

fn sequence_set(out: &mut Vec<u8>, set: &SequenceSet) {
    for (index, range) in set.ranges().iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match *range {
            SequenceRange::One(number) => sequence_number(out, number),
            SequenceRange::Range(first, last) => {
                sequence_number(out, first);
                out.push(b':');
                sequence_number(out, last);
            }
        }
    }
}

pub(crate) fn sequence_number(out: &mut Vec<u8>, which: SequenceNumber) {
    match which {
        SequenceNumber::Number(which) => number(out, u64::from(which.get())),
        SequenceNumber::Largest => out.push(b'*'),
    }
}

/// `date-text`
pub(crate) fn date(out: &mut Vec<u8>, date: Date) {
    number(out, u64::from(date.day()));
    rest_of_date(out, date);
}

fn rest_of_date(out: &mut Vec<u8>, date: Date) {
    out.push(b'-');
    out.extend_from_slice(date.month_name().as_bytes());
    out.push(b'-');
    padded(out, date.year(), 4);
}

/// `date-time`, with its quotes and the day in two places.
pub(crate) fn date_time(out: &mut Vec<u8>, time: DateTime) {
    out.push(b'"');
    let (hour, minute, second) = time.time();
    let day = time.date().day();
    if day < 10 {
        out.push(b' ');
    }
    date(out, time.date());
    for (before, part) in [(b' ', hour), (b':', minute), (b':', second)] {
        out.push(before);
        padded(out, u16::from(part), 2);
    }
    let zone = time.zone_minutes();
    out.extend_from_slice(if zone < 0 { b" -" } else { b" +" });
    padded(out, zone.unsigned_abs() / 60, 2);
    padded(out, zone.unsigned_abs() % 60, 2);
    out.push(b'"');
}

/// `section`, with its brackets.
pub(crate) fn section(out: &mut Vec<u8>, section: &Section) {
    out.push(b'[');
    section_path(out, &section.path);
    if !section.path.is_empty() && section.what != SectionText::Whole {
        out.push(b'.');
    }
    match &section.what {
        SectionText::Whole => {}
        SectionText::Header => out.extend_from_slice(b"HEADER"),
        SectionText::Text => out.extend_from_slice(b"TEXT"),
        SectionText::Mime => out.extend_from_slice(b"MIME"),
        SectionText::HeaderFields { names, not } => {
            out.extend_from_slice(if *not { b"HEADER.FIELDS.NOT " } else { b"HEADER.FIELDS " });
            list(out, names, |out, name| astring(out, name.as_str().as_bytes(), false));
        }
    }
    out.push(b']');
}

/// `[1.2]`
pub(crate) fn section_binary(out: &mut Vec<u8>, path: &[NonZeroU32]) {
    out.push(b'[');
    section_path(out, path);
    out.push(b']');
}

fn section_path(out: &mut Vec<u8>, path: &[NonZeroU32]) {
    for (index, part) in path.iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        number(out, u64::from(part.get()));
    }
}

/// Human-readable text: nothing in it can end the line.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(text.bytes().map(|octet| if chars::is_ctl(octet) { b' ' } else { octet }));
}
