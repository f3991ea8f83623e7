use kernel::Timestamp;
use mail::Flags;
use mail::delivery::Into;
use mail::mailboxes::Role;
use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::client::{Member, owner, strings};

/// Ten messages in INBOX, a second apart; two of them are a thread. Their ids, the oldest first.
async fn ten(member: &Member) -> Vec<String> {
    let people = ["Zoe", "amy", "李娜", "Bob", "Chen", "dora", "Eve", "Fay", "gus", "Hal"];
    let mut ids = Vec::new();
    for (number, name) in people.iter().enumerate() {
        let subject = if number == 5 { "Re: subject 2".to_owned() } else { format!("subject {number}") };
        let reply = if number == 5 { "In-Reply-To: <id2@second.test>\n" } else { "" };
        let attachment = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nwith 附件 inside\n--b\nContent-Disposition: attachment; filename=a.txt\n\nx\n--b--\n";
        let body =
            if number == 7 { attachment.to_owned() } else { format!("\nBody {} needle{number}\n{}", number, "x".repeat(number * 10)) };
        let message = format!(
            "From: {name} <p{number}@second.test>\nTo: admin@first.test\nCc: team@first.test\nX-Number: n{number}\nSubject: {subject}\n\
             Message-ID: <id{number}@second.test>\n{reply}Date: Mon, 1 Jun 2026 09:00:0{} +0800\n{body}",
            9 - number
        );
        let received_at = Timestamp::from_micros(1_780_000_000_000_000 + number as i64 * 1_000_000);
        let flags = if number % 3 == 0 { Flags::from_keywords(["$seen"]).unwrap() } else { Flags::NONE };
        ids.push(member.deliver_into(&message, Into::Role(Role::Inbox), received_at, flags).await.message.to_string());
    }
    ids
}

fn picked(ids: &[String], numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(|number| ids[*number].clone()).collect()
}

#[test_each_engine]
async fn a_mailbox_is_listed_page_by_page_from_either_end(store: Store) {
    let (_, mut member) = owner(store).await;
    let inbox = member.mailbox("inbox").await;
    let ids = ten(&member).await;
    let filter = json!({ "inMailbox": inbox });
    let newest = json!([{ "property": "receivedAt", "isAscending": false }]);
    let first = member.call("Email/query", json!({ "filter": filter, "sort": newest, "limit": 3, "calculateTotal": true })).await;
    assert_eq!(
        (strings(&first["ids"]), first["position"].as_u64(), first["total"].as_u64()),
        (picked(&ids, &[9, 8, 7]), Some(0), Some(10))
    );
    assert_eq!(first["canCalculateChanges"], json!(true));
    let cases = [
        (json!({ "position": 8, "limit": 5 }), vec![1, 0], 8),
        (json!({ "position": -2 }), vec![1, 0], 8),
        (json!({ "position": 50 }), vec![], 10),
        (json!({ "anchor": ids[5], "anchorOffset": -1, "limit": 2 }), vec![6, 5], 3),
        (json!({ "anchor": ids[0], "anchorOffset": 5 }), vec![], 10),
        (json!({ "limit": 0 }), vec![], 0),
    ];
    for (window, expected, position) in cases {
        // The same window from the index of the mailbox, from a statement, and from the whole result.
        for filter in [filter.clone(), json!({ "inMailbox": inbox, "minSize": 1 }), json!({ "inMailbox": inbox, "text": "second.test" })] {
            let mut arguments = window.clone();
            (arguments["filter"], arguments["sort"], arguments["calculateTotal"]) = (filter.clone(), newest.clone(), json!(true));
            let found = member.call("Email/query", arguments).await;
            assert_eq!(
                (strings(&found["ids"]), found["position"].as_u64()),
                (picked(&ids, &expected), Some(position)),
                "{window} {filter}"
            );
            assert_eq!(found["total"], json!(10));
        }
    }
    assert_eq!(member.error("Email/query", json!({ "filter": filter, "anchor": "m999" })).await, "anchorNotFound");
    assert_eq!(member.error("Email/query", json!({ "filter": filter, "anchor": "x" })).await, "anchorNotFound");
    assert_eq!(member.query(json!({ "filter": filter, "sort": [{ "property": "receivedAt" }], "limit": 2 })).await, picked(&ids, &[0, 1]));
    assert!(member.query(json!({ "filter": { "inMailbox": "f999" } })).await.is_empty());
    assert!(member.query(json!({ "filter": { "inMailbox": "nonsense" } })).await.is_empty());
}

