//! The one-time link to the set-up page, printed when a server starts that has no organisation yet.
//!
//! Each start makes a new one and the old one dies; the first organisation ends them all, whichever way it came.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Rng;
use store::{KeyRing, StoreError, Tx, installation, params};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const FACT: &str = "setup_token_hash";
const MAX_TOKEN: usize = 64;

/// The token of a new link; `None` when an organisation exists, and then there is nothing to set up.
pub fn renew(tx: &mut Tx, keys: &KeyRing, rng: &dyn Rng) -> Result<Option<Zeroizing<String>>, StoreError> {
    if is_set_up(tx)? {
        end(tx)?;
        return Ok(None);
    }
    let token = Zeroizing::new(URL_SAFE_NO_PAD.encode(rng.bytes::<32>()));
    installation::set(tx, FACT, &stored(keys, &token))?;
    Ok(Some(token))
}

/// Whether the link still opens the set-up page.
pub fn is_valid(tx: &mut Tx, keys: &KeyRing, token: &str) -> Result<bool, StoreError> {
    let Some(expected) = installation::get(tx, FACT)? else { return Ok(false) };
    let fits = token.len() <= MAX_TOKEN && bool::from(stored(keys, token).as_bytes().ct_eq(expected.as_bytes()));
    Ok(fits && !is_set_up(tx)?)
}

/// Ends every link; called with the creation of an organisation.
pub fn end(tx: &mut Tx) -> Result<(), StoreError> {
    installation::remove(tx, FACT).map(drop)
}

/// Whether the installation has an organisation.
pub fn is_set_up(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(tx.query_opt("SELECT id FROM organisation LIMIT 1", params![], |row| row.get::<i64>(0))?.is_some())
}

/// `1:` names the algorithm, BLAKE3 keyed.
fn stored(keys: &KeyRing, token: &str) -> String {
    format!("1:{}", URL_SAFE_NO_PAD.encode(keys.keyed_hash("setup-link", &[token.as_bytes()])))
}
