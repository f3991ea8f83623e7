//! How lists are asked for and answered: one page at a time, by cursor.

use kernel::{Cursor, Page, PageRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::ApiError;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Hand this back as `cursor` to get the next page; null on the last.
    #[schema(required)]
    pub next: Option<String>,
    /// How many there are in all pages, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl<T> List<T> {
    /// A list that is short by nature and given whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None, total: None }
    }

    pub fn page<U>(page: Page<U>, wire: impl FnMut(U) -> T) -> Self {
        Self { items: page.items.into_iter().map(wire).collect(), next: page.next, total: None }
    }

    pub fn with_total(self, total: u64) -> Self {
        Self { total: Some(total), ..self }
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before; without it, the first page.
    pub cursor: Option<String>,
    /// How many items at most: 1 to 500, 50 when not given.
    pub limit: Option<u32>,
}

impl PageQuery {
    pub fn request(&self) -> Result<PageRequest, ApiError> {
        page_request(self.cursor.as_deref(), self.limit)
    }
}

/// Reads `cursor` and `limit` of a query.
pub fn page_request(cursor: Option<&str>, limit: Option<u32>) -> Result<PageRequest, ApiError> {
    let after = cursor.map(|text| Cursor::decode(text).ok_or_else(|| ApiError::field("cursor", "cursor_invalid"))).transpose()?;
    Ok(PageRequest::new(after, limit.unwrap_or(50)))
}
