//! QUIT: in the TRANSACTION state it removes what DELE has marked, and nothing else in POP3 does. RFC 1939 §6

use mail::entries::CHUNK;
use mail::maildrop::{self, Lock, MaildropError};
use mail::{MailboxId, UidSet};

use crate::errors::{Code, End, Refusal};
use crate::session::{Answer, Session};
use crate::texts;

pub(crate) async fn quit(session: &mut Session) -> Answer {
    let removed = remove(session).await;
    // Whether or not all could be removed, the maildrop is given up, and before the client hears the end: it may be back at once.
    session.unlock().await;
    match removed {
        Ok(()) => session.say_ok(texts::GOODBYE),
        Err(refusal) => session.say_err(refusal),
    }
    Err(End::LoggedOut.into())
}

async fn remove(session: &Session) -> Result<(), Refusal> {
    let (Ok(maildrop), Some(lock)) = (session.maildrop(), &session.lock) else { return Ok(()) };
    let deleted = maildrop.deleted_uids();
    if deleted.is_empty() {
        return Ok(());
    }
    match remove_all(session, lock, maildrop.mailbox, deleted).await {
        Ok(()) => Ok(()),
        Err(MaildropError::LockLost) => Err(Refusal::of(Code::InUse, texts::LOCK_LOST)),
        Err(error) => {
            let told = Refusal::of_fault(&error);
            Err(Refusal { text: texts::NOT_ALL_REMOVED, ..told })
        }
    }
}

/// In chunks, each a transaction that looks at the lock. What went meanwhile is gone already.
async fn remove_all(session: &Session, lock: &Lock, mailbox: MailboxId, deleted: UidSet) -> Result<(), MaildropError> {
    let mut rest = Some(deleted);
    while let Some(uids) = rest.take() {
        let (lock, some) = (lock.clone(), uids.clone());
        let done = session.write(lock.account, move |ctx, tx| maildrop::expunge(ctx, tx, &lock, mailbox, &some, CHUNK)).await?;
        rest = done.next.map(|next| uids.starting_at(next));
    }
    Ok(())
}
