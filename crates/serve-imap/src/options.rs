//! Bounds. Nothing a client does is without one; each costs its sender first.

use std::time::Duration;

use transport::DoorLimits;

/// What the listeners allow, and what they tell of others. The defaults suit an installation; tests set shorter times.
#[derive(Debug, Clone)]
pub struct ImapOptions {
    pub door: DoorLimits,
    /// Sessions that one mail account may have open.
    pub max_sessions_per_account: usize,
    /// The largest message APPEND takes, told as APPENDLIMIT.
    pub max_message_bytes: u64,
    /// How much of messages all sessions together may hold in memory.
    pub message_memory_bytes: u64,
    /// Whether a password may come in the clear from this machine, where nobody is in between.
    pub plain_from_loopback: bool,
    /// How long somebody may stay without signing in.
    pub sign_in_timeout: Duration,
    /// RFC 9051 §5.4 asks for at least 30 minutes before autologout; one more for slow links.
    pub idle_timeout: Duration,
    /// How long the rest of a command that began may take to come, each time something is missing.
    pub read_timeout: Duration,
    /// How often a client that waits for a long search is told that it is still going on.
    pub progress_every: Duration,
    /// How long the answer to a failed sign-in is held back.
    pub failed_sign_in_delay: Duration,
    /// Failed sign-ins after which the connection is closed.
    pub max_failed_sign_ins: u32,
    /// Commands without sense, in a row, after which the connection is closed.
    pub max_bad_commands: u32,
    /// How often sessions look for changes and revocations that no notice told them.
    pub check_every: Duration,
    /// Where programs find the same mail by JMAP, as they reach it; told as JMAPACCESS (RFC 9698).
    pub jmap_session_url: Option<String>,
}

impl Default for ImapOptions {
    fn default() -> Self {
        Self {
            door: DoorLimits::of(16_384),
            max_sessions_per_account: 100,
            max_message_bytes: 50 << 20,
            message_memory_bytes: 512 << 20,
            plain_from_loopback: true,
            sign_in_timeout: Duration::from_secs(90),
            idle_timeout: Duration::from_secs(31 * 60),
            read_timeout: Duration::from_secs(60),
            progress_every: Duration::from_secs(10),
            failed_sign_in_delay: Duration::from_secs(2),
            max_failed_sign_ins: 4,
            max_bad_commands: 20,
            check_every: Duration::from_secs(30),
            jmap_session_url: None,
        }
    }
}
