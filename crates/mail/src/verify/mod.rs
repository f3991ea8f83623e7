//! Whether the rows of mail fit together: counts, sizes, uids, change numbers, threads and blobs. On a live system: each check is one statement on
//! one snapshot, so what is written meanwhile is never taken for damage.

mod checks;

use kernel::{MailAccountId, OrgId};
use store::{Store, StoreError, params};

use checks::{ACCOUNT_CHECKS, Check, INSTALLATION_CHECKS};

const ACCOUNTS_A_PAGE: i64 = 500;
/// One damage tends to be told in many rows; the first ones are enough.
const TOLD_OF_ONE_KIND: usize = 20;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailProblem {
    /// `None` for what belongs to no account.
    pub account: Option<MailAccountId>,
    /// Such as `mailbox_counts`; see the names in `checks`.
    pub what: &'static str,
    /// Where: numbers of mailboxes, uids or messages.
    pub place: String,
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifiedMail {
    pub accounts: u64,
    pub messages: u64,
    pub problems: Vec<MailProblem>,
}

/// Looks at the mail of every account, or of one organisation's.
pub async fn verify(store: &Store, only: Option<OrgId>) -> Result<VerifiedMail, StoreError> {
    let mut verified = VerifiedMail::default();
    for check in &INSTALLATION_CHECKS {
        run(store, None, check, &mut verified).await?;
    }
    let mut after = Some(MailAccountId::from_raw(-1));
    while let Some(from) = after.take() {
        let accounts: Vec<(MailAccountId, OrgId, u64)> = store
            .read(move |tx| {
                // An account that has never had a mailbox has no mail.
                tx.query_all(
                    "SELECT id, org_id, message_count FROM mail_account WHERE id > $1 AND next_number > 1 ORDER BY id LIMIT $2",
                    params![from, ACCOUNTS_A_PAGE],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
            })
            .await?;
        if accounts.len() as i64 == ACCOUNTS_A_PAGE {
            after = accounts.last().map(|(id, ..)| *id);
        }
        for (account, _, messages) in accounts.into_iter().filter(|(_, org, _)| only.is_none_or(|only| only == *org)) {
            verify_account(store, account, &mut verified).await?;
            verified.accounts += 1;
            verified.messages += messages;
        }
    }
    Ok(verified)
}

async fn verify_account(store: &Store, account: MailAccountId, verified: &mut VerifiedMail) -> Result<(), StoreError> {
    for check in &ACCOUNT_CHECKS {
        run(store, Some(account), check, verified).await?;
    }
    Ok(())
}

async fn run(store: &Store, account: Option<MailAccountId>, check: &'static Check, verified: &mut VerifiedMail) -> Result<(), StoreError> {
    let found: Vec<String> = store
        .read(move |tx| {
            let mut places = Vec::new();
            let params = account.map_or(params![], |account| params![account]);
            tx.for_each(&format!("{} LIMIT {TOLD_OF_ONE_KIND}", check.sql), params, |row| {
                let columns: Vec<String> =
                    (0..check.columns).map(|index| row.get::<i64>(index).map(|number| number.to_string())).collect::<Result<_, _>>()?;
                places.push(columns.join(" "));
                Ok(())
            })?;
            Ok::<_, StoreError>(places)
        })
        .await?;
    verified.problems.extend(found.into_iter().map(|place| MailProblem { account, what: check.what, place }));
    Ok(())
}
