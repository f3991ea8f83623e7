//! How much an account sends.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kernel::{MailAccountId, Timestamp};

/// What accounts have sent in the hour that is running, on this node.
pub struct Rates {
    hours: Mutex<HashMap<MailAccountId, Hour>>,
    messages: u32,
    recipients: u32,
}

#[derive(Clone, Copy)]
struct Hour {
    began: Timestamp,
    messages: u32,
    recipients: u32,
}

const HOUR_SECS: i64 = 3600;
/// Accounts that are remembered before those of past hours are forgotten.
const REMEMBERED: usize = 10_000;

impl Rates {
    pub fn new(messages: u32, recipients: u32) -> Self {
        Self { hours: Mutex::default(), messages, recipients }
    }

    /// Counts a message to `recipients`, or says that it is too much.
    pub fn count(&self, account: MailAccountId, recipients: u32, now: Timestamp) -> bool {
        // Nothing panics under this lock that would leave a count half changed.
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        let is_past = |hour: &Hour| now.secs_since(hour.began) >= HOUR_SECS || now < hour.began;
        if hours.len() >= REMEMBERED {
            hours.retain(|_, hour| !is_past(hour));
        }
        let hour = hours.entry(account).or_insert(Hour { began: now, messages: 0, recipients: 0 });
        if is_past(hour) {
            *hour = Hour { began: now, messages: 0, recipients: 0 };
        }
        let (messages, recipients) = (hour.messages.saturating_add(1), hour.recipients.saturating_add(recipients));
        let fits = messages <= self.messages && recipients <= self.recipients;
        if fits {
            (hour.messages, hour.recipients) = (messages, recipients);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_sends_its_share_in_an_hour() {
        let rates = Rates::new(2, 10);
        let (account, other) = (MailAccountId::from_raw(1), MailAccountId::from_raw(2));
        let now = Timestamp::from_micros(1_780_000_000_000_000);
        assert!(!rates.count(account, 11, now), "too many recipients at once");
        assert!(rates.count(account, 5, now) && rates.count(account, 5, now));
        assert!(!rates.count(account, 1, now.plus_secs(3599)) && rates.count(other, 1, now));
        assert!(rates.count(account, 1, now.plus_secs(3600)));
    }
}
