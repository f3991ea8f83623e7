use identity::credentials::Credential;
use kernel::{IdentityId, MailAccountId, MemberId, OrgId, PushSubscriptionId, Timestamp};
use store::{Column, FromColumn, IN_LIST_MAX, Params, StoreError, ToParam, Tx, Value, in_list, params};

use super::PushSubscription;
use super::delivery::Candidate;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The code is to be sent.
    New,
    /// It was sent.
    Asked,
    Verified,
}

impl Stage {
    const ALL: [Self; 3] = [Self::New, Self::Asked, Self::Verified];

    fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Asked => "asked",
            Self::Verified => "verified",
        }
    }
}

impl ToParam for Stage {
    fn to_param(&self) -> Value {
        self.as_str().to_param()
    }

    fn null() -> Value {
        Value::Text(None)
    }
}

impl FromColumn for Stage {
    const NAME: &'static str = "a stage of a push subscription";

    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Text(text) => Self::ALL.into_iter().find(|stage| stage.as_str() == text),
            _ => None,
        }
    }
}

pub(super) struct Row {
    pub(super) org: OrgId,
    pub(super) id: PushSubscriptionId,
    pub(super) member: MemberId,
    pub(super) identity: IdentityId,
    pub(super) account: Option<MailAccountId>,
    pub(super) credential: Credential,
    pub(super) device_client_id: String,
    pub(super) sealed_target: Vec<u8>,
    pub(super) types: Option<Vec<String>>,
    pub(super) verification_code: String,
    pub(super) stage: Stage,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) told: i64,
    pub(super) failures: i64,
}

impl Row {
    pub(super) fn into_shown(self) -> PushSubscription {
        PushSubscription {
            id: self.id,
            device_client_id: self.device_client_id,
            verification_code: (self.stage == Stage::Verified).then_some(self.verification_code),
            expires_at: self.expires_at,
            types: self.types,
        }
    }
}

const COLUMNS: &str = "org_id, id, member_id, identity_id, account_id, credential, device_client_id, sealed_target, types, verification_code, stage, \
                       expires_at, told, failures";

fn row(row: &store::Row<'_>) -> Result<Row, StoreError> {
    Ok(Row {
        org: row.get(0)?,
        id: row.get(1)?,
        member: row.get(2)?,
        identity: row.get(3)?,
        account: row.get(4)?,
        credential: row.get(5)?,
        device_client_id: row.get(6)?,
        sealed_target: row.get(7)?,
        types: row.json_opt(8)?,
        verification_code: row.get(9)?,
        stage: row.get(10)?,
        expires_at: row.get(11)?,
        told: row.get(12)?,
        failures: row.get(13)?,
    })
}

fn types_text(types: Option<&[String]>) -> Option<String> {
    types.map(|types| serde_json::to_string(types).expect("names are texts"))
}

pub(super) fn insert(tx: &mut Tx, new: &Row, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        &format!(
            "INSERT INTO push_subscription ({COLUMNS}, created_at, due_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)"
        ),
        params![
            new.org,
            new.id,
            new.member,
            new.identity,
            new.account,
            new.credential,
            new.device_client_id,
            new.sealed_target,
            types_text(new.types.as_deref()),
            new.verification_code,
            new.stage,
            new.expires_at,
            new.told,
            new.failures,
            now
        ],
    )?
    .expect_one()
}

pub(super) fn find(tx: &mut Tx, org: OrgId, id: PushSubscriptionId) -> Result<Option<Row>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM push_subscription WHERE org_id = $1 AND id = $2"), params![org, id], row)
}

pub(super) fn list(
    tx: &mut Tx,
    org: OrgId,
    member: MemberId,
    credential: &Credential,
    now: Timestamp,
) -> Result<Vec<PushSubscription>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM push_subscription
          WHERE org_id = $1 AND member_id = $2 AND credential = $3 AND (expires_at IS NULL OR expires_at > $4) ORDER BY id"
    );
    tx.query_all(&sql, params![org, member, *credential, now], |found| row(found).map(Row::into_shown))
}