#[test_each_engine]
async fn threads_can_be_collapsed_to_their_newest_message(store: Store) {
    let (_, mut member) = owner(store).await;
    let inbox = member.mailbox("inbox").await;
    let ids = ten(&member).await;
    for filter in [json!({ "inMailbox": inbox }), json!({ "inMailbox": inbox, "minSize": 1 }), json!({ "text": "second.test" }), json!({})]
    {
        let found = member.call("Email/query", json!({ "filter": filter, "collapseThreads": true, "calculateTotal": true })).await;
        assert_eq!((strings(&found["ids"]), found["total"].clone()), (picked(&ids, &[9, 8, 7, 6, 5, 4, 3, 1, 0]), json!(9)), "{filter}");
        let page = member.query(json!({ "filter": filter, "collapseThreads": true, "position": 4, "limit": 2 })).await;
        assert_eq!(page, picked(&ids, &[5, 4]), "{filter}");
    }
}

#[test_each_engine]
async fn every_condition_finds_what_it_should(store: Store) {
    let (_, mut member) = owner(store).await;
    let (inbox, archive) = (member.mailbox("inbox").await, member.mailbox("archive").await);
    let ids = ten(&member).await;
    member
        .call(
            "Email/set",
            json!({ "update": {
            &ids[1]: { format!("mailboxIds/{archive}"): true },
            &ids[2]: { "keywords/$flagged": true },
            &ids[4]: { "keywords/Work_1": true, "mailboxIds": { &archive: true } },
        } }),
        )
        .await;
    let at = |number: i64| kernel::Timestamp::from_micros(1_780_000_000_000_000 + number * 1_000_000).to_string();
    let size = member.email(&ids[3], &["size"]).await["size"].as_u64().unwrap();
    let sizes = member.call("Email/get", json!({ "ids": ids, "properties": ["size"] })).await;
    let larger: Vec<usize> = (0..10).filter(|number| sizes["list"][*number]["size"].as_u64().unwrap() >= size).collect();
    for (filter, expected) in [
        (json!({ "inMailbox": archive }), vec![1, 4]),
        (json!({ "inMailboxOtherThan": [inbox] }), vec![1, 4]),
        (json!({ "inMailboxOtherThan": [inbox, archive] }), vec![]),
        (json!({ "inMailboxOtherThan": [] }), (0..10).collect()),
        (json!({ "before": at(2) }), vec![0, 1]),
        (json!({ "after": at(8) }), vec![8, 9]),
        (json!({ "minSize": size }), larger.clone()),
        (json!({ "maxSize": size }), (0..10).filter(|number| !larger.contains(number)).collect()),
        (json!({ "hasKeyword": "$seen" }), vec![0, 3, 6, 9]),
        (json!({ "notKeyword": "$seen" }), vec![1, 2, 4, 5, 7, 8]),
        (json!({ "hasKeyword": "WORK_1" }), vec![4]),
        (json!({ "hasKeyword": "wor" }), vec![]),
        (json!({ "hasKeyword": "work-1" }), vec![]),
        (json!({ "someInThreadHaveKeyword": "$flagged" }), vec![2, 5]),
        (json!({ "allInThreadHaveKeyword": "$flagged" }), vec![]),
        (json!({ "noneInThreadHaveKeyword": "$flagged" }), vec![0, 1, 3, 4, 6, 7, 8, 9]),
        (json!({ "allInThreadHaveKeyword": "$seen" }), vec![0, 3, 6, 9]),
        (json!({ "hasAttachment": true }), vec![7]),
        (json!({ "hasAttachment": false, "after": at(7) }), vec![8, 9]),
        (json!({ "from": "李娜" }), vec![2]),
        (json!({ "from": "P3@SECOND" }), vec![3]),
        (json!({ "to": "admin" }), (0..10).collect()),
        (json!({ "cc": "team", "from": "bob" }), vec![3]),
        (json!({ "bcc": "x" }), vec![]),
        (json!({ "subject": "subject 2" }), vec![2, 5]),
        (json!({ "body": "needle4" }), vec![4]),
        (json!({ "body": "附件" }), vec![7]),
        (json!({ "text": "needle4" }), vec![4]),
        (json!({ "text": "Zoe \"subject 0\"" }), vec![0]),
        (json!({ "header": ["X-Number"] }), (0..10).collect()),
        (json!({ "header": ["x-number", "n6"] }), vec![6]),
        (
            json!({ "operator": "OR", "conditions": [{ "from": "zoe" }, { "hasKeyword": "$flagged" }, { "inMailbox": archive }] }),
            vec![0, 1, 2, 4],
        ),
        (
            json!({ "operator": "AND", "conditions": [{ "inMailbox": inbox }, { "operator": "NOT", "conditions": [{ "subject": "subject 2" }, { "hasKeyword": "$seen" }] }] }),
            vec![1, 7, 8],
        ),
        (json!({ "operator": "NOT", "conditions": [{ "text": "needle" }] }), vec![7]),
        (json!({ "operator": "AND", "conditions": [] }), (0..10).collect()),
        (json!({ "operator": "OR", "conditions": [] }), vec![]),
        (json!(null), (0..10).collect()),
    ] {
        let found = member.query(json!({ "filter": filter, "sort": [{ "property": "receivedAt" }] })).await;
        assert_eq!(found, picked(&ids, &expected), "{filter}");
    }
}

