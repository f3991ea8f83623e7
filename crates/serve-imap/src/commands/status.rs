//! STATUS, also as LIST returns it (RFC 5819). RFC 9051 §6.3.11

use std::sync::Arc;

use kernel::{Ctx, MailAccountId};
use mail::heads::MailError;
use mail::mailboxes::{self, Mailbox};
use mail::{FlagBits, MailboxId, entries};
use proto_imap::{MailboxName, ObjectId, StatusItem, StatusValue};
use store::Tx;

use crate::names::{no_such_mailbox, path_of};
use crate::recent::Marks;
use crate::session::{Answer, Done, Session};

pub(crate) async fn status(session: &mut Session, mailbox: &MailboxName, items: &[StatusItem]) -> Answer {
    let (path, wanted, asked) = (path_of(mailbox)?, items.to_vec(), Asked::of(session));
    let values = session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let Some(mailbox) = mailboxes::find_path(ctx, tx, account, &path)? else { return Ok(None) };
            values(ctx, tx, account, &mailbox, &wanted, &asked).map(Some)
        })
        .await?;
    let values = values.ok_or_else(no_such_mailbox)?;
    note_condstore(session, items);
    session.say().status(mailbox.as_str(), &values);
    Ok(Done::plain("STATUS completed"))
}

/// RFC 7162 §3.1: who asks for HIGHESTMODSEQ understands MODSEQ.
pub(super) fn note_condstore(session: &mut Session, items: &[StatusItem]) {
    session.use_condstore(items.contains(&StatusItem::HighestModSeq));
}

/// What the answer depends on besides the mailbox.
pub(super) struct Asked {
    append_limit: u64,
    marks: Arc<Marks>,
    /// RFC 9051 has no RECENT any more; who enabled it and asks all the same hears 0.
    rev2: bool,
}

impl Asked {
    pub(super) fn of(session: &Session) -> Self {
        let (server, rev2) = (&session.server, session.enabled.imap4rev2);
        Self { append_limit: server.options.max_message_bytes, marks: Arc::clone(&server.marks), rev2 }
    }
}

/// From the counts on the mailbox's row; only what is marked `\Deleted`, and what is recent, has to be counted.
pub(super) fn values(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: &Mailbox,
    items: &[StatusItem],
    asked: &Asked,
) -> Result<Vec<StatusValue>, MailError> {
    let counts_deleted = items.iter().any(|item| matches!(item, StatusItem::Deleted | StatusItem::DeletedStorage));
    let deleted = if counts_deleted { count_deleted(ctx, tx, account, mailbox.id)? } else { (0, 0) };
    let recent = if items.contains(&StatusItem::Recent) && !asked.rev2 { count_recent(ctx, tx, account, mailbox, asked)? } else { 0 };
    let value = |item: &StatusItem| {
        Some(match item {
            StatusItem::Messages => StatusValue::Messages(mailbox.total),
            StatusItem::Recent => StatusValue::Recent(recent),
            StatusItem::UidNext => StatusValue::UidNext(mailbox.uid_next),
            StatusItem::UidValidity => StatusValue::UidValidity(mailbox.uid_validity),
            StatusItem::Unseen => StatusValue::Unseen(mailbox.unseen),
            StatusItem::Deleted => StatusValue::Deleted(deleted.0),
            StatusItem::Size => StatusValue::Size(mailbox.size_bytes),
            StatusItem::HighestModSeq => StatusValue::HighestModSeq(mod_seq(mailbox.change_number)),
            StatusItem::AppendLimit => StatusValue::AppendLimit(Some(asked.append_limit)),
            StatusItem::MailboxId => StatusValue::MailboxId(ObjectId::new(&mailbox.id.to_string())?),
            StatusItem::DeletedStorage => StatusValue::DeletedStorage(deleted.1),
        })
    };
    Ok(items.iter().filter_map(value).collect())
}

/// RFC 3501 §6.3.10
fn count_recent(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, mailbox: &Mailbox, asked: &Asked) -> Result<u32, MailError> {
    let from = asked.marks.now(account, mailbox.id, mailbox.recent_from.unwrap_or(mailbox.uid_next));
    match from {
        from if from >= mailbox.uid_next => Ok(0),
        0 | 1 => Ok(mailbox.total),
        from => {
            let mut count = 0;
            entries::for_each_entry(ctx, tx, account, mailbox.id, from..=u32::MAX, None, None, |_| count += 1)?;
            Ok(count)
        }
    }
}

/// How many are marked `\Deleted`, and their size.
fn count_deleted(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, mailbox: MailboxId) -> Result<(u32, u64), MailError> {
    let (mut count, mut bytes) = (0, 0);
    entries::for_each_entry(ctx, tx, account, mailbox, 1..=u32::MAX, None, None, |entry| {
        if entry.flags.bits.contains(FlagBits::DELETED) {
            count += 1;
            bytes += entry.size_bytes;
        }
    })?;
    Ok((count, bytes))
}

/// A change number as MODSEQ, which is at least 1 (RFC 7162 §3.1.2.1).
pub(crate) fn mod_seq(change_number: i64) -> u64 {
    u64::try_from(change_number).unwrap_or(0).max(1)
}
