use kernel::{ClientPasswordId, IdentityId, MemberId, OrgId, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::ClientPassword;
use crate::protocols::Protocol;

const COLUMNS: &str = "id, name, protocols, created_at, expires_at, last_used_at, last_used_ip, last_used_protocol";

pub(super) struct NewRow<'a> {
    pub org: OrgId,
    pub identity: IdentityId,
    pub member: MemberId,
    pub password: &'a ClientPassword,
    pub secret_hash: Vec<u8>,
    pub scram_verifier: String,
}

pub(super) fn insert(tx: &mut Tx, new: &NewRow<'_>) -> Result<(), StoreError> {
    let protocols = serde_json::to_string(&new.password.protocols).expect("names always serialise");
    tx.execute(
        "INSERT INTO client_password (org_id, id, identity_id, member_id, name, secret_hash, scram_verifier, protocols, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            new.org,
            new.password.id,
            new.identity,
            new.member,
            &new.password.name,
            new.secret_hash.clone(),
            &new.scram_verifier,
            protocols,
            new.password.created_at,
            new.password.expires_at
        ],
    )?
    .expect_one()
}

pub(super) fn list(tx: &mut Tx, org: OrgId, identity: IdentityId) -> Result<Vec<ClientPassword>, StoreError> {
    tx.query_all(
        &format!("SELECT {COLUMNS} FROM client_password WHERE org_id = $1 AND identity_id = $2 ORDER BY id DESC"),
        params![org, identity],
        client_password,
    )
}

/// With what SCRAM needs of each.
pub(crate) fn list_with_verifiers(tx: &mut Tx, org: OrgId, identity: IdentityId) -> Result<Vec<(ClientPassword, String)>, StoreError> {
    tx.query_all(
        &format!("SELECT {COLUMNS}, scram_verifier FROM client_password WHERE org_id = $1 AND identity_id = $2 ORDER BY id DESC"),
        params![org, identity],
        |row| Ok((client_password(row)?, row.get(8)?)),
    )
}

pub(super) fn count(tx: &mut Tx, org: OrgId, identity: IdentityId) -> Result<usize, StoreError> {
    let sql = "SELECT COUNT(*) FROM client_password WHERE org_id = $1 AND identity_id = $2";
    tx.query_one(sql, params![org, identity], |row| row.get::<u64>(0)).map(|count| usize::try_from(count).unwrap_or(usize::MAX))
}

pub(crate) fn find(tx: &mut Tx, org: OrgId, identity: IdentityId, id: ClientPasswordId) -> Result<Option<ClientPassword>, StoreError> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM client_password WHERE org_id = $1 AND id = $2 AND identity_id = $3"),
        params![org, id, identity],
        client_password,
    )
}

pub(super) fn find_by_hash(tx: &mut Tx, org: OrgId, identity: IdentityId, hash: &[u8]) -> Result<Option<ClientPassword>, StoreError> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM client_password WHERE org_id = $1 AND identity_id = $2 AND secret_hash = $3"),
        params![org, identity, hash],
        client_password,
    )
}

/// Answers its name.
pub(super) fn delete(tx: &mut Tx, org: OrgId, identity: IdentityId, id: ClientPasswordId) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "DELETE FROM client_password WHERE org_id = $1 AND id = $2 AND identity_id = $3 RETURNING name",
        params![org, id, identity],
        |row| row.get(0),
    )
}

pub(super) fn delete_all(tx: &mut Tx, identity: IdentityId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM client_password WHERE identity_id = $1", params![identity])?.any();
    Ok(())
}

pub(crate) fn touch(
    tx: &mut Tx,
    org: OrgId,
    id: ClientPasswordId,
    now: Timestamp,
    ip: Option<String>,
    protocol: Protocol,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE client_password SET last_used_at = $3, last_used_ip = $4, last_used_protocol = $5 WHERE org_id = $1 AND id = $2",
        params![org, id, now, ip, protocol.as_str()],
    )?
    .any();
    Ok(())
}

fn client_password(row: &Row<'_>) -> Result<ClientPassword, StoreError> {
    Ok(ClientPassword {
        id: row.get(0)?,
        name: row.get(1)?,
        protocols: row.json(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
        last_used_at: row.get(5)?,
        last_used_ip: row.get(6)?,
        last_used_protocol: row.get::<Option<String>>(7)?.as_deref().and_then(Protocol::from_name),
    })
}
