//! What goes into a statement and what comes out of a column.

use kernel::{Date, DomainName, EmailAddress, Id, IdKind, LocalPart, PhoneNumber, Timestamp};

use crate::StoreError;

/// A parameter or a column. Every variant knows its type even when it is NULL, because PostgreSQL prepares statements by type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// BIGINT
    Int(Option<i64>),
    /// BOOLEAN
    Bool(Option<bool>),
    /// TEXT
    Text(Option<String>),
    /// BYTES
    Bytes(Option<Vec<u8>>),
}

/// The parameters of a statement, in the order of `$1`, `$2` …; made by [`params!`](crate::params).
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<Value>);

impl Params {
    pub fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// Adds one more at the end, for statements put together piece by piece; answers its number.
    pub fn push(&mut self, value: impl ToParam) -> usize {
        self.0.push(value.to_param());
        self.0.len()
    }

    /// Adds every element of a list, to go with [`in_list`].
    pub fn extend<T: ToParam>(&mut self, values: impl IntoIterator<Item = T>) {
        self.0.extend(values.into_iter().map(|value| value.to_param()));
    }

    /// Adds those of another list after these.
    pub fn append(&mut self, mut more: Self) {
        self.0.append(&mut more.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn values(&self) -> &[Value] {
        &self.0
    }
}

/// Makes [`Params`] from anything that is [`ToParam`]; what is named is borrowed, so that a closure can use it again when it runs again.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        $crate::Params::new(vec![$($crate::ToParam::to_param(&$value)),*])
    };
}

/// The longest list that goes into one `IN`; longer ones are taken in chunks of it.
pub const IN_LIST_MAX: usize = 500;

/// The placeholders of an `IN` list of `count` parameters of which the first is `$first`: `($3,$4,$5)`.
///
/// An empty list gives `(NULL)`, which matches nothing.
pub fn in_list(first: usize, count: usize) -> String {
    debug_assert!(count <= IN_LIST_MAX, "lists are taken in chunks of {IN_LIST_MAX}");
    if count == 0 {
        return "(NULL)".to_owned();
    }
    let mut text = String::with_capacity(count * 5 + 2);
    for number in first..first + count {
        text.push(if number == first { '(' } else { ',' });
        text.push('$');
        text.push_str(&number.to_string());
    }
    text.push(')');
    text
}

/// What can be a parameter.
pub trait ToParam {
    fn to_param(&self) -> Value;

    /// NULL of the type that this one is stored in.
    fn null() -> Value
    where
        Self: Sized;
}

macro_rules! to_param {
    ($($type:ty => $variant:ident, |$value:ident| $make:expr;)*) => {$(
        impl ToParam for $type {
            fn to_param(&self) -> Value {
                let $value = self;
                Value::$variant(Some($make))
            }

            fn null() -> Value {
                Value::$variant(None)
            }
        }
    )*};
}

to_param! {
    i64 => Int, |value| *value;
    i32 => Int, |value| i64::from(*value);
    u32 => Int, |value| i64::from(*value);
    u16 => Int, |value| i64::from(*value);
    u8 => Int, |value| i64::from(*value);
    // Above i64::MAX nothing is ever counted.
    usize => Int, |value| i64::try_from(*value).unwrap_or(i64::MAX);
    u64 => Int, |value| i64::try_from(*value).unwrap_or(i64::MAX);
    bool => Bool, |value| *value;
    &str => Text, |value| (*value).to_owned();
    String => Text, |value| value.clone();
    std::borrow::Cow<'_, str> => Text, |value| value.to_string();
    std::sync::Arc<str> => Text, |value| value.to_string();
    &[u8] => Bytes, |value| value.to_vec();
    Vec<u8> => Bytes, |value| value.clone();
    Timestamp => Int, |value| value.as_micros();
    Date => Text, |value| value.to_string();
    PhoneNumber => Text, |value| value.as_str().to_owned();
    LocalPart => Text, |value| value.as_str().to_owned();
    DomainName => Text, |value| value.as_str().to_owned();
    EmailAddress => Text, |value| value.to_string();
    serde_json::Value => Text, |value| value.to_string();
}

impl<const N: usize> ToParam for [u8; N] {
    fn to_param(&self) -> Value {
        Value::Bytes(Some(self.to_vec()))
    }

    fn null() -> Value {
        Value::Bytes(None)
    }
}

impl<K: IdKind> ToParam for Id<K> {
    fn to_param(&self) -> Value {
        Value::Int(Some(self.raw()))
    }

    fn null() -> Value {
        Value::Int(None)
    }
}

impl<T: ToParam> ToParam for Option<T> {
    fn to_param(&self) -> Value {
        self.as_ref().map_or_else(T::null, ToParam::to_param)
    }

