use kernel::{Ctx, Fault, SubmissionId};
use store::{BlobError, Store, StoreError};

use super::super::submit::{NewSubmission, SubmitError, submit_as};
use super::super::{SenderHeaders, SenderRefused, check_envelope_sender, check_sender};
use super::repo::{self, Held};
use crate::email_submissions;
use crate::heads::MailError;
use crate::outbound::{self, About, Action, Answer, LocalCopy, Reported};

/// After how long one that was interrupted, or could not be released for want of a disk or database, is tried again.
const AGAIN_SECS: i64 = 60;
const AT_A_TIME: u32 = 20;

/// Releases every message whose moment has come by `ctx.now`; answers how many left. `by` is the public name of this server.
///
/// One that cannot leave because its sender may not send any more is given up, and the sender is told. One that fails for want of something else stays,
/// and is due again a minute later.
pub async fn release_due(store: &Store, ctx: &Ctx, by: &str) -> Result<usize, StoreError> {
    let mut released = 0;
    loop {
        let now = ctx.now;
        let due = store.write(move |tx| repo::claim(tx, now, now.plus_secs(AGAIN_SECS), AT_A_TIME)).await?;
        if due.is_empty() {
            return Ok(released);
        }
        for (org, id) in due {
            match release(store, &ctx.in_org(org), by, id).await {
                Ok(true) => released += 1,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(
                        org.id = %org, submission.id = %id, error = &error as &dyn std::error::Error,
                        "Message {id} could not be released; it is tried again"
                    );
                }
            }
        }
    }
}

/// Sends one message; `false` when it was taken back first, or had to be given up.
async fn release(store: &Store, ctx: &Ctx, by: &str, id: SubmissionId) -> Result<bool, SubmitError> {
    let org = ctx.org;
    let Some(held) = store.read(move |tx| repo::find(tx, org, id)).await? else { return Ok(false) };
    let message = match store.blobs().get(org, &held.blob_id).await {
        Ok(message) => message,
        Err(BlobError::NotFound | BlobError::Damaged) => return give_up(store, ctx, by, id, held, &[], "5.3.0").await,
        Err(error) => return Err(error.into()),
    };
    let Some(new) = held.envelope.submission(held.account, message) else {
        return give_up(store, ctx, by, id, held, &[], "5.3.0").await;
    };
    if !may_send(store, ctx, &held, &new).await? {
        return give_up(store, ctx, by, id, held, &new.message, "5.7.1").await;
    }
    let original = new.message.clone();
    let (account, releasing) = (held.account, ctx.clone());
    let sent = submit_as(store, ctx, id, new, move |tx, sent| {
        // The account's head is locked before the row of what is held, as by who takes it back.
        email_submissions::released(&releasing, tx, account, id, &sent.outcomes)?;
        if repo::take(tx, org, account, id)? { Ok(()) } else { Err(SubmitError::NotHeld(id)) }
    });
    match sent.await {
        Ok(_) => Ok(true),
        Err(SubmitError::NotHeld(_)) => Ok(false),
        Err(error @ (SubmitError::DomainNotVerified { .. } | SubmitError::Mail(MailError::AccountNotFound))) => {
            tracing::info!(submission.id = %id, code = error.code(), "Message {id} cannot leave any more");
            give_up(store, ctx, by, id, held, &original, "5.7.1").await
        }
        Err(error) => Err(error),
    }
}

/// Whether the member may still send as the message says: it may have been suspended, or have lost an address, since it handed the message in.
async fn may_send(store: &Store, ctx: &Ctx, held: &Held, new: &NewSubmission) -> Result<bool, StoreError> {
    let Ok(headers) = SenderHeaders::read(&new.message) else { return Ok(false) };
    let (org, account, from, now) = (ctx.org, held.account, new.from.clone(), ctx.now);
    let checked = store.read(move |tx| {
        let checked =
            check_envelope_sender(tx, org, account, &from, now).and_then(|()| check_sender(tx, org, account, &from, &headers, now));
        match checked {
            Ok(()) => Ok(true),
            Err(SenderRefused::Store(error)) => Err(error),
            Err(_) => Ok(false),
        }
    });
    checked.await
}

/// Sends it to nobody and tells the sender.
async fn give_up(
    store: &Store,
    ctx: &Ctx,
    by: &str,
    id: SubmissionId,
    held: Held,
    original: &[u8],
    status: &'static str,
) -> Result<bool, SubmitError> {
    let answer = Answer::own(status, "the message was to leave at a later time, and could not leave then");
    let told = held.envelope.recipients.iter().filter(|kept| kept.notify.failure).filter_map(|kept| {
        let (address, original) = (kept.address.parse().ok()?, kept.original.clone());
        Some(Reported { address, original, answer: answer.clone(), retried_until: None })
    });
    let reverse_path = held.envelope.from.parse().unwrap_or(super::super::ReversePath::Null);
    let about = About {
        org: ctx.org,
        account: Some(held.account),
        reverse_path: &reverse_path,
        envelope_id: held.envelope.envelope_id.as_deref(),
        ret: held.envelope.ret,
        arrived_at: held.created_at,
    };
    let notices: Vec<LocalCopy> = outbound::stage_notices(store, ctx, by, &about, vec![(Action::Failed, told.collect())], original).await?;
    let (ctx, account) = (ctx.clone(), held.account);
    let given_up = store.write(move |tx| {
        match email_submissions::given_up(&ctx, tx, account, id) {
            // Nobody is left to be told.
            Ok(()) | Err(MailError::AccountNotFound) => {}
            Err(error) => return Err(error.into()),
        }
        if !repo::take(tx, ctx.org, account, id)? {
            return Err(SubmitError::NotHeld(id));
        }
        for notice in &notices {
            notice.deliver(&ctx, tx)?;
        }
        Ok(())
    });
    match given_up.await {
        Ok(()) | Err(SubmitError::NotHeld(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
