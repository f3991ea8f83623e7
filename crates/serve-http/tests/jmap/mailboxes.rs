use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::client::{Member, owner, strings};

async fn create(member: &mut Member, mailbox: Value) -> Value {
    member.call("Mailbox/set", json!({ "create": { "new": mailbox } })).await
}

async fn made(member: &mut Member, mailbox: Value) -> String {
    let answer = create(member, mailbox).await;
    answer["created"]["new"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test_each_engine]
async fn the_first_look_shows_the_standard_mailboxes_with_their_roles(store: Store) {
    let (_, mut member) = owner(store).await;
    let all = member.call("Mailbox/get", json!({ "ids": null })).await;
    let roles: Vec<&str> = all["list"].as_array().unwrap().iter().map(|mailbox| mailbox["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["inbox", "drafts", "sent", "junk", "trash", "archive"]);
    let inbox = &all["list"][0];
    assert_eq!(
        (inbox["parentId"].clone(), inbox["isSubscribed"].clone(), inbox["totalEmails"].clone()),
        (json!(null), json!(true), json!(0))
    );
    assert_eq!((inbox["myRights"]["mayReadItems"].clone(), inbox["myRights"]["mayDelete"].clone()), (json!(true), json!(false)));
    assert!(all["state"].as_str().unwrap().parse::<u64>().is_ok());
    let some = member.call("Mailbox/get", json!({ "ids": [inbox["id"], inbox["id"], "f99", "x"], "properties": ["name"] })).await;
    assert_eq!(
        (some["list"].clone(), strings(&some["notFound"])),
        (json!([{ "id": inbox["id"], "name": "INBOX" }]), vec!["f99".to_owned(), "x".to_owned()])
    );
}

#[test_each_engine]
async fn counts_follow_mail_that_comes_and_is_read(store: Store) {
    let (_, mut member) = owner(store).await;
    let inbox = member.mailbox("inbox").await;
    let first = member.receive("one").await;
    member.receive("two").await;
    let since = member.call("Mailbox/get", json!({ "ids": [inbox] })).await;
    let counts =
        |mailbox: &Value| ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"].map(|name| mailbox[name].as_u64().unwrap());
    assert_eq!(counts(&since["list"][0]), [2, 2, 2, 2]);
    member.call("Email/set", json!({ "update": { &first: { "keywords/$seen": true } } })).await;
    let changes = member.call("Mailbox/changes", json!({ "sinceState": since["state"] })).await;
    assert_eq!(strings(&changes["updated"]), [inbox.as_str()]);
    // RFC 8621 §2.2: only counts have changed, and a reference brings just those.
    let properties = strings(&changes["updatedProperties"]);
    assert!(properties.contains(&"unreadEmails".to_owned()) && !properties.contains(&"name".to_owned()));
    let got = member.call("Mailbox/get", json!({ "ids": [inbox], "properties": changes["updatedProperties"] })).await;
    assert_eq!(counts(&got["list"][0]), [2, 1, 2, 1]);
}

#[test_each_engine]
async fn mailboxes_are_made_changed_and_removed(store: Store) {
    let (_, mut member) = owner(store).await;
    let parent = made(&mut member, json!({ "name": "项目", "sortOrder": 5, "isSubscribed": true })).await;
    let child = made(&mut member, json!({ "name": "甲", "parentId": parent })).await;
    let state = member.call("Mailbox/get", json!({ "ids": [] })).await["state"].clone();
    let changed = member
        .call(
            "Mailbox/set",
            json!({ "ifInState": state, "update": { &child: { "name": "乙", "parentId": null, "sortOrder": 9, "isSubscribed": true } } }),
        )
        .await;
    assert_eq!(changed["updated"], json!({ &child: null }));
    assert_ne!(changed["oldState"], changed["newState"]);
    let got = member.call("Mailbox/get", json!({ "ids": [child], "properties": ["name", "parentId", "sortOrder", "isSubscribed"] })).await;
    assert_eq!(got["list"][0], json!({ "id": child, "name": "乙", "parentId": null, "sortOrder": 9, "isSubscribed": true }));
    let removed = member.call("Mailbox/set", json!({ "destroy": [child, parent] })).await;
    assert_eq!(strings(&removed["destroyed"]).len(), 2, "{removed}");
    let changes = member.call("Mailbox/changes", json!({ "sinceState": state })).await;
    assert_eq!(strings(&changes["destroyed"]).len(), 2);
    assert_eq!(changes["updatedProperties"], json!(null));
    let stale = member.error("Mailbox/set", json!({ "ifInState": state, "create": { "x": { "name": "x" } } })).await;
    assert_eq!(stale, "stateMismatch");
}

#[test_each_engine]
async fn parents_and_children_go_together_in_any_order(store: Store) {
    let (_, mut member) = owner(store).await;
    let made = member
        .call(
            "Mailbox/set",
            json!({ "create": {
            "a": { "name": "a", "parentId": "#b" }, "b": { "name": "b", "parentId": "#c" }, "c": { "name": "c" },
            "x": { "name": "x", "parentId": "#y" }, "y": { "name": "y", "parentId": "#x" },
            "broken": { "name": "a/b" }, "orphan": { "name": "o", "parentId": "#broken" },
        } }),
        )
        .await;
    let id = |name: &str| made["created"][name]["id"].as_str().unwrap().to_owned();
    let got = member.call("Mailbox/get", json!({ "ids": [id("a"), id("b")], "properties": ["parentId"] })).await;
    assert_eq!((got["list"][0]["parentId"].clone(), got["list"][1]["parentId"].clone()), (json!(id("b")), json!(id("c"))));
    for name in ["x", "y", "broken", "orphan"] {
        assert_eq!(made["notCreated"][name]["type"], "invalidProperties", "{name}");
    }
    let removed = member.call("Mailbox/set", json!({ "destroy": [id("c"), id("b"), id("a")] })).await;
    assert_eq!(strings(&removed["destroyed"]).len(), 3, "{removed}");
}

#[test_each_engine]
async fn what_cannot_be_is_refused_with_its_reason(store: Store) {
    let (_, mut member) = owner(store).await;
    let inbox = member.mailbox("inbox").await;
    let own = made(&mut member, json!({ "name": "own" })).await;
    for (mailbox, property) in [
        (json!({}), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "a/b" }), "name"),
        (json!({ "name": "x", "parentId": "f99" }), "parentId"),
        (json!({ "name": "x", "parentId": 5 }), "parentId"),
        (json!({ "name": "x", "role": "inbox" }), "role"),
        (json!({ "name": "x", "role": "unheard" }), "role"),
        (json!({ "name": "x", "sortOrder": -1 }), "sortOrder"),
        (json!({ "name": "x", "totalEmails": 5 }), "totalEmails"),
        (json!({ "name": "x", "colour": "red" }), "colour"),
    ] {
        let answer = create(&mut member, mailbox.clone()).await;
        let error = &answer["notCreated"]["new"];
        assert_eq!(
            (error["type"].as_str(), error["properties"][0].as_str()),
            (Some("invalidProperties"), Some(property)),
            "{mailbox} {answer}"
        );
    }
    // RFC 8620 §5.4: which one has the name is told, whether a second one is made or another renamed.
    let twin = create(&mut member, json!({ "name": "own" })).await["notCreated"]["new"].clone();
    assert_eq!((&twin["type"], &twin["existingId"], &twin["code"]), (&json!("alreadyExists"), &json!(own), &json!("mailbox_name_taken")));
    let other = made(&mut member, json!({ "name": "other" })).await;
    let renamed = member.call("Mailbox/set", json!({ "update": { &other: { "name": "own" } } })).await;
    assert_eq!(
        (&renamed["notUpdated"][&other]["type"], &renamed["notUpdated"][&other]["existingId"]),
        (&json!("alreadyExists"), &json!(own))
    );
    for (id, patch, kind) in [
        (inbox.as_str(), json!({ "name": "x" }), "forbidden"),
        (&own, json!({ "name": null }), "invalidProperties"),
        (&own, json!({ "id": "f1" }), "invalidProperties"),
        (&own, json!({ "parentId": own }), "invalidProperties"),
        (&own, json!({ "myRights/mayDelete": false }), "invalidProperties"),
        (&own, json!({ "nothing/here": 1 }), "invalidPatch"),
        ("f99", json!({ "name": "x" }), "notFound"),
    ] {
        let answer = member.call("Mailbox/set", json!({ "update": { id: patch } })).await;
        assert_eq!(answer["notUpdated"][id]["type"], kind, "{patch} {answer}");
    }
    let unchanged = member.call("Mailbox/set", json!({ "update": { &own: { "id": own, "totalEmails": 0, "name": "own" } } })).await;
    assert_eq!(unchanged["updated"], json!({ &own: null }));
}

#[test_each_engine]
async fn a_mailbox_goes_with_its_mail_only_when_that_is_said(store: Store) {
    let (_, mut member) = owner(store).await;
    let own = made(&mut member, json!({ "name": "own" })).await;
    let child = made(&mut member, json!({ "name": "child", "parentId": own })).await;
    let inbox = member.mailbox("inbox").await;
    let (only_here, elsewhere) = (member.receive("one").await, member.receive("two").await);
    let moved = member
        .call(
            "Email/set",
            json!({ "update": { &only_here: { "mailboxIds": { &own: true } }, &elsewhere: { format!("mailboxIds/{own}"): true } } }),
        )
        .await;
    assert_eq!(moved["updated"].as_object().unwrap().len(), 2, "{moved}");
    let refused = |answer: Value, id: &str| answer["notDestroyed"][id]["type"].as_str().unwrap_or_default().to_owned();
    assert_eq!(refused(member.call("Mailbox/set", json!({ "destroy": [own] })).await, &own), "mailboxHasChild");
    member.call("Mailbox/set", json!({ "destroy": [child] })).await;
    assert_eq!(refused(member.call("Mailbox/set", json!({ "destroy": [own] })).await, &own), "mailboxHasEmail");
    assert_eq!(
        refused(member.call("Mailbox/set", json!({ "destroy": [inbox], "onDestroyRemoveEmails": true })).await, &inbox),
        "forbidden"
    );
    let removed = member.call("Mailbox/set", json!({ "destroy": [own], "onDestroyRemoveEmails": true })).await;
    assert_eq!(strings(&removed["destroyed"]), [own.as_str()]);
    let got = member.call("Email/get", json!({ "ids": [only_here, elsewhere], "properties": ["mailboxIds"] })).await;
    assert_eq!((strings(&got["notFound"]), got["list"][0]["mailboxIds"].clone()), (vec![only_here], json!({ inbox: true })));
}

#[test_each_engine]
async fn queries_filter_sort_and_show_the_tree(store: Store) {
    let (_, mut member) = owner(store).await;
    let b = made(&mut member, json!({ "name": "b", "sortOrder": 100 })).await;
    let a = made(&mut member, json!({ "name": "A", "sortOrder": 100 })).await;
    let below = made(&mut member, json!({ "name": "0 below b", "parentId": b, "sortOrder": 1 })).await;
    let by_name = json!([{ "property": "sortOrder" }, { "property": "name", "isAscending": true }]);
    let own = json!({ "operator": "AND", "conditions": [{ "hasAnyRole": false }] });
    let found = member.call("Mailbox/query", json!({ "filter": own, "sort": by_name, "calculateTotal": true })).await;
    assert_eq!((strings(&found["ids"]), found["total"].as_u64()), (vec![below.clone(), a.clone(), b.clone()], Some(3)));
    let found = member.call("Mailbox/query", json!({ "filter": own, "sort": by_name, "sortAsTree": true })).await;
    assert_eq!(strings(&found["ids"]), [a.clone(), b.clone(), below.clone()]);
    let found = member.call("Mailbox/query", json!({ "filter": { "name": "0" }, "filterAsTree": true })).await;
    assert!(strings(&found["ids"]).is_empty(), "what lies above it does not match");
    let found = member.call("Mailbox/query", json!({ "filter": { "parentId": b } })).await;
    assert_eq!(strings(&found["ids"]), [below.as_str()]);
    let found = member
        .call("Mailbox/query", json!({ "filter": { "operator": "NOT", "conditions": [{ "parentId": null }, { "role": "inbox" }] } }))
        .await;
    assert_eq!(strings(&found["ids"]), [below.as_str()]);
    let paged = member.call("Mailbox/query", json!({ "filter": own, "sort": by_name, "anchor": a, "anchorOffset": 1, "limit": 1 })).await;
    assert_eq!((strings(&paged["ids"]), paged["position"].as_u64()), (vec![b.clone()], Some(2)));
    assert_eq!(member.error("Mailbox/query", json!({ "anchor": "f99" })).await, "anchorNotFound");
    assert_eq!(member.error("Mailbox/query", json!({ "filter": { "colour": "red" } })).await, "unsupportedFilter");
    assert_eq!(member.error("Mailbox/query", json!({ "sort": [{ "property": "colour" }] })).await, "unsupportedSort");
    assert_eq!(member.error("Mailbox/query", json!({ "sort": [{ "property": "name", "collation": "i;none" }] })).await, "unsupportedSort");
}

#[test_each_engine]
async fn what_changed_in_a_query_is_told_with_places(store: Store) {
    let (_, mut member) = owner(store).await;
    let arguments = json!({ "filter": { "hasAnyRole": false }, "sort": [{ "property": "name" }] });
    let (a, c) = (made(&mut member, json!({ "name": "a" })).await, made(&mut member, json!({ "name": "c" })).await);
    let before = member.call("Mailbox/query", arguments.clone()).await;
    let b = made(&mut member, json!({ "name": "b" })).await;
    member.call("Mailbox/set", json!({ "destroy": [c] })).await;
    let mut asked = arguments.clone();
    asked["sinceQueryState"] = before["queryState"].clone();
    let changes = member.call("Mailbox/queryChanges", asked.clone()).await;
    let mut ids = strings(&before["ids"]);
    ids.retain(|id| !strings(&changes["removed"]).contains(id));
    for added in changes["added"].as_array().unwrap() {
        ids.insert(added["index"].as_u64().unwrap() as usize, added["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids, [a, b]);
    asked["maxChanges"] = json!(1);
    assert_eq!(member.error("Mailbox/queryChanges", asked).await, "tooManyChanges");
    assert_eq!(member.error("Mailbox/changes", json!({ "sinceState": "99999" })).await, "cannotCalculateChanges");
    assert_eq!(member.error("Mailbox/changes", json!({ "sinceState": "x" })).await, "cannotCalculateChanges");
    assert_eq!(member.error("Mailbox/changes", json!({ "sinceState": "1", "maxChanges": 0 })).await, "invalidArguments");
}
