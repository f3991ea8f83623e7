use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::site::{Browser, Site};

async fn all_rows(owner: &mut Browser, id: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut path = format!("/api/v1/admin/imports/{id}/rows?limit=200");
    loop {
        let page = owner.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.body);
        rows.extend(page.body["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page.body["next"].as_str() else { return rows };
        path = format!("/api/v1/admin/imports/{id}/rows?limit=200&cursor={next}");
    }
}

/// Uploads a sample into a fresh organisation `example`, whose domain is that of the samples.
async fn planned(site: &Site, name: &str) -> (Browser, String, Value) {
    site.organisation("example").await;
    let mut owner = site.owner("example").await;
    let folder = format!("{}/../../tests/samples", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(format!("{folder}/{name}")).unwrap();
    let expected: Value = serde_json::from_slice(&std::fs::read(format!("{folder}/{name}.expected.json")).unwrap()).unwrap();
    let uploaded = owner.upload(name, expected["options"].clone(), &file).await;
    assert_eq!(uploaded.status, 202, "{}", uploaded.body);
    site.work().await;
    (owner, uploaded.body["id"].as_str().unwrap().to_owned(), expected)
}

async fn has_the_expected_plan(store: Store, name: &str) {
    let site = Site::new(store);
    let (mut owner, id, expected) = planned(&site, name).await;
    let import = owner.get(&format!("/api/v1/admin/imports/{id}")).await;
    assert_eq!(import.body["state"], "planned", "{}", import.body);
    for (outcome, count) in expected["summary"].as_object().unwrap() {
        assert_eq!(&import.body["summary"][outcome], count, "{outcome}");
    }
    let rows = all_rows(&mut owner, &id).await;
    assert_eq!(rows.len(), expected["rows"].as_object().unwrap().len());
    for row in rows {
        let wanted = &expected["rows"][row["row_number"].to_string()];
        assert_eq!(row["outcome"], wanted["outcome"], "row {}", row["row_number"]);
        for (key, value) in wanted["values"].as_object().into_iter().flatten() {
            assert_eq!(&row["values"][key], value, "row {} {key}", row["row_number"]);
        }
        let told: Vec<Value> = row["errors"].as_array().unwrap().iter().map(|error| json!([error["column"], error["code"]])).collect();
        let wanted: Vec<Value> =
            wanted["errors"].as_array().into_iter().flatten().map(|error| json!([error["column"], error["code"]])).collect();
        assert_eq!(told, wanted, "row {}", row["row_number"]);
    }
}

#[test_each_engine]
async fn the_workbook_of_the_samples_is_planned_as_expected(store: Store) {
    has_the_expected_plan(store, "members-hospital.xlsx").await;
}

#[test_each_engine]
async fn the_gbk_sample_is_planned_as_expected(store: Store) {
    has_the_expected_plan(store, "members-hospital-gbk.csv").await;
}

#[test_each_engine]
async fn the_english_sample_is_planned_as_expected(store: Store) {
    has_the_expected_plan(store, "members-hospital-en.csv").await;
}

#[test_each_engine]
async fn a_spreadsheet_becomes_accounts_that_can_sign_in_and_leaves_as_it_came(store: Store) {
    let site = Site::new(store);
    let (mut owner, id, expected) = planned(&site, "members-hospital.xlsx").await;
    let path = format!("/api/v1/admin/imports/{id}");
    assert_eq!(owner.send("POST", &format!("{path}/apply"), None).await.status, 202);
    site.work().await;
    let import = owner.get(&path).await;
    let created = expected["summary"]["create"].clone();
    assert_eq!((&import.body["state"], &import.body["rows_applied"]), (&json!("applied"), &created), "{}", import.body);
    let job = owner.get(&format!("/api/v1/admin/jobs/{}", import.body["job_id"].as_str().unwrap())).await;
    assert_eq!((&job.body["state"], &job.body["import_id"]), (&json!("done"), &json!(id)));

    let wrong = owner.get(&format!("{path}/wrong-rows?format=csv")).await;
    assert_eq!(wrong.status, 200);
    assert!(wrong.headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
    assert_eq!(wrong.text().trim().lines().count() as u64 - 1, expected["summary"]["error"].as_u64().unwrap());

    assert_eq!(import.body["passwords_available"], true);
    let passwords = owner.send("POST", &format!("{path}/initial-passwords"), None).await;
    assert!(passwords.status == 200 && passwords.bytes.starts_with(b"PK"));
    assert!(owner.send("POST", &format!("{path}/initial-passwords"), None).await.status >= 400, "they are told once");

    let exported = owner.post("/api/v1/admin/exports", json!({ "format": "csv" })).await;
    site.work().await;
    let file = owner.get(&format!("/api/v1/admin/exports/{}/file", exported.body["job"]["id"].as_str().unwrap())).await;
    assert_eq!(file.status, 200, "{}", file.body);
    let again = owner.upload("members.csv", json!({}), &file.bytes).await;
    assert_eq!(again.status, 202, "{}", again.body);
    site.work().await;
    let plan = owner.get(&format!("/api/v1/admin/imports/{}", again.body["id"].as_str().unwrap())).await;
    assert_eq!(plan.body["summary"]["unchanged"].as_i64(), created.as_i64().map(|count| count + 1), "{}", plan.body["summary"]);

    assert_eq!(owner.send("POST", &format!("{path}/undo"), None).await.status, 202);
    site.work().await;
    assert_eq!(owner.get(&path).await.body["state"], "undone");
    assert_eq!(owner.get("/api/v1/admin/overview").await.body["member_counts"]["total"], 1);
}

#[test_each_engine]
async fn a_wrong_cell_is_mended_in_place(store: Store) {
    let site = Site::new(store);
    site.organisation("example").await;
    let mut owner = site.owner("example").await;
    let uploaded = owner.upload("a.csv", json!({}), "姓名,手机,部门\n任熙,12345,内科\n".as_bytes()).await;
    site.work().await;
    let path = format!("/api/v1/admin/imports/{}/rows", uploaded.body["id"].as_str().unwrap());
    let rows = owner.get(&format!("{path}?outcome=error")).await;
    assert_eq!(rows.body["items"][0]["errors"][0]["code"], "mobile_invalid", "{}", rows.body);
    let mended = owner.send("PATCH", &format!("{path}/2"), Some(json!({ "cells": { "mobile": "18976942196" } }))).await;
    assert_eq!((mended.status, &mended.body["outcome"]), (200, &json!("create")), "{}", mended.body);
    let unknown = owner.send("PATCH", &format!("{path}/2"), Some(json!({ "cells": { "colour": "red" } }))).await;
    assert_eq!((unknown.status, &unknown.body["fields"][0]["field"]), (422, &json!("cells.colour")));
}

#[test_each_engine]
async fn a_form_without_a_file_and_options_that_are_none_are_told_on_their_field(store: Store) {
    let site = Site::new(store);
    site.organisation("example").await;
    let mut owner = site.owner("example").await;
    let wrong = owner.upload("a.csv", json!({ "on_existing": "explode" }), b"x").await;
    assert_eq!((wrong.status, &wrong.body["fields"][0]["field"]), (422, &json!("options.on_existing")), "{}", wrong.body);
    let empty = owner.upload("a.csv", json!({}), b"").await;
    assert_eq!((empty.status, empty.code()), (422, "file_empty"));
    let template = owner.get("/api/v1/admin/import-template?format=csv").await;
    assert!(template.status == 200 && template.text().contains("姓名"));
}
