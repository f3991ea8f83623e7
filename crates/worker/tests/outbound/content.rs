//! What servers can take, and how it is handed to them.

use mail::outbound::RecipientState;
use mail::submission::{EnvelopeAddress, NewRecipient, Notify, Return};
use store::Store;
use testkit::test_each_engine;

use crate::peer::{self, Offer};
use crate::scene::{MESSAGE, Scene};

#[test_each_engine]
async fn the_bytes_arrive_as_they_are_in_chunks_or_with_dots_doubled(store: Store) {
    let mut scene = Scene::new(store).await;
    let mut large = MESSAGE.as_bytes().to_vec();
    for number in 0..20_000 {
        large.extend_from_slice(format!(".line {number}\r\n").as_bytes());
    }
    // The last line is not ended: it is on the way.
    for message in [MESSAGE.as_bytes().to_vec(), large, format!("{MESSAGE}.").into_bytes()] {
        for capabilities in [peer::EVERYTHING, &["SIZE"], &["CHUNKING"]] {
            let there = scene.destination(vec![Offer { capabilities, ..Offer::default() }]).await;
            let id = scene.hand_in(scene.new_submission(&[there.address("you")], message.clone())).await.id;
            scene.send().await;
            let taken = there.peer().taken().remove(0);
            let mut expected = scene.shown(id).await.message.prefix;
            expected.extend_from_slice(&message);
            if !expected.ends_with(b"\r\n") {
                expected.extend_from_slice(b"\r\n");
            }
            assert!(taken.bytes == expected, "{capabilities:?}");
            let chunked = there.peer().commands().iter().any(|command| command.starts_with("BDAT"));
            assert_eq!(chunked, capabilities.contains(&"CHUNKING"));
        }
    }
}

#[test_each_engine]
async fn what_a_server_cannot_take_is_not_sent_to_it(store: Store) {
    let mut scene = Scene::new(store).await;
    let eight_bit = format!("{MESSAGE}\u{4f60}\u{597d}\r\n");
    let utf8_header = MESSAGE.replace("Subject: Hello", "Subject: 你好");
    for (capabilities, message, utf8, to, status) in [
        (&[][..], eight_bit.as_str(), false, "you", Some("5.6.3")),
        (&["8BITMIME"], eight_bit.as_str(), false, "you", None),
        (&["8BITMIME"], utf8_header.as_str(), true, "you", Some("5.6.7")),
        (&["8BITMIME", "SMTPUTF8"], utf8_header.as_str(), true, "you", None),
        // Old programs' local encodings have never asked.
        (&["8BITMIME"], utf8_header.as_str(), false, "you", None),
        (&["8BITMIME"], MESSAGE, false, "李娜", Some("5.6.7")),
        (&["8BITMIME", "SMTPUTF8"], MESSAGE, false, "李娜", None),
        (&["SIZE 100"], MESSAGE, false, "you", Some("5.3.4")),
        (&["SIZE 0"], MESSAGE, false, "you", None),
    ] {
        let there = scene.destination(vec![Offer { capabilities, ..Offer::default() }]).await;
        let mut new = scene.new_submission(&[there.address(to)], message);
        new.smtp_utf8 = utf8;
        let id = scene.hand_in(new).await.id;
        scene.send().await;
        let recipient = scene.recipient(id).await;
        let expected = if status.is_some() { RecipientState::Failed } else { RecipientState::Delivered };
        assert_eq!(recipient.state, expected, "{capabilities:?} {to} {:?}", recipient.answer);
        if let Some(status) = status {
            assert_eq!(recipient.answer.unwrap().status, status);
        }
    }
}

#[test_each_engine]
async fn only_who_needs_utf8_is_refused_where_it_is_missing(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.destination(vec![Offer { capabilities: &["PIPELINING", "8BITMIME"], ..Offer::default() }]).await;
    let id = scene.submit(&[there.address("李娜"), there.address("you")]).await;
    scene.send().await;
    let states: Vec<_> = scene.shown(id).await.recipients.iter().map(|recipient| recipient.state).collect();
    assert_eq!(states, [RecipientState::Failed, RecipientState::Delivered]);
}

#[test_each_engine]
async fn the_senders_wishes_travel_with_the_message(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let mut new = scene.new_submission(&[there.address("a"), there.address("b")], MESSAGE);
    new.envelope_id = Some("QQ314159".to_owned());
    new.ret = Return::Full;
    let address: EnvelopeAddress = there.address("c").parse().unwrap();
    new.recipients[0].notify = Notify { success: true, failure: true, delay: false };
    new.recipients[0].original = Some("rfc822;first+2Bchoice@peer1.test".to_owned());
    new.recipients[1].notify = Notify::NEVER;
    new.recipients.push(NewRecipient::new(address));
    scene.hand_in(new).await;
    scene.send().await;
    let commands = there.peer().commands();
    assert!(commands[1].starts_with("MAIL FROM:<li.na@example.test> SIZE="), "{commands:?}");
    assert!(commands[1].ends_with(" RET=FULL ENVID=QQ314159"), "{commands:?}");
    assert_eq!(commands[2], "RCPT TO:<a@peer1.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first+2Bchoice@peer1.test");
    assert_eq!(commands[3], "RCPT TO:<b@peer1.test> NOTIFY=NEVER");
    assert_eq!(commands[4], "RCPT TO:<c@peer1.test> NOTIFY=FAILURE,DELAY");
}

#[test_each_engine]
async fn an_old_server_that_knows_only_helo_is_spoken_to(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    there.peer().says("EHLO", "502 5.5.1 what?");
    let id = scene.submit(&[there.address("you")]).await;
    scene.send().await;
    assert_eq!(scene.state(id).await, RecipientState::Delivered);
    assert_eq!(there.peer().commands()[2], "MAIL FROM:<li.na@example.test>");
}
