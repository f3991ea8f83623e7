//! Who may see an import: whoever made it, and the owners. An upload holds what colleagues need not know.

use directory::access::{Denied, Permission, Target, authorize};
use directory::administrators::{self, Role};
use kernel::{Actor, Ctx, ImportId, OrgId};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

use super::repo;
use super::types::Import;

#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("import {0} does not exist")]
    NotFound(ImportId),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not find the import")]
    Store(#[from] StoreError),
}
kernel::faults! { AccessError:
    AccessError::NotFound(_) => NotFound "import_not_found",
    AccessError::Denied(inner) => inner,
    AccessError::Store(inner) => inner,
}

/// Whether the actor sees the imports of everybody.
pub(super) fn sees_all(ctx: &Ctx, tx: &mut Tx) -> Result<bool, StoreError> {
    match &ctx.actor {
        Actor::Operator { .. } | Actor::System { .. } => Ok(true),
        Actor::Nobody => Ok(false),
        Actor::Member { member_id, .. } => Ok(administrators::role_of(tx, ctx.org, *member_id)? == Some(Role::Owner)),
    }
}

/// The import, for somebody who may import and may see this one.
pub(super) fn get(ctx: &Ctx, tx: &mut Tx, id: ImportId) -> Result<Import, AccessError> {
    authorize(ctx, tx, Permission::ImportMembers, Target::Organisation)?;
    let import = repo::head::find(tx, ctx.org, id, ctx.now)?.ok_or(AccessError::NotFound(id))?;
    let own = import.created_by.is_some() && import.created_by == ctx.actor.member_id();
    if own || sees_all(ctx, tx)? { Ok(import) } else { Err(AccessError::NotFound(id)) }
}

/// What a job of an import is told: which one, and on whose behalf.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Errand {
    pub import_id: ImportId,
    actor: ErrandActor,
    request_id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ErrandActor {
    Nobody,
    Member { member_id: kernel::MemberId, identity_id: kernel::IdentityId, session_id: kernel::SessionId, realm: kernel::Realm },
    Operator { name: String },
    System,
}

impl Errand {
    pub fn new(ctx: &Ctx, import_id: ImportId) -> Self {
        let actor = match ctx.actor.clone() {
            Actor::Nobody => ErrandActor::Nobody,
            Actor::Member { member_id, identity_id, session_id, realm } => {
                ErrandActor::Member { member_id, identity_id, session_id, realm }
            }
            Actor::Operator { name } => ErrandActor::Operator { name },
            Actor::System { .. } => ErrandActor::System,
        };
        Self { import_id, actor, request_id: ctx.request_id.to_string() }
    }

    pub fn payload(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("an errand has text keys only")
    }

    pub fn read(payload: &serde_json::Value) -> Option<Self> {
        Self::deserialize(payload).ok()
    }

    /// The context of a transaction of the job. The actor's rights are asked for anew in each.
    pub fn ctx(&self, app: &crate::jobs::JobApp, org: OrgId) -> Ctx {
        let actor = match self.actor.clone() {
            ErrandActor::Nobody => Actor::Nobody,
            ErrandActor::Member { member_id, identity_id, session_id, realm } => {
                Actor::Member { member_id, identity_id, session_id, realm }
            }
            ErrandActor::Operator { name } => Actor::Operator { name },
            ErrandActor::System => Actor::System { task: "import" },
        };
        app.ctx(org, actor, &self.request_id)
    }
}
