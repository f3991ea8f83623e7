//! Reads the whole chain again and says where it first fails to hold.

use kernel::{AuditEventId, OrgId};
use serde::Serialize;
use store::{KeyRing, StoreError, Tx};

use super::{repo, seal};

/// What is wrong at one place of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// An event was changed, moved, or inserted by somebody without the key.
    SealBroken,
    /// One or more events before this number are gone.
    EventsMissing,
    /// A signed end of the chain is not what was signed.
    CheckpointBroken,
    /// The chain is shorter than its signed end: its last events are gone.
    EndMissing,
}

/// Where the chain first fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstBad {
    pub seal_number: i64,
    /// The event at that place, if there is one.
    pub event_id: Option<AuditEventId>,
    pub flaw: Flaw,
}

/// What a check of an organisation's log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Sealed events that were read up to the first flaw.
    pub sealed: u64,
    /// Events that no seal covers yet.
    pub unsealed: u64,
    pub checkpoints: u64,
    pub first_bad: Option<FirstBad>,
}

impl VerifyReport {
    pub fn holds(&self) -> bool {
        self.first_bad.is_none()
    }
}

const CHUNK: usize = 1000;

/// Checks every seal and every checkpoint. Authorises nothing: callers ask for `ViewAudit`.
pub fn verify(tx: &mut Tx, org: OrgId, keys: &KeyRing) -> Result<VerifyReport, StoreError> {
    let checkpoints = repo::checkpoints(tx, org)?;
    let unsealed = repo::unsealed_count(tx, org)?;
    let mut walk = Walk { keys, org, number: 0, seal: Vec::new(), sealed: 0 };
    let first_bad = walk.along(tx, &checkpoints)?;
    Ok(VerifyReport { sealed: walk.sealed, unsealed, checkpoints: checkpoints.len() as u64, first_bad })
}

struct Walk<'a> {
    keys: &'a KeyRing,
    org: OrgId,
    number: i64,
    seal: Vec<u8>,
    sealed: u64,
}

impl Walk<'_> {
    fn along(&mut self, tx: &mut Tx, checkpoints: &[repo::Checkpoint]) -> Result<Option<FirstBad>, StoreError> {
        let mut ahead = checkpoints.iter().peekable();
        loop {
            let events = repo::sealed_after(tx, self.org, self.number, CHUNK)?;
            if events.is_empty() {
                break;
            }
            for (event, number, stored_seal) in events {
                let id = Some(AuditEventId::from_raw(event.id));
                if number != self.number + 1 {
                    return Ok(Some(FirstBad { seal_number: self.number + 1, event_id: None, flaw: Flaw::EventsMissing }));
                }
                let seal = seal::seal_of(self.keys, self.org, number, &self.seal, &event);
                if stored_seal.as_ref() != Some(&seal) {
                    return Ok(Some(FirstBad { seal_number: number, event_id: id, flaw: Flaw::SealBroken }));
                }
                (self.number, self.seal) = (number, seal);
                self.sealed += 1;
                if let Some(checkpoint) = ahead.next_if(|checkpoint| checkpoint.seal_number <= number)
                    && (checkpoint.seal_number != number
                        || checkpoint.seal != self.seal
                        || !seal::checkpoint_holds(self.keys, self.org, checkpoint))
                {
                    return Ok(Some(FirstBad { seal_number: number, event_id: id, flaw: Flaw::CheckpointBroken }));
                }
            }
        }
        if let Some(checkpoint) = ahead.next() {
            let flaw = if seal::checkpoint_holds(self.keys, self.org, checkpoint) { Flaw::EndMissing } else { Flaw::CheckpointBroken };
            return Ok(Some(FirstBad { seal_number: self.number + 1, event_id: None, flaw }));
        }
        // Every run signs the end it makes, so a chain that goes on after its last checkpoint has lost one.
        let signed_to = checkpoints.last().map_or(0, |checkpoint| checkpoint.seal_number);
        if signed_to != self.number {
            return Ok(Some(FirstBad { seal_number: self.number, event_id: None, flaw: Flaw::CheckpointBroken }));
        }
        Ok(None)
    }
}
