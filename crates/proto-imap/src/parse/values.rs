//! Values that several commands take: sets, flags, dates, mailbox names.

use super::{Input, Parsed};
use crate::dates::month_number;
use crate::{
    Date, DateTime, Flag, HeaderName, MailboxName, MessageSet, NumberList, NumberSet, ObjectId, PartialRange, Section, SectionText,
};
use crate::{SequenceNumber, SequenceRange, SequenceSet, StatusItem, SyntaxErrorKind, chars};
use std::num::NonZeroU32;
use std::ops::RangeInclusive;

/// `mailbox = "INBOX" / astring`
pub(super) fn mailbox(input: &mut Input) -> Parsed<MailboxName> {
    let bad_name = input.error(SyntaxErrorKind::BadMailboxName, "a mailbox name");
    let octets = input.astring("a mailbox name")?;
    MailboxName::decode(&octets, input.options.utf8).ok_or(bad_name)
}

/// `sequence-set`, or `$` for the result of the last search (RFC 5182 §2.1)
pub(super) fn message_set(input: &mut Input) -> Parsed<MessageSet> {
    if input.accept(b'$') { Ok(MessageSet::Saved) } else { sequence_set(input).map(MessageSet::Set) }
}

pub(crate) fn sequence_set(input: &mut Input) -> Parsed<SequenceSet> {
    let nothing = input.unexpected("a set of numbers");
    let mut ranges = Vec::new();
    loop {
        let first = sequence_number(input)?;
        ranges.push(if input.accept(b':') { SequenceRange::Range(first, sequence_number(input)?) } else { SequenceRange::One(first) });
        if !input.accept(b',') {
            return SequenceSet::new(ranges).ok_or(nothing);
        }
    }
}

pub(super) fn sequence_number(input: &mut Input) -> Parsed<SequenceNumber> {
    if input.accept(b'*') { Ok(SequenceNumber::Largest) } else { input.nz_number("a number or \"*\"").map(SequenceNumber::Number) }
}

/// A set without `*`, as `uid-set` is. RFC 4315 §4
pub(crate) fn number_set(input: &mut Input) -> Parsed<NumberSet> {
    number_ranges(input).map(NumberSet::from_ranges)
}

/// The same where the order of what stands in it matters. RFC 5267 §3.1
pub(crate) fn number_list(input: &mut Input) -> Parsed<NumberList> {
    number_ranges(input).map(NumberList::from_ranges)
}

fn number_ranges(input: &mut Input) -> Parsed<Vec<RangeInclusive<u32>>> {
    let star = input.unexpected("a set without \"*\"");
    let set = sequence_set(input)?;
    let fixed = |number: &SequenceNumber| match number {
        SequenceNumber::Number(number) => Ok(number.get()),
        SequenceNumber::Largest => Err(star),
    };
    let mut ranges = Vec::with_capacity(set.ranges().len());
    for range in set.ranges() {
        ranges.push(match range {
            SequenceRange::One(number) => fixed(number)?..=fixed(number)?,
            SequenceRange::Range(first, last) => fixed(first)?.min(fixed(last)?)..=fixed(first)?.max(fixed(last)?),
        });
    }
    Ok(ranges)
}

/// `partial-range = nz-number ":" nz-number / "-" nz-number ":" "-" nz-number`  (RFC 9394 §4)
pub(crate) fn partial_range(input: &mut Input) -> Parsed<PartialRange> {
    let wrong = input.unexpected("a range of places, both counted from one end");
    let from_end = input.accept(b'-');
    let first = input.nz_number(wrong.expected)?;
    input.octet(b':', "\":\"")?;
    if input.accept(b'-') != from_end {
        return Err(wrong);
    }
    Ok(PartialRange { first, last: input.nz_number(wrong.expected)?, from_end })
}

/// `flag`
pub(crate) fn flag(input: &mut Input) -> Parsed<Flag> {
    let wrong = input.unexpected("a flag");
    let text = if input.accept(b'\\') {
        format!("\\{}", input.text_while(chars::is_atom_char, "a flag")?)
    } else {
        input.text_while(chars::is_atom_char, "a flag")?.to_owned()
    };
    Flag::new(&text).ok_or(wrong)
}

/// `flag-list = "(" [flag *(SP flag)] ")"`
pub(crate) fn flag_list(input: &mut Input) -> Parsed<Vec<Flag>> {
    input.list(flag)
}

/// `date-text = date-day "-" date-month "-" date-year`, bare or quoted.
pub(super) fn date(input: &mut Input) -> Parsed<Date> {
    let wrong = input.unexpected("a date such as 1-Feb-1994");
    let quoted = input.accept(b'"');
    let day = input.take_while(|octet| octet.is_ascii_digit());
    let date = if (1..=2).contains(&day.len()) { rest_of_date(input, decimal(day).ok_or(wrong)?) } else { None };
    let date = date.ok_or(wrong)?;
    if quoted && !input.accept(b'"') {
        return Err(wrong);
    }
    Ok(date)
}

