use axum::body::Body;
use http::{Request, header};
use kernel::Clock;
use serde_json::json;
use serve_http::jmap::limits;
use store::Store;
use testkit::test_each_engine;

use crate::client::{colleague, owner, simple};

#[test_each_engine]
async fn an_upload_comes_back_as_a_file_and_as_nothing_a_browser_runs(store: Store) {
    let (_, mut member) = owner(store).await;
    let uploaded = member.upload("text/html", b"<script>alert(1)</script>").await;
    assert_eq!((uploaded.status, uploaded.body["size"].as_u64(), uploaded.body["type"].as_str()), (201, Some(25), Some("text/html")));
    assert_eq!(uploaded.body["accountId"], json!(member.account));
    let blob = uploaded.body["blobId"].as_str().unwrap();
    let path = format!("/jmap/download/{}/{blob}/%E5%B9%B4%22%0D%0A.html?accept=text/html", member.account);
    let answer = member.browser.get(&path).await;
    assert_eq!((answer.status, &answer.bytes[..]), (200, &b"<script>alert(1)</script>"[..]));
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-disposition").starts_with("attachment; filename=\""), "{}", header("content-disposition"));
    assert!(header("content-security-policy").contains("sandbox") && header("content-security-policy").contains("default-src 'none'"));
    assert_eq!((header("x-content-type-options"), header("content-type")), ("nosniff".to_owned(), "text/html".to_owned()));
    let again = Request::get(&path).header(header::IF_NONE_MATCH, header("etag")).body(Body::empty()).unwrap();
    assert_eq!(member.browser.request(again).await.status, 304);
    let range = Request::get(&path).header(header::RANGE, "bytes=1-6").body(Body::empty()).unwrap();
    let answer = member.browser.request(range).await;
    assert_eq!((answer.status, answer.text().as_str()), (206, "script"));
}

#[test_each_engine]
async fn messages_and_their_parts_are_blobs(store: Store) {
    let (_, mut member) = owner(store).await;
    let added = member.deliver("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n6ZuB5Lmm\n--b--\n").await;
    let number = added.message.raw();
    let mut get = async |blob: String| {
        let path = format!("/jmap/download/{}/{blob}/x", member.account);
        member.browser.get(&path).await
    };
    let whole = get(format!("B{number}")).await;
    assert!(whole.text().starts_with("Subject: x\r\n") && whole.headers[header::CONTENT_TYPE] == "message/rfc822");
    let part = get(format!("P{number}-1")).await;
    assert_eq!((part.text().as_str(), part.headers[header::CONTENT_TYPE].to_str().unwrap()), ("雁书", "text/plain"));
    for missing in [
        format!("P{number}-2"),
        format!("P{number}-1_1"),
        "B99".to_owned(),
        "P99-1".to_owned(),
        "Uupl_01hq3v0k8c1z4".to_owned(),
        "x".to_owned(),
    ] {
        assert_eq!(get(missing.clone()).await.status, 404, "{missing}");
    }
}

#[test_each_engine]
async fn blobs_of_others_do_not_exist(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut other = colleague(&site, &member, "other").await;
    let message = other.deliver(&simple("secret")).await.message.raw();
    let upload = other.blob("text/plain", b"secret").await;
    for blob in [format!("B{message}"), format!("P{message}-1"), upload.clone()] {
        for account in [&other.account, &member.account] {
            let path = format!("/jmap/download/{account}/{blob}/x");
            assert_eq!(member.browser.get(&path).await.status, 404, "{path}");
        }
        let own = format!("/jmap/download/{}/{blob}/x", other.account);
        assert_eq!(other.browser.get(&own).await.status, 200);
    }
    let path = format!("/jmap/html/{}/m{message}", other.account);
    assert_eq!(member.browser.get(&path).await.status, 404);
    assert_eq!(other.browser.get(&path).await.status, 200);
    let foreign = Request::post(format!("/jmap/upload/{}/", other.account)).body(Body::from("x")).unwrap();
    assert_eq!(member.browser.request(foreign).await.status, 404);
    let drafts = member.mailbox("drafts").await;
    let answer = member
        .call("Email/set", json!({ "create": { "new": { "mailboxIds": { drafts: true }, "attachments": [{ "blobId": upload }] } } }))
        .await;
    assert_eq!(answer["notCreated"]["new"]["type"], "blobNotFound");
}

