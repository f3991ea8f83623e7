//! The one table from what went wrong to what the client is told (RFC 2449 §8, RFC 3206), and how a session ends.

use std::error::Error;
use std::io;

use kernel::{Fault, FaultKind};

use crate::texts::{self, Text};

/// What a program can act upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// Another session has the maildrop.
    InUse,
    /// Name or password: asking the user for them again may help.
    Auth,
    /// It will go away by itself.
    SysTemp,
    /// It will not.
    SysPerm,
}

impl Code {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InUse => "IN-USE",
            Self::Auth => "AUTH",
            Self::SysTemp => "SYS/TEMP",
            Self::SysPerm => "SYS/PERM",
        }
    }
}

/// Why a command was not done.
#[derive(Debug)]
pub(crate) enum Failed {
    Refused(Refusal),
    /// The connection cannot or must not go on.
    Over(End),
}

/// A line that begins with -ERR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Option<Code>,
    pub(crate) text: Text,
    /// It shows that the client does not know what it does.
    pub(crate) is_bad: bool,
}

/// Why a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The client said QUIT, which was answered.
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
    /// Somebody else has the maildrop.
    LockLost,
    Stopping,
}

impl End {
    /// What the client is told before the connection closes; it will take it for the answer to what it says next.
    pub(crate) fn last_words(self) -> Option<Refusal> {
        Some(match self {
            // RFC 1939 §3: autologout closes without a response.
            Self::LoggedOut | Self::Gone | Self::Idle => return None,
            Self::TooManyBadCommands => Refusal::bad(texts::TOO_MANY_BAD_COMMANDS),
            Self::TooMuchToDiscard => Refusal::bad(texts::LINE_TOO_LONG),
            Self::TooManyFailedSignIns => Refusal::of(Code::Auth, texts::TOO_MANY_FAILED_SIGN_INS),
            Self::Revoked => Refusal::of(Code::Auth, texts::REVOKED),
            Self::LockLost => Refusal::of(Code::InUse, texts::LOCK_LOST),
            Self::Stopping => Refusal::of(Code::SysTemp, texts::STOPPING),
        })
    }

    /// For the log and the figures.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Gone => "gone",
            Self::Idle => "idle",
            Self::TooManyBadCommands => "bad_commands",
            Self::TooManyFailedSignIns => "failed_sign_ins",
            Self::TooMuchToDiscard => "too_much",
            Self::Revoked => "revoked",
            Self::LockLost => "lock_lost",
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
    pub(crate) const fn of(code: Code, text: Text) -> Self {
        Self { code: Some(code), text, is_bad: false }
    }

    /// That something is not there, or not now: no fault of anybody's.
    pub(crate) const fn plain(text: Text) -> Self {
        Self { code: None, text, is_bad: false }
    }

    pub(crate) const fn bad(text: Text) -> Self {
        Self { code: None, text, is_bad: true }
    }

    /// The table. What went wrong inside goes to the log, once, and not to the client.
    pub(crate) fn of_fault(fault: &dyn Fault) -> Self {
        match fault.kind() {
            FaultKind::Internal => {
                tracing::error!(error = fault as &dyn Error, code = fault.code(), "A POP3 command failed");
                Self::of(Code::SysPerm, texts::OUR_FAULT)
            }
            FaultKind::Unavailable => {
                tracing::warn!(error = fault as &dyn Error, code = fault.code(), "A POP3 command has to wait");
                Self::of(Code::SysTemp, texts::TRY_LATER)
            }
            FaultKind::Throttled => Self::of(Code::SysTemp, texts::TOO_MANY_ATTEMPTS),
            FaultKind::Unauthenticated => Self::of(Code::Auth, texts::WRONG),
            FaultKind::Forbidden => Self::of(Code::SysPerm, texts::NOT_ALLOWED),
            FaultKind::NotFound => Self::plain(texts::IS_GONE),
            FaultKind::Conflict => Self::of(Code::InUse, texts::LOCK_LOST),
            FaultKind::Invalid | FaultKind::LimitReached => Self::of(Code::SysPerm, texts::CANNOT_BE_READ),
        }
    }
}

impl Failed {
    pub(crate) fn of(fault: impl Fault) -> Self {
        Self::Refused(Refusal::of_fault(&fault))
    }
}

#[cfg(test)]
mod tests {
    use store::StoreError;

    use super::*;

    #[test]
    fn what_passes_by_itself_is_told_from_what_does_not() {
        assert_eq!(Refusal::of_fault(&StoreError::Unavailable("refused".into())).code, Some(Code::SysTemp));
        assert_eq!(Refusal::of_fault(&StoreError::Panicked).code, Some(Code::SysPerm));
    }
}
