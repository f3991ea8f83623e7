//! Which commands are allowed in which state. RFC 9051 §3

use proto_imap::{Code, CommandBody, Condition, MessageSet, SearchKey};

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
        | CommandBody::ESearch(_)
        | CommandBody::GetMetadata(_)
        | CommandBody::SetMetadata(_)
        | CommandBody::Notify(_)
        | CommandBody::GetJmapAccess => Needs::User,
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
        | CommandBody::Move(_)
        | CommandBody::Replace(_) => Needs::Mailbox,
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

/// RFC 9586 §3: with UIDONLY, nothing is said or heard by sequence number.
pub(crate) fn check_numbers(body: &CommandBody, session: &Session) -> Result<(), Refusal> {
    let (by_uid, key) = match body {
        CommandBody::Fetch(fetch) => (fetch.uid, None),
        CommandBody::Store(store) => (store.uid, None),
        CommandBody::Copy(copy) | CommandBody::Move(copy) => (copy.uid, None),
        CommandBody::Replace(replace) => (replace.replaced.uid, None),
        CommandBody::Search(search) => (search.uid, Some(&search.key)),
        CommandBody::Sort(sort) => (sort.uid, Some(&sort.key)),
        CommandBody::Thread(thread) => (thread.uid, Some(&thread.key)),
        CommandBody::ESearch(search) => (true, Some(&search.key)),
        CommandBody::Select(select) | CommandBody::Examine(select) => {
            (select.qresync.as_ref().is_none_or(|qresync| qresync.matches.is_none()), None)
        }
        _ => (true, None),
    };
    refuse_number(session, by_uid && !key.is_some_and(names_numbers))
}

pub(crate) fn refuse_number(session: &Session, by_uid: bool) -> Result<(), Refusal> {
    if by_uid || !session.enabled.uid_only {
        return Ok(());
    }
    let text = "Sequence numbers are not used any more";
    Err(Refusal { condition: Condition::Bad, code: Some(Code::UidRequired), text: text.into() })
}

fn names_numbers(key: &SearchKey) -> bool {
    match key {
        SearchKey::Sequence(set) => *set != MessageSet::Saved,
        SearchKey::Not(key) => names_numbers(key),
        SearchKey::Or(one, other) => names_numbers(one) || names_numbers(other),
        SearchKey::And(keys) => keys.iter().any(names_numbers),
        _ => false,
    }
}
