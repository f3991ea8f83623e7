use mail::MailboxId;
use mail::heads::MailError;
use mail::mailboxes::{self, MailboxPatch, NewMailbox, RemoveMail, Role};
use mail::metadata::{self, Entry, MAX_ENTRIES, MAX_VALUE_BYTES, MetadataError};
use store::Store;
use testkit::test_each_engine;

use crate::world::{Person, World, world};

impl World {
    fn note(&self, person: &Person, mailbox: Option<MailboxId>, changes: &[(&str, Option<&str>)]) -> Result<i64, MetadataError> {
        let changes: Vec<(String, Option<Vec<u8>>)> =
            changes.iter().map(|(name, value)| ((*name).to_owned(), value.map(|value| value.as_bytes().to_vec()))).collect();
        let person = person.clone();
        self.store.write_account_blocking(person.account, move |tx| metadata::set(&person.ctx, tx, person.account, mailbox, &changes))
    }

    fn notes(&self, person: &Person, mailbox: Option<MailboxId>) -> Vec<(String, String)> {
        let person = person.clone();
        let found = self.store.read_blocking(move |tx| metadata::list(&person.ctx, tx, person.account, mailbox)).unwrap();
        found.into_iter().map(|Entry { name, value }| (name, String::from_utf8(value).unwrap())).collect()
    }

    fn noted_since(&self, person: &Person, since: i64) -> Vec<(Option<MailboxId>, String)> {
        let person = person.clone();
        let (_, changed) = self.store.read_blocking(move |tx| metadata::changed_since(&person.ctx, tx, person.account, since)).unwrap();
        changed.into_iter().map(|changed| (changed.mailbox, changed.name)).collect()
    }

    fn folder(&self, person: &Person, name: &str) -> MailboxId {
        let (person, new) = (person.clone(), NewMailbox { name: name.to_owned(), ..NewMailbox::default() });
        self.store.write_account_blocking(person.account, move |tx| mailboxes::create(&person.ctx, tx, person.account, &new)).unwrap()
    }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test_each_engine]
async fn a_note_is_set_replaced_and_removed_whatever_the_case_of_its_name(store: Store) {
    let world = world(&store);
    let folder = world.folder(&world.li, "项目");
    let before = world.head(&world.li).change_number;
    world.note(&world.li, Some(folder), &[("/private/Comment", Some("一")), ("/shared/comment", Some(""))]).unwrap();
    assert_eq!(world.notes(&world.li, Some(folder)), [pair("/private/Comment", "一"), pair("/shared/comment", "")]);
    assert!(world.notes(&world.li, None).is_empty() && world.notes(&world.wang, None).is_empty());
    let changed = world.note(&world.li, Some(folder), &[("/PRIVATE/comment", Some("二")), ("/shared/comment", None), ("/shared/x", None)]);
    assert_eq!(world.notes(&world.li, Some(folder)), [pair("/private/Comment", "二")]);
    // RFC 7162 §3.2: HIGHESTMODSEQ grows with the notes, and not with what changes nothing.
    let changed = changed.unwrap();
    assert_eq!(world.mailbox_of(&world.li, folder).change_number, changed);
    world.note(&world.li, Some(folder), &[("/shared/x", None)]).unwrap();
    assert_eq!(world.mailbox_of(&world.li, folder).change_number, changed);
    // Of what was not there nobody has to hear.
    let names = |since| world.noted_since(&world.li, since).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(names(before), ["/private/Comment", "/shared/comment"]);
    assert!(names(changed).is_empty());
    world.verify().await;
}

