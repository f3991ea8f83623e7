use kernel::{Ctx, MailAccountId, Timestamp};
use store::{Store, StoreError, Tempo, Tx};
use tokio::time::Instant;

use super::repo;
use crate::MessageId;
use crate::heads::{self, MailError};

const ACCOUNTS_A_LOOK: i64 = 500;
/// Removed for good in one transaction.
const MESSAGES_A_TIME: usize = 500;

/// Removes for good, at most some hundreds at a time, those of the messages that could still be brought back; answers which that were.
pub fn forget(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<MessageId>, MailError> {
    heads::open(ctx, tx, account)?;
    let mut wanted = messages.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let found = repo::waiting(tx, account, &wanted)?;
    repo::forget(tx, account, &found)?;
    Ok(found.into_iter().map(|(message, _)| message).collect())
}

/// Removes for good what was removed before a moment, in every account; answers how many messages. For the worker.
pub async fn sweep(store: &Store, before: Timestamp, tempo: Tempo) -> Result<u64, StoreError> {
    let mut swept = 0;
    let mut after = Some(MailAccountId::from_raw(-1));
    while let Some(from) = after.take() {
        let began = Instant::now();
        let accounts = store.read(move |tx| repo::accounts_with_older(tx, from, before, ACCOUNTS_A_LOOK)).await?;
        if accounts.len() as i64 == ACCOUNTS_A_LOOK {
            after = accounts.last().map(|(account, _)| *account);
        }
        tempo.rest(began).await;
        for account in accounts.into_iter().filter(|(_, due)| *due).map(|(account, _)| account) {
            loop {
                let began = Instant::now();
                let gone = store.write_account(account, move |tx| {
                    let some = repo::oldest(tx, account, before, MESSAGES_A_TIME)?;
                    repo::forget(tx, account, &some)?;
                    Ok::<_, StoreError>(some.len())
                });
                let gone = gone.await?;
                swept += gone as u64;
                tempo.rest(began).await;
                if gone < MESSAGES_A_TIME {
                    break;
                }
            }
        }
    }
    Ok(swept)
}
