use kernel::{Actor, Fault, FaultKind};
use mail::mailboxes::{self, MailboxError, MailboxPatch, NewMailbox, RemoveMail, Role, Subscription};
use mail::{MailboxId, heads::MailError};
use store::Store;
use testkit::test_each_engine;

use crate::world::{Person, World, letter, world};

fn path(text: &str) -> Vec<String> {
    text.split('/').map(str::to_owned).collect()
}

impl World {
    fn create(&self, person: &Person, text: &str) -> Result<MailboxId, MailboxError> {
        let (person, path) = (person.clone(), path(text));
        self.store.write_account_blocking(person.account, move |tx| mailboxes::create_path(&person.ctx, tx, person.account, &path))
    }

    fn change(&self, person: &Person, id: MailboxId, patch: MailboxPatch) -> Result<(), MailboxError> {
        let person = person.clone();
        self.store.write_account_blocking(person.account, move |tx| mailboxes::change(&person.ctx, tx, person.account, id, &patch))
    }

    fn remove(&self, person: &Person, id: MailboxId, mail: RemoveMail) -> Result<(), MailboxError> {
        let person = person.clone();
        self.store.write_account_blocking(person.account, move |tx| mailboxes::remove(&person.ctx, tx, person.account, id, mail))
    }

    fn find(&self, person: &Person, text: &str) -> Option<mailboxes::Mailbox> {
        let (person, path) = (person.clone(), path(text));
        self.store.read_blocking(move |tx| mailboxes::find_path(&person.ctx, tx, person.account, &path)).unwrap()
    }

    fn names(&self, person: &Person) -> Vec<String> {
        let person = person.clone();
        let list = self.store.read_blocking(move |tx| mailboxes::list(&person.ctx, tx, person.account)).unwrap();
        list.into_iter().map(|mailbox| mailbox.name).collect()
    }
}

#[test_each_engine]
async fn the_first_use_makes_the_standard_mailboxes_once(store: Store) {
    let world = world(&store);
    let li = world.li.clone();
    let before = world.head(&world.li).change_number;
    world.store.write_account_blocking(li.account, move |tx| mailboxes::ensure(&li.ctx, tx, li.account)).unwrap();
    assert_eq!(world.head(&world.li).change_number, before, "nothing was made a second time");
    assert_eq!(world.names(&world.li), ["INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"]);
    assert_eq!(world.find(&world.li, "inbox").unwrap().role, Some(Role::Inbox));
    world.verify().await;
}

impl World {
    fn subscriptions(&self, person: &Person, change: &[(&str, bool)]) -> Result<(), MailboxError> {
        let change: Vec<(Vec<String>, bool)> = change.iter().map(|(name, subscribed)| (path(name), *subscribed)).collect();
        let person = person.clone();
        self.store.write_account_blocking(person.account, move |tx| {
            for (path, subscribed) in &change {
                if *subscribed {
                    mailboxes::subscribe(&person.ctx, tx, person.account, path)?;
                } else {
                    mailboxes::unsubscribe(&person.ctx, tx, person.account, path)?;
                }
            }
            Ok(())
        })
    }

    fn lost(&self, person: &Person) -> Vec<String> {
        let person = person.clone();
        self.store.read_blocking(move |tx| mailboxes::lost(&person.ctx, tx, person.account)).unwrap()
    }
}

