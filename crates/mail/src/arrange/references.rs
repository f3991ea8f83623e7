//! THREAD=REFERENCES, step by step as RFC 5256 §3 has it. A thread may be as deep as a mailbox is long, so nothing here calls itself.

use std::collections::HashMap;

use super::forest::{Edge, Forest, When};
use super::thread::{Member, NO_SUBJECT};

const NOBODY: u32 = u32::MAX;
/// How far up is looked whether a link would close a circle; beyond it the link is not made, so that nobody's mail makes this slow.
const MAX_LOOKED_UP: usize = 200;

/// A message id that was seen, with its message where that is there. What stands for none is a dummy in the RFC's words.
#[derive(Debug, Clone, Copy)]
struct Node {
    member: u32,
    parent: u32,
    has_child: bool,
}

impl Node {
    const DUMMY: Self = Self { member: NOBODY, parent: NOBODY, has_child: false };
}

pub(super) fn by_references(members: &[Member]) -> Forest {
    let mut graph = Graph { members, nodes: Vec::with_capacity(members.len() * 2) };
    graph.link_references();
    graph.prune_dummies();
    graph.join_by_subject();
    graph.into_forest()
}

struct Graph<'a> {
    members: &'a [Member],
    nodes: Vec<Node>,
}

impl Graph<'_> {
    fn add(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    fn node(&self, node: u32) -> Node {
        self.nodes[node as usize]
    }

    fn is_dummy(&self, node: u32) -> bool {
        self.node(node).member == NOBODY
    }

    /// Step 1.
    fn link_references(&mut self) {
        let mut by_id: HashMap<u64, u32> = HashMap::with_capacity(self.members.len() * 2);
        for (index, member) in self.members.iter().enumerate() {
            let mut above = NOBODY;
            for id in &member.lineage.ancestors {
                let node = match by_id.get(id) {
                    Some(node) => *node,
                    None => {
                        let node = self.add(Node::DUMMY);
                        by_id.insert(*id, node);
                        node
                    }
                };
                // 1.A: a link that is there already stays.
                if above != NOBODY && self.node(node).parent == NOBODY {
                    self.link(node, above);
                }
                above = node;
            }
            let known = member.lineage.own.and_then(|own| by_id.get(&own).copied()).filter(|node| self.is_dummy(*node));
            let own = known.unwrap_or_else(|| self.add(Node::DUMMY));
            if let Some(id) = member.lineage.own {
                // Of several messages with one id, the first has it.
                by_id.entry(id).or_insert(own);
            }
            self.nodes[own as usize].member = index as u32;
            // 1.B: the message itself knows better than those that only mention it.
            self.nodes[own as usize].parent = NOBODY;
            if above != NOBODY {
                self.link(own, above);
            }
        }
    }

    /// Unless that would close a circle.
    fn link(&mut self, child: u32, parent: u32) {
        if self.node(child).has_child || child == parent {
            let mut above = parent;
            for _ in 0..MAX_LOOKED_UP {
                if above == child {
                    return;
                }
                above = self.node(above).parent;
                if above == NOBODY {
                    break;
                }
            }
            if above != NOBODY {
                return;
            }
        }
        self.nodes[child as usize].parent = parent;
        self.nodes[parent as usize].has_child = true;
    }

    /// Step 3: dummies remain at the top only, and only with more than one child.
    fn prune_dummies(&mut self) {
        // Whom the children of a dummy go to: the message above it, or the topmost dummy.
        let mut heirs = vec![NOBODY; self.nodes.len()];
        let mut path = Vec::new();
        for start in 0..self.nodes.len() as u32 {
            let mut node = start;
            while self.is_dummy(node) && heirs[node as usize] == NOBODY {
                path.push(node);
                let parent = self.node(node).parent;
                if parent == NOBODY {
                    break;
                }
                node = parent;
            }
            let heir = if self.is_dummy(node) && heirs[node as usize] != NOBODY { heirs[node as usize] } else { node };
            for passed in path.drain(..) {
                heirs[passed as usize] = heir;
            }
        }
        let mut counts = vec![0_u32; self.nodes.len()];
        for index in 0..self.nodes.len() {
            let parent = self.nodes[index].parent;
            if self.nodes[index].member == NOBODY || parent == NOBODY {
                continue;
            }
            let heir = if self.is_dummy(parent) { heirs[parent as usize] } else { parent };
            self.nodes[index].parent = heir;
            counts[heir as usize] += 1;
        }
        for index in 0..self.nodes.len() {
            let Node { member, parent, .. } = self.nodes[index];
            if member == NOBODY {
                // Whoever had it as a parent goes to its heir.
                self.nodes[index].parent = NOBODY;
            } else if parent != NOBODY && self.is_dummy(parent) && counts[parent as usize] == 1 {
                self.nodes[index].parent = NOBODY;
            }
        }
    }

    fn when(&self, node: u32) -> When {
        let member = self.node(node).member;
        (self.members[member as usize].sent_at, member)
    }

    /// The roots with the message that says their date and subject, in the order of those dates: their own, or of a dummy the first child. Steps 2 and 4
    fn roots(&self) -> Vec<Root> {
        let mut firsts: HashMap<u32, When> = HashMap::new();
        let mut roots = Vec::new();
        for node in (0..self.nodes.len() as u32).filter(|node| !self.is_dummy(*node)) {
            let parent = self.node(node).parent;
            if parent == NOBODY {
                roots.push(Root { when: self.when(node), node });
            } else if self.is_dummy(parent) {
                let first = firsts.entry(parent).or_insert((i64::MAX, NOBODY));
                *first = (*first).min(self.when(node));
            }
        }
        roots.extend(firsts.into_iter().map(|(node, when)| Root { when, node }));
        roots.sort_unstable_by_key(|root| root.when);
        roots
    }

    /// Step 5.
    fn join_by_subject(&mut self) {
        let roots = self.roots();
        let mut by_subject: HashMap<u32, Root> = HashMap::new();
        for root in &roots {
            let member = &self.members[root.when.1 as usize];
            if member.subject == NO_SUBJECT {
                continue;
            }
            let held = by_subject.entry(member.subject).or_insert(*root);
            let takes_over = (self.is_dummy(root.node) && !self.is_dummy(held.node))
                || (self.members[held.when.1 as usize].is_reply && !member.is_reply);
            if takes_over {
                *held = *root;
            }
        }
        let mut moved: HashMap<u32, u32> = HashMap::new();
        for root in &roots {
            let member = &self.members[root.when.1 as usize];
            let Some(held) = by_subject.get(&member.subject).copied().filter(|held| held.node != root.node) else { continue };
            let answers = member.is_reply && !self.members[held.when.1 as usize].is_reply;
            if self.is_dummy(held.node) || answers {
                self.put_below(root.node, held.node, &mut moved);
            } else {
                let dummy = self.add(Node::DUMMY);
                self.put_below(root.node, dummy, &mut moved);
                self.put_below(held.node, dummy, &mut moved);
                by_subject.insert(member.subject, Root { when: held.when, node: dummy });
            }
        }
        for node in &mut self.nodes {
            if let Some(heir) = moved.get(&node.parent) {
                node.parent = *heir;
            }
        }
    }

    /// A dummy gives up its children: below the top it would tell nothing.
    fn put_below(&mut self, node: u32, parent: u32, moved: &mut HashMap<u32, u32>) {
        if self.is_dummy(node) {
            moved.insert(node, parent);
        } else {
            self.nodes[node as usize].parent = parent;
        }
    }

    /// Step 6.
    fn into_forest(self) -> Forest {
        let (mut roots, mut edges) = (Vec::new(), Vec::with_capacity(self.members.len()));
        for node in (0..self.nodes.len() as u32).filter(|node| !self.is_dummy(*node)) {
            match self.node(node).parent {
                NOBODY => roots.push((self.when(node), node)),
                parent => edges.push(Edge { parent, when: self.when(node), child: node }),
            }
        }
        let uid = |node: &Node| self.members.get(node.member as usize).map(|member| member.uid);
        Forest::of(self.nodes.iter().map(uid).collect(), edges, roots)
    }
}

