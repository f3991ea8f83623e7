//! Conversations without sockets: whatever order commands and packets come in, the session stays alive, sensible and small.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

use std::sync::Arc;

use kernel::{MailAccountId, MemberId, OrgId, Rng};
use mail::reception::{Receiver, Recipient};
use testkit::SeededRng;

use super::{Destination, Outcome, Peer, Rules, SenderRefusal, Session, SignInRefusal, Step, TlsFacts, Work};
use crate::Kind;
use crate::budget::Budget;
use crate::options::SmtpOptions;
use crate::reply;

fn rules(kind: Kind) -> Arc<Rules> {
    let mut options = SmtpOptions::new("mx.example.test");
    options.plain_auth_from_loopback = true;
    options.limits.message_bytes = 2000;
    Arc::new(Rules { kind, options: Arc::new(options), budget: Budget::new(1 << 20), has_tls: true })
}

fn session(rules: &Arc<Rules>) -> Session {
    let peer = Peer { address: Some("127.0.0.1".parse().unwrap()) };
    let mut session = Session::new(Arc::clone(rules), peer, None, "test".into());
    session.greet();
    session
}

/// A driver that answers as chance will have it.
fn answer(work: Work, rng: &dyn Rng) -> Outcome {
    let [chance] = rng.bytes();
    match work {
        Work::CheckSender { .. } => Outcome::Sender(match chance % 8 {
            0 => Err(SenderRefusal::Told(reply::UNAVAILABLE)),
            1 => Err(SenderRefusal::Ended),
            _ => Ok(()),
        }),
        Work::CheckRecipient { .. } => Outcome::Recipient(match chance % 8 {
            0 => Err(reply::UNKNOWN_RECIPIENT),
            1 => Err(reply::MAILBOX_FULL),
            _ => {
                let receiver = Receiver { account: MailAccountId::from_raw(1), member: MemberId::from_raw(2) };
                Ok(Destination::Local(Recipient { org: OrgId::from_raw(3), receivers: vec![receiver] }))
            }
        }),
        Work::SignIn { .. } => Outcome::SignedIn(match chance % 3 {
            0 => Err(SignInRefusal { reply: reply::SIGN_IN_FAILED, is_guess: true }),
            _ => Ok(()),
        }),
        Work::TakeMessage { envelope, message } => {
            assert!(message.bytes.len() <= 2000 && !envelope.recipients.is_empty());
            let whole = String::from_utf8_lossy(&message.bytes).replace("\r\n", "");
            assert!(!whole.contains(['\r', '\n', '\0']), "nothing with a bare byte is handed on");
            Outcome::Message(vec![reply::OK; envelope.recipients.len()])
        }
        Work::Pause(_) => Outcome::Paused,
    }
}

const FRAGMENTS: &[&[u8]] = &[
    b"EHLO a\r\n",
    b"LHLO a\r\n",
    b"HELO a\r\n",
    b"MAIL FROM:<a@b.test>\r\n",
    b"MAIL FROM:<> SIZE=100\r\n",
    b"RCPT TO:<c@d.test>\r\n",
    b"RCPT TO:<c@d.test>\r\n",
    b"DATA\r\n",
    b"DATA\r\n",
    b"text\r\n",
    b"..\r\n",
    b".\r\n",
    b".\r\n",
    b"\r\n.\r\n",
    b"BDAT 5\r\nabcde",
    b"BDAT 4 LAST\r\nab\r\n",
    b"BDAT 0 LAST\r\n",
    b"BDAT 100 LAST\r\n",
    b"RSET\r\n",
    b"NOOP\r\n",
    b"STARTTLS\r\n",
    b"AUTH PLAIN AGEAYg==\r\n",
    b"AUTH LOGIN\r\n",
    b"YQ==\r\n",
    b"*\r\n",
    b"QUIT\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    b"<",
    b"VRFY x\r\n",
    b"HELP\r\n",
    b" ",
    b"\n.\n",
    b"\r.\r",
    b"\r\n.\r",
];

#[test]
fn whatever_is_sent_in_whatever_pieces_the_session_stays_sensible() {
    let rng: &dyn Rng = &SeededRng::new(4711);
    for round in 0..6000 {
        let kind = [Kind::Mx, Kind::Submission, Kind::Lmtp][round % 3];
        let rules = rules(kind);
        let mut session = session(&rules);
        let mut sent: Vec<u8> = Vec::new();
        let [pieces] = rng.bytes();
        for _ in 0..pieces % 60 {
            let [choice, long] = rng.bytes();
            sent.extend_from_slice(FRAGMENTS[usize::from(choice) % FRAGMENTS.len()]);
            if long == 0 {
                sent.extend_from_slice(&[b'x'; 3000]);
            }
        }
        converse(&mut session, &sent, rng);
        drop(session);
        assert_eq!(rules.budget.used(), 0, "all memory is given back");
    }
}

