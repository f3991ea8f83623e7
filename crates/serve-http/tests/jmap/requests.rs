use axum::body::Body;
use http::{Request, header};
use serde_json::{Value, json};
use serve_http::jmap::limits;
use store::Store;
use testkit::test_each_engine;

use crate::client::{Member, USING, owner};

async fn problem(member: &mut Member, kind: &str, body: impl std::convert::Into<Vec<u8>>) -> (u16, String, Value) {
    let request = Request::post("/jmap").header(header::CONTENT_TYPE, kind).body(Body::from(body.into())).unwrap();
    let answer = member.browser.request(request).await;
    let kind = answer.body["type"].as_str().unwrap_or_default().trim_start_matches("urn:ietf:params:jmap:error:").to_owned();
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    (answer.status, kind, answer.body)
}

#[test_each_engine]
async fn a_request_that_cannot_be_carried_out_is_answered_with_its_problem(store: Store) {
    let (_, mut member) = owner(store).await;
    let json = "application/json";
    assert_eq!(problem(&mut member, json, "{").await.1, "notJSON");
    assert_eq!(problem(&mut member, json, r#"{"using":[],"using":[],"methodCalls":[]}"#).await.1, "notJSON");
    assert_eq!(problem(&mut member, "text/plain", r#"{"using":[],"methodCalls":[]}"#).await.1, "notJSON");
    assert_eq!(problem(&mut member, json, "[]").await.1, "notRequest");
    let (status, kind, _) = problem(&mut member, json, r#"{"using":["urn:example:none"],"methodCalls":[]}"#).await;
    assert_eq!((status, kind.as_str()), (400, "unknownCapability"));
    let calls = vec![json!(["Core/echo", {}, "c"]); limits::MAX_CALLS_IN_REQUEST + 1];
    let (_, kind, body) = problem(&mut member, json, json!({ "using": USING, "methodCalls": calls }).to_string()).await;
    assert_eq!((kind.as_str(), body["limit"].as_str()), ("limit", Some("maxCallsInRequest")));
    let (_, kind, body) = problem(&mut member, json, vec![b' '; limits::MAX_SIZE_REQUEST + 1]).await;
    assert_eq!((kind.as_str(), body["limit"].as_str()), ("limit", Some("maxSizeRequest")));
}

#[test_each_engine]
async fn echoes_come_back_as_they_were_and_others_go_on_after_an_error(store: Store) {
    let (_, mut member) = owner(store).await;
    // RFC 8620 §4.1 and §3.4.1.
    let answers = member
        .calls(json!([
            ["Core/echo", { "hello": true, "high": 5 }, "b3ff"],
            ["Core/nothing", {}, "c1"],
            ["Mailbox/get", { "accountId": member.account, "colour": "red" }, "c2"],
            ["Mailbox/get", { "accountId": member.account, "properties": ["colour"] }, "c3"],
            ["Mailbox/get", {}, "c4"],
            ["Core/echo", {}, "c5"],
        ]))
        .await;
    assert_eq!(answers[0], ("Core/echo".to_owned(), json!({ "hello": true, "high": 5 })));
    assert_eq!(answers[1].1["type"], "unknownMethod");
    for answer in &answers[2..5] {
        assert_eq!(answer.1["type"], "invalidArguments");
    }
    assert_eq!(answers[5].0, "Core/echo");
}

#[test_each_engine]
async fn a_method_of_a_capability_that_is_not_used_is_unknown(store: Store) {
    let (_, mut member) = owner(store).await;
    let call = json!({ "using": ["urn:ietf:params:jmap:core"], "methodCalls": [["Mailbox/get", { "accountId": member.account }, "0"]] });
    let answer = member.browser.post("/jmap", call).await;
    assert_eq!(answer.body["methodResponses"][0][1]["type"], "unknownMethod");
}

#[test_each_engine]
async fn results_of_earlier_calls_can_be_arguments(store: Store) {
    let (_, mut member) = owner(store).await;
    for subject in ["one", "two"] {
        member.receive(subject).await;
    }
    let account = member.account.clone();
    // RFC 8620 §3.7: the first page with its threads, in one request.
    let answers = member
        .calls(json!([
            ["Email/query", { "accountId": account, "limit": 10 }, "t0"],
            ["Email/get", { "accountId": account, "properties": ["threadId"], "#ids": { "resultOf": "t0", "name": "Email/query", "path": "/ids" } }, "t1"],
            ["Thread/get", { "accountId": account, "#ids": { "resultOf": "t1", "name": "Email/get", "path": "/list/*/threadId" } }, "t2"],
            ["Email/get", { "accountId": account, "properties": ["subject"], "#ids": { "resultOf": "t2", "name": "Thread/get", "path": "/list/*/emailIds" } }, "t3"],
        ]))
        .await;
    let subjects: Vec<&str> = answers[3].1["list"].as_array().unwrap().iter().map(|email| email["subject"].as_str().unwrap()).collect();
    assert_eq!((subjects.len(), subjects.contains(&"one"), subjects.contains(&"two")), (2, true, true));
    let wrong = [
        json!({ "resultOf": "t9", "name": "Email/query", "path": "/ids" }),
        json!({ "resultOf": "t0", "name": "Email/get", "path": "/ids" }),
        json!({ "resultOf": "t0", "name": "Email/query", "path": "/nothing" }),
    ];
    for reference in wrong {
        let answers = member
            .calls(
                json!([["Email/query", { "accountId": account }, "t0"], ["Email/get", { "accountId": account, "#ids": reference }, "t1"]]),
            )
            .await;
        assert_eq!(answers[1].1["type"], "invalidResultReference");
    }
    let both = json!({ "resultOf": "t0", "name": "Email/query", "path": "/ids" });
    let answers = member
        .calls(json!([["Email/query", { "accountId": account }, "t0"], ["Email/get", { "accountId": account, "ids": [], "#ids": both }, "t1"]]))
        .await;
    assert_eq!(answers[1].1["type"], "invalidArguments");
}

#[test_each_engine]
async fn echoes_of_echoes_cannot_fill_the_memory(store: Store) {
    let (_, mut member) = owner(store).await;
    let mut calls = vec![json!(["Core/echo", { "a": "x".repeat(10_000) }, "c0"])];
    for number in 1..limits::MAX_CALLS_IN_REQUEST {
        let before = json!({ "resultOf": format!("c{}", number - 1), "name": "Core/echo", "path": "" });
        calls.push(json!(["Core/echo", { "#a": before, "#b": before }, format!("c{number}")]));
    }
    let answers = member.calls(json!(calls)).await;
    assert!(answers.iter().any(|(_, answer)| answer["type"] == "requestTooLarge"));
}

#[test_each_engine]
async fn creation_ids_hold_for_the_request_and_are_handed_on_to_the_next(store: Store) {
    let (_, mut member) = owner(store).await;
    let account = member.account.clone();
    let calls = json!([
        ["Mailbox/set", { "accountId": account, "create": { "parent": { "name": "项目" }, "child": { "name": "2026", "parentId": "#parent" } } }, "0"],
        ["Mailbox/get", { "accountId": account, "ids": ["#child"], "properties": ["parentId", "name"] }, "1"],
    ]);
    let answer = member.browser.post("/jmap", json!({ "using": USING, "methodCalls": calls, "createdIds": {} })).await;
    let created = &answer.body["createdIds"];
    let child = &answer.body["methodResponses"][1][1]["list"][0];
    assert_eq!((child["parentId"].clone(), child["name"].as_str()), (created["parent"].clone(), Some("2026")));
    let calls = json!([["Mailbox/get", { "accountId": account, "ids": ["#parent", "#nothing"] }, "0"]]);
    let next = member.browser.post("/jmap", json!({ "using": USING, "methodCalls": calls, "createdIds": created })).await;
    let got = &next.body["methodResponses"][0][1];
    assert_eq!((got["list"][0]["name"].as_str(), got["notFound"].clone()), (Some("项目"), json!(["#nothing"])));
}

#[test_each_engine]
async fn more_objects_than_a_call_may_name_are_too_many(store: Store) {
    let (_, mut member) = owner(store).await;
    let ids: Vec<String> = (0..=limits::MAX_OBJECTS_IN_GET).map(|number| format!("m{}", number + 1)).collect();
    assert_eq!(member.error("Email/get", json!({ "ids": ids })).await, "requestTooLarge");
    assert_eq!(member.error("Email/set", json!({ "destroy": ids[..=limits::MAX_OBJECTS_IN_SET] })).await, "requestTooLarge");
    assert_eq!(member.error("Thread/get", json!({ "ids": null })).await, "requestTooLarge");
}
