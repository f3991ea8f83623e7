//! Which commands are allowed in which state (RFC 1939 §3), and from a command to what does it.

use super::{Answer, Done, Session};
use crate::commands::{auth, capa, dele, lang, list, quit, retr, rset, sign_in, stat, stls, uidl, utf8};
use crate::errors::Refusal;
use crate::texts;
use crate::wire::Command;

/// What a command needs to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    /// Nobody has signed in yet: the AUTHORIZATION state.
    Nobody,
    /// The TRANSACTION state.
    User,
}

pub(super) fn needs(command: &Command) -> Needs {
    match command {
        Command::Capa | Command::Lang(_) | Command::Quit => Needs::Nothing,
        Command::Stls | Command::User(_) | Command::Pass(_) | Command::Auth { .. } | Command::Utf8 => Needs::Nobody,
        Command::Stat
        | Command::List(_)
        | Command::Retr(_)
        | Command::Top { .. }
        | Command::Uidl(_)
        | Command::Dele(_)
        | Command::Noop
        | Command::Rset => Needs::User,
    }
}

pub(super) fn check(needs: Needs, session: &Session) -> Result<(), Refusal> {
    match needs {
        Needs::Nobody if session.user.is_some() => Err(Refusal::bad(texts::SIGNED_IN_ALREADY)),
        Needs::User if session.user.is_none() => Err(Refusal::bad(texts::SIGN_IN_FIRST)),
        _ => Ok(()),
    }
}

pub(super) async fn run(session: &mut Session, command: Command) -> Answer {
    match command {
        Command::Capa => capa::capa(session),
        Command::Stls => stls::stls(session).await,
        Command::User(name) => sign_in::user(session, name),
        Command::Pass(password) => sign_in::pass(session, &password).await,
        Command::Auth { mechanism, initial } => auth::auth(session, mechanism.as_deref(), initial).await,
        Command::Utf8 => utf8::utf8(session),
        Command::Lang(tag) => lang::lang(session, tag.as_deref()),
        Command::Stat => stat::stat(session),
        Command::List(number) => list::list(session, number).await,
        Command::Retr(number) => retr::retr(session, number).await,
        Command::Top { number, lines } => retr::top(session, number, lines).await,
        Command::Uidl(number) => uidl::uidl(session, number).await,
        Command::Dele(number) => dele::dele(session, number),
        Command::Noop => Ok(Done::Ok(texts::DONE)),
        Command::Rset => rset::rset(session),
        Command::Quit => quit::quit(session).await,
    }
}
