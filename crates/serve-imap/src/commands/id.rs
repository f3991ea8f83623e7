//! ID: who we are. What clients say of themselves is neither kept nor logged. RFC 2971

use crate::session::{Answer, Done, Session};

pub(crate) fn id(session: &mut Session, _client: &[(String, Option<String>)]) -> Answer {
    // RFC 2971 §4: no version, which would help those who look for old ones.
    session.say().id(&[("name", Some("Yanshu"))]);
    Ok(Done::plain("ID completed"))
}
