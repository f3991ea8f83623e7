//! NOOP and CHECK: a moment to hear what changed. RFC 9051 §6.1.2, RFC 3501 §6.4.1

use crate::session::{Answer, Done};

/// Everything is on disk before it is answered, and the news are told after every command; so there is nothing left to do.
pub(crate) fn noop() -> Answer {
    Ok(Done::plain("Completed"))
}
