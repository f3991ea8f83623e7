//! The SQL of imports. Each function does one thing and knows no rules.

pub(super) mod departments;
pub(super) mod head;
pub(super) mod lock;
pub(super) mod lookups;
pub(super) mod passwords;
pub(super) mod rows;
pub(super) mod uploads;
