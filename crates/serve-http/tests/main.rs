//! Requests against the real router and a real store.

mod access;
mod api;
mod site;
