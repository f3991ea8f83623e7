//! LOGOUT. RFC 9051 §6.1.3

use proto_imap::{Condition, Tag};

use crate::errors::End;
use crate::session::{Answer, Session};

pub(crate) fn logout(session: &mut Session, tag: Tag) -> Answer {
    let mut say = session.say();
    say.untagged(Condition::Bye, None, "Goodbye");
    say.tagged(&tag, Condition::Ok, None, "LOGOUT completed");
    Err(End::LoggedOut.into())
}