    fn null() -> Value {
        T::null()
    }
}

/// A reference to what can be a parameter; `&str` and `&[u8]` stand in the list above.
macro_rules! to_param_by_reference {
    ($($type:ty),* $(,)?) => {$(
        impl ToParam for &$type {
            fn to_param(&self) -> Value {
                ToParam::to_param(*self)
            }

            fn null() -> Value {
                <$type as ToParam>::null()
            }
        }
    )*};
}

to_param_by_reference! {
    i64, i32, u32, usize, u64, bool, String, Vec<u8>, Timestamp, Date, PhoneNumber, LocalPart, DomainName, EmailAddress, serde_json::Value,
    u16, u8, &str, &[u8],
}

impl<K: IdKind> ToParam for &Id<K> {
    fn to_param(&self) -> Value {
        ToParam::to_param(*self)
    }

    fn null() -> Value {
        Value::Int(None)
    }
}

impl<T: ToParam> ToParam for &Option<T> {
    fn to_param(&self) -> Value {
        ToParam::to_param(*self)
    }

    fn null() -> Value {
        T::null()
    }
}

/// One column of one row, before it is read as something.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    Null,
    Int(i64),
    Bool(bool),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// What a column can be read as.
pub trait FromColumn: Sized {
    /// How the type is called in an error.
    const NAME: &'static str;

    /// `None` when the column holds something else.
    fn from_column(column: Column<'_>) -> Option<Self>;
}

macro_rules! from_column {
    ($($type:ty, $name:literal, $pattern:pat => $make:expr;)*) => {$(
        impl FromColumn for $type {
            const NAME: &'static str = $name;

            fn from_column(column: Column<'_>) -> Option<Self> {
                match column {
                    $pattern => $make,
                    _ => None,
                }
            }
        }
    )*};
}

from_column! {
    i64, "a whole number", Column::Int(value) => Some(value);
    i32, "a whole number", Column::Int(value) => i32::try_from(value).ok();
    u32, "a whole number", Column::Int(value) => u32::try_from(value).ok();
    u64, "a whole number", Column::Int(value) => u64::try_from(value).ok();
    usize, "a whole number", Column::Int(value) => usize::try_from(value).ok();
    String, "text", Column::Text(value) => Some(value.to_owned());
    Vec<u8>, "bytes", Column::Bytes(value) => Some(value.to_vec());
    Timestamp, "a moment", Column::Int(value) => Some(Self::from_micros(value));
    Date, "a day", Column::Text(value) => value.parse().ok();
    PhoneNumber, "a phone number", Column::Text(value) => value.parse().ok();
    LocalPart, "a local part", Column::Text(value) => value.parse().ok();
    DomainName, "a domain name", Column::Text(value) => value.parse().ok();
    EmailAddress, "a mail address", Column::Text(value) => value.parse().ok();
}

impl FromColumn for bool {
    const NAME: &'static str = "true or false";

    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Bool(value) => Some(value),
            // SQLite has no type of its own for it.
            Column::Int(0) => Some(false),
            Column::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl<K: IdKind> FromColumn for Id<K> {
    const NAME: &'static str = "an id";

    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Int(value) => Some(Self::from_raw(value)),
            _ => None,
        }
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    const NAME: &'static str = "bytes of a fixed length";

    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Bytes(value) => value.try_into().ok(),
            _ => None,
        }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    const NAME: &'static str = T::NAME;

    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Null => Some(None),
            other => T::from_column(other).map(Some),
        }
    }
}

/// How many rows a statement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "say how many rows were expected, or take the count"]
pub struct Affected(pub(crate) u64);

impl Affected {
    pub fn count(self) -> u64 {
        self.0
    }

    /// Exactly one, or the statement met something it should not have.
    pub fn expect_one(self) -> Result<(), StoreError> {
        match self.0 {
            1 => Ok(()),
            found => Err(StoreError::RowCount { expected: "one row", found }),
        }
    }

    /// Whether it was one; for conditional updates that someone else may have overtaken.
    pub fn is_one(self) -> bool {
        self.0 == 1
    }

    /// Any number will do.
    pub fn any(self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_keeps_its_type() {
        let nothing: Option<Timestamp> = None;
        assert_eq!(
            params![nothing, Some("a"), None::<Vec<u8>>].values(),
            &[Value::Int(None), Value::Text(Some("a".into())), Value::Bytes(None)]
        );
    }

    #[test]
    fn an_empty_list_matches_nothing() {
        assert_eq!(in_list(3, 0), "(NULL)");
        assert_eq!(in_list(3, 1), "($3)");
        assert_eq!(in_list(3, 3), "($3,$4,$5)");
    }
}