#[derive(Debug, Clone, Copy)]
struct Root {
    /// Of the message that speaks for it.
    when: When,
    node: u32,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::thread::by_subject;
    use super::*;
    use crate::mime::Lineage;

    /// A message: its uid, which is its date, its id, what it answers, its subject, and whether that says that it is an answer.
    fn member(uid: u32, own: u64, ancestors: &[u64], subject: u32, is_reply: bool) -> Member {
        let lineage = Lineage { own: (own != 0).then_some(own), ancestors: ancestors.to_vec() };
        Member { uid, sent_at: i64::from(uid), subject, is_reply, lineage }
    }

    /// As IMAP writes it, with a dummy as `.`.
    fn told(forest: &Forest, node: u32) -> String {
        let own = forest.uid(node).map_or(".".to_owned(), |uid| uid.to_string());
        let below: String = forest.children(node).iter().map(|child| told(forest, *child)).collect();
        format!("({own}{below})")
    }

    fn all(forest: &Forest) -> String {
        forest.roots().iter().map(|root| told(forest, *root)).collect()
    }

    #[test]
    fn an_answer_stands_below_what_it_answers_in_whatever_order_they_came() {
        let mut members = vec![member(1, 10, &[], 1, false), member(2, 20, &[10], 1, true), member(3, 30, &[10, 20], 1, true)];
        assert_eq!(all(&by_references(&members)), "(1(2(3)))");
        members.reverse();
        assert_eq!(all(&by_references(&members)), "(1(2(3)))");
    }

