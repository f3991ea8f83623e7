//! NAMESPACE. RFC 9051 §6.3.10

use mail::mailboxes::SEPARATOR;
use proto_imap::Namespace;

use crate::session::{Answer, Done, Session};

pub(crate) fn namespace(session: &mut Session) -> Answer {
    let personal = [Namespace { prefix: String::new(), delimiter: Some(SEPARATOR) }];
    session.say().namespace(&personal, &[], &[]);
    Ok(Done::plain("NAMESPACE completed"))
}
