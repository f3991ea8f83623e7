//! What senders are told.

use std::sync::Arc;

use directory::service_classes::{self, ServiceClassPatch};
use kernel::Clock;
use mail::delivery::{self, LocalRecipient};
use mail::messages::{self, NewMessage};
use mail::outbound::{self, RecipientState};
use mail::submission::{NewRecipient, Notify, Outcome, Return, ReversePath};
use mail::{FlagBits, mailboxes, mime};
use store::{Store, StoreError};
use testkit::test_each_engine;
use worker::outbound::DnsError;
use worker::{Handlers, Worker, WorkerOptions};

use crate::peer::{Act, Offer};
use crate::scene::{MESSAGE, SENDER, Scene, signed};

impl Scene {
    /// Does the jobs that wait: what was accepted for people here reaches their mailboxes.
    async fn hand_out(&self) {
        Worker::with_handlers(self.app.clone(), WorkerOptions::new("test", 1), Handlers::mail()).run_until_idle().await.unwrap();
    }

    /// How much room everybody has.
    async fn set_quota(&self, bytes: Option<i64>) {
        let ctx = self.ctx();
        let changed = self.app.store.write(move |tx| {
            let class = service_classes::default_class(tx, ctx.org)?.id;
            let patch = ServiceClassPatch { mail_quota_bytes: Some(bytes), ..ServiceClassPatch::default() };
            service_classes::update(&ctx, tx, class, &patch).unwrap();
            Ok::<_, StoreError>(())
        });
        changed.await.unwrap();
    }

    /// Takes a message from outside for the member, as reception does for several people; a return path says that its sender is certain.
    async fn receive(&self, return_path: &'static str) {
        let store = &self.app.store;
        let blob = Arc::new(store.blobs().stage(self.org, MESSAGE.into()).await.unwrap());
        let now = self.clock.now();
        let rendered = Arc::new(mime::render(MESSAGE.as_bytes()));
        let message = NewMessage { blob, prefix: Arc::from(&b"Return-Path: <x@peer1.test>\r\n"[..]), rendered, received_at: now };
        let to = LocalRecipient {
            account: self.account,
            address: SENDER.to_owned(),
            into: delivery::Into::Role(mailboxes::Role::Inbox),
            flags: FlagBits::default(),
            note: None,
        };
        let ctx = self.ctx();
        store.write(move |tx| delivery::accept_in(&ctx, tx, std::slice::from_ref(&to), &message, return_path)).await.unwrap();
    }

    /// What is in the member's INBOX, as its mail program gets it, oldest first.
    async fn inbox(&self) -> Vec<String> {
        self.hand_out().await;
        let (ctx, account) = (self.ctx(), self.account);
        let found = self.app.store.read(move |tx| {
            let Some(inbox) = mailboxes::list(&ctx, tx, account)?.into_iter().find(|own| own.role == Some(mailboxes::Role::Inbox)) else {
                return Ok(Vec::new());
            };
            let mut ids = Vec::new();
            mail::entries::for_each_entry(&ctx, tx, account, inbox.id, 1..=u32::MAX, None, None, |entry| ids.push(entry.message))?;
            messages::find_messages(&ctx, tx, account, &ids)
        });
        let mut found = found.await.unwrap();
        found.sort_by_key(|message| message.id);
        let mut texts = Vec::new();
        for message in found {
            let bytes = messages::read(&self.app.store, self.org, &message.blob_id, &message.prefix).await.unwrap();
            texts.push(String::from_utf8(bytes).unwrap());
        }
        texts
    }
}

/// The part for people, decoded.
fn words(notice: &str) -> String {
    mime::text_of(notice.as_bytes(), 1 << 20)
}

