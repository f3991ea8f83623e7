//! Which kinds of things changed, for whoever pushes (RFC 8620 §7.1).

use std::collections::BTreeSet;

use kernel::{Ctx, MailAccountId};
use store::Tx;

use super::{ChangesError, State, mailbox_changes, message_changes, thread_changes};
use crate::{email_identities, email_submissions};

/// The types whose states are told (RFC 8621 §1.5).
pub const TYPES: &[&str] = &["Email", "EmailDelivery", "EmailSubmission", "Identity", "Mailbox", "Quota", "Thread"];

/// What kinds of things changed since a change number.
pub fn changed_types(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, since: i64) -> Result<BTreeSet<&'static str>, ChangesError> {
    /// Enough to see whether something new is among them.
    const SOME: usize = 100;
    let since_state = State::of(since);
    let mut changed = BTreeSet::new();
    let everything = || TYPES.iter().copied().collect();
    match message_changes(ctx, tx, account, since_state, Some(SOME)) {
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
        Err(error) => return Err(error),
    }
    let threads = thread_changes(ctx, tx, account, since_state, Some(1))?;
    if threads.has_more || !(threads.created.is_empty() && threads.updated.is_empty() && threads.destroyed.is_empty()) {
        changed.insert("Thread");
    }
    let mailboxes = mailbox_changes(ctx, tx, account, since_state, Some(1))?;
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
