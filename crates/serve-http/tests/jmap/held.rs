//! Sending later, and taking back what has not left.

use kernel::Timestamp;
use mail::submission::held::{MAX_DELAY_SECS, release_due};
use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::client::{Member, colleague, owner, strings};
use crate::site::Site;
use crate::submissions::{draft, identity};

/// Hands a draft in with parameters of MAIL; the answers of the call, and the email's id.
async fn send(member: &mut Member, to: &[&str], parameters: Value) -> (Vec<(String, Value)>, String) {
    let (drafts, sent) = (member.mailbox("drafts").await, member.mailbox("sent").await);
    let identity = identity(member).await;
    let email = draft(member, to).await;
    let to: Vec<Value> = to.iter().map(|email| json!({ "email": email })).collect();
    let envelope = json!({ "mailFrom": { "email": member.address, "parameters": parameters }, "rcptTo": to });
    let answers = member
        .calls(json!([["EmailSubmission/set", {
            "accountId": member.account,
            "create": { "k": { "identityId": identity, "emailId": email, "envelope": envelope } },
            "onSuccessUpdateEmail": { "#k": { format!("mailboxIds/{drafts}"): null, format!("mailboxIds/{sent}"): true, "keywords/$draft": null } },
        }, "0"]]))
        .await;
    (answers, email)
}

async fn hold(member: &mut Member, to: &[&str], seconds: &str) -> (Value, String) {
    let (answers, email) = send(member, to, json!({ "HOLDFOR": seconds })).await;
    let made = answers[0].1["created"]["k"].clone();
    assert_eq!(made["undoStatus"], "pending", "{answers:?}");
    (made, email)
}

async fn cancel(member: &mut Member, id: &str) -> Result<(), String> {
    let answer = member.call("EmailSubmission/set", json!({ "update": { id: { "undoStatus": "canceled" } } })).await;
    match answer["notUpdated"][id]["type"].as_str() {
        None => Ok(()),
        Some(kind) => Err(kind.to_owned()),
    }
}

async fn release(site: &Site, member: &Member) -> usize {
    let ctx = kernel::Ctx { now: kernel::Clock::now(&*site.clock), ..member.ctx() };
    let released = release_due(&site.store, &ctx, "mail.first.test").await.unwrap();
    site.work().await;
    released
}

async fn submission(member: &mut Member, id: &str) -> Value {
    member.call("EmailSubmission/get", json!({ "ids": [id] })).await["list"][0].clone()
}

async fn inbox(member: &mut Member) -> Vec<String> {
    let inbox = member.mailbox("inbox").await;
    member.query(json!({ "filter": { "inMailbox": inbox } })).await
}

#[test_each_engine]
async fn what_is_held_leaves_when_its_time_has_come_and_nobody_has_it_before(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut other = colleague(&site, &member, "other").await;
    let session = member.browser.get("/jmap/session").await.body;
    let offered = &session["accounts"][&member.account]["accountCapabilities"]["urn:ietf:params:jmap:submission"];
    assert_eq!(offered["maxDelayedSend"], json!(MAX_DELAY_SECS));
    assert_eq!(offered["submissionExtensions"]["FUTURERELEASE"][0], json!(MAX_DELAY_SECS.to_string()));

    let before = member.call("EmailSubmission/get", json!({ "ids": [] })).await["state"].clone();
    let (made, email) = hold(&mut member, &["other@first.test", "far@elsewhere.test"], "60").await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(release(&site, &member).await, 0);
    assert_eq!(inbox(&mut other).await, Vec::<String>::new());
    let shown = submission(&mut member, id).await;
    assert_eq!((shown["undoStatus"].as_str(), shown["sendAt"].clone()), (Some("pending"), made["sendAt"].clone()));
    assert_eq!(shown["deliveryStatus"]["other@first.test"]["delivered"], "queued");
    let pending = member.call("EmailSubmission/query", json!({ "filter": { "undoStatus": "pending" } })).await;
    assert_eq!(strings(&pending["ids"]), [id]);

    // What becomes of the email meanwhile changes nothing (RFC 8621 §7.5).
    member.call("Email/set", json!({ "destroy": [email] })).await;
    site.clock.advance_secs(60);
    assert_eq!(release(&site, &member).await, 1);
    assert_eq!(inbox(&mut other).await.len(), 1);
    let shown = submission(&mut member, id).await;
    assert_eq!(shown["undoStatus"], "final");
    assert_eq!(shown["deliveryStatus"]["other@first.test"]["delivered"], "yes");
    assert_eq!(shown["deliveryStatus"]["far@elsewhere.test"]["delivered"], "queued");
    assert_eq!(cancel(&mut member, id).await, Err("cannotUnsend".to_owned()));
    let changes = member.call("EmailSubmission/changes", json!({ "sinceState": before })).await;
    assert_eq!(strings(&changes["created"]), [id]);
    let later = member
        .call("EmailSubmission/queryChanges", json!({ "sinceQueryState": pending["queryState"], "filter": { "undoStatus": "pending" } }))
        .await;
    assert_eq!((strings(&later["removed"]), later["added"].clone()), (vec![id.to_owned()], json!([])));
}

