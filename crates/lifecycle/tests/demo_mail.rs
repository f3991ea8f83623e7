//! The mail of a demonstration: whatever it says, it must be mail like any other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use directory::departments;
use directory::members::{NewMember, Placement};
use directory::organisations::Language;
use identity::passwords::{Cost, Hasher, Password};
use kernel::{Ctx, MailAccountId, OrgId};
use lifecycle::demo_mail::{self, DemoMail, DemoMailError, DemoMailOptions};
use lifecycle::members::{CreateMember, create_member};
use lifecycle::setup::{self, SetUp};
use mail::mailboxes::{self, Mailbox, Role};
use mail::messages::{self, StoredMessage};
use mail::{FlagBits, Flags, entries, mime};
use store::{Store, StoreError};
use testkit::{SeededRng, test_each_engine};

testkit::mail_is_sound_after_each_test!();

const MEMBERS: &str = include_str!("../../../deploy/demo/members.csv");
const OPTIONS: DemoMailOptions = DemoMailOptions { seed: 1, full_mailbox: 200 };

/// A part of the hospital group that `make demo` shows: every tenth member, and the heads of the computer centre.
struct Hospital {
    store: Store,
    ctx: Ctx,
}

impl Hospital {
    fn open(store: Store) -> Self {
        let rng: std::sync::Arc<dyn kernel::Rng> = std::sync::Arc::new(SeededRng::new(3));
        let hasher = Hasher::new(Cost::LEAST, 4, std::sync::Arc::clone(&rng));
        let hash = hasher.hash_blocking(&Password::new("Wild-Goose-Carries-7").expect("short enough"));
        let ctx = Ctx { rng, ..testkit::ctx(OrgId::from_raw(0)) };
        let form = SetUp {
            organisation_code: "kangning".into(),
            organisation_name: "康宁医疗集团".into(),
            domain: "kangning.test".into(),
            administrator_name: "系统管理员".into(),
            mail_prefix: "admin".into(),
            account_name: None,
            language: Language::ZhCn,
            time_zone: None,
            assume_verified: true,
        };
        let making = ctx.clone();
        let owner = store.write_blocking(move |tx| setup::set_up_organisation(&making, tx, &form, &hash)).expect("an organisation");
        let hospital = Self { ctx: ctx.in_org(owner.org), store };
        for (index, line) in MEMBERS.lines().skip(1).enumerate() {
            if index % 10 == 0 || line.contains("总院/行政后勤/信息中心") {
                hospital.add(line);
            }
        }
        hospital
    }

    fn add(&self, line: &str) {
        let fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        let (ctx, keys_of) = (self.ctx.clone(), self.store.clone());
        let added = self.store.write_blocking(move |tx| {
            let path: Vec<String> = fields[5].split('/').map(str::to_owned).collect();
            let department_id = departments::ensure_path(&ctx, tx, &path).expect("a department");
            let place = Placement { position: Some(fields[6].clone()), ..Placement::main(department_id) };
            let address = format!("{}@kangning.test", fields[4]).parse().expect("an address");
            let member = NewMember { name: fields[1].clone(), address: Some(address), departments: vec![place], ..NewMember::default() };
            let new = CreateMember { member, initial_password: None, with_mail_account: true };
            create_member(&ctx, tx, keys_of.keys(), &new).map(|_| ())
        });
        added.expect("a member");
    }

    async fn fill(&self) -> Result<DemoMail, DemoMailError> {
        demo_mail::fill(&self.store, &self.ctx, OPTIONS).await
    }

    fn accounts(&self) -> Vec<MailAccountId> {
        let org = self.ctx.org;
        let found = self.store.read_blocking::<_, StoreError, _>(move |tx| {
            tx.query_all("SELECT id FROM mail_account WHERE org_id = $1 ORDER BY id", store::params![org], |row| row.get(0))
        });
        found.expect("accounts")
    }

    fn mailboxes(&self, account: MailAccountId) -> Vec<Mailbox> {
        let ctx = self.ctx.clone();
        self.store.read_blocking(move |tx| mailboxes::list(&ctx, tx, account)).expect("mailboxes")
    }

