use kernel::{Ctx, MailAccountId};
use store::{StoreError, Tx};

use super::repo;
use crate::MessageId;
use crate::heads::{self, MailError};
use crate::mailboxes::{self, Role};

/// RFC 1939 §7: a unique id has 1 to 70 characters from 0x21 to 0x7E.
pub const MAX_UNIQUE_ID_BYTES: usize = 70;

#[derive(Debug, thiserror::Error)]
pub enum UniqueIdError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("a unique id has 1 to {MAX_UNIQUE_ID_BYTES} visible ASCII characters")]
    Invalid,
    #[error("INBOX holds no message, or no further one, with this Message-ID")]
    NoSuchMessage,
    /// By another message of the account, or it could be that of one.
    #[error("the unique id is another message's")]
    Taken,
    #[error("could not keep the unique id")]
    Store(#[from] StoreError),
}
kernel::faults! { UniqueIdError:
    UniqueIdError::Mail(inner) => inner,
    UniqueIdError::Invalid => Invalid "unique_id_invalid",
    UniqueIdError::NoSuchMessage => NotFound "unique_id_without_message",
    UniqueIdError::Taken => Conflict "unique_id_taken",
    UniqueIdError::Store(inner) => inner,
}

/// The unique id of a message that has none of its own. Both numbers never come again, so neither does it.
pub fn derived_unique_id(uid_validity: u32, uid: u32) -> String {
    format!("{uid_validity}.{uid}")
}

/// Gives a message the unique id that programs know it by from another server. To be done before they see the message here.
pub fn set_unique_id(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, message: MessageId, unique_id: &str) -> Result<(), UniqueIdError> {
    heads::open(ctx, tx, account)?;
    if !(1..=MAX_UNIQUE_ID_BYTES).contains(&unique_id.len()) || !unique_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(UniqueIdError::Invalid);
    }
    if !repo::message_exists(tx, account, message)? {
        return Err(MailError::MessageNotFound(message).into());
    }
    let inbox = mailboxes::repo::find_role(tx, account, Role::Inbox)?;
    if inbox.is_some_and(|inbox| could_be_derived(unique_id, inbox.uid_validity)) {
        return Err(UniqueIdError::Taken);
    }
    match repo::find_by_unique_id(tx, account, unique_id)? {
        Some(holder) if holder != message => Err(UniqueIdError::Taken),
        Some(_) => Ok(()),
        None => Ok(repo::put_unique_id(tx, account, message, unique_id)?),
    }
}

fn could_be_derived(unique_id: &str, uid_validity: u32) -> bool {
    let uid = unique_id.split_once('.').filter(|(validity, _)| *validity == uid_validity.to_string()).map(|(_, uid)| uid);
    uid.is_some_and(|uid| uid.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_one_of_ours_is_recognised() {
        assert!(could_be_derived(&derived_unique_id(1700, 5), 1700));
        assert!(!could_be_derived("1701.5", 1700) && !could_be_derived("1700.5x", 1700) && !could_be_derived("00000005", 1700));
    }
}
