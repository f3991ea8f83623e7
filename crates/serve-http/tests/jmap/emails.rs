use kernel::Timestamp;
use mail::Flags;
use mail::delivery::Into;
use mail::mailboxes::Role;
use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::client::{owner, simple, strings};

const RICH: &str = "From: =?UTF-8?B?5p2O5aic?= <li@second.test>, x@second.test
Sender: li@second.test
To: Team: a@first.test, \"B, C\" <b@first.test>;, admin@first.test
Cc: c@first.test
Reply-To: answers@second.test
Subject: =?GB2312?B?0eDK6Q==?=
Date: Mon, 1 Jun 2026 09:00:00 +0800
Message-ID: <rich@second.test>
In-Reply-To: <before@second.test>
References: <first@second.test> <before@second.test>
List-Unsubscribe: <https://second.test/off>, <mailto:off@second.test>
X-Twice: one
X-Twice: two
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=gb18030
Content-Transfer-Encoding: base64

xOO6w6OsyfLR9A==
--a
Content-Type: text/html; charset=utf-8

<p>Hello <b>you</b></p>
--a--
--m
Content-Type: application/pdf; name=\"report.pdf\"
Content-Disposition: attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--m--
";

#[test_each_engine]
async fn a_message_is_shown_in_all_its_properties(store: Store) {
    let (_, mut member) = owner(store).await;
    let inbox = member.mailbox("inbox").await;
    let added = member.deliver(RICH).await;
    let id = added.message.to_string();
    let got = member.call("Email/get", json!({ "ids": [id, "m99"], "fetchTextBodyValues": true, "fetchHTMLBodyValues": true })).await;
    assert_eq!(strings(&got["notFound"]), ["m99"]);
    let email = &got["list"][0];
    assert_eq!(email["mailboxIds"], json!({ inbox: true }));
    assert_eq!((email["keywords"].clone(), email["threadId"].clone()), (json!({}), json!(added.thread)));
    assert_eq!(email["blobId"], format!("B{}", added.message.raw()));
    assert_eq!(email["receivedAt"], "2026-05-28T20:26:40Z");
    assert_eq!(email["sentAt"], "2026-06-01T09:00:00+08:00");
    assert_eq!(email["subject"], "燕书");
    assert_eq!(email["from"], json!([{ "name": "李娜", "email": "li@second.test" }, { "name": null, "email": "x@second.test" }]));
    assert_eq!(email["to"].as_array().unwrap().len(), 3);
    assert_eq!((email["bcc"].clone(), email["replyTo"][0]["email"].clone()), (json!(null), json!("answers@second.test")));
    assert_eq!((email["messageId"].clone(), email["inReplyTo"].clone()), (json!(["rich@second.test"]), json!(["before@second.test"])));
    assert_eq!(email["references"], json!(["first@second.test", "before@second.test"]));
    assert_eq!((email["hasAttachment"].clone(), email["preview"].as_str().unwrap().starts_with("你好")), (json!(true), true));
    assert_eq!(email["size"].as_u64().unwrap(), RICH.replace('\n', "\r\n").len() as u64);
    let text = &email["textBody"][0];
    assert_eq!(
        (text["type"].as_str(), text["charset"].as_str(), text["partId"].as_str()),
        (Some("text/plain"), Some("gb18030"), Some("1.1"))
    );
    assert_eq!(email["bodyValues"]["1.1"]["value"], "你好，沈阳");
    assert_eq!(email["bodyValues"]["1.2"], json!({ "value": "<p>Hello <b>you</b></p>", "isEncodingProblem": false, "isTruncated": false }));
    let attached = &email["attachments"][0];
    assert_eq!(
        (attached["name"].as_str(), attached["type"].as_str(), attached["size"].as_u64()),
        (Some("年报.pdf"), Some("application/pdf"), Some(9))
    );
    assert_eq!(attached["blobId"], format!("P{}-2", added.message.raw()));
    assert!(attached.get("headers").is_none() && email.get("headers").is_none() && email.get("bodyStructure").is_none());
}

