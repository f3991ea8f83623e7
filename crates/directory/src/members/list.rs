//! Lists of members: one predicate for the page and for its count, one keyset for each order.

use std::collections::{BTreeMap, HashMap};

use kernel::{
    Ctx, Cursor, Date, DepartmentId, EmailAddress, MailAccountId, MemberId, Page, PageRequest, PhoneNumber, ServiceClassId, Timestamp,
};
use serde::{Deserialize, Serialize};
use store::{Params, StoreError, Tx, params};

use super::{AccountKind, Gender, MemberKind, MemberState, Place, repo, search, state_sql};
use crate::access::{Denied, Permission, Target, authorize};
use crate::addresses::{self, AddressKind};
use crate::departments;
use crate::organisations::{self, ProfileAttribute};

/// Which members a list shows; every condition that is given must hold. The recycle bin is shown only when asked for by state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MemberFilter {
    pub department_id: Option<DepartmentId>,
    pub include_subdepartments: bool,
    /// Words that must all be found in name, pinyin, initials, account name, addresses, mobile or employee number.
    pub search: Option<String>,
    pub state: Option<MemberState>,
    pub service_class_id: Option<ServiceClassId>,
    pub account_kind: Option<AccountKind>,
    /// Lacks one of the attributes that the organisation wants in every profile.
    pub incomplete: bool,
    pub has_mobile: Option<bool>,
    pub created_from: Option<Timestamp>,
    /// Before this moment.
    pub created_to: Option<Timestamp>,
    /// The expiry day lies before this one.
    pub expires_before: Option<Date>,
}

