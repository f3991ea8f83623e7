use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::client::{Member, colleague, owner, strings};

pub async fn identity(member: &mut Member) -> String {
    member.call("Identity/get", json!({ "ids": null })).await["list"][0]["id"].as_str().unwrap().to_owned()
}

/// A draft from the member to `to`; its id.
pub async fn draft(member: &mut Member, to: &[&str]) -> String {
    let drafts = member.mailbox("drafts").await;
    let to: Vec<Value> = to.iter().map(|email| json!({ "email": email })).collect();
    let email = json!({
        "mailboxIds": { drafts: true }, "keywords": { "$draft": true }, "from": [{ "name": "王芳", "email": member.address }], "to": to,
        "bcc": [{ "email": "hidden@elsewhere.test" }], "subject": "会议", "textBody": [{ "partId": "t" }], "bodyValues": { "t": { "value": "明天见" } },
    });
    let answer = member.call("Email/set", json!({ "create": { "new": email } })).await;
    answer["created"]["new"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

async fn refused(member: &mut Member, submission: Value) -> Value {
    let answer = member.call("EmailSubmission/set", json!({ "create": { "new": submission } })).await;
    answer["notCreated"]["new"].clone()
}

#[test_each_engine]
async fn a_draft_is_sent_filed_and_arrives(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut other = colleague(&site, &member, "other").await;
    let (drafts, sent) = (member.mailbox("drafts").await, member.mailbox("sent").await);
    let identity = identity(&mut member).await;
    let email = draft(&mut member, &["other@first.test"]).await;
    let answers = member
        .calls(json!([["EmailSubmission/set", {
            "accountId": member.account,
            "create": { "k1": { "identityId": identity, "emailId": email } },
            "onSuccessUpdateEmail": { "#k1": { format!("mailboxIds/{drafts}"): null, format!("mailboxIds/{sent}"): true, "keywords/$draft": null, "keywords/$seen": true } },
        }, "0"]]))
        .await;
    assert_eq!((answers[0].0.as_str(), answers[1].0.as_str()), ("EmailSubmission/set", "Email/set"), "{answers:?}");
    let made = &answers[0].1["created"]["k1"];
    assert_eq!(made["undoStatus"], "final", "{answers:?}");
    assert_eq!(answers[1].1["updated"], json!({ &email: null }));
    let filed = member.email(&email, &["mailboxIds", "keywords", "bcc"]).await;
    assert_eq!((filed["mailboxIds"].clone(), filed["keywords"].clone()), (json!({ sent: true }), json!({ "$seen": true })));
    assert_eq!(filed["bcc"][0]["email"], "hidden@elsewhere.test", "the sender's own copy keeps it");
    site.work().await;
    let inbox = other.mailbox("inbox").await;
    let arrived = other.query(json!({ "filter": { "inMailbox": inbox } })).await;
    let got = other.email(&arrived[0], &["subject", "from", "bcc", "header:Message-ID:asMessageIds", "header:Bcc", "preview"]).await;
    assert_eq!(
        (got["subject"].as_str(), got["from"][0]["name"].as_str(), got["preview"].as_str()),
        (Some("会议"), Some("王芳"), Some("明天见"))
    );
    assert_eq!((got["bcc"].clone(), got["header:Bcc"].clone()), (json!(null), json!(null)));
    let shown = member.call("EmailSubmission/get", json!({ "ids": [made["id"], "ems_0000000000001"] })).await;
    let submission = &shown["list"][0];
    assert_eq!(submission["emailId"], json!(email));
    assert_eq!(submission["envelope"]["mailFrom"]["email"], "admin@first.test");
    let status = &submission["deliveryStatus"];
    assert_eq!(
        (status["other@first.test"]["delivered"].as_str(), status["hidden@elsewhere.test"]["delivered"].as_str()),
        (Some("yes"), Some("queued"))
    );
    assert_eq!(strings(&shown["notFound"]), ["ems_0000000000001"]);
}

#[test_each_engine]
async fn submissions_are_found_forgotten_and_never_taken_back(store: Store) {
    let (_, mut member) = owner(store).await;
    let identity = identity(&mut member).await;
    let before = member.call("EmailSubmission/get", json!({ "ids": null })).await;
    assert_eq!(before["list"], json!([]));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let email = draft(&mut member, &["x@elsewhere.test"]).await;
        let answer = member.call("EmailSubmission/set", json!({ "create": { "k": { "identityId": identity, "emailId": email } } })).await;
        ids.push((answer["created"]["k"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned(), email));
    }
    let changes = member.call("EmailSubmission/changes", json!({ "sinceState": before["state"] })).await;
    assert_eq!(strings(&changes["created"]).len(), 2);
    let found = member.call("EmailSubmission/query", json!({ "filter": { "emailIds": [ids[1].1], "undoStatus": "final" } })).await;
    assert_eq!(strings(&found["ids"]), [ids[1].0.as_str()]);
    let none = member.call("EmailSubmission/query", json!({ "filter": { "undoStatus": "pending" } })).await;
    assert_eq!(strings(&none["ids"]).len(), 0);
    let first = member.call("EmailSubmission/query", json!({ "sort": [{ "property": "emailId" }], "limit": 1 })).await;
    assert_eq!(strings(&first["ids"]), [ids[0].0.as_str()]);
    for (patch, kind) in [
        (json!({ "undoStatus": "canceled" }), "cannotUnsend"),
        (json!({ "undoStatus": "pending" }), "invalidProperties"),
        (json!({ "emailId": "m1" }), "invalidProperties"),
    ] {
        let answer = member.call("EmailSubmission/set", json!({ "update": { &ids[0].0: patch } })).await;
        assert_eq!(answer["notUpdated"][&ids[0].0]["type"], kind, "{answer}");
    }
    let answers = member
        .calls(json!([["EmailSubmission/set", { "accountId": member.account, "destroy": [ids[0].0, "ems_0000000000001"], "onSuccessDestroyEmail": [ids[0].0] }, "0"]]))
        .await;
    assert_eq!(
        (strings(&answers[0].1["destroyed"]), answers[0].1["notDestroyed"]["ems_0000000000001"]["type"].as_str()),
        (vec![ids[0].0.clone()], Some("notFound"))
    );
    assert_eq!(strings(&answers[1].1["destroyed"]), [ids[0].1.as_str()]);
    let changes = member.call("EmailSubmission/queryChanges", json!({ "sinceQueryState": found["queryState"] })).await;
    assert_eq!((strings(&changes["removed"]), changes["added"].clone()), (vec![ids[0].0.clone()], json!([])));
}

#[test_each_engine]
async fn what_cannot_be_sent_is_refused_with_the_reason(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut other = colleague(&site, &member, "other").await;
    let identity_id = identity(&mut member).await;
    let foreign_identity = identity(&mut other).await;
    let foreign_email = draft(&mut other, &["x@elsewhere.test"]).await;
    let email = draft(&mut member, &["other@first.test"]).await;
    let nobody = draft(&mut member, &[]).await;
    let unknown = draft(&mut member, &["nobody@first.test", "x@elsewhere.test"]).await;
    let unfinished = draft(&mut member, &["unfinished"]).await;
    let drafts = member.mailbox("drafts").await;
    let pretending =
        json!({ "mailboxIds": { &drafts: true }, "from": [{ "email": "other@first.test" }], "to": [{ "email": "x@elsewhere.test" }] });
    let made = member
        .call(
            "Email/set",
            json!({ "create": { "p": pretending, "f": { "mailboxIds": { drafts: true }, "to": [{ "email": "x@elsewhere.test" }] } } }),
        )
        .await;
    let (pretending, fromless) = (made["created"]["p"]["id"].clone(), made["created"]["f"]["id"].clone());
    let envelope = |from: &str, to: Vec<Value>| json!({ "mailFrom": { "email": from }, "rcptTo": to });
    let to = || vec![json!({ "email": "x@elsewhere.test" })];
    let many: Vec<Value> = (0..2000).map(|number| json!({ "email": format!("p{number}@elsewhere.test") })).collect();
    for (submission, kind) in [
        (json!({ "emailId": email }), "invalidProperties"),
        (json!({ "identityId": identity_id }), "invalidProperties"),
        (json!({ "identityId": foreign_identity, "emailId": email }), "invalidProperties"),
        (json!({ "identityId": identity_id, "emailId": foreign_email, "x": 1 }), "invalidProperties"),
        (json!({ "identityId": identity_id, "emailId": "m999" }), "invalidProperties"),
        (json!({ "identityId": identity_id, "emailId": email, "envelope": 5 }), "invalidProperties"),
        (json!({ "identityId": identity_id, "emailId": unknown }), "invalidRecipients"),
        (json!({ "identityId": identity_id, "emailId": unfinished }), "invalidRecipients"),
        (json!({ "identityId": identity_id, "emailId": email, "envelope": envelope("admin@first.test", vec![]) }), "noRecipients"),
        (json!({ "identityId": identity_id, "emailId": email, "envelope": envelope("admin@first.test", many) }), "tooManyRecipients"),
        (json!({ "identityId": identity_id, "emailId": email, "envelope": envelope("other@first.test", to()) }), "forbiddenMailFrom"),
        (json!({ "identityId": identity_id, "emailId": email, "envelope": envelope("not an address", to()) }), "forbiddenMailFrom"),
        (json!({ "identityId": identity_id, "emailId": pretending, "envelope": envelope("admin@first.test", to()) }), "forbiddenFrom"),
        (json!({ "identityId": identity_id, "emailId": pretending }), "forbiddenMailFrom"),
        (json!({ "identityId": identity_id, "emailId": fromless }), "invalidEmail"),
    ] {
        let error = refused(&mut member, submission.clone()).await;
        assert_eq!(error["type"], kind, "{submission} {error}");
    }
    // A blind copy alone is somebody, too.
    let answer = member.call("EmailSubmission/set", json!({ "create": { "k": { "identityId": identity_id, "emailId": nobody } } })).await;
    assert!(answer["created"]["k"]["id"].is_string(), "{answer}");
}

#[test_each_engine]
async fn each_address_has_an_identity_that_can_be_dressed(store: Store) {
    let (site, mut member) = owner(store).await;
    let first = member.call("Identity/get", json!({ "ids": null })).await;
    assert_eq!(
        (first["list"][0]["email"].as_str(), first["list"][0]["name"].as_str(), first["list"][0]["mayDelete"].clone()),
        (Some("admin@first.test"), Some("王芳"), json!(false))
    );
    let id = first["list"][0]["id"].as_str().unwrap().to_owned();
    let patch = json!({ "name": "王芳（财务）", "textSignature": "-- \n王芳", "htmlSignature": "<p>王芳</p>", "replyTo": [{ "name": null, "email": "desk@first.test" }] });
    let changed = member.call("Identity/set", json!({ "update": { &id: patch } })).await;
    assert_eq!(changed["updated"], json!({ &id: null }), "{changed}");
    let got =
        member.call("Identity/get", json!({ "ids": [id, "eid_0000000000001"], "properties": ["name", "textSignature", "replyTo"] })).await;
    assert_eq!(
        got["list"][0],
        json!({ "id": id, "name": "王芳（财务）", "textSignature": "-- \n王芳", "replyTo": [{ "name": null, "email": "desk@first.test" }] })
    );
    assert_eq!(strings(&got["notFound"]), ["eid_0000000000001"]);

    let own = site.owner("first").await.get("/api/v1/admin/session").await.body["member"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/members/{own}/aliases");
    let added = site.owner("first").await.send("POST", &path, Some(json!({ "local_part": "finance" }))).await;
    assert!(added.status < 300, "{}", added.text());
    let both = member.call("Identity/get", json!({ "ids": null })).await;
    assert_eq!(both["list"].as_array().unwrap().len(), 2);
    let changes = member.call("Identity/changes", json!({ "sinceState": first["state"] })).await;
    assert_eq!((strings(&changes["created"]).len(), strings(&changes["updated"])), (1, vec![id.clone()]));

    let second = json!({ "email": "finance@first.test", "name": "Finance" });
    let answer = member
        .call("Identity/set", json!({ "create": {
            "ok": second, "foreign": { "email": "other@first.test" }, "wrong": { "email": "finance@first.test", "mayDelete": true }, "none": {},
            "long": { "email": "finance@first.test", "textSignature": "x".repeat(100_000) }, "nul": { "email": "finance@first.test", "name": "a\u{0}b" },
        } }))
        .await;
    let made = answer["created"]["ok"]["id"].as_str().unwrap().to_owned();
    for (creation, kind) in [
        ("foreign", "forbiddenFrom"),
        ("wrong", "invalidProperties"),
        ("none", "invalidProperties"),
        ("long", "invalidProperties"),
        ("nul", "invalidProperties"),
    ] {
        assert_eq!(answer["notCreated"][creation]["type"], kind, "{creation}");
    }
    let answer = member.call("Identity/set", json!({ "destroy": [made, id, "eid_0000000000001"] })).await;
    assert_eq!(strings(&answer["destroyed"]), [made.as_str()]);
    assert_eq!(
        (answer["notDestroyed"][&id]["type"].as_str(), answer["notDestroyed"]["eid_0000000000001"]["type"].as_str()),
        (Some("forbidden"), Some("notFound"))
    );
    let wrong = member.call("Identity/set", json!({ "update": { &id: { "email": "finance@first.test" }, "eid_0000000000001": {} } })).await;
    assert_eq!(
        (wrong["notUpdated"][&id]["type"].as_str(), wrong["notUpdated"]["eid_0000000000001"]["type"].as_str()),
        (Some("invalidProperties"), Some("notFound"))
    );
    // With the address its identity goes.
    let path = format!("/api/v1/admin/members/{own}/aliases/finance@first.test");
    assert_eq!(site.owner("first").await.send("DELETE", &path, None).await.status, 204);
    let changes = member.call("Identity/changes", json!({ "sinceState": both["state"] })).await;
    assert_eq!(strings(&changes["destroyed"]).len(), 1);
}
