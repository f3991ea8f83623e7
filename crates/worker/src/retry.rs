//! What becomes of a job that did not succeed.

use kernel::{Fault, FaultKind, Params, Rng, Timestamp};
use lifecycle::jobs::JobError;
use store::jobs::{Job, backoff};

kernel::codes! {
    Internal "job_handler_panicked",
    Internal "job_kind_unknown",
    Internal "job_interrupted_too_often",
    Unavailable "job_interrupted",
}

/// After how many tries a failure that might pass is taken as one that will not.
const MAX_ATTEMPTS: i64 = 10;

/// A store that cannot is no fault of the job's: it goes on soon after the store can again, and is given up after a day or so of that.
const LONGEST_WAIT_FOR_STORE_SECS: i64 = 60;
const MAX_ATTEMPTS_ON_STORE: i64 = 1000;

/// The longest that mail which was accepted waits for its next try.
const LONGEST_WAIT_OF_MAIL_SECS: i64 = 300;

/// Whether giving the job up would lose what somebody was told is accepted. Such a job is tried for as long as it takes.
fn carries_accepted_mail(job: &Job) -> bool {
    job.kind == mail::delivery::FAN_OUT_JOB
}

/// What the queue is told of a job that did not succeed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was asked to stop, and has.
    Cancelled,
    /// Another goes on with it; nothing is written.
    Lost,
    /// Again at that moment.
    Again {
        at: Timestamp,
        code: &'static str,
        params: Params,
    },
    GiveUp {
        code: &'static str,
        params: Params,
    },
}

/// Judges a failure. What may pass is tried again, later each time and not by all at the same moment.
pub(crate) fn judge(error: &JobError, job: &Job, now: Timestamp, rng: &dyn Rng) -> Verdict {
    let (code, params) = (error.code(), error.params());
    match error {
        JobError::Cancelled => Verdict::Cancelled,
        JobError::LeaseLost => Verdict::Lost,
        JobError::Waiting { retry_after_secs, .. } => Verdict::Again { at: now.plus_secs((*retry_after_secs).max(1)), code, params },
        JobError::Failed { .. } | JobError::Store(_) => {
            let most = if matches!(error, JobError::Store(_)) { MAX_ATTEMPTS_ON_STORE } else { MAX_ATTEMPTS };
            let may_pass = matches!(error.kind(), FaultKind::Unavailable | FaultKind::Throttled) && job.attempts < most;
            // A conflict is what is no job of this kind at all; anything else that goes wrong with accepted mail somebody will mend.
            let is_kept = carries_accepted_mail(job) && error.kind() != FaultKind::Conflict;
            if !may_pass && !is_kept {
                return Verdict::GiveUp { code, params };
            }
            let longest_wait = match error {
                JobError::Store(_) => LONGEST_WAIT_FOR_STORE_SECS,
                _ if is_kept => LONGEST_WAIT_OF_MAIL_SECS,
                _ => i64::MAX,
            };
            let wait = backoff(now, job.attempts).secs_since(now).min(longest_wait);
            Verdict::Again { at: now.plus_secs(with_jitter(wait, rng)), code, params }
        }
    }
}

/// Whether the job's workers have died on it again and again without leaving a word.
pub(crate) fn has_worn_out(job: &Job) -> bool {
    job.attempts > MAX_ATTEMPTS && job.error_code.is_none() && !carries_accepted_mail(job)
}

/// Between so many seconds and half as many more.
fn with_jitter(secs: i64, rng: &dyn Rng) -> i64 {
    let share = i64::from(u16::from_le_bytes(rng.bytes::<2>()));
    secs + secs * share / (2 * i64::from(u16::MAX))
}
