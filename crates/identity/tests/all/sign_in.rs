//! A name and a password become a session, and nobody learns more than they should.

use directory::administrators::{self, Role};
use directory::members;
use identity::sessions::{self, Stage};
use identity::sign_in::{Login, SignInError};
use kernel::{Fault, FaultKind, Realm};
use store::{Store, StoreError};
use testkit::test_each_engine;

use crate::office::{CHOSEN, INITIAL, Office, Staff};

#[test_each_engine]
async fn a_member_signs_in_by_address_or_by_code_and_account_name_however_they_are_written(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    for login in [
        Login::Address("wang.li@example.test".into()),
        Login::Address(" Wang.Li@EXAMPLE.test ".into()),
        Login::Account { organisation_code: "example".into(), account_name: "wang.li".into() },
        Login::Account { organisation_code: "ＥＸＡＭＰＬＥ".into(), account_name: " WANG.LI ".into() },
    ] {
        let signed_in = office.sign_in(office.request(login.clone(), CHOSEN)).await.unwrap_or_else(|error| panic!("{login:?}: {error}"));
        assert_eq!(signed_in.session.stage, Stage::Full);
        assert_eq!(office.session(&signed_in.token, Realm::Account), Some(signed_in.session));
    }
}

#[test_each_engine]
async fn a_missing_name_and_a_wrong_password_are_one_answer_at_one_cost(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    office.add("li.na", Staff::Initial(INITIAL));
    office.add("zhao.min", Staff::Nothing);
    let account = |code: &str, name: &str| Login::Account { organisation_code: code.into(), account_name: name.into() };
    for login in [
        Login::Address("wang.li@example.test".into()),
        Login::Address("li.na@example.test".into()),
        Login::Address("zhao.min@example.test".into()),
        Login::Address("nobody@example.test".into()),
        Login::Address("nobody@elsewhere.test".into()),
        Login::Address("no address at all".into()),
        account("example", "wang.li"),
        account("example", "nobody"),
        account("nowhere", "wang.li"),
    ] {
        let before = office.hasher.runs();
        let error = office.sign_in(office.request(login.clone(), "Wrong-Goose-1")).await.err().unwrap();
        assert_eq!((error.kind(), error.code(), error.params().len()), (FaultKind::Unauthenticated, "sign_in_failed", 0), "{login:?}");
        assert_eq!(office.hasher.runs() - before, 1, "{login:?}");
    }
}

#[test_each_engine]
async fn an_existing_and_a_missing_name_begin_to_wait_after_the_same_number_of_guesses(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    for name in ["wang.li@example.test", "nobody@example.test"] {
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(office.sign_in(office.request(Login::Address(name.into()), "Wrong-Goose-1")).await.err().unwrap().code());
        }
        assert_eq!(answers[..6], ["sign_in_failed"; 6], "{name}");
        assert_eq!(answers[6..], ["too_many_attempts"; 2], "{name}");
    }
}

#[test_each_engine]
async fn an_initial_password_opens_nothing_but_the_page_that_chooses_one(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Initial(INITIAL));
    let waiting = office.sign_in(office.by_address("wang.li", INITIAL)).await.unwrap();
    assert_eq!(waiting.session.stage, Stage::ChoosePassword);
    assert_eq!(waiting.session.actor(), None, "no operation can be called with it");
    assert_eq!(office.state("wang.li"), members::MemberState::Pending);

    let chosen = office.choose(&waiting.session, CHOSEN).await.unwrap();
    assert_eq!(chosen.session.stage, Stage::Full);
    assert!(chosen.session.actor().is_some());
    assert_ne!(chosen.token, waiting.token);
    assert_eq!(office.session(&waiting.token, Realm::Account), None, "the choosing session is over");
    assert_eq!(office.state("wang.li"), members::MemberState::Active);

    assert_eq!(office.sign_in(office.by_address("wang.li", INITIAL)).await.err().unwrap().code(), "sign_in_failed");
    assert!(office.sign_in(office.by_address("wang.li", CHOSEN)).await.is_ok());
}

