//! Dates and times as IMAP writes them. RFC 9051 §9 `date`, `date-time`

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `date-text`: a day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// `None` for a day that no calendar has, or a year of more than four digits.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let fits = year <= 9999 && (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
        fits.then_some(Self { year, month, day })
    }

    pub fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    pub fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01, negative before.
    pub fn days_since_epoch(self) -> i64 {
        // Counted in eras of 400 years that begin on the first of March, so that a leap day is the last of its year.
        let (year, month, day) = (i64::from(self.year), i64::from(self.month), i64::from(self.day));
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// `None` outside of the years 0 to 9999.
    pub fn from_days_since_epoch(days: i64) -> Option<Self> {
        let days = days.checked_add(719_468)?;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    pub(crate) fn month_name(self) -> &'static str {
        MONTHS[usize::from(self.month) - 1]
    }
}

/// `date-time`: with its zone, which INTERNALDATE keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
    zone_minutes: i16,
}

impl DateTime {
    /// `None` when a part is out of its range. Second 60 (a leap second) is allowed; a zone is less than 24 hours off.
    pub fn new(date: Date, hour: u8, minute: u8, second: u8, zone_minutes: i16) -> Option<Self> {
        let fits = hour < 24 && minute < 60 && second <= 60 && zone_minutes.abs() < 24 * 60;
        fits.then_some(Self { date, hour, minute, second, zone_minutes })
    }

    /// The local day.
    pub fn date(self) -> Date {
        self.date
    }

    /// Hour, minute, second of the local day.
    pub fn time(self) -> (u8, u8, u8) {
        (self.hour, self.minute, self.second)
    }

    /// Minutes east of UTC.
    pub fn zone_minutes(self) -> i16 {
        self.zone_minutes
    }

    pub fn unix_seconds(self) -> i64 {
        let local =
            self.date.days_since_epoch() * 86_400 + i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        local - i64::from(self.zone_minutes) * 60
    }

    /// `None` outside of the years 0 to 9999, or with a zone of a day or more.
    pub fn from_unix_seconds(seconds: i64, zone_minutes: i16) -> Option<Self> {
        let local = seconds.checked_add(i64::from(zone_minutes) * 60)?;
        let date = Date::from_days_since_epoch(local.div_euclid(86_400))?;
        let of_day = u32::try_from(local.rem_euclid(86_400)).ok()?;
        let part = |value: u32| u8::try_from(value).ok();
        Self::new(date, part(of_day / 3600)?, part(of_day / 60 % 60)?, part(of_day % 60)?, zone_minutes)
    }
}

/// From a month's three letters, in any case.
pub(crate) fn month_number(name: &[u8]) -> Option<u8> {
    let index = MONTHS.iter().position(|month| name.eq_ignore_ascii_case(month.as_bytes()))?;
    u8::try_from(index + 1).ok()
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_no_calendar_has_is_refused() {
        assert!(Date::new(1900, 2, 29).is_none());
        assert!(Date::new(2000, 2, 29).is_some());
        assert!(Date::new(2026, 4, 31).is_none());
        assert!(Date::new(2026, 13, 1).is_none());
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!(Date::new(1970, 1, 1).unwrap().days_since_epoch(), 0);
        assert_eq!(Date::new(2000, 3, 1).unwrap().days_since_epoch(), 11_017);
        assert_eq!(Date::new(1969, 12, 31).unwrap().days_since_epoch(), -1);
        for days in (-719_528..2_932_896).step_by(89) {
            assert_eq!(Date::from_days_since_epoch(days).unwrap().days_since_epoch(), days);
        }
    }

    #[test]
    fn a_time_keeps_its_zone() {
        // The example of RFC 9051 §6.3.12.
        let time = DateTime::new(Date::new(1994, 2, 7).unwrap(), 21, 52, 25, -480).unwrap();
        assert_eq!(time.unix_seconds(), 760_686_745);
        assert_eq!(DateTime::from_unix_seconds(760_686_745, -480), Some(time));
    }
}
