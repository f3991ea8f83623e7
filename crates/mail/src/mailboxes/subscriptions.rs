//! Subscriptions. Those of mailboxes are marks on them; what is here are names without a mailbox.
//!
//! RFC 9051 §6.3.7: a name stays subscribed when its mailbox goes, until it is unsubscribed. It comes back as a mark when a mailbox gets the name.

use std::collections::{HashMap, HashSet};

use kernel::{Ctx, MailAccountId};
use store::{StoreError, Tx, params};

use super::{MAX_DEPTH, Mailbox, MailboxError, SEPARATOR, change, names, repo};
use crate::MailboxId;
use crate::heads::{self, MailError};

/// Of one account.
pub const MAX_LOST_SUBSCRIPTIONS: usize = 1_000;
/// A whole path, with what stands between its levels.
const MAX_PATH_BYTES: usize = 2_000;

/// What becomes of the subscription of a mailbox that is removed or gets another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// It belongs to the mailbox, as JMAP has it.
    GoesAlong,
    /// It belongs to the name, as IMAP has it.
    Stays,
}

/// IMAP's SUBSCRIBE, of any name that a mailbox could have. What is subscribed already stays so.
pub fn subscribe(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, path: &[String]) -> Result<(), MailboxError> {
    if let Some(mailbox) = super::find_path(ctx, tx, account, path)? {
        return change::mark_subscribed(ctx, tx, account, mailbox.id, true);
    }
    let name = name_of(path)?;
    if count(tx, account)? >= MAX_LOST_SUBSCRIPTIONS {
        return Err(MailboxError::TooManySubscriptions);
    }
    Ok(insert(tx, account, &name)?)
}

/// IMAP's UNSUBSCRIBE. A name that is not subscribed is no error.
pub fn unsubscribe(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, path: &[String]) -> Result<(), MailboxError> {
    if let Some(mailbox) = super::find_path(ctx, tx, account, path)? {
        return change::mark_subscribed(ctx, tx, account, mailbox.id, false);
    }
    let Ok(name) = name_of(path) else { return Ok(()) };
    tx.execute("DELETE FROM lost_subscription WHERE account_id = $1 AND name = $2", params![account, name])?.any();
    Ok(())
}

/// The subscribed names that name no mailbox, in order.
pub fn lost(ctx: &Ctx, tx: &mut Tx, account: MailAccountId) -> Result<Vec<String>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(tx.query_all("SELECT name FROM lost_subscription WHERE account_id = $1 ORDER BY name", params![account], |row| row.get(0))?)
}

/// Remembers the names of a mailbox and of those below it that are subscribed, before they lose them. Beyond the bound, names are forgotten.
pub(super) fn keep_names(tx: &mut Tx, account: MailAccountId, id: MailboxId) -> Result<(), StoreError> {
    let mut room = MAX_LOST_SUBSCRIPTIONS.saturating_sub(count(tx, account)?);
    for (mailbox, name) in paths(repo::all(tx, account)?, id) {
        if mailbox.subscribed && room > 0 && name.len() <= MAX_PATH_BYTES {
            insert(tx, account, &name)?;
            room -= 1;
        }
    }
    Ok(())
}

/// A mailbox and those below it have new names: those of them that were waited for are subscribed.
pub(super) fn find_again(tx: &mut Tx, account: MailAccountId, id: MailboxId, change_number: i64) -> Result<(), StoreError> {
    if count(tx, account)? == 0 {
        return Ok(());
    }
    for (mailbox, name) in paths(repo::all(tx, account)?, id) {
        let found = tx.execute("DELETE FROM lost_subscription WHERE account_id = $1 AND name = $2", params![account, name])?;
        if found.is_one() && !mailbox.subscribed {
            repo::update(tx, account, &Mailbox { subscribed: true, changed_change: change_number, ..mailbox })?;
        }
    }
    Ok(())
}

/// A mailbox and all below it with their paths.
fn paths(mailboxes: Vec<Mailbox>, id: MailboxId) -> Vec<(Mailbox, String)> {
    let mut known: HashMap<MailboxId, String> = HashMap::new();
    let mut found: Vec<(Mailbox, String)> = Vec::new();
    let mut is_below: HashSet<MailboxId> = HashSet::from([id]);
    for mailbox in super::in_order(mailboxes) {
        let key = names::key(&mailbox.name, mailbox.parent.is_none());
        let name = match mailbox.parent.and_then(|parent| known.get(&parent)) {
            Some(above) => format!("{above}{SEPARATOR}{key}"),
            None => key,
        };
        known.insert(mailbox.id, name.clone());
        if mailbox.id == id || mailbox.parent.is_some_and(|parent| is_below.contains(&parent)) {
            is_below.insert(mailbox.id);
            found.push((mailbox, name));
        }
    }
    found
}

fn name_of(path: &[String]) -> Result<String, MailboxError> {
    if path.len() > MAX_DEPTH {
        return Err(MailboxError::TooDeep);
    }
    let mut levels = Vec::with_capacity(path.len());
    for (index, level) in path.iter().enumerate() {
        levels.push(names::key(&names::clean(level)?, index == 0));
    }
    let name = levels.join(&SEPARATOR.to_string());
    if name.is_empty() || name.len() > MAX_PATH_BYTES { Err(MailboxError::NameInvalid) } else { Ok(name) }
}

fn count(tx: &mut Tx, account: MailAccountId) -> Result<usize, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM lost_subscription WHERE account_id = $1", params![account], |row| row.get(0))
}

fn insert(tx: &mut Tx, account: MailAccountId, name: &str) -> Result<(), StoreError> {
    tx.execute("INSERT INTO lost_subscription (account_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", params![account, name])?.any();
    Ok(())
}
