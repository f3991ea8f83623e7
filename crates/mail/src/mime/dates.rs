//! Dates of header fields: RFC 5322 §3.3, its old forms, and others that are about.

use std::fmt;

use kernel::{Date, Timestamp};

/// A moment with the offset of the clock it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderDate {
    pub at: Timestamp,
    /// East of Greenwich.
    pub offset_minutes: i32,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl HeaderDate {
    /// As a message's Date says it: `Thu, 13 Feb 2025 23:32:54 +0800`.
    pub fn to_rfc_5322(self) -> String {
        let (days, secs) = self.local();
        let (year, month, day) = civil(days);
        let offset = self.offset_minutes.abs();
        format!(
            "{}, {day} {} {year:04} {:02}:{:02}:{:02} {}{:02}{:02}",
            DAYS[days.rem_euclid(7) as usize],
            MONTHS[month as usize - 1],
            secs / 3600,
            secs / 60 % 60,
            secs % 60,
            if self.offset_minutes < 0 { '-' } else { '+' },
            offset / 60,
            offset % 60
        )
    }

    /// The day as it was written, whatever the hour and the zone; `None` outside of the years 0 to 9999.
    pub fn day(self) -> Option<Date> {
        let (year, month, day) = civil(self.local().0);
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
    }

    fn local(self) -> (i64, i64) {
        let secs = self.at.as_secs() + i64::from(self.offset_minutes) * 60;
        (secs.div_euclid(86_400), secs.rem_euclid(86_400))
    }
}

/// RFC 3339 with the offset kept, as JMAP's `Date` wants it.
impl fmt::Display for HeaderDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, secs) = self.local();
        let (year, month, day) = civil(days);
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)?;
        if self.offset_minutes == 0 {
            return f.write_str("Z");
        }
        let offset = self.offset_minutes.abs();
        write!(f, "{}{:02}:{:02}", if self.offset_minutes < 0 { '-' } else { '+' }, offset / 60, offset % 60)
    }
}

/// Days since 1970-01-01 -> year, month, day of the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `None` when no day can be made of it.
pub(super) fn parse(value: &[u8]) -> Option<HeaderDate> {
    // Nobody writes a longer one.
    let value = &value[..value.len().min(256)];
    let text = String::from_utf8_lossy(value);
    let (mut day, mut month, mut year) = (None, None, None);
    let (mut secs, mut offset) = (0, 0);
    let mut is_time_seen = false;
    let text = without_comments(&text);
    for word in text.split(|character: char| character.is_whitespace() || character == ',').filter(|word| !word.is_empty()) {
        if word.contains(':') {
            let (date, time) = match word.split_once(['T', 't']) {
                Some((date, time)) if date.contains('-') => (Some(date), time),
                _ => (None, word),
            };
            if let Some(date) = date {
                (year, month, day) = iso_date(date)?;
            }
            let (time, zone) = split_zone(time);
            secs = time_of(time)?;
            is_time_seen = true;
            if let Some(zone) = zone {
                offset = zone_of(zone)?;
            }
        } else if word.starts_with(['+', '-']) {
            offset = zone_of(word)?;
        } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let number: i64 = word.parse().ok()?;
            if day.is_none() && word.len() <= 2 {
                day = Some(number);
            } else if year.is_none() {
                year = Some(full_year(number, word.len()));
            }
        } else if word.as_bytes()[0].is_ascii_digit() && word.contains('-') {
            let pieces: Vec<&str> = word.split('-').collect();
            match pieces[..] {
                [first, name, last] if month_of(name).is_some() => {
                    (day, month, year) =
                        (first.parse().ok(), month_of(name), last.parse().ok().map(|number| full_year(number, last.len())));
                }
                _ => (year, month, day) = iso_date(word)?,
            }
        } else if let Some(found) = month_of(word) {
            month = month.or(Some(found));
        } else if is_time_seen && let Some(found) = zone_of(word) {
            offset = found;
        }
    }
    let (year, month, day) = (year?, month?, day?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last =
        [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].get(usize::try_from(month - 1).ok()?).copied()?;
    if !(1..=9999).contains(&year) || !(1..=last).contains(&day) {
        return None;
    }
    let secs = days_of(year, month, day) * 86_400 + secs - i64::from(offset) * 60;
    Some(HeaderDate { at: Timestamp::from_micros(secs * 1_000_000), offset_minutes: offset })
}