    /// Each message of a mailbox with its flags.
    fn messages(&self, account: MailAccountId, mailbox: &Mailbox) -> Vec<(StoredMessage, Flags)> {
        let (ctx, id) = (self.ctx.clone(), mailbox.id);
        let found = self.store.read_blocking(move |tx| {
            let mut flags = BTreeMap::new();
            entries::for_each_entry(&ctx, tx, account, id, 1..=u32::MAX, None, None, |entry| {
                flags.insert(entry.message, entry.flags);
            })?;
            let ids: Vec<_> = flags.keys().copied().collect();
            let messages = messages::find_messages(&ctx, tx, account, &ids)?;
            Ok::<_, mail::heads::MailError>(messages.into_iter().map(|message| (flags[&message.id].clone(), message)).collect::<Vec<_>>())
        });
        found.expect("messages").into_iter().map(|(flags, message)| (message, flags)).collect()
    }
}

#[test_each_engine]
async fn every_mail_of_a_demonstration_is_read_as_it_was_written_and_everything_fits_together(store: Store) {
    let hospital = Hospital::open(store.clone());
    let done = hospital.fill().await.unwrap();
    let accounts = hospital.accounts();
    assert_eq!(done.members, accounts.len());

    let (mut copies, mut longest) = (0, 0);
    let mut charsets = BTreeSet::new();
    let mut marked = FlagBits::NONE;
    let mut roles: HashMap<Option<Role>, usize> = HashMap::new();
    let mut is_named = false;
    let mut read = BTreeSet::new();
    for account in accounts {
        for mailbox in hospital.mailboxes(account) {
            *roles.entry(mailbox.role).or_default() += mailbox.total as usize;
            longest = longest.max(mailbox.total);
            is_named |= !mailbox.name.is_ascii() && mailbox.parent.is_some() && mailbox.total > 0;
            for (message, flags) in hospital.messages(account, &mailbox) {
                copies += 1;
                marked |= flags.bits;
                assert!(message.received_at < hospital.ctx.now);
                assert!(message.has_attachment || !message.summary.preview.is_empty(), "{:?}", message.summary);
                for text in [&message.summary.subject, &message.summary.preview] {
                    assert!(!text.contains(['{', '}', '\u{fffd}']), "{text}");
                }
                // The bytes of a mailing to everybody are read once.
                if read.insert(message.blob_id.clone()) {
                    let bytes = store.blobs().get(hospital.ctx.org, &message.blob_id).await.unwrap();
                    assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() < 1000));
                    let rendered = mime::render(&bytes);
                    assert_eq!((&rendered.summary, rendered.has_attachment), (&message.summary, message.has_attachment));
                    assert_eq!(rendered.body_structure, message.body_structure);
                    assert_eq!(rendered.sent_at.map(|at| at.as_secs()), Some(message.received_at.as_secs()));
                    let structure = String::from_utf8_lossy(&message.body_structure).to_ascii_lowercase();
                    for charset in ["gbk", "gb2312", "gb18030", "big5", "iso-2022-jp", "utf-8", "text\" \"html", "image\" \"png"] {
                        if structure.contains(charset) {
                            charsets.insert(charset);
                        }
                    }
                }
            }
        }
    }
    assert_eq!(copies, done.copies);
    assert_eq!(read.len(), done.mails, "each mail has bytes of its own, once");
    assert!(longest as usize >= OPTIONS.full_mailbox, "{longest}");
    assert_eq!(charsets.len(), 8, "{charsets:?}");
    assert!(
        marked.contains(FlagBits::SEEN | FlagBits::FLAGGED | FlagBits::ANSWERED | FlagBits::DRAFT | FlagBits::JUNK | FlagBits::PHISHING)
    );
    for role in [Role::Inbox, Role::Sent, Role::Drafts, Role::Junk, Role::Trash, Role::Archive].map(Some).into_iter().chain([None]) {
        assert!(roles.get(&role).is_some_and(|count| *count > 0), "{role:?}: {roles:?}");
    }
    assert!(is_named, "somebody has a folder with a Chinese name below another");

    let verified = mail::verify::verify(&store, None).await.unwrap();
    assert_eq!((verified.problems, verified.accounts), (vec![], done.members as u64));
}

#[test_each_engine]
async fn mailboxes_with_mail_are_left_alone(store: Store) {
    let hospital = Hospital::open(store);
    let done = hospital.fill().await.unwrap();
    let (name, address) = done.full_mailbox.unwrap();
    assert!(!name.is_empty() && address.ends_with("@kangning.test"));
    let again = hospital.fill().await;
    assert!(matches!(again, Err(DemoMailError::NotEmpty)), "{again:?}");
}
