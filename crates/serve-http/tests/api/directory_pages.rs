use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::site::{Browser, PASSWORD, Site};

const MEMBERS: &str = "/api/v1/directory/members";

async fn names(browser: &mut Browser, query: &str) -> Vec<String> {
    let answer = browser.get(&format!("{MEMBERS}?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

/// A hospital with two departments and five members; the first of them, signed in, and the owner.
async fn hospital(site: &Site) -> (Browser, Browser, String) {
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let root = owner.get("/api/v1/admin/departments").await.body["items"][0]["id"].clone();
    let inner = owner.post("/api/v1/admin/departments", json!({ "parent_id": root, "name": "内科" })).await.body["id"].clone();
    let heart = owner.post("/api/v1/admin/departments", json!({ "parent_id": inner, "name": "心血管内科" })).await.body["id"].clone();
    site.member(&mut owner, "first", "reader").await;
    for (name, prefix, department, mobile) in [
        ("任熙", "renxi", &heart, Some("+8618976942196")),
        ("王丽", "wangli", &inner, None),
        ("李旺", "liwang", &root, None),
        ("隐身", "hidden", &heart, None),
    ] {
        let body = json!({
            "name": name, "mail_prefix": prefix, "mobile": mobile, "visible_in_directory": name != "隐身",
            "departments": [{ "department_id": department, "position": "医师" }],
        });
        let made = owner.post("/api/v1/admin/members", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    (site.account("reader@first.test", PASSWORD).await, owner, inner.as_str().unwrap().to_owned())
}

#[test_each_engine]
async fn colleagues_are_found_by_name_pinyin_phone_and_department(store: Store) {
    let site = Site::new(store);
    let (mut reader, _, inner) = hospital(&site).await;
    assert_eq!(names(&mut reader, "search=%E4%BB%BB").await, ["任熙"]);
    assert_eq!(names(&mut reader, "search=rx").await, ["任熙"]);
    assert_eq!(names(&mut reader, "search=18976942196").await, ["任熙"]);
    assert_eq!(names(&mut reader, "search=%E5%BF%83%E8%A1%80%E7%AE%A1").await, ["任熙"]);
    // Whose name begins so comes before who merely has it somewhere.
    assert_eq!(names(&mut reader, "search=wang").await, ["王芳", "王丽", "李旺"]);
    assert_eq!(names(&mut reader, "search=wang%20%E5%86%85%E7%A7%91").await, ["王丽"]);
    assert_eq!(names(&mut reader, "search=%25").await, [""; 0]);
    assert_eq!(names(&mut reader, &format!("department_id={inner}")).await, ["任熙", "王丽"]);
    let found = reader.get(&format!("{MEMBERS}?search=renxi")).await.body["items"][0].clone();
    assert_eq!(found["address"], "renxi@first.test");
    assert_eq!(found["mobile"], "+8618976942196");
    assert_eq!(found["departments"][0]["path"], json!(["内科", "心血管内科"]));
    assert_eq!(found["departments"][0]["position"], "医师");
    let keys: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["address", "departments", "id", "mobile", "name", "nickname", "office_phone"]);
}

#[test_each_engine]
async fn pages_of_colleagues_follow_each_other_also_by_rank(store: Store) {
    let site = Site::new(store);
    let (mut reader, _, _) = hospital(&site).await;
    for query in ["limit=1", "limit=1&search=wang"] {
        let whole = names(&mut reader, &query.replace("limit=1", "limit=100")).await;
        let mut paged = Vec::new();
        let mut cursor = String::new();
        loop {
            let answer = reader.get(&format!("{MEMBERS}?{query}{cursor}")).await;
            paged.extend(answer.body["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            match &answer.body["next"] {
                Value::String(next) => cursor = format!("&cursor={next}"),
                _ => break,
            }
        }
        assert_eq!(paged, whole);
        assert!(whole.len() > 2);
    }
    let forged = reader.get(&format!("{MEMBERS}?cursor=bad")).await;
    assert_eq!((forged.status, forged.code()), (422, "cursor_invalid"));
}

#[test_each_engine]
async fn only_who_is_to_be_seen_is_there(store: Store) {
    let site = Site::new(store);
    let (mut reader, mut owner, _) = hospital(&site).await;
    let all = reader.get(MEMBERS).await.body;
    assert_eq!(all["total"], 5, "{all}");
    let id_of = |name: &str| {
        let items = all["items"].as_array().unwrap();
        items.iter().find(|item| item["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let act = |id: String, verb: &'static str| format!("/api/v1/admin/members/{id}/{verb}");
    assert_eq!(owner.post(&act(id_of("王丽"), "suspend"), json!({})).await.status, 200);
    assert_eq!(owner.post(&act(id_of("任熙"), "lock"), json!({})).await.status, 200);
    assert_eq!(owner.post(&act(id_of("李旺"), "recycle"), json!({})).await.status, 200);
    assert_eq!(names(&mut reader, "").await, ["reader", "任熙", "王芳"]);
}

#[test_each_engine]
async fn nobody_looks_into_another_organisation(store: Store) {
    let site = Site::new(store);
    let (mut reader, _, inner) = hospital(&site).await;
    site.organisation("second").await;
    let mut stranger = site.account("admin@second.test", PASSWORD).await;
    assert_eq!(names(&mut stranger, "").await, ["王芳"]);
    assert_eq!(names(&mut stranger, "search=renxi").await, [""; 0]);
    assert_eq!(names(&mut stranger, &format!("department_id={inner}")).await, [""; 0]);
    let departments = stranger.get("/api/v1/directory/departments").await.body;
    assert_eq!(departments["items"].as_array().unwrap().len(), 1);
    let own = reader.get("/api/v1/directory/departments").await.body;
    let tree: Vec<&str> = own["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(tree, ["first 集团", "内科", "心血管内科"]);
    assert_eq!(own["items"][2]["parent_id"], own["items"][1]["id"]);
}
