//! What tests of the mail protocols share: people with mail accounts ([`People`]), listeners that stop in order ([`Serving`]), TLS that both sides can
//! speak ([`tls`]), a client that says what it is told to ([`Wire`]), and patterns of transcripts ([`matches`]).

mod patterns;
mod people;
mod serving;
pub mod tls;
mod wire;

pub use patterns::matches;
pub use people::{Colleague, PASSWORD, People, add_member, add_organisation, hasher};
pub use serving::Serving;
pub use wire::Wire;

use std::time::Duration;

/// Longer than anything takes that works.
pub const PATIENCE: Duration = Duration::from_secs(20);