fn converse(session: &mut Session, mut rest: &[u8], rng: &dyn Rng) {
    let mut said = Vec::new();
    loop {
        match session.advance() {
            Step::Close => break,
            Step::Work(work) => session.resume(answer(work, rng)),
            Step::StartTls => session.secured(TlsFacts { version: "TLSv1.3", cipher: "test".to_owned() }),
            Step::Read if rest.is_empty() => break,
            Step::Read => {
                let [step] = rng.bytes();
                let (room, most) = session.room();
                let (piece, later) = rest.split_at(usize::from(step).clamp(1, rest.len().min(most)));
                room.extend_from_slice(piece);
                session.came();
                rest = later;
            }
        }
        said.append(session.output());
    }
    said.append(session.output());
    let said = String::from_utf8(said).expect("answers are ASCII");
    assert!(said.ends_with("\r\n"));
    for line in said.split_terminator("\r\n") {
        let right = line.len() <= 510 && line.is_char_boundary(4) && line[..3].bytes().all(|byte| byte.is_ascii_digit());
        assert!(right && line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line:?}");
    }
}

/// Says `commands` one after the other and answers the last reply to each.
fn talk(kind: Kind, commands: &[&str]) -> Vec<String> {
    let rules = rules(kind);
    let mut session = session(&rules);
    session.output().clear();
    let mut replies = Vec::new();
    for command in commands {
        let (room, _) = session.room();
        room.extend_from_slice(command.as_bytes());
        session.came();
        loop {
            match session.advance() {
                Step::Work(Work::CheckRecipient { .. }) => {
                    let receiver = Receiver { account: MailAccountId::from_raw(1), member: MemberId::from_raw(2) };
                    let recipient = Recipient { org: OrgId::from_raw(3), receivers: vec![receiver] };
                    session.resume(Outcome::Recipient(Ok(Destination::Local(recipient))));
                }
                Step::Work(Work::TakeMessage { .. }) => session.resume(Outcome::Message(vec![reply::OK])),
                Step::Work(Work::SignIn { .. }) => session.resume(Outcome::SignedIn(Ok(()))),
                Step::Work(_) => session.resume(Outcome::Sender(Ok(()))),
                Step::StartTls => session.secured(TlsFacts { version: "TLSv1.3", cipher: "test".to_owned() }),
                Step::Read | Step::Close => break,
            }
        }
        let said = String::from_utf8(std::mem::take(session.output())).unwrap();
        replies.push(said.trim_end().rsplit("\r\n").next().unwrap_or_default().to_owned());
    }
    replies
}

#[test]
fn nothing_from_before_tls_is_known_after_it() {
    let said = talk(
        Kind::Submission,
        &[
            "EHLO a\r\n",
            "AUTH PLAIN AGEAYg==\r\n",
            "MAIL FROM:<a@b.test>\r\n",
            "STARTTLS\r\n",
            "RCPT TO:<a@b.test>\r\n",
            "EHLO a\r\n",
            "MAIL FROM:<a@b.test>\r\n",
        ],
    );
    assert_eq!(said[1], "235 2.7.0 Authentication succeeded");
    assert!(said[3].starts_with("220 ") && said[4].starts_with("503 5.5.1 Say EHLO first"), "{said:?}");
    assert!(said[6].starts_with("530 5.7.0 "), "{said:?}");
}

#[test]
fn who_talks_before_the_greeting_hears_no_greeting() {
    let rules = rules(Kind::Mx);
    let mut session = Session::new(Arc::clone(&rules), Peer { address: None }, None, "test".into());
    session.room().0.extend_from_slice(b"EHLO a\r\n");
    session.came();
    session.greet();
    assert!(matches!(session.advance(), Step::Close));
    assert!(session.output().starts_with(b"554 5.5.1 "));
}

#[test]
fn an_outcome_that_was_not_asked_for_ends_the_session() {
    let rules = rules(Kind::Mx);
    let mut session = session(&rules);
    session.room().0.extend_from_slice(b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\n");
    session.came();
    assert!(matches!(session.advance(), Step::Work(Work::CheckRecipient { .. })));
    session.resume(Outcome::Paused);
    assert!(matches!(session.advance(), Step::Close));
}
