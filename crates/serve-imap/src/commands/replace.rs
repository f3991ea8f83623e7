//! REPLACE: a message goes and another comes, in one step. RFC 8508

use mail::MailboxId;
use mail::entries::EntryRow;
use mail::{UidSet, entries, mailboxes, messages};
use proto_imap::{Code, Condition, MessageSet, Replace, Replaced, SequenceRange, SequenceSet};

use super::append::{Staged, octets_of, room_for, stage};
use super::copy::try_create;
use super::expunge::refuse_read_only;
use crate::errors::{Failed, Refusal};
use crate::names::path_of;
use crate::picking::pick;
use crate::session::{Answer, Done, Message, Session};
use crate::watch;

/// Whether a message of `size` octets can take the place of another, asked before it is sent.
pub(crate) async fn expect(session: &Session, replaced: Replaced, mailbox: &proto_imap::MailboxName, size: u64) -> Result<(), Failed> {
    refuse_read_only(session.view()?)?;
    let old = find(session, replaced).await?;
    // RFC 8508 §3.4: what counts is what it takes more.
    room_for(session, mailbox, size.saturating_sub(old.size_bytes)).await?;
    Ok(())
}

pub(crate) async fn replace(session: &mut Session, replace: Replace, received: Vec<Message>) -> Answer {
    refuse_read_only(session.view()?)?;
    let uid = find(session, replace.replaced).await?.uid;
    let path = path_of(&replace.mailbox)?;
    let found = session.read(move |ctx, tx, account| mailboxes::find_path(ctx, tx, account, &path)).await?;
    let to = found.ok_or_else(try_create)?.id;
    let octets = octets_of(session, &replace.message, &mut received.into_iter()).await?;
    let staged = stage(session, &replace.message, octets).await?;
    let added = write(session, (session.view()?.mailbox, uid), to, staged).await?;
    watch::made_messages(session, to, [added.uid]);
    // RFC 8508 §4.3: before it is told what went.
    let code = Code::AppendUid { uid_validity: added.uid_validity, uids: [added.uid].into_iter().collect() };
    session.say().untagged(Condition::Ok, Some(&code), "Replacement is there");
    Ok(Done::plain("REPLACE completed"))
}

/// The message that is to go, as it is now.
async fn find(session: &Session, replaced: Replaced) -> Result<EntryRow, Failed> {
    let view = session.view()?;
    let one = SequenceSet::new(vec![SequenceRange::One(replaced.number)]).ok_or_else(no_such_message)?;
    let picked = pick(view, &MessageSet::Set(one), replaced.uid)?;
    let uids: UidSet = view.uid_ranges(&picked).into_iter().map(|(first, last)| first..=last).collect();
    let mailbox = view.mailbox;
    let (mut found, _) = session.read(move |ctx, tx, account| entries::find_entries(ctx, tx, account, mailbox, &uids, 1)).await?;
    found.pop().ok_or_else(|| no_such_message().into())
}

fn no_such_message() -> Refusal {
    Refusal::no(Code::NonExistent, "The message to be replaced is gone")
}

async fn write(session: &Session, old: (MailboxId, u32), to: MailboxId, staged: Staged) -> Result<messages::Added, Failed> {
    let Staged { new, flags } = staged;
    session.write(move |ctx, tx, account| messages::replace(ctx, tx, account, old, to, &new, &flags)).await
}
