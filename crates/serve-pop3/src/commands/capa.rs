//! CAPA: what is there, by state. A capability stands here only when all of it is there. RFC 2449 §5

use std::net::IpAddr;

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
    is_private(session.connection.is_encrypted(), session.connection.peer.ip())
}

fn is_private(encrypted: bool, peer: IpAddr) -> bool {
    encrypted || peer.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn in_the_clear_only_loopback_may_sign_in() {
        let allowed = |encrypted: bool, peer: &str| is_private(encrypted, peer.parse().expect("an address"));
        assert!(allowed(true, "192.0.2.1") && allowed(false, "127.0.0.1") && allowed(false, "::1") && allowed(false, "::ffff:127.0.0.1"));
        assert!(!allowed(false, "192.0.2.1") && !allowed(false, "10.0.0.1") && !allowed(false, "::ffff:192.0.2.1"));
    }
}
