//! Loads by SMTP and LMTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::imap::Imap;
use crate::peer::Peer;
use crate::stopwatch::Stopwatch;
use crate::{Chance, message};

pub struct Load {
    pub lmtp: bool,
    pub address: String,
    pub clients: usize,
    pub messages: usize,
    pub bytes: usize,
    pub mailboxes: usize,
    pub domain: String,
    pub probe: String,
}

pub fn send(load: &Load) {
    let mut mailboxes: Vec<Imap> =
        (0..load.mailboxes).map(|index| Imap::sign_in(&load.probe, &format!("user{index}@{}", load.domain))).collect();
    let before: Vec<usize> = mailboxes.iter_mut().map(stored).collect();
    let next = Arc::new(AtomicUsize::new(0));
    let watch = Stopwatch::start();
    thread::scope(|scope| {
        for client in 0..load.clients {
            let next = Arc::clone(&next);
            scope.spawn(move || one_sender(load, client, &next));
        }
    });
    let accepted = watch.elapsed();
    // Who queues has answered before the message is where it should be. One mailbox is asked at a time, now and then, so that asking costs little.
    for (index, (mailbox, before)) in mailboxes.iter_mut().zip(before).enumerate() {
        let wanted = before + (index..load.messages).step_by(load.mailboxes).count();
        let (mut arrived, mut idle) = (stored(mailbox), 0);
        while arrived < wanted {
            thread::sleep(Duration::from_millis(20));
            let now = stored(mailbox);
            idle = if now > arrived { 0 } else { idle + 1 };
            assert!(idle < 3000, "only {now} of {wanted} messages are in mailbox {index}");
            arrived = now;
        }
    }
    let measured = watch.stop(load.messages);
    println!("all accepted after {:.3} s, all in their mailboxes after {:.3} s", accepted.as_secs_f64(), measured.took.as_secs_f64());
    measured.print();
}

fn one_sender(load: &Load, client: usize, next: &AtomicUsize) {
    let mut peer = Peer::connect(&load.address);
    peer.reply("220");
    peer.say(if load.lmtp { "LHLO bench.test\r\n" } else { "EHLO bench.test\r\n" });
    peer.reply("250");
    let mut chance = Chance::new(client as u64 + 1);
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= load.messages {
            break;
        }
        let message = message(&mut chance, index, load.bytes);
        peer.say("MAIL FROM:<sender@elsewhere.test>\r\n");
        peer.reply("250");
        peer.say(&format!("RCPT TO:<user{}@{}>\r\n", index % load.mailboxes, load.domain));
        peer.reply("250");
        peer.say("DATA\r\n");
        peer.reply("354");
        peer.write(&message);
        peer.say(".\r\n");
        peer.reply("250");
    }
    peer.say("QUIT\r\n");
    peer.reply("221");
}

/// How many messages the mailbox holds.
fn stored(mailbox: &mut Imap) -> usize {
    let lines = mailbox.command("STATUS INBOX (MESSAGES)");
    let count = lines.iter().find_map(|line| line.split("MESSAGES ").nth(1)?.split(')').next()?.trim().parse::<usize>().ok());
    count.expect("a STATUS with MESSAGES")
}

/// One message to RECIPIENTS mailboxes `colleague1@DOMAIN` …, and how long it takes until those of `watched` have it.
pub fn fan_out(address: &str, recipients: usize, domain: &str, probe: &str, watched: &[String]) {
    let mut mailboxes: Vec<Imap> = watched.iter().map(|user| Imap::sign_in(probe, user)).collect();
    let before: Vec<usize> = mailboxes.iter_mut().map(stored).collect();
    let mut peer = Peer::connect(address);
    peer.reply("220");
    peer.say("EHLO bench.test\r\n");
    peer.reply("250");
    peer.say("MAIL FROM:<sender@elsewhere.test>\r\n");
    peer.reply("250");
    for number in 1..=recipients {
        peer.say(&format!("RCPT TO:<colleague{number}@{domain}>\r\n"));
        peer.reply("250");
    }
    peer.say("DATA\r\n");
    peer.reply("354");
    let message = message(&mut Chance::new(1), recipients, 20 << 10);
    let watch = Stopwatch::start();
    peer.write(&message);
    peer.say(".\r\n");
    peer.reply("250");
    let answered = watch.elapsed();
    for (mailbox, before) in mailboxes.iter_mut().zip(before) {
        while stored(mailbox) == before {
            assert!(watch.elapsed() < Duration::from_secs(120), "the message did not arrive everywhere");
            thread::sleep(Duration::from_millis(20));
        }
    }
    let measured = watch.stop(recipients);
    println!("answered after {:.1} ms, in all mailboxes after {:.3} s", answered.as_secs_f64() * 1000.0, measured.took.as_secs_f64());
    measured.print();
}