pub(super) fn count(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<u64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM push_subscription WHERE org_id = $1 AND member_id = $2", params![org, member], |row| row.get(0))
}

/// Counts one more; answers how many there were, this one included, since the counting began after `old`.
pub(super) fn note_made(tx: &mut Tx, org: OrgId, member: MemberId, now: Timestamp, old: Timestamp) -> Result<u64, StoreError> {
    tx.query_one(
        "INSERT INTO push_subscriptions_made (org_id, member_id, since, made) VALUES ($1, $2, $3, 1)
         ON CONFLICT (org_id, member_id) DO UPDATE SET
            made = CASE WHEN push_subscriptions_made.since > $4 THEN push_subscriptions_made.made + 1 ELSE 1 END,
            since = CASE WHEN push_subscriptions_made.since > $4 THEN push_subscriptions_made.since ELSE excluded.since END
         RETURNING made",
        params![org, member, now, old],
        |row| row.get(0),
    )
}

pub(super) fn set_verified(tx: &mut Tx, org: OrgId, id: PushSubscriptionId) -> Result<(), StoreError> {
    tx.execute("UPDATE push_subscription SET stage = $3 WHERE org_id = $1 AND id = $2", params![org, id, Stage::Verified])?.expect_one()
}

pub(super) fn set_expires(tx: &mut Tx, org: OrgId, id: PushSubscriptionId, expires_at: Option<Timestamp>) -> Result<(), StoreError> {
    tx.execute("UPDATE push_subscription SET expires_at = $3 WHERE org_id = $1 AND id = $2", params![org, id, expires_at])?.expect_one()
}

pub(super) fn set_types(tx: &mut Tx, org: OrgId, id: PushSubscriptionId, types: Option<&[String]>) -> Result<(), StoreError> {
    tx.execute("UPDATE push_subscription SET types = $3 WHERE org_id = $1 AND id = $2", params![org, id, types_text(types)])?.expect_one()
}

/// `false` when it was gone before.
pub(super) fn delete(tx: &mut Tx, org: OrgId, id: PushSubscriptionId) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM push_subscription WHERE org_id = $1 AND id = $2", params![org, id])?.is_one())
}

/// Nobody else gets it before `until`. `false` when somebody else has it, or it is not due.
pub(super) fn lease(tx: &mut Tx, org: OrgId, id: PushSubscriptionId, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    let taken = tx
        .execute("UPDATE push_subscription SET due_at = $4 WHERE org_id = $1 AND id = $2 AND due_at <= $3", params![org, id, now, until])?;
    Ok(taken.is_one())
}

/// Only who has it under lease `until` may say how it went.
pub(super) fn told(
    tx: &mut Tx,
    org: OrgId,
    id: PushSubscriptionId,
    until: Timestamp,
    told: i64,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE push_subscription SET told = $4, due_at = $5, failures = 0 WHERE org_id = $1 AND id = $2 AND due_at = $3",
        params![org, id, until, told, due_at],
    )?
    .any();
    Ok(())
}

pub(super) fn asked(tx: &mut Tx, org: OrgId, id: PushSubscriptionId, until: Timestamp, due_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE push_subscription SET stage = CASE WHEN stage = 'new' THEN 'asked' ELSE stage END, due_at = $4, failures = 0
          WHERE org_id = $1 AND id = $2 AND due_at = $3",
        params![org, id, until, due_at],
    )?
    .any();
    Ok(())
}

pub(super) fn postponed(
    tx: &mut Tx,
    org: OrgId,
    id: PushSubscriptionId,
    until: Timestamp,
    failures: i64,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE push_subscription SET failures = $4, due_at = $5 WHERE org_id = $1 AND id = $2 AND due_at = $3",
        params![org, id, until, failures, due_at],
    )?
    .any();
    Ok(())
}

/// Whether there is something to send: the verification, or news.
const WANTS: &str = "(s.stage = 'new' OR (s.stage = 'verified' AND a.change_number > s.told))";

