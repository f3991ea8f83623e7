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
    let parents: Vec<Option<usize>> = nodes.iter().map(|node| index.get(&node.parent_id?).copied()).collect();
    for (department, leader) in repo::all_leaders(tx, ctx.org)? {
        if let Some(at) = index.get(&department) {
            nodes[*at].leaders.push(leader);
        }
    }
    let not_activated = repo::not_activated(tx, ctx.org)?;
    let mut places = repo::all_places(tx, ctx.org)?;
    places.sort_unstable();
    for of_member in places.chunk_by(|a, b| a.0 == b.0) {
        let activated = not_activated.binary_search(&of_member[0].0).is_err();
        let here = of_member.iter().filter_map(|(_, department)| index.get(department).copied());
        count_directly(&mut nodes, here.clone(), activated);
        if of_member.len() > 1 {
            count_once(&mut nodes, &parents, here, activated);
        }
    }
    // Children stand after their parents, so one pass from the end adds every subtree up.
    for at in (0..nodes.len()).rev() {
        if let Some(parent) = parents[at] {
            nodes[parent].subtree_count += nodes[at].subtree_count;
            nodes[parent].not_activated_count += nodes[at].not_activated_count;
        }
    }
    Ok(nodes)
}

fn count_directly(nodes: &mut [DepartmentNode], places: impl Iterator<Item = usize>, activated: bool) {
    for at in places {
        nodes[at].member_count += 1;
        nodes[at].subtree_count += 1;
        nodes[at].not_activated_count += i64::from(!activated);
    }
}

/// A member of several departments counts once where they come together: there one is taken off, before subtrees are added up.
fn count_once(nodes: &mut [DepartmentNode], parents: &[Option<usize>], places: impl Iterator<Item = usize>, activated: bool) {
    let mut seen = HashSet::new();
    for place in places {
        let mut at = Some(place);
        while let Some(here) = at {
            if !seen.insert(here) {
                nodes[here].subtree_count -= 1;
                nodes[here].not_activated_count -= i64::from(!activated);
                break;
            }
            at = parents[here];
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
pub(super) fn in_order(departments: Vec<Department>) -> Vec<Department> {
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
