//! ENABLE. RFC 9051 §6.3.1

use proto_imap::Enable;

use crate::errors::Refusal;
use crate::session::{Answer, Done, Session};
use crate::watch;

pub(crate) async fn enable(session: &mut Session, wanted: &[Enable]) -> Answer {
    let before = session.enabled;
    let mut named = Vec::new();
    for wanted in wanted {
        match wanted {
            Enable::Imap4Rev2 if !session.enabled.imap4rev2 => {
                session.enabled.imap4rev2 = true;
                named.push("IMAP4rev2");
            }
            Enable::Utf8Accept if !session.enabled.utf8 => {
                session.enabled.utf8 = true;
                named.push("UTF8=ACCEPT");
            }
            Enable::CondStore if !before.condstore && !named.contains(&"CONDSTORE") => {
                session.use_condstore(true);
                named.push("CONDSTORE");
            }
            // RFC 7162 §3.2.3: it is CONDSTORE as well.
            Enable::QResync if !session.enabled.qresync => {
                session.enabled.qresync = true;
                session.use_condstore(true);
                named.push("QRESYNC");
            }
            Enable::UidOnly if !session.enabled.uid_only => {
                session.enabled.uid_only = true;
                named.push("UIDONLY");
            }
            // RFC 5464 §4.1
            Enable::Metadata if !session.watch.as_ref().is_some_and(|watch| watch.all_notes) => {
                watch::begin_with_notes(session).await?;
                named.push("METADATA");
            }
            // RFC 5161 §3.1: what is not known, or is on already, is passed over.
            _ => {}
        }
    }
    // RFC 6855 §3: names would be written another way in the middle of a mailbox.
    if session.view.is_some() && (before.imap4rev2, before.utf8) != (session.enabled.imap4rev2, session.enabled.utf8) {
        session.enabled = before;
        return Err(Refusal::bad("Not while a mailbox is selected").into());
    }
    session.say().enabled(named);
    Ok(Done::plain("ENABLE completed"))
}
