//! The console's first page: what there is, and what waits for somebody.

use std::collections::BTreeMap;

use axum::extract::State;
use directory::access::{Permission, Target, authorize, is_allowed};
use directory::audit::{self, AuditFilter};
use directory::members::{self, MemberFilter, MemberState};
use directory::{departments, domains, organisations};
use kernel::{Ctx, PageRequest};
use serde::Serialize;
use store::{Tx, jobs};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::audit::AuditEvent;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::Json;
use crate::jobs::Job;

/// What there is, and what waits for somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    pub member_counts: MemberCounts,
    /// How many members the organisation may have; null is without limit.
    #[schema(required)]
    pub member_limit: Option<i64>,
    /// Without the root, which stands for the organisation.
    pub departments: u64,
    pub domains: u64,
    /// Domains that are neither verified nor assumed.
    pub domains_waiting: u64,
    /// Members who lack a field that the organisation requires.
    pub incomplete_profiles: u64,
    /// Members whose expiry day is so near that it is worth a look; the organisation sets how near.
    pub expiring_soon: u64,
    /// The latest jobs; empty for those who may not see them.
    pub recent_jobs: Vec<Job>,
    /// The latest changes; empty for those who may not see them.
    pub recent_audit: Vec<AuditEvent>,
}

/// Members by state. `total` leaves the recycle bin out.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct MemberCounts {
    pub total: u64,
    pub active: u64,
    pub pending: u64,
    pub suspended: u64,
    pub locked: u64,
    pub expired: u64,
    pub leaving: u64,
    pub recycled: u64,
}

/// Shows the console's overview
#[utoipa::path(get, path = "/api/v1/admin/overview", operation_id = "getOverview", tag = "organisation", responses((status = 200, body = Overview)))]
pub async fn get_overview(State(app): State<AppState>, Console(caller): Console) -> Result<Json<Overview>, ApiError> {
    let ctx = caller.ctx;
    Ok(Json(app.store.read(move |tx| describe(&ctx, tx)).await?))
}

/// How many of the latest jobs and changes are shown.
const RECENT: u32 = 5;

fn describe(ctx: &Ctx, tx: &mut Tx) -> Result<Overview, ApiError> {
    authorize(ctx, tx, Permission::ViewOverview, Target::Organisation)?;
    let organisation = organisations::get(tx, ctx.org)?;
    let today = ctx.now.date_in(&organisation.zone());
    let soon = i32::try_from(organisation.settings.expiring_soon_days).unwrap_or(i32::MAX);
    let mut overview = Overview {
        member_counts: counts(&members::count_by_state(ctx, tx)?),
        member_limit: organisation.member_limit,
        departments: number(departments::count(tx, ctx.org)?),
        domains: 0,
        domains_waiting: 0,
        incomplete_profiles: 0,
        expiring_soon: 0,
        recent_jobs: Vec::new(),
        recent_audit: Vec::new(),
    };
    if is_allowed(ctx, tx, Permission::ManageDomains, Target::Organisation)? {
        let domains = domains::list(ctx, tx)?;
        overview.domains = domains.len() as u64;
        overview.domains_waiting = domains.iter().filter(|domain| !domain.is_usable()).count() as u64;
    }
    if is_allowed(ctx, tx, Permission::ViewMembers, Target::Organisation)? {
        let incomplete = MemberFilter { incomplete: true, ..MemberFilter::default() };
        overview.incomplete_profiles = number(members::count(ctx, tx, &incomplete)?);
        let until = MemberFilter { expires_before: Some(today.plus_days(soon)), ..MemberFilter::default() };
        let expired = MemberFilter { expires_before: Some(today), ..MemberFilter::default() };
        overview.expiring_soon = number(members::count(ctx, tx, &until)? - members::count(ctx, tx, &expired)?);
    }
    if is_allowed(ctx, tx, Permission::ViewJobs, Target::Organisation)? {
        overview.recent_jobs = jobs::list(tx, ctx.org, &PageRequest::first(RECENT))?.items.into_iter().map(Job::from).collect();
    }
    if is_allowed(ctx, tx, Permission::ViewAudit, Target::Organisation)? {
        let latest = audit::list(ctx, tx, &AuditFilter::default(), &PageRequest::first(RECENT))?;
        overview.recent_audit = latest.items.into_iter().map(AuditEvent::from).collect();
    }
    Ok(overview)
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn counts(by_state: &BTreeMap<MemberState, i64>) -> MemberCounts {
    let of = |state: MemberState| number(by_state.get(&state).copied().unwrap_or(0));
    let present = by_state.iter().filter(|(state, _)| **state != MemberState::Recycled);
    MemberCounts {
        total: present.map(|(_, count)| number(*count)).sum(),
        active: of(MemberState::Active),
        pending: of(MemberState::Pending),
        suspended: of(MemberState::Suspended),
        locked: of(MemberState::Locked),
        expired: of(MemberState::Expired),
        leaving: of(MemberState::Leaving),
        recycled: of(MemberState::Recycled),
    }
}
