//! What has to be done beside sending: keys for new domains, notices for what could not be delivered here, and clearing away.

use std::sync::Arc;
use std::time::Duration;

use directory::domains;
use kernel::NO_ORG;
use mail::submission::held;
use mail::{dkim, outbound};
use store::{Notice, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::MissedTickBehavior;

use super::Inner;
use crate::turns;

const CLEAN_TURN: &str = "outbound.clean";
const CLEAN_EVERY_SECS: i64 = 300;
const LOOK_EVERY: Duration = Duration::from_secs(30);
const DOMAINS_AT_A_TIME: u32 = 100;
const MESSAGES_PER_SWEEP: u32 = 200;

/// Runs until the server stops.
pub(super) async fn tend(inner: Arc<Inner>, mut stopping: watch::Receiver<bool>) {
    let mut notices = inner.app.store.bus().subscribe();
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stopping.borrow() {
        make_keys(&inner).await;
        bounce_refused(&inner).await;
        if let Err(error) = clean(&inner).await {
            tracing::warn!(%error, "What is past its time in the queue could not be cleared away; it is tried again");
        }
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = next_notice(&mut notices, directory::topics::DOMAINS) => {}
            _ = look.tick() => {}
        }
    }
}

/// How often what is held is looked at when no notice came, as by a message that another node has taken on.
const LOOK_AT_HELD_EVERY: Duration = Duration::from_secs(3);
/// Never round and round without a pause, whatever the rows say.
const LEAST_PAUSE: Duration = Duration::from_millis(50);

/// Releases what was to leave later, each when its moment comes, until the server stops.
pub(super) async fn release_held(inner: Arc<Inner>, mut stopping: watch::Receiver<bool>) {
    let mut notices = inner.app.store.bus().subscribe();
    while !*stopping.borrow() {
        release_due(&inner).await;
        let wait = match inner.app.store.read(held::next_due).await {
            Ok(Some(at)) => {
                let micros = u64::try_from(at.as_micros().saturating_sub(inner.now().as_micros())).unwrap_or(0);
                Duration::from_micros(micros).clamp(LEAST_PAUSE, LOOK_AT_HELD_EVERY)
            }
            _ => LOOK_AT_HELD_EVERY,
        };
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = next_notice(&mut notices, held::TOPIC) => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

pub(super) async fn release_due(inner: &Inner) {
    let ctx = inner.ctx(NO_ORG);
    match held::release_due(&inner.app.store, &ctx, &inner.options.mail_host).await {
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "What is to leave could not be looked for; it is tried again"),
    }
}

/// Makes the keys that domains lack, so that a domain's page shows them when it is opened.
pub(super) async fn make_keys(inner: &Inner) {
    let app = &inner.app;
    let made = async {
        let lacking = app.store.read(|tx| dkim::domains_without_keys(tx, DOMAINS_AT_A_TIME)).await?;
        for name in lacking {
            if let Some(domain) = app.store.read::<_, StoreError, _>(move |tx| domains::find_by_name(tx, &name)).await? {
                dkim::ensure(&app.store, &app.source.rng, &domain, app.source.now()).await?;
            }
        }
        Ok::<_, dkim::DkimError>(())
    };
    if let Err(error) = made.await {
        tracing::warn!(error = &error as &dyn std::error::Error, "Signing keys could not be made; they are made when they are needed");
    }
}

/// Tells senders what fan-out could not deliver into mailboxes here.
pub(super) async fn bounce_refused(inner: &Inner) {
    // The organisation is that of each message.
    let ctx = inner.ctx(NO_ORG);
    if let Err(error) = outbound::bounce_refused(&inner.app.store, &ctx, &inner.options.mail_host).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "Senders could not be told of what was not delivered; it is tried again");
    }
}

async fn clean(inner: &Inner) -> Result<(), StoreError> {
    let store = &inner.app.store;
    let (now, owner) = (inner.now(), format!("{}/{}", inner.node, inner.process));
    if !store.write(move |tx| turns::take_next(tx, CLEAN_TURN, &owner, now, CLEAN_EVERY_SECS)).await? {
        return Ok(());
    }
    let before = now.plus_secs(-inner.options.keep_finished_secs);
    while store.write_bulk(move |tx| outbound::remove_finished(tx, before, MESSAGES_PER_SWEEP)).await? == u64::from(MESSAGES_PER_SWEEP) {}
    store.write_bulk(dkim::remove_orphans).await?;
    let (waiting, _) = store.read(outbound::depth).await?;
    metrics::gauge!("yanshu_outbound_waiting").set(waiting as f64);
    Ok(())
}

/// Waits for news of a topic; one that was missed may have been of it.
async fn next_notice(notices: &mut broadcast::Receiver<Notice>, wanted: &str) {
    loop {
        match notices.recv().await {
            Ok(Notice::Changed { topic, .. }) if topic == wanted => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