fn candidate(row: &store::Row<'_>) -> Result<Candidate, StoreError> {
    Ok(Candidate { org: row.get(0)?, id: row.get(1)?, due_at: row.get(2)? })
}

/// Whether there is something to send now.
pub(super) fn is_due(tx: &mut Tx, org: OrgId, id: PushSubscriptionId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT s.due_at FROM push_subscription s LEFT JOIN mail_account a ON a.id = s.account_id
          WHERE s.org_id = $1 AND s.id = $2 AND s.due_at <= $3 AND {WANTS}"
    );
    Ok(tx.query_opt(&sql, params![org, id, now], |row| row.get::<Timestamp>(0))?.is_some())
}

pub(super) fn new_ones(tx: &mut Tx, limit: u32) -> Result<Vec<Candidate>, StoreError> {
    tx.query_all(
        "SELECT org_id, id, due_at FROM push_subscription WHERE stage = 'new' ORDER BY created_at, org_id, id LIMIT $1",
        params![limit],
        candidate,
    )
}

pub(super) fn of_accounts(tx: &mut Tx, accounts: &[MailAccountId]) -> Result<Vec<Candidate>, StoreError> {
    let mut found = Vec::new();
    for chunk in accounts.chunks(IN_LIST_MAX) {
        let mut params = Params::default();
        params.extend(chunk.iter().copied());
        let sql = format!(
            "SELECT s.org_id, s.id, s.due_at FROM push_subscription s JOIN mail_account a ON a.id = s.account_id
              WHERE s.account_id IN {} AND {WANTS}",
            in_list(1, chunk.len())
        );
        found.extend(tx.query_all(&sql, params, candidate)?);
    }
    Ok(found)
}

/// Where a row stands among all.
pub(super) type Place = (OrgId, PushSubscriptionId);

/// One look at all rows in turn: the candidates among the next `limit` after `after`, and where the next look begins.
pub(super) fn page(tx: &mut Tx, after: Place, limit: u32) -> Result<(Vec<Candidate>, Option<Place>), StoreError> {
    let mut last = None;
    let rows = tx.query_all(
        &format!(
            "SELECT s.org_id, s.id, s.due_at, CASE WHEN {WANTS} THEN TRUE ELSE FALSE END FROM
                (SELECT org_id, id, account_id, stage, told, due_at FROM push_subscription WHERE (org_id, id) > ($1, $2) ORDER BY org_id, id LIMIT $3) s
             LEFT JOIN mail_account a ON a.id = s.account_id ORDER BY s.org_id, s.id"
        ),
        params![after.0, after.1, limit],
        |row| Ok((candidate(row)?, row.get::<bool>(3)?)),
    )?;
    if rows.len() == limit as usize {
        last = rows.last().map(|(candidate, _)| (candidate.org, candidate.id));
    }
    Ok((rows.into_iter().filter(|(_, wants)| *wants).map(|(candidate, _)| candidate).collect(), last))
}

pub(super) fn of_identity(tx: &mut Tx, identity: IdentityId) -> Result<Vec<Row>, StoreError> {
    tx.query_all(&format!("SELECT {COLUMNS} FROM push_subscription WHERE identity_id = $1"), params![identity], row)
}

pub(super) fn rows_after(tx: &mut Tx, after: Place, limit: u32) -> Result<Vec<Row>, StoreError> {
    tx.query_all(
        &format!("SELECT {COLUMNS} FROM push_subscription WHERE (org_id, id) > ($1, $2) ORDER BY org_id, id LIMIT $3"),
        params![after.0, after.1, limit],
        row,
    )
}

/// Removes those whose time is over, and those that nobody has verified since `unverified_before`.
pub(super) fn delete_over(tx: &mut Tx, now: Timestamp, unverified_before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM push_subscription WHERE expires_at <= $1", params![now])?.any();
    tx.execute("DELETE FROM push_subscription WHERE stage IN ('new', 'asked') AND created_at <= $1", params![unverified_before])?.any();
    Ok(())
}

pub(super) fn forget_made(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM push_subscriptions_made WHERE since <= $1", params![before])?.any();
    Ok(())
}
