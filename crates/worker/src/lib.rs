//! Background work: jobs taken under leases, done by functions of `lifecycle`, safe to repeat; and what has to be done at all times. Beside it, what goes out:
//! mail ([`outbound`]) and pushes ([`web_push`]).
//!
//! [`Worker::run`] is the server's. Tests and commands use [`Worker::run_until_idle`], which does what is due and leaves nothing running.
//! A new kind of job is a line in [`handlers`]; something to be done at all times is a line in [`periodic`]. Rules of the product live in
//! neither: this crate decides only when work is done, by whom, and what happens when it fails.

pub mod handlers;
mod indexing;
pub mod outbound;
pub mod periodic;
mod retry;
mod turns;
pub mod web_push;
mod worker;

pub use handlers::Handlers;
pub use worker::{Idle, Worker, WorkerOptions};
