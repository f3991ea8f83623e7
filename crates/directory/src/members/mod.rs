//! 成员: a post in one organisation, held by a person or a function, from its making to its end in the recycle bin.
//!
//! [`Batch`] does what the single operations do, without looking the same things up for every row; imports use it.

mod batch;
mod list;
mod lookup;
mod order;
mod patch;
mod places;
mod profile;
mod recycle;
mod repo;
mod search;
mod states;
mod unmake;
mod update;

use kernel::{DepartmentId, EmailAddress, IdentityId, MailAccountId, MemberId, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

pub use batch::{Batch, InsertError, NewMember, insert};
pub use list::{ListError, MemberFilter, MemberRow, MemberSort, SortKey, count, count_by_state, list};
pub use lookup::{
    find, find_by_account_name, find_many, find_many_by_account_name, find_many_by_address, find_many_by_employee_number, find_many_by_id,
    find_many_by_mobile, get, mail_account_of, name_of_present, state_of,
};
pub use order::reorder;
pub use patch::MemberPatch;
pub use places::{PlaceError, Placement, move_to, set_departments};
pub use profile::Profile;
pub use recycle::{RECYCLE_DAYS, RestoreError, Restored, due_for_purge, purge, recycle, restore};
pub(crate) use search::patterns as search_patterns;
pub use search::refresh_search;
pub(crate) use states::state_sql;
pub use states::{StateError, activate, lock, resume, set_identity, set_last_sign_in, set_mail_account, suspend, unlock};
pub use unmake::unmake;
pub use update::{UpdateError, update, update_own};

crate::words::words! {
    /// What a member may do, computed from its dates; the first that fits, in this order.
    MemberState {
        /// 回收站
        Recycled = "recycled",
        /// 离职办理中
        Leaving = "leaving",
        /// 停用
        Suspended = "suspended",
        /// 锁定
        Locked = "locked",
        /// 已过期
        Expired = "expired",
        /// 未激活
        Pending = "pending",
        /// 正常
        Active = "active",
    }
}

crate::words::words! {
    MemberKind {
        Person = "person",
        /// A unit's account, held by whoever is on duty.
        Function = "function",
    }
}

crate::words::words! {
    AccountKind {
        /// 企业账号: the organisation's own.
        Enterprise = "enterprise",
        /// 个人账号: the person's, invited.
        Personal = "personal",
    }
}

crate::words::words! {
    Gender {
        Male = "male",
        Female = "female",
    }
}

/// One department of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub department_id: DepartmentId,
    pub department_name: String,
    /// The one under which the member is listed first; each member has exactly one.
    pub is_main: bool,
    pub position: Option<String>,
    pub rank: Option<String>,
}

/// A department of one of several members.
pub(crate) struct PlaceOfMember {
    pub member_id: MemberId,
    pub place: Place,
}

/// The departments of members, the main one first; at most [`store::IN_LIST_MAX`] at a time.
pub(crate) fn places_of(tx: &mut Tx, org: OrgId, ids: &[MemberId]) -> Result<Vec<PlaceOfMember>, StoreError> {
    let found = repo::places_of(tx, org, ids)?;
    Ok(found.into_iter().map(|(member_id, place)| PlaceOfMember { member_id, place }).collect())
}

/// A member as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    #[serde(flatten)]
    pub profile: Profile,
    pub account_kind: AccountKind,
    pub state: MemberState,
    pub identity_id: Option<IdentityId>,
    pub mail_account_id: Option<MailAccountId>,
    /// The main one first. Empty in the recycle bin.
    pub departments: Vec<Place>,
    /// The primary address.
    pub address: Option<EmailAddress>,
    pub aliases: Vec<EmailAddress>,
    pub created_at: Timestamp,
    pub activated_at: Option<Timestamp>,
    pub suspended_at: Option<Timestamp>,
    pub locked_at: Option<Timestamp>,
    pub leaving_since: Option<Timestamp>,
    pub recycled_at: Option<Timestamp>,
    pub last_sign_in_at: Option<Timestamp>,
    pub version: i64,
}