#[test_each_engine]
async fn headers_are_told_in_the_form_that_is_asked_for(store: Store) {
    let (_, mut member) = owner(store).await;
    let id = member.deliver(RICH).await.message.to_string();
    let names = [
        "header:Subject",
        "header:subject:asText",
        "header:From:asAddresses",
        "header:To:asGroupedAddresses",
        "header:References:asMessageIds",
        "header:Date:asDate",
        "header:List-Unsubscribe:asURLs",
        "header:X-Twice:asText",
        "header:X-Twice:asText:all",
        "header:X-None",
        "header:X-None:all",
    ];
    let email = member.email(&id, &names).await;
    assert_eq!(email["header:Subject"], " =?GB2312?B?0eDK6Q==?=");
    assert_eq!(email["header:subject:asText"], "燕书");
    assert_eq!(email["header:From:asAddresses"][0]["name"], "李娜");
    let groups = &email["header:To:asGroupedAddresses"];
    assert_eq!((groups[0]["name"].as_str(), groups[0]["addresses"][1]["name"].as_str()), (Some("Team"), Some("B, C")));
    assert_eq!((groups[1]["name"].clone(), groups[1]["addresses"][0]["email"].as_str()), (json!(null), Some("admin@first.test")));
    assert_eq!(email["header:References:asMessageIds"][1], "before@second.test");
    assert_eq!(email["header:Date:asDate"], "2026-06-01T09:00:00+08:00");
    assert_eq!(email["header:List-Unsubscribe:asURLs"], json!(["https://second.test/off", "mailto:off@second.test"]));
    assert_eq!((email["header:X-Twice:asText"].clone(), email["header:X-Twice:asText:all"].clone()), (json!("two"), json!(["one", "two"])));
    assert_eq!((email["header:X-None"].clone(), email["header:X-None:all"].clone()), (json!(null), json!([])));
    for wrong in ["header:From:asText", "header:Subject:asDate", "header:x:asNothing", "colour"] {
        assert_eq!(member.error("Email/get", json!({ "ids": [id], "properties": [wrong] })).await, "invalidArguments", "{wrong}");
    }
}

#[test_each_engine]
async fn the_structure_and_its_parts_are_told_as_far_as_asked(store: Store) {
    let (_, mut member) = owner(store).await;
    let id = member.deliver(RICH).await.message.to_string();
    let arguments = json!({
        "ids": [id], "properties": ["bodyStructure", "bodyValues", "headers"], "bodyProperties": ["partId", "type", "header:Content-Type"],
        "fetchAllBodyValues": true, "maxBodyValueBytes": 8,
    });
    let got = member.call("Email/get", arguments).await;
    let email = &got["list"][0];
    let structure = &email["bodyStructure"];
    assert_eq!((structure["type"].as_str(), structure["partId"].clone()), (Some("multipart/mixed"), json!(null)));
    assert_eq!(
        structure["subParts"][0]["subParts"][1],
        json!({ "partId": "1.2", "type": "text/html", "header:Content-Type": " text/html; charset=utf-8" })
    );
    // Cut between characters, and never within a tag.
    assert_eq!(email["bodyValues"]["1.1"], json!({ "value": "你好", "isEncodingProblem": false, "isTruncated": true }));
    assert_eq!(email["bodyValues"]["1.2"]["value"], "<p>Hello");
    assert_eq!(email["headers"][0]["name"], "From");
    assert_eq!(email["headers"].as_array().unwrap().len(), 15);
}

#[test_each_engine]
async fn keywords_are_patched_one_by_one_or_as_a_whole(store: Store) {
    let (_, mut member) = owner(store).await;
    let id = member.receive("one").await;
    let keywords = async |member: &mut crate::client::Member| member.email(&id, &["keywords"]).await["keywords"].clone();
    let set = async |member: &mut crate::client::Member, patch: Value| member.call("Email/set", json!({ "update": { &id: patch } })).await;
    assert_eq!(set(&mut member, json!({ "keywords/$Seen": true, "keywords/Project": true })).await["updated"], json!({ &id: null }));
    assert_eq!(keywords(&mut member).await, json!({ "$seen": true, "project": true }));
    set(&mut member, json!({ "keywords/$seen": null, "keywords/$flagged": true })).await;
    assert_eq!(keywords(&mut member).await, json!({ "$flagged": true, "project": true }));
    set(&mut member, json!({ "keywords": { "$answered": true } })).await;
    assert_eq!(keywords(&mut member).await, json!({ "$answered": true }));
    let before = member.call("Email/get", json!({ "ids": [] })).await["state"].clone();
    let same = set(&mut member, json!({ "keywords/$answered": true })).await;
    assert_eq!((same["oldState"].clone(), same["newState"].clone()), (before.clone(), before), "nothing changed, so no state did");
}

