//! The one table from what went wrong to what the client is told (RFC 5530), and how a session ends.

use std::borrow::Cow;
use std::error::Error;
use std::io;

use kernel::{Fault, FaultKind};
use proto_imap::{Code, Condition, MetadataCode};

/// Why a command was not done.
#[derive(Debug)]
pub(crate) enum Failed {
    Refused(Refusal),
    /// The connection cannot or must not go on.
    Over(End),
}

/// A tagged NO or BAD.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) condition: Condition,
    pub(crate) code: Option<Code>,
    pub(crate) text: Cow<'static, str>,
}

/// Why a session ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The client said LOGOUT, which was answered.
    LoggedOut,
    /// The client closed without a word, or the connection broke.
    Gone,
    /// It took nothing or sent nothing for too long.
    Idle,
    TooManyBadCommands,
    TooManyFailedSignIns,
    TooMuchToDiscard,
    /// Whoever signed in may no longer use the server.
    Revoked,
    /// Somebody removed the selected mailbox.
    MailboxGone,
    Stopping,
}

impl End {
    /// What the client is told before the connection closes; nothing when it cannot hear or has heard already.
    pub(crate) fn bye(&self) -> Option<(Option<Code>, &'static str)> {
        Some(match self {
            Self::LoggedOut | Self::Gone => return None,
            Self::Idle => (None, "Autologout; idle for too long"),
            Self::TooManyBadCommands => (Some(Code::ClientBug), "Too many commands without sense"),
            Self::TooManyFailedSignIns => (None, "Too many failed sign-ins"),
            Self::TooMuchToDiscard => (Some(Code::TooBig), "Too much that nobody asked for"),
            Self::Revoked => (Some(Code::Expired), "This sign-in is no longer valid"),
            Self::MailboxGone => (None, "The selected mailbox was removed"),
            Self::Stopping => (Some(Code::Unavailable), "The server is stopping"),
        })
    }

    /// For the log and the figures.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Gone => "gone",
            Self::Idle => "idle",
            Self::TooManyBadCommands => "bad_commands",
            Self::TooManyFailedSignIns => "failed_sign_ins",
            Self::TooMuchToDiscard => "too_much",
            Self::Revoked => "revoked",
            Self::MailboxGone => "mailbox_gone",
            Self::Stopping => "stopping",
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self::Idle,
            _ => Self::Gone,
        }
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Over(error.into())
    }
}

impl From<End> for Failed {
    fn from(end: End) -> Self {
        Self::Over(end)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Refusal {
    pub(crate) fn no(code: Code, text: &'static str) -> Self {
        Self { condition: Condition::No, code: Some(code), text: text.into() }
    }

    pub(crate) fn bad(text: &'static str) -> Self {
        Self { condition: Condition::Bad, code: None, text: text.into() }
    }

    /// The table. What went wrong inside goes to the log, once, and not to the client.
    pub(crate) fn of(fault: &dyn Fault) -> Self {
        let kind = fault.kind();
        match kind {
            FaultKind::Internal => tracing::error!(error = fault as &dyn Error, code = fault.code(), "An IMAP command failed"),
            FaultKind::Unavailable => tracing::warn!(error = fault as &dyn Error, code = fault.code(), "An IMAP command has to wait"),
            _ => {}
        }
        let code = match (fault.code(), kind) {
            // RFC 5530 §3: a limit that no quota tells of.
            ("too_many_keywords" | "too_many_mailboxes" | "too_many_subscriptions", _) => Code::Limit,
            ("metadata_value_too_large", _) => Code::Metadata(MetadataCode::MaxSize(mail::metadata::MAX_VALUE_BYTES as u64)),
            ("too_many_metadata_entries", _) => Code::Metadata(MetadataCode::TooMany),
            (_, FaultKind::Invalid) => Code::Cannot,
            (_, FaultKind::Unauthenticated) => Code::AuthenticationFailed,
            (_, FaultKind::Forbidden) => Code::NoPerm,
            (_, FaultKind::NotFound) => Code::NonExistent,
            (_, FaultKind::Conflict) => Code::AlreadyExists,
            (_, FaultKind::LimitReached) => Code::OverQuota,
            (_, FaultKind::Throttled) => Code::Limit,
            (_, FaultKind::Unavailable) => Code::Unavailable,
            (_, FaultKind::Internal) => Code::ServerBug,
        };
        Self { condition: Condition::No, code: Some(code), text: sentence(fault).into() }
    }
}

impl Failed {
    pub(crate) fn of(fault: impl Fault) -> Self {
        Self::Refused(Refusal::of(&fault))
    }
}

/// The fault in words, as far as it concerns the client; response texts are ASCII on one line (RFC 9051 §7.1).
fn sentence(fault: &dyn Fault) -> String {
    match fault.kind() {
        FaultKind::Internal => "Something went wrong on our side".to_owned(),
        FaultKind::Unavailable => "This cannot be done at the moment, try again later".to_owned(),
        _ => {
            let text = fault.to_string();
            let mut sentence: String = text
                .chars()
                .map(|character| if character.is_ascii_graphic() || character == ' ' { character } else { '?' })
                .take(200)
                .collect();
            if let Some(first) = sentence.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            // RFC 9051 §9: a text may not begin with "[", or it would read as a code.
            if sentence.starts_with('[') { format!("({sentence})") } else { sentence }
        }
    }
}

#[cfg(test)]
mod tests {
    use store::StoreError;

    use super::*;

    #[test]
    fn a_cause_is_not_told_to_the_client() {
        let refusal = Refusal::of(&StoreError::Unavailable("host db.internal refused".into()));
        assert_eq!(refusal.code, Some(Code::Unavailable));
        assert!(!refusal.text.contains("db.internal"));
        assert_eq!(Refusal::of(&StoreError::Panicked).code, Some(Code::ServerBug));
    }

    #[test]
    fn a_mailbox_too_many_is_told_with_the_limit() {
        let refusal = Refusal::of(&mail::mailboxes::MailboxError::TooMany);
        assert_eq!((refusal.code, refusal.text.as_ref()), (Some(Code::Limit), "An account has at most 10000 mailboxes"));
    }
}
