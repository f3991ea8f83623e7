//! GETJMAPACCESS: where the same mail is served by JMAP, under the same ids. RFC 9698

use crate::errors::Refusal;
use crate::session::{Answer, Done, Session};

pub(crate) fn get_jmap_access(session: &mut Session) -> Answer {
    let Some(url) = session.server.options.jmap_session_url.clone() else { return Err(Refusal::bad("JMAP is not offered here").into()) };
    session.say().jmap_access(&url);
    Ok(Done::plain("GETJMAPACCESS completed"))
}