#[test_each_engine]
async fn what_is_taken_back_reaches_nobody_and_its_email_goes_back_in_the_same_call(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut other = colleague(&site, &member, "other").await;
    let (drafts, sent) = (member.mailbox("drafts").await, member.mailbox("sent").await);
    let (made, email) = hold(&mut member, &["other@first.test"], "10").await;
    assert_eq!(
        member.email(&email, &["mailboxIds", "keywords"]).await,
        json!({ "id": email, "mailboxIds": { &sent: true }, "keywords": {} })
    );
    let id = made["id"].as_str().unwrap();
    let answers = member
        .calls(json!([["EmailSubmission/set", {
            "accountId": member.account,
            "update": { id: { "undoStatus": "canceled" } },
            "onSuccessUpdateEmail": { id: { format!("mailboxIds/{sent}"): null, format!("mailboxIds/{drafts}"): true, "keywords/$draft": true } },
        }, "0"]]))
        .await;
    assert_eq!((answers[0].1["updated"].clone(), answers[1].1["updated"].clone()), (json!({ id: null }), json!({ &email: null })));
    assert_eq!(member.email(&email, &["mailboxIds", "keywords"]).await["keywords"], json!({ "$draft": true }));
    site.clock.advance_secs(3600);
    assert_eq!(release(&site, &member).await, 0);
    assert_eq!(inbox(&mut other).await, Vec::<String>::new());
    let shown = submission(&mut member, id).await;
    assert_eq!(
        (shown["undoStatus"].as_str(), shown["deliveryStatus"]["other@first.test"]["delivered"].as_str()),
        (Some("canceled"), Some("no"))
    );
    // Once more changes nothing; back again it cannot go.
    assert_eq!(cancel(&mut member, id).await, Ok(()));
    let back = member.call("EmailSubmission/set", json!({ "update": { id: { "undoStatus": "pending" } } })).await;
    assert_eq!(back["notUpdated"][id]["type"], "invalidProperties");
    // When it is too late, the email stays where it is.
    let (made, email) = hold(&mut member, &["other@first.test"], "10").await;
    site.clock.advance_secs(10);
    assert_eq!(release(&site, &member).await, 1);
    let id = made["id"].as_str().unwrap();
    let answers = member
        .calls(json!([["EmailSubmission/set", {
            "accountId": member.account, "update": { id: { "undoStatus": "canceled" } }, "onSuccessUpdateEmail": { id: { "keywords/$draft": true } },
        }, "0"]]))
        .await;
    assert_eq!((answers.len(), answers[0].1["notUpdated"][id]["type"].as_str()), (1, Some("cannotUnsend")));
    assert_eq!(member.email(&email, &["keywords"]).await["keywords"], json!({}));
}

