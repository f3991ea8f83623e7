use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::client::{Member, owner, simple, strings};

async fn created(member: &mut Member, email: Value) -> Value {
    let answer = member.call("Email/set", json!({ "create": { "new": email } })).await;
    assert!(answer["created"]["new"]["id"].is_string(), "{answer}");
    answer["created"]["new"].clone()
}

async fn refused(member: &mut Member, email: Value) -> Value {
    let answer = member.call("Email/set", json!({ "create": { "new": email } })).await;
    answer["notCreated"]["new"].clone()
}

#[test_each_engine]
async fn a_draft_reads_back_as_it_was_written(store: Store) {
    let (_, mut member) = owner(store).await;
    let drafts = member.mailbox("drafts").await;
    let picture = member.blob("image/png", b"\x89PNG\r\n\x1a\n").await;
    let report = member.blob("application/pdf", b"%PDF-1.4\n\x00\xff").await;
    let made = created(
        &mut member,
        json!({
            "mailboxIds": { &drafts: true },
            "keywords": { "$draft": true, "$seen": true },
            "from": [{ "name": "王芳", "email": "admin@first.test" }],
            "to": [{ "name": "Doe, \"J\"", "email": "doe@second.test" }, { "name": null, "email": "unfinished" }],
            "bcc": [{ "email": "hidden@second.test" }],
            "subject": "关于年报\r\nBcc: evil@x.test",
            "sentAt": "2026-06-01T09:00:00+08:00",
            "inReplyTo": ["before@second.test"],
            "references": ["first@second.test", "before@second.test"],
            "header:X-Priority:asText": "1",
            "textBody": [{ "partId": "t", "type": "text/plain" }],
            "htmlBody": [{ "partId": "h", "type": "text/html" }],
            "bodyValues": { "t": { "value": "你好\nline two" }, "h": { "value": "<p>你好<img src=\"cid:pic@x\"></p>" } },
            "attachments": [
                { "blobId": picture, "type": "image/png", "name": "图.png", "disposition": "inline", "cid": "pic@x" },
                { "blobId": report, "type": "application/pdf", "name": "年报.pdf" },
            ],
        }),
    )
    .await;
    let id = made["id"].as_str().unwrap().to_owned();
    let got = member
        .call("Email/get", json!({ "ids": [id], "fetchAllBodyValues": true, "properties": [
            "mailboxIds", "keywords", "size", "from", "to", "bcc", "subject", "sentAt", "inReplyTo", "references", "messageId", "header:X-Priority:asText",
            "bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments", "hasAttachment", "blobId", "threadId",
        ] }))
        .await;
    let email = &got["list"][0];
    for property in ["size", "blobId", "threadId"] {
        assert_eq!(email[property], made[property], "{property}");
    }
    assert_eq!(
        (email["mailboxIds"].clone(), email["keywords"].clone()),
        (json!({ drafts: true }), json!({ "$draft": true, "$seen": true }))
    );
    assert_eq!(email["from"], json!([{ "name": "王芳", "email": "admin@first.test" }]));
    assert_eq!(email["to"][0], json!({ "name": "Doe, \"J\"", "email": "doe@second.test" }));
    assert_eq!((email["to"][1]["email"].as_str(), email["bcc"][0]["email"].as_str()), (Some("unfinished"), Some("hidden@second.test")));
    // A line break in a value begins no other field.
    assert!(email["subject"].as_str().unwrap().starts_with("关于年报") && email["bcc"].as_array().unwrap().len() == 1);
    assert_eq!((email["sentAt"].as_str(), email["header:X-Priority:asText"].as_str()), (Some("2026-06-01T09:00:00+08:00"), Some("1")));
    assert_eq!((email["inReplyTo"].clone(), email["references"][0].clone()), (json!(["before@second.test"]), json!("first@second.test")));
    assert!(email["messageId"][0].as_str().unwrap().ends_with("@first.test"));
    let types = |part: &Value| {
        part["subParts"].as_array().unwrap().iter().map(|part| part["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let structure = &email["bodyStructure"];
    assert_eq!(
        (structure["type"].as_str(), types(structure)),
        (Some("multipart/mixed"), vec!["multipart/alternative".to_owned(), "application/pdf".to_owned()])
    );
    assert_eq!(types(&structure["subParts"][0]), ["text/plain", "multipart/related"]);
    let text_part = email["textBody"][0]["partId"].as_str().unwrap();
    assert_eq!(email["bodyValues"][text_part]["value"], "你好\nline two");
    let names: Vec<&str> = email["attachments"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    assert_eq!((names, email["hasAttachment"].clone()), (vec!["图.png", "年报.pdf"], json!(true)));
    let blob = email["attachments"][1]["blobId"].as_str().unwrap();
    let path = format!("/jmap/download/{}/{blob}/x", member.account);
    assert_eq!(&member.browser.get(&path).await.bytes[..], b"%PDF-1.4\n\x00\xff");
}

#[test_each_engine]
async fn a_whole_structure_can_be_given(store: Store) {
    let (_, mut member) = owner(store).await;
    let drafts = member.mailbox("drafts").await;
    let within = member.deliver(&simple("within")).await.message.raw();
    let made = created(
        &mut member,
        json!({
            "mailboxIds": { drafts: true }, "subject": "forwarded",
            "bodyStructure": { "type": "multipart/mixed", "subParts": [
                { "partId": "a", "type": "text/plain", "header:Content-Duration": " 1" },
                { "blobId": format!("B{within}"), "type": "message/rfc822", "name": "within.eml" },
            ] },
            "bodyValues": { "a": { "value": "see below" } },
        }),
    )
    .await;
    let got = member.call("Email/get", json!({ "ids": [made["id"]], "properties": ["attachments", "preview", "textBody"] })).await;
    let email = &got["list"][0];
    assert_eq!((email["preview"].as_str(), email["attachments"][0]["type"].as_str()), (Some("see below"), Some("message/rfc822")));
    let blob = email["attachments"][0]["blobId"].clone();
    // A message within a message can be looked into, and so can its parts.
    let parsed = member.call("Email/parse", json!({ "blobIds": [blob, "B99", "x"], "fetchTextBodyValues": true })).await;
    let inner = &parsed["parsed"][blob.as_str().unwrap()];
    assert_eq!((inner["subject"].as_str(), inner["from"][0]["email"].as_str()), (Some("within"), Some("li@second.test")));
    assert_eq!(inner["bodyValues"]["1"]["value"], "Text of within.\n");
    assert_eq!(strings(&parsed["notFound"]), ["B99", "x"]);
    let part = inner["textBody"][0]["blobId"].as_str().unwrap();
    let path = format!("/jmap/download/{}/{part}/x", member.account);
    assert_eq!(member.browser.get(&path).await.text(), "Text of within.\r\n");
}

#[test_each_engine]
async fn a_draft_that_cannot_be_is_refused_with_its_properties(store: Store) {
    let (_, mut member) = owner(store).await;
    let drafts = member.mailbox("drafts").await;
    let place = json!({ &drafts: true });
    let text = json!([{ "partId": "t", "type": "text/plain" }]);
    let values = json!({ "t": { "value": "x" } });
    for (email, property) in [
        (json!({}), "mailboxIds"),
        (json!({ "mailboxIds": {} }), "mailboxIds"),
        (json!({ "mailboxIds": { "f99": true } }), "mailboxIds"),
        (json!({ "mailboxIds": { &drafts: false } }), "mailboxIds"),
        (json!({ "mailboxIds": place, "keywords": { "a b": true } }), "keywords"),
        (json!({ "mailboxIds": place, "receivedAt": "2026-06-01T09:00:00+08:00" }), "receivedAt"),
        (json!({ "mailboxIds": place, "id": "m1" }), "id"),
        (json!({ "mailboxIds": place, "headers": [] }), "headers"),
        (json!({ "mailboxIds": place, "colour": "red" }), "colour"),
        (json!({ "mailboxIds": place, "from": [{ "email": "a b@x" }] }), "from"),
        (json!({ "mailboxIds": place, "from": "a@x" }), "from"),
        (json!({ "mailboxIds": place, "from": [], "header:From:asAddresses": [] }), "header:From:asAddresses"),
        (json!({ "mailboxIds": place, "header:From:asText": "x" }), "header:From:asText"),
        (json!({ "mailboxIds": place, "header:X:asRaw": "a\r\nBcc: b" }), "header:X:asRaw"),
        (json!({ "mailboxIds": place, "header:Content-Type": "text/plain" }), "header:Content-Type"),
        (json!({ "mailboxIds": place, "textBody": text }), "textBody"),
        (json!({ "mailboxIds": place, "textBody": [{ "partId": "t", "type": "text/html" }], "bodyValues": values }), "textBody"),
        (json!({ "mailboxIds": place, "textBody": [{ "partId": "t", "charset": "utf-8" }], "bodyValues": values }), "textBody"),
        (json!({ "mailboxIds": place, "textBody": [{ "partId": "t", "blobId": "B1" }], "bodyValues": values }), "textBody"),
        (
            json!({ "mailboxIds": place, "textBody": [{ "partId": "t", "header:Content-Transfer-Encoding": "8bit" }], "bodyValues": values }),
            "textBody",
        ),
        (
            json!({ "mailboxIds": place, "bodyStructure": { "partId": "t", "type": "text/plain" }, "textBody": text, "bodyValues": values }),
            "textBody",
        ),
        (json!({ "mailboxIds": place, "bodyStructure": { "type": "multipart/mixed", "subParts": [] } }), "bodyStructure"),
        (json!({ "mailboxIds": place, "bodyValues": { "t": { "value": "x", "isTruncated": true } } }), "bodyValues"),
        (json!({ "mailboxIds": place, "attachments": [{ "blobId": "nonsense" }] }), "attachments"),
        (json!({ "mailboxIds": place, "messageId": ["<a@b>"] }), "messageId"),
    ] {
        let error = refused(&mut member, email.clone()).await;
        assert_eq!(error["type"], "invalidProperties", "{email} {error}");
        assert!(strings(&error["properties"]).contains(&property.to_owned()), "{email} {error}");
    }
    let missing =
        refused(&mut member, json!({ "mailboxIds": place, "attachments": [{ "blobId": "B99" }, { "blobId": "Uupl_01hq3v0k8c1z4" }] }))
            .await;
    assert_eq!((missing["type"].as_str(), strings(&missing["notFound"]).len()), (Some("blobNotFound"), 2));
    let many: serde_json::Map<String, Value> = (0..200).map(|number| (format!("k{number}"), json!(true))).collect();
    assert_eq!(refused(&mut member, json!({ "mailboxIds": place, "keywords": many })).await["type"], "tooManyKeywords");
}

#[test_each_engine]
async fn a_message_that_was_uploaded_is_imported(store: Store) {
    let (_, mut member) = owner(store).await;
    let archive = member.mailbox("archive").await;
    let blob = member.blob("message/rfc822", simple("old").as_bytes()).await;
    let junk = member.blob("application/octet-stream", b"\x89PNG\r\n").await;
    let import = |blob: &str| json!({ "blobId": blob, "mailboxIds": { &archive: true }, "keywords": { "$seen": true }, "receivedAt": "2020-01-01T00:00:00Z" });
    let answer = member
        .call("Email/import", json!({ "emails": {
            "a": import(&blob), "b": import("B99"), "c": import(&junk), "d": { "blobId": blob, "mailboxIds": {} }, "e": { "blobId": blob, "mailboxIds": { &archive: true }, "size": 1 },
        } }))
        .await;
    let email = member.email(answer["created"]["a"]["id"].as_str().unwrap(), &["subject", "receivedAt", "keywords", "mailboxIds"]).await;
    assert_eq!((email["subject"].as_str(), email["receivedAt"].as_str()), (Some("old"), Some("2020-01-01T00:00:00Z")));
    assert_eq!((email["keywords"].clone(), email["mailboxIds"].clone()), (json!({ "$seen": true }), json!({ &archive: true })));
    for (creation, kind) in [("b", "invalidProperties"), ("c", "invalidEmail"), ("d", "invalidProperties"), ("e", "invalidProperties")] {
        assert_eq!(answer["notCreated"][creation]["type"], kind, "{creation}");
    }
    assert_eq!(answer["notCreated"]["b"]["properties"], json!(["blobId"]));
    assert_eq!(member.error("Email/import", json!({ "ifInState": "0", "emails": {} })).await, "stateMismatch");
}

#[test_each_engine]
async fn a_full_account_takes_no_more_and_says_so(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut console = site.owner("first").await;
    let class = console.get("/api/v1/admin/service-classes").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/service-classes/{class}");
    let changed = console.send("PATCH", &path, Some(json!({ "mail_quota_bytes": 2000 }))).await;
    assert!(changed.status < 300, "{}", changed.text());
    let quota = member.call("Quota/get", json!({ "ids": null })).await;
    assert_eq!((quota["list"][0]["hardLimit"].as_u64(), quota["list"][0]["used"].as_u64()), (Some(2000), Some(0)));
    let drafts = member.mailbox("drafts").await;
    let email = |size: usize| json!({ "mailboxIds": { &drafts: true }, "textBody": [{ "partId": "t" }], "bodyValues": { "t": { "value": "x".repeat(size) } } });
    created(&mut member, email(100)).await;
    let error = refused(&mut member, email(5000)).await;
    assert_eq!((error["type"].as_str(), error["code"].as_str()), (Some("overQuota"), Some("mail_over_quota")));
    let state = quota["state"].clone();
    let changes = member.call("Quota/changes", json!({ "sinceState": state })).await;
    assert_eq!(strings(&changes["updated"]), ["mail"]);
    assert_eq!(strings(&member.call("Quota/query", json!({ "filter": { "scope": "account" } })).await["ids"]), ["mail"]);
    assert!(strings(&member.call("Quota/query", json!({ "filter": { "scope": "domain" } })).await["ids"]).is_empty());
    assert_eq!(
        member.call("Quota/queryChanges", json!({ "sinceQueryState": state })).await["added"],
        json!([{ "id": "mail", "index": 0 }])
    );
}
