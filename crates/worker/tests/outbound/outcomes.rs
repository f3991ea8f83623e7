//! What becomes of recipients, whatever the servers say or do.

use std::time::Duration;

use kernel::Clock;
use mail::outbound::RecipientState;
use store::Store;
use testkit::test_each_engine;

use crate::peer::{self, Act, Offer};
use crate::scene::{MESSAGE, SENDER, Scene};

#[test_each_engine]
async fn a_message_reaches_the_server_of_its_recipient(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let id = scene.submit(&[there.address("you")]).await;
    assert_eq!(scene.state(id).await, RecipientState::Queued);
    assert_eq!(scene.send().await, 1);
    let taken = there.peer().taken().remove(0);
    assert_eq!((taken.from.as_str(), taken.to.as_slice()), (SENDER, &[there.address("you")][..]));
    assert!(taken.text().ends_with(MESSAGE), "{}", taken.text());
    let shown = scene.shown(id).await;
    assert_eq!(taken.bytes.len() as u64, shown.message.size_bytes);
    assert!(shown.message.finished_at.is_some());
    let recipient = &shown.recipients[0];
    assert_eq!((recipient.state, recipient.attempts), (RecipientState::Delivered, 1));
    let answer = recipient.answer.clone().unwrap();
    assert_eq!((answer.host.as_deref(), answer.code, answer.status.as_str()), (Some("mx0.peer1.test"), Some(250), "2.0.0"));
    assert_eq!(scene.send().await, 0, "and it is not sent again");
    assert_eq!(there.peer().taken().len(), 1);
}

#[test_each_engine]
async fn a_message_that_is_refused_for_now_is_tried_again_later(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    there.peer().once("RCPT", Act::Say("451 4.7.1 greylisted, come back"));
    let id = scene.submit(&[there.address("you")]).await;
    assert_eq!(scene.send().await, 1);
    let waiting = scene.recipient(id).await;
    assert_eq!((waiting.state, scene.status(id).await.as_str()), (RecipientState::Queued, "4.7.1"));
    assert_eq!(waiting.answer.unwrap().text, "greylisted, come back");
    let delay = waiting.due_at.secs_since(scene.clock.now());
    assert!((60..=72).contains(&delay), "a minute and up to a fifth more: {delay}");
    assert_eq!(scene.send().await, 0, "not before its time");
    scene.clock.set(waiting.due_at);
    assert_eq!(scene.send().await, 1);
    assert_eq!(scene.state(id).await, RecipientState::Delivered);
    assert_eq!(there.peer().taken().len(), 1);
}

#[test_each_engine]
async fn each_recipient_has_an_outcome_of_its_own(store: Store) {
    use RecipientState::{Delivered, Failed, Queued};
    let mut scene = Scene::new(store).await;
    for capabilities in [peer::EVERYTHING, &["8BITMIME"]] {
        let there = scene.destination(vec![Offer { capabilities, ..Offer::default() }]).await;
        let peer = there.peer();
        peer.says("RCPT TO:<no@", "550 5.1.1 no such user")
            .says("RCPT TO:<later@", "450 4.2.1 busy")
            .says("RCPT TO:<many@", "552 too many");
        let id = scene.submit(&["yes", "no", "later", "also", "many"].map(|name| there.address(name))).await;
        scene.send().await;
        let shown = scene.shown(id).await;
        let states: Vec<_> = shown.recipients.iter().map(|recipient| recipient.state).collect();
        assert_eq!(states, [Delivered, Failed, Queued, Delivered, Queued]);
        assert_eq!(shown.message.finished_at, None);
        assert_eq!(peer.taken()[0].to, ["yes", "also"].map(|name| there.address(name)));
        assert_eq!(shown.recipients[1].answer.clone().unwrap().text, "no such user");
    }
}

