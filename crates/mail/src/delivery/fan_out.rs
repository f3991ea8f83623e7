//! From one accepted message to the accounts it is for.

use std::sync::Arc;

use kernel::{Ctx, IngressId, MailAccountId, OrgId};
use store::{Engine, Store, StoreError, Tx};
use tokio::task::JoinSet;

use super::{made_place, open_place, repo};
use crate::Flags;
use crate::heads::MailError;
use crate::messages::{self, NewEntryAt};

/// The kind of the job that [`super::accept`] pushes; its handler calls [`run_fan_out`].
pub const FAN_OUT_JOB: &str = "mail.fan_out";

/// Accounts looked up at a time.
const PAGE: usize = 1000;
/// SQLite has one writer, so accounts share a transaction there: as many as fit in its time.
const ACCOUNTS_A_TRANSACTION: usize = 64;
/// PostgreSQL takes one account a transaction, several at once, which share the sync of its log.
const TRANSACTIONS_AT_ONCE: usize = 8;

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
        let accounts = store.read(move |tx| repo::waiting(tx, org, id, after, PAGE)).await?;
        let Some(last) = accounts.last().copied() else { break };
        delivered += match store.engine() {
            Engine::Sqlite => together(store, ctx, id, &ingress, accounts).await?,
            Engine::Postgres => one_by_one(store, ctx, id, &ingress, accounts).await?,
        };
        after = last;
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

async fn together(
    store: &Store,
    ctx: &Ctx,
    id: IngressId,
    ingress: &Arc<repo::Ingress>,
    accounts: Vec<MailAccountId>,
) -> Result<u64, StoreError> {
    let mut delivered = 0;
    for accounts in accounts.chunks(ACCOUNTS_A_TRANSACTION) {
        let (ctx, ingress, accounts) = (ctx.clone(), Arc::clone(ingress), accounts.to_vec());
        delivered += store
            .write_bulk(move |tx| {
                let mut delivered = 0;
                for account in &accounts {
                    delivered += u64::from(deliver_to(&ctx, tx, id, &ingress, *account)?);
                }
                Ok::<_, StoreError>(delivered)
            })
            .await?;
    }
    Ok(delivered)
}

async fn one_by_one(
    store: &Store,
    ctx: &Ctx,
    id: IngressId,
    ingress: &Arc<repo::Ingress>,
    accounts: Vec<MailAccountId>,
) -> Result<u64, StoreError> {
    let mut running = JoinSet::new();
    let mut delivered = 0;
    let mut accounts = accounts.into_iter();
    loop {
        while running.len() < TRANSACTIONS_AT_ONCE
            && let Some(account) = accounts.next()
        {
            let (store, ctx, ingress) = (store.clone(), ctx.clone(), Arc::clone(ingress));
            running.spawn(async move { store.write_account(account, move |tx| deliver_to(&ctx, tx, id, &ingress, account)).await });
        }
        match running.join_next().await {
            None => return Ok(delivered),
            Some(done) => delivered += u64::from(done.map_err(|_| StoreError::Panicked)??),
        }
    }
}

/// Delivers to one account, or notes why that cannot be; `false` when it does not wait any more, or cannot get it.
fn deliver_to(ctx: &Ctx, tx: &mut Tx, id: IngressId, ingress: &repo::Ingress, account: MailAccountId) -> Result<bool, StoreError> {
    let Some(waiting) = repo::find_waiting(tx, ctx.org, id, account)? else { return Ok(false) };
    let (head, mailbox) = match open_place(ctx, tx, account, waiting.into) {
        Ok(opened) => opened,
        Err(MailError::Store(error)) => return Err(error),
        Err(_) => {
            repo::refuse(tx, ctx.org, id, account, "mail_account_not_found")?;
            return Ok(false);
        }
    };
    let prefix = ingress.prefix_for(&waiting.address);
    let incoming = ingress.incoming(&prefix, ctx.now);
    if !head.has_room_for(incoming.size_bytes) {
        repo::refuse(tx, ctx.org, id, account, "mail_over_quota")?;
        return Ok(false);
    }
    repo::delete_waiting(tx, ctx.org, id, account)?;
    let mailbox = made_place(ctx, tx, &head, waiting.into, mailbox)?;
    messages::add_opened(tx, &head, &incoming, &[NewEntryAt { mailbox, flags: &Flags::of_bits(waiting.flags) }])?;
    Ok(true)
}
