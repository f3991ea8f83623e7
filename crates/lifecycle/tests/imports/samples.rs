//! The sample files plan and apply exactly as their expectations say.

use std::path::PathBuf;

use lifecycle::imports::{ImportState, Options, Outcome};
use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::house::House;

fn sample(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

async fn plans_and_applies_as_expected(store: Store, name: &str) {
    let house = House::new(store);
    let expected: Value = serde_json::from_slice(&sample(&format!("{name}.expected.json"))).unwrap();
    let options: Options = serde_json::from_value(expected["options"].clone()).unwrap();
    let id = house.plan(name, &sample(name), options).await;

    let import = house.import(id).await;
    assert_eq!(import.state, ImportState::Planned, "{:?}", import.error);
    assert_eq!(import.summary.create, expected["summary"]["create"].as_i64().unwrap());
    assert_eq!(import.summary.error, expected["summary"]["error"].as_i64().unwrap());
    let rows = house.rows(id).await;
    let wanted = expected["rows"].as_object().unwrap();
    assert_eq!(rows.len(), wanted.len());
    for (number, wanted) in wanted {
        let row = &rows[&number.parse::<u32>().unwrap()];
        assert_eq!(json!(row.outcome), wanted["outcome"], "row {number}: {:?}", row.errors);
        match row.outcome {
            Outcome::Error => {
                let errors: Vec<Value> = row.errors.iter().map(|error| json!({ "column": error.column, "code": error.code })).collect();
                assert_eq!(json!(errors), wanted["errors"], "row {number}");
            }
            _ => assert_eq!(json!(row.values), wanted["values"], "row {number}"),
        }
    }

    let before = house.member_count().await;
    let import = house.apply(id).await;
    assert_eq!((import.state, import.rows_applied, import.rows_failed), (ImportState::Applied, 299, 0), "{:?}", import.error);
    assert_eq!(house.member_count().await, before + 299);
    let member = house.member_by_number("H00776").await.unwrap();
    assert_eq!(member.profile.name, "任熙");
    assert_eq!(member.address.unwrap().to_string(), "renxi2@example.test");
    assert_eq!(member.departments[0].department_name, "心血管内科");
    assert_eq!(member.departments[0].position.as_deref(), Some("主任医师"));
    assert!(member.identity_id.is_some() && member.mail_account_id.is_some());

    // Once more the same file: there is nothing left to do.
    let options: Options = serde_json::from_value(expected["options"].clone()).unwrap();
    let again = house.plan(name, &sample(name), options).await;
    let summary = house.import(again).await.summary;
    assert_eq!((summary.unchanged, summary.error, summary.total()), (299, 14, 313), "{summary:?}");
    assert_eq!(house.member_count().await, before + 299);
}

#[test_each_engine]
async fn the_workbook_of_the_hospital_group_is_imported_as_expected(store: Store) {
    plans_and_applies_as_expected(store, "members-hospital.xlsx").await;
}

#[test_each_engine]
async fn the_english_csv_of_the_hospital_group_is_imported_as_expected(store: Store) {
    plans_and_applies_as_expected(store, "members-hospital-en.csv").await;
}

#[test_each_engine]
async fn the_gbk_csv_of_the_hospital_group_is_imported_as_expected(store: Store) {
    plans_and_applies_as_expected(store, "members-hospital-gbk.csv").await;
}
