//! Guessing gets slow, however it is spread, and nobody is locked out.

use std::net::IpAddr;

use identity::throttle::{self, Attempt, ThrottleError};
use kernel::{IdentityId, Timestamp};
use store::{Store, StoreError};
use testkit::{TEST_NOW, in_parallel, test_each_engine};

fn sign_in(account: &str, ip: &str) -> Attempt {
    Attempt::SignIn { account: account.to_owned(), ip: Some(ip.parse::<IpAddr>().unwrap()) }
}

/// Counts a failed attempt; `Err` holds the seconds to wait.
fn fail(store: &Store, attempt: &Attempt, now: Timestamp) -> Result<bool, i64> {
    let (inner, attempt) = (store.clone(), attempt.clone());
    match store.write_blocking(move |tx| throttle::admit(tx, inner.keys(), &attempt, now)) {
        Ok(admitted) => Ok(admitted.starts_throttling),
        Err(ThrottleError::Throttled { retry_after_secs }) => Err(retry_after_secs),
        Err(ThrottleError::Store(error)) => panic!("{error:?}"),
    }
}

fn succeed(store: &Store, attempt: &Attempt, now: Timestamp) {
    let (inner, attempt) = (store.clone(), attempt.clone());
    store
        .write_blocking(move |tx| {
            let admitted = throttle::admit(tx, inner.keys(), &attempt, now)?;
            throttle::succeeded(tx, inner.keys(), &admitted, now)?;
            Ok::<_, ThrottleError>(())
        })
        .unwrap();
}

#[test_each_engine]
fn after_some_free_failures_each_next_attempt_waits_twice_as_long(store: Store) {
    let attempt = sign_in("wang.li@example.test", "192.0.2.7");
    let mut now = TEST_NOW;
    for _ in 0..5 {
        assert_eq!(fail(&store, &attempt, now), Ok(false));
    }
    assert_eq!(fail(&store, &attempt, now), Ok(true), "the one from which on attempts wait says so");
    for wait in [1, 2, 4, 8, 16, 32] {
        assert_eq!(fail(&store, &attempt, now), Err(wait));
        now = now.plus_secs(wait);
        assert_eq!(fail(&store, &attempt, now), Ok(false));
    }
}

#[test_each_engine]
fn an_attempt_that_has_to_wait_does_not_prolong_the_wait(store: Store) {
    let attempt = sign_in("wang.li@example.test", "192.0.2.7");
    for _ in 0..6 {
        fail(&store, &attempt, TEST_NOW).unwrap();
    }
    for _ in 0..100 {
        assert_eq!(fail(&store, &attempt, TEST_NOW), Err(1));
    }
    assert_eq!(fail(&store, &attempt, TEST_NOW.plus_secs(1)), Ok(false));
}

#[test_each_engine]
fn sixteen_guesses_at_once_get_no_more_tries_than_one_after_the_other(store: Store) {
    let attempt = sign_in("wang.li@example.test", "192.0.2.7");
    let inner = store.clone();
    let outcomes = in_parallel(16, move |_| (0..4).filter(|_| fail(&inner, &attempt, TEST_NOW).is_ok()).count());
    assert_eq!(outcomes.into_iter().sum::<usize>(), 6);
}

#[test_each_engine]
fn an_attack_from_everywhere_slows_down_but_never_reaches_a_known_device(store: Store) {
    let mut admitted = 0;
    for host in 0..100 {
        let attempt = sign_in("wang.li@example.test", &format!("198.51.{host}.9"));
        admitted += usize::from(fail(&store, &attempt, TEST_NOW).is_ok());
    }
    assert_eq!(admitted, 31);
    let at_home = Attempt::KnownDevice { account: "wang.li@example.test".to_owned(), device: [3; 16] };
    for _ in 0..5 {
        succeed(&store, &at_home, TEST_NOW);
    }
    assert!(fail(&store, &sign_in("wang.li@example.test", "203.0.113.5"), TEST_NOW).is_err(), "elsewhere it waits");
    assert_eq!(fail(&store, &sign_in("li.na@example.test", "203.0.113.5"), TEST_NOW), Ok(false), "others notice nothing");
}

#[test_each_engine]
fn one_network_guessing_at_many_accounts_slows_down(store: Store) {
    let mut admitted = 0;
    for number in 0..300 {
        // Another address of the same /48 each time.
        let attempt = sign_in(&format!("member{number}@example.test"), &format!("2001:db8:5:{number:x}::1"));
        admitted += usize::from(fail(&store, &attempt, TEST_NOW).is_ok());
    }
    assert_eq!(admitted, 201);
}

#[test_each_engine]
fn a_right_password_takes_back_its_own_count_and_what_others_did_stays(store: Store) {
    let (mine, theirs) = (sign_in("wang.li@example.test", "192.0.2.7"), sign_in("wang.li@example.test", "198.51.100.9"));
    for _ in 0..4 {
        fail(&store, &mine, TEST_NOW).unwrap();
        fail(&store, &theirs, TEST_NOW).unwrap();
    }
    for _ in 0..50 {
        succeed(&store, &mine, TEST_NOW);
    }
    for _ in 0..5 {
        assert_eq!(fail(&store, &mine, TEST_NOW), Ok(false), "the member begins anew");
    }
    assert_eq!(fail(&store, &theirs, TEST_NOW), Ok(false));
    assert_eq!(fail(&store, &theirs, TEST_NOW), Ok(true), "the attacker does not");
}

#[test_each_engine]
fn counts_leak_away_and_their_rows_with_them(store: Store) {
    let attempt = sign_in("wang.li@example.test", "192.0.2.7");
    for _ in 0..6 {
        fail(&store, &attempt, TEST_NOW).unwrap();
    }
    let later = TEST_NOW.plus_secs(6 * 300);
    let swept = store.write_blocking(move |tx| throttle::sweep(tx, later)).unwrap();
    assert_eq!(swept, 3);
    for _ in 0..5 {
        assert_eq!(fail(&store, &attempt, later), Ok(false));
    }
}

#[test_each_engine]
fn a_wait_is_told_without_counting_or_writing(store: Store) {
    let attempt = Attempt::OwnPassword { identity: IdentityId::from_raw(7) };
    for _ in 0..6 {
        fail(&store, &attempt, TEST_NOW).unwrap();
    }
    let inner = store.clone();
    let told = store.read_blocking(move |tx| throttle::must_wait(tx, inner.keys(), &attempt, TEST_NOW));
    assert!(matches!(told, Err(ThrottleError::Throttled { retry_after_secs: 1 })));
    let rows = store.read_blocking(|tx| -> Result<i64, StoreError> {
        tx.query_one("SELECT COUNT(*) FROM sign_in_throttle", store::params![], |row| row.get(0))
    });
    assert_eq!(rows.unwrap(), 1);
}