#[test_each_engine]
async fn a_name_stays_subscribed_without_its_mailbox(store: Store) {
    let world = world(&store);
    let (li, child) = (&world.li, world.create(&world.li, "项目/甲").unwrap());
    world.subscriptions(li, &[("项目/甲", true), ("Nowhere", true), ("Cafe\u{301}", true)]).unwrap();
    assert_eq!(world.lost(li), ["Caf\u{e9}", "Nowhere"]);
    mailboxes::remove_all(&world.store, &li.ctx, li.account, child, Subscription::Stays).await.unwrap();
    assert_eq!(world.lost(li), ["Caf\u{e9}", "Nowhere", "项目/甲"]);
    assert!(world.lost(&world.wang).is_empty());
    world.create(li, "项目/甲").unwrap();
    world.create(li, "Caf\u{e9}").unwrap();
    assert!(world.find(li, "项目/甲").unwrap().subscribed && world.find(li, "Caf\u{e9}").unwrap().subscribed);
    // A mailbox that is moved finds the names of those below it, too.
    world.subscriptions(li, &[("Nowhere/甲", true), ("项目/甲", false)]).unwrap();
    let moved = world.find(li, "项目").unwrap().id;
    world.change(li, moved, MailboxPatch { name: Some("Nowhere".into()), ..MailboxPatch::default() }).unwrap();
    assert!(world.find(li, "Nowhere").unwrap().subscribed && world.find(li, "Nowhere/甲").unwrap().subscribed);
    assert!(world.lost(li).is_empty());
    // JMAP's subscriptions are marks, and go with their mailbox.
    let gone = world.find(li, "Caf\u{e9}").unwrap().id;
    mailboxes::remove_all(&world.store, &li.ctx, li.account, gone, Subscription::GoesAlong).await.unwrap();
    assert!(world.lost(li).is_empty());
    world.verify().await;
}

#[test_each_engine]
async fn subscriptions_without_mailboxes_are_bounded(store: Store) {
    let world = world(&store);
    let names: Vec<String> = (0..mailboxes::MAX_LOST_SUBSCRIPTIONS).map(|number| format!("n{number}")).collect();
    let all: Vec<(&str, bool)> = names.iter().map(|name| (name.as_str(), true)).collect();
    world.subscriptions(&world.li, &all).unwrap();
    let refused = world.subscriptions(&world.li, &[("one more", true)]);
    assert!(matches!(refused, Err(MailboxError::TooManySubscriptions)), "{refused:?}");
    let refused = world.subscriptions(&world.wang, &[(&"字/".repeat(30), true)]);
    assert!(matches!(refused, Err(MailboxError::TooDeep | MailboxError::NameInvalid)), "{refused:?}");
    // It is as it is: nothing that one does otherwise fails for it.
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let sent = world.mailbox(&world.li, Role::Sent).id;
    assert_ne!(inbox, sent);
    mailboxes::remove_all(&world.store, &world.li.ctx, world.li.account, sent, Subscription::Stays).await.unwrap();
    assert_eq!(world.lost(&world.li).len(), mailboxes::MAX_LOST_SUBSCRIPTIONS);
}

#[test_each_engine]
async fn a_path_is_made_with_its_parents_and_listed_after_them(store: Store) {
    let world = world(&store);
    world.create(&world.li, "项目/2025/甲").unwrap();
    let late_parent = world.create(&world.li, "Later").unwrap();
    let moved = world.find(&world.li, "项目").unwrap().id;
    world.change(&world.li, moved, MailboxPatch { parent: Some(Some(late_parent)), ..MailboxPatch::default() }).unwrap();
    assert_eq!(world.names(&world.li)[..4], ["Later", "项目", "2025", "甲"]);
    assert!(world.find(&world.li, "Later/项目/2025/甲").is_some());
    assert!(matches!(world.create(&world.li, "Later/项目"), Err(MailboxError::NameTaken { name, .. }) if name == "项目"));
    assert!(matches!(world.create(&world.li, "inBOX"), Err(MailboxError::NameTaken { .. })));
    assert!(matches!(world.create(&world.li, "a//b"), Err(MailboxError::NameInvalid)));
    assert!(matches!(world.create(&world.li, &["x"; 21].join("/")), Err(MailboxError::TooDeep)));
    world.create(&world.li, &["y"; 20].join("/")).unwrap();
    let into_itself = world.change(&world.li, late_parent, MailboxPatch { parent: Some(Some(moved)), ..MailboxPatch::default() });
    assert!(matches!(into_itself, Err(MailboxError::IntoItself)));
    let deep = world.find(&world.li, &["y"; 19].join("/")).unwrap().id;
    let too_deep = world.change(&world.li, late_parent, MailboxPatch { parent: Some(Some(deep)), ..MailboxPatch::default() });
    assert!(matches!(too_deep, Err(MailboxError::TooDeep)));
    world.verify().await;
}

