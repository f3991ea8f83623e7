//! 批量管理: one action on many members, as a job. Each member is a small operation of its own: what is refused for one does not stop the others.

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members::{self, ListError, MemberFilter, MemberPatch, MemberSort};
use kernel::{
    Actor, Ctx, Cursor, DepartmentId, Fault, FaultKind, IdentityId, JobId, MemberId, PageRequest, Realm, ServiceClassId, SessionId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::jobs::{self, Job, Lease, NewJob};
use store::{StoreError, Tx};

use super::{recycle, suspend};
use crate::jobs::{JobApp, JobError};

/// The kind of the job that changes many members.
pub const CHANGE_JOB: &str = "members.change";

/// How many members may be named one by one; more are chosen by filter.
pub const MAX_NAMED: usize = 5000;
const MEMBERS_PER_STEP: u32 = 25;
const MAX_TOLD: usize = 100;

/// What is done to each member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum BatchAction {
    Suspend,
    Resume,
    /// The department becomes the main one in place of the one before.
    Move {
        department_id: DepartmentId,
    },
    SetServiceClass {
        service_class_id: ServiceClassId,
    },
    Recycle,
}

/// Which members it is done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    Named(Vec<MemberId>),
    /// All that match when their turn comes.
    Matching(MemberFilter),
}

/// What the job is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Errand {
    action: BatchAction,
    selection: Selection,
    member_id: Option<MemberId>,
    identity_id: Option<IdentityId>,
    session_id: Option<SessionId>,
    operator: Option<String>,
    request_id: String,
}

#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error("more than {limit} members were named")]
    TooMany { limit: usize },
    #[error(transparent)]
    List(#[from] ListError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not start the work")]
    Store(#[from] StoreError),
}
kernel::faults! { BatchError:
    BatchError::TooMany { limit } => Invalid "too_many_items" { limit },
    BatchError::List(inner) => inner,
    BatchError::Denied(inner) => inner,
    BatchError::Store(inner) => inner,
}

/// How many members a selection is about now.
pub fn count_selected(ctx: &Ctx, tx: &mut Tx, selection: &Selection) -> Result<u64, BatchError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Organisation)?;
    match selection {
        Selection::Named(ids) if ids.len() > MAX_NAMED => Err(BatchError::TooMany { limit: MAX_NAMED }),
        Selection::Named(ids) => Ok(members::find_many_by_id(tx, ctx.org, ids)?.len() as u64),
        Selection::Matching(filter) => Ok(u64::try_from(members::count(ctx, tx, filter)?).unwrap_or(0)),
    }
}

/// Promises the work; the job tells how far it has come, and at its end which members were left out and why.
pub fn start_batch(ctx: &Ctx, tx: &mut Tx, action: &BatchAction, selection: &Selection) -> Result<JobId, BatchError> {
    let count = count_selected(ctx, tx, selection)?;
    let (identity_id, session_id) = match &ctx.actor {
        Actor::Member { identity_id, session_id, .. } => (Some(*identity_id), Some(*session_id)),
        _ => (None, None),
    };
    let errand = Errand {
        action: action.clone(),
        selection: selection.clone(),
        member_id: ctx.actor.member_id(),
        identity_id,
        session_id,
        operator: match &ctx.actor {
            Actor::Operator { name } => Some(name.clone()),
            _ => None,
        },
        request_id: ctx.request_id.to_string(),
    };
    let id = ctx.new_id();
    let payload = serde_json::to_value(&errand).expect("an errand has text keys only");
    let job = NewJob {
        org: ctx.org,
        id,
        kind: CHANGE_JOB,
        payload,
        listed: true,
        run_after: ctx.now,
        created_by: ctx.actor.member_id(),
        now: ctx.now,
    };
    jobs::push(tx, job)?;
    let event = AuditEvent::new("members.change_started", AuditTarget::job(id, CHANGE_JOB));
    audit::record(ctx, tx, event.with_after(json!({ "action": action, "members": count })))?;
    Ok(id)
}

/// What has been done so far.
#[derive(Debug, Clone, Default, Serialize)]
struct Report {
    changed: u64,
    failed: u64,
    /// The first of those that failed.
    failures: Vec<Value>,
}

