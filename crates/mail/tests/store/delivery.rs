use kernel::{IngressId, MailAccountId};
use mail::delivery::{self, Accepted, DeliverError, Delivery, FAN_OUT_JOB, Into, LocalRecipient, Refused};
use mail::heads::MailError;
use mail::mailboxes::{self, Role};
use mail::messages;
use mail::{FlagBits, Flags, MailboxId};
use store::{Notice, Store, StoreError, jobs, params};
use testkit::test_each_engine;

use crate::world::{Person, World, letter, world};

impl World {
    fn deliver(&self, account: MailAccountId, delivery: &Delivery) -> Result<messages::Added, DeliverError> {
        let (ctx, delivery) = (self.ctx.clone(), delivery.clone());
        self.store.write_account_blocking(account, move |tx| delivery::deliver(&ctx, tx, account, &delivery))
    }

    fn recipient(&self, person: &Person, address: &str) -> LocalRecipient {
        LocalRecipient {
            account: person.account,
            address: address.into(),
            into: Into::Role(Role::Inbox),
            flags: FlagBits::NONE,
            note: Some(format!("note of {address}")),
        }
    }

    async fn accept(&self, recipients: Vec<LocalRecipient>, number: usize) -> Accepted {
        let message = letter(number).stage(self).await;
        delivery::accept(&self.store, &self.ctx, recipients, message, "sender@example.test").await.unwrap()
    }

    /// The job that an acceptance promised, done as a worker would; answers what its payload said.
    fn take_job(&self) -> Option<IngressId> {
        let now = self.ctx.now.plus_secs(1);
        self.store
            .write_blocking(move |tx| {
                let Some(job) = jobs::claim(tx, "test", now, 60, &[FAN_OUT_JOB])? else { return Ok(None) };
                jobs::finish(tx, &job.lease(), now, &serde_json::Value::Null).expect("the lease was given a moment ago");
                Ok::<_, StoreError>(delivery::ingress_of(&job.payload))
            })
            .unwrap()
    }
}

#[test_each_engine]
async fn a_delivery_goes_where_it_is_meant_to_and_tells_the_bus(store: Store) {
    let world = world(&store);
    let mut heard = world.store.bus().subscribe();
    let mut delivery = world.delivery(&letter(1)).await;
    let added = world.deliver(world.li.account, &delivery).unwrap();
    assert_eq!((added.uid, added.mailbox), (1, world.mailbox(&world.li, Role::Inbox).id));
    let notice = Notice::Mail { org: world.ctx.org, account: world.li.account, change_number: added.change_number };
    assert_eq!(heard.recv().await.unwrap(), notice);
    assert_eq!(world.head(&world.li).change_number, added.change_number);

    delivery.into = Into::Role(Role::Junk);
    delivery.flags = Flags::of_bits(FlagBits::JUNK);
    assert_eq!(world.deliver(world.li.account, &delivery).unwrap().mailbox, world.mailbox(&world.li, Role::Junk).id);
    delivery.into = Into::Mailbox(MailboxId::from_raw(4711));
    assert_eq!(world.deliver(world.li.account, &delivery).unwrap().mailbox, added.mailbox, "a mailbox that is gone is INBOX");
    let nobody = world.deliver(MailAccountId::from_raw(5), &delivery);
    assert!(matches!(nobody, Err(DeliverError::Mail(MailError::AccountNotFound))));
    world.verify().await;
}

#[test_each_engine]
async fn a_role_whose_mailbox_was_removed_gets_one_again(store: Store) {
    let world = world(&store);
    let (li, junk) = (world.li.clone(), world.mailbox(&world.li, Role::Junk).id);
    world
        .store
        .write_account_blocking(li.account, move |tx| mailboxes::remove(&li.ctx, tx, li.account, junk, mailboxes::RemoveMail::Refuse))
        .unwrap();
    let delivery = Delivery { into: Into::Role(Role::Junk), ..world.delivery(&letter(1)).await };
    let added = world.deliver(world.li.account, &delivery).unwrap();
    assert_eq!(world.mailbox(&world.li, Role::Junk).id, added.mailbox);
    world.verify().await;
}

#[test_each_engine]
async fn an_account_without_mailboxes_gets_them_with_its_first_mail(store: Store) {
    let world = world(&store);
    let account: MailAccountId = world.ctx.new_id();
    let ctx = world.ctx.clone();
    world.store.write_blocking(move |tx| mail::mail_accounts::open_many(&ctx, tx, &[(account, kernel::MemberId::from_raw(77))])).unwrap();
    let delivery = world.delivery(&letter(1)).await;
    assert_eq!(world.deliver(account, &delivery).unwrap().uid, 1);
    world.verify().await;
}

