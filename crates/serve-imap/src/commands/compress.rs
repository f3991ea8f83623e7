//! COMPRESS. RFC 4978

use proto_imap::{Atom, Code, Condition, Tag};

use crate::errors::{End, Refusal};
use crate::session::{Answer, Done, Session};

pub(crate) async fn compress(session: &mut Session, tag: Tag, algorithm: &Atom) -> Answer {
    if !algorithm.is("DEFLATE") {
        return Err(Refusal::bad("Only DEFLATE is known").into());
    }
    if session.connection.is_compressed() {
        // RFC 4978 §3: NO is for what another layer compresses.
        let text = "DEFLATE is active already".into();
        return Err(Refusal { condition: Condition::Bad, code: Some(Code::CompressionActive), text }.into());
    }
    // RFC 4978 §3: the client waits for the answer. What it said before would be taken for compressed.
    if !session.connection.input().is_empty() {
        return Err(Refusal::bad("Nothing may follow COMPRESS before its answer").into());
    }
    session.say().tagged(&tag, Condition::Ok, None, "DEFLATE active");
    session.connection.start_deflate().await.map_err(End::from)?;
    Ok(Done::Said)
}