#[test_each_engine]
async fn an_initial_password_ends_on_its_day_and_says_so_only_to_who_knows_it(store: Store) {
    let mut office = Office::open(store);
    office.add("wang.li", Staff::Initial(INITIAL));
    office.now = office.now.plus_secs(30 * 24 * 3600);
    assert!(matches!(office.sign_in(office.by_address("wang.li", INITIAL)).await, Err(SignInError::InitialPasswordExpired)));
    assert!(matches!(office.sign_in(office.by_address("wang.li", "Wrong-Goose-1")).await, Err(SignInError::Wrong)));
}

#[test_each_engine]
async fn what_keeps_a_member_out_is_told_only_after_a_right_password(store: Store) {
    let office = Office::open(store);
    office.add("owner", Staff::Chosen(CHOSEN));
    office.grant("owner", Role::Owner);
    type KeepOut = fn(&Office, &str);
    let kept_out: [(&str, KeepOut); 4] = [
        ("member_suspended", |office, name| {
            office.directory(name, |ctx, tx, id| members::suspend(ctx, tx, id).map_err(|_| StoreError::aborted()))
        }),
        ("member_locked", |office, name| {
            office.directory(name, |ctx, tx, id| members::lock(ctx, tx, id).map_err(|_| StoreError::aborted()))
        }),
        ("member_expired", |office, name| office.expire(name)),
        ("member_recycled", |office, name| {
            office.directory(name, |ctx, tx, id| members::recycle(ctx, tx, id).map(drop).map_err(|_| StoreError::aborted()))
        }),
    ];
    for (code, keep_out) in kept_out {
        let name = code.replace('_', ".");
        office.add(&name, Staff::Chosen(CHOSEN));
        keep_out(&office, &name);
        let right = office.sign_in(office.by_address(&name, CHOSEN)).await.err().unwrap();
        assert_eq!((right.kind(), right.code()), (FaultKind::Forbidden, code));
        let wrong = office.sign_in(office.by_address(&name, "Wrong-Goose-1")).await.err().unwrap();
        assert_eq!(wrong.code(), "sign_in_failed");
        assert!(office.audited("member.sign_in_refused") > 0);
    }
}

#[test_each_engine]
async fn the_console_takes_administrators_and_tells_others_only_after_a_right_password(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    office.add("owner", Staff::Chosen(CHOSEN));
    office.grant("owner", Role::Owner);

    let refused = office.sign_in(office.by_address("wang.li", CHOSEN).at_console()).await;
    assert!(matches!(refused, Err(SignInError::NotAnAdministrator)));
    let guessed = office.sign_in(office.by_address("wang.li", "Wrong-Goose-1").at_console()).await;
    assert!(matches!(guessed, Err(SignInError::Wrong)));

    let console = office.sign_in(office.by_address("owner", CHOSEN).at_console()).await.unwrap();
    let account = office.sign_in(office.by_address("owner", CHOSEN)).await.unwrap();
    assert!(office.session(&console.token, Realm::Console).is_some());
    assert_eq!(office.session(&console.token, Realm::Account), None);
    assert_eq!(office.session(&account.token, Realm::Console), None, "a webmail session never opens the console");
}

#[test_each_engine]
async fn guessing_slows_down_while_the_member_goes_on_signing_in_on_a_known_device(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let device = office.sign_in(office.by_address("wang.li", CHOSEN).from("203.0.113.5")).await.unwrap().device_cookie;

    let mut guesses = 0;
    for host in 0..60 {
        let guess = office.by_address("wang.li", "Wrong-Goose-1").from(&format!("198.51.{host}.9"));
        guesses += usize::from(matches!(office.sign_in(guess).await, Err(SignInError::Wrong)));
    }
    assert!(guesses <= 32, "{guesses}");
    let elsewhere = office.sign_in(office.by_address("wang.li", CHOSEN).from("203.0.113.5")).await;
    assert!(matches!(elsewhere, Err(SignInError::Throttled(_))));
    for _ in 0..3 {
        office.sign_in(office.by_address("wang.li", CHOSEN).from("192.0.2.200").on(&device)).await.unwrap();
    }
    office.add("li.na", Staff::Chosen(CHOSEN));
    assert!(office.sign_in(office.by_address("li.na", CHOSEN).from("203.0.113.5")).await.is_ok(), "others notice nothing");
}