#[test_each_engine]
async fn messages_move_between_mailboxes_and_stay_the_same_message(store: Store) {
    let (_, mut member) = owner(store).await;
    let (inbox, archive, trash) = (member.mailbox("inbox").await, member.mailbox("archive").await, member.mailbox("trash").await);
    let id = member.receive("one").await;
    let since = member.call("Email/get", json!({ "ids": [] })).await["state"].clone();
    member.call("Email/set", json!({ "update": { &id: { format!("mailboxIds/{archive}"): true, "keywords/$seen": true } } })).await;
    assert_eq!(member.email(&id, &["mailboxIds"]).await["mailboxIds"], json!({ &inbox: true, &archive: true }));
    member.call("Email/set", json!({ "update": { &id: { "mailboxIds": { &trash: true } } } })).await;
    let email = member.email(&id, &["mailboxIds", "keywords"]).await;
    assert_eq!((email["mailboxIds"].clone(), email["keywords"].clone()), (json!({ &trash: true }), json!({ "$seen": true })));
    let changes = member.call("Email/changes", json!({ "sinceState": since })).await;
    assert_eq!((strings(&changes["updated"]), strings(&changes["created"]).len()), (vec![id.clone()], 0));
    let destroyed = member.call("Email/set", json!({ "destroy": [id, "m99", "x"] })).await;
    assert_eq!(strings(&destroyed["destroyed"]), [id.as_str()]);
    assert_eq!(
        (destroyed["notDestroyed"]["m99"]["type"].as_str(), destroyed["notDestroyed"]["x"]["type"].as_str()),
        (Some("notFound"), Some("notFound"))
    );
    let changes = member.call("Email/changes", json!({ "sinceState": since })).await;
    assert_eq!(strings(&changes["destroyed"]), [id.as_str()]);
}

#[test_each_engine]
async fn one_wrong_update_among_many_fails_alone(store: Store) {
    let (_, mut member) = owner(store).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(member.receive(&format!("s{number}")).await);
    }
    let answer = member
        .call(
            "Email/set",
            json!({
                "update": {
                    &ids[0]: { "keywords/$seen": true },
                    &ids[1]: { "mailboxIds": { "f99": true } },
                    &ids[2]: { "keywords/$seen": true },
                    &ids[3]: { "keywords/$seen": true },
                    "m99": { "keywords/$seen": true },
                },
                "destroy": [ids[3]],
            }),
        )
        .await;
    let updated: Vec<&String> = answer["updated"].as_object().unwrap().keys().collect();
    assert_eq!(updated, [&ids[0], &ids[2]], "{answer}");
    let kinds: Vec<(&str, &str)> = [(ids[1].as_str(), "invalidProperties"), (ids[3].as_str(), "willDestroy"), ("m99", "notFound")].to_vec();
    for (id, kind) in kinds {
        assert_eq!(answer["notUpdated"][id]["type"], kind, "{id}");
    }
    assert_eq!(strings(&answer["destroyed"]), [ids[3].as_str()]);
    for (id, seen) in [(&ids[0], json!({ "$seen": true })), (&ids[1], json!({})), (&ids[2], json!({ "$seen": true }))] {
        assert_eq!(member.email(id, &["keywords"]).await["keywords"], seen);
    }
}

#[test_each_engine]
async fn a_message_in_several_mailboxes_is_seen_when_it_is_seen_in_all(store: Store) {
    let (_, mut member) = owner(store).await;
    let archive = member.mailbox("archive").await;
    let id = member.receive("one").await;
    member.call("Email/set", json!({ "update": { &id: { format!("mailboxIds/{archive}"): true } } })).await;
    let (account, ctx) = (member.account_id(), member.ctx());
    let inbox: mail::MailboxId = member.mailbox("inbox").await.parse().unwrap();
    let changed = member.store().write_account(account, move |tx| {
        let seen = Flags::from_keywords(["$seen", "$flagged"]).unwrap();
        let uids: mail::UidSet = std::iter::once(1..=u32::MAX).collect();
        mail::entries::change_flags(&ctx, tx, account, inbox, &uids, mail::entries::FlagChange::Add, &seen, None, 100)
    });
    changed.await.unwrap();
    assert_eq!(member.email(&id, &["keywords"]).await["keywords"], json!({ "$flagged": true }));
    member.call("Email/set", json!({ "update": { &id: { "keywords/$seen": true } } })).await;
    assert_eq!(member.email(&id, &["keywords"]).await["keywords"], json!({ "$flagged": true, "$seen": true }));
}

