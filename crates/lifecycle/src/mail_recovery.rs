//! An administrator brings back what a member removed, by the time of its removal and without seeing any of it.

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members;
use kernel::{Actor, Ctx, JobId, MailAccountId, MemberId, Timestamp};
use mail::removed_messages::{self, Progress, RestoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::jobs::{self, Job, NewJob};
use store::{StoreError, Tx};

use crate::jobs::{JobApp, JobError};

/// The kind of the job that brings mail back.
pub const RESTORE_JOB: &str = "mail.restore";

/// What the job is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Errand {
    account: MailAccountId,
    removed_from: Timestamp,
    removed_until: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    #[error("member {0} does not exist")]
    NotFound(MemberId),
    #[error("the member has no mail account")]
    NoMailAccount,
    #[error("the time ends before it begins")]
    EmptyTime,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not start the work")]
    Store(#[from] StoreError),
}
kernel::faults! { RecoveryError:
    RecoveryError::NotFound(_) => NotFound "member_not_found",
    RecoveryError::NoMailAccount => Conflict "member_has_no_mail_account",
    RecoveryError::EmptyTime => Invalid "time_range_empty",
    RecoveryError::Denied(inner) => inner,
    RecoveryError::Store(inner) => inner,
}

/// Promises to bring back what a member removed at `from` or later and before `until`. Its result tells how many messages came back.
pub fn start(ctx: &Ctx, tx: &mut Tx, id: MemberId, from: Timestamp, until: Timestamp) -> Result<JobId, RecoveryError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(id))?;
    let member = members::find(tx, ctx.org, id, ctx.now)?.ok_or(RecoveryError::NotFound(id))?;
    let account = member.mail_account_id.ok_or(RecoveryError::NoMailAccount)?;
    if from >= until {
        return Err(RecoveryError::EmptyTime);
    }
    let errand = Errand { account, removed_from: from, removed_until: until };
    let job = ctx.new_id();
    jobs::push(
        tx,
        NewJob {
            org: ctx.org,
            id: job,
            kind: RESTORE_JOB,
            payload: serde_json::to_value(&errand).expect("an errand has text keys only"),
            listed: true,
            run_after: ctx.now,
            created_by: ctx.actor.member_id(),
            now: ctx.now,
        },
    )?;
    let event = AuditEvent::new("member.mail_restored", AuditTarget::member(id, member.profile.name));
    audit::record(ctx, tx, event.with_after(json!({ "removed_from": from, "removed_until": until, "job_id": job })))?;
    Ok(job)
}

/// Does the work. Begun again it goes on with what has not come back yet.
pub async fn run_restore(app: &JobApp, job: &Job) -> Result<Value, JobError> {
    let errand: Errand = serde_json::from_value(job.payload.clone()).map_err(|_| JobError::refused("job_payload_unreadable"))?;
    let ctx = app.ctx(job.org, Actor::System { task: RESTORE_JOB }, &job.id.to_string());
    let (mut restored, mut without_room) = (0, 0);
    let mut progress = Progress::from(errand.removed_from);
    loop {
        let some = removed_messages::restore_more(&app.store, &ctx, errand.account, progress, errand.removed_until).await;
        let some = some.map_err(|error| match error {
            RestoreError::Store(error) => JobError::Store(error),
            other => JobError::failed(&other),
        })?;
        let Some((done, further)) = some else { return Ok(json!({ "restored": restored, "without_room": without_room })) };
        progress = further;
        restored += done.restored.len();
        without_room += done.without_room.len();
        let (lease, told) = (job.lease(), restored as i64);
        let went_on = app.store.write(move |tx| {
            if jobs::is_cancel_requested(tx, lease.org, lease.id)? {
                return Err(JobError::Cancelled);
            }
            Ok(jobs::set_progress(tx, &lease, told, None)?)
        });
        went_on.await?;
    }
}