#[test_each_engine]
async fn notes_go_with_their_mailbox(store: Store) {
    let world = world(&store);
    let folder = world.folder(&world.li, "A");
    world.note(&world.li, Some(folder), &[("/shared/comment", Some("kept"))]).unwrap();
    let li = world.li.clone();
    let patch = MailboxPatch { name: Some("B".into()), ..MailboxPatch::default() };
    world.store.write_account_blocking(li.account, move |tx| mailboxes::change(&li.ctx, tx, li.account, folder, &patch)).unwrap();
    assert_eq!(world.notes(&world.li, Some(folder)), [pair("/shared/comment", "kept")]);
    let li = world.li.clone();
    world
        .store
        .write_account_blocking(li.account, move |tx| mailboxes::remove(&li.ctx, tx, li.account, folder, RemoveMail::Refuse))
        .unwrap();
    assert!(world.notes(&world.li, Some(folder)).is_empty());
    let refused = world.note(&world.li, Some(folder), &[("/shared/comment", Some("late"))]);
    assert!(matches!(refused, Err(MetadataError::Mail(MailError::MailboxNotFound(_)))), "{refused:?}");

    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.note(&world.li, Some(inbox), &[("/shared/comment", Some("both"))]).unwrap();
    let renamed = mailboxes::rename_inbox(&world.store, &world.li.ctx, world.li.account, &["Old".into()]).await.unwrap();
    for mailbox in [inbox, renamed] {
        assert_eq!(world.notes(&world.li, Some(mailbox)), [pair("/shared/comment", "both")]);
    }
    world.verify().await;
}

#[test_each_engine]
async fn notes_are_bounded_and_what_is_too_much_changes_nothing(store: Store) {
    let world = world(&store);
    let large = "x".repeat(MAX_VALUE_BYTES);
    world.note(&world.li, None, &[("/private/large", Some(&large))]).unwrap();
    let refused = world.note(&world.li, None, &[("/private/small", Some("y")), ("/private/large", Some(&format!("{large}x")))]);
    assert!(matches!(refused, Err(MetadataError::ValueTooLarge)), "{refused:?}");
    assert_eq!(world.notes(&world.li, None).len(), 1);

    let names: Vec<String> = (0..MAX_ENTRIES).map(|number| format!("/private/n{number}")).collect();
    let all: Vec<(&str, Option<&str>)> = names.iter().map(|name| (name.as_str(), Some("z"))).collect();
    let refused = world.note(&world.li, None, &all);
    assert!(matches!(refused, Err(MetadataError::TooMany)), "{refused:?}");
    assert_eq!(world.notes(&world.li, None).len(), 1);
    let instead: Vec<(&str, Option<&str>)> = [("/private/large", None)].into_iter().chain(all).collect();
    world.note(&world.li, None, &instead).unwrap();
    assert_eq!(world.notes(&world.li, None).len(), MAX_ENTRIES);

    // All values of an account together have a bound as well.
    let folders: Vec<MailboxId> = (0..17).map(|number| world.folder(&world.wang, &format!("f{number}"))).collect();
    for folder in &folders[..16] {
        world.note(&world.wang, Some(*folder), &[("/shared/comment", Some(&large))]).unwrap();
    }
    let refused = world.note(&world.wang, Some(folders[16]), &[("/shared/comment", Some("x"))]);
    assert!(matches!(refused, Err(MetadataError::TooMany)), "{refused:?}");
    world.verify().await;
}

#[test_each_engine]
fn only_the_latest_of_the_removed_are_remembered(store: Store) {
    let world = world(&store);
    let before = world.head(&world.li).change_number;
    for number in 0..103 {
        let name = format!("/private/n{number}");
        world.note(&world.li, None, &[(&name, Some("x"))]).unwrap();
        world.note(&world.li, None, &[(&name, None)]).unwrap();
    }
    let remembered = world.noted_since(&world.li, before);
    assert_eq!((remembered.len(), remembered[0].1.as_str()), (100, "/private/n3"));
}

#[test_each_engine]
async fn the_notes_of_another_account_are_not_there(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.wang, Role::Inbox).id;
    world.note(&world.wang, Some(inbox), &[("/shared/comment", Some("theirs"))]).unwrap();
    let (li, account) = (world.li.clone(), world.wang.account);
    let refused = world.store.read_blocking(move |tx| metadata::list(&li.ctx, tx, account, Some(inbox)));
    assert!(matches!(refused, Err(MailError::AccountNotFound)), "{refused:?}");
    let li = world.li.clone();
    let refused = world.store.write_account_blocking(account, move |tx| metadata::set(&li.ctx, tx, account, Some(inbox), &[]));
    assert!(matches!(refused, Err(MetadataError::Mail(MailError::AccountNotFound))), "{refused:?}");
}
