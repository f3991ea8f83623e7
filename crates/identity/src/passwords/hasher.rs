//! The one place where argon2id runs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{PasswordHash as Parsed, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::{IdentityId, Rng, Timestamp};
use tokio::sync::{Mutex as AsyncMutex, Semaphore};

use super::Password;
use super::remembered::Remembered;

/// What one check costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub iterations: u32,
    pub lanes: u32,
}

impl Cost {
    /// The first choice of OWASP's Password Storage Cheat Sheet: 19 MiB twice, in one lane.
    pub const STANDARD: Self = Self { memory_kib: 19 * 1024, iterations: 2, lanes: 1 };

    /// The least argon2id there is, for tests that check many passwords.
    pub const LEAST: Self = Self { memory_kib: Params::MIN_M_COST, iterations: 1, lanes: 1 };
}

/// A chosen password as it is stored: argon2id in PHC string form, which names algorithm and cost.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// More checks are waiting than the machine can do in a bearable time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at this moment")]
pub struct Busy;
kernel::faults! { Busy: Busy => Unavailable "sign_in_busy" }

/// Runs argon2id on as many threads as there are cores and lets only so many checks wait; further ones are turned away at once.
pub struct Hasher {
    argon2: Argon2<'static>,
    /// A hash that no password fits, checked where there is none so that the answer takes as long.
    dummy: Arc<str>,
    cores: Arc<Semaphore>,
    inside: AtomicUsize,
    max_inside: usize,
    runs: AtomicU64,
    remembered: Mutex<Remembered>,
    turns: Mutex<HashMap<String, Arc<AsyncMutex<()>>>>,
    rng: Arc<dyn Rng>,
}

/// With a core taking 20 to 60 ms a check, the last in the queue waits a few seconds at most.
const WAITING_PER_CORE: usize = 64;

impl Hasher {
    pub fn new(cost: Cost, cores: usize, rng: Arc<dyn Rng>) -> Arc<Self> {
        let cores = cores.max(1);
        let params = Params::new(cost.memory_kib, cost.iterations, cost.lanes, None)
            .expect("the two costs of this module are within argon2's bounds");
        let salt = SaltString::encode_b64(&rng.bytes::<16>()).expect("16 bytes are a salt");
        let no_output = SaltString::encode_b64(&rng.bytes::<32>()).expect("32 bytes are an output");
        let dummy = format!("$argon2id$v=19$m={},t={},p={}${salt}${no_output}", cost.memory_kib, cost.iterations, cost.lanes);
        Arc::new(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            dummy: dummy.into(),
            cores: Arc::new(Semaphore::new(cores)),
            inside: AtomicUsize::new(0),
            max_inside: cores * (1 + WAITING_PER_CORE),
            runs: AtomicU64::new(0),
            remembered: Mutex::new(Remembered::new(rng.bytes())),
            turns: Mutex::default(),
            rng,
        })
    }

    /// A place in the queue, taken before anything is counted or looked up, so that a flood is turned away at its cheapest.
    pub fn enter(self: &Arc<Self>) -> Result<Ticket, Busy> {
        let entered =
            self.inside.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |inside| (inside < self.max_inside).then_some(inside + 1));
        entered.map_err(|_| Busy)?;
        Ok(Ticket { hasher: Arc::clone(self) })
    }

    /// Programs that sign in to one account at the same moment do so one after the other, so that all but the first find the password remembered, and none is
    /// counted for as long as another is being looked at. By what was typed, whether there is such an account or not. Whoever waits has a place in the queue.
    pub(crate) fn turn_of(&self, account: &str) -> Arc<AsyncMutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= self.max_inside {
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        Arc::clone(turns.entry(account.to_owned()).or_default())
    }

    /// Hashes on the calling thread; for commands, which have no queue to wait in.
    pub fn hash_blocking(&self, password: &Password) -> PasswordHash {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let salt = SaltString::encode_b64(&self.rng.bytes::<16>()).expect("16 bytes are a salt");
        let hash = self.argon2.hash_password(password.as_bytes(), &salt).expect("password, salt and cost are within argon2's bounds");
        PasswordHash(hash.to_string())
    }

    /// Whether `password` was found right for `identity` within the last five minutes and nothing changed since; costs no argon2id.
    pub fn remembers(&self, identity: IdentityId, stored: &str, password: &Password, now: Timestamp) -> bool {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).contains(identity, stored, password, now)
    }

    /// How often argon2id ran since the start.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    fn check_blocking(&self, stored: &str, password: &Password) -> bool {
        self.runs.fetch_add(1, Ordering::Relaxed);
        match Parsed::new(stored) {
            Ok(parsed) => self.argon2.verify_password(password.as_bytes(), &parsed).is_ok(),
            Err(error) => {
                tracing::error!(%error, "A stored password hash cannot be read; its owner needs a reset");
                false
            }
        }
    }
}

/// A place among those whose passwords are being checked; given back when dropped.
pub struct Ticket {
    hasher: Arc<Hasher>,
}

impl Ticket {
    /// Whether `password` is the one that `stored` was made from. Costs one argon2id, also when there is nothing stored (the answer is no then), unless the
    /// same password of `identity` was found right within the last five minutes.
    pub async fn check(
        &self,
        identity: Option<IdentityId>,
        stored: Option<&str>,
        password: &Password,
        now: Timestamp,
    ) -> Result<bool, Busy> {
        let known = identity.zip(stored);
        if let Some((identity, stored)) = known
            && self.remembered().contains(identity, stored, password, now)
        {
            return Ok(true);
        }
        let subject: Arc<str> = stored.map_or_else(|| Arc::clone(&self.hasher.dummy), Arc::from);
        let typed = password.clone();
        let right = self.run(move |hasher| hasher.check_blocking(&subject, &typed)).await? && stored.is_some();
        if right && let Some((identity, stored)) = known {
            self.remembered().insert(identity, stored, password, now);
        }
        Ok(right)
    }

    pub async fn hash(&self, password: &Password) -> Result<PasswordHash, Busy> {
        let typed = password.clone();
        self.run(move |hasher| hasher.hash_blocking(&typed)).await
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, Remembered> {
        self.hasher.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Hasher) -> T + Send + 'static) -> Result<T, Busy> {
        let core = Arc::clone(&self.hasher.cores).acquire_owned().await.map_err(|_| Busy)?;
        let hasher = Arc::clone(&self.hasher);
        // The core goes with the work: a caller that hangs up does not make room while its hash still runs.
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&hasher);
            drop(core);
            result
        });
        // The runtime drops work that has not begun only while it shuts down.
        done.await.map_err(|_| Busy)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.hasher.inside.fetch_sub(1, Ordering::Relaxed);
    }
}