    #[test]
    fn answers_to_what_is_not_there_stand_side_by_side_and_a_single_one_alone() {
        assert_eq!(all(&by_references(&[member(1, 11, &[10], 1, true), member(2, 12, &[10], 1, true)])), "(.(1)(2))");
        assert_eq!(all(&by_references(&[member(1, 11, &[9, 10], 1, true)])), "(1)");
        // What lies between messages that are there is left out.
        assert_eq!(all(&by_references(&[member(1, 10, &[], 1, false), member(2, 13, &[10, 11, 12], 1, true)])), "(1(2))");
    }

    #[test]
    fn a_message_knows_best_what_it_answers_and_circles_are_not_made() {
        let members = [member(1, 10, &[], 1, false), member(2, 30, &[10, 20], 2, true), member(3, 20, &[], 3, false)];
        assert_eq!(all(&by_references(&members)), "(1)(3(2))");
        let circle = [member(1, 10, &[20], 1, false), member(2, 20, &[10], 2, false), member(3, 30, &[30], 3, false)];
        assert_eq!(all(&by_references(&circle)), "(2(1))(3)");
    }

    #[test]
    fn of_two_messages_with_one_id_the_first_has_it() {
        assert_eq!(
            all(&by_references(&[member(1, 10, &[], 1, false), member(2, 10, &[], 2, false), member(3, 30, &[10], 3, true)])),
            "(1(3))(2)"
        );
    }

    #[test]
    fn threads_with_one_subject_are_joined() {
        // An answer goes below the original, two originals stand side by side, and no subject joins nothing.
        assert_eq!(all(&by_references(&[member(1, 10, &[], 1, true), member(2, 20, &[], 1, false)])), "(2(1))");
        assert_eq!(
            all(&by_references(&[member(1, 10, &[], 1, false), member(2, 20, &[], 1, false), member(3, 30, &[], 1, true)])),
            "(.(1)(2)(3))"
        );
        assert_eq!(all(&by_references(&[member(1, 10, &[], NO_SUBJECT, false), member(2, 20, &[], NO_SUBJECT, false)])), "(1)(2)");
        // Dummies are joined to one, and below an original they are no more.
        let pairs =
            [member(1, 11, &[10], 1, true), member(2, 12, &[10], 1, true), member(3, 21, &[20], 1, true), member(4, 22, &[20], 1, true)];
        assert_eq!(all(&by_references(&pairs)), "(.(1)(2)(3)(4))");
        let below = [member(1, 11, &[10], 1, true), member(2, 12, &[10], 1, true), member(3, 30, &[], 1, false)];
        assert_eq!(all(&by_references(&below)), "(3(1)(2))");
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_is_one_thread() {
        let chain: Vec<Member> = (1..=100_000_u32).map(|uid| member(uid, u64::from(uid), &[u64::from(uid) - 1], uid, true)).collect();
        let forest = by_references(&chain);
        assert_eq!((forest.roots().len(), forest.children(forest.roots()[0]).len()), (1, 1));
    }

    proptest! {
        #[test]
        fn every_message_is_told_once(
            messages in proptest::collection::vec((0_u64..12, proptest::collection::vec(1_u64..12, 0..4), 0_u32..4, any::<bool>()), 0..40)
        ) {
            let members: Vec<Member> =
                messages.iter().zip(1..).map(|((own, ancestors, subject, is_reply), uid)| member(uid, *own, ancestors, *subject, *is_reply)).collect();
            for forest in [by_references(&members), by_subject(&members)] {
                let mut waiting = forest.roots().to_vec();
                let mut uids = Vec::new();
                while let Some(node) = waiting.pop() {
                    uids.extend(forest.uid(node));
                    prop_assert!(forest.uid(node).is_some() || forest.children(node).len() > 1);
                    waiting.extend(forest.children(node));
                }
                uids.sort_unstable();
                prop_assert_eq!(uids, (1..=members.len() as u32).collect::<Vec<_>>());
            }
        }
    }
}
