//! The chain: each event's seal is a keyed hash over its own values and the seal before it.

use kernel::{OrgId, Timestamp};
use store::{KeyRing, StoreError, Tx};

use super::{StoredEvent, repo};

/// How many events one run seals at most, so that it does not hold the writer for long; call again while it seals that many.
pub const SEAL_BATCH: usize = 500;

const SEAL_PURPOSE: &str = "audit.seal";
const CHECKPOINT_PURPOSE: &str = "audit.checkpoint";
/// Names how a seal is made: BLAKE3, keyed, over the encoding of [`encode`].
const SEAL_TAG: u8 = 1;

/// Chains the oldest events that are not sealed yet and signs the new end of the chain; answers how many were sealed.
///
/// It reads the end of the chain in the transaction that continues it, so two sealers at once cannot fork it: one of them is run again.
pub fn seal_pending(tx: &mut Tx, org: OrgId, keys: &KeyRing, now: Timestamp) -> Result<usize, StoreError> {
    let events = repo::unsealed(tx, org, SEAL_BATCH)?;
    if events.is_empty() {
        return Ok(0);
    }
    // The checkpoint guards the end: were the last events deleted, the chain would be continued from there under numbers already signed.
    let (mut number, mut seal) = match (repo::last_checkpoint(tx, org)?, repo::last_seal(tx, org)?) {
        (Some(checkpoint), None) => (checkpoint.seal_number, checkpoint.seal),
        (Some(checkpoint), Some((number, _))) if checkpoint.seal_number > number => (checkpoint.seal_number, checkpoint.seal),
        (_, Some(last)) => last,
        (None, None) => (0, Vec::new()),
    };
    let mut seals = Vec::with_capacity(events.len());
    for event in &events {
        number += 1;
        seal = seal_of(keys, org, number, &seal, event);
        seals.push(repo::NewSeal { id: event.id, number, seal: seal.clone() });
    }
    repo::set_seals(tx, org, &seals)?;
    let signature = keys.sign(CHECKPOINT_PURPOSE, &checkpoint_message(org, number, &seal, now));
    repo::insert_checkpoint(tx, org, &repo::Checkpoint { seal_number: number, seal, signature, signed_at: now })?;
    Ok(events.len())
}

/// The organisations whose log has an unsealed tail; for the sealer's rounds and for start-up.
pub fn organisations_with_unsealed(tx: &mut Tx) -> Result<Vec<OrgId>, StoreError> {
    repo::organisations_with_unsealed(tx)
}

pub(super) fn seal_of(keys: &KeyRing, org: OrgId, number: i64, previous: &[u8], event: &StoredEvent) -> Vec<u8> {
    let hash = keys.keyed_hash(SEAL_PURPOSE, &[&[SEAL_TAG], &org.raw().to_be_bytes(), &number.to_be_bytes(), previous, &encode(event)]);
    [&[SEAL_TAG], hash.as_slice()].concat()
}

pub(super) fn checkpoint_holds(keys: &KeyRing, org: OrgId, checkpoint: &repo::Checkpoint) -> bool {
    let message = checkpoint_message(org, checkpoint.seal_number, &checkpoint.seal, checkpoint.signed_at);
    keys.verify(CHECKPOINT_PURPOSE, &message, &checkpoint.signature)
}

fn checkpoint_message(org: OrgId, number: i64, seal: &[u8], signed_at: Timestamp) -> Vec<u8> {
    let mut message = b"yanshu audit checkpoint 1\n".to_vec();
    message.extend(org.raw().to_be_bytes());
    message.extend(number.to_be_bytes());
    message.extend(signed_at.as_micros().to_be_bytes());
    message.extend(seal);
    message
}

/// Every value with its length before it and a mark for what is missing, so that no two events are written alike.
fn encode(event: &StoredEvent) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    number(&mut bytes, Some(event.id));
    number(&mut bytes, Some(event.at.as_micros()));
    text(&mut bytes, Some(&event.actor_kind));
    number(&mut bytes, event.actor_id);
    text(&mut bytes, Some(&event.actor_name));
    text(&mut bytes, Some(&event.action));
    text(&mut bytes, Some(&event.target_kind));
    number(&mut bytes, event.target_id);
    text(&mut bytes, Some(&event.target_name));
    text(&mut bytes, event.before.as_deref());
    text(&mut bytes, event.after.as_deref());
    text(&mut bytes, event.ip.as_deref());
    text(&mut bytes, Some(&event.request_id));
    bytes
}

fn number(bytes: &mut Vec<u8>, value: Option<i64>) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(1);
            bytes.extend(value.to_be_bytes());
        }
    }
}

fn text(bytes: &mut Vec<u8>, value: Option<&str>) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(2);
            bytes.extend((value.len() as u64).to_be_bytes());
            bytes.extend(value.as_bytes());
        }
    }
}
