//! CAPABILITY. RFC 9051 §6.1.1

use crate::capabilities;
use crate::session::{Answer, Done, Session};

pub(crate) fn capability(session: &mut Session) -> Answer {
    let capabilities = capabilities::of(session);
    session.say().capability(capabilities);
    Ok(Done::plain("CAPABILITY completed"))
}
