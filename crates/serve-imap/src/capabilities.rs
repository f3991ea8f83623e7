//! What is said to be there, by state. A capability stands here only when all of it is there.

use proto_imap::Atom;

use crate::session::Session;

/// Before and after signing in alike.
const ALWAYS: &[&str] = &["IMAP4rev1", "IMAP4rev2", "SASL-IR", "ID", "ENABLE"];

const SIGNED_IN: &[&str] = &[
    "IDLE",
    "UNSELECT",
    "UIDPLUS",
    "MOVE",
    "CHILDREN",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "NAMESPACE",
    "ESEARCH",
    "SEARCHRES",
    "SORT",
    "SORT=DISPLAY",
    "ESORT",
    "PARTIAL",
    "MULTISEARCH",
    "THREAD=ORDEREDSUBJECT",
    "THREAD=REFERENCES",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "LIST-METADATA",
    "METADATA",
    "NOTIFY",
    "STATUS=SIZE",
    "UTF8=ACCEPT",
    "CONDSTORE",
    "QRESYNC",
    "QUOTA",
    "QUOTA=RES-STORAGE",
    "OBJECTID",
    "BINARY",
    "PREVIEW",
    "WITHIN",
    "INPROGRESS",
    "MULTIAPPEND",
    "CATENATE",
    "SAVEDATE",
    "REPLACE",
    "UIDONLY",
];

pub(crate) fn of(session: &Session) -> Vec<Atom> {
    let mut names: Vec<String> = ALWAYS.iter().map(|name| (*name).to_owned()).collect();
    // RFC 7888 §5: one of both. Nobody unknown needs to send much without being asked.
    names.push(if session.user.is_some() { "LITERAL+" } else { "LITERAL-" }.to_owned());
    if session.user.is_some() {
        names.extend(SIGNED_IN.iter().map(|name| (*name).to_owned()));
        names.push(format!("APPENDLIMIT={}", session.server.options.max_message_bytes));
        if session.server.options.jmap_session_url.is_some() {
            names.push("JMAPACCESS".to_owned());
        }
        if !session.connection.is_compressed() {
            names.push("COMPRESS=DEFLATE".to_owned());
        }
    } else {
        if can_start_tls(session) {
            names.push("STARTTLS".to_owned());
        }
        let ways: &[&str] = match (may_sign_in(session), session.connection.tls_exporter()) {
            (false, _) => &["LOGINDISABLED"],
            (true, None) => &["AUTH=PLAIN", "AUTH=SCRAM-SHA-256"],
            (true, Some(_)) => &["AUTH=PLAIN", "AUTH=SCRAM-SHA-256", "AUTH=SCRAM-SHA-256-PLUS"],
        };
        names.extend(ways.iter().map(|name| (*name).to_owned()));
    }
    names.iter().filter_map(|name| Atom::new(name)).collect()
}

pub(crate) fn can_start_tls(session: &Session) -> bool {
    session.server.tls.is_some() && !session.connection.is_encrypted()
}

/// A password goes over the wire only where nobody can listen.
pub(crate) fn may_sign_in(session: &Session) -> bool {
    let is_trusted = session.server.options.plain_from_loopback && session.connection.is_local();
    session.connection.is_encrypted() || is_trusted
}
