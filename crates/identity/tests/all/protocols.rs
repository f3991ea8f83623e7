//! Mail programs sign in, with the member's own password or one of their own.

use directory::members;
use directory::members::MemberState;
use directory::organisations;
use identity::client_passwords::{self, CreateError, NewClientPassword};
use identity::protocols::{self, Protocol, ProtocolSession, ProtocolSignInError};
use identity::{identities, initial};
use kernel::{Actor, Ctx, Fault};
use store::{Engine, Notice, Store, StoreError, Tx, params};
use testkit::test_each_engine;

use crate::office::{CHOSEN, INITIAL, Office, Staff, password};

impl Office {
    async fn program(&self, login: &str, text: &str, protocol: Protocol) -> Result<ProtocolSession, ProtocolSignInError> {
        let ctx = Ctx { org: kernel::NO_ORG, actor: Actor::Nobody, ip: Some("192.0.2.9".parse().unwrap()), ..self.ctx() };
        protocols::sign_in(&self.store, &self.hasher, &ctx, login, &password(text), protocol).await
    }

    fn is_valid(&self, session: &ProtocolSession) -> bool {
        let (session, now) = (session.clone(), self.now);
        self.store.read_blocking(move |tx| protocols::is_still_valid(tx, &session, now)).unwrap()
    }

    async fn own_ctx(&self, name: &str) -> Ctx {
        let signed_in = self.sign_in(self.by_address(name, CHOSEN)).await.unwrap();
        self.ctx().acted_by(signed_in.session.actor().unwrap())
    }

    async fn client_password(&self, ctx: &Ctx, protocols: &[Protocol]) -> Result<client_passwords::Created, CreateError> {
        let new = NewClientPassword {
            name: "Thunderbird".into(),
            protocols: protocols.to_vec(),
            expires_at: None,
            current_password: password(CHOSEN),
        };
        client_passwords::create(&self.store, &self.hasher, ctx, new).await
    }
}

#[test_each_engine]
async fn a_program_signs_in_with_the_own_password_and_polls_without_argon2(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let session = office.program("Wang.Li@example.test", CHOSEN, Protocol::Imap).await.unwrap();
    assert_eq!((session.member_id, session.org), (office.member("wang.li"), office.org));
    let runs = office.hasher.runs();
    for _ in 0..5 {
        office.program("wang.li@example.test", CHOSEN, Protocol::Smtp).await.unwrap();
    }
    assert_eq!(office.hasher.runs(), runs);
    let by_code = office.program("example/wang.li", CHOSEN, Protocol::Imap).await.unwrap();
    assert_eq!(by_code.member_id, session.member_id);
}

