//! Bounds. Nothing a client does is without one; each costs its sender first.

use std::time::Duration;

use transport::DoorLimits;

/// What the listeners allow. The defaults suit an installation; tests set shorter times.
#[derive(Debug, Clone)]
pub struct Pop3Options {
    pub door: DoorLimits,
    /// How much of messages all sessions together may hold in memory.
    pub message_memory_bytes: u64,
    /// How long somebody may stay without signing in.
    pub sign_in_timeout: Duration,
    /// RFC 1939 §3 asks for at least 10 minutes before autologout.
    pub idle_timeout: Duration,
    /// How long the rest of a line that began may take to come, each time something is missing.
    pub read_timeout: Duration,
    /// How long a sign-in waits for another session of the account to end before it is told IN-USE.
    pub lock_patience: Duration,
    /// How long the answer to a failed sign-in is held back.
    pub failed_sign_in_delay: Duration,
    /// Failed sign-ins after which the connection is closed.
    pub max_failed_sign_ins: u32,
    /// Commands without sense, in a row, after which the connection is closed.
    pub max_bad_commands: u32,
    /// How often locks are renewed, and sessions looked at for revocations that no notice told. A third of [`mail::maildrop::LEASE_SECS`], so that
    /// a renewal that fails is made good in time.
    pub check_every: Duration,
}

impl Default for Pop3Options {
    fn default() -> Self {
        Self {
            door: DoorLimits::of(8_192),
            message_memory_bytes: 256 << 20,
            sign_in_timeout: Duration::from_secs(90),
            idle_timeout: Duration::from_secs(10 * 60),
            read_timeout: Duration::from_secs(60),
            lock_patience: Duration::from_secs(3),
            failed_sign_in_delay: Duration::from_secs(2),
            max_failed_sign_ins: 4,
            max_bad_commands: 20,
            check_every: Duration::from_secs(20),
        }
    }
}
