//! Which commands are allowed in which state. RFC 9051 §3

use proto_imap::CommandBody;

use super::Session;
use crate::errors::Refusal;

/// What a command needs to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// Nobody has signed in yet.
    Nobody,
    User,
    Mailbox,
}

pub(crate) fn needs(body: &CommandBody) -> Needs {
    match body {
        CommandBody::Capability | CommandBody::Noop | CommandBody::Logout | CommandBody::Id(_) => Needs::Nothing,
        CommandBody::StartTls | CommandBody::Authenticate { .. } | CommandBody::Login { .. } => Needs::Nobody,
        CommandBody::Enable(_)
        | CommandBody::Select(_)
        | CommandBody::Examine(_)
        | CommandBody::Create { .. }
        | CommandBody::Delete(_)
        | CommandBody::Rename { .. }
        | CommandBody::Subscribe(_)
        | CommandBody::Unsubscribe(_)
        | CommandBody::List(_)
        | CommandBody::Lsub { .. }
        | CommandBody::Namespace
        | CommandBody::Status { .. }
        | CommandBody::Append(_)
        | CommandBody::Idle
        | CommandBody::GetQuota { .. }
        | CommandBody::GetQuotaRoot(_)
        | CommandBody::SetQuota { .. }
        | CommandBody::Compress { .. }
        | CommandBody::ESearch(_) => Needs::User,
        CommandBody::Close
        | CommandBody::Unselect
        | CommandBody::Check
        | CommandBody::Expunge
        | CommandBody::UidExpunge(_)
        | CommandBody::Search(_)
        | CommandBody::Sort(_)
        | CommandBody::Thread(_)
        | CommandBody::Fetch(_)
        | CommandBody::Store(_)
        | CommandBody::Copy(_)
        | CommandBody::Move(_) => Needs::Mailbox,
    }
}

pub(crate) fn check(needs: Needs, session: &Session) -> Result<(), Refusal> {
    match needs {
        Needs::Nobody if session.user.is_some() => Err(Refusal::bad("Somebody has signed in already")),
        Needs::User | Needs::Mailbox if session.user.is_none() => Err(Refusal::bad("Sign in first")),
        Needs::Mailbox if session.view.is_none() => Err(Refusal::bad("Select a mailbox first")),
        _ => Ok(()),
    }
}
