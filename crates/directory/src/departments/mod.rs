//! 部门: a tree of any depth up to a hundred, with limits on how many members a subtree may have.

mod add;
mod change;
mod limits;
mod move_to;
mod paths;
mod remove;
mod repo;
mod tree;

use kernel::{DepartmentId, MemberId, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

pub use add::{AddError, NewDepartment, add};
pub(crate) use add::{add_root, rename_root};
pub use change::{ChangeError, LeadersError, rename, set_identifier, set_leaders, set_limit};
pub use limits::{Admission, Full, LimitError, LimitLedger, first_full};
pub use move_to::{MoveError, move_to, reorder};
pub use paths::{all_paths, ensure_path, find_path, path_of};
pub use remove::{RemoveError, remove};
pub use tree::{DepartmentNode, Leader, tree};

/// A department as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    pub id: DepartmentId,
    /// `None` for the root department, which carries the organisation's name.
    pub parent_id: Option<DepartmentId>,
    pub name: String,
    /// 标识: unique among siblings, however it is written.
    pub identifier: String,
    pub sort_order: i64,
    /// 可创建用户数: how many distinct members the department and everything below it may have.
    pub member_limit: Option<i64>,
    pub created_at: Timestamp,
    pub version: i64,
}

/// How deep the tree may be below the root.
pub const MAX_DEPTH: usize = 100;
pub const MAX_NAME_CHARS: usize = 64;
pub const MAX_IDENTIFIER_CHARS: usize = 64;
/// The highest limit that can be set; a limit above it would not be one.
pub const MAX_MEMBER_LIMIT: i64 = 10_000_000;
pub const MAX_LEADERS: usize = 50;

pub fn find(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<Option<Department>, StoreError> {
    repo::find(tx, org, id)
}

/// The department that stands for the organisation itself; always there.
pub fn root(tx: &mut Tx, org: OrgId) -> Result<Department, StoreError> {
    repo::root(tx, org)
}

/// All departments, parents before children, siblings in their order; the root first.
pub(crate) fn list(tx: &mut Tx, org: OrgId) -> Result<Vec<Department>, StoreError> {
    Ok(tree::in_order(repo::all(tx, org)?))
}

/// The department and everything below it.
pub fn subtree_ids(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<Vec<DepartmentId>, StoreError> {
    repo::subtree_ids(tx, org, id)
}

/// How many departments there are below the root.
pub fn count(tx: &mut Tx, org: OrgId) -> Result<i64, StoreError> {
    repo::count_below_root(tx, org)
}

/// How many members the organisation has, the recycle bin not counted.
pub fn members_in_organisation(tx: &mut Tx, org: OrgId) -> Result<i64, StoreError> {
    repo::members_in_organisation(tx, org)
}

/// The departments a member leads.
pub fn led_by(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Vec<DepartmentId>, StoreError> {
    repo::led_by(tx, org, member)
}

/// A member who goes to the recycle bin leads nothing any more.
pub(crate) fn forget_leader(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<(), StoreError> {
    repo::delete_leader(tx, org, member)
}

/// Takes up a leadership again; the member stands last among the leaders.
pub(crate) fn append_leader(tx: &mut Tx, org: OrgId, id: DepartmentId, member: MemberId) -> Result<(), StoreError> {
    repo::append_leader(tx, org, id, member)
}
