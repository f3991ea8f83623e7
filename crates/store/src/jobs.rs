//! Work that outlives a request: promised in the transaction that causes it, done under a lease, safe to repeat.
//!
//! [`push`] in the causing transaction; a worker then [`claim`]s, does a part at a time while it [`extend_lease`]s and [`set_progress`]es,
//! and ends with [`finish`] or [`fail`]. A worker that dies loses its lease and another goes on, so every job must bear to be done twice.
//! Every call of a worker names its lease; when the lease was lost meanwhile the call answers [`LeaseLost`](JobError::LeaseLost) and the worker stops.
//!
//! Listed jobs are those that people watch: they stay when done. The others are the outbox: they go when done, and stay only when they have
//! failed for good.

use kernel::{Cursor, JobId, MemberId, OrgId, Page, PageRequest, Params, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Notice, Params as SqlParams, Row, StoreError, Tx, in_list, params};

/// A job's worker could not go on.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Another worker has it, or it has ended.
    #[error("the lease on job {0} was lost")]
    LeaseLost(JobId),
    #[error(transparent)]
    Store(#[from] StoreError),
}

kernel::faults! { JobError:
    JobError::LeaseLost(_) => Conflict "job_lease_lost",
    JobError::Store(store) => store,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its time and a worker.
    Queued,
    Running,
    Done,
    /// Given up after its last try.
    Failed,
    Cancelled,
}

impl JobState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled].into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more will happen to it.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A job to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub org: OrgId,
    pub id: JobId,
    /// Which work it is, such as `import.apply`.
    pub kind: &'static str,
    pub payload: Value,
    /// Whether people watch it.
    pub listed: bool,
    /// Not before this moment.
    pub run_after: Timestamp,
    pub created_by: Option<MemberId>,
    pub now: Timestamp,
}

/// A job as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub org: OrgId,
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    pub listed: bool,
    pub state: JobState,
    pub run_after: Timestamp,
    /// How often a worker has begun it.
    pub attempts: i64,
    pub lease_owner: Option<String>,
    pub lease_until: Option<Timestamp>,
    pub cancel_requested: bool,
    pub progress_done: i64,
    pub progress_total: Option<i64>,
    pub result: Option<Value>,
    pub error_code: Option<String>,
    pub error_params: Option<Value>,
    pub created_by: Option<MemberId>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// A worker's right to a job, as of one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub org: OrgId,
    pub id: JobId,
    pub owner: String,
    /// Tells this claim from an earlier one by the same owner.
    pub attempt: i64,
}

impl Job {
    /// The lease a claim has given; only for a job that [`claim`] answered.
    pub fn lease(&self) -> Lease {
        Lease { org: self.org, id: self.id, owner: self.lease_owner.clone().unwrap_or_default(), attempt: self.attempts }
    }
}

const COLUMNS: &str = "org_id, id, kind, payload, listed, state, run_after, attempts, lease_owner, lease_until, cancel_requested, \
    progress_done, progress_total, result, error_code, error_params, created_by, created_at, started_at, finished_at";

fn read(row: &Row) -> Result<Job, StoreError> {
    let state: String = row.get(5)?;
    Ok(Job {
        org: row.get(0)?,
        id: row.get(1)?,
        kind: row.get(2)?,
        payload: row.json(3)?,
        listed: row.get(4)?,
        state: JobState::parse(&state).ok_or(StoreError::Column { column: 5, expected: "a state of a job" })?,
        run_after: row.get(6)?,
        attempts: row.get(7)?,
        lease_owner: row.get(8)?,
        lease_until: row.get(9)?,
        cancel_requested: row.get(10)?,
        progress_done: row.get(11)?,
        progress_total: row.get(12)?,
        result: row.json_opt(13)?,
        error_code: row.get(14)?,
        error_params: row.json_opt(15)?,
        created_by: row.get(16)?,
        created_at: row.get(17)?,
        started_at: row.get(18)?,
        finished_at: row.get(19)?,
    })
}

