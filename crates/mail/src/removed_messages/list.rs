use kernel::{Ctx, Cursor, MailAccountId, Page, PageRequest, Timestamp};
use store::Tx;

use super::repo;
use crate::heads::{self, MailError};
use crate::mime::Summary;
use crate::{MailboxId, MessageId};

/// A message that was expunged, as it can be recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedMessage {
    pub id: MessageId,
    pub removed_at: Timestamp,
    /// Where it was last, if that is still there.
    pub mailbox: Option<MailboxId>,
    pub size_bytes: u64,
    pub received_at: Timestamp,
    pub summary: Summary,
}

/// What can be brought back, the last removed first.
pub fn list(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, page: &PageRequest) -> Result<Page<RemovedMessage>, MailError> {
    heads::open(ctx, tx, account)?;
    let after = page.after.as_ref().and_then(|cursor| Some((cursor.part::<i64>(0)?, cursor.part::<i64>(1)?)));
    let found = repo::list(tx, account, after.unwrap_or((i64::MAX, i64::MAX)), i64::from(page.limit()) + 1)?;
    let place = |message: &RemovedMessage| [message.removed_at.as_micros().to_string(), message.id.raw().to_string()];
    Ok(Page::from_surplus(found, page, |message| Cursor::new(place(message))))
}
