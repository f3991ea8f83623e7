//! Sessions end when they should, and are seen to.

use identity::sessions::{self, Session};
use identity::{identities, setup_link};
use kernel::{Realm, Rng};
use store::{Notice, Store, StoreError};
use testkit::{SeededRng, test_each_engine};

use crate::office::{CHOSEN, Office, Staff};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

#[test_each_engine]
async fn an_unused_session_ends_and_a_used_one_goes_on_until_its_last_day(store: Store) {
    let mut office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let unused = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    let used = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    let start = office.now;
    for hours in [7, 14, 21] {
        office.now = start.plus_secs(hours * HOUR);
        office.touch(&office.session(&used.token, Realm::Account).expect("in use"));
    }
    assert_eq!(office.session(&unused.token, Realm::Account), None);
    office.now = start.plus_secs(DAY - 1);
    assert!(office.session(&used.token, Realm::Account).is_some());
    office.now = start.plus_secs(DAY);
    assert_eq!(office.session(&used.token, Realm::Account), None);
    let now = office.now;
    assert_eq!(office.store.write_blocking(move |tx| sessions::sweep(tx, now)).unwrap(), 2);
}

#[test_each_engine]
async fn staying_signed_in_lasts_thirty_days_but_never_in_the_console(store: Store) {
    let mut office = Office::open(store);
    office.add("owner", Staff::Chosen(CHOSEN));
    office.grant("owner", directory::administrators::Role::Owner);
    let mail = office.sign_in(office.by_address("owner", CHOSEN).remembered()).await.unwrap();
    let console = office.sign_in(office.by_address("owner", CHOSEN).remembered().at_console()).await.unwrap();
    office.now = office.now.plus_secs(HOUR);
    assert_eq!(office.session(&console.token, Realm::Console), None);
    office.now = office.now.plus_secs(29 * DAY);
    assert!(office.session(&mail.token, Realm::Account).is_some());
    office.now = office.now.plus_secs(DAY);
    assert_eq!(office.session(&mail.token, Realm::Account), None);
}

#[test_each_engine]
async fn a_session_is_touched_at_most_once_a_minute(store: Store) {
    let mut office = Office::open(store);
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let here = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    assert!(!here.session.is_due_for_touch(office.now.plus_secs(59)));
    office.now = office.now.plus_secs(60);
    assert!(here.session.is_due_for_touch(office.now));
    office.touch(&here.session);
    assert_eq!(office.session(&here.token, Realm::Account).unwrap().last_seen_at, office.now);
}

#[test_each_engine]
async fn a_member_sees_its_sessions_and_ends_one_the_others_or_all(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    office.add("li.na", Staff::Chosen(CHOSEN));
    let mut tokens = Vec::new();
    for _ in 0..4 {
        tokens.push(office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap());
    }
    let theirs = office.sign_in(office.by_address("li.na", CHOSEN)).await.unwrap();
    let here = &tokens[0].session;
    let ctx = office.ctx().acted_by(here.actor().unwrap());
    let listed = |ctx: kernel::Ctx| -> Vec<Session> { store.read_blocking(move |tx| sessions::list(&ctx, tx)).unwrap() };
    assert_eq!(listed(ctx.clone()).len(), 4);
    assert_eq!(listed(ctx.clone())[0].user_agent.as_deref(), Some("Firefox"));

    let mut news = store.bus().subscribe();
    let (asking, id, foreign) = (ctx.clone(), tokens[1].session.id, theirs.session.id);
    store.write_blocking(move |tx| sessions::revoke(&asking, tx, id)).unwrap();
    assert_eq!(news.recv().await.unwrap(), Notice::SessionsRevoked { identity: here.identity_id });
    assert_eq!(office.session(&tokens[1].token, Realm::Account), None);
    let asking = ctx.clone();
    assert!(store.write_blocking(move |tx| sessions::revoke(&asking, tx, foreign)).is_err(), "another's session is not to be found");

    let asking = ctx.clone();
    assert_eq!(store.write_blocking(move |tx| sessions::revoke_others(&asking, tx)).unwrap(), 2);
    assert_eq!(listed(ctx.clone()).len(), 1);
    store.write_blocking(move |tx| sessions::revoke_all(&ctx, tx)).unwrap();
    assert_eq!(office.session(&tokens[0].token, Realm::Account), None);
    assert!(office.session(&theirs.token, Realm::Account).is_some());
}

