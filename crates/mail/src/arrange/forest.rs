//! Messages as trees, in the order in which they are told.

/// Nodes are numbers from 0; one that stands for no message is only found among the roots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forest {
    uids: Vec<Option<u32>>,
    roots: Vec<u32>,
    /// Of all nodes, side by side.
    children: Vec<u32>,
    /// Where the children of each node begin, and where the last ones end.
    starts: Vec<u32>,
}

/// By when a node is told among its siblings: its date, and then its place in the mailbox.
pub(super) type When = (i64, u32);

/// A node below another.
pub(super) struct Edge {
    pub parent: u32,
    pub when: When,
    pub child: u32,
}

impl Forest {
    /// From the uid of each node, the edges in any order, and the roots that stand for a message. Those that stand for none are told by their first child.
    pub(super) fn of(uids: Vec<Option<u32>>, mut edges: Vec<Edge>, mut roots: Vec<(When, u32)>) -> Self {
        edges.sort_unstable_by_key(|edge| (edge.parent, edge.when));
        let mut starts = Vec::with_capacity(uids.len() + 1);
        let mut at = 0;
        for node in 0..uids.len() as u32 {
            starts.push(at as u32);
            if uids[node as usize].is_none()
                && let Some(first) = edges.get(at).filter(|edge| edge.parent == node)
            {
                roots.push((first.when, node));
            }
            at += edges[at..].iter().take_while(|edge| edge.parent == node).count();
        }
        starts.push(at as u32);
        roots.sort_unstable();
        let children = edges.into_iter().map(|edge| edge.child).collect();
        Self { uids, roots: roots.into_iter().map(|(_, node)| node).collect(), children, starts }
    }

    pub fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// `None` for a message that is not there, whose answers stand side by side below it.
    pub fn uid(&self, node: u32) -> Option<u32> {
        self.uids[node as usize]
    }

    pub fn children(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.children[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}