#[test_each_engine]
async fn every_order_is_kept(store: Store) {
    let (_, mut member) = owner(store).await;
    let ids = ten(&member).await;
    let oldest_last: Vec<usize> = (0..10).rev().collect();
    for (sort, expected) in [
        (json!([{ "property": "sentAt" }]), oldest_last.clone()),
        (json!([{ "property": "receivedAt", "isAscending": false }]), oldest_last.clone()),
        (json!([{ "property": "from" }]), vec![1, 3, 4, 5, 6, 7, 8, 9, 0, 2]),
        (json!([{ "property": "from", "collation": "i;ascii-casemap", "isAscending": false }]), vec![2, 0, 9, 8, 7, 6, 5, 4, 3, 1]),
        (json!([{ "property": "subject" }, { "property": "receivedAt", "isAscending": false }]), vec![0, 1, 5, 2, 3, 4, 6, 7, 8, 9]),
        (json!([{ "property": "to" }, { "property": "receivedAt" }]), (0..10).collect()),
        (
            json!([{ "property": "hasKeyword", "keyword": "$seen", "isAscending": false }, { "property": "receivedAt" }]),
            vec![0, 3, 6, 9, 1, 2, 4, 5, 7, 8],
        ),
        (
            json!([{ "property": "someInThreadHaveKeyword", "keyword": "$seen" }, { "property": "receivedAt" }]),
            vec![1, 2, 4, 5, 7, 8, 0, 3, 6, 9],
        ),
        (
            json!([{ "property": "allInThreadHaveKeyword", "keyword": "$seen" }, { "property": "receivedAt" }]),
            vec![1, 2, 4, 5, 7, 8, 0, 3, 6, 9],
        ),
    ] {
        assert_eq!(member.query(json!({ "sort": sort })).await, picked(&ids, &expected), "{sort}");
    }
    let by_size = member.query(json!({ "sort": [{ "property": "size" }] })).await;
    let sizes = member.call("Email/get", json!({ "ids": by_size, "properties": ["size"] })).await;
    let sizes: Vec<u64> = sizes["list"].as_array().unwrap().iter().map(|email| email["size"].as_u64().unwrap()).collect();
    assert!(sizes.is_sorted(), "{sizes:?}");
    for (sort, kind) in [
        (json!([{ "property": "colour" }]), "unsupportedSort"),
        (json!([{ "property": "from", "collation": "i;none" }]), "unsupportedSort"),
        (json!([{ "property": "hasKeyword" }]), "invalidArguments"),
        (json!([{ "property": "hasKeyword", "keyword": "a b" }]), "invalidArguments"),
    ] {
        assert_eq!(member.error("Email/query", json!({ "sort": sort })).await, kind, "{sort}");
    }
    assert_eq!(member.error("Email/query", json!({ "filter": { "colour": "red" } })).await, "unsupportedFilter");
    assert_eq!(member.error("Email/query", json!({ "limit": -1 })).await, "invalidArguments");
}

