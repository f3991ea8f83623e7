use kernel::{Date, MemberId, OrgId};
use store::{Params, StoreError, Tx, params};

use super::{Colleague, ColleagueFilter, SEEN};
use crate::members::{search_patterns, state_sql};

/// Where the page before ended.
pub(super) struct After {
    pub rank: i64,
    pub name_sort: String,
    pub id: MemberId,
}

pub(super) fn list(
    tx: &mut Tx,
    org: OrgId,
    today: Date,
    filter: &ColleagueFilter,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Colleague>, StoreError> {
    let mut condition = Condition::of(org, today, filter);
    let rank = condition.rank(filter);
    let mut keyset = String::new();
    if let Some(after) = after {
        let place = [condition.params.push(after.rank), condition.params.push(after.name_sort.as_str()), condition.params.push(after.id)];
        keyset = format!(" AND ({rank}, m.name_sort, m.id) > (${}, ${}, ${})", place[0], place[1], place[2]);
    }
    let limit = condition.params.push(limit);
    let sql = format!(
        "{} SELECT m.id, m.name, m.nickname, m.mobile, m.office_phone, {rank}, m.name_sort FROM member m WHERE {}{keyset}
         ORDER BY {rank}, m.name_sort, m.id LIMIT ${limit}",
        condition.with, condition.sql
    );
    tx.query_all(&sql, condition.params, |row| {
        Ok(Colleague {
            id: row.get(0)?,
            name: row.get(1)?,
            nickname: row.get(2)?,
            address: None,
            mobile: row.get(3)?,
            office_phone: row.get(4)?,
            departments: Vec::new(),
            rank: row.get(5)?,
            name_sort: row.get(6)?,
        })
    })
}

pub(super) fn count(tx: &mut Tx, org: OrgId, today: Date, filter: &ColleagueFilter) -> Result<i64, StoreError> {
    let condition = Condition::of(org, today, filter);
    let sql = format!("{} SELECT COUNT(*) FROM member m WHERE {}", condition.with, condition.sql);
    tx.query_one(&sql, condition.params, |row| row.get(0))
}

/// A condition on `m`, with its parameters; `$1` is the organisation.
struct Condition {
    /// What stands before `SELECT`.
    with: String,
    sql: String,
    params: Params,
}

impl Condition {
    fn of(org: OrgId, today: Date, filter: &ColleagueFilter) -> Self {
        let mut params = params![org];
        let today = params.push(today);
        let seen: Vec<String> = SEEN.into_iter().map(|state| format!("${}", params.push(state))).collect();
        let mut condition = Self {
            with: String::new(),
            sql: format!(
                "m.org_id = $1 AND m.recycled_at IS NULL AND m.visible_in_directory AND {} IN ({})",
                state_sql(today),
                seen.join(", ")
            ),
            params,
        };
        if let Some(department) = filter.department_id {
            let number = condition.params.push(department);
            // In front of the statement, where it is worked out once: further inside, SQLite may walk the tree anew for every member.
            condition.with = format!(
                "WITH RECURSIVE down (id) AS (
                     SELECT id FROM department WHERE org_id = $1 AND id = ${number}
                     UNION ALL
                     SELECT d.id FROM down CROSS JOIN department d WHERE d.org_id = $1 AND d.parent_id = down.id
                 ), below (member_id) AS (
                     SELECT DISTINCT dm.member_id FROM down CROSS JOIN department_member dm WHERE dm.org_id = $1 AND dm.department_id = down.id
                 )"
            );
            condition.sql.push_str(" AND m.id IN (SELECT member_id FROM below)");
        }
        for pattern in search_patterns(filter.search.as_deref().unwrap_or_default()) {
            let number = condition.params.push(format!("%{pattern}%"));
            condition.sql.push_str(&format!(
                " AND (m.id IN (SELECT s.member_id FROM member_search s WHERE s.org_id = $1 AND s.text LIKE ${number} ESCAPE '!')
                   OR m.id IN (SELECT dm.member_id FROM department d JOIN department_member dm ON dm.org_id = d.org_id AND dm.department_id = d.id
                               WHERE d.org_id = $1 AND d.name_key LIKE ${number} ESCAPE '!'))"
            ));
        }
        condition
    }

    /// 0 for whose name begins with the first word, 1 for everybody else.
    fn rank(&mut self, filter: &ColleagueFilter) -> String {
        let first = search_patterns(filter.search.as_deref().unwrap_or_default()).into_iter().next();
        // A bare number would name a column.
        let Some(first) = first else { return "CAST(0 AS BIGINT)".to_owned() };
        // The searchable text begins with the name; its pinyin and initials follow, each on a line of its own.
        let start = self.params.push(format!("{first}%"));
        let line = self.params.push(format!("%\n{first}%"));
        format!(
            "CAST(CASE WHEN EXISTS (SELECT 1 FROM member_search b WHERE b.org_id = m.org_id AND b.member_id = m.id
                  AND (b.text LIKE ${start} ESCAPE '!' OR b.text LIKE ${line} ESCAPE '!')) THEN 0 ELSE 1 END AS BIGINT)"
        )
    }
}