#[test_each_engine]
async fn a_program_opens_many_connections_at_once_and_none_is_slowed(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let runs = office.hasher.runs();
    let mut tasks = Vec::new();
    for _ in 0..40 {
        let (store, hasher, ctx) = (office.store.clone(), std::sync::Arc::clone(&office.hasher), office.ctx());
        tasks.push(tokio::spawn(async move {
            let ctx = Ctx { org: kernel::NO_ORG, actor: Actor::Nobody, ip: Some("192.0.2.9".parse().unwrap()), ..ctx };
            protocols::sign_in(&store, &hasher, &ctx, "wang.li@example.test", &password(CHOSEN), Protocol::Imap).await.map(|_| ())
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(office.hasher.runs(), runs + 1);
}

#[test_each_engine]
async fn a_wrong_password_and_an_unknown_name_are_one_answer_at_one_cost_and_get_slow(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    for name in ["wang.li@example.test", "nobody@example.test", "nobody@elsewhere.test", "no address", "", "a/b"] {
        let before = office.hasher.runs();
        let error = office.program(name, "Wrong-Goose-1", Protocol::Imap).await.unwrap_err();
        assert_eq!((error.code(), office.hasher.runs() - before), ("sign_in_failed", 1), "{name}");
    }
    for _ in 0..5 {
        let _ = office.program("wang.li@example.test", "Wrong-Goose-1", Protocol::Imap).await;
    }
    let throttled = office.program("wang.li@example.test", "Wrong-Goose-1", Protocol::Smtp).await.unwrap_err();
    assert_eq!(throttled.code(), "too_many_attempts");
}

#[test_each_engine]
async fn a_client_password_opens_its_protocols_and_no_page(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    office.add("li.wei", Staff::Chosen(CHOSEN));
    let ctx = office.own_ctx("wang.li").await;
    let made = office.client_password(&ctx, &[Protocol::Imap, Protocol::Imap]).await.unwrap();
    assert_eq!(made.client_password.protocols, [Protocol::Imap]);

    let runs = office.hasher.runs();
    let typed = made.password.replace('-', " ").to_uppercase();
    assert!(office.program("wang.li@example.test", &typed, Protocol::Imap).await.is_ok());
    assert_eq!(office.hasher.runs(), runs, "120 bits of chance need no argon2id");
    for (login, protocol) in [("wang.li@example.test", Protocol::Smtp), ("li.wei@example.test", Protocol::Imap)] {
        assert_eq!(office.program(login, &made.password, protocol).await.unwrap_err().code(), "sign_in_failed");
    }
    assert_eq!(office.sign_in(office.by_address("wang.li", &made.password)).await.err().unwrap().code(), "sign_in_failed");

    let listing = ctx.clone();
    let listed = office.store.read(move |tx| client_passwords::list(&listing, tx)).await.unwrap();
    assert_eq!(listed[0].last_used_protocol, Some(Protocol::Imap));
    assert_eq!(listed[0].last_used_ip.as_deref(), Some("192.0.2.9"));
    assert_eq!(office.audited("client_password.created"), 1);
}

/// As on a full disk, where people read their mail to make room.
#[test_each_engine]
async fn a_use_that_cannot_be_noted_holds_nobody_back(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let ctx = office.own_ctx("wang.li").await;
    let made = office.client_password(&ctx, &[Protocol::Imap]).await.unwrap();
    let refusing: &[&str] = match office.store.engine() {
        Engine::Sqlite => &["CREATE TRIGGER refused BEFORE UPDATE ON client_password BEGIN SELECT RAISE(ABORT, 'no room'); END"],
        Engine::Postgres => &[
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no room''; END'",
            "CREATE TRIGGER refused BEFORE UPDATE ON client_password FOR EACH ROW EXECUTE FUNCTION refuse()",
        ],
    };
    let refuse = move |tx: &mut Tx| refusing.iter().try_for_each(|sql| tx.execute(sql, params![]).map(|changed| _ = changed.count()));
    office.store.write_blocking::<_, StoreError, _>(refuse).unwrap();
    office.program("wang.li@example.test", &made.password, Protocol::Imap).await.unwrap();
    let listed = office.store.read(move |tx| client_passwords::list(&ctx, tx)).await.unwrap();
    assert_eq!(listed[0].last_used_at, None);
}

#[test_each_engine]
async fn making_one_asks_for_the_current_password_and_for_sense(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let ctx = office.own_ctx("wang.li").await;
    let ask = |name: &str, protocols: &[Protocol], ends_in: Option<i64>, text: &str| NewClientPassword {
        name: name.into(),
        protocols: protocols.to_vec(),
        expires_at: ends_in.map(|secs| ctx.now.plus_secs(secs)),
        current_password: password(text),
    };
    for (new, code) in [
        (ask("", &[Protocol::Imap], None, CHOSEN), "client_password_name"),
        (ask(&"x".repeat(65), &[Protocol::Imap], None, CHOSEN), "client_password_name"),
        (ask("Phone", &[], None, CHOSEN), "client_password_protocols"),
        (ask("Phone", &[Protocol::Imap], Some(-1), CHOSEN), "client_password_expiry"),
        (ask("Phone", &[Protocol::Imap], None, "Wrong-Goose-1"), "current_password_wrong"),
    ] {
        let error = client_passwords::create(&office.store, &office.hasher, &ctx, new).await.err().unwrap();
        assert_eq!(error.code(), code);
        assert_eq!(error.fields().len(), 1);
    }
    for _ in 0..client_passwords::MAX_PER_MEMBER {
        office.client_password(&ctx, &[Protocol::Imap]).await.unwrap();
    }
    assert_eq!(office.client_password(&ctx, &[Protocol::Imap]).await.err().unwrap().code(), "too_many_client_passwords");
}

#[test_each_engine]
async fn what_a_program_may_do_ends_with_its_password(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let ctx = office.own_ctx("wang.li").await;
    let lasting = office.client_password(&ctx, &[Protocol::Imap]).await.unwrap();
    let revoked = office.client_password(&ctx, &[Protocol::Imap]).await.unwrap();
    let with_own = office.program("wang.li@example.test", CHOSEN, Protocol::Imap).await.unwrap();
    let with_lasting = office.program("wang.li@example.test", &lasting.password, Protocol::Imap).await.unwrap();
    let with_revoked = office.program("wang.li@example.test", &revoked.password, Protocol::Imap).await.unwrap();
    assert!(office.is_valid(&with_own) && office.is_valid(&with_lasting) && office.is_valid(&with_revoked));

    let mut news = store.bus().subscribe();
    let (revoking, id) = (ctx.clone(), revoked.client_password.id);
    store.write(move |tx| client_passwords::revoke(&revoking, tx, id)).await.unwrap();
    assert_eq!(news.recv().await.unwrap(), Notice::SessionsRevoked { identity: office.identity("wang.li") });
    assert!(!office.is_valid(&with_revoked));
    let (revoking, id) = (ctx.clone(), revoked.client_password.id);
    let again = store.write(move |tx| client_passwords::revoke(&revoking, tx, id)).await.unwrap_err();
    assert_eq!(again.code(), "client_password_not_found");

    let session = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap().session;
    office.change(&session, CHOSEN, "Quiet-Crane-42-Flies").await.unwrap();
    assert!(!office.is_valid(&with_own));
    assert!(office.is_valid(&with_lasting), "a program keeps its own password when the member changes its own");

    // A reset is for passwords that others know: nothing survives it.
    let (identity, now) = (office.identity("wang.li"), office.now);
    let fresh = initial::InitialPassword::new(store.keys(), &*office.ctx().rng, &password(INITIAL), now, 14);
    store.write(move |tx| identities::reset_to_initial(tx, identity, &fresh)).await.unwrap();
    assert!(!office.is_valid(&with_lasting));
    assert_eq!(office.program("wang.li@example.test", INITIAL, Protocol::Imap).await.unwrap_err().code(), "password_to_be_chosen");
}

#[test_each_engine]
async fn members_who_may_not_sign_in_are_kept_out_and_new_ones_become_active(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    office.add("li.wei", Staff::Chosen(CHOSEN));
    let session = office.program("wang.li@example.test", CHOSEN, Protocol::Imap).await.unwrap();
    office.directory("wang.li", |ctx, tx, id| members::suspend(ctx, tx, id).map(drop).map_err(|_| StoreError::aborted()));
    assert!(!office.is_valid(&session));
    assert_eq!(office.program("wang.li@example.test", CHOSEN, Protocol::Imap).await.unwrap_err().code(), "member_may_not_sign_in");
    office.expire("li.wei");
    assert_eq!(office.program("li.wei@example.test", CHOSEN, Protocol::Smtp).await.unwrap_err().code(), "member_may_not_sign_in");
    assert_eq!(office.state("wang.li"), MemberState::Suspended);
}

#[test_each_engine]
async fn an_organisation_may_ask_for_client_passwords(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let ctx = office.own_ctx("wang.li").await;
    let made = office.client_password(&ctx, &[Protocol::Imap]).await.unwrap();
    let with_own = office.program("wang.li@example.test", CHOSEN, Protocol::Imap).await.unwrap();
    let operator = office.ctx();
    store
        .write(move |tx| {
            let mut settings = organisations::get(tx, operator.org)?.settings;
            settings.client_passwords_only = true;
            let patch = organisations::OrganisationPatch { settings: Some(settings), ..Default::default() };
            organisations::update(&operator, tx, &patch).map(drop).map_err(|_| StoreError::aborted())
        })
        .await
        .unwrap();
    assert!(!office.is_valid(&with_own));
    assert_eq!(office.program("wang.li@example.test", CHOSEN, Protocol::Imap).await.unwrap_err().code(), "client_password_needed");
    assert!(office.program("wang.li@example.test", &made.password, Protocol::Imap).await.is_ok());
    assert!(office.sign_in(office.by_address("wang.li", CHOSEN)).await.is_ok(), "pages still take the own password");
}
