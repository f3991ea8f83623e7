//! Who is let in where: every method, called by everybody who should be refused and with the ids of others. A method without a row fails.

use serde_json::{Value, json};
use serve_http::jmap::METHODS;
use store::Store;
use testkit::test_each_engine;

use crate::client::{Member, USING, colleague, member, owner, simple, strings};

/// What the other account has.
struct Foreign {
    mailbox: String,
    email: String,
    thread: String,
    blob: String,
    identity: String,
    submission: String,
    push_subscription: String,
}

enum Expected {
    /// The object is among those that were not found.
    NotFound,
    /// The answer says nothing about it.
    Nothing,
    /// Every object of a `/set` is refused.
    Refused,
    /// The method names no objects.
    NoObjects,
}
use Expected::{NoObjects, NotFound, Nothing, Refused};

struct Row {
    method: &'static str,
    /// With ids of another account, as if they were the caller's own.
    arguments: fn(&Foreign) -> Value,
    expected: Expected,
}

fn row(method: &'static str, expected: Expected, arguments: fn(&Foreign) -> Value) -> Row {
    Row { method, arguments, expected }
}

fn table() -> Vec<Row> {
    vec![
        row("Core/echo", NoObjects, |_| json!({})),
        row("Blob/copy", NoObjects, |foreign| json!({ "fromAccountId": "acc_0000000000001", "blobIds": [foreign.blob] })),
        row("PushSubscription/get", NotFound, |foreign| json!({ "ids": [foreign.push_subscription] })),
        row(
            "PushSubscription/set",
            Refused,
            |foreign| json!({ "update": { &foreign.push_subscription: { "types": null } }, "destroy": [foreign.push_subscription], "create": { "k": { "url": "http://127.0.0.1/" } } }),
        ),
        row("Blob/upload", Refused, |foreign| json!({ "create": { "k": { "data": [{ "blobId": foreign.blob }] } } })),
        row("Blob/get", NotFound, |foreign| json!({ "ids": [foreign.blob] })),
        row("Blob/lookup", NotFound, |foreign| json!({ "ids": [foreign.blob], "typeNames": ["Email"] })),
        row("Mailbox/get", NotFound, |foreign| json!({ "ids": [foreign.mailbox] })),
        row("Mailbox/changes", NoObjects, |_| json!({ "sinceState": "1" })),
        row("Mailbox/query", Nothing, |foreign| json!({ "filter": { "parentId": foreign.mailbox } })),
        row("Mailbox/queryChanges", NoObjects, |_| json!({ "sinceQueryState": "1" })),
        row(
            "Mailbox/set",
            Refused,
            |foreign| json!({ "update": { &foreign.mailbox: { "name": "x" } }, "destroy": [foreign.mailbox], "create": { "k": { "name": "x", "parentId": foreign.mailbox } } }),
        ),
        row("Thread/get", NotFound, |foreign| json!({ "ids": [foreign.thread] })),
        row("Thread/changes", NoObjects, |_| json!({ "sinceState": "1" })),
        row("Email/get", NotFound, |foreign| json!({ "ids": [foreign.email] })),
        row("Email/changes", NoObjects, |_| json!({ "sinceState": "1" })),
        row("Email/query", Nothing, |foreign| json!({ "filter": { "inMailbox": foreign.mailbox } })),
        row("Email/queryChanges", NoObjects, |foreign| json!({ "filter": { "inMailbox": foreign.mailbox }, "sinceQueryState": "1" })),
        row(
            "Email/set",
            Refused,
            |foreign| json!({ "update": { &foreign.email: { "keywords/$seen": true } }, "destroy": [foreign.email], "create": { "k": { "mailboxIds": { &foreign.mailbox: true } } } }),
        ),
        row("Email/copy", NoObjects, |foreign| json!({ "fromAccountId": "acc_0000000000001", "create": { "k": { "id": foreign.email } } })),
        row(
            "Email/import",
            Refused,
            |foreign| json!({ "emails": { "k": { "blobId": foreign.blob, "mailboxIds": { &foreign.mailbox: true } } } }),
        ),
        row("Email/parse", NotFound, |foreign| json!({ "blobIds": [foreign.blob] })),
        row("SearchSnippet/get", NotFound, |foreign| json!({ "emailIds": [foreign.email], "filter": { "text": "secret" } })),
        row("Identity/get", NotFound, |foreign| json!({ "ids": [foreign.identity] })),
        row("Identity/changes", NoObjects, |_| json!({ "sinceState": "1" })),
        row(
            "Identity/set",
            Refused,
            |foreign| json!({ "update": { &foreign.identity: { "name": "x" } }, "destroy": [foreign.identity], "create": { "k": { "email": "other@first.test" } } }),
        ),
        row("EmailSubmission/get", NotFound, |foreign| json!({ "ids": [foreign.submission] })),
        row("EmailSubmission/changes", NoObjects, |_| json!({ "sinceState": "1" })),
        row("EmailSubmission/query", Nothing, |foreign| json!({ "filter": { "emailIds": [foreign.email] } })),
        row("EmailSubmission/queryChanges", NoObjects, |_| json!({ "sinceQueryState": "1" })),
        row(
            "EmailSubmission/set",
            Refused,
            |foreign| json!({ "update": { &foreign.submission: { "undoStatus": "canceled" } }, "destroy": [foreign.submission], "create": { "k": { "identityId": foreign.identity, "emailId": foreign.email } } }),
        ),
        row("Quota/get", NoObjects, |_| json!({ "ids": [] })),
        row("Quota/changes", NoObjects, |_| json!({ "sinceState": "1" })),
        row("Quota/query", NoObjects, |_| json!({})),
        row("Quota/queryChanges", NoObjects, |_| json!({ "sinceQueryState": "1" })),
    ]
}