#[test_each_engine]
async fn who_is_refused_is_told_to_the_sender_in_words_and_for_programs(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    there.peer().says("RCPT TO:<no@", "550 5.1.1 no such user here");
    let mut new = scene.new_submission(&[there.address("no"), there.address("yes")], MESSAGE);
    new.envelope_id = Some("QQ+2B1".to_owned());
    new.recipients[0].original = Some("rfc822;first+2Bchoice@peer1.test".to_owned());
    scene.hand_in(new).await;
    scene.send().await;
    let inbox = scene.inbox().await;
    assert_eq!(inbox.len(), 1);
    let notice = &inbox[0];
    assert!(notice.starts_with(&format!("Delivered-To: {SENDER}\r\nReturn-Path: <>\r\n")), "{notice}");
    for line in [
        "From: Mail System <postmaster@example.test>\r\n",
        "To: <li.na@example.test>\r\n",
        "Subject: Your message could not be delivered\r\n",
        "In-Reply-To: <one@example.test>\r\n",
        "Auto-Submitted: auto-replied\r\n",
        "Content-Type: multipart/report; report-type=delivery-status;\r\n",
        "Original-Envelope-Id: QQ+1\r\n",
        "Reporting-MTA: dns; mail.example.test\r\n",
        "Original-Recipient: rfc822; first+choice@peer1.test\r\n",
        "Final-Recipient: rfc822; no@peer1.test\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx0.peer1.test\r\n",
        "Diagnostic-Code: smtp; 550 5.1.1 no such user here\r\n",
        "Content-Type: text/rfc822-headers\r\n",
        "Subject: Hello\r\n",
    ] {
        assert!(notice.contains(line), "{line}\n{notice}");
    }
    assert!(!notice.contains("yes@peer1.test") && !notice.contains("A line with a dot"));
    let words = words(notice);
    for part in ["no@peer1.test", "There is no such address", "mx0.peer1.test answered: 550 5.1.1 no such user here"] {
        assert!(words.contains(part), "{part}\n{words}");
    }
}

#[test_each_engine]
async fn the_whole_message_comes_back_to_who_asked_for_it(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    there.peer().says("<message>", "554 5.7.1 spam");
    let mut new = scene.new_submission(&[there.address("you")], MESSAGE);
    new.ret = Return::Full;
    scene.hand_in(new).await;
    scene.send().await;
    let inbox = scene.inbox().await;
    assert!(inbox[0].contains("Content-Type: message/rfc822\r\n"), "{}", inbox[0]);
    assert!(inbox[0].contains(MESSAGE));
}

#[test_each_engine]
async fn who_does_not_want_to_know_is_not_told_and_nobody_is_told_of_a_notice(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    there.peer().says("RCPT", "550 5.1.1 no");
    let mut never = scene.new_submission(&[there.address("you")], MESSAGE);
    never.recipients[0].notify = Notify::NEVER;
    let mut null = scene.new_submission(&[there.address("you")], MESSAGE);
    null.from = ReversePath::Null;
    let mut system = scene.new_submission(&[there.address("you")], MESSAGE);
    system.account = None;
    for new in [never, null, system] {
        let id = scene.hand_in(new).await.id;
        scene.send().await;
        assert_eq!(scene.state(id).await, RecipientState::Failed);
    }
    assert_eq!(scene.inbox().await, [""; 0]);
}

#[test_each_engine]
async fn a_long_wait_is_told_once_and_its_end_too(store: Store) {
    let scene = Scene::new(store).await;
    scene.dns.mx_fails("silent.test", DnsError::Unavailable("SERVFAIL".to_owned()));
    let id = scene.submit(&["you@silent.test"]).await;
    let begun = scene.clock.now();
    let mut tries = 0;
    loop {
        let waiting = scene.recipient(id).await;
        if waiting.state != RecipientState::Queued {
            break;
        }
        scene.clock.set(waiting.due_at);
        assert_eq!(scene.send().await, 1);
        tries += 1;
        let told = scene.inbox().await.len();
        let waited = scene.clock.now().secs_since(begun);
        let is_over = waited >= 5 * 24 * 3600;
        assert_eq!(told, usize::from(waited >= 4 * 3600) + usize::from(is_over), "after {waited} s");
    }
    assert!((25..=40).contains(&tries), "{tries}");
    assert_eq!(scene.state(id).await, RecipientState::Expired);
    assert_eq!(scene.clock.now().secs_since(begun), 5 * 24 * 3600, "the last try is at the end");
    let inbox = scene.inbox().await;
    assert!(inbox[0].contains("Action: delayed\r\nStatus: 4.4.3\r\n") && inbox[0].contains("Will-Retry-Until: "), "{}", inbox[0]);
    assert!(inbox[1].contains("Action: failed\r\nStatus: 4.4.7\r\n"), "{}", inbox[1]);
    assert!(words(&inbox[1]).contains("for as long as is allowed"));
}

