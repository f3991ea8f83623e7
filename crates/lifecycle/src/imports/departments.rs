//! The tree of departments while an import is planned or applied: paths found without a query, limits counted ahead.

use std::collections::{HashMap, HashSet};

use kernel::{DepartmentId, fold};

/// What is known of one department.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub id: DepartmentId,
    /// `None` for the root.
    pub parent: Option<DepartmentId>,
    pub name: String,
    pub identifier: String,
    pub member_limit: Option<i64>,
    /// Distinct members in it and below it.
    pub members: i64,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Known(DepartmentId),
    /// The path ends in departments that do not exist yet, below `nearest`.
    Missing {
        nearest: DepartmentId,
        rest: Vec<String>,
    },
}

impl Place {
    /// The department itself, or the one it will be made below: the limits that matter are on it and above it.
    pub fn nearest(&self) -> DepartmentId {
        match self {
            Self::Known(id) | Self::Missing { nearest: id, .. } => *id,
        }
    }
}

/// What takes no more members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Full {
    Department { name: String, limit: i64 },
    Organisation { limit: i64 },
}

/// How many members the organisation may have, and has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Headcount {
    pub limit: i64,
    pub members: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Tree {
    root: DepartmentId,
    nodes: HashMap<DepartmentId, Node>,
    by_name: HashMap<(DepartmentId, String), DepartmentId>,
    by_identifier: HashMap<(DepartmentId, String), DepartmentId>,
    /// `None` when the organisation may have any number.
    headcount: Option<Headcount>,
    limited: bool,
}

impl Tree {
    /// `None` when no node is the root, which no organisation is without.
    pub fn new(nodes: impl IntoIterator<Item = Node>, headcount: Option<Headcount>) -> Option<Self> {
        let nodes: HashMap<_, _> = nodes.into_iter().map(|node| (node.id, node)).collect();
        let root = nodes.values().find(|node| node.parent.is_none())?.id;
        let by_name = nodes.values().filter_map(|node| Some(((node.parent?, fold(&node.name)), node.id))).collect();
        let by_identifier = nodes.values().filter_map(|node| Some(((node.parent?, fold(&node.identifier)), node.id))).collect();
        let limited = headcount.is_some() || nodes.values().any(|node| node.member_limit.is_some());
        Some(Self { root, nodes, by_name, by_identifier, headcount, limited })
    }

    pub fn root(&self) -> DepartmentId {
        self.root
    }

    /// Whether there is any limit.
    pub fn is_limited(&self) -> bool {
        self.limited
    }

    pub fn contains(&self, id: DepartmentId) -> bool {
        self.nodes.contains_key(&id)
    }

    /// Follows names, or failing that identifiers, below the root as far as they exist.
    pub fn find(&self, path: &[String]) -> Place {
        let mut at = self.root;
        for (depth, name) in path.iter().enumerate() {
            let key = (at, fold(name));
            match self.by_name.get(&key).or_else(|| self.by_identifier.get(&key)) {
                Some(id) => at = *id,
                None => return Place::Missing { nearest: at, rest: path[depth..].to_vec() },
            }
        }
        Place::Known(at)
    }

    /// The names below the root; none for the root itself and for what does not exist.
    pub fn path_of(&self, id: DepartmentId) -> Vec<String> {
        let mut names: Vec<String> = self.chain(id).filter(|node| node.parent.is_some()).map(|node| node.name.clone()).collect();
        names.reverse();
        names
    }

    /// The department and everything above it.
    fn chain(&self, id: DepartmentId) -> impl Iterator<Item = &Node> {
        std::iter::successors(self.nodes.get(&id), |node| node.parent.and_then(|parent| self.nodes.get(&parent)))
    }

    /// Makes a department known that was made meanwhile.
    pub fn insert(&mut self, id: DepartmentId, parent: DepartmentId, name: &str) {
        self.by_name.insert((parent, fold(name)), id);
        let (name, identifier) = (name.to_owned(), String::new());
        self.nodes.insert(id, Node { id, parent: Some(parent), name, identifier, member_limit: None, members: 0 });
    }

