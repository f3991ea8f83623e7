//! UIDL. RFC 1939 §7

use super::find;
use crate::session::{Answer, Done, Session};
use crate::texts;

pub(crate) async fn uidl(session: &mut Session, number: Option<u32>) -> Answer {
    if let Some(number) = number {
        let message = find(session, number)?;
        let unique_id = session.maildrop()?.unique_id(message);
        session.say_line(&["+OK ", &message.number.to_string(), " ", &unique_id]);
        return Ok(Done::Said);
    }
    session.say_ok(texts::LISTED);
    let mut place = 0;
    while let Some(message) = session.maildrop()?.from(place) {
        let unique_id = session.maildrop()?.unique_id(message);
        session.say_line(&[&message.number.to_string(), " ", &unique_id]);
        session.flush_if_much().await?;
        place = message.number;
    }
    session.say_line(&["."]);
    Ok(Done::Said)
}