#[test_each_engine]
async fn success_is_told_to_who_asked_unless_the_next_server_does(store: Store) {
    let mut scene = Scene::new(store).await;
    let wants = Notify { success: true, failure: true, delay: true };
    for (capabilities, told) in [(&["DSN"][..], 0), (&[], 1)] {
        let there = scene.destination(vec![Offer { capabilities, ..Offer::default() }]).await;
        let mut new = scene.new_submission(&[there.address("you")], MESSAGE);
        new.recipients[0].notify = wants;
        scene.hand_in(new).await;
        scene.send().await;
        assert_eq!(scene.inbox().await.len(), told);
    }
    assert!(scene.inbox().await[0].contains("Action: relayed\r\nStatus: 2.0.0\r\n"));
    let mut here = scene.new_submission(&["sales@example.test"], MESSAGE);
    here.recipients[0].notify = wants;
    assert_eq!(scene.hand_in(here).await.outcomes, [Outcome::Local]);
    let inbox = scene.inbox().await;
    assert_eq!(inbox.len(), 3, "the message itself, and the notice");
    assert!(inbox.iter().any(|mail| mail.contains("Action: delivered\r\nStatus: 2.1.5\r\n")));
}

#[test_each_engine]
async fn people_here_have_it_at_once_and_signed_and_nobody_here_is_told(store: Store) {
    let scene = Scene::new(store).await;
    let new = scene
        .new_submission(&["Sales+list@example.test", "nobody@example.test", "li.na@example.test", "sales+list@example.test"], signed());
    let done = scene.hand_in(new).await;
    let unknown = Outcome::Bounced { code: "recipient_unknown" };
    assert_eq!(done.outcomes, [Outcome::Local, unknown, Outcome::Local, Outcome::Local]);
    let org = scene.org;
    assert_eq!(scene.app.store.read(move |tx| outbound::status_of(tx, org, done.id)).await.unwrap(), None, "nothing is in the queue");
    let inbox = scene.inbox().await;
    assert_eq!(inbox.len(), 2, "an account that several addresses reach has it once");
    let own = inbox.iter().find(|mail| mail.ends_with(&signed())).unwrap();
    assert!(own.starts_with("Delivered-To: Sales+list@example.test\r\nReturn-Path: <li.na@example.test>\r\nDKIM-Signature: "), "{own}");
    assert!(own.contains(&format!("Received: by mail.example.test with ESMTPSA id {};", done.id)));
    let notice = inbox.iter().find(|mail| mail.contains("Action: failed")).unwrap();
    assert!(notice.contains("Final-Recipient: rfc822; nobody@example.test\r\n") && !notice.contains("Sales+list"));
}

#[test_each_engine]
async fn who_has_no_room_left_meanwhile_is_told_to_the_sender(store: Store) {
    let scene = Scene::new(store).await;
    scene.submit(&["sales@example.test"]).await;
    scene.set_quota(Some(1)).await;
    scene.hand_out().await;
    scene.set_quota(None).await;
    scene.send().await;
    let inbox = scene.inbox().await;
    assert_eq!(inbox.len(), 1);
    assert!(inbox[0].contains("Final-Recipient: rfc822; sales@example.test\r\nAction: failed\r\nStatus: 5.2.2\r\n"), "{}", inbox[0]);
    scene.send().await;
    assert_eq!(scene.inbox().await.len(), 1, "and told once");
}

#[test_each_engine]
async fn somebody_outside_is_told_too_and_nobody_when_the_sender_is_not_certain(store: Store) {
    let mut scene = Scene::new(store).await;
    let outside = scene.polite().await;
    scene.set_quota(Some(1)).await;
    scene.receive("writer@peer1.test").await;
    scene.receive("").await;
    scene.hand_out().await;
    scene.send().await;
    scene.send().await;
    let received = outside.peer().taken();
    assert_eq!(received.len(), 1, "told once, and only who is certain");
    assert_eq!((received[0].from.as_str(), received[0].to.as_slice()), ("", &["writer@peer1.test".to_owned()][..]));
    let notice = received[0].text();
    assert!(notice.contains("Final-Recipient: rfc822; li.na@example.test\r\nAction: failed\r\nStatus: 5.2.2\r\n"), "{notice}");
    assert!(scene.inbox().await.is_empty());
}