/// Promises a job; it exists once the transaction commits.
pub fn push(tx: &mut Tx, job: NewJob) -> Result<JobId, StoreError> {
    tx.execute(
        "INSERT INTO job (org_id, id, kind, payload, listed, state, run_after, attempts, cancel_requested, progress_done, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, 'queued', $6, 0, $7, 0, $8, $9)",
        params![job.org, job.id, job.kind, job.payload, job.listed, job.run_after, false, job.created_by, job.now],
    )?
    .expect_one()?;
    tx.publish(Notice::Job { org: job.org, id: job.id });
    Ok(job.id)
}

pub fn find(tx: &mut Tx, org: OrgId, id: JobId) -> Result<Option<Job>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM job WHERE org_id = $1 AND id = $2"), params![org, id], read)
}

/// The listed jobs, newest first.
pub fn list(tx: &mut Tx, org: OrgId, page: &PageRequest) -> Result<Page<Job>, StoreError> {
    let before: i64 = page.after.as_ref().and_then(|cursor| cursor.part(0)).unwrap_or(i64::MAX);
    let rows = tx.query_all(
        &format!("SELECT {COLUMNS} FROM job WHERE org_id = $1 AND listed = $2 AND id < $3 ORDER BY id DESC LIMIT $4"),
        params![org, true, before, i64::from(page.limit()) + 1],
        read,
    )?;
    Ok(Page::from_surplus(rows, page, |job| Cursor::new([job.id.raw().to_string()])))
}

/// Gives a job of one of `kinds` to `owner` for `lease_secs`: one that is due, or one whose worker has let its lease run out.
///
/// The organisation with the fewest jobs under way comes first, so that one that has thousands waiting does not hold up the others; within
/// an organisation it is the one that has waited longest.
pub fn claim(tx: &mut Tx, owner: &str, now: Timestamp, lease_secs: i64, kinds: &[&str]) -> Result<Option<Job>, StoreError> {
    if let Some((org, id)) = find_abandoned(tx, now, kinds)?
        && let Some(job) = take(tx, org, id, owner, now, lease_secs)?
    {
        return Ok(Some(job));
    }
    match find_due(tx, now, kinds)? {
        Some((org, id)) => take(tx, org, id, owner, now, lease_secs),
        None => Ok(None),
    }
}

/// Lets every lease of a node's processes on jobs of `kinds` run out now; answers how many. For the process that is the node at present, where
/// only an earlier one that has died can have left them. Owners are `NODE/PROCESS`.
pub fn release_of_node(tx: &mut Tx, now: Timestamp, kinds: &[&str], node: &str) -> Result<u64, StoreError> {
    // `0` is the character after `/`; together they bound every owner of the node.
    let mut params = params![now, format!("{node}/"), format!("{node}0")];
    params.extend(kinds.iter().copied());
    let kinds = in_list(4, kinds.len());
    let sql = format!(
        "UPDATE job SET lease_until = $1
         WHERE state = 'running' AND lease_until > $1 AND lease_owner > $2 AND lease_owner < $3 AND kind IN {kinds}"
    );
    Ok(tx.execute(&sql, params)?.count())
}

