//! A member at work with JMAP.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, header};
use kernel::{Actor, Ctx, MailAccountId, OrgId, Timestamp};
use mail::delivery::{self, Delivery, Into};
use mail::mailboxes::Role;
use mail::messages::{Added, NewMessage};
use mail::{Flags, mime};
use serde_json::{Value, json};
use store::Store;

use crate::site::{Answer, Browser, PASSWORD, Site};

pub const USING: [&str; 6] = [
    "urn:ietf:params:jmap:core",
    "urn:ietf:params:jmap:mail",
    "urn:ietf:params:jmap:submission",
    "urn:ietf:params:jmap:blob",
    "urn:ietf:params:jmap:quota",
    "urn:yanshu:params:jmap:html",
];

pub struct Member {
    pub browser: Browser,
    pub account: String,
    pub address: String,
    pub org: OrgId,
    store: Store,
}

/// A site with the organisation `first` and its owner signed in to mail.
pub async fn owner(store: Store) -> (Site, Member) {
    let site = Site::new(store);
    let done = site.organisation("first").await;
    let member = member(&site, done.org, "admin@first.test").await;
    (site, member)
}

/// Another member of `first`.
pub async fn colleague(site: &Site, member: &Member, prefix: &str) -> Member {
    let mut owner = site.owner("first").await;
    site.member(&mut owner, "first", prefix).await;
    self::member(site, member.org, &format!("{prefix}@first.test")).await
}

pub async fn member(site: &Site, org: OrgId, address: &str) -> Member {
    let mut browser = site.account(address, PASSWORD).await;
    let session = browser.get("/jmap/session").await;
    assert_eq!(session.status, 200, "{}", session.text());
    let account = session.body["primaryAccounts"]["urn:ietf:params:jmap:mail"].as_str().unwrap().to_owned();
    Member { browser, account, address: address.to_owned(), org, store: site.store.clone() }
}

impl Member {
    pub fn account_id(&self) -> MailAccountId {
        self.account.parse().unwrap()
    }

    pub async fn request(&mut self, calls: Value) -> Answer {
        self.browser.post("/jmap", json!({ "using": USING, "methodCalls": calls })).await
    }

    /// The answers of several calls: name and arguments of each.
    pub async fn calls(&mut self, calls: Value) -> Vec<(String, Value)> {
        let answer = self.request(calls).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answers = answer.body["methodResponses"].as_array().unwrap().clone();
        answers.into_iter().map(|answer| (answer[0].as_str().unwrap().to_owned(), answer[1].clone())).collect()
    }

    /// Calls one method; `accountId` is added unless it is given.
    pub async fn try_call(&mut self, method: &str, mut arguments: Value) -> (String, Value) {
        if arguments.get("accountId").is_none() && method != "Core/echo" && !method.starts_with("PushSubscription/") {
            arguments["accountId"] = json!(self.account);
        }
        self.calls(json!([[method, arguments, "0"]])).await.remove(0)
    }

    pub async fn call(&mut self, method: &str, arguments: Value) -> Value {
        let (name, answer) = self.try_call(method, arguments).await;
        assert_eq!(name, method, "{answer}");
        answer
    }

    /// The type of the error that a method answers with.
    pub async fn error(&mut self, method: &str, arguments: Value) -> String {
        let (name, answer) = self.try_call(method, arguments).await;
        assert_eq!(name, "error", "{answer}");
        answer["type"].as_str().unwrap().to_owned()
    }

    /// The mailbox of a role.
    pub async fn mailbox(&mut self, role: &str) -> String {
        let found = self.call("Mailbox/query", json!({ "filter": { "role": role } })).await;
        found["ids"][0].as_str().unwrap().to_owned()
    }

    pub async fn deliver(&self, message: &str) -> Added {
        self.deliver_into(message, Into::Role(Role::Inbox), Timestamp::from_micros(1_780_000_000_000_000), Flags::NONE).await
    }

    pub async fn deliver_into(&self, message: &str, into: Into, received_at: Timestamp, flags: Flags) -> Added {
        let bytes = message.replace('\n', "\r\n").into_bytes();
        let rendered = Arc::new(mime::render(&bytes));
        let blob = Arc::new(self.store.blobs().stage(self.org, bytes).await.unwrap());
        let delivery = Delivery { message: NewMessage { blob, prefix: Arc::from([]), rendered, received_at }, into, flags };
        let (ctx, account) = (self.ctx(), self.account_id());
        self.store.write_account(account, move |tx| delivery::deliver(&ctx, tx, account, &delivery)).await.unwrap()
    }

    /// Delivers a simple message; its id.
    pub async fn receive(&self, subject: &str) -> String {
        self.deliver(&simple(subject)).await.message.to_string()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The same member on another device.
    pub fn again(&self) -> Self {
        Self {
            browser: self.browser.clone(),
            account: self.account.clone(),
            address: self.address.clone(),
            org: self.org,
            store: self.store.clone(),
        }
    }

    pub fn ctx(&self) -> Ctx {
        Ctx { actor: Actor::System { task: "test" }, ..testkit::ctx(self.org) }
    }

    pub async fn upload(&mut self, kind: &str, bytes: &[u8]) -> Answer {
        let path = format!("/jmap/upload/{}/", self.account);
        let request = Request::post(path).header(header::CONTENT_TYPE, kind).body(Body::from(bytes.to_vec())).unwrap();
        self.browser.request(request).await
    }

    /// The blob id of an upload.
    pub async fn blob(&mut self, kind: &str, bytes: &[u8]) -> String {
        let answer = self.upload(kind, bytes).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.body["blobId"].as_str().unwrap().to_owned()
    }

    pub async fn email(&mut self, id: &str, properties: &[&str]) -> Value {
        let got = self.call("Email/get", json!({ "ids": [id], "properties": properties })).await;
        got["list"][0].clone()
    }

    /// The ids of a list of objects.
    pub async fn query(&mut self, arguments: Value) -> Vec<String> {
        let found = self.call("Email/query", arguments).await;
        strings(&found["ids"])
    }
}

pub fn simple(subject: &str) -> String {
    let id: String = subject.chars().filter(char::is_ascii_alphanumeric).collect();
    format!(
        "From: Li Na <li@second.test>\nTo: admin@first.test\nSubject: {subject}\nDate: Mon, 1 Jun 2026 09:00:00 +0800\n\
         Message-ID: <{id}@second.test>\n\nText of {subject}.\n"
    )
}

pub fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap_or(&Vec::new()).iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
