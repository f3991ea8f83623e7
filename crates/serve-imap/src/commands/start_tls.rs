//! STARTTLS. RFC 9051 §6.2.1

use proto_imap::{Condition, Tag};

use crate::capabilities;
use crate::errors::{End, Refusal};
use crate::session::{Answer, Done, Session};

pub(crate) async fn start_tls(session: &mut Session, tag: Tag) -> Answer {
    if session.connection.is_encrypted() {
        return Err(Refusal::bad("TLS is on already").into());
    }
    let Some(tls) = session.server.tls.clone().filter(|_| capabilities::can_start_tls(session)) else {
        return Err(Refusal::bad("TLS is not offered here").into());
    };
    session.say().tagged(&tag, Condition::Ok, None, "Begin TLS now");
    let limit = session.server.options.read_timeout;
    // What came in the clear behind the command is thrown away with the buffer that holds it.
    session.connection.start_tls(tls, limit).await.map_err(End::from)?;
    Ok(Done::Said)
}