crate::words::words! {
    SortKey {
        Name = "name",
        AccountName = "account_name",
        EmployeeNumber = "employee_number",
        CreatedAt = "created_at",
        LastSignInAt = "last_sign_in_at",
        /// The order that administrators have put the members in.
        Manual = "manual",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberSort {
    pub key: SortKey,
    pub descending: bool,
}

impl Default for MemberSort {
    fn default() -> Self {
        Self { key: SortKey::Name, descending: false }
    }
}

/// A member in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    pub id: MemberId,
    pub name: String,
    pub account_name: String,
    pub kind: MemberKind,
    pub account_kind: AccountKind,
    pub state: MemberState,
    pub gender: Option<Gender>,
    pub mobile: Option<PhoneNumber>,
    pub employee_number: Option<String>,
    pub service_class_id: ServiceClassId,
    pub mail_account_id: Option<MailAccountId>,
    pub visible_in_directory: bool,
    pub expires_on: Option<Date>,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
    pub recycled_at: Option<Timestamp>,
    /// The main one first.
    pub departments: Vec<Place>,
    pub address: Option<EmailAddress>,
    /// Where the row stands in the list's order.
    #[serde(skip)]
    pub(super) sort_value: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("the cursor is not one of this list")]
    CursorInvalid,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not list members")]
    Store(#[from] StoreError),
}
kernel::faults! { ListError:
    ListError::CursorInvalid => Invalid "cursor_invalid",
    ListError::Denied(inner) => inner,
    ListError::Store(inner) => inner,
}

pub fn list(ctx: &Ctx, tx: &mut Tx, filter: &MemberFilter, page: &PageRequest, sort: MemberSort) -> Result<Page<MemberRow>, ListError> {
    authorize(ctx, tx, Permission::ViewMembers, Target::Organisation)?;
    let mut predicate = Predicate::of(ctx, tx, filter)?;
    let today = predicate.today(ctx, tx)?;
    let key = key_sql(sort.key);
    let (after, direction) = if sort.descending { ("<", "DESC") } else { (">", "ASC") };
    let mut keyset = String::new();
    if let Some(cursor) = &page.after {
        let id: MemberId = cursor.part(1).ok_or(ListError::CursorInvalid)?;
        let value = if key.is_text {
            predicate.params.push(cursor.part::<String>(0).ok_or(ListError::CursorInvalid)?)
        } else {
            predicate.params.push(cursor.part::<i64>(0).ok_or(ListError::CursorInvalid)?)
        };
        let id = predicate.params.push(id);
        keyset = format!(" AND ({}, m.id) {after} (${value}, ${id})", key.sql);
    }
    let limit = predicate.params.push(page.limit() + 1);
    let tail = format!("{keyset} ORDER BY {} {direction}, m.id {direction} LIMIT ${limit}", key.sql);
    let mut rows = repo::rows(tx, &predicate.with, &format!("{}{tail}", predicate.sql), &key, today, predicate.params)?;
    // The surplus row only tells that there is another page.
    let shown: Vec<MemberId> = rows.iter().take(page.limit() as usize).map(|row| row.id).collect();
    dress(ctx, tx, &mut rows, &shown)?;
    Ok(Page::from_surplus(rows, page, |row| Cursor::new([row.sort_value.clone(), row.id.to_string()])))
}

/// How many members the filter lets through.
pub fn count(ctx: &Ctx, tx: &mut Tx, filter: &MemberFilter) -> Result<i64, ListError> {
    authorize(ctx, tx, Permission::ViewMembers, Target::Organisation)?;
    let predicate = Predicate::of(ctx, tx, filter)?;
    Ok(repo::count(tx, &predicate.with, &predicate.sql, predicate.params)?)
}

/// How many members are in each state; states nobody is in are left out.
pub fn count_by_state(ctx: &Ctx, tx: &mut Tx) -> Result<BTreeMap<MemberState, i64>, Denied> {
    authorize(ctx, tx, Permission::ViewOverview, Target::Organisation)?;
    let today = organisations::today(tx, ctx.org, ctx.now)?;
    Ok(repo::count_by_state(tx, ctx.org, today)?.into_iter().collect())
}

/// What a list is ordered by.
pub(super) struct Key {
    pub sql: &'static str,
    pub is_text: bool,
}

fn key_sql(key: SortKey) -> Key {
    let (sql, is_text) = match key {
        SortKey::Name => ("m.name_sort", true),
        SortKey::AccountName => ("m.account_name", true),
        SortKey::EmployeeNumber => ("COALESCE(m.employee_number, '')", true),
        SortKey::CreatedAt => ("m.created_at", false),
        SortKey::LastSignInAt => ("COALESCE(m.last_sign_in_at, 0)", false),
        SortKey::Manual => ("m.sort_order", false),
    };
    Key { sql, is_text }
}

fn dress(ctx: &Ctx, tx: &mut Tx, rows: &mut [MemberRow], ids: &[MemberId]) -> Result<(), StoreError> {
    let index: HashMap<MemberId, usize> = rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
    for (id, place) in repo::places_of(tx, ctx.org, ids)? {
        rows[index[&id]].departments.push(place);
    }
    for address in addresses::list_of_members(tx, ctx.org, ids)? {
        if let (AddressKind::Primary, Some(id)) = (address.kind, address.member_id) {
            rows[index[&id]].address = Some(address.address);
        }
    }
    Ok(())
}

/// A condition on `m`, with its parameters; `$1` is the organisation.
struct Predicate {
    /// What stands before `SELECT`.
    with: String,
    sql: String,
    params: Params,
    today: Option<usize>,
}

impl Predicate {
    fn of(ctx: &Ctx, tx: &mut Tx, filter: &MemberFilter) -> Result<Self, StoreError> {
        let mut predicate = Self { with: String::new(), sql: "m.org_id = $1".to_owned(), params: params![ctx.org], today: None };
        let bin = filter.state == Some(MemberState::Recycled);
        // Said in so many words, so that the indexes that leave the recycle bin out can be used.
        predicate.sql.push_str(if bin { " AND m.recycled_at IS NOT NULL" } else { " AND m.recycled_at IS NULL" });
        if let Some(state) = filter.state.filter(|_| !bin) {
            let today = predicate.today(ctx, tx)?;
            let number = predicate.params.push(state);
            predicate.sql.push_str(&format!(" AND {} = ${number}", state_sql(today)));
        }
        if let Some(department) = filter.department_id {
            // Everybody is somewhere below the root.
            let everybody = filter.include_subdepartments && !bin && department == departments::root(tx, ctx.org)?.id;
            if !everybody {
                predicate.in_department(department, filter.include_subdepartments);
            }
        }
        if let Some(text) = &filter.search {
            let condition = search::condition(text, &mut predicate.params);
            predicate.sql.push_str(&condition);
        }
        if let Some(class) = filter.service_class_id {
            predicate.and("m.service_class_id =", class);
        }
        if let Some(kind) = filter.account_kind {
            predicate.and("m.account_kind =", kind);
        }
        if let Some(has_mobile) = filter.has_mobile {
            predicate.sql.push_str(if has_mobile { " AND m.mobile IS NOT NULL" } else { " AND m.mobile IS NULL" });
        }
        if let Some(from) = filter.created_from {
            predicate.and("m.created_at >=", from);
        }
        if let Some(to) = filter.created_to {
            predicate.and("m.created_at <", to);
        }
        if let Some(day) = filter.expires_before {
            predicate.and("m.expires_on <", day);
        }
        if filter.incomplete {
            let wanted = organisations::settings(tx, ctx.org)?.complete_profile;
            predicate.lacks_one_of(&wanted);
        }
        Ok(predicate)
    }

    fn and(&mut self, condition: &str, value: impl store::ToParam) {
        let number = self.params.push(value);
        self.sql.push_str(&format!(" AND {condition} ${number}"));
    }

    fn in_department(&mut self, department: DepartmentId, with_subtree: bool) {
        let number = self.params.push(department);
        if with_subtree {
            // In front of the statement, where it is worked out once: further inside, SQLite may walk the tree anew for every member.
            self.with = format!(
                "WITH RECURSIVE down (id) AS (
                     SELECT id FROM department WHERE org_id = $1 AND id = ${number}
                     UNION ALL
                     SELECT d.id FROM down CROSS JOIN department d WHERE d.org_id = $1 AND d.parent_id = down.id
                 ), below (member_id) AS (
                     SELECT DISTINCT dm.member_id FROM down CROSS JOIN department_member dm WHERE dm.org_id = $1 AND dm.department_id = down.id
                 ) "
            );
            self.sql.push_str(" AND m.id IN (SELECT member_id FROM below)");
        } else {
            self.sql.push_str(&format!(
                " AND m.id IN (SELECT dm.member_id FROM department_member dm WHERE dm.org_id = $1 AND dm.department_id = ${number})"
            ));
        }
    }

    fn lacks_one_of(&mut self, wanted: &[ProfileAttribute]) {
        let lacking: Vec<&str> = wanted.iter().copied().map(lacks).collect();
        let any = if lacking.is_empty() { "FALSE".to_owned() } else { lacking.join(" OR ") };
        self.sql.push_str(&format!(" AND ({any})"));
    }

    /// The number of the parameter that holds the present day.
    fn today(&mut self, ctx: &Ctx, tx: &mut Tx) -> Result<usize, StoreError> {
        if let Some(number) = self.today {
            return Ok(number);
        }
        let number = self.params.push(organisations::today(tx, ctx.org, ctx.now)?);
        self.today = Some(number);
        Ok(number)
    }
}

fn lacks(attribute: ProfileAttribute) -> &'static str {
    match attribute {
        ProfileAttribute::Gender => "m.gender IS NULL",
        ProfileAttribute::Mobile => "m.mobile IS NULL",
        ProfileAttribute::OfficePhone => "m.office_phone IS NULL",
        ProfileAttribute::EmployeeNumber => "m.employee_number IS NULL",
        ProfileAttribute::Birthday => "m.birthday IS NULL",
        ProfileAttribute::JoinDate => "m.join_date IS NULL",
        ProfileAttribute::OfficeLocation => "m.office_location IS NULL",
        ProfileAttribute::Position => {
            "NOT EXISTS (SELECT 1 FROM department_member p
                 WHERE p.org_id = m.org_id AND p.member_id = m.id AND p.is_main AND p.position IS NOT NULL)"
        }
        ProfileAttribute::Address => {
            "NOT EXISTS (SELECT 1 FROM address a WHERE a.org_id = m.org_id AND a.member_id = m.id AND a.kind = 'primary')"
        }
    }
}