fn without_comments(text: &str) -> String {
    let mut depth = 0;
    text.chars()
        .filter(|character| {
            match character {
                '(' => depth += 1,
                ')' => {
                    depth = (depth - 1).max(0);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// RFC 5322 §4.3: two digits below 50 are of this century, three and other two of the last.
fn full_year(number: i64, digits: usize) -> i64 {
    match digits {
        ..=2 if number < 50 => number + 2000,
        ..=3 => number + 1900,
        _ => number,
    }
}

fn month_of(word: &str) -> Option<i64> {
    let word = word.trim_end_matches('.').get(..3).filter(|_| word.len() <= 10)?;
    MONTHS.iter().position(|month| month.eq_ignore_ascii_case(word)).map(|found| found as i64 + 1)
}

type Ymd = (Option<i64>, Option<i64>, Option<i64>);

fn iso_date(text: &str) -> Option<Ymd> {
    let mut pieces = text.split('-').map(|piece| piece.parse::<i64>().ok());
    let (year, month, day) = (pieces.next()??, pieces.next()??, pieces.next()??);
    Some((Some(year), Some(month), Some(day)))
}

/// `10:00:00+08:00` -> its two halves.
fn split_zone(time: &str) -> (&str, Option<&str>) {
    match time.find(|character: char| matches!(character, '+' | '-') || character.is_ascii_alphabetic()) {
        Some(at) if at > 0 => (&time[..at], Some(&time[at..])),
        _ => (time, None),
    }
}

fn time_of(text: &str) -> Option<i64> {
    let mut pieces = text.split([':', '.']);
    let mut next = || pieces.next().map(|piece| piece.parse::<i64>().ok());
    let (hours, minutes, secs) = (next()??, next()??, next().unwrap_or(Some(0))?);
    if !(0..24).contains(&hours) || !(0..60).contains(&minutes) || !(0..=60).contains(&secs) {
        return None;
    }
    Some(hours * 3600 + minutes * 60 + secs.min(59))
}

/// Minutes east of Greenwich. A zone that means nothing to us is Greenwich, as RFC 5322 §4.3 says.
fn zone_of(text: &str) -> Option<i32> {
    if let Some(digits) = text.strip_prefix(['+', '-']) {
        let digits: String = digits.chars().filter(|character| *character != ':').collect();
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(0);
        }
        let number: i32 = digits.parse().ok()?;
        let minutes = if digits.len() <= 2 { number * 60 } else { number / 100 * 60 + number % 100 };
        let minutes = if minutes < 24 * 60 { minutes } else { 0 };
        return Some(if text.starts_with('-') { -minutes } else { minutes });
    }
    let hours = match text.to_ascii_uppercase().as_str() {
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => 0,
    };
    Some(hours * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> String {
        parse(value.as_bytes()).map(|date| date.to_string()).unwrap_or_default()
    }

    #[test]
    fn dates_are_read_in_every_form_that_is_about() {
        for (written, expected) in [
            ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"),
            (" Thu,\r\n 13\r\n Feb\r\n 1969\r\n 23:32\r\n -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30"),
            ("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z"),
            ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", ""),
            ("Mon, 29 Feb 2024 00:00:00 +0800", "2024-02-29T00:00:00+08:00"),
            ("Mon, 29 Feb 2023 00:00:00 +0800", ""),
            ("1 Jan 2025 10:00 EST", "2025-01-01T10:00:00-05:00"),
            ("Thu Feb 13 23:32:54 2025", "2025-02-13T23:32:54Z"),
            ("13-Feb-2025 23:32:54 +0800", "2025-02-13T23:32:54+08:00"),
            ("2025-02-13 23:32:54", "2025-02-13T23:32:54Z"),
            ("2025-02-13T23:32:54.123+08:00", "2025-02-13T23:32:54+08:00"),
            ("2025-02-13T23:32:54Z", "2025-02-13T23:32:54Z"),
            ("Thu, 13 February 2025 23:59:60 +0000", "2025-02-13T23:59:59Z"),
            ("Thu, 13 Feb 2025 23:32:54 +9999", "2025-02-13T23:32:54Z"),
            ("yesterday", ""),
            ("", ""),
            ("99 99 99 99", ""),
        ] {
            assert_eq!(read(written), expected, "{written}");
        }
    }

    #[test]
    fn a_date_is_written_as_it_is_read() {
        for secs in [0, 951_782_400, 1_739_460_774, 4_102_444_799, -86_401] {
            for offset_minutes in [0, 480, -210] {
                let date = HeaderDate { at: Timestamp::from_micros(secs * 1_000_000), offset_minutes };
                assert_eq!(parse(date.to_rfc_5322().as_bytes()), Some(date));
            }
        }
        let date = HeaderDate { at: Timestamp::from_micros(1_739_460_774_000_000), offset_minutes: 480 };
        assert_eq!(date.to_rfc_5322(), "Thu, 13 Feb 2025 23:32:54 +0800");
    }
}
