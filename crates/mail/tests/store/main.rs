//! The store of mail through its public functions, on both engines. At the end of each test everything still fits together.

mod changes;
mod concurrency;
mod damage;
mod delivery;
mod entries;
mod mailboxes;
mod queries;
mod threads;
mod world;
