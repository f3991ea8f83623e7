//! Applying: once, whatever happens in between, and never past what is stored by then.

use directory::members::{self, MemberPatch};
use lifecycle::imports::{self, ActionError, ImportState, Options, Outcome, RowResult};
use lifecycle::jobs::JobError;
use store::{Store, StoreError};
use testkit::test_each_engine;

use crate::house::House;

fn lines(rows: u32) -> String {
    let mut text = "姓名,手机号码,邮箱前缀,部门,工号\n".to_owned();
    for row in 1..=rows {
        text.push_str(&format!("成员{row},{},member{row},总院/第{}科,H{row:05}\n", 13_900_000_000_u64 + u64::from(row), row % 7));
    }
    text
}

#[test_each_engine]
async fn an_interrupted_import_goes_on_where_it_was(store: Store) {
    let house = House::new(store);
    let id = house.plan("members.csv", lines(120).as_bytes(), Options::default()).await;
    house.start_apply(id).await;
    let job = house.claim().await.unwrap();
    // Asked to stop after its first rows: what is applied stays, and the next run goes on behind it.
    let (app, org, watched) = (house.app.clone(), house.org, job.id);
    let asking = tokio::spawn(async move {
        loop {
            let found = app.store.read(move |tx| store::jobs::find(tx, org, watched)).await.unwrap();
            if found.is_some_and(|job| job.progress_done > 0) {
                let now = app.source.now();
                app.store.write(move |tx| store::jobs::request_cancel(tx, org, watched, now)).await.unwrap();
                return;
            }
            tokio::task::yield_now().await;
        }
    });
    let ended = house.run(&job).await;
    asking.await.unwrap();
    if matches!(ended, Err(JobError::Cancelled)) {
        house.end(&job, ended).await;
        assert_eq!(house.import(id).await.state, ImportState::Cancelled);
        house.apply(id).await;
    }
    let import = house.import(id).await;
    assert_eq!((import.state, import.rows_applied, import.rows_failed), (ImportState::Applied, 120, 0));
    assert_eq!(house.member_count().await, 120);
}

#[test_each_engine]
async fn rows_applied_by_a_worker_that_died_are_not_applied_again(store: Store) {
    let house = House::new(store);
    let id = house.plan("members.csv", lines(60).as_bytes(), Options::default()).await;
    house.start_apply(id).await;
    let first = house.claim().await.unwrap();
    assert!(house.run(&first).await.is_ok());
    // Its end was never written, so another worker takes the job over when the lease has run out.
    house.clock.advance_secs(3600);
    let second = house.claim().await.unwrap();
    assert_eq!(second.id, first.id);
    let ended = house.run(&second).await;
    house.end(&second, ended).await;
    assert_eq!(house.member_count().await, 60);
    assert_eq!(house.import(id).await.rows_applied, 60);
}

#[test_each_engine]
async fn two_workers_at_once_apply_every_row_once(store: Store) {
    let house = House::new(store);
    let id = house.plan("members.csv", lines(150).as_bytes(), Options::default()).await;
    house.start_apply(id).await;
    let job = house.claim().await.unwrap();
    let (one, two) = tokio::join!(house.run(&job), house.run(&job));
    assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    assert_eq!(house.member_count().await, 150);
    assert_eq!(house.import(id).await.rows_applied, 150);
    house.end(&job, one).await;
}

#[test_each_engine]
async fn what_changed_since_the_plan_fails_its_row_and_no_other(store: Store) {
    let house = House::new(store);
    let first = house.plan("members.csv", lines(3).as_bytes(), Options::default()).await;
    house.apply(first).await;
    let second = house
        .plan_csv(&[
            "姓名,手机号码,邮箱前缀,部门,工号,职务",
            "新人,13911110001,xinren,总院,H90001,",
            "成员1,,,,H00001,主任",
            "成员2,,,,H00002,主任",
        ])
        .await;
    // Meanwhile somebody takes the number of the new member, and changes another's position.
    let other = house.plan_csv(&["姓名,手机号码,部门,工号", "先来,13911110001,总院,H90009"]).await;
    house.apply(other).await;
    let moved = house.plan_csv(&["姓名,工号,职务", "成员1,H00001,院长"]).await;
    house.apply(moved).await;

    let import = house.apply(second).await;
    assert_eq!((import.state, import.rows_applied, import.rows_failed), (ImportState::Applied, 1, 2));
    let rows = house.rows(second).await;
    assert_eq!(rows[&2].result, Some(RowResult::Failed));
    assert_eq!(house.errors(second, 2).await, ["mobile mobile_taken"]);
    assert_eq!(house.errors(second, 3).await, ["position row_outdated"]);
    assert_eq!(rows[&4].result, Some(RowResult::Applied));
    let file = imports::wrong_rows(house.store(), &house.ctx(), second, lifecycle::sheets::Format::Csv).await.unwrap();
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(text.contains("新人") && text.contains("成员1") && !text.contains("成员2"), "{text}");
}