#[test_each_engine]
async fn uploads_are_bounded_and_gone_after_a_day(store: Store) {
    let (site, mut member) = owner(store).await;
    let path = format!("/jmap/upload/{}/", member.account);
    let declared =
        Request::post(&path).header(header::CONTENT_LENGTH, (limits::MAX_SIZE_UPLOAD + 1).to_string()).body(Body::from("x")).unwrap();
    let answer = member.browser.request(declared).await;
    assert_eq!((answer.status, answer.body["limit"].as_str()), (413, Some("maxSizeUpload")));
    let blob = member.blob("text/plain", b"x").await;
    site.clock.set(site.clock.now().plus_secs(mail::uploads::LIFETIME_SECS + 1));
    let mut member = crate::client::member(&site, member.org, "admin@first.test").await;
    let path = format!("/jmap/download/{}/{blob}/x", member.account);
    assert_eq!(member.browser.get(&path).await.status, 404);
    let now = site.clock.now();
    assert_eq!(site.store.write(move |tx| mail::uploads::sweep(tx, now)).await.unwrap(), 1);
    assert_eq!(site.store.write(move |tx| mail::uploads::sweep(tx, now)).await.unwrap(), 0);
}

#[test_each_engine]
async fn cleaned_html_is_served_behind_its_own_policy(store: Store) {
    let (_, mut member) = owner(store).await;
    let message = "Subject: x\nContent-Type: text/html; charset=utf-8\n\n<p>雁书<img src=https://track.test/x.png><script>alert(1)</script><a href=\"javascript:alert(1)\">x</a>\n";
    let id = member.deliver(message).await.message.to_string();
    let path = format!("/jmap/html/{}/{id}", member.account);
    let answer = member.browser.get(&path).await;
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("sandbox")
            && policy.contains("frame-ancestors 'self'")
            && !policy.contains("https:"),
        "{policy}"
    );
    assert!(!policy.contains("allow-scripts") && !policy.contains("script-src"));
    assert_eq!(
        (answer.headers["x-frame-options"].to_str().unwrap(), answer.headers["x-held-back-pictures"].to_str().unwrap()),
        ("SAMEORIGIN", "1")
    );
    let text = answer.text();
    assert!(
        text.contains("雁书") && !text.contains("<script") && !text.contains("javascript:") && !text.contains(" src=\"https://track"),
        "{text}"
    );
    let open = member.browser.get(&format!("{path}?remote=1")).await;
    assert!(open.headers["content-security-policy"].to_str().unwrap().contains("img-src 'self' data: https:"));
    assert!(open.text().contains(" src=\"https://track.test/x.png\""), "{}", open.text());
    let quoted = member.browser.get(&format!("{path}?as=json")).await;
    assert_eq!((quoted.body["heldBackPictures"].as_u64(), quoted.body["html"].as_str().unwrap().contains("雁书")), (Some(1), true));
    assert_eq!(member.browser.get(&format!("/jmap/html/{}/m99", member.account)).await.status, 404);
}