#[test_each_engine]
async fn inbox_stays_and_roles_are_given_once(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let renamed = world.change(&world.li, inbox, MailboxPatch { name: Some("Post".into()), ..MailboxPatch::default() });
    assert!(matches!(renamed, Err(MailboxError::IsInbox)));
    assert!(matches!(world.remove(&world.li, inbox, RemoveMail::Expunge), Err(MailboxError::IsInbox)));
    world.change(&world.li, inbox, MailboxPatch { sort_order: Some(7), ..MailboxPatch::default() }).unwrap();
    let other = world.create(&world.li, "Other").unwrap();
    let taken = world.change(&world.li, other, MailboxPatch { role: Some(Some(Role::Trash)), ..MailboxPatch::default() });
    assert!(matches!(taken, Err(MailboxError::RoleTaken { role: "trash" })));
    let trash = world.mailbox(&world.li, Role::Trash).id;
    world.change(&world.li, trash, MailboxPatch { role: Some(None), ..MailboxPatch::default() }).unwrap();
    world.change(&world.li, other, MailboxPatch { role: Some(Some(Role::Trash)), ..MailboxPatch::default() }).unwrap();
    assert_eq!(world.mailbox(&world.li, Role::Trash).id, other);
    world.verify().await;
}

#[test_each_engine]
async fn a_name_made_again_gets_a_higher_uid_validity(store: Store) {
    let world = world(&store);
    let first = world.create(&world.li, "Work").unwrap();
    let first_validity = world.mailbox_of(&world.li, first).uid_validity;
    world.append(&world.li, first, &letter(1), &[]).await;
    assert!(matches!(world.remove(&world.li, first, RemoveMail::Refuse), Err(MailboxError::NotEmpty)));
    let child = world.create(&world.li, "Work/Deep").unwrap();
    assert!(matches!(world.remove(&world.li, first, RemoveMail::Expunge), Err(MailboxError::HasChildren)));
    world.remove(&world.li, child, RemoveMail::Refuse).unwrap();
    mailboxes::remove_all(&world.store, &world.li.ctx, world.li.account, first, Subscription::GoesAlong).await.unwrap();
    assert_eq!(world.head(&world.li).message_count, 0);
    let again = world.create(&world.li, "Work").unwrap();
    assert_ne!(again, first, "numbers are never given again");
    assert!(world.mailbox_of(&world.li, again).uid_validity > first_validity);
    world.verify().await;
}

#[test_each_engine]
async fn renaming_inbox_moves_its_mail(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.fill(&world.li, inbox, 3).await;
    let target = mailboxes::rename_inbox(&world.store, &world.li.ctx, world.li.account, &path("Old/Mail")).await.unwrap();
    assert_eq!(world.mailbox_of(&world.li, target).total, 3);
    assert_eq!(world.mailbox(&world.li, Role::Inbox).total, 0);
    world.verify().await;
}

#[test_each_engine]
async fn another_members_account_is_not_found(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let account = world.li.account;
    for ctx in [world.wang.ctx.clone(), world.ctx.acted_by(Actor::Nobody), world.li.ctx.in_org(kernel::OrgId::from_raw(99))] {
        let (reading, writing) = (ctx.clone(), ctx.clone());
        let listed = world.store.read_blocking(move |tx| mailboxes::list(&reading, tx, account));
        assert!(matches!(&listed, Err(MailError::AccountNotFound)), "{listed:?}");
        assert_eq!(listed.unwrap_err().kind(), FaultKind::NotFound);
        let made = world.store.write_account_blocking(account, move |tx| {
            mailboxes::create(&writing, tx, account, &NewMailbox { name: "x".into(), ..NewMailbox::default() })
        });
        assert!(matches!(made, Err(MailboxError::Mail(MailError::AccountNotFound))));
        let removed =
            world.store.write_account_blocking(account, move |tx| mailboxes::remove(&ctx, tx, account, inbox, RemoveMail::Expunge));
        assert!(matches!(removed, Err(MailboxError::Mail(MailError::AccountNotFound))));
    }
}
