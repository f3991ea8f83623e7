//! Whether the rows of mail fit together: counts, sizes, uids, change numbers, threads and blobs. On a live system: each check is one statement on
//! one snapshot, so what is written meanwhile is never taken for damage.

mod checks;

use kernel::{MailAccountId, OrgId};
use store::{Params, Store, StoreError, Tx, params};

use checks::{ACCOUNT_CHECKS, Check, INSTALLATION_CHECKS};

const ACCOUNTS_A_PAGE: i64 = 500;
/// Messages of one statement, where each of them costs a look elsewhere.
const MESSAGES_A_PAGE: i64 = 50_000;
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
        verified.problems.extend(store.read(move |tx| run(tx, check, params![])).await?);
    }
    let mut after = Some(MailAccountId::from_raw(-1));
    while let Some(from) = after.take() {
        let accounts = store.read(move |tx| accounts_after(tx, from)).await?;
        if accounts.len() as i64 == ACCOUNTS_A_PAGE {
            after = accounts.last().map(|account| account.id);
        }
        for account in accounts.into_iter().filter(|account| only.is_none_or(|only| only == account.org)) {
            for check in &ACCOUNT_CHECKS {
                let mut from = Some(0);
                while let Some(page) = from {
                    let id = account.id;
                    let (found, next) = store.read(move |tx| run_page(tx, id, check, page)).await?;
                    verified.problems.extend(found);
                    from = next;
                }
            }
            verified.accounts += 1;
            verified.messages += account.messages;
        }
    }
    Ok(verified)
}

/// As [`verify`], all in one transaction: for small stores, and for tests that look at what is not committed.
pub fn verify_in(tx: &mut Tx) -> Result<Vec<MailProblem>, StoreError> {
    let mut problems = Vec::new();
    for check in &INSTALLATION_CHECKS {
        problems.extend(run(tx, check, params![])?);
    }
    let mut from = MailAccountId::from_raw(-1);
    loop {
        let accounts = accounts_after(tx, from)?;
        let Some(last) = accounts.last() else { return Ok(problems) };
        from = last.id;
        for account in accounts {
            for check in &ACCOUNT_CHECKS {
                let mut from = Some(0);
                while let Some(page) = from {
                    let (found, next) = run_page(tx, account.id, check, page)?;
                    problems.extend(found);
                    from = next;
                }
            }
        }
    }
}

struct Account {
    id: MailAccountId,
    org: OrgId,
    messages: u64,
}

/// Accounts that have, or had, mail. One that has never had a mailbox has none.
fn accounts_after(tx: &mut Tx, after: MailAccountId) -> Result<Vec<Account>, StoreError> {
    tx.query_all(
        "SELECT id, org_id, message_count FROM mail_account WHERE id > $1 AND next_number > 1 ORDER BY id LIMIT $2",
        params![after, ACCOUNTS_A_PAGE],
        |row| Ok(Account { id: row.get(0)?, org: row.get(1)?, messages: row.get(2)? }),
    )
}

/// One check of an account, or one page of it; answers also where the next page begins.
fn run_page(tx: &mut Tx, account: MailAccountId, check: &Check, from: i64) -> Result<(Vec<MailProblem>, Option<i64>), StoreError> {
    let (params, next) = if check.paged {
        let next: Option<i64> = tx.query_opt(
            "SELECT id FROM message WHERE account_id = $1 AND id >= $2 ORDER BY id LIMIT 1 OFFSET $3",
            params![account, from, MESSAGES_A_PAGE],
            |row| row.get(0),
        )?;
        (params![account, from, next.unwrap_or(i64::MAX)], next)
    } else {
        (params![account], None)
    };
    let found = run(tx, check, params)?;
    Ok((found.into_iter().map(|problem| MailProblem { account: Some(account), ..problem }).collect(), next))
}

fn run(tx: &mut Tx, check: &Check, params: Params) -> Result<Vec<MailProblem>, StoreError> {
    tx.query_all(&format!("{} LIMIT {TOLD_OF_ONE_KIND}", check.sql), params, |row| {
        let numbers = (0..check.columns).map(|index| row.get::<i64>(index).map(|number| number.to_string()));
        Ok(MailProblem { account: None, what: check.what, place: numbers.collect::<Result<Vec<_>, _>>()?.join(" ") })
    })
}
