//! One import at a time writes to an organisation's directory.

use kernel::{ImportId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

/// Takes the lock for `import`, or says which import has it. One whose import does not run any more is taken over.
pub fn take(tx: &mut Tx, org: OrgId, import: ImportId, now: Timestamp) -> Result<Result<(), ImportId>, StoreError> {
    tx.execute(
        "DELETE FROM import_lock WHERE org_id = $1 AND NOT EXISTS (SELECT 1 FROM import i JOIN job j ON j.org_id = i.org_id AND j.id = i.job_id \
         WHERE i.org_id = $1 AND i.id = import_lock.import_id AND j.state IN ('queued', 'running'))",
        params![org],
    )?
    .any();
    tx.execute(
        "INSERT INTO import_lock (org_id, import_id, taken_at) VALUES ($1, $2, $3) ON CONFLICT (org_id) DO NOTHING",
        params![org, import, now],
    )?
    .any();
    let holder: ImportId = tx.query_one("SELECT import_id FROM import_lock WHERE org_id = $1", params![org], |row| row.get(0))?;
    Ok(if holder == import { Ok(()) } else { Err(holder) })
}

pub fn release(tx: &mut Tx, org: OrgId, import: ImportId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM import_lock WHERE org_id = $1 AND import_id = $2", params![org, import])?.any();
    Ok(())
}
