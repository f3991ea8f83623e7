//! An organisation with members who have mail accounts, and messages for them.

use std::sync::Arc;

use directory::members::{self, MemberPatch, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use directory::service_classes::{self, ServiceClassPatch};
use kernel::{Actor, Ctx, IdentityId, MailAccountId, MemberId, OrgId, Realm, SessionId, Timestamp};
use mail::delivery::{Delivery, Into};
use mail::mailboxes::{self, Mailbox, Role};
use mail::messages::{self, Added, AppendError, NewMessage};
use mail::mime::{Rendered, Summary};
use mail::{Flags, MailboxId, heads, mail_accounts};
use store::{Store, StoreError};

#[derive(Clone)]
pub struct World {
    pub store: Store,
    /// The server itself.
    pub ctx: Ctx,
    pub li: Person,
    pub wang: Person,
}

/// A member, and what it asks with.
#[derive(Clone)]
pub struct Person {
    pub ctx: Ctx,
    pub member: MemberId,
    pub account: MailAccountId,
}

pub fn world(store: &Store) -> World {
    let ctx = testkit::ctx(OrgId::from_raw(0)).acted_by(Actor::System { task: "test" });
    let made = store.write_blocking(move |tx| {
        let new = NewOrganisation {
            code: "example".into(),
            name: "Example".into(),
            time_zone: organisations::DEFAULT_TIME_ZONE.into(),
            language: Language::En,
        };
        let ctx = ctx.in_org(organisations::add(&ctx, tx, &new).expect("a new organisation"));
        let mut person = |name: &str| {
            let member =
                members::insert(&ctx, tx, &NewMember { name: name.into(), activated: true, ..NewMember::default() }).expect("a member");
            let account = mail_accounts::open(&ctx, tx, member)?;
            members::set_mail_account(tx, ctx.org, member, Some(account))?;
            let actor = Actor::Member {
                member_id: member,
                identity_id: IdentityId::from_raw(1),
                session_id: SessionId::from_raw(1),
                realm: Realm::Account,
            };
            Ok::<_, StoreError>(Person { ctx: ctx.acted_by(actor), member, account })
        };
        let (li, wang) = (person("Li Na")?, person("Wang Wei")?);
        Ok::<_, StoreError>((ctx.clone(), li, wang))
    });
    let (ctx, li, wang) = made.expect("a world");
    let world = World { store: store.clone(), ctx, li, wang };
    for person in [&world.li, &world.wang] {
        let person = person.clone();
        store.write_account_blocking(person.account, move |tx| mailboxes::ensure(&person.ctx, tx, person.account)).expect("mailboxes");
    }
    world
}

/// A message of `size` bytes; what is alike in two of them makes them the same blob.
pub struct Letter {
    pub subject: String,
    pub id: String,
    pub references: Vec<String>,
    pub size: usize,
    pub received_at: Timestamp,
}

pub fn letter(number: usize) -> Letter {
    Letter {
        subject: format!("Letter {number}"),
        id: format!("{number}@example.test"),
        references: Vec::new(),
        size: 1000,
        received_at: testkit::TEST_NOW.plus_secs(number as i64),
    }
}

impl Letter {
    pub fn envelope(&self) -> Vec<u8> {
        format!("(NIL \"{}\" NIL NIL NIL NIL NIL NIL NIL \"<{}>\")", self.subject, self.id).into_bytes()
    }

    pub fn sized(self, size: usize) -> Self {
        Self { size, ..self }
    }

    pub fn at(self, received_at: Timestamp) -> Self {
        Self { received_at, ..self }
    }

    pub fn reply_to(self, other: &Self) -> Self {
        Self { subject: other.subject.clone(), references: vec![other.id.clone()], ..self }
    }

    pub async fn stage(&self, world: &World) -> NewMessage {
        let mut bytes = format!("Subject: {}\r\nMessage-ID: <{}>\r\n\r\n", self.subject, self.id).into_bytes();
        bytes.resize(self.size, b'x');
        let blob = world.store.blobs().stage(world.ctx.org, bytes).await.expect("a staged blob");
        let rendered = Rendered {
            size_bytes: self.size as u64,
            envelope: self.envelope(),
            body_structure: b"(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)".to_vec(),
            summary: Summary { subject: self.subject.clone(), ..Summary::default() },
            message_id: Some(self.id.clone()),
            references: self.references.clone(),
            base_subject: mail::mime::base_subject(&self.subject),
            sent_at: None,
            has_attachment: false,
            more_bytes: 2,
        };
        NewMessage { blob: Arc::new(blob), prefix: Arc::from(&b""[..]), rendered: Arc::new(rendered), received_at: self.received_at }
    }
}

impl World {
    pub fn mailbox(&self, person: &Person, role: Role) -> Mailbox {
        let person = person.clone();
        let found = self.store.read_blocking(move |tx| mailboxes::find_role(&person.ctx, tx, person.account, role));
        found.expect("a readable account").expect("a standard mailbox")
    }

    pub fn mailbox_of(&self, person: &Person, id: MailboxId) -> Mailbox {
        let person = person.clone();
        self.store.read_blocking(move |tx| mailboxes::get(&person.ctx, tx, person.account, id)).expect("a mailbox")
    }

    pub fn head(&self, person: &Person) -> heads::Head {
        let person = person.clone();
        self.store.read_blocking(move |tx| heads::open(&person.ctx, tx, person.account)).expect("a head")
    }

    pub async fn append(&self, person: &Person, mailbox: MailboxId, letter: &Letter, names: &[&str]) -> Added {
        self.try_append(person, mailbox, letter, names).await.expect("an appended message")
    }

    pub async fn try_append(&self, person: &Person, mailbox: MailboxId, letter: &Letter, names: &[&str]) -> Result<Added, AppendError> {
        let message = letter.stage(self).await;
        let flags = Flags::from_imap_names(names.iter().copied()).expect("flags");
        let person = person.clone();
        let added = self
            .store
            .write_account(person.account, move |tx| messages::append(&person.ctx, tx, person.account, &[mailbox], &message, &flags))
            .await;
        added.map(|added| added[0])
    }

    /// As many letters in a mailbox, from uid 1 on.
    pub async fn fill(&self, person: &Person, mailbox: MailboxId, count: usize) -> Vec<Added> {
        let mut added = Vec::new();
        for number in 1..=count {
            added.push(self.append(person, mailbox, &letter(number), &[]).await);
        }
        added
    }

    pub async fn delivery(&self, letter: &Letter) -> Delivery {
        Delivery { message: letter.stage(self).await, into: Into::Role(Role::Inbox), flags: Flags::NONE }
    }

    /// What a member may store from now on.
    pub fn set_quota(&self, person: &Person, bytes: Option<i64>) {
        let (ctx, member) = (self.ctx.clone(), person.member);
        self.store
            .write_blocking(move |tx| {
                let class = service_classes::default_class(tx, ctx.org)?.id;
                let patch = ServiceClassPatch { mail_quota_bytes: Some(bytes), ..ServiceClassPatch::default() };
                service_classes::update(&ctx, tx, class, &patch).expect("a changed class");
                let patch = MemberPatch { extra_mail_quota_bytes: Some(0), ..MemberPatch::default() };
                members::update(&ctx, tx, member, &patch).expect("a changed member");
                Ok::<_, StoreError>(())
            })
            .expect("a quota");
    }

    /// Everything fits together.
    pub async fn verify(&self) {
        let verified = mail::verify::verify(&self.store, None).await.expect("checks that run");
        assert_eq!(verified.problems, [], "of {} accounts", verified.accounts);
    }
}
