//! A member's message: is the sender who it says, what has to be added and taken away, and into the queue and the colleagues' mailboxes with it.

use std::sync::Arc;

use mail::submission::{self, Missing, NewRecipient, NewSubmission, SenderHeaders, SenderRefused, Trace};

use crate::body::WholeMessage;
use crate::desk::Desk;
use crate::headers::{Header, MAX_RECEIVED};
use crate::reply::{self, Reply};
use crate::session::{Destination, Envelope};
use crate::trace;

/// Takes a message on for whoever is signed in. With a positive answer it is on disk.
pub async fn take(desk: &Desk, envelope: &Envelope, message: WholeMessage) -> Reply {
    match try_take(desk, envelope, message).await {
        Ok(()) => Reply::told(250, "2.0.0", &format!("Taken as {}", envelope.id)),
        Err(refusal) => refusal,
    }
}

async fn try_take(desk: &Desk, envelope: &Envelope, message: WholeMessage) -> Result<(), Reply> {
    let (ctx, account) = desk.sender().ok_or(reply::NO_MAILBOX)?;
    let shared = desk.shared();
    // Held until the message is on disk.
    let WholeMessage { bytes, reservation: _held } = message;
    if Header::read(&bytes, &desk.rules().options.host_name).received > MAX_RECEIVED {
        return Err(reply::MAIL_LOOP);
    }
    let headers = SenderHeaders::read(&bytes).map_err(|refused| desk.told(&refused))?;
    let (org, from, now) = (ctx.org, envelope.from.clone(), ctx.now);
    let checked = shared.parts.store.read(move |tx| submission::check_sender(tx, org, account, &from, &headers, now));
    checked.await.map_err(|refused: SenderRefused| desk.told(&refused))?;
    let count = u32::try_from(envelope.recipients.len()).unwrap_or(u32::MAX);
    if !shared.rates.count(account, count, ctx.now) {
        return Err(reply::TOO_MANY_MESSAGES);
    }
    let host_name = &desk.rules().options.host_name;
    let domain = envelope.from.address().map_or(&**host_name, |address| address.domain());
    let submission = NewSubmission {
        account: Some(account),
        from: envelope.from.clone(),
        recipients: recipients(envelope),
        message: submission::prepare(bytes, &Missing::of(&ctx, domain)),
        envelope_id: envelope.parameters.envelope_id.clone(),
        ret: envelope.parameters.ret.unwrap_or_default(),
        smtp_utf8: envelope.parameters.smtp_utf8,
        not_before: None,
        trace: Trace { by: Arc::clone(host_name), with: trace::protocol(desk.rules().kind, envelope) },
    };
    submission::submit(&shared.parts.store, &ctx, submission).await.map(drop).map_err(|error| desk.told(&error))
}

fn recipients(envelope: &Envelope) -> Vec<NewRecipient> {
    let each = envelope.recipients.iter().filter_map(|taken| match &taken.destination {
        Destination::Anywhere(address) => Some(NewRecipient {
            address: address.clone(),
            notify: taken.parameters.notify.unwrap_or_default(),
            original: taken.parameters.original_recipient.clone(),
        }),
        Destination::Local(_) => None,
    });
    each.collect()
}
