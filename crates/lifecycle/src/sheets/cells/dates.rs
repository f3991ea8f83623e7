//! Days as people write them. A writing that could mean two days means neither.

use kernel::Date;

use super::CellError;
use crate::sheets::ColumnKey;

pub(super) fn read(key: ColumnKey, text: &str) -> Result<Date, CellError> {
    read_date(text).ok_or_else(|| CellError::new(key, "date_invalid"))
}

/// Reads `2020-03-02`, `2020/3/2`, `2020.3.2`, `2020年3月2日`, `20200302`, and `25/12/2020` where the day cannot be the month; a time of
/// day behind it is dropped. Years before 1900 and of two digits are slips of the pen, and there is no such day as 30 February.
pub fn read_date(text: &str) -> Option<Date> {
    let day = without_time(text.trim());
    let date = if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        from_parts(&day[..4], &day[4..6], &day[6..])
    } else if let Some((year, rest)) = day.split_once('年') {
        let (month, rest) = rest.split_once('月')?;
        let rest = rest.trim();
        let day = rest.strip_suffix(['日', '号']).unwrap_or(rest);
        from_parts(year, month, day)
    } else {
        let separator = day.chars().find(|character| matches!(character, '-' | '/' | '.'))?;
        let mut parts = day.split(separator).map(str::trim);
        let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        if first.len() == 4 { from_parts(first, second, third) } else { year_last(first, second, third) }
    }?;
    (date.year() >= 1900).then_some(date)
}

/// Drops `08:30`, `08:30:00`, `T00:00:00.000Z` and the like.
fn without_time(text: &str) -> &str {
    let Some((day, time)) = text.split_once([' ', 'T']) else { return text };
    let time = time.trim();
    let is_time = time.contains(':') && time.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | 'Z'));
    if is_time { day } else { text }
}

fn from_parts(year: &str, month: &str, day: &str) -> Option<Date> {
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| -> Option<i16> {
        let text = text.trim();
        let digits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    Date::new(number(year, 4..=4)?, number(month, 1..=2)? as i8, number(day, 1..=2)? as i8)
}

/// `3/2/2020` is March in one country and February in another; `25/12/2020` and `12/25/2020` are the same everywhere.
fn year_last(first: &str, second: &str, year: &str) -> Option<Date> {
    let month_first = from_parts(year, first, second);
    let day_first = from_parts(year, second, first);
    match (month_first, day_first) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_the_writings_people_use() {
        for text in [
            "2020-03-02",
            "2020-3-2",
            "2020/3/2",
            "2020.3.2",
            "2020 / 03 / 02",
            "2020年3月2日",
            "2020年03月02号",
            "2020年 3月 2日",
            "20200302",
            "2020-03-02 00:00:00",
            "2020-03-02T08:30:00.000Z",
        ] {
            assert_eq!(read_date(text).map(|date| date.to_string()).as_deref(), Some("2020-03-02"), "{text}");
        }
        assert_eq!(read_date("25/12/2020"), read_date("12/25/2020"));
        assert_eq!(read_date("25/12/2020").unwrap().to_string(), "2020-12-25");
        assert_eq!(read_date("3/3/2020").unwrap().to_string(), "2020-03-03");
    }

    #[test]
    fn a_writing_that_could_mean_two_days_or_none_is_refused() {
        for text in [
            "3/2/2020",
            "20-03-02",
            "2/3/20",
            "2024-02-30",
            "2023-02-29",
            "2020-13-01",
            "2020年3月",
            "202003",
            "43892",
            "0202-03-02",
            "2020-03",
            "2020-03-02-01",
            "2020-03/02",
            "明天",
            "",
            "2020-03-02 noon",
            "二〇二〇年三月二日",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }
}
