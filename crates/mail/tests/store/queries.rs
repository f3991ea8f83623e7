use mail::heads::MailError;
use mail::mailboxes::Role;
use mail::messages::{self, Order, Position, Queried, QueryError};
use mail::{MailboxId, MessageId};
use store::Store;
use testkit::{TEST_NOW, test_each_engine};

use crate::world::{World, letter, world};

impl World {
    fn query(&self, mailbox: MailboxId, order: Order, collapse: bool, position: Position, limit: usize) -> Result<Queried, QueryError> {
        let li = self.li.clone();
        self.store.read_blocking(move |tx| messages::query_mailbox(&li.ctx, tx, li.account, mailbox, order, collapse, position, limit))
    }
}

#[test_each_engine]
async fn pages_go_by_arrival_from_either_end_and_from_an_anchor(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let mut added = Vec::new();
    // The order of arrival is not that of the uids, and two came in the same moment.
    for number in [5, 1, 4, 2, 3, 3, 9, 8, 7, 6] {
        let letter = letter(added.len()).at(TEST_NOW.plus_secs(number));
        added.push((number, world.append(&world.li, inbox, &letter, &[]).await));
    }
    let mut newest: Vec<(i64, u32, MessageId)> = added.iter().map(|(number, added)| (*number, added.uid, added.message)).collect();
    newest.sort_unstable();
    newest.reverse();
    let newest: Vec<MessageId> = newest.into_iter().map(|(.., message)| message).collect();
    let oldest: Vec<MessageId> = newest.iter().rev().copied().collect();
    for (order, expected) in [(Order::NewestFirst, &newest), (Order::OldestFirst, &oldest)] {
        for start in 0..12 {
            let page = world.query(inbox, order, false, Position::At(start), 4).unwrap();
            let from = (start as usize).min(10);
            assert_eq!(page.messages, expected[from..(from + 4).min(10)], "{order:?} {start}");
            assert_eq!((page.total, page.position), (10, start as u64));
        }
        let last = world.query(inbox, order, false, Position::At(-3), 10).unwrap();
        assert_eq!((last.messages.as_slice(), last.position), (&expected[7..], 7));
        for collapse in [false, true] {
            for (offset, first) in [(0, 5), (-2, 3), (-9, 0), (3, 8)] {
                let page = world.query(inbox, order, collapse, Position::Anchor { message: expected[5], offset }, 3).unwrap();
                assert_eq!((page.messages.as_slice(), page.position), (&expected[first..(first + 3).min(10)], first as u64));
            }
        }
    }
    for collapse in [false, true] {
        let missing = Position::Anchor { message: MessageId::from_raw(999), offset: 0 };
        assert!(matches!(world.query(inbox, Order::NewestFirst, collapse, missing, 3), Err(QueryError::AnchorNotFound(_))));
    }
    let nowhere = world.query(MailboxId::from_raw(999), Order::NewestFirst, false, Position::At(0), 3);
    assert!(matches!(nowhere, Err(QueryError::Mail(MailError::MailboxNotFound(_)))));
}

#[test_each_engine]
async fn of_each_thread_only_the_first_message_is_listed(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let questions: Vec<_> = (0..4).map(|number| letter(number * 100)).collect();
    let mut newest = Vec::new();
    for round in 0..3 {
        newest.clear();
        for (number, question) in questions.iter().enumerate() {
            let mut sent = if round == 0 { letter(number * 100) } else { letter(number * 100 + round).reply_to(question) };
            sent.received_at = TEST_NOW.plus_secs((round * 10 + number) as i64);
            newest.push(world.append(&world.li, inbox, &sent, &[]).await.message);
        }
    }
    newest.reverse();
    let page = world.query(inbox, Order::NewestFirst, true, Position::At(0), 3).unwrap();
    assert_eq!((page.messages.as_slice(), page.total), (&newest[..3], 4));
    let rest = world.query(inbox, Order::NewestFirst, true, Position::At(3), 3).unwrap();
    assert_eq!((rest.messages.as_slice(), rest.position), (&newest[3..], 3));
    world.verify().await;
}
