//! SORT: keys first, then the order. A text is kept once however many messages have it, and becomes a number before anything is compared.

use std::collections::HashMap;

use kernel::{Ctx, MailAccountId};
use store::Store;

use super::repo::{self, Facts, Needs};
use super::{ArrangeError, CHUNK, Memory, collate, take};
use crate::mime::{Address, Summary, base_subject};
use crate::{MailboxId, heads, mailboxes};

/// `sort-key` of RFC 5256 and RFC 5957.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    Arrival,
    /// What stands before the `@` of the first address; so for `From` and `To`.
    Cc,
    /// The Date field.
    Date,
    From,
    Size,
    /// The base subject.
    Subject,
    To,
    /// The name of the first address, or the address where it has none.
    DisplayFrom,
    DisplayTo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Criterion {
    pub by: SortBy,
    pub reverse: bool,
}

/// Texts longer than this are compared by their beginning.
const MAX_KEY_CHARS: usize = 500;
/// What a text takes besides its octets: its place in the table, and on the heap.
const TEXT_OVERHEAD: usize = 56;

enum Key {
    Number(i64),
    Text(String),
}

/// The messages with these uids, which ascend, in the order asked for; those that went meanwhile are left out. What no criterion tells apart stays in the
/// order of the mailbox, whichever way the criteria go.
pub async fn sort(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: &[u32],
    order: &[Criterion],
    memory: &mut impl Memory,
) -> Result<Vec<u32>, ArrangeError> {
    let order = without_repetitions(order);
    let needs = order.iter().map(|criterion| needs(criterion.by)).max().unwrap_or(Needs::Entry);
    let mut keys = Keys { width: order.len(), ..Keys::default() };
    for chunk in uids.chunks(CHUNK) {
        let (ctx, own_order, chunk) = (ctx.clone(), order.clone(), chunk.to_vec());
        let read = store.read(move |tx| {
            heads::open(&ctx, tx, account)?;
            mailboxes::get(&ctx, tx, account, mailbox)?;
            let mut read: Vec<(u32, Vec<Key>)> = Vec::with_capacity(chunk.len());
            repo::for_each(tx, account, mailbox, &chunk, needs, |facts| {
                read.push((facts.uid, own_order.iter().map(|criterion| key(criterion.by, &facts)).collect()));
            })?;
            Ok::<_, ArrangeError>(read)
        });
        keys.add(read.await?, memory)?;
    }
    let sorting = tokio::task::spawn_blocking(move || keys.sorted(&order));
    // A sort that panicked would be a defect of ours; the task that waits for it fails as well.
    Ok(sorting.await.expect("sorting numbers does not panic"))
}

/// What was sorted by once is sorted by for good.
fn without_repetitions(order: &[Criterion]) -> Vec<Criterion> {
    let mut left: Vec<Criterion> = Vec::new();
    for criterion in order {
        if !left.iter().any(|earlier| earlier.by == criterion.by) {
            left.push(*criterion);
        }
    }
    left
}

fn needs(by: SortBy) -> Needs {
    match by {
        SortBy::Arrival | SortBy::Size => Needs::Entry,
        SortBy::Date => Needs::Message,
        _ => Needs::Summary,
    }
}

fn key(by: SortBy, facts: &Facts) -> Key {
    let text = |text: fn(&Summary) -> String| {
        let text = facts.summary.as_ref().map(text).unwrap_or_default();
        Key::Text(match text.char_indices().nth(MAX_KEY_CHARS) {
            Some((end, _)) => collate(&text[..end]),
            None => collate(&text),
        })
    };
    match by {
        SortBy::Arrival => Key::Number(facts.received_at.as_micros()),
        SortBy::Date => Key::Number(facts.sent_at.as_micros()),
        SortBy::Size => Key::Number(i64::try_from(facts.size_bytes).unwrap_or(i64::MAX)),
        SortBy::Subject => text(|summary| base_subject(&summary.subject)),
        SortBy::Cc => text(|summary| local_part(&summary.cc, summary.first_groups.cc.as_ref())),
        SortBy::From => text(|summary| local_part(&summary.from, summary.first_groups.from.as_ref())),
        SortBy::To => text(|summary| local_part(&summary.to, summary.first_groups.to.as_ref())),
        SortBy::DisplayFrom => text(|summary| display_name(&summary.from, summary.first_groups.from.as_ref())),
        SortBy::DisplayTo => text(|summary| display_name(&summary.to, summary.first_groups.to.as_ref())),
    }
}

/// The `addr-mailbox` of the first address. In an envelope a group stands there with its name (RFC 9051 §7.5.2).
fn local_part(addresses: &[Address], group: Option<&String>) -> String {
    if let Some(group) = group {
        return group.clone();
    }
    let email = addresses.first().map_or("", |address| &address.email);
    let local = email.rsplit_once('@').map_or(email, |(local, _)| local);
    let bare = local.strip_prefix('"').and_then(|local| local.strip_suffix('"'));
    bare.unwrap_or(local).to_owned()
}

