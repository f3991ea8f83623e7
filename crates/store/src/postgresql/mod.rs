//! The engine for more than one node: PostgreSQL, and what speaks its protocol and its SQL.
//!
//! The connection is not encrypted: TLS towards the database is not offered yet, so an address that demands it is refused, and the server
//! belongs on the same machine or a private network.

mod connect;
mod planning;
mod pool;
mod session;

pub(crate) use connect::{Connector, open_fault};
pub(crate) use planning::plan_for_large_accounts;
pub(crate) use pool::{Mode, Pool, start_pool};
pub(crate) use session::{PostgresSession, column, fault};
