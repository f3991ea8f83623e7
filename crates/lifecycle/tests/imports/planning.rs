//! What a plan says of rows that meet members, of values that are taken, and of limits.

use directory::departments::{self, NewDepartment};
use lifecycle::imports::{ImportState, OnExisting, Options, Outcome};
use store::{Store, StoreError};
use testkit::test_each_engine;

use crate::house::House;

const HEADINGS: &str = "姓名,手机号码,邮箱前缀,部门,职务,工号,办公地点";

async fn with_two_members(store: Store) -> House {
    let house = House::new(store);
    let id = house
        .plan_csv(&[HEADINGS, "任熙,13907034118,renxi,总院/内科,主任医师,H001,一号楼", "王丽,13907034119,wangli,总院/外科,护士,H002,"])
        .await;
    assert_eq!(house.apply(id).await.rows_applied, 2);
    house
}

#[test_each_engine]
async fn a_row_meets_its_member_and_empty_cells_leave_it_as_it_is(store: Store) {
    let house = with_two_members(store).await;
    let id = house
        .plan_csv(&[
            HEADINGS,
            // By employee number; an empty cell keeps the office location.
            "任熙,13907034118,,,副院长,H001,",
            // By mobile, to another department.
            "王丽,13907034119,,总院/骨科,,,",
            "李强,13907034120,liqiang,总院/内科,,H003,",
            "任熙,,,,,,一号楼",
        ])
        .await;
    let rows = house.rows(id).await;
    assert_eq!(rows[&2].outcome, Outcome::Update);
    assert_eq!(rows[&2].changes.len(), 1);
    let [old, new] = rows[&2].changes.values().next().unwrap();
    assert_eq!((old.as_deref(), new.as_deref()), (Some("主任医师"), Some("副院长")));
    assert_eq!(rows[&3].outcome, Outcome::Move);
    assert_eq!(rows[&4].outcome, Outcome::Create);
    // Names alone lead to nobody.
    assert_eq!(house.errors(id, 5).await, ["mobile mobile_missing", "department department_missing"]);

    let import = house.apply(id).await;
    assert_eq!((import.rows_applied, import.rows_failed), (3, 0));
    let member = house.member_by_number("H001").await.unwrap();
    assert_eq!(member.departments[0].position.as_deref(), Some("副院长"));
    assert_eq!(member.profile.office_location.as_deref(), Some("一号楼"));
    let moved = house.member_by_number("H002").await.unwrap();
    assert_eq!(moved.departments[0].department_name, "骨科");
    assert_eq!(moved.departments[0].position.as_deref(), Some("护士"));
}

#[test_each_engine]
async fn a_value_that_leads_to_somebody_else_is_a_conflict_on_its_cell(store: Store) {
    let house = with_two_members(store).await;
    let id = house.plan_csv(&[HEADINGS, "任熙,13907034119,,,,H001,", "任熙,,wangli,,,H001,", "王丽,13907034119,lili,,,,"]).await;
    let rows = house.rows(id).await;
    assert!(rows.values().take(1).all(|row| row.outcome == Outcome::Conflict));
    assert_eq!(house.errors(id, 2).await, ["mobile mobile_taken"]);
    assert_eq!(rows[&2].errors[0].params["name"], "王丽");
    // The second row about one member is one too many, and its address is another's.
    assert_eq!(house.errors(id, 3).await, ["mail_prefix address_taken", "employee_number employee_number_duplicate_in_file"]);
    assert_eq!(house.errors(id, 4).await, ["mobile mobile_duplicate_in_file", "mail_prefix address_differs"]);
}

