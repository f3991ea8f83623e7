//! The HTTP side of the server: REST API and its description, live events, the web app, and what watches the server.
//!
//! Handlers only translate: they find the caller, open one transaction, call an operation of a subject crate and tell what came of it.
//! No rule of the product lives here, and no handler reads a table. A resource has one file with its wire types and its handlers; to add
//! one, write it, name it in [`routes`], and give each operation a row in `tests/access.rs`.
//!
//! Start with [`router`] and [`AppState`]; `docs/designs/http-api.md` tells the conventions. Serve the router with
//! `into_make_service_with_connect_info::<PlainPeer>()` or `::<TlsPeer>()`: without either, nothing is answered but probes.

pub mod account;
pub mod administrators;
pub mod app;
pub mod audit;
mod autoconfig;
pub mod caller;
pub mod client_passwords;
pub mod connection;
pub mod console_session;
pub mod cookies;
pub mod departments;
pub mod directory_pages;
pub mod domains;
mod download;
pub mod entry;
pub mod error;
pub mod events;
pub mod exports;
pub mod extract;
mod headers;
mod health;
pub mod imports;
pub mod jmap;
pub mod jobs;
pub mod list;
pub mod members;
pub mod observe;
pub mod openapi;
pub mod organisation;
pub mod overview;
mod pages;
pub mod password_check;
pub mod queue;
pub mod removed_messages;
pub mod routes;
pub mod service_classes;
pub mod session;
pub mod setup;
pub mod sign_in_pages;
mod words;

pub use app::{AppParts, AppState, HttpOptions, ReadyCheck};
pub use client_passwords::ClientServer;
pub use connection::{PlainPeer, TlsPeer};
pub use domains::{DnsUnavailable, LookUpTxt};
pub use routes::router;
