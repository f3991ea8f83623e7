//! THREAD: what messages are read for it, and ORDEREDSUBJECT. RFC 5256 §3

use std::collections::HashMap;

use kernel::{Ctx, MailAccountId};
use store::Store;

use super::forest::{Edge, Forest, When};
use super::repo::{self, Needs};
use super::{ArrangeError, CHUNK, Memory, references, take};
use crate::mime::{Lineage, base_subject, is_reply_subject};
use crate::{MailboxId, heads, mailboxes};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threading {
    /// By base subject alone; in each thread the first message is above all others.
    OrderedSubject,
    /// By what they answer, and by base subject where that joins nothing.
    References,
}

/// What is known of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub uid: u32,
    pub sent_at: i64,
    /// Equal for equal base subjects; [`NO_SUBJECT`] for the empty one.
    pub subject: u32,
    /// The subject says that it answers or forwards.
    pub is_reply: bool,
    pub lineage: Lineage,
}

pub(super) const NO_SUBJECT: u32 = 0;
/// What a message takes besides its ids: itself, its node, and the edge to it.
const MEMBER_BYTES: usize = 128;
/// What an id takes: itself, its node, and its place in the table of ids.
const ID_BYTES: usize = 64;
const TEXT_OVERHEAD: usize = 56;

/// The messages with these uids, which ascend, as threads; those that went meanwhile are left out.
pub async fn thread(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: &[u32],
    threading: Threading,
    memory: &mut impl Memory,
) -> Result<Forest, ArrangeError> {
    let mut members: Vec<Member> = Vec::new();
    let mut subjects: HashMap<Box<str>, u32> = HashMap::from([("".into(), NO_SUBJECT)]);
    for chunk in uids.chunks(CHUNK) {
        let (ctx, chunk) = (ctx.clone(), chunk.to_vec());
        let read = store.read(move |tx| {
            heads::open(&ctx, tx, account)?;
            mailboxes::get(&ctx, tx, account, mailbox)?;
            let mut read: Vec<(Member, String)> = Vec::with_capacity(chunk.len());
            repo::for_each(tx, account, mailbox, &chunk, Needs::Summary, |facts| {
                let summary = facts.summary.unwrap_or_default();
                let member = Member {
                    uid: facts.uid,
                    sent_at: facts.sent_at.as_micros(),
                    subject: NO_SUBJECT,
                    is_reply: is_reply_subject(&summary.subject),
                    lineage: if threading == Threading::References { summary.lineage } else { Lineage::default() },
                };
                read.push((member, base_subject(&summary.subject)));
            })?;
            Ok::<_, ArrangeError>(read)
        });
        let mut bytes = 0;
        for (mut member, subject) in read.await? {
            bytes += MEMBER_BYTES + (member.lineage.ancestors.len() + 1) * ID_BYTES;
            let next = subjects.len() as u32;
            member.subject = match subjects.get(subject.as_str()) {
                Some(known) => *known,
                None => {
                    bytes += subject.len() + TEXT_OVERHEAD;
                    subjects.insert(subject.into_boxed_str(), next);
                    next
                }
            };
            members.push(member);
        }
        take(memory, bytes)?;
    }
    drop(subjects);
    let threading = tokio::task::spawn_blocking(move || match threading {
        Threading::OrderedSubject => by_subject(&members),
        Threading::References => references::by_references(&members),
    });
    // Threading that panicked would be a defect of ours; the task that waits for it fails as well.
    Ok(threading.await.expect("threading numbers does not panic"))
}

/// ORDEREDSUBJECT
pub(super) fn by_subject(members: &[Member]) -> Forest {
    let when = |node: u32| -> When { (members[node as usize].sent_at, node) };
    let mut order: Vec<u32> = (0..members.len() as u32).collect();
    order.sort_unstable_by_key(|node| (members[*node as usize].subject, when(*node)));
    let (mut roots, mut edges) = (Vec::new(), Vec::new());
    let mut first: Option<u32> = None;
    for node in order {
        match first {
            Some(parent) if members[parent as usize].subject == members[node as usize].subject => {
                edges.push(Edge { parent, when: when(node), child: node });
            }
            _ => {
                roots.push((when(node), node));
                first = Some(node);
            }
        }
    }
    Forest::of(members.iter().map(|member| Some(member.uid)).collect(), edges, roots)
}