#[test_each_engine]
async fn a_hundred_guesses_at_once_are_no_more_guesses(store: Store) {
    let office = std::sync::Arc::new(Office::open(store));
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let before = office.hasher.runs();
    let mut guesses = tokio::task::JoinSet::new();
    for number in 0..100 {
        let office = std::sync::Arc::clone(&office);
        guesses.spawn(
            async move { office.sign_in(office.by_address("wang.li", &format!("Goose-{number}-Wrong"))).await.err().unwrap().code() },
        );
    }
    let answers = guesses.join_all().await;
    assert!(answers.iter().all(|code| ["sign_in_failed", "too_many_attempts", "store_busy"].contains(code)), "{answers:?}");
    assert!(office.hasher.runs() - before <= 6);
}

#[test_each_engine]
async fn the_log_tells_once_that_an_account_is_being_guessed_at(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let mut news = store.bus().subscribe();
    for _ in 0..20 {
        office.sign_in(office.by_address("wang.li", "Wrong-Goose-1")).await.err().unwrap();
    }
    let told = store::Notice::AuditAppended { org: office.org };
    while news.recv().await.unwrap() != told {}
    assert_eq!(office.audited("member.sign_in_throttled"), 1);
}

#[test_each_engine]
async fn of_sixteen_tabs_that_choose_the_first_password_one_wins(store: Store) {
    let office = std::sync::Arc::new(Office::open(store));
    office.add("wang.li", Staff::Initial(INITIAL));
    let mut waiting = Vec::new();
    for _ in 0..16 {
        waiting.push(office.sign_in(office.by_address("wang.li", INITIAL)).await.unwrap());
    }
    let mut tabs = tokio::task::JoinSet::new();
    for (number, tab) in waiting.into_iter().enumerate() {
        let office = std::sync::Arc::clone(&office);
        tabs.spawn(async move { office.choose(&tab.session, &format!("Wild-Goose-{number}-Carries")).await.is_ok() });
    }
    assert_eq!(tabs.join_all().await.into_iter().filter(|won| *won).count(), 1);
    let identity = office.identity("wang.li");
    let open = office.store.read_blocking(move |tx| -> Result<i64, StoreError> {
        tx.query_one("SELECT COUNT(*) FROM session WHERE identity_id = $1", store::params![identity], |row| row.get(0))
    });
    assert_eq!(open.unwrap(), 1, "every other session ended");
}

#[test_each_engine]
async fn who_is_no_longer_an_administrator_keeps_a_session_that_may_do_nothing(store: Store) {
    let office = Office::open(store);
    office.add("owner", Staff::Chosen(CHOSEN));
    office.add("deputy", Staff::Chosen(CHOSEN));
    office.grant("owner", Role::Owner);
    office.grant("deputy", Role::OrgAdmin);
    let console = office.sign_in(office.by_address("deputy", CHOSEN).at_console()).await.unwrap();
    office.directory("deputy", |ctx, tx, id| administrators::revoke(ctx, tx, id).map_err(|_| StoreError::aborted()));
    let session = office.session(&console.token, Realm::Console).unwrap();
    let ctx = office.ctx().acted_by(session.actor().unwrap());
    let seen = office.store.read_blocking(move |tx| Ok::<_, StoreError>(administrators::list(&ctx, tx).is_ok()));
    assert!(!seen.unwrap());
    let ctx = office.ctx().acted_by(session.actor().unwrap());
    assert!(office.store.read_blocking(move |tx| sessions::list(&ctx, tx)).is_ok(), "its own account stays its own");
}
