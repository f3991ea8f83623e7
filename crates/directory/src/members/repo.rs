use std::collections::HashSet;

use kernel::{Date, IdentityId, MailAccountId, MemberId, OrgId, Timestamp};
use store::{Params, Row, StoreError, Tx, in_list, params};

use super::list::Key;
use super::lookup::MemberPlace;
use super::places::Placement;
use super::recycle::FormerPlaces;
use super::{AccountKind, Member, MemberRow, MemberState, Place, Profile, state_sql};
use crate::clashes::ClashField;
use crate::names;

/// What nearly every operation needs to know of a member first.
pub(super) struct Head {
    pub name: String,
    pub identity_id: Option<IdentityId>,
    pub recycled_at: Option<Timestamp>,
}

pub(super) fn head(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<Option<Head>, StoreError> {
    tx.query_opt("SELECT name, identity_id, recycled_at FROM member WHERE org_id = $1 AND id = $2", params![org, id], |row| {
        Ok(Head { name: row.get(0)?, identity_id: row.get(1)?, recycled_at: row.get(2)? })
    })
}

pub(super) fn mail_account(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<Option<MailAccountId>, StoreError> {
    let sql = "SELECT mail_account_id FROM member WHERE org_id = $1 AND id = $2";
    Ok(tx.query_opt(sql, params![org, id], |row| row.get::<Option<MailAccountId>>(0))?.flatten())
}

const PROFILE: &str = "m.kind, m.name, m.account_name, m.nickname, m.gender, m.birthday, m.alternate_address, m.mobile, m.home_phone, \
     m.office_phone, m.employee_number, m.join_date, m.supervisor_id, m.office_location, m.remarks, m.custom_fields, \
     m.visible_in_directory, m.service_class_id, m.extra_mail_quota_bytes, m.extra_drive_quota_bytes, m.expires_on";
const PROFILE_COUNT: usize = 21;

fn read_profile(row: &Row) -> Result<Profile, StoreError> {
    Ok(Profile {
        kind: row.get(0)?,
        name: row.get(1)?,
        account_name: row.get(2)?,
        nickname: row.get(3)?,
        gender: row.get(4)?,
        birthday: row.get(5)?,
        alternate_address: row.get(6)?,
        mobile: row.get(7)?,
        home_phone: row.get(8)?,
        office_phone: row.get(9)?,
        employee_number: row.get(10)?,
        join_date: row.get(11)?,
        supervisor_id: row.get(12)?,
        office_location: row.get(13)?,
        remarks: row.get(14)?,
        custom_fields: row.json(15)?,
        visible_in_directory: row.get(16)?,
        service_class_id: row.get(17)?,
        extra_mail_quota_bytes: row.get(18)?,
        extra_drive_quota_bytes: row.get(19)?,
        expires_on: row.get(20)?,
    })
}

/// The id, the values of [`PROFILE`] and after them the sort key; answers the first one's number.
fn push_profile(params: &mut Params, id: MemberId, profile: &Profile) -> usize {
    let first = params.push(id);
    params.append(params![
        profile.kind,
        profile.name,
        profile.account_name,
        profile.nickname,
        profile.gender,
        profile.birthday,
        profile.alternate_address,
        profile.mobile,
        profile.home_phone,
        profile.office_phone,
        profile.employee_number,
        profile.join_date,
        profile.supervisor_id,
        profile.office_location,
        profile.remarks,
        serde_json::to_string(&profile.custom_fields).expect("what was JSON is JSON"),
        profile.visible_in_directory,
        profile.service_class_id,
        profile.extra_mail_quota_bytes,
        profile.extra_drive_quota_bytes,
        profile.expires_on,
        names::sort_key(&profile.name)
    ]);
    first
}

pub(super) struct NewRow<'a> {
    pub id: MemberId,
    pub profile: &'a Profile,
    pub account_kind: AccountKind,
    pub identity_id: Option<IdentityId>,
    pub mail_account_id: Option<MailAccountId>,
    pub activated_at: Option<Timestamp>,
}

/// Answers how many were written: not those with a value that only one may have and that is taken.
pub(super) fn insert_many(tx: &mut Tx, org: OrgId, members: &[NewRow<'_>], now: Timestamp) -> Result<u64, StoreError> {
    let mut written = 0;
    for chunk in members.chunks(ROWS_PER_INSERT) {
        let mut statement = String::from(
            "INSERT INTO member (org_id, id, kind, name, account_name, nickname, gender, birthday, alternate_address, mobile,
                 home_phone, office_phone, employee_number, join_date, supervisor_id, office_location, remarks, custom_fields, visible_in_directory,
                 service_class_id, extra_mail_quota_bytes, extra_drive_quota_bytes, expires_on, name_sort, account_kind, identity_id,
                 mail_account_id, sort_order, created_at, activated_at, version) VALUES ",
        );
        let mut params = params![org];
        for (index, new) in chunk.iter().enumerate() {
            let first = push_profile(&mut params, new.id, new.profile);
            params.push(new.account_kind);
            params.push(new.identity_id);
            params.push(new.mail_account_id);
            // Ids grow with time, so new members stand at the end of the manual order.
            params.push(new.id);
            params.push(now);
            params.push(new.activated_at);
            let last = params.push(1);
            push_row(&mut statement, index, first, last + 1 - first);
        }
        statement.push_str(" ON CONFLICT DO NOTHING");
        written += tx.execute(&statement, params)?.count();
    }
    Ok(written)
}

pub(super) fn update_profile(tx: &mut Tx, org: OrgId, id: MemberId, profile: &Profile) -> Result<(), StoreError> {
    let mut params = params![org];
    push_profile(&mut params, id, profile);
    tx.execute(
        "UPDATE member SET kind = $3, name = $4, account_name = $5, nickname = $6, gender = $7, birthday = $8, alternate_address = $9,
             mobile = $10, home_phone = $11, office_phone = $12, employee_number = $13, join_date = $14, supervisor_id = $15,
             office_location = $16, remarks = $17, custom_fields = $18, visible_in_directory = $19, service_class_id = $20,
             extra_mail_quota_bytes = $21, extra_drive_quota_bytes = $22, expires_on = $23, name_sort = $24, version = version + 1
         WHERE org_id = $1 AND id = $2",
        params,
    )?
    .expect_one()
}

pub(super) fn profile(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<Option<Profile>, StoreError> {
    tx.query_opt(&format!("SELECT {PROFILE} FROM member m WHERE m.org_id = $1 AND m.id = $2"), params![org, id], read_profile)
}

pub(super) fn delete(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM member_search WHERE org_id = $1 AND member_id = $2", params![org, id])?.any();
    tx.execute("DELETE FROM member WHERE org_id = $1 AND id = $2", params![org, id])?.expect_one()
}

/// Members without their departments and addresses.
pub(super) fn members(tx: &mut Tx, org: OrgId, ids: &[MemberId], today: Date) -> Result<Vec<Member>, StoreError> {
    let mut params = params![org, today];
    params.extend(ids);
    let sql = format!(
        "SELECT {PROFILE}, m.id, m.account_kind, {}, m.identity_id, m.mail_account_id, m.created_at, m.activated_at, m.suspended_at,
             m.locked_at, m.leaving_since, m.recycled_at, m.last_sign_in_at, m.version
         FROM member m WHERE m.org_id = $1 AND m.id IN {}",
        state_sql(2),
        in_list(3, ids.len())
    );
    tx.query_all(&sql, params, |row| {
        let at = |offset: usize| PROFILE_COUNT + offset;
        Ok(Member {
            id: row.get(at(0))?,
            profile: read_profile(row)?,
            account_kind: row.get(at(1))?,
            state: row.get(at(2))?,
            identity_id: row.get(at(3))?,
            mail_account_id: row.get(at(4))?,
            departments: Vec::new(),
            address: None,
            aliases: Vec::new(),
            created_at: row.get(at(5))?,
            activated_at: row.get(at(6))?,
            suspended_at: row.get(at(7))?,
            locked_at: row.get(at(8))?,
            leaving_since: row.get(at(9))?,
            recycled_at: row.get(at(10))?,
            last_sign_in_at: row.get(at(11))?,
            version: row.get(at(12))?,
        })
    })
}

/// One page of a list; `with` and `condition`, which ends in order and limit, are put together by the caller.
pub(super) fn rows(
    tx: &mut Tx,
    with: &str,
    condition: &str,
    key: &Key,
    today: usize,
    params: Params,
) -> Result<Vec<MemberRow>, StoreError> {
    let sql = format!(
        "{with}SELECT m.id, m.name, m.account_name, m.kind, m.account_kind, {}, m.gender, m.mobile, m.employee_number, m.service_class_id,
             m.mail_account_id, m.visible_in_directory, m.expires_on, m.created_at, m.last_sign_in_at, m.recycled_at, {}
         FROM member m WHERE {condition}",
        state_sql(today),
        key.sql
    );
    tx.query_all(&sql, params, |row| {
        Ok(MemberRow {
            id: row.get(0)?,
            name: row.get(1)?,
            account_name: row.get(2)?,
            kind: row.get(3)?,
            account_kind: row.get(4)?,
            state: row.get(5)?,
            gender: row.get(6)?,
            mobile: row.get(7)?,
            employee_number: row.get(8)?,
            service_class_id: row.get(9)?,
            mail_account_id: row.get(10)?,
            visible_in_directory: row.get(11)?,
            expires_on: row.get(12)?,
            created_at: row.get(13)?,
            last_sign_in_at: row.get(14)?,
            recycled_at: row.get(15)?,
            departments: Vec::new(),
            address: None,
            sort_value: if key.is_text { row.get(16)? } else { row.get::<i64>(16)?.to_string() },
        })
    })
}

pub(super) fn count(tx: &mut Tx, with: &str, condition: &str, params: Params) -> Result<i64, StoreError> {
    tx.query_one(&format!("{with}SELECT COUNT(*) FROM member m WHERE {condition}"), params, |row| row.get(0))
}

pub(super) fn count_by_state(tx: &mut Tx, org: OrgId, today: Date) -> Result<Vec<(MemberState, i64)>, StoreError> {
    let sql =
        format!("SELECT s.state, COUNT(*) FROM (SELECT {} AS state FROM member m WHERE m.org_id = $1) s GROUP BY s.state", state_sql(2));
    tx.query_all(&sql, params![org, today], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn state(tx: &mut Tx, org: OrgId, id: MemberId, today: Date) -> Result<Option<MemberState>, StoreError> {
    let sql = format!("SELECT {} FROM member m WHERE m.org_id = $1 AND m.id = $2", state_sql(3));
    tx.query_opt(&sql, params![org, id, today], |row| row.get(0))
}

/// The column of a value that one member only may have, and the index's condition.
fn unique_column(field: ClashField) -> &'static str {
    match field {
        ClashField::AccountName => "account_name",
        ClashField::Mobile => "mobile",
        ClashField::EmployeeNumber => "employee_number",
        ClashField::Address => unreachable!("addresses are rows of their own"),
    }
}

pub(super) fn holder_of(tx: &mut Tx, org: OrgId, field: ClashField, value: &str) -> Result<Option<MemberId>, StoreError> {
    let sql = format!("SELECT id FROM member WHERE org_id = $1 AND {} = $2 AND recycled_at IS NULL", unique_column(field));
    tx.query_opt(&sql, params![org, value], |row| row.get(0))
}

pub(super) fn holders_of(tx: &mut Tx, org: OrgId, field: ClashField, values: &[&str]) -> Result<Vec<(String, MemberId)>, StoreError> {
    let column = unique_column(field);
    let mut params = params![org];
    params.extend(values.iter().copied());
    let sql =
        format!("SELECT {column}, id FROM member WHERE org_id = $1 AND recycled_at IS NULL AND {column} IN {}", in_list(2, values.len()));
    tx.query_all(&sql, params, |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn present(tx: &mut Tx, org: OrgId, ids: &[MemberId]) -> Result<Vec<MemberId>, StoreError> {
    let mut params = params![org];
    params.extend(ids);
    let sql = format!("SELECT id FROM member WHERE org_id = $1 AND recycled_at IS NULL AND id IN {}", in_list(2, ids.len()));
    tx.query_all(&sql, params, |row| row.get(0))
}

pub(super) fn account_names_beginning_with(tx: &mut Tx, org: OrgId, base: &str) -> Result<HashSet<String>, StoreError> {
    let found = tx.query_all(
        "SELECT account_name FROM member WHERE org_id = $1 AND account_name >= $2 AND account_name < $3 AND recycled_at IS NULL",
        // `:` is the character after `9`: what begins so and goes on with digits lies between.
        params![org, base, format!("{base}:")],
        |row| row.get(0),
    )?;
    Ok(found.into_iter().collect())
}

/// Sets one of the moments of the table of states, unless it is set; answers whether it was not.
pub(super) fn set_moment(tx: &mut Tx, org: OrgId, id: MemberId, column: &'static str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = format!("UPDATE member SET {column} = $3, version = version + 1 WHERE org_id = $1 AND id = $2 AND {column} IS NULL");
    Ok(tx.execute(&sql, params![org, id, now])?.is_one())
}

/// Clears it, if it is set; answers whether it was.
pub(super) fn clear_moment(tx: &mut Tx, org: OrgId, id: MemberId, column: &'static str) -> Result<bool, StoreError> {
    let sql = format!("UPDATE member SET {column} = NULL, version = version + 1 WHERE org_id = $1 AND id = $2 AND {column} IS NOT NULL");
    Ok(tx.execute(&sql, params![org, id])?.is_one())
}

pub(super) fn set_last_sign_in(tx: &mut Tx, org: OrgId, id: MemberId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE member SET last_sign_in_at = $3 WHERE org_id = $1 AND id = $2", params![org, id, now])?.any();
    Ok(())
}

pub(super) fn set_identity(tx: &mut Tx, org: OrgId, id: MemberId, identity: IdentityId) -> Result<(), StoreError> {
    tx.execute("UPDATE member SET identity_id = $3 WHERE org_id = $1 AND id = $2", params![org, id, identity])?.expect_one()
}

pub(super) fn set_mail_account(tx: &mut Tx, org: OrgId, id: MemberId, account: Option<MailAccountId>) -> Result<(), StoreError> {
    tx.execute("UPDATE member SET mail_account_id = $3 WHERE org_id = $1 AND id = $2", params![org, id, account])?.expect_one()
}

pub(super) fn set_recycled(tx: &mut Tx, org: OrgId, id: MemberId, now: Timestamp, former: &FormerPlaces) -> Result<(), StoreError> {
    let former = serde_json::to_string(former).expect("ids and text always serialise");
    tx.execute(
        "UPDATE member SET recycled_at = $3, recycled_places = $4, version = version + 1 WHERE org_id = $1 AND id = $2",
        params![org, id, now, former],
    )?
    .expect_one()
}

pub(super) fn clear_recycled(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<(), StoreError> {
    tx.execute("UPDATE member SET recycled_at = NULL, recycled_places = NULL WHERE org_id = $1 AND id = $2", params![org, id])?.expect_one()
}

pub(super) fn former_places(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<FormerPlaces, StoreError> {
    let found =
        tx.query_one("SELECT recycled_places FROM member WHERE org_id = $1 AND id = $2", params![org, id], |row| row.json_opt(0))?;
    Ok(found.unwrap_or_default())
}

pub(super) fn recycled_before(tx: &mut Tx, org: OrgId, before: Timestamp, limit: usize) -> Result<Vec<MemberId>, StoreError> {
    tx.query_all(
        "SELECT id FROM member WHERE org_id = $1 AND recycled_at < $2 ORDER BY recycled_at, id LIMIT $3",
        params![org, before, limit],
        |row| row.get(0),
    )
}

pub(super) fn places_of(tx: &mut Tx, org: OrgId, ids: &[MemberId]) -> Result<Vec<MemberPlace>, StoreError> {
    let mut params = params![org];
    params.extend(ids);
    let sql = format!(
        "SELECT dm.member_id, dm.department_id, d.name, dm.is_main, dm.position, dm.rank
         FROM department_member dm JOIN department d ON d.org_id = dm.org_id AND d.id = dm.department_id
         WHERE dm.org_id = $1 AND dm.member_id IN {} ORDER BY dm.member_id, dm.sort_order",
        in_list(2, ids.len())
    );
    tx.query_all(&sql, params, |row| {
        let place = Place {
            department_id: row.get(1)?,
            department_name: row.get(2)?,
            is_main: row.get(3)?,
            position: row.get(4)?,
            rank: row.get(5)?,
        };
        Ok((row.get(0)?, place))
    })
}

pub(super) fn places(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<Vec<Place>, StoreError> {
    Ok(places_of(tx, org, &[id])?.into_iter().map(|(_, place)| place).collect())
}

pub(super) fn delete_places(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM department_member WHERE org_id = $1 AND member_id = $2", params![org, id])?.any();
    Ok(())
}

/// The rows of one statement; their parameters stay far below what either engine takes.
const ROWS_PER_INSERT: usize = 100;

pub(super) fn insert_places(tx: &mut Tx, org: OrgId, members: &[(MemberId, Vec<Placement>)]) -> Result<(), StoreError> {
    let rows: Vec<_> =
        members.iter().flat_map(|(id, places)| places.iter().enumerate().map(move |(order, place)| (id, order, place))).collect();
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut statement =
            String::from("INSERT INTO department_member (org_id, department_id, member_id, is_main, position, rank, sort_order) VALUES ");
        let mut params = params![org];
        for (index, (id, order, place)) in chunk.iter().enumerate() {
            let first = params.push(place.department_id);
            params.push(*id);
            params.push(place.is_main);
            params.push(place.position.as_deref());
            params.push(place.rank.as_deref());
            params.push(*order);
            push_row(&mut statement, index, first, 6);
        }
        expect_rows(tx.execute(&statement, params)?.count(), chunk.len())?;
    }
    Ok(())
}

pub(super) fn insert_search(tx: &mut Tx, org: OrgId, members: &[(MemberId, String)]) -> Result<(), StoreError> {
    for chunk in members.chunks(ROWS_PER_INSERT) {
        let mut statement = String::from("INSERT INTO member_search (org_id, member_id, text) VALUES ");
        let mut params = params![org];
        for (index, (id, text)) in chunk.iter().enumerate() {
            let first = params.push(id);
            params.push(text);
            push_row(&mut statement, index, first, 2);
        }
        expect_rows(tx.execute(&statement, params)?.count(), chunk.len())?;
    }
    Ok(())
}

/// `($1,$first,…)`: the organisation, and `count` values of the row.
fn push_row(statement: &mut String, index: usize, first: usize, count: usize) {
    statement.push_str(if index == 0 { "($1" } else { ",($1" });
    for number in first..first + count {
        statement.push_str(&format!(",${number}"));
    }
    statement.push(')');
}

fn expect_rows(found: u64, wanted: usize) -> Result<(), StoreError> {
    if found == wanted as u64 { Ok(()) } else { Err(StoreError::RowCount { expected: "a row for each new member", found }) }
}

pub(super) fn set_search(tx: &mut Tx, org: OrgId, id: MemberId, text: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE member_search SET text = $3 WHERE org_id = $1 AND member_id = $2", params![org, id, text])?.expect_one()
}

pub(super) fn sort_order(tx: &mut Tx, org: OrgId, id: MemberId) -> Result<Option<i64>, StoreError> {
    tx.query_opt("SELECT sort_order FROM member WHERE org_id = $1 AND id = $2", params![org, id], |row| row.get(0))
}

/// The place of whoever stands right before `order`, `except` aside.
pub(super) fn sort_order_below(tx: &mut Tx, org: OrgId, order: i64, except: MemberId) -> Result<Option<i64>, StoreError> {
    tx.query_opt(
        "SELECT sort_order FROM member WHERE org_id = $1 AND sort_order < $2 AND id <> $3 ORDER BY sort_order DESC LIMIT 1",
        params![org, order, except],
        |row| row.get(0),
    )
}

pub(super) fn lower_sort_orders(tx: &mut Tx, org: OrgId, below: i64, by: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE member SET sort_order = sort_order - $3 WHERE org_id = $1 AND sort_order < $2", params![org, below, by])?.any();
    Ok(())
}

pub(super) fn set_sort_order(tx: &mut Tx, org: OrgId, id: MemberId, order: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE member SET sort_order = $3 WHERE org_id = $1 AND id = $2", params![org, id, order])?.expect_one()
}