/// `"-" date-month "-" date-year`
fn rest_of_date(input: &mut Input, day: u16) -> Option<Date> {
    let month = input.accept(b'-').then(|| input.take_while(|octet| octet.is_ascii_alphabetic()))?;
    let month = month_number(month)?;
    let year = input.accept(b'-').then(|| digits(input, 4))??;
    Date::new(year, month, u8::try_from(day).ok()?)
}

/// `date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE`
pub(crate) fn date_time(input: &mut Input) -> Parsed<DateTime> {
    let wrong = input.unexpected("a date and time such as \" 7-Feb-1994 21:52:25 -0800\"");
    read_date_time(input).ok_or(wrong)
}

fn read_date_time(input: &mut Input) -> Option<DateTime> {
    input.accept(b'"').then_some(())?;
    let day = if input.accept(b' ') { digits(input, 1)? } else { digits(input, 2)? };
    let date = rest_of_date(input, day)?;
    let hour = input.accept(b' ').then(|| digits(input, 2))??;
    let minute = input.accept(b':').then(|| digits(input, 2))??;
    let second = input.accept(b':').then(|| digits(input, 2))??;
    input.accept(b' ').then_some(())?;
    let east = input.accept(b'+');
    if !east && !input.accept(b'-') {
        return None;
    }
    let (zone_hours, zone_minutes) = (digits(input, 2)?, digits(input, 2)?);
    input.accept(b'"').then_some(())?;
    if zone_minutes > 59 {
        return None;
    }
    let zone = i16::try_from(zone_hours * 60 + zone_minutes).ok()?;
    let part = |number: u16| u8::try_from(number).ok();
    DateTime::new(date, part(hour)?, part(minute)?, part(second)?, if east { zone } else { -zone })
}

/// Exactly so many digits, at most four.
fn digits(input: &mut Input, count: usize) -> Option<u16> {
    let digits = input.rest().get(..count)?;
    input.skip(count);
    decimal(digits)
}

fn decimal(digits: &[u8]) -> Option<u16> {
    digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
}

/// `status-att`
pub(crate) fn status_item(input: &mut Input) -> Parsed<StatusItem> {
    let wrong = input.unexpected("a status item");
    let word = input.word("a status item")?;
    StatusItem::ALL.into_iter().find(|item| item.name() == word).ok_or(wrong)
}

/// `objectid`  (RFC 8474 §7)
pub(crate) fn object_id(input: &mut Input) -> Parsed<ObjectId> {
    let wrong = input.unexpected("an object id");
    let text = input.text_while(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-'), "an object id")?;
    ObjectId::new(text).ok_or(wrong)
}

/// `section = "[" [section-spec] "]"`
pub(crate) fn section(input: &mut Input) -> Parsed<Section> {
    input.octet(b'[', "\"[\"")?;
    let path = section_path(input)?;
    let followed = path.is_empty() || input.accept(b'.');
    let what = if input.peek() == Some(b']') && (path.is_empty() || !followed) {
        SectionText::Whole
    } else if followed {
        section_text(input, !path.is_empty())?
    } else {
        return input.fail("\".\" or \"]\"");
    };
    input.octet(b']', "\"]\"")?;
    Ok(Section { path, what })
}

/// `section-binary = "[" [section-part] "]"`  (RFC 3516 §7)
pub(crate) fn section_binary(input: &mut Input) -> Parsed<Vec<NonZeroU32>> {
    input.octet(b'[', "\"[\"")?;
    let path = section_path(input)?;
    input.octet(b']', "\"]\"")?;
    Ok(path)
}

/// `section-part = nz-number *("." nz-number)`; a dot that a word follows is left.
fn section_path(input: &mut Input) -> Parsed<Vec<NonZeroU32>> {
    let mut path = Vec::new();
    if !input.peek().is_some_and(|octet| octet.is_ascii_digit()) {
        return Ok(path);
    }
    loop {
        path.push(input.nz_number("a part number")?);
        let another = matches!(input.rest(), [b'.', digit, ..] if digit.is_ascii_digit());
        if !another {
            return Ok(path);
        }
        input.skip(1);
    }
}

fn section_text(input: &mut Input, of_part: bool) -> Parsed<SectionText> {
    let wrong = input.unexpected("HEADER, HEADER.FIELDS, TEXT or, of a part, MIME");
    let word = input.word(wrong.expected)?;
    let not = match word.as_str() {
        "HEADER" => return Ok(SectionText::Header),
        "TEXT" => return Ok(SectionText::Text),
        "MIME" if of_part => return Ok(SectionText::Mime),
        "HEADER.FIELDS" => false,
        "HEADER.FIELDS.NOT" => true,
        _ => return Err(wrong),
    };
    input.space()?;
    let names = input.filled_list("a field name", |input| {
        let wrong = input.unexpected("a field name");
        HeaderName::new(&input.text("a field name")?).ok_or(wrong)
    })?;
    Ok(SectionText::HeaderFields { names, not })
}
