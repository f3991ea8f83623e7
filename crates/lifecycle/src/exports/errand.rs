//! What the job of an export is told.

use kernel::{Actor, Ctx, DepartmentId, IdentityId, MemberId, OrgId, Realm, SessionId};
use serde::{Deserialize, Serialize};

use crate::jobs::JobApp;
use crate::sheets::{ColumnKey, Format};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Errand {
    pub fields: Vec<ColumnKey>,
    /// Empty for the whole organisation.
    pub departments: Vec<DepartmentId>,
    pub format: Format,
    /// The language of headings and words; the organisation's when missing.
    pub language: Option<String>,
    requester: Requester,
    request_id: String,
}

/// On whose behalf.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Requester {
    Nobody,
    Member { member_id: MemberId, identity_id: IdentityId, session_id: SessionId, realm: Realm },
    Operator { name: String },
    System,
}

impl Errand {
    pub fn new(ctx: &Ctx, fields: Vec<ColumnKey>, departments: Vec<DepartmentId>, format: Format, language: Option<String>) -> Self {
        let requester = match ctx.actor.clone() {
            Actor::Nobody => Requester::Nobody,
            Actor::Member { member_id, identity_id, session_id, realm } => Requester::Member { member_id, identity_id, session_id, realm },
            Actor::Operator { name } => Requester::Operator { name },
            Actor::System { .. } => Requester::System,
        };
        Self { fields, departments, format, language, requester, request_id: ctx.request_id.to_string() }
    }

    pub fn payload(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("an errand has text keys only")
    }

    pub fn read(payload: &serde_json::Value) -> Option<Self> {
        Self::deserialize(payload).ok()
    }

    /// The context of a transaction of the job. The requester's rights are asked for anew in each.
    pub fn ctx(&self, app: &JobApp, org: OrgId) -> Ctx {
        let actor = match self.requester.clone() {
            Requester::Nobody => Actor::Nobody,
            Requester::Member { member_id, identity_id, session_id, realm } => Actor::Member { member_id, identity_id, session_id, realm },
            Requester::Operator { name } => Actor::Operator { name },
            Requester::System => Actor::System { task: "export" },
        };
        app.ctx(org, actor, &self.request_id)
    }
}
