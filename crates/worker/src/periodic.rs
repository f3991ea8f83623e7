//! What has to be done at all times: sealing the audit log, and clearing away what is past its time.

use directory::audit::{SEAL_BATCH, organisations_with_unsealed, seal_pending};
use kernel::OrgId;
use lifecycle::jobs::JobApp;
use store::{BlobError, Store, StoreError, Tempo};

use crate::turns;
use crate::worker::WorkerOptions;

const SEAL_TURN: &str = "audit.seal";
const SEAL_TURN_SECS: i64 = 30;
const CLEAN_TURN: &str = "clean";
/// Generated initial passwords live a day, sessions hours: a few minutes more or less do not matter to either.
const CLEAN_EVERY_SECS: i64 = 300;
/// For how long people can look at jobs that have ended.
const KEEP_JOBS_SECS: i64 = 90 * 24 * 3600;
const JOBS_PER_SWEEP: u32 = 1000;
const TIDY_TURN: &str = "mail.tidy";
/// A sweep reads every blob's row; what it finds waits a day anyway.
const TIDY_EVERY_SECS: i64 = 6 * 3600;
/// Beside the load: nobody waits for it.
const TIDY_TEMPO: Tempo = Tempo::one_part_in(5);

/// Chains every audit event that waits for its seal, in every organisation; answers how many. Nothing when another node is at it.
pub async fn seal_audit(app: &JobApp, owner: &str) -> Result<usize, StoreError> {
    let store = &app.store;
    // Looked at first without a write: most rounds find nothing.
    let waiting: Vec<OrgId> = store.read(organisations_with_unsealed).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let (now, name) = (app.source.now(), owner.to_owned());
    if !store.write(move |tx| turns::take(tx, SEAL_TURN, &name, now, SEAL_TURN_SECS)).await? {
        return Ok(0);
    }
    let mut sealed = 0;
    for org in waiting {
        loop {
            let (keys, now) = (store.clone(), app.source.now());
            let more = store.write_bulk(move |tx| seal_pending(tx, org, keys.keys(), now)).await?;
            sealed += more;
            if more < SEAL_BATCH {
                break;
            }
            let name = owner.to_owned();
            if !store.write(move |tx| turns::take(tx, SEAL_TURN, &name, now, SEAL_TURN_SECS)).await? {
                return Ok(sealed);
            }
        }
    }
    let (now, name) = (app.source.now(), owner.to_owned());
    store.write(move |tx| turns::give_back(tx, SEAL_TURN, &name, now)).await?;
    Ok(sealed)
}

/// Clears away sessions, throttles, members in the recycle bin, imports, exports and jobs that are past their time, if it is this node's turn; answers whether it was.
pub async fn clean(app: &JobApp, owner: &str) -> Result<bool, StoreError> {
    let store = &app.store;
    let (now, name) = (app.source.now(), owner.to_owned());
    if !store.write(move |tx| turns::take_next(tx, CLEAN_TURN, &name, now, CLEAN_EVERY_SECS)).await? {
        return Ok(false);
    }
    identity::clean(store, now).await?;
    lifecycle::push_subscriptions::clean(store, now).await?;
    lifecycle::imports::sweep(store, now).await?;
    lifecycle::exports::sweep(store, now).await?;
    lifecycle::members::purge_due(app).await?;
    remove_old_jobs(store, app.source.now().plus_secs(-KEEP_JOBS_SECS)).await?;
    Ok(true)
}

/// Clears away what mail leaves behind, if it is this node's turn: the history of changes beyond what clients may ask for, removed messages that nobody has
/// brought back, blobs that nothing names, and the holes they leave in pack files.
pub async fn tidy_mail(app: &JobApp, options: &WorkerOptions) -> Result<bool, BlobError> {
    let store = &app.store;
    let (now, name) = (app.source.now(), options.owner.clone());
    if !store.write(move |tx| turns::take_next(tx, TIDY_TURN, &name, now, TIDY_EVERY_SECS)).await? {
        return Ok(false);
    }
    mail::changes::forget(store, now, mail::changes::Kept::default(), TIDY_TEMPO).await?;
    if let Some(days) = options.keep_removed_days {
        mail::removed_messages::sweep(store, now.plus_secs(-i64::from(days) * 24 * 3600), TIDY_TEMPO).await?;
    }
    while store.write_bulk(move |tx| mail::uploads::sweep(tx, now)).await? > 0 {}
    let swept = store.blobs().sweep(mail::REFERENCES, now, TIDY_TEMPO).await?;
    let compacted = store.blobs().compact(TIDY_TEMPO).await?;
    tracing::info!(?swept, ?compacted, "Mail was tidied up");
    Ok(true)
}

async fn remove_old_jobs(store: &Store, before: kernel::Timestamp) -> Result<(), StoreError> {
    let organisations = store.read(directory::organisations::list).await?;
    for org in organisations.into_iter().map(|organisation| organisation.id) {
        store.write_bulk(move |tx| store::jobs::remove_ended(tx, org, before, JOBS_PER_SWEEP)).await?;
    }
    Ok(())
}