/// What a client makes of its list by the changes it is told.
fn applied(before: &[String], changes: &Value) -> Vec<String> {
    let removed = strings(&changes["removed"]);
    let mut list: Vec<String> = before.iter().filter(|id| !removed.contains(id)).cloned().collect();
    for added in changes["added"].as_array().unwrap() {
        let index = added["index"].as_u64().unwrap() as usize;
        list.insert(index, added["id"].as_str().unwrap().to_owned());
    }
    list
}

#[test_each_engine]
async fn a_list_is_kept_right_by_its_changes(store: Store) {
    let (_, mut member) = owner(store).await;
    let (inbox, archive) = (member.mailbox("inbox").await, member.mailbox("archive").await);
    let ids = ten(&member).await;
    let queries = [
        json!({ "filter": { "inMailbox": inbox } }),
        json!({ "filter": { "inMailbox": inbox }, "collapseThreads": true }),
        json!({ "filter": { "inMailbox": inbox, "notKeyword": "$seen" }, "sort": [{ "property": "receivedAt" }] }),
        json!({ "filter": { "someInThreadHaveKeyword": "$flagged" }, "sort": [{ "property": "size" }] }),
        json!({ "sort": [{ "property": "hasKeyword", "keyword": "$flagged", "isAscending": false }, { "property": "receivedAt" }], "collapseThreads": true }),
    ];
    let mut before = Vec::new();
    for query in &queries {
        before.push(member.call("Email/query", query.clone()).await);
    }
    let changes = json!({
        "update": { &ids[0]: { "mailboxIds": { archive: true } }, &ids[1]: { "keywords/$seen": true }, &ids[2]: { "keywords/$flagged": true }, &ids[3]: { "keywords/$seen": null } },
        "destroy": [ids[5], ids[8]],
    });
    member.call("Email/set", changes).await;
    member.receive("new").await;
    for (query, before) in queries.iter().zip(before) {
        let mut arguments = query.clone();
        arguments["sinceQueryState"] = before["queryState"].clone();
        arguments["calculateTotal"] = json!(true);
        let changes = member.call("Email/queryChanges", arguments.clone()).await;
        let now = member.query(query.clone()).await;
        assert_eq!(applied(&strings(&before["ids"]), &changes), now, "{query} {changes}");
        assert_eq!(changes["total"], json!(now.len()));
        arguments["maxChanges"] = json!(1);
        assert_eq!(member.error("Email/queryChanges", arguments).await, "tooManyChanges");
    }
    let unknown = json!({ "sinceQueryState": "99999" });
    assert_eq!(member.error("Email/queryChanges", unknown).await, "cannotCalculateChanges");
    let with_text = json!({ "filter": { "text": "x" }, "sinceQueryState": "1" });
    assert_eq!(member.error("Email/queryChanges", with_text).await, "cannotCalculateChanges");
    assert_eq!(member.call("Email/query", json!({ "filter": { "text": "x" } })).await["canCalculateChanges"], json!(false));
}

#[test_each_engine]
async fn snippets_show_why_something_was_found(store: Store) {
    let (_, mut member) = owner(store).await;
    let ids = ten(&member).await;
    let filter = json!({ "operator": "AND", "conditions": [{ "text": "附件" }, { "hasAttachment": true }] });
    let got = member.call("SearchSnippet/get", json!({ "filter": filter, "emailIds": [ids[7], ids[3], "m999"] })).await;
    assert_eq!(got["list"][0], json!({ "emailId": ids[7], "subject": null, "preview": "with <mark>附件</mark> inside a.txt x" }));
    assert_eq!((got["list"][1]["preview"].clone(), got["notFound"].clone()), (json!(null), json!(["m999"])));
    let got = member.call("SearchSnippet/get", json!({ "filter": { "subject": "SUBJECT" }, "emailIds": [ids[7]] })).await;
    assert_eq!(got["list"][0]["subject"], "<mark>subject</mark> 7");
    assert_eq!(member.error("SearchSnippet/get", json!({ "filter": { "colour": 1 }, "emailIds": [] })).await, "unsupportedFilter");
}
