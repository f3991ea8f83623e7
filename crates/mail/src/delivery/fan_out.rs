//! From one accepted message to the accounts it is for.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Ctx, IngressId, MailAccountId, OrgId};
use store::{Engine, Store, StoreError, Tx};
use tokio::task::JoinSet;

use super::{made_place, open_places, repo};
use crate::Flags;
use crate::messages::{self, NewEntryAt};
use crate::threads;

/// The kind of the job that [`super::accept`] pushes; its handler calls [`run_fan_out`].
pub const FAN_OUT_JOB: &str = "mail.fan_out";

/// Recipients looked up at a time.
const PAGE: usize = 1000;
/// Accounts that share a transaction: as many as fit in the time that one may take.
const ACCOUNTS_A_TRANSACTION: usize = 64;
/// SQLite has one writer. PostgreSQL's transactions share the sync of its log; how many there are is bounded by its connections for bulk work as well.
const TRANSACTIONS_AT_ONCE: usize = 4;

/// A recipient that did not get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub account: MailAccountId,
    pub address: String,
    /// What [`super::LocalRecipient::note`] said.
    pub note: Option<String>,
    /// `mail_over_quota` or `mail_account_not_found`.
    pub code: String,
}

/// How far a fan-out came: to its end, except for those who could not get the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FannedOut {
    /// By this run.
    pub delivered: u64,
    pub return_path: String,
    /// Their rows stay until [`forget_refused`], which belongs into the transaction that tells the sender.
    pub refused: Vec<Refused>,
}

/// Which message a job of [`FAN_OUT_JOB`] is about.
pub fn ingress_of(payload: &serde_json::Value) -> Option<IngressId> {
    payload.get("ingress")?.as_str()?.parse().ok()
}

/// Delivers to everybody who still waits. Safe to run again, after a crash and at the same time: who has it does not wait any more.
pub async fn run_fan_out(store: &Store, ctx: &Ctx, id: IngressId) -> Result<FannedOut, StoreError> {
    let org = ctx.org;
    let Some(ingress) = store.read(move |tx| repo::find_ingress(tx, org, id)).await? else { return Ok(FannedOut::default()) };
    let ingress = Arc::new(ingress);
    let mut delivered = 0;
    let mut after = MailAccountId::from_raw(-1);
    loop {
        let waiting = store.read(move |tx| repo::waiting(tx, org, id, after, PAGE)).await?;
        let Some(last) = waiting.last() else { break };
        after = last.account;
        delivered += deliver_to_all(store, ctx, id, &ingress, &waiting).await?;
    }
    let return_path = ingress.return_path.clone();
    let refused = store
        .write(move |tx| {
            repo::delete_ingress_if_done(tx, org, id)?;
            repo::refused(tx, org, id)
        })
        .await?;
    Ok(FannedOut { delivered, return_path, refused })
}

/// The senders of what was refused are told: nothing of the message is left here. In the transaction that promises to tell them.
pub fn forget_refused(tx: &mut Tx, org: OrgId, id: IngressId) -> Result<(), StoreError> {
    repo::delete_refused(tx, org, id)?;
    repo::delete_ingress_if_done(tx, org, id)
}

async fn deliver_to_all(
    store: &Store,
    ctx: &Ctx,
    id: IngressId,
    ingress: &Arc<repo::Ingress>,
    waiting: &[repo::Waiting],
) -> Result<u64, StoreError> {
    let at_once = match store.engine() {
        Engine::Sqlite => 1,
        Engine::Postgres => TRANSACTIONS_AT_ONCE,
    };
    let mut running = JoinSet::new();
    let mut delivered = 0;
    let mut chunks = waiting.chunks(ACCOUNTS_A_TRANSACTION);
    loop {
        while running.len() < at_once
            && let Some(chunk) = chunks.next()
        {
            let (store, ctx, ingress, chunk) = (store.clone(), ctx.clone(), Arc::clone(ingress), chunk.to_vec());
            let accounts = chunk.iter().map(|recipient| recipient.account).collect();
            running.spawn(async move { store.write_accounts(accounts, move |tx| deliver_to(&ctx, tx, id, &ingress, &chunk)).await });
        }
        match running.join_next().await {
            None => return Ok(delivered),
            Some(done) => delivered += done.map_err(|_| StoreError::Panicked)??,
        }
    }
}

/// Delivers to those of the recipients that still wait, or notes why that cannot be; answers how many got it.
fn deliver_to(ctx: &Ctx, tx: &mut Tx, id: IngressId, ingress: &repo::Ingress, recipients: &[repo::Waiting]) -> Result<u64, StoreError> {
    let wanted: Vec<_> = recipients.iter().map(|recipient| (recipient.account, recipient.into)).collect();
    let mut opened: HashMap<_, _> = open_places(ctx, tx, &wanted)?.into_iter().map(|place| (place.0.account, place)).collect();
    let mut fitting = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let prefix = ingress.prefix_for(&recipient.address);
        match opened.remove(&recipient.account) {
            None => repo::refuse(tx, ctx.org, id, recipient.account, "mail_account_not_found")?,
            Some((head, _)) if !head.has_room_for(ingress.incoming(&prefix, ctx.now).size_bytes) => {
                repo::refuse(tx, ctx.org, id, recipient.account, "mail_over_quota")?;
            }
            Some((head, mailbox)) => fitting.push((recipient, prefix, head, mailbox)),
        }
    }
    let accounts: Vec<MailAccountId> = fitting.iter().map(|(recipient, ..)| recipient.account).collect();
    let still_waiting = repo::delete_waiting(tx, ctx.org, id, &accounts)?;
    let known = threads::known(tx, &accounts, ingress.hashes())?;
    for (recipient, prefix, head, mailbox) in fitting {
        if still_waiting.contains(&recipient.account) {
            let mailbox = made_place(ctx, tx, &head, recipient.into, mailbox)?;
            let found = threads::find_among(tx, recipient.account, ingress.hashes(), &known)?;
            let place = NewEntryAt { mailbox, flags: &Flags::of_bits(recipient.flags) };
            messages::add_to_thread(tx, &head, &ingress.incoming(&prefix, ctx.now), &[place], &found)?;
        }
    }
    Ok(still_waiting.len() as u64)
}
