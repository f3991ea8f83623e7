//! Numbers as they are shown, so that a phone number is a phone number again and a serial number a day.

use kernel::Date;

use super::styles::NumberFormat;
use crate::sheets::{Cell, CellFault};

/// From here on neighbouring whole numbers cannot be told apart by what spreadsheet programs keep: 15 significant digits.
const LOSSY_FROM: f64 = 1e15;
/// 31 December 9999.
const LAST_SERIAL: f64 = 2_958_465.0;

/// The cell that a stored number makes. What is not a number after all is kept as it is.
pub fn shown(raw: &str, format: &NumberFormat, date1904: bool) -> Cell {
    let raw = raw.trim();
    let Some(number) = raw.parse::<f64>().ok().filter(|number| number.is_finite()) else { return raw.into() };
    let text = match format {
        NumberFormat::Date => day(number, date1904),
        NumberFormat::DateTime => day(number, date1904).map(|day| format!("{day} {}", time(number))),
        NumberFormat::Time if (0.0..1.0).contains(&number) => Some(time(number)),
        NumberFormat::Percent { decimals } => Some(format!("{:.*}%", *decimals, number * 100.0)),
        NumberFormat::Digits { before, digits, behind } if (0.0..LOSSY_FROM).contains(&number) && number.fract() == 0.0 => {
            Some(format!("{before}{:0digits$}{behind}", number as u64))
        }
        _ => None,
    };
    match text {
        Some(text) => text.into(),
        None if number.abs() >= LOSSY_FROM => Cell { text: scientific(number), formula: false, fault: Some(CellFault::NumberLossy) },
        None => general(number).into(),
    }
}

/// Rounded to the 15 significant digits that people see: 1.1 is stored as 1.1000000000000001.
fn general(number: f64) -> String {
    if number.fract() == 0.0 {
        return format!("{}", number as i64);
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    format!("{rounded}")
}

/// `1.10101199003077E+17`, as programs show it.
fn scientific(number: f64) -> String {
    let text = format!("{number:.14e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}E+{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.'))
}

fn day(serial: f64, date1904: bool) -> Option<String> {
    let first = if date1904 { 0.0 } else { 1.0 };
    if !(first..LAST_SERIAL + 1.0).contains(&serial) {
        return None;
    }
    let whole = serial.floor() as i32;
    let date = |year, month, day, days| Date::new(year, month, day).map(|date| date.plus_days(days).to_string());
    if date1904 {
        return date(1904, 1, 1, whole);
    }
    match whole {
        // The day that spreadsheets have and the calendar has not; it stays what it is, and is refused as a day.
        60 => Some("1900-02-29".to_owned()),
        ..60 => date(1899, 12, 31, whole),
        _ => date(1899, 12, 30, whole),
    }
}

fn time(serial: f64) -> String {
    let seconds = ((serial.fract() * 86_400.0).round() as u32).min(86_399);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str, format: &NumberFormat) -> String {
        shown(raw, format, false).text
    }

    #[test]
    fn numbers_are_text_as_people_see_them() {
        for (raw, expected) in [
            ("13907034118", "13907034118"),
            ("1.3907034118E10", "13907034118"),
            ("13907034118.0", "13907034118"),
            ("1.1000000000000001", "1.1"),
            ("-5", "-5"),
            ("0", "0"),
            ("999999999999999", "999999999999999"),
            ("abc", "abc"),
        ] {
            assert_eq!(text(raw, &NumberFormat::General), expected);
        }
        assert_eq!(text("776", &NumberFormat::Digits { before: "H".to_owned(), digits: 5, behind: String::new() }), "H00776");
        assert_eq!(text("0.5", &NumberFormat::Percent { decimals: 0 }), "50%");
    }

    #[test]
    fn a_number_that_lost_digits_says_so() {
        let cell = shown("110101199003077000", &NumberFormat::General, false);
        assert_eq!((cell.text.as_str(), cell.fault), ("1.10101199003077E+17", Some(CellFault::NumberLossy)));
    }

    #[test]
    fn days_are_counted_from_1900_with_a_day_too_many_or_from_1904() {
        assert_eq!(text("43892", &NumberFormat::Date), "2020-03-02");
        assert_eq!(text("43892.75", &NumberFormat::Date), "2020-03-02");
        assert_eq!(text("43892.75", &NumberFormat::DateTime), "2020-03-02 18:00:00");
        assert_eq!(text("1", &NumberFormat::Date), "1900-01-01");
        assert_eq!(text("59", &NumberFormat::Date), "1900-02-28");
        assert_eq!(text("60", &NumberFormat::Date), "1900-02-29");
        assert_eq!(text("61", &NumberFormat::Date), "1900-03-01");
        assert_eq!(text("2958465", &NumberFormat::Date), "9999-12-31");
        assert_eq!(text("20200302", &NumberFormat::Date), "20200302");
        assert_eq!(shown("42430", &NumberFormat::Date, true).text, "2020-03-02");
        assert_eq!(text("0.5", &NumberFormat::Time), "12:00:00");
    }
}
