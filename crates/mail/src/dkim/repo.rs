use kernel::{DomainId, DomainName, OrgId, Timestamp};
use store::{FromColumn, StoreError, ToParam, Tx, Value, params};

use super::{Algorithm, PublicKey};

impl ToParam for Algorithm {
    fn to_param(&self) -> Value {
        self.as_str().to_param()
    }

    fn null() -> Value {
        Value::Text(None)
    }
}

impl FromColumn for Algorithm {
    const NAME: &'static str = "an algorithm of signatures";

    fn from_column(column: store::Column<'_>) -> Option<Self> {
        match column {
            store::Column::Text(text) => Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text),
            _ => None,
        }
    }
}

pub(super) fn list(tx: &mut Tx, org: OrgId, domain: DomainId) -> Result<Vec<PublicKey>, StoreError> {
    tx.query_all(
        "SELECT selector, algorithm, public_key, created_at FROM dkim_key
         WHERE org_id = $1 AND domain_id = $2 AND retired_at IS NULL ORDER BY algorithm DESC",
        params![org, domain],
        |row| Ok(PublicKey { selector: row.get(0)?, algorithm: row.get(1)?, public_key: row.get(2)?, created_at: row.get(3)? }),
    )
}

pub(super) fn list_sealed(tx: &mut Tx, org: OrgId, domain: DomainId) -> Result<Vec<(String, Algorithm, Vec<u8>)>, StoreError> {
    tx.query_all(
        "SELECT selector, algorithm, sealed_private_key FROM dkim_key
         WHERE org_id = $1 AND domain_id = $2 AND retired_at IS NULL ORDER BY algorithm DESC",
        params![org, domain],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

#[allow(clippy::too_many_arguments, reason = "the columns of a row")]
pub(super) fn insert(
    tx: &mut Tx,
    org: OrgId,
    domain: DomainId,
    algorithm: Algorithm,
    selector: &str,
    sealed_private_key: &[u8],
    public_key: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dkim_key (org_id, domain_id, selector, algorithm, sealed_private_key, public_key, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        params![org, domain, selector, algorithm, sealed_private_key, public_key, now],
    )?
    .any();
    Ok(())
}

/// Domains that have yet to get a key, at most `limit`.
pub fn domains_without_keys(tx: &mut Tx, limit: u32) -> Result<Vec<DomainName>, StoreError> {
    tx.query_all(
        "SELECT name FROM domain WHERE (SELECT COUNT(*) FROM dkim_key k WHERE k.org_id = domain.org_id AND k.domain_id = domain.id AND k.retired_at IS NULL) < $1
         ORDER BY id LIMIT $2",
        params![Algorithm::ALL.len(), limit],
        |row| row.get(0),
    )
}

/// Removes the keys of domains that are gone; answers how many.
pub fn remove_orphans(tx: &mut Tx) -> Result<u64, StoreError> {
    let gone =
        "DELETE FROM dkim_key WHERE NOT EXISTS (SELECT 1 FROM domain d WHERE d.org_id = dkim_key.org_id AND d.id = dkim_key.domain_id)";
    Ok(tx.execute(gone, params![])?.count())
}
