//! What is to be pushed, to whom, and what became of it.

use std::collections::BTreeSet;

use kernel::{Actor, IdentityId, MailAccountId, OrgId, PushSubscriptionId, Rng, Timestamp};
use mail::changes::{ChangesError, changed_types};
use mail::heads::MailError;
use mail::{heads, mail_accounts};
use serde_json::{Value, json};
use store::{Store, StoreError, Tx};

use super::repo::{self, Row, Stage};
use super::{PURPOSE, PushTarget, UNVERIFIED_SECS, context};
use crate::jobs::JobApp;

/// For how long a subscription is one node's: longer than a push may take.
pub const LEASE_SECS: i64 = 120;
/// Changes that come one after the other are told together.
const PAUSE_SECS: i64 = 2;
const FIRST_RETRY_SECS: i64 = 30;
const LAST_RETRY_SECS: i64 = 3600;
/// A push service may ask for patience, but not for ever.
const MAX_RETRY_AFTER_SECS: i64 = 24 * 3600;
/// After so many failures one after the other, about a day, a subscription is removed.
pub const MAX_FAILURES: i64 = 30;
/// The same for one that has never answered.
const MAX_VERIFICATION_FAILURES: i64 = 6;
/// How soon one is looked at again that could not be sent for want of room.
const NO_ROOM_SECS: i64 = 5;
const ROWS_PER_LOOK: u32 = 1000;

/// A subscription that something is to be sent to, not before `due_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub org: OrgId,
    pub id: PushSubscriptionId,
    pub due_at: Timestamp,
}

/// One that was just made, or whose verification failed for now.
pub fn new_ones(tx: &mut Tx) -> Result<Vec<Candidate>, StoreError> {
    repo::new_ones(tx, ROWS_PER_LOOK)
}

/// Those of accounts that something happened in.
pub fn due(tx: &mut Tx, accounts: &[MailAccountId]) -> Result<Vec<Candidate>, StoreError> {
    repo::of_accounts(tx, accounts)
}

/// Goes through all subscriptions in several reads and answers those that something is to be sent to: for what notices did not tell.
pub async fn sweep(store: &Store) -> Result<Vec<Candidate>, StoreError> {
    let (mut found, mut after) = (Vec::new(), Some((OrgId::from_raw(0), PushSubscriptionId::from_raw(0))));
    while let Some(place) = after {
        let (more, next) = store.read(move |tx| repo::page(tx, place, ROWS_PER_LOOK)).await?;
        found.extend(more);
        after = next;
    }
    Ok(found)
}

/// What a push says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// RFC 8620 §7.2.2
    Verification { id: PushSubscriptionId, code: String },
    /// RFC 8620 §7.1
    StateChange { account: MailAccountId, state: i64, types: BTreeSet<&'static str> },
}

impl Content {
    pub fn json(&self) -> Value {
        match self {
            Self::Verification { id, code } => json!({ "@type": "PushVerification", "pushSubscriptionId": id, "verificationCode": code }),
            Self::StateChange { account, state, types } => {
                let states: serde_json::Map<String, Value> =
                    types.iter().map(|name| ((*name).to_owned(), state.to_string().into())).collect();
                json!({ "@type": "StateChange", "changed": { account.to_string(): states } })
            }
        }
    }

    /// Whether somebody waits for it: new mail, or a client that wants to subscribe. Everything else can wait until the device is awake anyway
    /// (RFC 8030 §5.3).
    pub fn is_awaited(&self) -> bool {
        match self {
            Self::Verification { .. } => true,
            Self::StateChange { types, .. } => types.contains("EmailDelivery"),
        }
    }
}

/// One push to send; nobody else sends one to the same subscription until it is [settled](settle) or the lease has run out.
pub struct Claimed {
    pub target: PushTarget,
    pub content: Content,
    org: OrgId,
    id: PushSubscriptionId,
    failures: i64,
    until: Timestamp,
}

/// How a push went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Taken,
    /// The push service knows the subscription no more.
    Gone,
    Failed {
        retry_after_secs: Option<i64>,
    },
    /// It was not tried: too much is under way to that host.
    NoRoom,
}