#[test_each_engine]
async fn an_administrator_takes_a_message_out_with_or_without_a_word(store: Store) {
    let scene = Scene::new(store).await;
    scene.dns.mx_fails("silent.test", DnsError::Unavailable("SERVFAIL".to_owned()));
    let (with, without) = (scene.submit(&["a@silent.test"]).await, scene.submit(&["b@silent.test"]).await);
    let removed = outbound::remove_with_notice(&scene.app.store, &scene.ctx(), "mail.example.test", with).await.unwrap();
    assert_eq!(removed.len(), 1);
    let ctx = scene.ctx();
    scene.app.store.write(move |tx| outbound::remove(&ctx, tx, without)).await.unwrap();
    for id in [with, without] {
        assert_eq!(scene.state(id).await, RecipientState::Removed);
    }
    assert_eq!(scene.send().await, 0);
    let inbox = scene.inbox().await;
    assert_eq!(inbox.len(), 1);
    assert!(inbox[0].contains("Final-Recipient: rfc822; a@silent.test\r\nAction: failed\r\nStatus: 5.7.0\r\n"), "{}", inbox[0]);
    let (ctx, again) = (scene.ctx(), scene.ctx());
    let gone = scene.app.store.write(move |tx| outbound::remove(&ctx, tx, with)).await;
    assert!(matches!(gone, Err(outbound::QueueError::Finished(_))));
    let gone = scene.app.store.write(move |tx| outbound::retry_now(&again, tx, with)).await;
    assert!(matches!(gone, Err(outbound::QueueError::Finished(_))));
}

#[test_each_engine]
async fn an_administrator_has_a_message_tried_at_once(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    there.peer().once("MAIL", Act::Say("451 4.3.0 later"));
    let id = scene.submit(&[there.address("you")]).await;
    scene.send().await;
    assert_eq!(scene.send().await, 0);
    let ctx = scene.ctx();
    assert_eq!(scene.app.store.write(move |tx| outbound::retry_now(&ctx, tx, id)).await.unwrap(), 1);
    assert_eq!(scene.send().await, 1);
    assert_eq!(scene.state(id).await, RecipientState::Delivered);
}

#[test_each_engine]
async fn chinese_notices_and_addresses_beyond_ascii_are_told_as_they_must(store: Store) {
    let mut scene = Scene::new(store).await;
    let ctx = scene.ctx();
    let chinese = directory::organisations::OrganisationPatch {
        language: Some(directory::organisations::Language::ZhCn),
        ..directory::organisations::OrganisationPatch::default()
    };
    scene.app.store.write(move |tx| directory::organisations::update(&ctx, tx, &chinese).map(drop)).await.unwrap();
    let there = scene.destination(vec![Offer { capabilities: &["8BITMIME"], ..Offer::default() }]).await;
    let mut new = scene.new_submission(&["unused@peer1.test"], MESSAGE.replace("Subject: Hello", "Subject: =?utf-8?B?5L2g5aW9?="));
    new.recipients = vec![NewRecipient::new(there.address("李娜").parse().unwrap())];
    scene.hand_in(new).await;
    scene.send().await;
    let inbox = scene.inbox().await;
    assert!(inbox[0].contains("Content-Type: message/global-delivery-status\r\n"), "{}", inbox[0]);
    assert!(inbox[0].contains("Final-Recipient: utf-8; \\x{674E}\\x{5A1C}@peer1.test\r\n"), "{}", inbox[0]);
    let words = words(&inbox[0]);
    for part in ["你的邮件未能送达以下收件人", "主题：你好", "李娜@peer1.test", "对方服务器不支持含中文等字符的邮件地址。"]
    {
        assert!(words.contains(part), "{part}\n{words}");
    }
}
