//! Who may import, and who sees what was imported.

use directory::administrators::{self, Role};
use kernel::PageRequest;
use lifecycle::imports::{self, ImportState, NewImport, Options, UploadError};
use store::{Store, StoreError};
use testkit::test_each_engine;

use crate::house::House;

const FILE: &[u8] = "姓名,手机号码,部门,工号,到期日期\n任熙,13907034118,总院,H001,\n".as_bytes();

fn new() -> NewImport {
    NewImport { file_name: "members.csv".to_owned(), bytes: FILE.into(), options: Options::default() }
}

#[test_each_engine]
async fn members_without_a_role_and_other_organisations_import_nothing(store: Store) {
    let house = House::new(store);
    let (_, owner) = house.administrator("owner", Role::Owner);
    let (member, ctx) = house.administrator("former", Role::OrgAdmin);
    let revoking = house.ctx();
    house.store().write(move |tx| administrators::revoke(&revoking, tx, member).map_err(|_| StoreError::aborted())).await.unwrap();
    assert!(matches!(imports::upload(house.store(), &ctx, new()).await, Err(UploadError::Denied(_))));

    let id = house.upload_as(&owner, "members.csv", FILE, Options::default()).await;
    house.work().await;
    let other = House::add_organisation(&house.app, "other", "other.test");
    let elsewhere = house.ctx().in_org(other);
    assert!(house.store().read(move |tx| imports::get_import(&elsewhere, tx, id)).await.is_err());
}

#[test_each_engine]
async fn an_import_is_seen_by_who_made_it_and_by_owners(store: Store) {
    let house = House::new(store);
    let (_, owner) = house.administrator("owner", Role::Owner);
    let (_, first) = house.administrator("first", Role::OrgAdmin);
    let (_, second) = house.administrator("second", Role::OrgAdmin);
    let id = house.upload_as(&first, "members.csv", FILE, Options::default()).await;
    house.work().await;
    for (ctx, sees) in [(owner, true), (first, true), (second, false)] {
        let listing = ctx.clone();
        assert_eq!(house.store().read(move |tx| imports::get_import(&ctx, tx, id)).await.is_ok(), sees);
        let page = house.store().read(move |tx| imports::list_imports(&listing, tx, &PageRequest::first(10))).await.unwrap();
        assert_eq!(page.items.len(), usize::from(sees));
    }
}

#[test_each_engine]
async fn an_administrator_whose_rights_are_taken_away_stops_in_the_middle(store: Store) {
    let house = House::new(store);
    house.administrator("owner", Role::Owner);
    let (member, ctx) = house.administrator("first", Role::OrgAdmin);
    let id = house.upload_as(&ctx, "members.csv", FILE, Options::default()).await;
    house.work().await;
    house.store().write(move |tx| imports::apply_import(&ctx, tx, id)).await.unwrap();
    let revoking = house.ctx();
    house.store().write(move |tx| administrators::revoke(&revoking, tx, member).map_err(|_| StoreError::aborted())).await.unwrap();
    house.work().await;
    let import = house.import(id).await;
    assert_eq!((import.state, import.rows_applied), (ImportState::Failed, 0));
    assert_eq!(import.error.unwrap().code, "forbidden");
}

#[test_each_engine]
async fn nobody_ends_their_own_access_by_a_line_in_a_file(store: Store) {
    let house = House::new(store);
    let (_, owner) = house.administrator("owner", Role::Owner);
    let (_, admin) = house.administrator("admin", Role::OrgAdmin);
    let file = "姓名,帐号,手机号码,部门,到期日期\nowner,owner,,,2020-01-01\nadmin,admin,,,2020-01-01\n".as_bytes();
    let by_owner = house.upload_as(&owner, "members.csv", file, Options::default()).await;
    let by_admin = house.upload_as(&admin, "members.csv", file, Options::default()).await;
    house.work().await;
    assert_eq!(house.errors(by_owner, 2).await, ["expires_on own_account_protected"]);
    assert!(house.errors(by_owner, 3).await.is_empty());
    assert_eq!(house.errors(by_admin, 2).await, ["expires_on owner_protected"]);
    assert_eq!(house.errors(by_admin, 3).await, ["expires_on own_account_protected"]);
}