/// Takes a subscription, for [`LEASE_SECS`]. `None` when another has it, when it is over, or when nothing it wants has changed.
pub async fn claim(app: &JobApp, candidate: Candidate) -> Result<Option<Claimed>, StoreError> {
    let (org, id, now) = (candidate.org, candidate.id, app.source.now());
    let until = now.plus_secs(LEASE_SECS);
    // Looked at first without a write: after each push there is a look whether there is more.
    if !app.store.read(move |tx| repo::is_due(tx, org, id, now)).await? {
        return Ok(None);
    }
    if !app.store.write(move |tx| repo::lease(tx, org, id, now, until)).await? {
        return Ok(None);
    }
    let (looking, ctx) = (app.store.clone(), app.ctx(org, Actor::System { task: "web_push" }, "web-push"));
    let found = app
        .store
        .read(move |tx| {
            let Some(row) = repo::find(tx, org, id)? else { return Ok(Found::Over) };
            if !is_alive(tx, &looking, &row, now)? {
                return Ok(Found::Over);
            }
            let Some(target) = target_of(&looking, &row) else { return Ok(Found::Over) };
            let failures = row.failures;
            let content = match (row.stage, row.account) {
                (Stage::New, _) => Content::Verification { id, code: row.verification_code },
                (Stage::Asked, _) | (Stage::Verified, None) => return Ok(Found::Nothing { told: row.told }),
                (Stage::Verified, Some(account)) => {
                    let state = match heads::open(&ctx, tx, account) {
                        Ok(head) => head.change_number,
                        Err(MailError::Store(error)) => return Err(error),
                        Err(_) => return Ok(Found::Over),
                    };
                    let changed = match changed_types(&ctx, tx, account, row.told) {
                        Ok(changed) => changed,
                        Err(ChangesError::Store(error) | ChangesError::Mail(MailError::Store(error))) => return Err(error),
                        Err(_) => return Ok(Found::Over),
                    };
                    let wanted = |name: &&str| row.types.as_ref().is_none_or(|types| types.iter().any(|wanted| wanted == name));
                    let types: BTreeSet<&'static str> = changed.into_iter().filter(wanted).collect();
                    if types.is_empty() {
                        return Ok(Found::Nothing { told: state });
                    }
                    Content::StateChange { account, state, types }
                }
            };
            Ok(Found::Push(Box::new(Claimed { target, content, org, id, failures, until })))
        })
        .await?;
    match found {
        Found::Push(claimed) => Ok(Some(*claimed)),
        Found::Nothing { told } => {
            app.store.write(move |tx| repo::told(tx, org, id, until, told, now)).await?;
            Ok(None)
        }
        Found::Over => {
            app.store.write(move |tx| repo::delete(tx, org, id)).await?;
            Ok(None)
        }
    }
}

enum Found {
    Push(Box<Claimed>),
    Nothing { told: i64 },
    Over,
}

/// Whether what it was made with still lets its member in, and its account is still the member's.
fn is_alive(tx: &mut Tx, store: &Store, row: &Row, now: Timestamp) -> Result<bool, StoreError> {
    if row.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Ok(false);
    }
    if !row.credential.is_alive(tx, store.keys(), row.org, row.member, row.identity, now)? {
        return Ok(false);
    }
    let held = mail_accounts::find_of_member(tx, row.org, row.member)?.map(|account| account.id);
    Ok(row.account.is_none() || row.account == held)
}

