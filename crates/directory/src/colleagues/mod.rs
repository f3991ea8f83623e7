//! 通讯录: what members see of their own organisation: its departments, and those colleagues who are to be seen there.
//!
//! Seen is who is visible in the directory and pending, active or locked; whoever is suspended, expired, leaving or recycled is not there
//! at all. Fields are few on purpose: what a colleague needs to write or call. Administrators have [`crate::members`] and
//! [`crate::departments`] instead.

mod repo;

use std::collections::HashMap;

use kernel::{Actor, Ctx, Cursor, DepartmentId, EmailAddress, MemberId, Page, PageRequest, PhoneNumber};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

use crate::access::{Denied, Permission, Target, authorize};
use crate::addresses::{self, AddressKind};
use crate::departments;
use crate::members::{MemberState, PlaceOfMember, places_of};
use crate::organisations;

/// A department as colleagues see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryDepartment {
    pub id: DepartmentId,
    /// `None` for the organisation itself.
    pub parent_id: Option<DepartmentId>,
    pub name: String,
}

/// Which colleagues a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColleagueFilter {
    /// In this department or below it.
    pub department_id: Option<DepartmentId>,
    /// Words that must each be found in name, pinyin, initials, account name, address, mobile or employee number, or in the name of a
    /// department. Whose name begins with the first word comes first.
    pub search: Option<String>,
}

/// A member as colleagues see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    pub id: MemberId,
    pub name: String,
    pub nickname: Option<String>,
    pub address: Option<EmailAddress>,
    pub mobile: Option<PhoneNumber>,
    pub office_phone: Option<String>,
    /// The main one first.
    pub departments: Vec<ColleaguePlace>,
    /// Where the row stands in the list's order.
    #[serde(skip)]
    rank: i64,
    #[serde(skip)]
    name_sort: String,
}

/// One department of a colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColleaguePlace {
    pub department_id: DepartmentId,
    /// From below the organisation down to the department.
    pub path: Vec<String>,
    pub position: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ColleaguesError {
    #[error("the cursor is not one of this list")]
    CursorInvalid,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not read the directory")]
    Store(#[from] StoreError),
}
kernel::faults! { ColleaguesError:
    ColleaguesError::CursorInvalid => Invalid "cursor_invalid",
    ColleaguesError::Denied(inner) => inner,
    ColleaguesError::Store(inner) => inner,
}

/// In which states a member is seen by colleagues (design, the table of states).
const SEEN: [MemberState; 3] = [MemberState::Pending, MemberState::Active, MemberState::Locked];

/// All departments of the caller's organisation, the root first and siblings in their order.
pub fn list_departments(ctx: &Ctx, tx: &mut Tx) -> Result<Vec<DirectoryDepartment>, ColleaguesError> {
    may_look(ctx, tx)?;
    let department = |found: departments::Department| DirectoryDepartment { id: found.id, parent_id: found.parent_id, name: found.name };
    Ok(departments::list(tx, ctx.org)?.into_iter().map(department).collect())
}

/// Colleagues of the caller, by name.
pub fn list(ctx: &Ctx, tx: &mut Tx, filter: &ColleagueFilter, page: &PageRequest) -> Result<Page<Colleague>, ColleaguesError> {
    may_look(ctx, tx)?;
    let after = match &page.after {
        None => None,
        Some(cursor) => Some(repo::After {
            rank: cursor.part(0).ok_or(ColleaguesError::CursorInvalid)?,
            name_sort: cursor.part(1).ok_or(ColleaguesError::CursorInvalid)?,
            id: cursor.part(2).ok_or(ColleaguesError::CursorInvalid)?,
        }),
    };
    let today = organisations::today(tx, ctx.org, ctx.now)?;
    let mut found = repo::list(tx, ctx.org, today, filter, after.as_ref(), page.limit() + 1)?;
    dress(ctx, tx, &mut found)?;
    Ok(Page::from_surplus(found, page, |row| Cursor::new([row.rank.to_string(), row.name_sort.clone(), row.id.to_string()])))
}

/// How many colleagues the filter lets through.
pub fn count(ctx: &Ctx, tx: &mut Tx, filter: &ColleagueFilter) -> Result<i64, ColleaguesError> {
    may_look(ctx, tx)?;
    let today = organisations::today(tx, ctx.org, ctx.now)?;
    Ok(repo::count(tx, ctx.org, today, filter)?)
}

/// Whoever may use the own account may look its organisation up.
fn may_look(ctx: &Ctx, tx: &mut Tx) -> Result<(), Denied> {
    match &ctx.actor {
        Actor::Operator { .. } | Actor::System { .. } => Ok(()),
        Actor::Nobody => Err(Denied::Unauthenticated),
        Actor::Member { member_id, .. } => authorize(ctx, tx, Permission::UseOwnAccount, Target::Own(*member_id)),
    }
}

fn dress(ctx: &Ctx, tx: &mut Tx, rows: &mut [Colleague]) -> Result<(), StoreError> {
    let ids: Vec<MemberId> = rows.iter().map(|row| row.id).collect();
    let index: HashMap<MemberId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut paths: HashMap<DepartmentId, Vec<String>> = HashMap::new();
    for chunk in ids.chunks(store::IN_LIST_MAX) {
        for PlaceOfMember { member_id, place } in places_of(tx, ctx.org, chunk)? {
            let path = match paths.get(&place.department_id) {
                Some(known) => known.clone(),
                None => {
                    let path = departments::path_of(tx, ctx.org, place.department_id)?;
                    paths.insert(place.department_id, path.clone());
                    path
                }
            };
            let places = &mut rows[index[&member_id]].departments;
            places.push(ColleaguePlace { department_id: place.department_id, path, position: place.position });
        }
        for address in addresses::list_of_members(tx, ctx.org, chunk)? {
            if let (AddressKind::Primary, Some(id)) = (address.kind, address.member_id) {
                rows[index[&id]].address = Some(address.address);
            }
        }
    }
    Ok(())
}
