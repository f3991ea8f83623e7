use kernel::{AuditEventId, Ctx, MemberId, OrgId, Timestamp};
use store::{Params, Row, StoreError, Tx, params};

use super::{AuditEvent, StoredEvent, actor_columns};

const COLUMNS: &str =
    "id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, before_values, after_values, ip, request_id";
/// Where the columns after [`COLUMNS`] begin.
pub(super) const COLUMN_COUNT: usize = 13;

fn read(row: &Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        id: row.get(0)?,
        at: row.get(1)?,
        actor_kind: row.get(2)?,
        actor_id: row.get(3)?,
        actor_name: row.get(4)?,
        action: row.get(5)?,
        target_kind: row.get(6)?,
        target_id: row.get(7)?,
        target_name: row.get(8)?,
        before: row.get(9)?,
        after: row.get(10)?,
        ip: row.get(11)?,
        request_id: row.get(12)?,
    })
}

/// The rows of one statement; their parameters stay far below what either engine takes.
const ROWS_PER_INSERT: usize = 50;

pub(super) fn insert_many(ctx: &Ctx, tx: &mut Tx, actor_name: &str, events: &[AuditEvent]) -> Result<(), StoreError> {
    let (actor_kind, actor_id) = actor_columns(&ctx.actor);
    let ip = ctx.ip.map(|ip| ip.to_string());
    for chunk in events.chunks(ROWS_PER_INSERT) {
        let mut statement = String::from(
            "INSERT INTO audit_event (org_id, at, actor_kind, actor_id, actor_name, ip, request_id, id, action, target_kind, target_id, \
             target_name, before_values, after_values) VALUES ",
        );
        let mut params = params![ctx.org, ctx.now, actor_kind, actor_id, actor_name, ip.as_deref(), ctx.request_id];
        for (index, event) in chunk.iter().enumerate() {
            let id: AuditEventId = ctx.new_id();
            let first = params.push(id);
            params.push(event.action);
            params.push(event.target.kind);
            params.push(event.target.id);
            params.push(&event.target.name);
            params.push(event.before.clone());
            params.push(event.after.clone());
            statement.push_str(if index == 0 { "" } else { "," });
            statement.push_str("($1,$2,$3,$4,$5,$6,$7");
            for number in first..first + 7 {
                statement.push_str(&format!(",${number}"));
            }
            statement.push(')');
        }
        let found = tx.execute(&statement, params)?.count();
        if found != chunk.len() as u64 {
            return Err(StoreError::RowCount { expected: "every audit event", found });
        }
    }
    Ok(())
}

pub(super) fn member_name(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<Option<String>, StoreError> {
    tx.query_opt("SELECT name FROM member WHERE org_id = $1 AND id = $2", params![org, id], |row| row.get(0))
}

/// Newest first; `condition` is put together by the caller and its parameters follow the organisation's.
pub(super) fn page(tx: &mut Tx, condition: &str, params: Params) -> Result<Vec<(StoredEvent, Option<i64>)>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, seal_number FROM audit_event WHERE org_id = $1{condition}");
    tx.query_all(&sql, params, |row| Ok((read(row)?, row.get(COLUMN_COUNT)?)))
}

pub(super) fn unsealed(tx: &mut Tx, org: OrgId, limit: usize) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM audit_event WHERE org_id = $1 AND seal_number IS NULL ORDER BY id LIMIT $2");
    tx.query_all(&sql, params![org, limit], read)
}

pub(super) fn unsealed_count(tx: &mut Tx, org: OrgId) -> Result<u64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM audit_event WHERE org_id = $1 AND seal_number IS NULL", params![org], |row| row.get(0))
}

pub(super) fn organisations_with_unsealed(tx: &mut Tx) -> Result<Vec<OrgId>, StoreError> {
    tx.query_all(
        "SELECT o.id FROM organisation o WHERE EXISTS (SELECT 1 FROM audit_event e WHERE e.org_id = o.id AND e.seal_number IS NULL) ORDER BY o.id",
        params![],
        |row| row.get(0),
    )
}

