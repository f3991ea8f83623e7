//! One row of an answer.

use crate::StoreError;
use crate::value::{Column, FromColumn};

/// A row, while the statement stands on it.
pub struct Row<'a> {
    pub(crate) source: RowSource<'a>,
}

pub(crate) enum RowSource<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    /// The column at `index`, counted from 0.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T, StoreError> {
        let wrong = || StoreError::Column { column: index, expected: T::NAME };
        T::from_column(self.column(index).ok_or_else(wrong)?).ok_or_else(wrong)
    }

    /// A TEXT column that holds JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, index: usize) -> Result<T, StoreError> {
        let wrong = || StoreError::Column { column: index, expected: "JSON of the expected shape" };
        match self.column(index) {
            Some(Column::Text(text)) => serde_json::from_str(text).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }

    /// A TEXT column that holds JSON or NULL.
    pub fn json_opt<T: serde::de::DeserializeOwned>(&self, index: usize) -> Result<Option<T>, StoreError> {
        match self.column(index) {
            Some(Column::Null) => Ok(None),
            _ => self.json(index).map(Some),
        }
    }

    /// The column as it is; `None` when there is no such column or its type is not one of ours.
    pub fn column(&self, index: usize) -> Option<Column<'_>> {
        match self.source {
            RowSource::Sqlite(row) => crate::sqlite::column(row, index),
            RowSource::Postgres(row) => crate::postgresql::column(row, index),
        }
    }
}
