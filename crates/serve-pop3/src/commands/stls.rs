//! STLS. RFC 2595 §4

use std::sync::Arc;

use super::capa;
use crate::errors::{End, Refusal};
use crate::session::{Answer, Done, Session};
use crate::texts;

pub(crate) async fn stls(session: &mut Session) -> Answer {
    if session.connection.is_encrypted() {
        return Err(Refusal::bad(texts::TLS_IS_ON).into());
    }
    // RFC 6856 §2.1: not after UTF8.
    if session.utf8 {
        return Err(Refusal::bad(texts::NO_TLS_AFTER_UTF8).into());
    }
    let Some(tls) = session.server.tls.as_ref().map(Arc::clone).filter(|_| capa::can_start_tls(session)) else {
        return Err(Refusal::bad(texts::NO_TLS).into());
    };
    session.say_ok(texts::BEGIN_TLS);
    session.forget();
    let limit = session.server.options.read_timeout;
    // What came in the clear behind the command is thrown away with the buffer that holds it.
    session.connection.start_tls(tls, limit).await.map_err(End::from)?;
    Ok(Done::Said)
}