#[test_each_engine]
async fn a_refusal_of_the_sender_or_the_message_holds_for_everybody(store: Store) {
    let mut scene = Scene::new(store).await;
    for (event, reply, state) in [
        ("MAIL", "550 5.7.1 not you", RecipientState::Failed),
        ("MAIL", "451 4.3.0 later", RecipientState::Queued),
        ("DATA", "554 5.6.0 no", RecipientState::Failed),
        ("<message>", "554 5.7.1 spam", RecipientState::Failed),
        ("<message>", "452 4.3.1 full", RecipientState::Queued),
        ("<message>", "421 4.3.2 going down", RecipientState::Queued),
    ] {
        for capabilities in [peer::EVERYTHING, &[][..]] {
            if event == "DATA" && capabilities.contains(&"CHUNKING") {
                continue;
            }
            let there = scene.destination(vec![Offer { capabilities, ..Offer::default() }]).await;
            there.peer().says(event, reply);
            let id = scene.submit(&[there.address("one"), there.address("two")]).await;
            scene.send().await;
            let shown = scene.shown(id).await;
            assert!(shown.recipients.iter().all(|recipient| recipient.state == state), "{event} {reply}: {:?}", shown.recipients);
            assert!(there.peer().taken().is_empty());
        }
    }
}

#[test_each_engine]
async fn a_server_that_breaks_off_anywhere_only_delays(store: Store) {
    let mut scene = Scene::new(store).await;
    let short = Duration::from_millis(100);
    for event in ["<greeting>", "EHLO", "MAIL", "RCPT", "DATA", "<message>"] {
        for act in [Act::Close, Act::FallSilent, Act::Say("hello, this is no SMTP")] {
            let there = scene.destination(vec![Offer { capabilities: &["PIPELINING"], ..Offer::default() }]).await;
            there.peer().does(event, act);
            let id = scene.submit(&[there.address("you")]).await;
            let patient = scene.options.time_limits.clone();
            let limits = &mut scene.options.time_limits;
            (limits.greeting, limits.command, limits.mail, limits.rcpt) = (short, short, short, short);
            (limits.data, limits.done, limits.quit) = (short, short, short);
            scene.send().await;
            let waiting = scene.recipient(id).await;
            assert_eq!(waiting.state, RecipientState::Queued, "{event}");
            assert!(waiting.answer.unwrap().status.starts_with("4."), "{event}");
            scene.options.time_limits = patient;
            there.peer().is_polite_again();
            scene.clock.set(waiting.due_at);
            scene.send().await;
            assert_eq!(scene.state(id).await, RecipientState::Delivered, "{event}");
            assert_eq!(there.peer().taken().len(), 1);
        }
    }
}

#[test_each_engine]
async fn the_next_host_is_asked_when_one_cannot(store: Store) {
    let mut scene = Scene::new(store).await;
    for (event, act) in [
        ("<greeting>", Act::Say("421 4.3.2 too busy")),
        ("<greeting>", Act::Say("554 5.7.1 not from you")),
        ("<greeting>", Act::Close),
        ("EHLO", Act::Say("421 4.3.2 no")),
        ("MAIL", Act::Say("421 4.3.2 no")),
        ("RCPT", Act::Close),
    ] {
        let there = scene.destination(vec![Offer::default(), Offer::default()]).await;
        there.peer().does(event, act);
        let id = scene.submit(&[there.address("you")]).await;
        scene.send().await;
        assert_eq!(scene.state(id).await, RecipientState::Delivered, "{event}");
        assert_eq!((there.peers[0].taken().len(), there.peers[1].taken().len()), (0, 1));
    }
}

#[test_each_engine]
async fn a_message_that_the_store_fails_at_is_neither_bounced_nor_deferred(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let id = scene.submit(&[there.address("you")]).await;
    scene.rename_table("blob", "elsewhere").await;
    assert_eq!(scene.send().await, 1);
    let waiting = scene.recipient(id).await;
    assert_eq!((waiting.state, waiting.answer), (RecipientState::Queued, None));
    assert_eq!(scene.send().await, 0, "not at once");
    scene.rename_table("elsewhere", "blob").await;
    scene.clock.set(waiting.due_at);
    assert_eq!(scene.send().await, 1);
    assert_eq!(scene.state(id).await, RecipientState::Delivered);
}