/// RFC 9404 §4.2.1
#[test_each_engine]
async fn a_blob_is_put_together_and_read_within_calls(store: Store) {
    let (_, mut member) = owner(store).await;
    let fox = "The quick brown fox jumped over the lazy dog.";
    let calls = json!([
        ["Blob/upload", { "accountId": member.account, "create": {
            "fox": { "data": [{ "data:asText": "The quick " }, { "data:asBase64": "YnJvd24gZm94IGp1bXBlZCBvdmVyIA==" }, { "data:asText": "the lazy dog." }], "type": "text/plain" },
            "piece": { "data": [{ "blobId": "#fox", "offset": 4, "length": 9 }, { "data:asText": "!" }] },
            "beyond": { "data": [{ "blobId": "#fox", "offset": 40, "length": 9 }] },
            "wrong": { "data": [{ "data:asBase64": "?" }] }
        } }, "0"],
        ["Blob/get", { "accountId": member.account, "ids": ["#fox", "B99"], "properties": ["data:asText", "digest:sha", "size"] }, "1"],
        ["Blob/get", { "accountId": member.account, "ids": ["#fox"], "offset": 4, "length": 9, "properties": ["data", "digest:sha", "digest:sha-256", "size"] }, "2"],
        ["Blob/get", { "accountId": member.account, "ids": ["#piece"] }, "3"],
        ["Blob/get", { "accountId": member.account, "ids": ["#fox"], "offset": 40, "length": 9 }, "4"],
        ["Blob/get", { "accountId": member.account, "ids": ["#fox"], "properties": ["digest:md4"] }, "5"],
    ]);
    let answers = member.calls(calls).await;
    let made = &answers[0].1;
    assert_eq!((&made["created"]["fox"]["type"], &made["created"]["fox"]["size"]), (&json!("text/plain"), &json!(45)), "{made}");
    assert_eq!((&made["created"]["piece"]["size"], &made["created"]["piece"]["type"]), (&json!(10), &json!(null)));
    assert_eq!(
        (&made["notCreated"]["beyond"]["type"], &made["notCreated"]["wrong"]["type"]),
        (&json!("invalidProperties"), &json!("invalidProperties"))
    );
    let whole = &answers[1].1["list"][0];
    assert_eq!(
        (&whole["data:asText"], &whole["size"], &whole["digest:sha"]),
        (&json!(fox), &json!(45), &json!("wIVPufsDxBzOOALLDSIFKebu+U4="))
    );
    assert_eq!((&whole["id"], &answers[1].1["notFound"]), (&made["created"]["fox"]["id"], &json!(["B99"])));
    let part = &answers[2].1["list"][0];
    assert_eq!(
        (&part["data:asText"], &part["digest:sha"], &part["size"]),
        (&json!("quick bro"), &json!("QiRAPtfyX8K6tm1iOAtZ87Xj3Ww="), &json!(45))
    );
    assert!(part.get("isTruncated").is_none() && part["digest:sha-256"].is_string());
    assert_eq!(answers[3].1["list"][0]["data:asText"], json!("quick bro!"));
    let cut = &answers[4].1["list"][0];
    assert_eq!((&cut["data:asText"], &cut["isTruncated"]), (&json!(" dog."), &json!(true)));
    assert_eq!((answers[5].0.as_str(), &answers[5].1["type"]), ("error", &json!("invalidArguments")));
}

#[test_each_engine]
async fn bytes_that_are_no_text_are_told_as_such(store: Store) {
    let (_, mut member) = owner(store).await;
    let blob = member.blob("image/png", b"\x89PNG\xff").await;
    let told = member.call("Blob/get", json!({ "ids": [blob] })).await;
    assert_eq!((&told["list"][0]["data:asBase64"], told["list"][0].get("data:asText")), (&json!("iVBOR/8="), None), "{told}");
    let asked = member.call("Blob/get", json!({ "ids": [blob], "properties": ["data:asText"] })).await;
    assert_eq!(asked["list"][0], json!({ "id": blob, "data:asText": null, "isEncodingProblem": true }));
}

#[test_each_engine]
async fn a_blob_is_traced_to_its_message_thread_and_mailboxes(store: Store) {
    let (_, mut member) = owner(store).await;
    let email = member.receive("x").await;
    let found = member.email(&email, &["blobId", "threadId", "mailboxIds"]).await;
    let upload = member.blob("text/plain", b"x").await;
    let ids = json!({ "ids": [found["blobId"], upload, "nothing"], "typeNames": ["Email", "Thread", "Mailbox"] });
    let told = member.call("Blob/lookup", ids).await;
    let of = |id: &serde_json::Value| told["list"].as_array().unwrap().iter().find(|one| one["id"] == *id).unwrap()["matchedIds"].clone();
    let mailboxes: Vec<&String> = found["mailboxIds"].as_object().unwrap().keys().collect();
    assert_eq!(of(&found["blobId"]), json!({ "Email": [email], "Thread": [found["threadId"]], "Mailbox": mailboxes }));
    assert_eq!(of(&json!(upload)), json!({ "Email": [], "Thread": [], "Mailbox": [] }));
    assert_eq!(told["notFound"], json!(["nothing"]));
    assert_eq!(member.error("Blob/lookup", json!({ "ids": [], "typeNames": ["Calendar"] })).await, "unknownDataType");
}
