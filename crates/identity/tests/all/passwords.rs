//! Changing a password, the policy, and what checks cost.

use directory::organisations::PasswordPolicy;
use identity::passwords::{Password, PasswordRule, Personal, check_policy};
use identity::sign_in::ChangePasswordError;
use kernel::{Fault, Realm};
use store::{Notice, Store};
use testkit::test_each_engine;

use crate::office::{CHOSEN, INITIAL, Office, Staff};

const OTHER: &str = "Quiet-Crane-42-Flies";

#[test_each_engine]
async fn changing_a_password_asks_for_the_current_one_and_ends_the_other_sessions(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let here = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    let there = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();

    let wrong = office.change(&here.session, "Wrong-Goose-1", OTHER).await.unwrap_err();
    assert_eq!((wrong.code(), wrong.fields()[0].field.as_str()), ("current_password_wrong", "current_password"));
    assert!(office.session(&there.token, Realm::Account).is_some());

    let mut news = store.bus().subscribe();
    assert_eq!(office.change(&here.session, CHOSEN, OTHER).await.unwrap(), 1);
    assert!(office.session(&here.token, Realm::Account).is_some());
    assert_eq!(office.session(&there.token, Realm::Account), None);
    assert_eq!(news.recv().await.unwrap(), Notice::SessionsRevoked { identity: here.session.identity_id });
    assert_eq!(office.sign_in(office.by_address("wang.li", CHOSEN)).await.err().unwrap().code(), "sign_in_failed");
    assert!(office.sign_in(office.by_address("wang.li", OTHER)).await.is_ok());
}

#[test_each_engine]
async fn a_stolen_session_is_no_place_to_guess_the_current_password(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let here = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    for _ in 0..6 {
        assert!(matches!(office.change(&here.session, "Wrong-Goose-1", OTHER).await, Err(ChangePasswordError::Wrong(_))));
    }
    assert!(matches!(office.change(&here.session, CHOSEN, OTHER).await, Err(ChangePasswordError::Throttled(_))));
}

#[test_each_engine]
async fn former_passwords_and_the_initial_one_are_not_chosen_again(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Initial(INITIAL));
    let waiting = office.sign_in(office.by_address("wang.li", INITIAL)).await.unwrap();
    let again = office.choose(&waiting.session, INITIAL).await.err().unwrap();
    assert_eq!(again.fields()[0].code, "password_used_before");
    let here = office.choose(&waiting.session, CHOSEN).await.unwrap();

    // The default policy remembers three besides the current one.
    let row = [CHOSEN, "Quiet-Crane-1-Flies", "Quiet-Crane-2-Flies", "Quiet-Crane-3-Flies", "Quiet-Crane-4-Flies"];
    for pair in row.windows(2) {
        office.change(&here.session, pair[0], pair[1]).await.unwrap();
        let back = office.change(&here.session, pair[1], pair[0]).await.unwrap_err();
        assert_eq!(back.fields()[0].code, "password_used_before");
        let same = office.change(&here.session, pair[1], pair[1]).await.unwrap_err();
        assert_eq!(same.fields()[0].code, "password_used_before");
    }
    assert!(office.change(&here.session, row[4], CHOSEN).await.is_ok(), "four changes later it is free again");
}

#[test_each_engine]
async fn a_refused_password_tells_every_rule_it_breaks(store: Store) {
    let office = Office::open(store);
    office.add("wang.li", Staff::Initial(INITIAL));
    let waiting = office.sign_in(office.by_address("wang.li", INITIAL)).await.unwrap();
    let refused = office.choose(&waiting.session, "WANG.LI").await.err().unwrap();
    let codes: Vec<_> = refused.fields().iter().map(|fault| fault.code).collect();
    assert_eq!(refused.code(), "password_refused");
    assert_eq!(codes, ["password_too_short", "password_needs_lower", "password_needs_digit", "password_contains_personal"]);
    assert!(office.session(&waiting.token, Realm::Account).is_some(), "and one may try again");
}

#[test_each_engine]
async fn a_password_found_right_a_moment_ago_costs_nothing_until_it_changes(store: Store) {
    let mut office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let here = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    let first = office.hasher.runs();
    for _ in 0..5 {
        office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    }
    assert_eq!(office.hasher.runs(), first);
    office.sign_in(office.by_address("wang.li", "Wrong-Goose-1")).await.err().unwrap();
    assert_eq!(office.hasher.runs(), first + 1);

    office.now = office.now.plus_secs(301);
    office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    assert_eq!(office.hasher.runs(), first + 2);
    office.change(&here.session, CHOSEN, OTHER).await.unwrap();
    assert!(office.sign_in(office.by_address("wang.li", CHOSEN)).await.is_err());
}

#[test]
fn a_full_queue_turns_further_checks_away_at_once() {
    let hasher = identity::passwords::Hasher::new(identity::passwords::Cost::LEAST, 1, std::sync::Arc::new(testkit::SeededRng::default()));
    let mut inside: Vec<_> = (0..65).map(|_| hasher.enter().unwrap()).collect();
    assert!(hasher.enter().is_err());
    inside.pop();
    assert!(hasher.enter().is_ok());
}

#[test]
fn the_policy_is_told_rule_by_rule() {
    let policy =
        PasswordPolicy { min_length: 8, require_upper: true, require_lower: true, require_digit: true, require_special: true, history: 3 };
    let personal = Personal::of(["王丽", "wang.li", "yiyuan", "wang.li@example.test", "a"]);
    let unmet = |text: &str| -> Vec<PasswordRule> {
        let results = check_policy(&policy, &personal, &Password::new(text).unwrap());
        assert_eq!(results.len(), 7);
        results.into_iter().filter(|result| !result.met).map(|result| result.rule).collect()
    };
    assert_eq!(unmet("Wild-Goose-7"), []);
    assert_eq!(unmet("wild-goose-7"), [PasswordRule::Upper]);
    assert_eq!(unmet("WILD-GOOSE-7"), [PasswordRule::Lower]);
    assert_eq!(unmet("Wild-Goose-X"), [PasswordRule::Digit]);
    assert_eq!(unmet("WildGoose77X"), [PasswordRule::Special]);
    assert_eq!(unmet("Wild鸿雁Goose7"), [], "a Chinese character is special enough");
    assert_eq!(unmet("鸿雁传书A7a"), [PasswordRule::MinLength], "length counts characters");
    assert_eq!(unmet("Admin@123"), [PasswordRule::Common]);
    assert_eq!(unmet("王丽-Goose-77x"), [PasswordRule::Personal]);
    assert_eq!(unmet("xYiYuan-Goose-7"), [PasswordRule::Personal]);
}
