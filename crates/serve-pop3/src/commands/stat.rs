//! STAT: what is not deleted. RFC 1939 §5

use crate::session::{Answer, Done, Session};

pub(crate) fn stat(session: &mut Session) -> Answer {
    let maildrop = session.maildrop()?;
    let (count, bytes) = (maildrop.count().to_string(), maildrop.bytes().to_string());
    session.say_line(&["+OK ", &count, " ", &bytes]);
    Ok(Done::Said)
}