#[test_each_engine]
async fn existing_members_can_be_skipped_or_refused(store: Store) {
    let house = with_two_members(store).await;
    let lines = [HEADINGS, "任熙,13907034118,,,副院长,H001,"].join("\n");
    let skip = Options { on_existing: OnExisting::Skip, ..Options::default() };
    let id = house.plan("members.csv", lines.as_bytes(), skip).await;
    assert_eq!(house.import(id).await.summary.unchanged, 1);
    let fail = Options { on_existing: OnExisting::Fail, ..Options::default() };
    let id = house.plan("members.csv", lines.as_bytes(), fail).await;
    assert_eq!(house.errors(id, 2).await, ["employee_number member_exists"]);
}

#[test_each_engine]
async fn departments_are_made_only_when_that_is_wanted_and_only_by_good_rows(store: Store) {
    let house = House::new(store);
    let lines = [HEADINGS, "任熙,13907034118,renxi,总院/内科,,H001,", "王丽,123,wangli,分院/外科,,H002,"].join("\n");
    let strict = Options { create_missing_departments: false, ..Options::default() };
    let id = house.plan("members.csv", lines.as_bytes(), strict).await;
    assert_eq!(house.errors(id, 2).await, ["department department_not_found"]);

    let id = house.plan("members.csv", lines.as_bytes(), Options::default()).await;
    assert_eq!(house.apply(id).await.rows_applied, 1);
    let org = house.org;
    let count = house.store().read(move |tx| departments::count(tx, org)).await.unwrap();
    assert_eq!(count, 2, "the wrong row has made no department");
}

#[test_each_engine]
async fn a_limit_is_counted_over_the_plan(store: Store) {
    let house = House::new(store);
    house.add_limited_department("总院", 1).await;
    let id = house
        .plan_csv(&[
            HEADINGS,
            "任熙,13907034118,renxi,总院/内科,,H001,",
            "王丽,13907034119,wangli,总院,,H002,",
            "李强,13907034120,liqiang,分院,,H003,",
        ])
        .await;
    let summary = house.import(id).await.summary;
    assert_eq!((summary.create, summary.conflict), (2, 1));
    let rows = house.rows(id).await;
    assert_eq!(rows[&3].errors[0].code, "department_full");
    assert_eq!((rows[&3].errors[0].params["department"].as_str(), rows[&3].errors[0].params["limit"].as_str()), ("总院", "1"));
}

#[test_each_engine]
async fn files_that_are_none_fail_with_their_reason(store: Store) {
    let house = House::new(store);
    for (bytes, code) in [(&b"%PDF-1.7 nothing"[..], "file_pdf"), (b"a,b,c\n1,2,3\n", "headings_not_found")] {
        let id = house.plan("members.xlsx", bytes, Options::default()).await;
        let import = house.import(id).await;
        assert_eq!(import.state, ImportState::Failed);
        assert_eq!(import.error.unwrap().code, code);
    }
}

#[test_each_engine]
async fn a_password_cell_is_kept_nowhere(store: Store) {
    let house = House::new(store);
    let id = house
        .plan_csv(&["姓名,手机号码,邮箱前缀,部门,初始密码", "任熙,13907034118,renxi,总院,Xiuzhen-88", "王丽,13907034119,wangli,总院,abc"])
        .await;
    assert_eq!(house.errors(id, 3).await, ["initial_password initial_password_too_short"]);
    let rows = house.rows(id).await;
    assert!(rows.values().all(|row| row.cells[4].text.is_empty()));
    let org = house.org;
    let kept: i64 = house
        .store()
        .read(move |tx| {
            let sql = "SELECT COUNT(*) FROM import_upload WHERE org_id = $1";
            tx.query_one(sql, store::params![org], |row| row.get(0))
        })
        .await
        .unwrap();
    assert_eq!(kept, 0, "the upload goes when the plan is made");
}

impl House {
    pub async fn add_limited_department(&self, name: &'static str, limit: i64) {
        let ctx = self.ctx();
        self.store()
            .write(move |tx| {
                let parent_id = departments::root(tx, ctx.org)?.id;
                let new = NewDepartment { parent_id, name: name.to_owned(), identifier: None, member_limit: Some(limit) };
                departments::add(&ctx, tx, &new).unwrap();
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
}
