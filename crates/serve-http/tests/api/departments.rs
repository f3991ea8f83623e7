use serde_json::json;
use store::Store;
use testkit::test_each_engine;

use crate::site::Site;

#[test_each_engine]
async fn a_tree_of_departments_grows_moves_and_shrinks(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let root = owner.get("/api/v1/admin/departments").await.body["items"][0]["id"].clone();
    let hospital = owner.post("/api/v1/admin/departments", json!({ "parent_id": root, "name": "总院" })).await;
    assert_eq!((hospital.status, &hospital.body["parent_id"]), (201, &root), "{}", hospital.body);
    let hospital = hospital.body["id"].as_str().unwrap().to_owned();
    let ward = owner.post("/api/v1/admin/departments", json!({ "parent_id": hospital, "name": "内科", "member_limit": 1 })).await;
    let ward = ward.body["id"].as_str().unwrap().to_owned();
    let twin = owner.post("/api/v1/admin/departments", json!({ "parent_id": hospital, "name": "内科" })).await;
    assert_eq!((twin.status, twin.code()), (409, "department_name_taken"));

    let place = |name: &str| json!({ "name": name, "departments": [{ "department_id": ward, "position": "医师" }] });
    let first = owner.post("/api/v1/admin/members", place("任熙")).await;
    assert_eq!(first.body["member"]["departments"][0]["path"], json!(["总院", "内科"]), "{}", first.body);
    let second = owner.post("/api/v1/admin/members", place("王丽")).await;
    assert_eq!((second.status, second.code()), (409, "department_full"));
    let lifted = owner.send("PATCH", &format!("/api/v1/admin/departments/{ward}"), Some(json!({ "member_limit": null }))).await;
    assert_eq!(lifted.body["member_limit"], json!(null));

    let below = owner.post(&format!("/api/v1/admin/departments/{hospital}/move"), json!({ "parent_id": ward })).await;
    assert_eq!((below.status, below.code()), (409, "department_below_itself"));
    let moved = owner.post(&format!("/api/v1/admin/departments/{ward}/move"), json!({ "parent_id": root, "before_id": hospital })).await;
    assert_eq!((moved.status, &moved.body["parent_id"]), (200, &root), "{}", moved.body);
    let leader = json!({ "member_ids": [first.body["member"]["id"]] });
    let led = owner.send("PUT", &format!("/api/v1/admin/departments/{hospital}/leaders"), Some(leader)).await;
    assert_eq!(led.body["leaders"][0]["name"], "任熙");
    let full = owner.send("DELETE", &format!("/api/v1/admin/departments/{ward}"), None).await;
    assert_eq!((full.status, full.code()), (409, "department_not_empty"));
    assert_eq!(owner.send("DELETE", &format!("/api/v1/admin/departments/{hospital}"), None).await.status, 204);
}
