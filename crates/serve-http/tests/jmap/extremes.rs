//! Requests and mail as large, deep and strange as they can be made: they are answered or refused, and what is answered is bounded.

use axum::body::Body;
use http::{Request, header};
use mail::delivery::Into;
use mail::mailboxes::{MAX_MAILBOXES, Role};
use mail::{Flags, mime};
use serde_json::{Value, json};
use serve_http::jmap::limits;
use store::{Store, StoreError, params};
use testkit::test_each_engine;

use crate::client::{Member, USING, owner, strings};

async fn post(member: &mut Member, body: String) -> (u16, String) {
    let request = Request::post("/jmap").header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
    let answer = member.browser.request(request).await;
    (answer.status, answer.body["type"].as_str().unwrap_or_default().trim_start_matches("urn:ietf:params:jmap:error:").to_owned())
}

#[test_each_engine]
async fn json_that_is_deep_or_nothing_but_brackets_is_refused(store: Store) {
    let (_, mut member) = owner(store).await;
    let whole = |argument: &str| {
        let using = json!(USING);
        format!(r#"{{"using":{using},"methodCalls":[["Core/echo",{{"a":{argument}}},"0"]]}}"#)
    };
    for deep in ["[".repeat(100_000), format!("{}0{}", "[".repeat(1_000), "]".repeat(1_000)), r#"{"a":"#.repeat(200_000)] {
        assert_eq!(post(&mut member, whole(&deep)).await, (400, "notJSON".to_owned()));
    }
    for many in ["[],".repeat(3_000_000), "0,".repeat(4_000_000), "{},".repeat(3_000_000)] {
        assert_eq!(post(&mut member, whole(&format!("[{many}0]"))).await, (400, "notRequest".to_owned()));
    }
    // As deep as is read, in the places where depth is gone into.
    let deep = |depth: usize| (0..depth).fold(json!({ "text": "x" }), |inner, _| json!({ "operator": "NOT", "conditions": [inner] }));
    let (name, answer) = member.try_call("Email/query", json!({ "filter": deep(50) })).await;
    assert!(name == "Email/query" || answer["type"] == "unsupportedFilter", "{answer}");
    let parts =
        (0..50).fold(json!({ "partId": "1", "type": "text/plain" }), |inner, _| json!({ "type": "multipart/mixed", "subParts": [inner] }));
    let drafts = member.mailbox("drafts").await;
    let email = json!({ "mailboxIds": { drafts: true }, "bodyStructure": parts, "bodyValues": { "1": { "value": "deep" } } });
    let set = member.call("Email/set", json!({ "create": { "k": email } })).await;
    assert!(set["created"]["k"]["id"].is_string() || set["notCreated"]["k"]["type"] == "invalidProperties", "{set}");
    let path = "/a".repeat(100_000);
    let answers = member
        .calls(json!([["Core/echo", {}, "0"], ["Email/get", { "accountId": member.account, "#ids": { "resultOf": "0", "name": "Core/echo", "path": path } }, "1"]]))
        .await;
    assert_eq!(answers[1].1["type"], "invalidResultReference");
}

/// Every kind of condition at once.
fn everything() -> Value {
    json!({
        "inMailbox": "f1", "before": "2030-01-01T00:00:00Z", "after": "2000-01-01T00:00:00Z", "minSize": 1, "maxSize": 1_000_000,
        "allInThreadHaveKeyword": "$seen", "someInThreadHaveKeyword": "$flagged", "noneInThreadHaveKeyword": "x", "hasKeyword": "a",
        "notKeyword": "b", "hasAttachment": true,
    })
}

#[test_each_engine]
async fn search_bombs_are_searched_or_refused_and_never_a_failure(store: Store) {
    let (_, mut member) = owner(store).await;
    for number in 0..3 {
        member.receive(&format!("number {number}")).await;
    }
    let all = |operator: &str, conditions: Vec<Value>| json!({ "operator": operator, "conditions": conditions });
    let ids = |count: usize| (1..=count).map(|number| format!("f{number}")).collect::<Vec<_>>();
    let words = vec!["word"; 20].join(" ");
    let most = limits::MAX_FILTER_NODES - 1;
    let nested = |operator: &str, depth: usize, leaf: Value| (0..depth).fold(leaf, |inner, _| all(operator, vec![inner]));
    let zigzag = (0..55).fold(everything(), |inner, level| all(if level % 2 == 0 { "AND" } else { "OR" }, vec![inner, everything()]));
    let mut refused = 0;
    for filter in [
        all("OR", vec![everything(); most]),
        all("AND", vec![everything(); most]),
        all("NOT", vec![everything(); most]),
        all("OR", vec![json!({ "inMailboxOtherThan": ids(1_000) })]),
        all("OR", vec![json!({ "inMailboxOtherThan": ids(500) }); most]),
        all(
            "AND",
            vec![json!({ "text": words, "from": words, "to": words, "cc": words, "bcc": words, "subject": words, "body": words }); most],
        ),
        all("OR", vec![json!({ "text": "a", "hasKeyword": "$seen" }); most]),
        all("OR", vec![json!({ "header": ["X".repeat(1_000), "y".repeat(1_000)] }); most]),
        all("OR", vec![json!({ "text": "x" }); 50_000]),
        all("AND", Vec::new()),
        json!({ "text": "长".repeat(100_000) }),
        json!({ "text": "\"".repeat(1_000) }),
        json!({ "inMailboxOtherThan": ids(100_000) }),
        nested("NOT", 55, json!({ "text": "x" })),
        nested("NOT", 55, everything()),
        nested("AND", 55, json!({ "subject": "x" })),
        zigzag,
    ] {
        for (method, arguments) in [
            ("Email/query", json!({ "filter": filter, "calculateTotal": true })),
            ("Email/query", json!({ "filter": filter, "collapseThreads": true, "sort": [{ "property": "subject" }] })),
            ("Email/queryChanges", json!({ "filter": filter, "sinceQueryState": "1" })),
            ("SearchSnippet/get", json!({ "filter": filter, "emailIds": ["m1"] })),
        ] {
            let (name, answer) = member.try_call(method, arguments).await;
            let kind = answer["type"].as_str().unwrap_or_default();
            let short: String = filter.to_string().chars().take(100).collect();
            assert!(name == method || ["unsupportedFilter", "cannotCalculateChanges"].contains(&kind), "{method} {short} {answer}");
            refused += usize::from(kind == "unsupportedFilter");
        }
    }
    assert!(refused > 10, "{refused}");
    let sorts: Vec<Value> = (0..10_000).map(|_| json!({ "property": "subject" })).collect();
    let (name, answer) = member.try_call("Email/query", json!({ "sort": sorts })).await;
    assert!(name == "Email/query" || answer["type"] == "unsupportedSort" || answer["type"] == "invalidArguments", "{answer}");
    let mailboxes = all("OR", vec![json!({ "name": "x".repeat(10_000) }); most]);
    assert_eq!(
        strings(&member.call("Mailbox/query", json!({ "filter": mailboxes, "sortAsTree": true, "filterAsTree": true })).await["ids"]).len(),
        0
    );
}

#[test_each_engine]
async fn mail_of_every_extreme_is_shown_within_bounds(store: Store) {
    let (_, mut member) = owner(store).await;
    let head = "From: li@second.test\nSubject: extreme\n";
    let parts: String = (0..50_000).map(|number| format!("--b\nContent-Type: text/plain; name=p{number}\n\npart {number}\n")).collect();
    let levels: String = (0..10_000).map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n")).collect();
    let mut largest = 0;
    for message in [
        format!("{head}Content-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n"),
        format!("{head}{levels}\ndeep"),
        format!("{head}X-Long: {}\n\nbody", "x".repeat(10_000_000)),
        format!("{head}{}\nbody", "X: y\n".repeat(100_000)),
        format!("{head}To: {}\n\nbody", "a@b.test, ".repeat(1_000_000)),
    ] {
        let received_at = kernel::Timestamp::from_micros(1_780_000_000_000_000);
        let id = member.deliver_into(&message, Into::Role(Role::Inbox), received_at, Flags::NONE).await.message.to_string();
        let properties = [
            "id",
            "to",
            "headers",
            "textBody",
            "htmlBody",
            "attachments",
            "bodyValues",
            "preview",
            "hasAttachment",
            "header:To:asAddresses",
            "header:To:asGroupedAddresses:all",
            "header:X-Long:asText",
        ];
        let arguments = json!({ "ids": [id], "properties": properties, "fetchAllBodyValues": true, "maxBodyValueBytes": 1000 });
        let (name, answer) = member.try_call("Email/get", arguments).await;
        let weight = answer.to_string().len();
        assert!(weight <= 2 * limits::MAX_ANSWER_BYTES, "{weight}");
        assert!(name == "Email/get" || answer["type"] == "requestTooLarge", "{}", answer.to_string().chars().take(200).collect::<String>());
        largest = largest.max(weight);
        if name == "Email/get" {
            let email = &answer["list"][0];
            assert!(email["textBody"].as_array().unwrap().len() <= mime::MAX_PARTS);
            assert!(email["headers"].as_array().unwrap().len() <= 20_000 && email["to"].as_array().map_or(0, Vec::len) <= 20_000);
        }
        // The tree may be deeper than this test reads JSON.
        let tree = json!([["Email/get", { "accountId": member.account, "ids": [id], "properties": ["bodyStructure"] }, "0"]]);
        let answer = member.request(tree).await;
        assert!(answer.status == 200 && answer.text().len() <= 2 * limits::MAX_ANSWER_BYTES);
        // Lists, searches and threads go on as if it were any mail.
        let listed = member.call("Email/get", json!({ "ids": [id], "properties": ["subject", "from", "to", "preview"] })).await;
        assert_eq!(listed["list"][0]["subject"], "extreme");
        assert!(listed.to_string().len() < 1_000_000);
        assert!(member.query(json!({ "filter": { "text": "extreme" } })).await.contains(&id));
    }
    assert!(largest > 100_000, "they were large indeed: {largest}");
}

#[test_each_engine]
async fn an_account_has_so_many_mailboxes_and_no_more(store: Store) {
    let (_, mut member) = owner(store).await;
    let account = member.account_id();
    let first = member.call("Mailbox/get", json!({ "ids": null })).await["list"].as_array().unwrap().len();
    // As many as there may be, less one; made as rows, because one by one takes long.
    let wanted = MAX_MAILBOXES - first - 1;
    member
        .store()
        .write_account(account, move |tx| {
            for number in 0..wanted {
                let id = 1_000_000 + number;
                tx.execute(
                    "INSERT INTO mailbox (account_id, id, parent_id, name, name_key, role, uid_validity, uid_next, total, unseen, unread, total_threads, \
                     unread_threads, size_bytes, change_number, created_change, changed_change, counted_change, subscribed, sort_order) \
                     SELECT account_id, $2, 0, $3, $3, NULL, uid_validity, 1, 0, 0, 0, 0, 0, 0, change_number, created_change, changed_change, \
                     counted_change, FALSE, 0 FROM mailbox WHERE account_id = $1 AND role = 'inbox'",
                    params![account, id, format!("many {number}")],
                )?
                .expect_one()?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let made = member.call("Mailbox/set", json!({ "create": { "last": { "name": "last" } } })).await;
    assert!(made["created"]["last"]["id"].is_string(), "{made}");
    let refused = member.call("Mailbox/set", json!({ "create": { "more": { "name": "more" } } })).await;
    assert_eq!(
        (&refused["notCreated"]["more"]["type"], &refused["notCreated"]["more"]["code"]),
        (&json!("overQuota"), &json!("too_many_mailboxes"))
    );
    // All of them are more than one answer holds; a query and lists of ids get at them.
    assert_eq!(member.error("Mailbox/get", json!({ "ids": null })).await, "requestTooLarge");
    let ids = strings(&member.call("Mailbox/query", json!({ "sortAsTree": true, "sort": [{ "property": "name" }] })).await["ids"]);
    assert_eq!(ids.len(), MAX_MAILBOXES.min(limits::MAX_QUERY_LIMIT));
    let got = member.call("Mailbox/get", json!({ "ids": ids[..limits::MAX_OBJECTS_IN_GET] })).await;
    assert_eq!(got["list"].as_array().unwrap().len(), limits::MAX_OBJECTS_IN_GET);
    // Without a trace: they were made beside the rules.
    let clearing = member.store().write_account(account, move |tx| {
        tx.execute("DELETE FROM mailbox WHERE account_id = $1 AND id >= 1000000 AND id < 2000000", params![account])?.any();
        Ok::<_, StoreError>(())
    });
    clearing.await.unwrap();
}