#[test]
fn every_method_has_a_row_and_every_row_a_method() {
    let mut listed: Vec<&str> = table().iter().map(|row| row.method).collect();
    let mut known: Vec<&str> = METHODS.iter().map(|(method, _)| *method).collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
}

/// What a member has whom nobody else may look at. Its numbers lie far above those of the account that asks.
async fn foreign(other: &mut Member) -> Foreign {
    for number in 0..30 {
        other.call("Mailbox/set", json!({ "create": { "k": { "name": format!("folder {number}") } } })).await;
    }
    let mailbox = other.call("Mailbox/set", json!({ "create": { "k": { "name": "secret" } } })).await["created"]["k"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let added = other.deliver(&simple("secret")).await;
    let blob = other.blob("message/rfc822", simple("secret").as_bytes()).await;
    let identity = other.call("Identity/get", json!({ "ids": null })).await["list"][0]["id"].as_str().unwrap().to_owned();
    let email = json!({ "mailboxIds": { &mailbox: true }, "from": [{ "email": other.address }], "to": [{ "email": "x@elsewhere.test" }] });
    let draft = other.call("Email/set", json!({ "create": { "k": email } })).await["created"]["k"]["id"].clone();
    let sent = other.call("EmailSubmission/set", json!({ "create": { "k": { "identityId": identity, "emailId": draft } } })).await;
    let submission = sent["created"]["k"]["id"].as_str().unwrap_or_else(|| panic!("{sent}")).to_owned();
    let push = json!({ "deviceClientId": "a", "url": "https://push.example.net/a" });
    let push = other.call("PushSubscription/set", json!({ "create": { "k": push } })).await["created"]["k"]["id"].clone();
    let push_subscription = push.as_str().unwrap().to_owned();
    Foreign { mailbox, email: added.message.to_string(), thread: added.thread.to_string(), blob, identity, submission, push_subscription }
}

#[test_each_engine]
async fn nobody_calls_anything(store: Store) {
    let (site, member) = owner(store).await;
    for (method, _) in METHODS {
        let call = json!({ "using": USING, "methodCalls": [[method, { "accountId": member.account }, "0"]] });
        let answer = site.browser().post("/jmap", call).await;
        assert_eq!((answer.status, answer.code()), (401, "not_signed_in"), "{method}");
    }
}

#[test_each_engine]
async fn the_account_of_a_colleague_or_of_another_organisation_does_not_exist(store: Store) {
    let (site, mut caller) = owner(store).await;
    let mut other = colleague(&site, &caller, "other").await;
    let foreign = foreign(&mut other).await;
    let second = site.organisation("second").await;
    let mut stranger = member(&site, second.org, "admin@second.test").await;
    let of_accounts = |row: &&Row| row.method != "Core/echo" && !row.method.starts_with("PushSubscription/");
    for row in table().iter().filter(of_accounts) {
        for account in [other.account.as_str(), "acc_0000000000001", "", "x"] {
            for asking in [&mut caller, &mut stranger] {
                let mut arguments = (row.arguments)(&foreign);
                arguments["accountId"] = json!(account);
                let (name, answer) = asking.try_call(row.method, arguments).await;
                assert_eq!(
                    (name.as_str(), answer["type"].as_str()),
                    ("error", Some("accountNotFound")),
                    "{} {account} {answer}",
                    row.method
                );
            }
        }
    }
}

#[test_each_engine]
async fn ids_of_a_colleague_name_nothing_in_the_own_account(store: Store) {
    let (site, mut caller) = owner(store).await;
    let mut other = colleague(&site, &caller, "other").await;
    let foreign = foreign(&mut other).await;
    for row in table() {
        let (name, answer) = caller.try_call(row.method, (row.arguments)(&foreign)).await;
        let objects = |name: &str| answer[name].as_object().map_or(0, serde_json::Map::len);
        match row.expected {
            NotFound => assert_eq!(
                (strings(&answer["notFound"]).len(), answer["list"].as_array().map_or(0, Vec::len)),
                (1, 0),
                "{} {answer}",
                row.method
            ),
            Nothing => assert!(strings(&answer["ids"]).is_empty(), "{} {answer}", row.method),
            Refused => {
                assert_eq!(objects("created") + objects("updated") + strings(&answer["destroyed"]).len(), 0, "{} {answer}", row.method);
                assert!(objects("notCreated") == 1, "{} {answer}", row.method);
            }
            NoObjects => assert!(name == row.method || answer["type"] == "fromAccountNotFound", "{} {answer}", row.method),
        }
    }
    // And the colleague has all of it still.
    let got = other.call("Email/get", json!({ "ids": [foreign.email], "properties": ["keywords"] })).await;
    assert_eq!(got["list"][0]["keywords"], json!({}));
    assert_eq!(other.call("Mailbox/get", json!({ "ids": [foreign.mailbox] })).await["list"][0]["name"], "secret");
}

#[test_each_engine]
async fn a_member_who_was_suspended_is_out_at_once(store: Store) {
    let (site, caller) = owner(store).await;
    let mut other = colleague(&site, &caller, "other").await;
    let id = other.browser.get("/api/v1/session").await.body["member"]["id"].as_str().unwrap().to_owned();
    let mut console = site.owner("first").await;
    assert!(console.send("POST", &format!("/api/v1/admin/members/{id}/suspend"), None).await.status < 300);
    let answer = other.request(json!([["Mailbox/get", { "accountId": other.account, "ids": null }, "0"]])).await;
    assert_eq!(answer.status, 401, "{}", answer.text());
}
