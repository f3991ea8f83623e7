//! Requests by URL.

mod client_passwords;
mod departments;
mod directory_pages;
mod events;
mod imports;
mod members;
mod operations;
mod pages;
mod problems;
mod queue;
mod session;