#[test_each_engine]
async fn threads_hold_their_messages_oldest_first(store: Store) {
    let (_, mut member) = owner(store).await;
    let since = member.call("Mailbox/get", json!({ "ids": [] })).await["state"].clone();
    let first = member.deliver(&simple("plan")).await;
    let answer = "From: b@second.test\nSubject: Re: plan\nMessage-ID: <b@second.test>\nIn-Reply-To: <plan@second.test>\n\nx\n";
    let later = Timestamp::from_micros(1_780_000_100_000_000);
    let second = member.deliver_into(answer, Into::Role(Role::Archive), later, Flags::NONE).await;
    assert_eq!(first.thread, second.thread);
    let thread = first.thread.to_string();
    let got = member.call("Thread/get", json!({ "ids": [thread, thread, "t99"] })).await;
    assert_eq!(got["list"], json!([{ "id": thread, "emailIds": [first.message, second.message] }]));
    assert_eq!(strings(&got["notFound"]), ["t99"]);
    let changes = member.call("Thread/changes", json!({ "sinceState": since })).await;
    assert_eq!(strings(&changes["created"]), [thread.as_str()]);
    member.call("Email/set", json!({ "destroy": [first.message, second.message] })).await;
    let changes = member.call("Thread/changes", json!({ "sinceState": changes["newState"] })).await;
    assert_eq!(strings(&changes["destroyed"]), [thread.as_str()]);
}

#[test_each_engine]
async fn changes_come_in_pieces_that_together_are_everything(store: Store) {
    let (_, mut member) = owner(store).await;
    let mut state = member.call("Mailbox/get", json!({ "ids": [] })).await["state"].clone();
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.push(member.receive(&format!("s{number}")).await);
    }
    let mut created = Vec::new();
    loop {
        let changes = member.call("Email/changes", json!({ "sinceState": state, "maxChanges": 3 })).await;
        let piece = strings(&changes["created"]);
        assert!(piece.len() <= 3 && !piece.is_empty());
        created.extend(piece);
        state = changes["newState"].clone();
        if changes["hasMoreChanges"] == json!(false) {
            break;
        }
    }
    assert_eq!(created, expected);
    assert_eq!(member.error("Email/changes", json!({ "sinceState": "-1" })).await, "cannotCalculateChanges");
    assert_eq!(member.error("Thread/changes", json!({ "sinceState": "99999" })).await, "cannotCalculateChanges");
}

/// What a client has cached is right after every look, however mail comes and goes meanwhile.
#[test_each_engine]
async fn a_client_that_follows_changes_misses_nothing_while_mail_comes(store: Store) {
    let (_, mut member) = owner(store).await;
    let mut state = member.call("Mailbox/get", json!({ "ids": [] })).await["state"].clone();
    let mut cached = std::collections::BTreeSet::new();
    let deliveries = async {
        for number in 0..20 {
            member_deliver(&member, number).await;
        }
    };
    async fn member_deliver(member: &crate::client::Member, number: usize) {
        member.receive(&format!("s{number}")).await;
    }
    let mut looker = member.again();
    let looks = async {
        while cached.len() < 20 {
            let changes = looker.call("Email/changes", json!({ "sinceState": state, "maxChanges": 2 })).await;
            cached.extend(strings(&changes["created"]));
            state = changes["newState"].clone();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(deliveries, looks);
    let all: std::collections::BTreeSet<String> = member.query(json!({})).await.into_iter().collect();
    assert_eq!(cached, all);
}

#[test_each_engine]
async fn copying_needs_another_account_and_there_is_none(store: Store) {
    let (_, mut member) = owner(store).await;
    let (own, other) = (member.account.clone(), "acc_0000000000007");
    for method in ["Email/copy", "Blob/copy"] {
        let arguments = |from: &str| match method {
            "Email/copy" => json!({ "fromAccountId": from, "create": {} }),
            _ => json!({ "fromAccountId": from, "blobIds": [] }),
        };
        assert_eq!(member.error(method, arguments(other)).await, "fromAccountNotFound");
        assert_eq!(member.error(method, arguments(&own)).await, "invalidArguments");
    }
}
