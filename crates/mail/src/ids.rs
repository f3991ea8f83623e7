//! Ids inside a mail account. Mailboxes, messages and threads are numbered by one counter on the account's head and never share or reuse a
//! number; an id means something only together with its account.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use store::{Column, FromColumn, ToParam, Value};

/// The text is not an id of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the expected kind")]
pub struct NumberError;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Wraps the number a database row holds.
            pub const fn from_raw(raw: i64) -> Self {
                Self(raw)
            }

            /// The number as stored in SQL; 1 or higher.
            pub const fn raw(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NumberError;

            /// Only as [`Display`](fmt::Display) writes it: no sign, no leading zero, so that one thing has one text.
            fn from_str(text: &str) -> Result<Self, NumberError> {
                let digits = text.strip_prefix($prefix).ok_or(NumberError)?;
                if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(NumberError);
                }
                digits.parse().map(Self).map_err(|_| NumberError)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl ToParam for $name {
            fn to_param(&self) -> Value {
                Value::Int(Some(self.0))
            }

            fn null() -> Value {
                Value::Int(None)
            }
        }

        impl ToParam for &$name {
            fn to_param(&self) -> Value {
                ToParam::to_param(*self)
            }

            fn null() -> Value {
                Value::Int(None)
            }
        }

        impl FromColumn for $name {
            const NAME: &'static str = $what;

            fn from_column(column: Column<'_>) -> Option<Self> {
                match column {
                    Column::Int(value) => Some(Self(value)),
                    _ => None,
                }
            }
        }
    )*};
}

numbers! {
    /// A mailbox 文件夹 of an account.
    MailboxId, "f", "the number of a mailbox";
    /// A message 邮件 of an account.
    MessageId, "m", "the number of a message";
    /// A thread 会话 of an account: the number of its first message.
    ThreadId, "t", "the number of a thread";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_what_it_shows_and_from_nothing_else() {
        assert_eq!("m34".parse::<MessageId>().unwrap(), MessageId::from_raw(34));
        assert_eq!(MailboxId::from_raw(12).to_string(), "f12");
        assert_eq!(serde_json::to_string(&ThreadId::from_raw(7)).unwrap(), "\"t7\"");
        for wrong in ["", "m", "34", "f34", "m034", "m0", "m-3", "m+3", "m3 ", "m９", "m99999999999999999999"] {
            assert!(wrong.parse::<MessageId>().is_err(), "{wrong}");
        }
    }
}