#[test_each_engine]
async fn of_taking_back_and_releasing_at_the_same_moment_exactly_one_happens(store: Store) {
    const MESSAGES: usize = 24;
    let (site, mut member) = owner(store).await;
    let mut other = colleague(&site, &member, "other").await;
    let mut ids = Vec::new();
    for _ in 0..MESSAGES {
        ids.push(hold(&mut member, &["other@first.test"], "10").await.0["id"].as_str().unwrap().to_owned());
    }
    site.clock.advance_secs(10);
    let ctx = kernel::Ctx { now: kernel::Clock::now(&*site.clock), ..member.ctx() };
    let releasing: Vec<_> = (0..3)
        .map(|_| {
            let (store, ctx) = (site.store.clone(), ctx.clone());
            tokio::spawn(async move { release_due(&store, &ctx, "mail.first.test").await.unwrap() })
        })
        .collect();
    // From the last, so that they meet in the middle; each from two devices, of which the second hears that it is done.
    let canceling: Vec<_> = ids
        .iter()
        .rev()
        .map(|id| {
            let (mut first, mut second, id) = (member.again(), member.again(), id.clone());
            tokio::spawn(async move {
                // A limit on requests at once must not decide the race.
                let mut told = Vec::new();
                for device in [&mut first, &mut second] {
                    loop {
                        let answer = device.request(json!([["EmailSubmission/set", { "accountId": device.account, "update": { &id: { "undoStatus": "canceled" } } }, "0"]])).await;
                        if answer.status == 200 {
                            let answer = answer.body["methodResponses"][0][1].clone();
                            told.push(answer["notUpdated"][&id]["type"].as_str().map(str::to_owned));
                            break;
                        }
                        tokio::task::yield_now().await;
                    }
                }
                assert_eq!(told[0], told[1], "both are told the same");
                (id, told[0].is_none())
            })
        })
        .collect();
    let mut canceled = Vec::new();
    for task in canceling {
        let (id, was_canceled) = task.await.unwrap();
        if was_canceled {
            canceled.push(id);
        }
    }
    let mut released = 0;
    for task in releasing {
        released += task.await.unwrap();
    }
    // What a node had claimed and lost to a conflict is due again a minute later.
    site.clock.advance_secs(120);
    released += release(&site, &member).await;
    assert_eq!(released + canceled.len(), MESSAGES);
    assert_eq!(inbox(&mut other).await.len(), released);
    for id in &ids {
        let status = submission(&mut member, id).await["undoStatus"].clone();
        assert_eq!(status, if canceled.contains(id) { "canceled" } else { "final" }, "{id}");
    }
}

#[test_each_engine]
async fn a_hold_that_cannot_be_is_refused_and_nothing_is_sent(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut other = colleague(&site, &member, "other").await;
    for parameters in [
        json!({ "HOLDFOR": (MAX_DELAY_SECS + 1).to_string() }),
        json!({ "HOLDFOR": "soon" }),
        json!({ "HOLDUNTIL": "2999-01-01T00:00:00Z" }),
        json!({ "HOLDUNTIL": "2026-12-01" }),
        json!({ "HOLDFOR": "5", "HOLDUNTIL": "2026-12-01T00:00:00Z" }),
        json!({ "DELIVERBY": "5" }),
    ] {
        let (answers, _) = send(&mut member, &["other@first.test"], parameters.clone()).await;
        assert_eq!(answers[0].1["notCreated"]["k"]["type"], "invalidProperties", "{parameters}");
        assert_eq!(answers.len(), 1, "no email was changed");
    }
    site.work().await;
    assert_eq!(inbox(&mut other).await, Vec::<String>::new());
    // A time that has passed is no reason to wait.
    let (answers, _) = send(&mut member, &["other@first.test"], json!({ "holduntil": "2020-01-01T00:00:00Z" })).await;
    assert_eq!(answers[0].1["created"]["k"]["undoStatus"], "final");
    let now = kernel::Clock::now(&*site.clock);
    assert!(now > Timestamp::from_micros(0));
}

#[test_each_engine]
async fn a_forgotten_submission_leaves_all_the_same(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut other = colleague(&site, &member, "other").await;
    let (made, _) = hold(&mut member, &["other@first.test"], "10").await;
    // RFC 8621 §7.5: destroying must not affect the delivery.
    let answer = member.call("EmailSubmission/set", json!({ "destroy": [made["id"]] })).await;
    assert_eq!(strings(&answer["destroyed"]).len(), 1);
    site.clock.advance_secs(10);
    assert_eq!(release(&site, &member).await, 1);
    assert_eq!(inbox(&mut other).await.len(), 1);
}
