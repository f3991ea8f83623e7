//! NOTIFY: what is told unasked. RFC 5465

use proto_imap::{Atom, Code, Notify, NotifyEvent};

use crate::errors::Refusal;
use crate::session::{Answer, Done, Session};
use crate::sync::{self, Telling};
use crate::watch;

pub(crate) async fn notify(session: &mut Session, notify: Notify) -> Answer {
    // RFC 5465 §3.1: what came so far is told, by the rules so far.
    sync::update(session, Telling::Everything).await?;
    let Notify::Set { status, groups } = notify else {
        watch::end(session);
        return Ok(Done::plain("NOTIFY completed"));
    };
    let is_known = |event: &NotifyEvent| !matches!(event, NotifyEvent::AnnotationChange | NotifyEvent::Other(_));
    if !groups.iter().flat_map(|group| &group.events).all(is_known) {
        return Err(Refusal::no(Code::BadEvent(known_events()), "Of something that was asked for nothing can be told").into());
    }
    let (selected, condstore) = (session.view.as_ref().map(|view| view.mailbox), session.enabled.condstore);
    let watched = watch::begin(session, groups).await?;
    // RFC 5465 §3.1: of the selected mailbox the client knows.
    for (mailbox, name, flags) in watched.iter().filter(|(mailbox, ..)| status && Some(mailbox.id) != selected) {
        let values = watch::status(mailbox, *flags, condstore);
        session.say().status(name, &values);
        session.flush_if_much().await?;
    }
    Ok(Done::plain("NOTIFY completed"))
}

fn known_events() -> Vec<Atom> {
    let others = NotifyEvent::PLAIN.into_iter().filter(|event| *event != NotifyEvent::AnnotationChange);
    std::iter::once(NotifyEvent::MessageNew(Vec::new())).chain(others).filter_map(|event| Atom::new(event.name())).collect()
}
