use std::net::IpAddr;

use kernel::{IdentityId, Realm, SessionId, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::{Session, Stage};

const COLUMNS: &str = "s.id, s.identity_id, s.org_id, s.member_id, s.realm, s.stage, s.ip, s.user_agent, s.created_at, s.last_seen_at, \
                       s.expires_at, s.remembered";

/// A session counts only while its epoch is its identity's: ending all sessions is one update, whatever another node is opening.
const ALIVE: &str = "session s JOIN identity i ON i.id = s.identity_id AND i.session_epoch = s.session_epoch";

pub(super) fn insert(tx: &mut Tx, session: &Session, token_hash: &[u8], idle_expires_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO session (id, token_hash, identity_id, org_id, member_id, realm, stage, session_epoch, ip, user_agent, created_at, \
         last_seen_at, expires_at, idle_expires_at, remembered) \
         SELECT $1, $2, i.id, $4, $5, $6, $7, i.session_epoch, $8, $9, $10, $10, $11, $12, $13 FROM identity i WHERE i.id = $3",
        params![
            session.id,
            token_hash,
            session.identity_id,
            session.org_id,
            session.member_id,
            session.realm.as_str(),
            stage_text(session.stage),
            session.ip.map(|ip| ip.to_string()),
            session.user_agent,
            session.created_at,
            session.expires_at,
            idle_expires_at,
            session.remembered
        ],
    )?
    .expect_one()
}

pub(super) fn find_by_token_hash(tx: &mut Tx, token_hash: &[u8], now: Timestamp) -> Result<Option<Session>, StoreError> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM {ALIVE} WHERE s.token_hash = $1 AND s.idle_expires_at > $2"),
        params![token_hash, now],
        session,
    )
}

/// Whether nobody has ended the session since it was found.
pub(crate) fn is_alive(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let found = tx.query_opt(&format!("SELECT s.id FROM {ALIVE} WHERE s.id = $1 AND s.idle_expires_at > $2"), params![id, now], |row| {
        row.get::<SessionId>(0)
    })?;
    Ok(found.is_some())
}

pub(super) fn list(tx: &mut Tx, identity: IdentityId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    tx.query_all(
        &format!(
            "SELECT {COLUMNS} FROM {ALIVE} WHERE s.identity_id = $1 AND s.idle_expires_at > $2 ORDER BY s.last_seen_at DESC, s.id DESC LIMIT 100"
        ),
        params![identity, now],
        session,
    )
}

pub(super) fn touch(tx: &mut Tx, id: SessionId, ip: Option<IpAddr>, now: Timestamp, idle_expires_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE session SET last_seen_at = $2, idle_expires_at = $3, ip = COALESCE($4, ip) WHERE id = $1 AND last_seen_at < $2",
        params![id, now, idle_expires_at, ip.map(|ip| ip.to_string())],
    )?
    .any();
    Ok(())
}

pub(super) fn delete(tx: &mut Tx, identity: IdentityId, id: SessionId) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM session WHERE identity_id = $1 AND id = $2", params![identity, id])?.is_one())
}

pub(super) fn delete_others(tx: &mut Tx, identity: IdentityId, kept: SessionId) -> Result<u64, StoreError> {
    Ok(tx.execute("DELETE FROM session WHERE identity_id = $1 AND id <> $2", params![identity, kept])?.count())
}

pub(crate) fn delete_all(tx: &mut Tx, identity: IdentityId) -> Result<u64, StoreError> {
    Ok(tx.execute("DELETE FROM session WHERE identity_id = $1", params![identity])?.count())
}

/// Keeps the newest `kept` sessions.
pub(super) fn delete_surplus(tx: &mut Tx, identity: IdentityId, kept: u32) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM session WHERE identity_id = $1 AND id IN \
         (SELECT id FROM session WHERE identity_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1000 OFFSET $2)",
        params![identity, kept],
    )?
    .any();
    Ok(())
}

pub(super) fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let deleted = tx.execute(
        "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE idle_expires_at <= $1 ORDER BY idle_expires_at LIMIT 1000)",
        params![now],
    )?;
    Ok(deleted.count())
}

fn stage_text(stage: Stage) -> &'static str {
    match stage {
        Stage::Full => "full",
        Stage::ChoosePassword => "choose_password",
    }
}

fn session(row: &Row<'_>) -> Result<Session, StoreError> {
    let realm: String = row.get(4)?;
    let stage: String = row.get(5)?;
    Ok(Session {
        id: row.get(0)?,
        identity_id: row.get(1)?,
        org_id: row.get(2)?,
        member_id: row.get(3)?,
        realm: match realm.as_str() {
            "account" => Realm::Account,
            "console" => Realm::Console,
            _ => return Err(StoreError::Column { column: 4, expected: "a realm" }),
        },
        stage: match stage.as_str() {
            "full" => Stage::Full,
            "choose_password" => Stage::ChoosePassword,
            _ => return Err(StoreError::Column { column: 5, expected: "a stage" }),
        },
        ip: row.get::<Option<String>>(6)?.and_then(|ip| ip.parse().ok()),
        user_agent: row.get(7)?,
        created_at: row.get(8)?,
        last_seen_at: row.get(9)?,
        expires_at: row.get(10)?,
        remembered: row.get(11)?,
    })
}