#[test_each_engine]
async fn signing_out_ends_one_session(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let here = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    let there = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    let session = here.session.clone();
    store.write_blocking(move |tx| sessions::sign_out(tx, &session)).unwrap();
    assert_eq!(office.session(&here.token, Realm::Account), None);
    assert!(office.session(&there.token, Realm::Account).is_some());
}

#[test_each_engine]
async fn a_session_opened_while_all_are_being_ended_is_over_too(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let here = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    let identity = here.session.identity_id;
    store.write_blocking(move |tx| identities::end_sessions(tx, identity)).unwrap();
    // As if another node had inserted it with what it read before.
    let session = here.session.clone();
    store
        .write_blocking(move |tx| -> Result<(), StoreError> {
            tx.execute(
                "INSERT INTO session (id, token_hash, identity_id, org_id, member_id, realm, stage, session_epoch, created_at, last_seen_at, \
                 expires_at, idle_expires_at, remembered) VALUES ($1, $2, $3, $4, $5, 'account', 'full', 0, $6, $6, $7, $7, FALSE)",
                store::params![
                    session.id,
                    vec![9_u8; 33],
                    session.identity_id,
                    session.org_id,
                    session.member_id,
                    session.created_at,
                    session.expires_at
                ],
            )?
            .expect_one()
        })
        .unwrap();
    let ctx = office.ctx().acted_by(here.session.actor().unwrap());
    assert!(store.read_blocking(move |tx| sessions::list(&ctx, tx)).unwrap().is_empty());
}

#[test_each_engine]
async fn an_identity_keeps_its_fifty_newest_sessions(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let first = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    for _ in 0..49 {
        office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    }
    assert!(office.session(&first.token, Realm::Account).is_some());
    office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    assert_eq!(office.session(&first.token, Realm::Account), None);
}

#[test_each_engine]
async fn a_csrf_token_fits_its_session_only(store: Store) {
    let office = Office::open(store.clone());
    office.add("wang.li", Staff::Chosen(CHOSEN));
    let here = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    let there = office.sign_in(office.by_address("wang.li", CHOSEN)).await.unwrap();
    assert!(sessions::csrf_matches(store.keys(), &here.token, &here.csrf_token));
    assert!(!sessions::csrf_matches(store.keys(), &here.token, &there.csrf_token));
    assert!(!sessions::csrf_matches(store.keys(), &here.token, ""));
    assert_eq!(office.session("", Realm::Account), None);
    assert_eq!(office.session(&"x".repeat(5000), Realm::Account), None);
}

#[test_each_engine]
fn each_start_makes_a_new_set_up_link_and_the_old_one_dies(store: Store) {
    let renew = |seed: u64| {
        let keys_of = store.clone();
        let made = store.write_blocking(move |tx| {
            let rng: &dyn Rng = &SeededRng::new(seed);
            setup_link::renew(tx, keys_of.keys(), rng)
        });
        made.unwrap().expect("nothing is set up yet")
    };
    let valid = |token: &str| {
        let (keys_of, token) = (store.clone(), token.to_owned());
        store.read_blocking(move |tx| setup_link::is_valid(tx, keys_of.keys(), &token)).unwrap()
    };
    assert!(!valid(""));
    let first = renew(1);
    assert!(valid(&first));
    let second = renew(2);
    assert!(!valid(&first));
    assert!(valid(&second));
    assert!(!valid(&format!("{}x", *second)));
}
