use kernel::{MemberId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

use crate::administrators::Role;
use crate::members::{MemberState, state_sql};
use crate::organisations;

pub(super) struct Standing {
    pub state: MemberState,
    pub role: Option<Role>,
}

pub(super) fn standing(tx: &mut Tx, org: OrgId, member: MemberId, now: Timestamp) -> Result<Option<Standing>, StoreError> {
    let today = organisations::today(tx, org, now)?;
    let sql = format!(
        "SELECT {}, a.role FROM member m LEFT JOIN administrator a ON a.org_id = m.org_id AND a.member_id = m.id
         WHERE m.org_id = $1 AND m.id = $2",
        state_sql(3)
    );
    tx.query_opt(&sql, params![org, member, today], |row| Ok(Standing { state: row.get(0)?, role: row.get(1)? }))
}
