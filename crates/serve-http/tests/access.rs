//! Who is let in where: every operation of the API, called by everybody who should be refused and by those who should not.
//!
//! A new operation fails this test until it has a row.

use std::collections::BTreeMap;

use kernel::{MailAccountId, OrgId};
use mail::submission::{NewRecipient, NewSubmission, Return, Trace};
use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::site::{Answer, Browser, PASSWORD, Site};

/// Who may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Everybody; no session is asked for.
    Everybody,
    /// Members on their own account.
    Member,
    /// Whoever has a session of the console, an administrator or not any more.
    ConsoleSession,
    /// Administrators of the organisation.
    Administrator,
    /// Owners only.
    Owner,
}
use Who::{Administrator, ConsoleSession, Everybody, Member, Owner};

struct Row {
    operation: &'static str,
    who: Who,
    /// Fields of the body; `{target}` and the like become ids of the first organisation.
    body: Option<Value>,
}

fn row(operation: &'static str, who: Who) -> Row {
    Row { operation, who, body: None }
}

fn with(operation: &'static str, who: Who, body: Value) -> Row {
    Row { operation, who, body: Some(body) }
}

fn table() -> Vec<Row> {
    vec![
        row("getEntry", Everybody),
        row("getSetup", Everybody),
        with("setUpOrganisation", Everybody, json!({})),
        row("getSignInPage", Everybody),
        with("checkPassword", Everybody, json!({ "password": "x" })),
        with("signIn", Everybody, json!({})),
        with("signInToConsole", Everybody, json!({})),
        row("getSession", Member),
        row("signOut", Member),
        with("chooseFirstPassword", Member, json!({ "new_password": PASSWORD })),
        row("getAccount", Member),
        with("updateAccount", Member, json!({ "nickname": "小王" })),
        with("changePassword", Member, json!({ "current_password": "wrong", "new_password": "wrong" })),
        row("listSessions", Member),
        row("revokeSession", Member),
        row("revokeOtherSessions", Member),
        row("listClientPasswords", Member),
        with("createClientPassword", Member, json!({ "name": "Phone", "protocols": ["imap"], "current_password": "wrong" })),
        row("revokeClientPassword", Member),
        row("getClientSettings", Member),
        row("listRemovedMessages", Member),
        with("restoreRemovedMessages", Member, json!({ "ids": ["1"] })),
        with("forgetRemovedMessages", Member, json!({ "ids": ["1"] })),
        row("listDirectoryDepartments", Member),
        row("listDirectoryMembers", Member),
        row("getConsoleSession", ConsoleSession),
        row("signOutOfConsole", ConsoleSession),
        with("chooseFirstConsolePassword", ConsoleSession, json!({ "new_password": PASSWORD })),
        row("getOverview", Administrator),
        row("getOrganisation", Administrator),
        with("updateOrganisation", Administrator, json!({ "initial_password_days": 7 })),
        row("listDomains", Administrator),
        with("addDomain", Administrator, json!({ "name": "second.test" })),
        row("getDomain", Administrator),
        row("checkDomain", Administrator),
        row("makeDomainDefault", Administrator),
        row("removeDomain", Administrator),
        row("listDepartments", Administrator),
        with("createDepartment", Administrator, json!({ "parent_id": "{department}", "name": "骨科" })),
        with("updateDepartment", Administrator, json!({ "name": "内科" })),
        with("moveDepartment", Administrator, json!({ "parent_id": "{root}" })),
        with("setDepartmentLeaders", Administrator, json!({ "member_ids": ["{target}"] })),
        row("removeDepartment", Administrator),
        row("listServiceClasses", Administrator),
        with("addServiceClass", Administrator, json!({ "name": "大" })),
        with("updateServiceClass", Administrator, json!({ "name": "小" })),
        row("removeServiceClass", Administrator),
        row("listAdministrators", Administrator),
        with("grantAdministrator", Owner, json!({ "role": "org_admin" })),
        row("revokeAdministrator", Owner),
        row("listAuditEvents", Administrator),
        row("verifyAudit", Administrator),
        row("listMembers", Administrator),
        with("createMember", Administrator, json!({ "name": "卢嘉玲" })),
        with("changeMembers", Administrator, json!({ "action": "suspend", "member_ids": ["{target}"], "preview": true })),
        row("getMember", Administrator),
        with("updateMember", Administrator, json!({ "nickname": "小卢" })),
        with("setMemberDepartments", Administrator, json!({ "departments": [{ "department_id": "{root}" }] })),
        row("suspendMember", Administrator),
        row("resumeMember", Administrator),
        row("lockMember", Administrator),
        row("unlockMember", Administrator),
        row("resetMemberPassword", Administrator),
        with(
            "restoreMemberMail",
            Administrator,
            json!({ "removed_from": "2026-01-01T00:00:00Z", "removed_until": "2026-01-02T00:00:00Z" }),
        ),
        row("listMemberAliases", Administrator),
        with("addMemberAlias", Administrator, json!({ "local_part": "other" })),
        row("removeMemberAlias", Administrator),
        row("recycleMember", Administrator),
        row("restoreMember", Administrator),
        row("createImport", Administrator),
        row("listImports", Administrator),
        row("getImport", Administrator),
        row("listImportRows", Administrator),
        with("updateImportRow", Administrator, json!({ "cells": {} })),
        row("applyImport", Administrator),
        row("cancelImport", Administrator),
        row("undoImport", Administrator),
        row("getWrongRows", Administrator),
        row("fetchInitialPasswords", Administrator),
        row("getImportTemplate", Administrator),
        with("startExport", Administrator, json!({ "department_ids": ["{department}"] })),
        row("getExportFile", Administrator),
        row("listQueueMessages", Administrator),
        row("getQueueMessage", Administrator),
        row("retryQueueMessage", Administrator),
        row("removeQueueMessage", Administrator),
        row("listJobs", Administrator),
        row("getJob", Administrator),
        row("cancelJob", Administrator),
        row("streamEvents", Administrator),
    ]
}

