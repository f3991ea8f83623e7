//! UTF8. RFC 6856 §2
//!
//! Messages go out as they are kept, before and after: there is no other form of them, and programs that have never heard of UTF8 show raw
//! headers, too.

use crate::session::{Answer, Done, Session};
use crate::texts;

pub(crate) fn utf8(session: &mut Session) -> Answer {
    session.utf8 = true;
    Ok(Done::Ok(texts::UTF8_IS_ON))
}
