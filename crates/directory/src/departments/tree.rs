//! The whole tree with its head counts, in a few queries however large it is.

use std::collections::{HashMap, HashSet};

use kernel::{Ctx, DepartmentId, MemberId};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{Department, repo};
use crate::access::{Denied, Permission, Target, authorize};

/// 主管: who leads a department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leader {
    pub id: MemberId,
    pub name: String,
}

/// One department with what the tree shows beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentNode {
    pub id: DepartmentId,
    pub parent_id: Option<DepartmentId>,
    pub name: String,
    pub identifier: String,
    pub sort_order: i64,
    pub member_limit: Option<i64>,
    /// Members of the department itself.
    pub member_count: i64,
    /// Distinct members of the department and everything below it.
    pub subtree_count: i64,
    /// Those of `subtree_count` who have not activated their account.
    pub not_activated_count: i64,
    pub leaders: Vec<Leader>,
}

/// All departments, parents before children, siblings in their order; the root first.
pub fn tree(ctx: &Ctx, tx: &mut Tx) -> Result<Vec<DepartmentNode>, Denied> {
    authorize(ctx, tx, Permission::ViewDepartments, Target::Organisation)?;
    let departments = in_order(repo::all(tx, ctx.org)?);
    let mut nodes: Vec<DepartmentNode> = departments.into_iter().map(node).collect();
    let index: HashMap<DepartmentId, usize> = nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
    for (department, leader) in repo::all_leaders(tx, ctx.org)? {
        if let Some(at) = index.get(&department) {
            nodes[*at].leaders.push(leader);
        }
    }
    for (department, members, not_activated) in repo::direct_counts(tx, ctx.org)? {
        if let Some(at) = index.get(&department) {
            nodes[*at].member_count = members;
            nodes[*at].subtree_count = members;
            nodes[*at].not_activated_count = not_activated;
        }
    }
    // Children stand after their parents, so one pass from the end adds every subtree up.
    for at in (0..nodes.len()).rev() {
        if let Some(parent) = nodes[at].parent_id.and_then(|parent| index.get(&parent).copied()) {
            nodes[parent].subtree_count += nodes[at].subtree_count;
            nodes[parent].not_activated_count += nodes[at].not_activated_count;
        }
    }
    count_once(&mut nodes, &index, repo::places_of_members_with_several(tx, ctx.org)?);
    Ok(nodes)
}

/// Members of several departments were added up once for each; where the departments have an ancestor in common they count once.
fn count_once(nodes: &mut [DepartmentNode], index: &HashMap<DepartmentId, usize>, places: Vec<(MemberId, DepartmentId, bool)>) {
    for of_member in places.chunk_by(|a, b| a.0 == b.0) {
        let mut seen = HashSet::new();
        for (_, department, activated) in of_member {
            let mut at = index.get(department).copied();
            while let Some(here) = at {
                if !seen.insert(here) {
                    nodes[here].subtree_count -= 1;
                    nodes[here].not_activated_count -= i64::from(!activated);
                }
                at = nodes[here].parent_id.and_then(|parent| index.get(&parent).copied());
            }
        }
    }
}

fn node(department: Department) -> DepartmentNode {
    DepartmentNode {
        id: department.id,
        parent_id: department.parent_id,
        name: department.name,
        identifier: department.identifier,
        sort_order: department.sort_order,
        member_limit: department.member_limit,
        member_count: 0,
        subtree_count: 0,
        not_activated_count: 0,
        leaders: Vec::new(),
    }
}

/// Depth first; what comes in is sorted by `sort_order` already.
fn in_order(departments: Vec<Department>) -> Vec<Department> {
    let mut children: HashMap<Option<DepartmentId>, Vec<Department>> = HashMap::new();
    let total = departments.len();
    for department in departments {
        children.entry(department.parent_id).or_default().push(department);
    }
    let mut ordered = Vec::with_capacity(total);
    let mut waiting = children.remove(&None).unwrap_or_default();
    waiting.reverse();
    while let Some(department) = waiting.pop() {
        if let Some(mut below) = children.remove(&Some(department.id)) {
            below.reverse();
            waiting.append(&mut below);
        }
        ordered.push(department);
    }
    ordered
}