#[test_each_engine]
async fn a_full_account_takes_nothing_and_one_recipient_hears_it_at_once(store: Store) {
    let world = world(&store);
    world.set_quota(&world.li, Some(1500));
    let delivery = world.delivery(&letter(1)).await;
    world.deliver(world.li.account, &delivery).unwrap();
    let full = world.deliver(world.li.account, &delivery);
    assert!(matches!(full, Err(DeliverError::OverQuota { used_bytes: 1000, quota_bytes: 1500 })));
    let message = letter(2).stage(&world).await;
    let only = vec![world.recipient(&world.li, "li@example.test"), world.recipient(&world.li, "li.na@example.test")];
    let refused = delivery::accept(&world.store, &world.ctx, only, message, "").await;
    assert!(matches!(refused, Err(DeliverError::OverQuota { .. })), "the same account twice is one recipient");
    world.verify().await;
}

#[test_each_engine]
async fn one_recipient_has_it_when_it_is_accepted_and_several_a_moment_later(store: Store) {
    let world = world(&store);
    let accepted = world.accept(vec![world.recipient(&world.li, "li@example.test")], 1).await;
    assert!(matches!(accepted, Accepted::Delivered(added) if added.uid == 1));
    let both = vec![world.recipient(&world.li, "li@example.test"), world.recipient(&world.wang, "wang@example.test")];
    let Accepted::FanOut(ingress) = world.accept(both, 2).await else { panic!("two accounts") };
    assert_eq!(world.mailbox(&world.wang, Role::Inbox).total, 0);
    world.verify().await;
    assert_eq!(world.take_job(), Some(ingress));
    let done = delivery::run_fan_out(&world.store, &world.ctx, ingress).await.unwrap();
    assert_eq!((done.delivered, done.refused.len()), (2, 0));
    assert_eq!((world.mailbox(&world.li, Role::Inbox).total, world.mailbox(&world.wang, Role::Inbox).total), (2, 1));
    let again = delivery::run_fan_out(&world.store, &world.ctx, ingress).await.unwrap();
    assert_eq!(again.delivered, 0, "a job that is done twice delivers once");

    let wang = world.wang.clone();
    let inbox = world.mailbox(&world.wang, Role::Inbox).id;
    let id = world.entries(&world.wang, inbox)[0].message;
    let stored = world.store.read_blocking(move |tx| messages::find_messages(&wang.ctx, tx, wang.account, &[id])).unwrap();
    assert_eq!(stored[0].prefix, b"Delivered-To: wang@example.test\r\n");
    world.verify().await;
}

#[test_each_engine]
async fn who_cannot_get_it_is_kept_until_the_sender_was_told(store: Store) {
    let world = world(&store);
    world.set_quota(&world.li, Some(500));
    let gone = LocalRecipient { account: MailAccountId::from_raw(9), ..world.recipient(&world.li, "gone@example.test") };
    world.set_quota(&world.li, Some(1_000_000));
    let li = world.li.clone();
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.append(&li, inbox, &letter(9).sized(999_500), &[]).await;
    let Accepted::FanOut(ingress) =
        world.accept(vec![gone, world.recipient(&world.li, "li@example.test"), world.recipient(&world.wang, "wang@example.test")], 1).await
    else {
        panic!("three accounts")
    };
    world.take_job();
    for delivered in [1, 0] {
        let done = delivery::run_fan_out(&world.store, &world.ctx, ingress).await.unwrap();
        assert_eq!((done.delivered, done.return_path.as_str()), (delivered, "sender@example.test"));
        let mut refused: Vec<(String, String, Option<String>)> =
            done.refused.into_iter().map(|Refused { address, code, note, .. }| (address, code, note)).collect();
        refused.sort();
        assert_eq!(
            refused,
            [
                ("gone@example.test".into(), "mail_account_not_found".into(), Some("note of gone@example.test".into())),
                ("li@example.test".into(), "mail_over_quota".into(), Some("note of li@example.test".into())),
            ]
        );
    }
    let org = world.ctx.org;
    world.store.write_blocking(move |tx| delivery::forget_refused(tx, org, ingress)).unwrap();
    let left: i64 = world.store.read_blocking(|tx| tx.query_one("SELECT COUNT(*) FROM ingress", params![], |row| row.get(0))).unwrap();
    assert_eq!(left, 0);
    assert_eq!(delivery::run_fan_out(&world.store, &world.ctx, ingress).await.unwrap().refused, []);
    world.verify().await;
}