fn target_of(store: &Store, row: &Row) -> Option<PushTarget> {
    let plain = store.keys().unseal(PURPOSE, &context(row.org, row.id), &row.sealed_target).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// Notes how a push went; answers when there may be more to do for this subscription, `None` when it is gone.
pub async fn settle(app: &JobApp, claimed: &Claimed, outcome: Outcome) -> Result<Option<Candidate>, StoreError> {
    let (org, id, until, now) = (claimed.org, claimed.id, claimed.until, app.source.now());
    let failures = claimed.failures + 1;
    let most = if matches!(claimed.content, Content::Verification { .. }) { MAX_VERIFICATION_FAILURES } else { MAX_FAILURES };
    let again = |due_at| Ok(Some(Candidate { org, id, due_at }));
    match (outcome, &claimed.content) {
        (Outcome::Taken, content) => {
            let due_at = now.plus_secs(PAUSE_SECS);
            match content {
                Content::Verification { .. } => app.store.write(move |tx| repo::asked(tx, org, id, until, due_at)).await?,
                Content::StateChange { state, .. } => {
                    let state = *state;
                    app.store.write(move |tx| repo::told(tx, org, id, until, state, due_at)).await?;
                }
            }
            again(due_at)
        }
        (Outcome::NoRoom, _) => {
            let (failures, due_at) = (claimed.failures, now.plus_secs(NO_ROOM_SECS));
            app.store.write(move |tx| repo::postponed(tx, org, id, until, failures, due_at)).await?;
            again(due_at)
        }
        (Outcome::Failed { retry_after_secs }, _) if failures < most => {
            let wait = pause_after(failures, &*app.source.rng).max(retry_after_secs.unwrap_or(0).min(MAX_RETRY_AFTER_SECS));
            let due_at = now.plus_secs(wait);
            app.store.write(move |tx| repo::postponed(tx, org, id, until, failures, due_at)).await?;
            again(due_at)
        }
        (Outcome::Gone | Outcome::Failed { .. }, _) => {
            app.store.write(move |tx| repo::delete(tx, org, id)).await?;
            tracing::info!(push_subscription.id = %id, "Push subscription {id} was removed: its push service takes nothing for it");
            Ok(None)
        }
    }
}

/// Twice as long from failure to failure, up to an hour, and up to half as much more, so that not all come back at once.
fn pause_after(failures: i64, rng: &dyn Rng) -> i64 {
    let doublings = u32::try_from((failures - 1).clamp(0, 10)).unwrap_or(0);
    let wait = (FIRST_RETRY_SECS << doublings).min(LAST_RETRY_SECS);
    wait + wait * i64::from(u16::from_le_bytes(rng.bytes::<2>())) / (2 * i64::from(u16::MAX))
}

/// Removes those of an identity that were made with what has ended; answers how many.
pub async fn remove_ended(store: &Store, identity: IdentityId, now: Timestamp) -> Result<usize, StoreError> {
    let looking = store.clone();
    let rows = store.read(move |tx| {
        let mut over = Vec::new();
        for row in repo::of_identity(tx, identity)? {
            if !is_alive(tx, &looking, &row, now)? {
                over.push((row.org, row.id));
            }
        }
        Ok::<_, StoreError>(over)
    });
    remove(store, rows.await?).await
}

/// Removes all that is over, whoever's it was; for the worker, every few minutes. Answers how many were made with what has ended.
pub async fn clean(store: &Store, now: Timestamp) -> Result<usize, StoreError> {
    store
        .write_bulk(move |tx| {
            repo::delete_over(tx, now, now.plus_secs(-UNVERIFIED_SECS))?;
            repo::forget_made(tx, now.plus_secs(-24 * 3600))
        })
        .await?;
    let (mut removed, mut after) = (0, Some((OrgId::from_raw(0), PushSubscriptionId::from_raw(0))));
    while let Some(place) = after {
        let looking = store.clone();
        let (over, next) = store
            .read(move |tx| {
                let rows = repo::rows_after(tx, place, ROWS_PER_LOOK)?;
                let next = (rows.len() == ROWS_PER_LOOK as usize).then(|| rows.last().map(|row| (row.org, row.id))).flatten();
                let mut over = Vec::new();
                for row in rows {
                    if !is_alive(tx, &looking, &row, now)? {
                        over.push((row.org, row.id));
                    }
                }
                Ok::<_, StoreError>((over, next))
            })
            .await?;
        removed += remove(store, over).await?;
        after = next;
    }
    Ok(removed)
}

async fn remove(store: &Store, over: Vec<(OrgId, PushSubscriptionId)>) -> Result<usize, StoreError> {
    let count = over.len();
    if count > 0 {
        store
            .write_bulk(move |tx| {
                for (org, id) in &over {
                    repo::delete(tx, *org, *id)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    Ok(count)
}
