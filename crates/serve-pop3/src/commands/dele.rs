//! DELE: a mark of this session's; QUIT removes. RFC 1939 §5

use super::find;
use crate::session::{Answer, Done, Session};
use crate::texts;

pub(crate) fn dele(session: &mut Session, number: u32) -> Answer {
    let message = find(session, number)?;
    session.maildrop_mut()?.delete(message);
    Ok(Done::Ok(texts::MARKED))
}