#[test_each_engine]
async fn a_row_that_meets_another_of_its_transaction_fails_alone(store: Store) {
    let house = House::new(store);
    // The first has its account name made of its name, which nobody could see in the plan of the second.
    let id = house
        .plan_csv(&["姓名,账号,手机号码,部门", "王伟,,13900000001,总院", "汪卫,wangwei,13900000002,总院", "王伟,,13900000003,总院"])
        .await;
    let import = house.apply(id).await;
    assert_eq!((import.state, import.rows_applied, import.rows_failed), (ImportState::Applied, 2, 1));
    assert_eq!(house.errors(id, 3).await, ["account_name account_name_taken"]);
    assert_eq!(house.rows(id).await[&4].result, Some(RowResult::Applied));
    assert_eq!(house.member_count().await, 2);
}

#[test_each_engine]
async fn a_second_import_is_refused_while_one_is_applied(store: Store) {
    let house = House::new(store);
    let one = house.plan("one.csv", lines(3).as_bytes(), Options::default()).await;
    let two = house.plan("two.csv", lines(5).as_bytes(), Options::default()).await;
    house.start_apply(one).await;
    let ctx = house.ctx();
    let refused = house.store().write(move |tx| imports::apply_import(&ctx, tx, two)).await;
    assert!(matches!(refused, Err(ActionError::OtherRunning { file_name }) if file_name == "one.csv"));
    house.work().await;
    assert_eq!(house.apply(two).await.rows_applied, 2, "its first three rows are there by now");
}

#[test_each_engine]
async fn generated_passwords_are_given_out_once(store: Store) {
    let house = House::new(store);
    let id = house.plan("members.csv", lines(3).as_bytes(), Options::default()).await;
    assert!(house.apply(id).await.passwords_available);
    let file = imports::take_initial_passwords(house.store(), &house.ctx(), id).await.unwrap();
    assert!(file.bytes.starts_with(b"PK"));
    assert!(imports::take_initial_passwords(house.store(), &house.ctx(), id).await.is_err());
    assert!(!house.import(id).await.passwords_available);

    let other = house.plan_csv(&["姓名,手机号码,部门", "新人,13911110001,总院"]).await;
    house.apply(other).await;
    house.clock.advance_secs(24 * 3600);
    assert!(imports::take_initial_passwords(house.store(), &house.ctx(), other).await.is_err());
    let swept = imports::sweep(house.store(), house.ctx().now).await.unwrap();
    assert_eq!(swept.passwords, 1);
}

#[test_each_engine]
async fn other_writers_do_not_make_an_import_break_a_limit(store: Store) {
    let house = House::new(store);
    house.add_limited_department("总院", 40).await;
    let id = house.plan("members.csv", lines(30).as_bytes(), Options::default()).await;
    assert_eq!(house.import(id).await.summary.create, 30);
    house.start_apply(id).await;
    let (app, org) = (house.app.clone(), house.org);
    let writers = std::thread::spawn(move || {
        testkit::in_parallel(16, move |number| {
            let ctx = app.ctx(org, crate::house::operator(), "test");
            app.store
                .write_blocking(move |tx| {
                    let place = directory::departments::find_path(tx, ctx.org, &["总院"])?.unwrap();
                    let new = members::NewMember {
                        name: format!("手工{number}"),
                        departments: vec![members::Placement::main(place)],
                        ..Default::default()
                    };
                    Ok::<_, StoreError>(members::insert(&ctx, tx, &new).is_ok())
                })
                .unwrap()
        })
    });
    house.work().await;
    let by_hand = writers.join().unwrap().into_iter().filter(|added| *added).count() as i64;
    let import = house.import(id).await;
    assert_eq!(import.rows_applied + import.rows_failed, 30);
    assert_eq!(import.rows_applied + by_hand, 40, "the department is full and not fuller");
    assert_eq!(house.member_count().await, 40);
}

#[test_each_engine]
async fn a_member_changed_by_hand_is_not_changed_back_by_columns_that_did_not_differ(store: Store) {
    let house = House::new(store);
    let first = house.plan("members.csv", lines(1).as_bytes(), Options::default()).await;
    house.apply(first).await;
    let second = house.plan_csv(&["姓名,工号,职务", "成员1,H00001,主任"]).await;
    let member = house.member_by_number("H00001").await.unwrap();
    let ctx = house.ctx();
    house
        .store()
        .write(move |tx| {
            let patch = MemberPatch { name: Some("改名".to_owned()), ..Default::default() };
            members::update(&ctx, tx, member.id, &patch).map(|_| ()).map_err(|_| StoreError::aborted())
        })
        .await
        .unwrap();
    assert_eq!(house.apply(second).await.rows_applied, 1);
    let member = house.member_by_number("H00001").await.unwrap();
    assert_eq!(member.profile.name, "改名");
    assert_eq!(member.departments[0].position.as_deref(), Some("主任"));
    assert_eq!(house.rows(second).await[&2].outcome, Outcome::Update);
}
