//! Cells mended in place.

use std::collections::BTreeMap;

use kernel::ImportId;
use lifecycle::imports::{self, EditRowError, ImportRow, Outcome};
use lifecycle::sheets::ColumnKey;
use store::Store;
use testkit::test_each_engine;

use crate::house::House;

const HEADINGS: &str = "姓名,手机号码,邮箱前缀,部门,工号";

async fn edit(house: &House, id: ImportId, row: u32, column: ColumnKey, text: &str) -> Result<ImportRow, EditRowError> {
    let cells = BTreeMap::from([(column, text.to_owned())]);
    imports::edit_row(house.store(), &house.ctx(), id, row, cells).await
}

#[test_each_engine]
async fn a_mended_row_frees_the_rows_that_were_its_duplicates(store: Store) {
    let house = House::new(store);
    let id = house
        .plan_csv(&[HEADINGS, "任熙,13907034118,renxi,总院,H001", "王丽,13907034118,wangli,总院,H002", "李强,139070341,liqiang,总院,H003"])
        .await;
    assert_eq!(house.errors(id, 3).await, ["mobile mobile_duplicate_in_file"]);

    let row = edit(&house, id, 4, ColumnKey::Mobile, "13907034120").await.unwrap();
    assert_eq!((row.outcome, row.values[&ColumnKey::Mobile].as_str()), (Outcome::Create, "+8613907034120"));
    // The first row lets go of its number: the second may have it.
    edit(&house, id, 2, ColumnKey::Mobile, "13907034121").await.unwrap();
    assert_eq!(house.rows(id).await[&3].outcome, Outcome::Create);
    // And takes one that a later row has: the first row wins.
    edit(&house, id, 2, ColumnKey::Mobile, "13907034120").await.unwrap();
    assert_eq!(house.errors(id, 4).await, ["mobile mobile_duplicate_in_file"]);
    let summary = house.import(id).await.summary;
    assert_eq!((summary.create, summary.error, summary.total()), (2, 1, 3));
    assert_eq!(house.apply(id).await.rows_applied, 2);
}

#[test_each_engine]
async fn a_column_that_the_file_does_not_have_can_be_filled(store: Store) {
    let house = House::new(store);
    let id = house.plan_csv(&["姓名,手机号码", "任熙,13907034118"]).await;
    assert_eq!(house.errors(id, 2).await, ["department department_missing"]);
    let row = edit(&house, id, 2, ColumnKey::Department, "总院/内科").await.unwrap();
    assert_eq!(row.outcome, Outcome::Create);
    assert_eq!(house.apply(id).await.rows_applied, 1);
}

#[test_each_engine]
async fn only_a_plan_can_be_edited(store: Store) {
    let house = House::new(store);
    let id = house.plan_csv(&[HEADINGS, "任熙,13907034118,renxi,总院,H001"]).await;
    assert!(matches!(edit(&house, id, 9, ColumnKey::Name, "x").await, Err(EditRowError::RowNotFound { row: 9 })));
    assert!(matches!(edit(&house, id, 2, ColumnKey::State, "x").await, Err(EditRowError::ColumnNotEditable { .. })));
    let long = "长".repeat(5000);
    assert!(matches!(edit(&house, id, 2, ColumnKey::Name, &long).await, Err(EditRowError::CellTooLong { .. })));
    house.apply(id).await;
    assert!(matches!(edit(&house, id, 2, ColumnKey::Name, "x").await, Err(EditRowError::NotPlanned { .. })));
}