/// The operations of the description, each with its method and path.
fn operations() -> BTreeMap<String, (String, String)> {
    let document: Value = serde_json::from_str(&serve_http::openapi::document()).unwrap();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.insert(operation["operationId"].as_str().unwrap().to_owned(), (method.to_uppercase(), path.clone()));
        }
    }
    found
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let described: Vec<String> = operations().into_keys().collect();
    let mut listed: Vec<String> = table().iter().map(|row| row.operation.to_owned()).collect();
    listed.sort();
    assert_eq!(listed, described);
}

/// What there is in the first organisation, by the names that paths and bodies use.
struct Ids(BTreeMap<&'static str, String>);

impl Ids {
    fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    fn path(&self, path: &str) -> String {
        let kind = |part: &str| path.contains(&format!("/{part}/"));
        let id = if kind("domains") {
            "domain"
        } else if kind("departments") && !path.contains("/members/") {
            "department"
        } else if kind("service-classes") {
            "class"
        } else if kind("imports") {
            "import"
        } else if kind("jobs") {
            "job"
        } else if kind("queue") {
            "submission"
        } else if kind("sessions") {
            "session"
        } else if kind("client-passwords") {
            "client_password"
        } else {
            "target"
        };
        let path = path.replace("{id}", &self.0[id]).replace("{member_id}", &self.0["target"]).replace("{job_id}", &self.0["job"]);
        path.replace("{address}", "alias@first.test").replace("{row}", "2").replace("{code}", "first")
    }
}

async fn call(browser: &mut Browser, row: &Row, ids: &Ids) -> Answer {
    let (method, path) = operations().remove(row.operation).unwrap();
    let mut path = ids.path(&path);
    if row.operation == "getSetup" {
        path.push_str("?token=none");
    }
    if row.operation == "createImport" {
        return browser.upload("people.csv", json!({}), "姓名,手机,部门\n任熙,18976942196,内科\n".as_bytes()).await;
    }
    let body = row.body.as_ref().map(|body| serde_json::from_str(&ids.fill(&body.to_string())).unwrap());
    browser.send(&method, &path, body).await
}

/// A message that waits in the queue; its id.
async fn submit(site: &Site, org: OrgId, account: MailAccountId) -> String {
    let new = NewSubmission {
        account: Some(account),
        from: "admin@first.test".parse().unwrap(),
        recipients: vec![NewRecipient::new("you@elsewhere.test".parse().unwrap())],
        message: b"From: system@elsewhere.test\r\n\r\nHello\r\n".to_vec(),
        envelope_id: None,
        ret: Return::Headers,
        smtp_utf8: false,
        not_before: None,
        trace: Trace { by: "mail.first.test".into(), with: "HTTP" },
    };
    mail::submission::submit(&site.store, &testkit::ctx(org), new).await.unwrap().id.to_string()
}

/// A first organisation with something of everything, and a second one that must see none of it.
struct Scene {
    site: Site,
    ids: Ids,
}

impl Scene {
    async fn new(store: Store) -> Self {
        let site = Site::new(store);
        let first = site.organisation("first").await;
        site.organisation("second").await;
        let mut owner = site.owner("first").await;
        let target = site.member(&mut owner, "first", "target").await;
        let deputy = site.member(&mut owner, "first", "deputy").await;
        let former = site.member(&mut owner, "first", "former").await;
        for id in [&deputy, &former] {
            let path = format!("/api/v1/admin/administrators/{id}");
            assert_eq!(owner.send("PUT", &path, Some(json!({ "role": "org_admin" }))).await.status, 204);
        }
        let root = owner.get("/api/v1/admin/departments").await.body["items"][0]["id"].as_str().unwrap().to_owned();
        let created = owner.post("/api/v1/admin/departments", json!({ "parent_id": root, "name": "外科" })).await;
        let domains = owner.get("/api/v1/admin/domains").await;
        let classes = owner.get("/api/v1/admin/service-classes").await;
        let imported = owner.upload("people.csv", json!({}), "姓名,手机,部门\n任熙,18976942196,内科\n".as_bytes()).await;
        assert_eq!(imported.status, 202, "{}", imported.body);
        let exported = owner.post("/api/v1/admin/exports", json!({})).await;
        assert_eq!(exported.status, 202, "{}", exported.body);
        site.work().await;
        let mut member = site.account("target@first.test", PASSWORD).await;
        let sessions = member.get("/api/v1/account/sessions").await;
        let client = json!({ "name": "Phone", "protocols": ["imap"], "current_password": PASSWORD });
        let client = member.post("/api/v1/account/client-passwords", client).await;
        let submission = submit(&site, first.org, first.mail_account_id).await;
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no id in {value}")).to_owned();
        let ids = BTreeMap::from([
            ("target", target),
            ("former", former),
            ("root", root),
            ("department", text(&created.body["id"])),
            ("domain", text(&domains.body["items"][0]["id"])),
            ("class", text(&classes.body["items"][0]["id"])),
            ("import", text(&imported.body["id"])),
            ("job", text(&exported.body["job"]["id"])),
            ("session", text(&sessions.body["items"][0]["id"])),
            ("submission", submission),
            ("client_password", text(&client.body["client_password"]["id"])),
        ]);
        Self { site, ids: Ids(ids) }
    }
}

#[test_each_engine]
async fn nobody_gets_in_without_a_session(store: Store) {
    let scene = Scene::new(store).await;
    for row in table() {
        let answer = call(&mut scene.site.browser(), &row, &scene.ids).await;
        if row.who == Everybody {
            assert!(![401, 404, 405].contains(&answer.status), "{}: {} {}", row.operation, answer.status, answer.body);
        } else {
            assert_eq!((answer.status, answer.code()), (401, "not_signed_in"), "{}", row.operation);
        }
    }
}

#[test_each_engine]
async fn a_session_of_one_realm_is_none_in_the_other(store: Store) {
    let scene = Scene::new(store).await;
    for row in table().into_iter().filter(|row| row.who != Everybody) {
        // The owner: what is refused here is refused for the realm, not for want of rights.
        let account = scene.site.account("admin@first.test", PASSWORD).await;
        let console = scene.site.owner("first").await;
        let mut browser = if row.who == Member { console } else { account };
        let answer = call(&mut browser, &row, &scene.ids).await;
        assert_eq!((answer.status, answer.code()), (401, "not_signed_in"), "{}", row.operation);
    }
}

#[test_each_engine]
async fn a_member_without_a_role_can_do_nothing_in_the_console(store: Store) {
    let scene = Scene::new(store).await;
    let refused = scene.site.browser().post("/api/v1/admin/session", json!({ "address": "target@first.test", "password": PASSWORD })).await;
    assert_eq!((refused.status, refused.code()), (403, "not_an_administrator"));
    // A session from before the role was taken away opens nothing either.
    let mut former = scene.site.console("former@first.test", PASSWORD).await;
    let path = format!("/api/v1/admin/administrators/{}", scene.ids.0["former"]);
    assert_eq!(scene.site.owner("first").await.send("DELETE", &path, None).await.status, 204);
    for row in table().into_iter().filter(|row| matches!(row.who, Administrator | Owner)) {
        let answer = call(&mut former, &row, &scene.ids).await;
        assert!([401, 403, 404].contains(&answer.status), "{}: {} {}", row.operation, answer.status, answer.body);
    }
}

#[test_each_engine]
async fn an_administrator_of_another_organisation_sees_and_changes_nothing(store: Store) {
    let scene = Scene::new(store).await;
    let mut stranger = scene.site.owner("second").await;
    for row in table().into_iter().filter(|row| matches!(row.who, Administrator | Owner)) {
        let (method, path) = operations().remove(row.operation).unwrap();
        let names_something =
            path.contains('{') || row.body.as_ref().is_some_and(|body| body.to_string().contains('{') && body.to_string().contains("}\""));
        if !names_something && method != "GET" {
            continue;
        }
        let answer = call(&mut stranger, &row, &scene.ids).await;
        if names_something && row.operation != "changeMembers" {
            assert!([404, 422].contains(&answer.status), "{}: {} {}", row.operation, answer.status, answer.body);
        }
        let text = answer.text();
        // What the stranger named itself may be said back.
        let said = scene.ids.path(&path) + &row.body.as_ref().map(|body| scene.ids.fill(&body.to_string())).unwrap_or_default();
        for (name, id) in scene.ids.0.iter().filter(|(_, id)| !said.contains(id.as_str())) {
            assert!(!text.contains(id.as_str()), "{} tells of {name}", row.operation);
        }
        assert!(
            said.contains("first.test") || !text.contains("first.test"),
            "{} tells of the other organisation's addresses",
            row.operation
        );
    }
}

#[test_each_engine]
async fn administrators_may_do_all_but_what_is_the_owners(store: Store) {
    let scene = Scene::new(store).await;
    for (role, address) in [("org_admin", "deputy@first.test"), ("owner", "admin@first.test")] {
        for row in table().into_iter().filter(|row| !matches!(row.who, Everybody | Member)) {
            let mut browser = scene.site.console(address, PASSWORD).await;
            let answer = call(&mut browser, &row, &scene.ids).await;
            let may = row.who != Owner || role == "owner";
            // A session that does not wait for a password is told as much.
            let refused = [401, 403].contains(&answer.status) && row.operation != "chooseFirstConsolePassword";
            assert_eq!(refused, !may, "{role} {}: {} {}", row.operation, answer.status, answer.body);
        }
    }
}

#[test_each_engine]
async fn nobody_resets_or_stops_somebody_with_more_rights(store: Store) {
    let scene = Scene::new(store).await;
    let owner_id = scene.site.owner("first").await.get("/api/v1/admin/session").await.body["member"]["id"].as_str().unwrap().to_owned();
    let mut deputy = scene.site.console("deputy@first.test", PASSWORD).await;
    for action in ["reset-password", "suspend", "lock", "recycle"] {
        let answer = deputy.send("POST", &format!("/api/v1/admin/members/{owner_id}/{action}"), None).await;
        assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{action}");
    }
    let patched = deputy.send("PATCH", &format!("/api/v1/admin/members/{owner_id}"), Some(json!({ "account_name": "mine" }))).await;
    assert_eq!(patched.status, 403);
}

#[test_each_engine]
async fn an_initial_password_opens_the_choice_of_a_new_one_and_nothing_else(store: Store) {
    let scene = Scene::new(store).await;
    let mut owner = scene.site.owner("first").await;
    let made =
        owner.post("/api/v1/admin/members", json!({ "name": "朱云浩", "mail_prefix": "zhu", "initial_password": "First-words-31" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    for row in table().into_iter().filter(|row| row.who == Member && row.operation != "chooseFirstPassword") {
        let mut browser = scene.site.account("zhu@first.test", "First-words-31").await;
        let answer = call(&mut browser, &row, &scene.ids).await;
        if ["getSession", "signOut"].contains(&row.operation) {
            assert!(answer.status < 300, "{}: {}", row.operation, answer.body);
        } else {
            assert_eq!((answer.status, answer.code()), (403, "choose_password_first"), "{}", row.operation);
        }
    }
    let mut browser = scene.site.account("zhu@first.test", "First-words-31").await;
    assert_eq!(browser.post("/api/v1/session/password", json!({ "new_password": PASSWORD })).await.body["stage"], "full");
    assert_eq!(browser.get("/api/v1/account").await.status, 200);
}
