use kernel::{AuditEventId, Ctx, Cursor, MemberId, OrgId, Page, PageRequest, Timestamp};
use serde::Serialize;
use serde_json::Value;
use store::{Params, StoreError, Tx, params};

use super::{StoredEvent, id_prefix, repo};
use crate::access::{Denied, Permission, Target, authorize};

/// Which events a list shows; every condition that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// An action such as `member.suspended`, or the beginning of several: `member.`.
    pub action: Option<String>,
    pub actor: Option<MemberId>,
    pub target_kind: Option<String>,
    /// With `target_kind`: one target.
    pub target_id: Option<i64>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

/// One event for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    pub id: AuditEventId,
    pub at: Timestamp,
    /// nobody | member | operator | system
    pub actor_kind: String,
    pub actor_id: Option<MemberId>,
    pub actor_name: String,
    pub action: String,
    pub target_kind: String,
    /// With its prefix.
    pub target_id: Option<String>,
    pub target_name: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub ip: Option<String>,
    pub request_id: String,
    pub seal_number: Option<i64>,
}

#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the cursor is not one of this list")]
    CursorInvalid,
    #[error("could not read the audit log")]
    Store(#[from] StoreError),
}
kernel::faults! { ListError:
    ListError::CursorInvalid => Invalid "cursor_invalid",
    ListError::Denied(inner) => inner,
    ListError::Store(inner) => inner,
}

/// A page of events, newest first.
pub fn list(ctx: &Ctx, tx: &mut Tx, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditRow>, ListError> {
    authorize(ctx, tx, Permission::ViewAudit, Target::Organisation)?;
    let mut condition = String::new();
    let mut params: Params = params![ctx.org];
    let mut and = |sql: &str, number: usize| condition.push_str(&format!(" AND {sql} ${number}"));
    if let Some(cursor) = &page.after {
        let before: AuditEventId = cursor.part(0).ok_or(ListError::CursorInvalid)?;
        and("id <", params.push(before));
    }
    if let Some(action) = &filter.action {
        if action.ends_with('.') {
            // `/` is the character after `.`; together they bound every action that begins so.
            and("action >", params.push(action));
            and("action <", params.push(format!("{}/", action.trim_end_matches('.'))));
        } else {
            and("action =", params.push(action));
        }
    }
    if let Some(actor) = filter.actor {
        and("actor_id =", params.push(actor));
    }
    if let Some(kind) = &filter.target_kind {
        and("target_kind =", params.push(kind));
    }
    if let Some(id) = filter.target_id {
        and("target_id =", params.push(id));
    }
    if let Some(from) = filter.from {
        and("at >=", params.push(from));
    }
    if let Some(to) = filter.to {
        and("at <", params.push(to));
    }
    let limit = params.push(page.limit() + 1);
    condition.push_str(&format!(" ORDER BY id DESC LIMIT ${limit}"));
    let rows = repo::page(tx, &condition, params)?.into_iter().map(shown).collect();
    Ok(Page::from_surplus(rows, page, |row: &AuditRow| Cursor::new([row.id.to_string()])))
}

/// How many events wait for their seal.
pub fn unsealed_count(tx: &mut Tx, org: OrgId) -> Result<u64, StoreError> {
    repo::unsealed_count(tx, org)
}

fn shown((event, seal_number): (StoredEvent, Option<i64>)) -> AuditRow {
    let target_id = event.target_id.map(|raw| {
        let digits = MemberId::from_raw(raw).to_string();
        let digits = digits.rsplit('_').next().unwrap_or_default();
        id_prefix(&event.target_kind).map_or_else(|| raw.to_string(), |prefix| format!("{prefix}_{digits}"))
    });
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    AuditRow {
        id: AuditEventId::from_raw(event.id),
        at: event.at,
        actor_kind: event.actor_kind,
        actor_id: event.actor_id.map(MemberId::from_raw),
        actor_name: event.actor_name,
        action: event.action,
        target_kind: event.target_kind,
        target_id,
        target_name: event.target_name,
        before: json(event.before),
        after: json(event.after),
        ip: event.ip,
        request_id: event.request_id,
        seal_number,
    }
}
