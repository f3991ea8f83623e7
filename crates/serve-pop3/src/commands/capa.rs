//! CAPA: what is there, by state. A capability stands here only when all of it is there. RFC 2449 §5

use crate::session::{Answer, Done, Session};
use crate::texts;

/// Before and after signing in alike.
const ALWAYS: &[&str] =
    &["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER", "UTF8 USER", "LANG", "IMPLEMENTATION Yanshu"];

pub(crate) fn capa(session: &mut Session) -> Answer {
    session.say_ok(texts::CAPABILITIES);
    ALWAYS.iter().for_each(|capability| session.say_line(&[capability]));
    if session.user.is_none() {
        if can_start_tls(session) {
            session.say_line(&["STLS"]);
        }
        if may_sign_in(session) {
            session.say_line(&["USER"]);
            session.say_line(&["SASL PLAIN"]);
        }
    }
    session.say_line(&["."]);
    Ok(Done::Said)
}

pub(super) fn can_start_tls(session: &Session) -> bool {
    session.server.tls.is_some() && !session.connection.is_encrypted()
}

/// A password goes over the wire only where nobody can listen.
pub(super) fn may_sign_in(session: &Session) -> bool {
    session.connection.is_encrypted() || session.connection.is_local()
}
