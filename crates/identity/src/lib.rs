//! Signing in: identities and their passwords, sessions, throttling, and the link that sets an installation up.
//!
//! What must stay true here: nobody learns whether a name exists; a password is never stored, logged or answered; an initial password opens nothing but
//! the page that chooses a real one; a client password opens mail and never a page; guessing gets slow without locking anybody out; a session that was ended is over with its next request.
//!
//! Start with [`sign_in`]; `docs/designs/sign-in.md` tells why things are as they are.

pub mod client_passwords;
pub mod credentials;
pub mod devices;
pub mod identities;
pub mod initial;
pub mod passwords;
pub mod protocols;
pub mod scram;
pub mod sessions;
pub mod setup_link;
pub mod sign_in;
pub mod throttle;

use kernel::Timestamp;
use store::{Store, StoreError};

/// Clears away sessions that are over and counts of failures that have leaked away; answers how many. For the worker, every few minutes.
pub async fn clean(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    let mut cleared = 0;
    loop {
        let round = store.write_bulk(move |tx| Ok::<_, StoreError>(sessions::sweep(tx, now)? + throttle::sweep(tx, now)?)).await?;
        cleared += round;
        // Each takes a bounded number from its table; a round that finds nothing is the last.
        if round == 0 {
            return Ok(cleared);
        }
    }
}