#[test_each_engine]
async fn a_fan_out_that_is_cut_and_run_by_two_at_once_reaches_everybody_once(store: Store) {
    let world = world(&store);
    let ctx = world.ctx.clone();
    let accounts: Vec<MailAccountId> = (0..150).map(|_| ctx.new_id()).collect();
    let opened = accounts.clone();
    world
        .store
        .write_blocking(move |tx| {
            let rows: Vec<_> = opened.iter().map(|account| (*account, kernel::MemberId::from_raw(account.raw()))).collect();
            mail::mail_accounts::open_many(&ctx, tx, &rows)
        })
        .unwrap();
    let recipients = accounts
        .iter()
        .map(|account| LocalRecipient { account: *account, ..world.recipient(&world.li, &format!("{account}@example.test")) })
        .collect();
    let Accepted::FanOut(ingress) = world.accept(recipients, 1).await else { panic!("many accounts") };
    world.take_job();
    // One run is dropped in the middle of its work.
    let (store, ctx) = (world.store.clone(), world.ctx.clone());
    let cut = tokio::spawn(async move { delivery::run_fan_out(&store, &ctx, ingress).await });
    let counted = |tx: &mut store::Tx| tx.query_one("SELECT COUNT(*) FROM message", params![], |row| row.get::<u64>(0));
    while world.store.read(counted).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    cut.abort();
    let (first, second) =
        tokio::join!(delivery::run_fan_out(&world.store, &world.ctx, ingress), delivery::run_fan_out(&world.store, &world.ctx, ingress));
    assert!(first.unwrap().delivered + second.unwrap().delivered <= 150);
    // What the run that was cut had handed in may still be on its way; whoever waits for nothing finds everybody served.
    while delivery::run_fan_out(&world.store, &world.ctx, ingress).await.unwrap().delivered > 0 {}
    let found: Vec<(MailAccountId, u64)> = world
        .store
        .read_blocking(|tx| {
            tx.query_all("SELECT id, message_count FROM mail_account ORDER BY id", params![], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .unwrap();
    for (account, count) in found {
        assert_eq!(count, u64::from(accounts.contains(&account)), "{account}");
    }
    world.verify().await;
}

#[test_each_engine]
async fn the_sweep_takes_only_blobs_that_no_mail_names(store: Store) {
    let world = world(&store);
    let li = world.li.clone();
    let inbox = world.mailbox(&li, Role::Inbox).id;
    world.fill(&li, inbox, 2).await;
    let both = vec![world.recipient(&world.li, "li@example.test"), world.recipient(&world.wang, "wang@example.test")];
    let Accepted::FanOut(ingress) = world.accept(both, 3).await else { panic!("two accounts") };
    world.take_job();
    let removed = world.entries(&li, inbox)[0].message;
    world.expunge(&li, inbox, mail::entries::Expunge::Exactly(std::iter::once(1_u32).collect()));
    let day = store::SWEEP_DELAY_SECS;
    let sweep = async |days: i64| {
        world.store.blobs().sweep(mail::REFERENCES, world.ctx.now.plus_secs(days * day), store::Tempo::FULL).await.unwrap()
    };
    assert_eq!(sweep(1).await.marked, 0, "one message is in the mailbox, one can be brought back, one is on its way");
    let of_li = li.clone();
    let forget = move |tx: &mut store::Tx| mail::removed_messages::forget(&of_li.ctx, tx, of_li.account, &[removed]);
    assert_eq!(world.store.write_account_blocking(li.account, forget).unwrap(), [removed]);
    assert_eq!(sweep(1).await.marked, 1);
    delivery::run_fan_out(&world.store, &world.ctx, ingress).await.unwrap();
    assert_eq!(sweep(2).await.deleted, 1);
    world.verify().await;
    // The same bytes come again after their blob went: it is a new one, found by its own time.
    let mut again = world.ctx.clone();
    again.now = world.ctx.now.plus_secs(3 * day);
    let message = letter(1).stage(&world).await;
    let delivery = Delivery { message, into: Into::Role(Role::Inbox), flags: Flags::NONE };
    let account = li.account;
    world.store.write_account_blocking(account, move |tx| delivery::deliver(&again, tx, account, &delivery)).unwrap();
    assert_eq!(sweep(5).await.marked, 0);
    world.verify().await;
}

#[test_each_engine]
async fn an_account_that_goes_takes_its_mailboxes_along(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.fill(&world.li, inbox, 2).await;
    let (org, accounts) = (world.ctx.org, [world.li.account, world.wang.account]);
    let gone = world.store.write_blocking(move |tx| mail::mail_accounts::remove_empty(tx, org, &accounts)).unwrap();
    assert_eq!(gone, 1, "the one with mail stays");
    world.verify().await;
}
