//! Whether the rows of mail fit together: counts, sizes, uids, change numbers, threads and blobs. On a live system: each check is one statement on
//! one snapshot, so what is written meanwhile is never taken for damage.

mod checks;

use kernel::{MailAccountId, OrgId};
use store::{Store, StoreError, Tx, params};

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
        verified.problems.extend(store.read(move |tx| run(tx, None, check)).await?);
    }
    let mut after = Some(MailAccountId::from_raw(-1));
    while let Some(from) = after.take() {
        let accounts = store.read(move |tx| accounts_after(tx, from)).await?;
        if accounts.len() as i64 == ACCOUNTS_A_PAGE {
            after = accounts.last().map(|(id, ..)| *id);
        }
        for (account, _, messages) in accounts.into_iter().filter(|(_, org, _)| only.is_none_or(|only| only == *org)) {
            for check in &ACCOUNT_CHECKS {
                verified.problems.extend(store.read(move |tx| run(tx, Some(account), check)).await?);
            }
            verified.accounts += 1;
            verified.messages += messages;
        }
    }
    Ok(verified)
}

/// As [`verify`], all in one transaction: for small stores, and for tests that look at what is not committed.
pub fn verify_in(tx: &mut Tx) -> Result<Vec<MailProblem>, StoreError> {
    let mut problems = Vec::new();
    for check in &INSTALLATION_CHECKS {
        problems.extend(run(tx, None, check)?);
    }
    let mut from = MailAccountId::from_raw(-1);
    loop {
        let accounts = accounts_after(tx, from)?;
        let Some((last, ..)) = accounts.last().copied() else { return Ok(problems) };
        from = last;
        for (account, ..) in accounts {
            for check in &ACCOUNT_CHECKS {
                problems.extend(run(tx, Some(account), check)?);
            }
        }
    }
}

/// Accounts with their organisations and message counts. One that has never had a mailbox has no mail.
fn accounts_after(tx: &mut Tx, after: MailAccountId) -> Result<Vec<(MailAccountId, OrgId, u64)>, StoreError> {
    tx.query_all(
        "SELECT id, org_id, message_count FROM mail_account WHERE id > $1 AND next_number > 1 ORDER BY id LIMIT $2",
        params![after, ACCOUNTS_A_PAGE],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

fn run(tx: &mut Tx, account: Option<MailAccountId>, check: &Check) -> Result<Vec<MailProblem>, StoreError> {
    let params = account.map_or(params![], |account| params![account]);
    tx.query_all(&format!("{} LIMIT {TOLD_OF_ONE_KIND}", check.sql), params, |row| {
        let numbers = (0..check.columns).map(|index| row.get::<i64>(index).map(|number| number.to_string()));
        Ok(MailProblem { account, what: check.what, place: numbers.collect::<Result<Vec<_>, _>>()?.join(" ") })
    })
}
