//! What holds for an import at this moment, loaded from the directory.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use directory::{domains, organisations};
use kernel::{CountryCode, Ctx, DomainId, DomainName, OrgId};
use store::{StoreError, Tx};

use super::departments::{Headcount, Tree};
use super::draft::Terms;
use super::repo;
use super::types::Options;

/// The rules' terms, and what bulk look-ups and operations need besides.
pub(super) struct World {
    pub terms: Terms,
    pub domain_ids: Arc<HashMap<DomainName, DomainId>>,
    pub initial_password_days: u32,
    pub min_password_length: usize,
}

pub(super) fn departments(tx: &mut Tx, org: OrgId) -> Result<Tree, StoreError> {
    let nodes = repo::lookups::departments(tx, org)?;
    let headcount = match organisations::get(tx, org)?.member_limit {
        Some(limit) => Some(Headcount { limit, members: directory::departments::members_in_organisation(tx, org)? }),
        None => None,
    };
    Tree::new(nodes, headcount).ok_or(NO_ROOT)
}

/// With every limit counted, as planning needs it.
pub(super) fn load(ctx: &Ctx, tx: &mut Tx, options: &Options) -> Result<World, StoreError> {
    let tree = departments(tx, ctx.org)?;
    load_with(ctx, tx, options, tree)
}

/// Without limits, for operations that count them themselves.
pub(super) fn load_uncounted(ctx: &Ctx, tx: &mut Tx, options: &Options) -> Result<World, StoreError> {
    let nodes = repo::lookups::unlimited_departments(tx, ctx.org)?;
    let tree = Tree::new(nodes, None).ok_or(NO_ROOT)?;
    load_with(ctx, tx, options, tree)
}

const NO_ROOT: StoreError = StoreError::RowCount { expected: "the root department", found: 0 };

fn load_with(ctx: &Ctx, tx: &mut Tx, options: &Options, departments: Tree) -> Result<World, StoreError> {
    let organisation = organisations::get(tx, ctx.org)?;
    let usable = domains::usable_by(tx, ctx.org)?;
    let domain = match &options.domain {
        Some(name) => name.parse().ok(),
        None => usable.iter().find(|domain| domain.is_default).or(usable.first()).map(|domain| domain.name.clone()),
    };
    let required = organisation.settings.required_fields;
    let owners: HashSet<_> = repo::lookups::owners(tx, ctx.org)?.into_iter().collect();
    let terms = Terms {
        country: options.default_country.parse().unwrap_or(CountryCode::CHINA),
        options: options.clone(),
        domain,
        usable_domains: usable.iter().map(|domain| domain.name.clone()).collect(),
        name_required: required.name,
        mobile_required: required.mobile,
        department_required: required.department,
        service_classes: repo::lookups::service_classes(tx, ctx.org)?.into_iter().collect(),
        today: ctx.now.date_in(&organisation.zone()),
        importer: ctx.actor.member_id(),
        owners,
        departments,
    };
    Ok(World {
        terms,
        domain_ids: Arc::new(usable.into_iter().map(|domain| (domain.name, domain.id)).collect()),
        initial_password_days: organisation.settings.initial_password_days,
        min_password_length: organisation.settings.password_policy.min_length as usize,
    })
}
