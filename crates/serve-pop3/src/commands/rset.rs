//! RSET: no message is marked for deletion any more. RFC 1939 §5

use crate::session::{Answer, Done, Session};
use crate::texts;

pub(crate) fn rset(session: &mut Session) -> Answer {
    session.maildrop_mut()?.restore_all();
    Ok(Done::Ok(texts::DONE))
}
