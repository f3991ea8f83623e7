//! The table of members: filters, order, pages.

use axum::extract::State;
use directory::{members, organisations};
use kernel::{Date, DepartmentId, ServiceClassId, TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::show::Names;
use super::{AccountKind, MemberRow, MemberState};
use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Query, bounded};
use crate::list::{List, page_request};
use crate::words::same_words;

/// What the table shows and in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct MemberQuery {
    #[param(value_type = Option<String>)]
    pub department_id: Option<DepartmentId>,
    /// Whether members of departments below count too; true when absent.
    pub include_subdepartments: Option<bool>,
    /// Part of a name, its pinyin or initials, an account name, an address, a mobile or an employee number.
    #[param(max_length = 128)]
    pub search: Option<String>,
    /// Members in the recycle bin are listed only when asked for.
    pub state: Option<MemberState>,
    #[param(value_type = Option<String>)]
    pub service_class_id: Option<ServiceClassId>,
    pub account_kind: Option<AccountKind>,
    /// Whether a field that the organisation requires is missing.
    pub incomplete: Option<bool>,
    pub has_mobile: Option<bool>,
    /// Created on this day or later, in the organisation's time zone.
    #[param(value_type = Option<String>, format = Date)]
    pub created_from: Option<Date>,
    /// Created on this day or earlier, in the organisation's time zone.
    #[param(value_type = Option<String>, format = Date)]
    pub created_to: Option<Date>,
    /// With an expiry day before this one.
    #[param(value_type = Option<String>, format = Date)]
    pub expires_before: Option<Date>,
    /// `name` when absent; `manual` is the order administrators gave within the department.
    #[param(inline)]
    #[param(inline)]
    pub sort: Option<MemberSort>,
    pub descending: Option<bool>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberSort {
    #[default]
    Name,
    AccountName,
    EmployeeNumber,
    CreatedAt,
    LastSignInAt,
    Manual,
}

/// Lists members
///
/// `total` is told with the first page.
#[utoipa::path(get, path = "/api/v1/admin/members", operation_id = "listMembers", tag = "members", params(MemberQuery), responses((status = 200, body = List<MemberRow>)))]
pub async fn list_members(
    State(app): State<AppState>,
    Console(caller): Console,
    Query(query): Query<MemberQuery>,
) -> Result<Json<List<MemberRow>>, ApiError> {
    let ctx = caller.ctx;
    let request = page_request(query.cursor.as_deref(), query.limit)?;
    bounded("search", query.search.as_deref().unwrap_or_default(), 128)?;
    let sort = members::MemberSort { key: query.sort.unwrap_or_default().into(), descending: query.descending.unwrap_or(false) };
    let found = app.store.read(move |tx| {
        let zone = organisations::get(tx, ctx.org)?.zone();
        let filter = filter_of(&query, &zone);
        let page = members::list(&ctx, tx, &filter, &request, sort)?;
        // The count is of the whole list, so it is told with the first page only.
        let total = if request.after.is_none() { Some(members::count(&ctx, tx, &filter)?) } else { None };
        let mut names = Names::of(ctx.org);
        let mut items = Vec::with_capacity(page.items.len());
        for row in page.items {
            items.push(names.row(tx, row)?);
        }
        let total = total.map(|count| u64::try_from(count).unwrap_or(0));
        Ok::<_, ApiError>(List { items, next: page.next, total })
    });
    Ok(Json(found.await?))
}

same_words!(MemberSort, members::SortKey { Name, AccountName, EmployeeNumber, CreatedAt, LastSignInAt, Manual });

/// The directory's filter; days are those of the organisation's time zone.
pub(super) fn filter_of(query: &MemberQuery, zone: &TimeZone) -> members::MemberFilter {
    members::MemberFilter {
        department_id: query.department_id,
        include_subdepartments: query.include_subdepartments.unwrap_or(true),
        search: query.search.clone().filter(|text| !text.trim().is_empty()),
        state: query.state.map(Into::into),
        service_class_id: query.service_class_id,
        account_kind: query.account_kind.map(Into::into),
        incomplete: query.incomplete.unwrap_or(false),
        has_mobile: query.has_mobile,
        created_from: query.created_from.map(|day| day.plus_days(-1).end_in(zone)),
        created_to: query.created_to.map(|day| day.end_in(zone)),
        expires_before: query.expires_before,
    }
}
