use mail::arrange::{self, ArrangeError, Criterion, Memory, SortBy};
use mail::heads::MailError;
use mail::mailboxes::Role;
use mail::{MailboxId, entries};
use store::Store;
use testkit::test_each_engine;

use crate::world::{Person, World, letter, world};

/// As many bytes as are left.
struct Left(usize);

impl Memory for Left {
    fn take(&mut self, bytes: usize) -> bool {
        self.0.checked_sub(bytes).map(|left| self.0 = left).is_some()
    }
}

impl World {
    async fn sort(&self, who: &Person, mailbox: MailboxId, uids: &[u32], order: &[Criterion]) -> Result<Vec<u32>, ArrangeError> {
        arrange::sort(&self.store, &who.ctx, who.account, mailbox, uids, order, &mut Left(1 << 20)).await
    }
}

const BY_SUBJECT: Criterion = Criterion { by: SortBy::Subject, reverse: false };
const LAST_FIRST: Criterion = Criterion { by: SortBy::Arrival, reverse: true };

#[test_each_engine]
async fn a_large_mailbox_is_sorted_in_chunks_whatever_lies_between(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let mut subjects = Vec::new();
    for number in 0..1_100_u32 {
        let mut letter = letter(number as usize);
        letter.subject = format!("Re: {}", (number * 7_919) % 13);
        subjects.push((number * 7_919) % 13);
        world.append(&world.li, inbox, &letter, &[]).await;
    }
    for uids in [(1..=1_100).collect::<Vec<u32>>(), (1..=1_100).step_by(5).collect(), vec![2, 3, 1_099], vec![]] {
        let mut expected = uids.clone();
        expected.sort_by_key(|uid| (subjects[*uid as usize - 1].to_string(), std::cmp::Reverse(*uid)));
        assert_eq!(world.sort(&world.li, inbox, &uids, &[BY_SUBJECT, LAST_FIRST]).await.unwrap(), expected);
    }
}

#[test_each_engine]
async fn what_went_is_left_out_and_what_belongs_to_others_does_not_exist(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.fill(&world.li, inbox, 4).await;
    let which = entries::Expunge::Exactly([2].into_iter().collect());
    entries::expunge_all(&world.store, &world.li.ctx, world.li.account, inbox, &which).await.unwrap();
    assert_eq!(world.sort(&world.li, inbox, &[1, 2, 3, 4, 9], &[LAST_FIRST]).await.unwrap(), [4, 3, 1]);

    let nowhere = MailboxId::from_raw(999);
    let refused = world.sort(&world.li, nowhere, &[1], &[LAST_FIRST]).await;
    assert!(matches!(refused, Err(ArrangeError::Mail(MailError::MailboxNotFound(_)))));
    let wang = &world.wang;
    let refused = arrange::sort(&world.store, &wang.ctx, world.li.account, inbox, &[1], &[LAST_FIRST], &mut Left(1 << 20)).await;
    assert!(refused.is_err());
}

#[test_each_engine]
async fn a_sort_that_gets_no_memory_says_so(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.fill(&world.li, inbox, 4).await;
    let li = &world.li;
    let refused = arrange::sort(&world.store, &li.ctx, li.account, inbox, &[1, 2, 3, 4], &[BY_SUBJECT], &mut Left(100)).await;
    assert!(matches!(refused, Err(ArrangeError::NoMemory)));
}
