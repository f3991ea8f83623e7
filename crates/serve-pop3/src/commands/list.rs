//! LIST: sizes as they are sent, dots not doubled. RFC 1939 §5, RFC 6856 §2.1

use super::find;
use crate::session::{Answer, Done, Session};
use crate::texts;

pub(crate) async fn list(session: &mut Session, number: Option<u32>) -> Answer {
    if let Some(number) = number {
        let message = find(session, number)?;
        session.say_line(&["+OK ", &message.number.to_string(), " ", &message.size.to_string()]);
        return Ok(Done::Said);
    }
    session.say_ok(texts::LISTED);
    let mut place = 0;
    while let Some(message) = session.maildrop()?.from(place) {
        session.say_line(&[&message.number.to_string(), " ", &message.size.to_string()]);
        session.flush_if_much().await?;
        place = message.number;
    }
    session.say_line(&["."]);
    Ok(Done::Said)
}