fn find_abandoned(tx: &mut Tx, now: Timestamp, kinds: &[&str]) -> Result<Option<(OrgId, JobId)>, StoreError> {
    let mut params = params![now];
    params.extend(kinds.iter().copied());
    tx.query_opt(
        &format!(
            "SELECT org_id, id FROM job WHERE state = 'running' AND lease_until <= $1 AND kind IN {} ORDER BY lease_until, id LIMIT 1",
            in_list(2, kinds.len())
        ),
        params,
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Steps from organisation to organisation over the index, so that the length of one's queue costs nothing.
fn find_due(tx: &mut Tx, now: Timestamp, kinds: &[&str]) -> Result<Option<(OrgId, JobId)>, StoreError> {
    let mut params = params![now];
    params.extend(kinds.iter().copied());
    let kinds = in_list(2, kinds.len());
    let found = tx.query_opt(
        &format!(
            "WITH RECURSIVE waiting (org_id) AS (
                 SELECT MIN(org_id) FROM job WHERE state = 'queued'
                 UNION ALL
                 SELECT (SELECT MIN(job.org_id) FROM job WHERE job.state = 'queued' AND job.org_id > waiting.org_id)
                   FROM waiting WHERE waiting.org_id IS NOT NULL
             ), candidate (org_id, id) AS (
                 SELECT org_id, (SELECT job.id FROM job
                                  WHERE job.state = 'queued' AND job.org_id = waiting.org_id AND job.run_after <= $1 AND job.kind IN {kinds}
                                  ORDER BY job.run_after, job.id LIMIT 1)
                   FROM waiting WHERE org_id IS NOT NULL
             )
             SELECT candidate.org_id, candidate.id
               FROM candidate JOIN job ON job.org_id = candidate.org_id AND job.id = candidate.id
              ORDER BY (SELECT COUNT(*) FROM job AS other WHERE other.state = 'running' AND other.org_id = candidate.org_id),
                       job.run_after, job.id
              LIMIT 1"
        ),
        params,
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found)
}

/// Takes the job unless another was quicker. What an earlier try has told stays until a worker goes away without a word.
fn take(tx: &mut Tx, org: OrgId, id: JobId, owner: &str, now: Timestamp, lease_secs: i64) -> Result<Option<Job>, StoreError> {
    let taken = tx.query_opt(
        &format!(
            "UPDATE job SET state = 'running', lease_owner = $3, lease_until = $4, attempts = attempts + 1, started_at = COALESCE(started_at, $5),
                    error_code = CASE WHEN state = 'running' THEN NULL ELSE error_code END,
                    error_params = CASE WHEN state = 'running' THEN NULL ELSE error_params END
              WHERE org_id = $1 AND id = $2 AND (state = 'queued' OR (state = 'running' AND lease_until <= $5))
          RETURNING {COLUMNS}"
        ),
        params![org, id, owner, now.plus_secs(lease_secs), now],
        read,
    )?;
    if taken.is_some() {
        tx.publish(Notice::Job { org, id });
    }
    Ok(taken)
}

const HOLDS_LEASE: &str = "org_id = $1 AND id = $2 AND state = 'running' AND lease_owner = $3 AND attempts = $4";

/// Runs a change that only the holder of the lease may make; `set` may use parameters from `$5`.
fn change(tx: &mut Tx, lease: &Lease, set: &str, more: SqlParams) -> Result<(), JobError> {
    let mut params = params![lease.org, lease.id, lease.owner, lease.attempt];
    params.append(more);
    let held = tx.execute(&format!("UPDATE job SET {set} WHERE {HOLDS_LEASE}"), params)?.is_one();
    if held { Ok(()) } else { Err(JobError::LeaseLost(lease.id)) }
}

/// A [`change`] that people see.
fn visible_change(tx: &mut Tx, lease: &Lease, set: &str, more: SqlParams) -> Result<(), JobError> {
    change(tx, lease, set, more)?;
    tx.publish(Notice::Job { org: lease.org, id: lease.id });
    Ok(())
}

/// Keeps the job for `lease_secs` from now. In the transaction of each part of the work it also makes sure that only one worker does it.
pub fn extend_lease(tx: &mut Tx, lease: &Lease, now: Timestamp, lease_secs: i64) -> Result<(), JobError> {
    change(tx, lease, "lease_until = $5", params![now.plus_secs(lease_secs)])
}

pub fn set_progress(tx: &mut Tx, lease: &Lease, done: i64, total: Option<i64>) -> Result<(), JobError> {
    visible_change(tx, lease, "progress_done = $5, progress_total = $6", params![done, total])
}

/// The work is done. An unlisted job goes.
pub fn finish(tx: &mut Tx, lease: &Lease, now: Timestamp, result: &Value) -> Result<(), JobError> {
    end(tx, lease, JobState::Done, now, Some(result), None)?;
    let gone = "DELETE FROM job WHERE org_id = $1 AND id = $2 AND listed = $3";
    tx.execute(gone, params![lease.org, lease.id, false])?.any();
    Ok(())
}

/// This try has failed. With `retry_at` the job waits until then; without, it is given up.
pub fn fail(
    tx: &mut Tx,
    lease: &Lease,
    now: Timestamp,
    code: &str,
    error_params: &Params,
    retry_at: Option<Timestamp>,
) -> Result<(), JobError> {
    let told = serde_json::to_string(error_params).expect("strings always serialise");
    match retry_at {
        None => end(tx, lease, JobState::Failed, now, None, Some((code, &told))),
        Some(at) => visible_change(
            tx,
            lease,
            "state = 'queued', run_after = $5, error_code = $6, error_params = $7, lease_owner = NULL, lease_until = NULL",
            params![at, code, told],
        ),
    }
}

/// The worker has stopped because it was asked to. An unlisted job goes.
pub fn cancel(tx: &mut Tx, lease: &Lease, now: Timestamp, result: Option<&Value>) -> Result<(), JobError> {
    end(tx, lease, JobState::Cancelled, now, result, None)?;
    let gone = "DELETE FROM job WHERE org_id = $1 AND id = $2 AND listed = $3";
    tx.execute(gone, params![lease.org, lease.id, false])?.any();
    Ok(())
}

fn end(
    tx: &mut Tx,
    lease: &Lease,
    state: JobState,
    now: Timestamp,
    result: Option<&Value>,
    error: Option<(&str, &str)>,
) -> Result<(), JobError> {
    visible_change(
        tx,
        lease,
        "state = $5, finished_at = $6, result = $7, error_code = $8, error_params = $9, lease_owner = NULL, lease_until = NULL",
        params![state.as_str(), now, result, error.map(|(code, _)| code), error.map(|(_, told)| told)],
    )
}

/// When to try again after `attempts` tries: from 10 seconds, doubling, to at most an hour.
pub fn backoff(now: Timestamp, attempts: i64) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(1, 10) - 1).expect("clamped");
    now.plus_secs((10i64 << doublings).min(3600))
}