/// Does the work in small transactions. Begun again it goes through all members once more: whom it has changed already stays as it is.
pub async fn run_change(app: &JobApp, job: &Job) -> Result<Value, JobError> {
    let errand: Errand = serde_json::from_value(job.payload.clone()).map_err(|_| JobError::refused("job_payload_unreadable"))?;
    let (mut report, mut after, total) = (Report::default(), None, total(app, job, &errand).await?);
    loop {
        let (ctx, lease, asked, cursor, done) = (errand.ctx(app, job), job.lease(), errand.clone(), after.clone(), report.clone());
        let (changed, next) = app.store.write_bulk(move |tx| step(&ctx, tx, &lease, &asked, cursor.clone(), done.clone(), total)).await?;
        report = changed;
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(serde_json::to_value(report).expect("a report has text keys only"))
}

async fn total(app: &JobApp, job: &Job, errand: &Errand) -> Result<i64, JobError> {
    let (ctx, selection) = (errand.ctx(app, job), errand.selection.clone());
    let counted = app.store.read(move |tx| count_selected(&ctx, tx, &selection)).await;
    match counted {
        Ok(count) => Ok(i64::try_from(count).unwrap_or(i64::MAX)),
        Err(BatchError::Store(error)) => Err(JobError::Store(error)),
        Err(other) => Err(JobError::failed(&other)),
    }
}

impl Errand {
    /// On behalf of whoever asked for it, whose rights are asked for anew for each member.
    fn ctx(&self, app: &JobApp, job: &Job) -> Ctx {
        let actor = match (self.member_id, self.identity_id, self.session_id, &self.operator) {
            (Some(member_id), Some(identity_id), Some(session_id), _) => {
                Actor::Member { member_id, identity_id, session_id, realm: Realm::Console }
            }
            (.., Some(name)) => Actor::Operator { name: name.clone() },
            _ => Actor::Nobody,
        };
        app.ctx(job.org, actor, &self.request_id)
    }
}

/// Some members in one transaction; answers where to go on, or nothing at the end.
fn step(
    ctx: &Ctx,
    tx: &mut Tx,
    lease: &Lease,
    errand: &Errand,
    after: Option<String>,
    mut report: Report,
    total: i64,
) -> Result<(Report, Option<String>), JobError> {
    if jobs::is_cancel_requested(tx, lease.org, lease.id)? {
        return Err(JobError::Cancelled);
    }
    let (ids, next) = some(ctx, tx, &errand.selection, after)?;
    for id in ids {
        match change(ctx, tx, &errand.action, id) {
            Ok(()) => report.changed += 1,
            Err(Refusal::Store(error)) => return Err(JobError::Store(error)),
            Err(Refusal::Fault { code, params }) => {
                report.failed += 1;
                if report.failures.len() < MAX_TOLD {
                    report.failures.push(json!({ "member_id": id, "code": code, "params": params }));
                }
            }
        }
    }
    let done = i64::try_from(report.changed + report.failed).unwrap_or(i64::MAX);
    jobs::set_progress(tx, lease, done, Some(total.max(done)))?;
    Ok((report, next))
}

/// The next members of a selection. By name, so that what the work changes about them moves nobody in the list.
fn some(ctx: &Ctx, tx: &mut Tx, selection: &Selection, after: Option<String>) -> Result<(Vec<MemberId>, Option<String>), JobError> {
    match selection {
        Selection::Named(ids) => {
            let begin: usize = after.and_then(|text| text.parse().ok()).unwrap_or(0);
            let end = ids.len().min(begin + MEMBERS_PER_STEP as usize);
            let chunk = ids.get(begin..end).unwrap_or_default().to_vec();
            Ok((chunk, (end < ids.len()).then(|| end.to_string())))
        }
        Selection::Matching(filter) => {
            let page = PageRequest::new(after.as_deref().and_then(Cursor::decode), MEMBERS_PER_STEP);
            let found = members::list(ctx, tx, filter, &page, MemberSort::default()).map_err(|error| match error {
                ListError::Store(error) => JobError::Store(error),
                other => JobError::failed(&other),
            })?;
            Ok((found.items.into_iter().map(|row| row.id).collect(), found.next))
        }
    }
}

/// Why one member was left out.
enum Refusal {
    Fault { code: &'static str, params: kernel::Params },
    Store(StoreError),
}

impl<F: Fault> From<F> for Refusal {
    fn from(fault: F) -> Self {
        match fault.kind() {
            // The store's own failures concern all members, not this one.
            FaultKind::Unavailable => Self::Store(StoreError::Busy),
            FaultKind::Internal => Self::Store(StoreError::Poisoned),
            _ => Self::Fault { code: fault.code(), params: fault.params() },
        }
    }
}

fn change(ctx: &Ctx, tx: &mut Tx, action: &BatchAction, id: MemberId) -> Result<(), Refusal> {
    match action {
        BatchAction::Suspend => suspend(ctx, tx, id)?,
        BatchAction::Resume => members::resume(ctx, tx, id)?,
        BatchAction::Move { department_id } => members::move_to(ctx, tx, id, *department_id)?,
        BatchAction::SetServiceClass { service_class_id } => {
            let patch = MemberPatch { service_class_id: Some(*service_class_id), ..MemberPatch::default() };
            members::update(ctx, tx, id, &patch)?;
        }
        BatchAction::Recycle => recycle(ctx, tx, id)?,
    }
    Ok(())
}
