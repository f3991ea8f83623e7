//! SORT (RFC 5256), with SORT=DISPLAY (RFC 5957) and ESORT (RFC 5267 §3).

use std::sync::Arc;

use mail::arrange::{self, Criterion, Memory, SortBy};
use proto_imap::{Sort, Tag};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::search::answer::{self, Asked};
use super::search::{Found, asks_for_mod_seq, find};
use crate::errors::Failed;
use crate::server::Server;
use crate::session::{Answer, Done, Session, kib};

pub(crate) async fn sort(session: &mut Session, tag: Tag, wanted: Sort) -> Answer {
    let Sort { uid, returns, order, key } = wanted;
    let with_mod_seq = asks_for_mod_seq(&key);
    session.use_condstore(with_mod_seq);
    let order: Vec<Criterion> = order.iter().map(|criterion| Criterion { by: by(criterion.by), reverse: criterion.reverse }).collect();
    let sorted = match find(session, &key, uid).await {
        Ok(found) => sorted(session, found, order).await,
        Err(failed) => Err(failed),
    };
    answer::keep(session, returns, sorted.as_ref().ok())?;
    let asked = Asked { tag, uid, returns, with_mod_seq, mailbox: None };
    answer::tell(session, asked, &sorted?, |say, numbers, mod_seq| say.sort(numbers.iter().copied(), mod_seq));
    Ok(Done::plain("SORT completed"))
}

async fn sorted(session: &mut Session, found: Found, order: Vec<Criterion>) -> Result<Found, Failed> {
    let (server, ctx) = (Arc::clone(&session.server), session.ctx.clone());
    let (account, mailbox) = (session.user()?.account, session.view()?.mailbox);
    let uids = &found.uids;
    let sorting = async move {
        let mut share = Share::of(&server);
        arrange::sort(&server.store, &ctx, account, mailbox, uids, &order, &mut share).await
    };
    let uids = session.unless_gone(sorting).await?.map_err(Failed::of)?;
    Ok(found.in_order(uids))
}

fn by(by: proto_imap::SortBy) -> SortBy {
    match by {
        proto_imap::SortBy::Arrival => SortBy::Arrival,
        proto_imap::SortBy::Cc => SortBy::Cc,
        proto_imap::SortBy::Date => SortBy::Date,
        proto_imap::SortBy::From => SortBy::From,
        proto_imap::SortBy::Size => SortBy::Size,
        proto_imap::SortBy::Subject => SortBy::Subject,
        proto_imap::SortBy::To => SortBy::To,
        proto_imap::SortBy::DisplayFrom => SortBy::DisplayFrom,
        proto_imap::SortBy::DisplayTo => SortBy::DisplayTo,
    }
}

/// What one command holds of the memory that all sessions have for what they read; it is given back when this goes.
pub(super) struct Share {
    memory: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
    /// Bytes that are held and not used yet.
    spare: usize,
}

impl Share {
    pub(super) fn of(server: &Server) -> Self {
        Self { memory: Arc::clone(&server.outgoing_memory), held: None, spare: 0 }
    }
}

impl Memory for Share {
    /// Never waits: two that wait for each other's memory would wait forever.
    fn take(&mut self, bytes: usize) -> bool {
        if let Some(left) = self.spare.checked_sub(bytes) {
            self.spare = left;
            return true;
        }
        let missing = kib((bytes - self.spare) as u64);
        let Ok(more) = Arc::clone(&self.memory).try_acquire_many_owned(missing) else { return false };
        self.spare = self.spare + missing as usize * 1024 - bytes;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_taken_in_whole_units_refused_when_it_is_used_up_and_given_back() {
        let memory = Arc::new(Semaphore::new(3));
        let mut share = Share { memory: Arc::clone(&memory), held: None, spare: 0 };
        assert!(share.take(1000) && share.take(24) && share.take(1025));
        assert_eq!(memory.available_permits(), 0);
        assert!(share.take(1023) && !share.take(1));
        drop(share);
        assert_eq!(memory.available_permits(), 3);
    }
}