    /// Forgets a department that was taken away.
    pub fn remove(&mut self, id: DepartmentId) {
        if let Some((parent, name)) = self.nodes.remove(&id).and_then(|node| Some((node.parent?, node.name))) {
            self.by_name.remove(&(parent, fold(&name)));
        }
    }

    /// Counts a member that leaves the departments `before` for those `after`, or says which department has no room for it.
    pub fn admit(&mut self, before: &[DepartmentId], after: &[DepartmentId]) -> Result<(), Full> {
        if !self.limited {
            return Ok(());
        }
        let all =
            |ids: &[DepartmentId]| -> HashSet<DepartmentId> { ids.iter().flat_map(|id| self.chain(*id)).map(|node| node.id).collect() };
        let (before, after) = (all(before), all(after));
        let full = after
            .difference(&before)
            .filter_map(|id| self.nodes.get(id))
            .filter_map(|node| node.member_limit.filter(|limit| node.members >= *limit).map(|limit| (node, limit)))
            .min_by_key(|(node, _)| node.id);
        if let Some((node, limit)) = full {
            return Err(Full::Department { name: node.name.clone(), limit });
        }
        if let Some(headcount) = self.headcount.as_mut().filter(|_| before.is_empty()) {
            if headcount.members >= headcount.limit {
                return Err(Full::Organisation { limit: headcount.limit });
            }
            headcount.members += 1;
        }
        for id in after.difference(&before) {
            self.nodes.entry(*id).and_modify(|node| node.members += 1);
        }
        for id in before.difference(&after) {
            self.nodes.entry(*id).and_modify(|node| node.members -= 1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(raw: i64) -> DepartmentId {
        DepartmentId::from_raw(raw)
    }

    fn full(name: &str, limit: i64) -> Result<(), Full> {
        Err(Full::Department { name: name.to_owned(), limit })
    }

    fn tree() -> Tree {
        let node = |raw, parent: Option<i64>, name: &str, limit, members| Node {
            id: id(raw),
            parent: parent.map(id),
            name: name.to_owned(),
            identifier: format!("d{raw}"),
            member_limit: limit,
            members,
        };
        let nodes = [
            node(1, None, "康宁集团", None, 3),
            node(2, Some(1), "总院", Some(4), 3),
            node(3, Some(2), "内科", None, 2),
            node(4, Some(1), "东院区", Some(1), 0),
        ];
        Tree::new(nodes, Some(Headcount { limit: 6, members: 3 })).unwrap()
    }

    #[test]
    fn a_path_is_followed_as_far_as_it_exists() {
        let tree = tree();
        let path = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(tree.find(&path(&["总院", "内科"])), Place::Known(id(3)));
        assert_eq!(tree.find(&[]), Place::Known(id(1)));
        assert_eq!(
            tree.find(&path(&["总院", "外科", "骨科"])),
            Place::Missing { nearest: id(2), rest: vec!["外科".into(), "骨科".into()] }
        );
        assert_eq!(tree.path_of(id(3)), path(&["总院", "内科"]));
        assert_eq!(tree.find(&path(&["D2", "内科"])), Place::Known(id(3)));
        assert!(tree.path_of(id(1)).is_empty());
    }

    #[test]
    fn a_limit_counts_on_every_department_above() {
        let mut tree = tree();
        assert_eq!(tree.admit(&[], &[id(3)]), Ok(()));
        assert_eq!(tree.admit(&[], &[id(3)]), full("总院", 4));
        // Whoever is below already may move about, and makes room by leaving.
        assert_eq!(tree.admit(&[id(2)], &[id(3)]), Ok(()));
        assert_eq!(tree.admit(&[id(3)], &[id(4)]), Ok(()));
        assert_eq!(tree.admit(&[], &[id(4)]), full("东院区", 1));
        assert_eq!(tree.admit(&[], &[id(3)]), Ok(()));
    }

    #[test]
    fn the_organisation_has_a_limit_of_its_own() {
        let mut tree = tree();
        for _ in 0..3 {
            assert_eq!(tree.admit(&[], &[id(1)]), Ok(()));
        }
        assert_eq!(tree.admit(&[], &[id(1)]), Err(Full::Organisation { limit: 6 }));
        assert_eq!(tree.admit(&[id(2)], &[id(3)]), Ok(()));
    }
}