/// RFC 5957 §3
fn display_name(addresses: &[Address], group: Option<&String>) -> String {
    if let Some(group) = group {
        return group.clone();
    }
    let Some(first) = addresses.first() else { return String::new() };
    first.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| first.email.clone())
}

/// Of each message its uid, and `width` numbers: themselves, or those of texts.
#[derive(Default)]
struct Keys {
    width: usize,
    uids: Vec<u32>,
    numbers: Vec<i64>,
    texts: HashMap<Box<str>, i64>,
    /// Which columns hold texts.
    is_text: Vec<bool>,
}

impl Keys {
    fn add(&mut self, messages: Vec<(u32, Vec<Key>)>, memory: &mut impl Memory) -> Result<(), ArrangeError> {
        // The uid, the key, and the place in the order that is made of them.
        let mut bytes = messages.len() * (self.width + 1) * 8;
        for (uid, keys) in messages {
            self.uids.push(uid);
            if self.is_text.is_empty() {
                self.is_text = keys.iter().map(|key| matches!(key, Key::Text(_))).collect();
            }
            for key in keys {
                let number = match key {
                    Key::Number(number) => number,
                    Key::Text(text) => match self.texts.get(text.as_str()) {
                        Some(number) => *number,
                        None => {
                            bytes += text.len() + TEXT_OVERHEAD;
                            let number = self.texts.len() as i64;
                            self.texts.insert(text.into_boxed_str(), number);
                            number
                        }
                    },
                };
                self.numbers.push(number);
            }
        }
        take(memory, bytes)
    }

    fn sorted(mut self, order: &[Criterion]) -> Vec<u32> {
        if self.uids.is_empty() {
            return self.uids;
        }
        self.rank_texts();
        let Self { width, uids, numbers, .. } = self;
        let mut places: Vec<u32> = (0..uids.len() as u32).collect();
        let row = |place: u32| &numbers[place as usize * width..][..width];
        places.sort_unstable_by(|left, right| {
            let differing = order
                .iter()
                .zip(row(*left).iter().zip(row(*right)))
                .map(|(criterion, (left, right))| if criterion.reverse { right.cmp(left) } else { left.cmp(right) });
            differing.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(left.cmp(right))
        });
        places.into_iter().map(|place| uids[place as usize]).collect()
    }

    /// From the number of a text to its place among all texts.
    fn rank_texts(&mut self) {
        let mut texts: Vec<(Box<str>, i64)> = std::mem::take(&mut self.texts).into_iter().collect();
        texts.sort_unstable();
        let mut ranks = vec![0; texts.len()];
        for (rank, (_, number)) in texts.into_iter().enumerate() {
            ranks[number as usize] = rank as i64;
        }
        for row in self.numbers.chunks_mut(self.width) {
            for (number, is_text) in row.iter_mut().zip(&self.is_text) {
                if *is_text {
                    *number = ranks[*number as usize];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(name: Option<&str>, email: &str) -> Vec<Address> {
        vec![Address { name: name.map(str::to_owned), email: email.to_owned() }]
    }

    #[test]
    fn of_an_address_the_part_before_the_at_counts_and_of_a_name_all_of_it() {
        assert_eq!(local_part(&address(Some("Li Na"), "li.na@example.test"), None), "li.na");
        assert_eq!(local_part(&address(None, "\"a@b\"@example.test"), None), "a@b");
        assert_eq!(local_part(&address(None, "bare"), None), "bare");
        assert_eq!(local_part(&[], None), "");
        assert_eq!(display_name(&address(Some("李娜"), "li.na@example.test"), None), "李娜");
        assert_eq!(display_name(&address(Some(""), "li.na@example.test"), None), "li.na@example.test");
        let group = Some("同事".to_owned());
        assert_eq!(local_part(&address(None, "li.na@example.test"), group.as_ref()), "同事");
        assert_eq!(display_name(&[], group.as_ref()), "同事");
    }

    #[test]
    fn what_is_equal_stays_in_the_order_of_the_mailbox_even_in_reverse() {
        struct Endless;
        impl Memory for Endless {
            fn take(&mut self, _bytes: usize) -> bool {
                true
            }
        }
        let mut keys = Keys { width: 2, ..Keys::default() };
        let row = |uid: u32, text: &str, number: i64| (uid, vec![Key::Text(text.to_owned()), Key::Number(number)]);
        keys.add(vec![row(3, "b", 1), row(4, "a", 1), row(7, "b", 1), row(9, "b", 2)], &mut Endless).expect("memory");
        let criterion = |by, reverse| Criterion { by, reverse };
        let order = [criterion(SortBy::Subject, true), criterion(SortBy::Size, true)];
        assert_eq!(keys.sorted(&order), [9, 3, 7, 4]);
    }
}
