//! Taking an import back.

use directory::{departments, members};
use lifecycle::imports::{ImportState, RowResult};
use store::{Store, StoreError};
use testkit::test_each_engine;

use crate::house::House;

const HEADINGS: &str = "姓名,手机号码,邮箱前缀,部门,职务,工号";

#[test_each_engine]
async fn what_an_import_made_is_gone_and_what_it_changed_is_back(store: Store) {
    let house = House::new(store);
    let first = house.plan_csv(&[HEADINGS, "任熙,13907034118,renxi,总院/内科,医师,H001"]).await;
    house.apply(first).await;
    let lines = [HEADINGS, "任熙,13907034999,,总院/外科,主任,H001", "王丽,13907034119,wangli,东院/护理,护士,H002"];
    let second = house.plan_csv(&lines).await;
    house.apply(second).await;
    let org = house.org;
    assert_eq!(house.store().read(move |tx| departments::count(tx, org)).await.unwrap(), 5);

    let import = house.undo(second).await;
    assert_eq!((import.state, import.rows_undone), (ImportState::Undone, 2));
    assert!(house.member_by_number("H002").await.is_none());
    let member = house.member_by_number("H001").await.unwrap();
    assert_eq!(member.profile.mobile.unwrap().as_str(), "+8613907034118");
    assert_eq!(member.departments[0].department_name, "内科");
    assert_eq!(member.departments[0].position.as_deref(), Some("医师"));
    assert_eq!(house.store().read(move |tx| departments::count(tx, org)).await.unwrap(), 2);

    // Number and address are free again, so the mended file goes in.
    let third = house.plan_csv(&lines).await;
    assert_eq!(house.apply(third).await.rows_applied, 2);
}

#[test_each_engine]
async fn who_has_signed_in_and_what_was_changed_since_stays(store: Store) {
    let house = House::new(store);
    let first = house.plan_csv(&[HEADINGS, "任熙,13907034118,renxi,总院,医师,H001"]).await;
    house.apply(first).await;
    let second =
        house.plan_csv(&[HEADINGS, "任熙,,,,主任,H001", "王丽,13907034119,wangli,总院,护士,H002", "李强,13907034120,,总院,,H003"]).await;
    house.apply(second).await;
    let third = house.plan_csv(&[HEADINGS, "任熙,,,,院长,H001"]).await;
    house.apply(third).await;
    let signed_in = house.member_by_number("H002").await.unwrap().id;
    let ctx = house.ctx();
    house
        .store()
        .write(move |tx| {
            members::activate(&ctx, tx, signed_in)?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();

    let import = house.undo(second).await;
    assert_eq!((import.state, import.rows_undone), (ImportState::Undone, 1));
    let rows = house.rows(second).await;
    assert_eq!(rows[&2].result, Some(RowResult::Kept));
    assert_eq!(house.errors(second, 2).await, ["position member_changed_since"]);
    assert_eq!(house.errors(second, 3).await, ["name member_signed_in"]);
    assert_eq!(rows[&4].result, Some(RowResult::Undone));
    assert_eq!(house.member_by_number("H001").await.unwrap().departments[0].position.as_deref(), Some("院长"));
    assert!(house.member_by_number("H002").await.is_some() && house.member_by_number("H003").await.is_none());
}

#[test_each_engine]
async fn a_supervisor_goes_back_unless_somebody_has_chosen_another_since(store: Store) {
    let house = House::new(store);
    let headings = "姓名,手机号码,工号,部门,直属上级";
    let people = [
        headings,
        "任熙,13907034118,H001,总院,",
        "王丽,13907034119,H002,总院,",
        "李强,13907034120,H003,总院,",
        "赵敏,13907034121,H004,总院,",
    ];
    let first = house.plan_csv(&people).await;
    house.apply(first).await;
    let second = house.plan_csv(&[headings, "任熙,,H001,,H003", "王丽,,H002,,H003"]).await;
    assert_eq!(house.apply(second).await.rows_applied, 2);
    let (changed, chosen) = (house.member_by_number("H002").await.unwrap().id, house.member_by_number("H004").await.unwrap().id);
    let ctx = house.ctx();
    let patch = members::MemberPatch { supervisor_id: Some(Some(chosen)), ..members::MemberPatch::default() };
    house.store().write(move |tx| members::update(&ctx, tx, changed, &patch)).await.unwrap();

    let import = house.undo(second).await;
    assert_eq!((import.state, import.rows_undone), (ImportState::Undone, 1));
    assert_eq!(house.errors(second, 3).await, ["supervisor member_changed_since"]);
    assert_eq!(house.member_by_number("H002").await.unwrap().profile.supervisor_id, Some(chosen));
    assert_eq!(house.member_by_number("H001").await.unwrap().profile.supervisor_id, None);
}
