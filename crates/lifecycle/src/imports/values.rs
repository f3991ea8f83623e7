//! The values of a row, and what no two rows of a file may share.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::Hasher;

use crate::sheets::ColumnKey;

/// Normalised values by column; a column that says nothing is missing.
pub type Values = BTreeMap<ColumnKey, String>;

/// What a row changes: old and new value by column.
pub type Changes = BTreeMap<ColumnKey, [Option<String>; 2]>;

/// The kinds of values that lead to one member and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum KeyKind {
    Member,
    EmployeeNumber,
    AccountName,
    Address,
    Mobile,
}

impl KeyKind {
    fn letter(self) -> char {
        match self {
            Self::Member => 'i',
            Self::EmployeeNumber => 'e',
            Self::AccountName => 'n',
            Self::Address => 'a',
            Self::Mobile => 'm',
        }
    }

    fn of_letter(letter: char) -> Option<Self> {
        [Self::Member, Self::EmployeeNumber, Self::AccountName, Self::Address, Self::Mobile]
            .into_iter()
            .find(|kind| kind.letter() == letter)
    }

    /// The cell's error when an earlier row of the file has the same value.
    pub fn duplicate_code(self) -> &'static str {
        match self {
            Self::Member => "member_duplicate_in_file",
            Self::EmployeeNumber => "employee_number_duplicate_in_file",
            Self::AccountName => "account_name_duplicate_in_file",
            Self::Address => "address_duplicate_in_file",
            Self::Mobile => "mobile_duplicate_in_file",
        }
    }

    /// The cell's error when the value belongs to somebody else already.
    pub fn taken_code(self) -> &'static str {
        match self {
            Self::Member => "member_mismatch",
            Self::EmployeeNumber => "employee_number_taken",
            Self::AccountName => "account_name_taken",
            Self::Address => "address_taken",
            Self::Mobile => "mobile_taken",
        }
    }
}

kernel::codes! {
    Invalid "member_duplicate_in_file",
    Invalid "employee_number_duplicate_in_file",
    Invalid "account_name_duplicate_in_file",
    Invalid "address_duplicate_in_file",
    Invalid "mobile_duplicate_in_file",
    Conflict "member_mismatch",
    Conflict "employee_number_taken",
    Conflict "account_name_taken",
    Conflict "address_taken",
    Conflict "mobile_taken",
}

/// One value that leads to one member, with the cell it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowKey {
    pub kind: KeyKind,
    pub value: String,
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.letter(), self.value)
    }
}

/// How a row keeps its keys: one a line.
pub(crate) fn join_keys<'a>(keys: impl IntoIterator<Item = &'a RowKey>) -> String {
    let mut text = String::with_capacity(96);
    for key in keys {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push(key.kind.letter());
        text.push_str(&key.value);
    }
    text
}

/// The keys of a row as [`join_keys`] wrote them.
pub(crate) fn split_keys(text: &str) -> impl Iterator<Item = RowKey> + '_ {
    text.lines().filter_map(|line| {
        let mut characters = line.chars();
        let kind = KeyKind::of_letter(characters.next()?)?;
        Some(RowKey { kind, value: characters.as_str().to_owned() })
    })
}

/// The keys earlier rows of the file have, as seeded hashes: 100,000 rows with four keys each take about 10 MiB. Two different values
/// would be taken for the same once in some thousand million imports of that size.
#[derive(Debug)]
pub(crate) struct Seen {
    seed: u64,
    hashes: HashSet<u64>,
}

impl Seen {
    pub fn new(seed: u64) -> Self {
        Self { seed, hashes: HashSet::new() }
    }

    /// Notes the key; false when an earlier row has it.
    pub fn claim(&mut self, key: &RowKey) -> bool {
        // The seed keeps a file from being made so that all its values collide.
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write_u64(self.seed);
        hasher.write_u8(key.kind as u8);
        hasher.write(key.value.as_bytes());
        self.hashes.insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: KeyKind, value: &str) -> RowKey {
        RowKey { kind, value: value.to_owned() }
    }

    #[test]
    fn only_the_first_row_with_a_value_gets_it() {
        let mut seen = Seen::new(7);
        assert!(seen.claim(&key(KeyKind::Mobile, "+8613907034118")));
        assert!(!seen.claim(&key(KeyKind::Mobile, "+8613907034118")));
        assert!(seen.claim(&key(KeyKind::EmployeeNumber, "+8613907034118")));
    }

    #[test]
    fn keys_read_back_as_they_were_written() {
        let keys = vec![key(KeyKind::Mobile, "+8613907034118"), key(KeyKind::Address, "a@example.test")];
        assert_eq!(split_keys(&join_keys(&keys)).collect::<Vec<_>>(), keys);
        assert_eq!(split_keys("").count(), 0);
    }
}