/// The end of the chain: its last number and seal.
pub(super) fn last_seal(tx: &mut Tx, org: OrgId) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    tx.query_opt(
        "SELECT seal_number, seal FROM audit_event WHERE org_id = $1 AND seal_number IS NOT NULL ORDER BY seal_number DESC LIMIT 1",
        params![org],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The place of an event in the chain, and its seal.
pub(super) struct NewSeal {
    pub id: i64,
    pub number: i64,
    pub seal: Vec<u8>,
}

/// What one statement seals: as many round trips fewer, and few enough texts of statements.
const SEALED_AT_ONCE: usize = 50;

pub(super) fn set_seals(tx: &mut Tx, org: OrgId, seals: &[NewSeal]) -> Result<(), StoreError> {
    for chunk in seals.chunks(SEALED_AT_ONCE) {
        let mut params = params![org];
        let mut rows = String::new();
        for NewSeal { id, number, seal } in chunk {
            let (id, number, seal) = (params.push(*id), params.push(*number), params.push(seal.as_slice()));
            rows.push_str(if rows.is_empty() { "" } else { "," });
            rows.push_str(&format!("(${id},${number},${seal})"));
        }
        let sql = format!(
            "UPDATE audit_event SET seal_number = v.column2, seal = v.column3 FROM (VALUES {rows}) AS v \
             WHERE org_id = $1 AND id = v.column1 AND seal_number IS NULL"
        );
        let found = tx.execute(&sql, params)?.count();
        if found != chunk.len() as u64 {
            return Err(StoreError::RowCount { expected: "each event, without a seal", found });
        }
    }
    Ok(())
}

pub(super) struct Checkpoint {
    pub seal_number: i64,
    pub seal: Vec<u8>,
    pub signature: Vec<u8>,
    pub signed_at: Timestamp,
}

pub(super) fn last_checkpoint(tx: &mut Tx, org: OrgId) -> Result<Option<Checkpoint>, StoreError> {
    let sql = "SELECT seal_number, seal, signature, signed_at FROM audit_checkpoint WHERE org_id = $1 ORDER BY seal_number DESC LIMIT 1";
    tx.query_opt(sql, params![org], read_checkpoint)
}

pub(super) fn checkpoints(tx: &mut Tx, org: OrgId) -> Result<Vec<Checkpoint>, StoreError> {
    let sql = "SELECT seal_number, seal, signature, signed_at FROM audit_checkpoint WHERE org_id = $1 ORDER BY seal_number";
    tx.query_all(sql, params![org], read_checkpoint)
}

fn read_checkpoint(row: &Row) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint { seal_number: row.get(0)?, seal: row.get(1)?, signature: row.get(2)?, signed_at: row.get(3)? })
}

pub(super) fn insert_checkpoint(tx: &mut Tx, org: OrgId, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO audit_checkpoint (org_id, seal_number, seal, signature, signed_at) VALUES ($1, $2, $3, $4, $5)",
        params![org, checkpoint.seal_number, checkpoint.seal, checkpoint.signature, checkpoint.signed_at],
    )?
    .expect_one()
}

/// An event with its place in the chain and its seal.
pub(super) type Sealed = (StoredEvent, i64, Option<Vec<u8>>);

/// Every sealed event in the order of the chain, some at a time; `after` is the number the last call ended at.
pub(super) fn sealed_after(tx: &mut Tx, org: OrgId, after: i64, limit: usize) -> Result<Vec<Sealed>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, seal_number, seal FROM audit_event WHERE org_id = $1 AND seal_number > $2 ORDER BY seal_number LIMIT $3"
    );
    tx.query_all(&sql, params![org, after, limit], |row| Ok((read(row)?, row.get(COLUMN_COUNT)?, row.get(COLUMN_COUNT + 1)?)))
}
