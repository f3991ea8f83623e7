//! What changed since a client was told last: for streams, connections and everything else that pushes.

use std::collections::BTreeSet;

use kernel::{Ctx, MailAccountId};
use mail::changes::{self, ChangesError};
use mail::{email_identities, email_submissions, heads};
use serde_json::{Map, Value, json};
use store::Tx;

use super::caller::JmapCaller;
use crate::app::AppState;
use crate::error::ApiError;

/// The types whose states are told (RFC 8621 §1.5).
pub const TYPES: &[&str] = &["Email", "EmailDelivery", "EmailSubmission", "Identity", "Mailbox", "Quota", "Thread"];

/// What is new.
pub struct News {
    /// The state now.
    pub state: i64,
    /// The types that changed, each with its state.
    pub changed: Map<String, Value>,
}

/// The state now, and those of `types` that changed since `told`; `None` when the session has ended, or when that cannot be found out.
pub async fn look(
    app: &AppState,
    caller: &JmapCaller,
    account: MailAccountId,
    types: &BTreeSet<&'static str>,
    told: i64,
    look_at_session: bool,
) -> Option<News> {
    let ctx = Ctx { now: app.clock.now(), ..caller.ctx.clone() };
    let (proof, types) = (caller.proof.clone(), types.clone());
    let found = app.store.read(move |tx| {
        if look_at_session && !proof.is_still_valid(tx, ctx.now)? {
            return Ok::<_, ApiError>(None);
        }
        let state = heads::open(&ctx, tx, account)?.change_number;
        let changed = if state > told { changed_types(&ctx, tx, account, told)? } else { BTreeSet::new() };
        let changed = changed.intersection(&types).map(|name| ((*name).to_owned(), json!(state.to_string()))).collect();
        Ok(Some(News { state, changed }))
    });
    found.await.ok()?
}

/// What kinds of things changed since a change number.
fn changed_types(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, since: i64) -> Result<BTreeSet<&'static str>, ApiError> {
    /// Enough to see whether something new is among them.
    const SOME: usize = 100;
    let since_state = changes::State::of(since);
    let mut changed = BTreeSet::new();
    let everything = || TYPES.iter().copied().collect();
    match changes::message_changes(ctx, tx, account, since_state, Some(SOME)) {
        Ok(found) => {
            if !(found.created.is_empty() && found.updated.is_empty() && found.destroyed.is_empty()) {
                changed.insert("Email");
            }
            if !found.created.is_empty() || !found.destroyed.is_empty() {
                changed.insert("Quota");
            }
            if !found.created.is_empty() || found.has_more {
                changed.insert("EmailDelivery");
            }
            if found.has_more {
                changed.insert("Quota");
            }
        }
        Err(ChangesError::CannotCalculate) => return Ok(everything()),
        Err(error) => return Err(error.into()),
    }
    let threads = changes::thread_changes(ctx, tx, account, since_state, Some(1))?;
    if threads.has_more || !(threads.created.is_empty() && threads.updated.is_empty() && threads.destroyed.is_empty()) {
        changed.insert("Thread");
    }
    let mailboxes = changes::mailbox_changes(ctx, tx, account, since_state, Some(1))?;
    if !(mailboxes.created.is_empty() && mailboxes.updated.is_empty() && mailboxes.destroyed.is_empty()) {
        changed.insert("Mailbox");
    }
    let any = |found: Option<bool>| found.unwrap_or(true);
    let identities = email_identities::changes(ctx, tx, account, since, usize::MAX)?.map(|found| !found.all().is_empty());
    if any(identities) {
        changed.insert("Identity");
    }
    let submissions = email_submissions::changes(ctx, tx, account, since, usize::MAX)?.map(|found| !found.all().is_empty());
    if any(submissions) {
        changed.insert("EmailSubmission");
    }
    Ok(changed)
}
