//! 操作日志: what was changed by whom, inserted with the change itself, chained and signed a moment later.
//!
//! [`record`] is called by every operation of every subject. [`seal_pending`] chains what has been recorded; [`verify`] finds every later
//! change, deletion, reordering or insertion in the sealed part, and counts the tail that is not sealed yet.

mod list;
mod repo;
mod seal;
mod verify;

use kernel::{Actor, Ctx, DepartmentId, DomainId, IdKind, ImportId, JobId, MemberId, OrgId, ServiceClassId, Timestamp};
use serde_json::Value;
use store::{Notice, StoreError, Tx};

pub use list::{AuditFilter, AuditRow, ListError, list, unsealed_count};
pub use seal::{SEAL_BATCH, organisations_with_unsealed, seal_pending};
pub use verify::{FirstBad, Flaw, VerifyReport, verify};

/// What an event was done to, named as it was called at that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditTarget {
    /// `member`, `department` …; the prefix of the id is told by it.
    pub kind: &'static str,
    pub id: Option<i64>,
    pub name: String,
}

impl AuditTarget {
    pub fn new(kind: &'static str, id: Option<i64>, name: impl Into<String>) -> Self {
        Self { kind, id, name: name.into() }
    }

    pub fn organisation(id: OrgId, name: impl Into<String>) -> Self {
        Self::new("organisation", Some(id.raw()), name)
    }

    pub fn domain(id: DomainId, name: impl Into<String>) -> Self {
        Self::new("domain", Some(id.raw()), name)
    }

    pub fn department(id: DepartmentId, name: impl Into<String>) -> Self {
        Self::new("department", Some(id.raw()), name)
    }

    pub fn member(id: MemberId, name: impl Into<String>) -> Self {
        Self::new("member", Some(id.raw()), name)
    }

    pub fn service_class(id: ServiceClassId, name: impl Into<String>) -> Self {
        Self::new("service_class", Some(id.raw()), name)
    }

    pub fn import(id: ImportId, name: impl Into<String>) -> Self {
        Self::new("import", Some(id.raw()), name)
    }

    pub fn job(id: JobId, name: impl Into<String>) -> Self {
        Self::new("job", Some(id.raw()), name)
    }
}

/// The prefix with which ids of a target kind are shown.
fn id_prefix(target_kind: &str) -> Option<&'static str> {
    Some(match target_kind {
        "organisation" => kernel::OrgKind::PREFIX,
        "domain" => kernel::DomainKind::PREFIX,
        "department" => kernel::DepartmentKind::PREFIX,
        "member" => kernel::MemberKind::PREFIX,
        "service_class" => kernel::ServiceClassKind::PREFIX,
        "import" => kernel::ImportKind::PREFIX,
        "job" => kernel::JobKind::PREFIX,
        "session" => kernel::SessionKind::PREFIX,
        "identity" => kernel::IdentityKind::PREFIX,
        "mail_account" => kernel::MailAccountKind::PREFIX,
        "queue_message" => kernel::SubmissionKind::PREFIX,
        _ => return None,
    })
}

/// One event, as an operation tells it.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    /// `member.suspended`: what it was done to, then what was done.
    pub action: &'static str,
    pub target: AuditTarget,
    /// The changed fields as they were and as they are now: JSON objects. Never secrets.
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl AuditEvent {
    pub fn new(action: &'static str, target: AuditTarget) -> Self {
        Self { action, target, before: None, after: None }
    }

    pub fn with_before(self, before: Value) -> Self {
        Self { before: Some(before), ..self }
    }

    pub fn with_after(self, after: Value) -> Self {
        Self { after: Some(after), ..self }
    }
}

/// Writes an event beside the change it tells of: both are committed, or neither is.
pub fn record(ctx: &Ctx, tx: &mut Tx, event: AuditEvent) -> Result<(), StoreError> {
    let actor_name = actor_name(ctx, tx)?;
    record_as(ctx, tx, &actor_name, event)?;
    tx.publish(Notice::AuditAppended { org: ctx.org });
    Ok(())
}

/// As [`record`], for a batch that has looked up its actor once and publishes once.
pub(crate) fn record_as(ctx: &Ctx, tx: &mut Tx, actor_name: &str, event: AuditEvent) -> Result<(), StoreError> {
    repo::insert_many(ctx, tx, actor_name, &[event])
}

/// As [`record_as`], a fraction of the cost for each.
pub(crate) fn record_many_as(ctx: &Ctx, tx: &mut Tx, actor_name: &str, events: &[AuditEvent]) -> Result<(), StoreError> {
    repo::insert_many(ctx, tx, actor_name, events)
}

/// How the actor is called in the log.
pub(crate) fn actor_name(ctx: &Ctx, tx: &mut Tx) -> Result<String, StoreError> {
    Ok(match &ctx.actor {
        Actor::Nobody => String::new(),
        Actor::Member { member_id, .. } => repo::member_name(tx, ctx.org, *member_id)?.unwrap_or_default(),
        Actor::Operator { name } => name.clone(),
        Actor::System { task } => (*task).to_owned(),
    })
}

fn actor_columns(actor: &Actor) -> (&'static str, Option<MemberId>) {
    match actor {
        Actor::Nobody => ("nobody", None),
        Actor::Member { member_id, .. } => ("member", Some(*member_id)),
        Actor::Operator { .. } => ("operator", None),
        Actor::System { .. } => ("system", None),
    }
}

/// An event as it is stored; what the seal is made over.
#[derive(Debug, Clone)]
struct StoredEvent {
    id: i64,
    at: Timestamp,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_name: String,
    action: String,
    target_kind: String,
    target_id: Option<i64>,
    target_name: String,
    before: Option<String>,
    after: Option<String>,
    ip: Option<String>,
    request_id: String,
}