/// Asks for an end. One that waits is cancelled at once; one that runs is told by [`is_cancel_requested`]. `false` when it has ended or
/// does not exist.
pub fn request_cancel(tx: &mut Tx, org: OrgId, id: JobId, now: Timestamp) -> Result<bool, StoreError> {
    let waiting = tx.execute(
        "UPDATE job SET state = 'cancelled', cancel_requested = $3, finished_at = $4 WHERE org_id = $1 AND id = $2 AND state = 'queued'",
        params![org, id, true, now],
    )?;
    let running =
        tx.execute("UPDATE job SET cancel_requested = $3 WHERE org_id = $1 AND id = $2 AND state = 'running'", params![org, id, true])?;
    let asked = waiting.is_one() || running.is_one();
    if asked {
        tx.publish(Notice::Job { org, id });
    }
    Ok(asked)
}

pub fn is_cancel_requested(tx: &mut Tx, org: OrgId, id: JobId) -> Result<bool, StoreError> {
    let asked = tx.query_opt("SELECT cancel_requested FROM job WHERE org_id = $1 AND id = $2", params![org, id], |row| row.get(0))?;
    Ok(asked.unwrap_or(false))
}

/// How many jobs wait or run, listed or not: a test that leaves one has forgotten it.
pub fn count_open(tx: &mut Tx) -> Result<u64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM job WHERE state IN ('queued', 'running')", params![], |row| row.get(0))
}

/// Removes listed jobs that ended before `before`, oldest first, at most `limit`; answers how many.
pub fn remove_ended(tx: &mut Tx, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    Ok(tx
        .execute(
            "DELETE FROM job WHERE org_id = $1 AND id IN (SELECT id FROM job WHERE org_id = $1 AND finished_at < $2 ORDER BY id LIMIT $3)",
            params![org, before, limit],
        )?
        .count())
}
