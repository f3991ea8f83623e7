//! One file for each command, named as the command is; USER and PASS are one matter, and so are RETR and TOP. NOOP is nothing.

pub(crate) mod auth;
pub(crate) mod capa;
pub(crate) mod dele;
pub(crate) mod lang;
pub(crate) mod list;
pub(crate) mod quit;
pub(crate) mod retr;
pub(crate) mod rset;
pub(crate) mod sign_in;
pub(crate) mod stat;
pub(crate) mod stls;
pub(crate) mod uidl;
pub(crate) mod utf8;

use crate::errors::{Code, Failed, Refusal};
use crate::maildrop::{Message, Missing};
use crate::session::Session;
use crate::texts;

/// The message of a number, as commands about one look for it.
fn find(session: &Session, number: u32) -> Result<Message, Failed> {
    session.maildrop()?.find(number).map_err(|missing| {
        let text = match missing {
            Missing::NoSuchNumber => texts::NO_SUCH_MESSAGE,
            Missing::Deleted => texts::IS_DELETED,
        };
        Refusal::plain(text).into()
    })
}

/// For what is not the client's fault and will not pass.
fn cannot_be_read() -> Refusal {
    Refusal::of(Code::SysPerm, texts::CANNOT_BE_READ)
}
