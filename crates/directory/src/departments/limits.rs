//! Limits sit on departments and on the organisation; each counts distinct members, a department's with everything below it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kernel::{DepartmentId, OrgId};
use store::{StoreError, Tx};

use super::repo;

/// A department that cannot take as many more members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Full {
    pub id: DepartmentId,
    pub name: String,
    pub limit: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    #[error("department {} has reached its limit of {} members", .0.name, .0.limit)]
    DepartmentFull(Full),
    #[error("the organisation has reached its limit of {limit} members")]
    OrganisationFull { limit: i64 },
    #[error("department {0} does not exist")]
    DepartmentNotFound(DepartmentId),
    #[error("could not look at the limits")]
    Store(#[from] StoreError),
}
impl kernel::Fault for LimitError {
    fn kind(&self) -> kernel::FaultKind {
        match self {
            Self::DepartmentFull(_) | Self::OrganisationFull { .. } => kernel::FaultKind::LimitReached,
            Self::DepartmentNotFound(_) => kernel::FaultKind::NotFound,
            Self::Store(inner) => inner.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::DepartmentFull(_) => "department_full",
            Self::OrganisationFull { .. } => "organisation_full",
            Self::DepartmentNotFound(_) => "department_not_found",
            Self::Store(inner) => inner.code(),
        }
    }

    fn params(&self) -> kernel::Params {
        let params = kernel::ParamsBuilder::default();
        match self {
            Self::DepartmentFull(full) => params.with("department", &full.name).with("limit", full.limit).build(),
            Self::OrganisationFull { limit } => params.with("limit", limit).build(),
            Self::DepartmentNotFound(_) => params.build(),
            Self::Store(inner) => inner.params(),
        }
    }
}
kernel::codes! { LimitReached "department_full", LimitReached "organisation_full" }

/// The nearest of the department and its ancestors that cannot take `adding` more members.
pub fn first_full(tx: &mut Tx, org: OrgId, department: DepartmentId, adding: i64) -> Result<Option<Full>, StoreError> {
    for ancestor in repo::ancestors(tx, org, department)? {
        if let Some(limit) = ancestor.member_limit
            && repo::members_in_subtrees(tx, org, &[ancestor.id])? + adding > limit
        {
            return Ok(Some(Full { id: ancestor.id, name: ancestor.name, limit }));
        }
    }
    Ok(None)
}

/// Counts the members below each limit once in a transaction and keeps count from there, so that a batch need not count for every row.
///
/// Lives no longer than the transaction it was begun in; meanwhile no limit may change and no member be placed past it.
#[derive(Debug, Default)]
pub struct LimitLedger {
    /// The limited ones among a department and its ancestors, the nearest first; `None` for a department that does not exist.
    chains: HashMap<DepartmentId, Option<Arc<[Full]>>>,
    counts: HashMap<DepartmentId, i64>,
    /// Whether any department of the organisation has a limit; `None` until somebody asks.
    any_limits: Option<bool>,
    organisation: Option<OrganisationCount>,
}

#[derive(Debug)]
struct OrganisationCount {
    limit: Option<i64>,
    count: i64,
}

/// What a change of one member's places does to the counts, once it is written.
#[derive(Debug)]
#[must_use = "tell the ledger once the change is written"]
pub struct Admission {
    departments: Vec<(DepartmentId, i64)>,
    organisation: i64,
}

impl LimitLedger {
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether one member whose departments were `before` may have those of `after`. No departments means not to be a member at all.
    ///
    /// Changes nothing: the caller writes, then calls [`admit`](Self::admit).
    pub fn check(&mut self, tx: &mut Tx, org: OrgId, before: &[DepartmentId], after: &[DepartmentId]) -> Result<Admission, LimitError> {
        let old = self.limited(tx, org, before)?;
        let new = self.limited(tx, org, after)?;
        let mut departments = Vec::new();
        for (id, full) in &new {
            if !old.contains_key(id) {
                if self.count(tx, org, *id)? + 1 > full.limit {
                    return Err(LimitError::DepartmentFull(full.clone()));
                }
                departments.push((*id, 1));
            }
        }
        departments.extend(old.keys().filter(|id| !new.contains_key(id)).map(|id| (*id, -1)));
        let organisation = i64::from(!after.is_empty()) - i64::from(!before.is_empty());
        if organisation > 0 {
            let counted = self.organisation(tx, org)?;
            if let Some(limit) = counted.limit
                && counted.count + organisation > limit
            {
                return Err(LimitError::OrganisationFull { limit });
            }
        }
        Ok(Admission { departments, organisation })
    }

    /// The change that was checked has been written.
    pub fn admit(&mut self, admission: Admission) {
        for (id, difference) in admission.departments {
            if let Some(count) = self.counts.get_mut(&id) {
                *count += difference;
            }
        }
        if let Some(organisation) = &mut self.organisation {
            organisation.count += admission.organisation;
        }
    }

    fn limited(&mut self, tx: &mut Tx, org: OrgId, departments: &[DepartmentId]) -> Result<BTreeMap<DepartmentId, Full>, LimitError> {
        let mut limited = BTreeMap::new();
        for department in departments {
            let chain = self.chain(tx, org, *department)?.ok_or(LimitError::DepartmentNotFound(*department))?;
            limited.extend(chain.iter().map(|full| (full.id, full.clone())));
        }
        Ok(limited)
    }

    fn chain(&mut self, tx: &mut Tx, org: OrgId, department: DepartmentId) -> Result<Option<Arc<[Full]>>, StoreError> {
        if let Some(chain) = self.chains.get(&department) {
            return Ok(chain.clone());
        }
        if self.any_limits.is_none() {
            self.any_limits = Some(repo::any_limits(tx, org)?);
        }
        let chain = if self.any_limits == Some(false) {
            // Most organisations set none, and then nobody need climb the tree.
            repo::exists(tx, org, department)?.then(|| Arc::from([]))
        } else {
            let ancestors = repo::ancestors(tx, org, department)?;
            let exists = !ancestors.is_empty();
            let limited = ancestors
                .into_iter()
                .filter_map(|ancestor| ancestor.member_limit.map(|limit| Full { id: ancestor.id, name: ancestor.name, limit }));
            exists.then(|| limited.collect::<Arc<[Full]>>())
        };
        self.chains.insert(department, chain.clone());
        Ok(chain)
    }

    fn count(&mut self, tx: &mut Tx, org: OrgId, department: DepartmentId) -> Result<i64, StoreError> {
        if let Some(count) = self.counts.get(&department) {
            return Ok(*count);
        }
        let count = repo::members_in_subtrees(tx, org, &[department])?;
        self.counts.insert(department, count);
        Ok(count)
    }

    fn organisation(&mut self, tx: &mut Tx, org: OrgId) -> Result<&OrganisationCount, StoreError> {
        if self.organisation.is_none() {
            let limit = repo::organisation_limit(tx, org)?;
            // Counting costs, and nobody asks how many there are where any number may be.
            let count = if limit.is_some() { repo::members_in_organisation(tx, org)? } else { 0 };
            self.organisation = Some(OrganisationCount { limit, count });
        }
        Ok(self.organisation.as_ref().expect("set above"))
    }
}
