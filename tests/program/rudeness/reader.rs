//! What a member with a password can ask of IMAP: literals of gigabytes, mailboxes without end, searches that would never end.

use super::{Talk, assert_everybody_is_served};
use crate::installation::{Installation, MailPorts, Server};

/// The server's own with all its caches; a server that took what it is told of would need gigabytes.
const MAX_RESIDENT_MIB: u64 = 400;
const MAX_MAILBOXES: usize = 10_000;
const LEVELS: usize = 20;

fn reader(mail: &MailPorts) -> Talk {
    let mut reader = Talk::new(mail.imap);
    reader.expect("* OK");
    reader.say("l LOGIN admin@example.test Correct-Horse-7");
    let said = reader.until("l ");
    assert!(said.starts_with("l OK"), "{said}");
    reader
}

struct Scene {
    installation: Installation,
    server: Server,
}

impl Scene {
    fn new() -> Self {
        let installation = Installation::new().with_mail().set_up();
        let server = installation.serve();
        Self { installation, server }
    }

    fn reader(&self) -> Talk {
        reader(&self.installation.mail())
    }

    /// Nothing of it is left behind.
    fn end(self) {
        assert_everybody_is_served(&self.server, &self.installation.mail());
        assert_eq!(self.installation.json(&["verify"], 0)["sound"], true);
        let resident = self.server.most_resident_mib();
        assert!(resident < MAX_RESIDENT_MIB, "{resident} MiB");
    }
}

#[test]
fn literals_of_two_gigabytes_are_refused_before_they_are_sent() {
    const BYTES: u64 = 2 << 30;
    let scene = Scene::new();
    for _ in 0..20 {
        let mut polite = scene.reader();
        // One that waits to be asked goes on with its session.
        for command in ["APPEND INBOX", "SEARCH TEXT", "CREATE"] {
            polite.say("s SELECT INBOX");
            polite.until("s OK");
            polite.say(&format!("a {command} {{{BYTES}}}"));
            let said = polite.until("a ");
            assert!(said.contains("[TOOBIG]"), "{command}: {said}");
        }
        polite.say("n NOOP");
        polite.until("n OK");
        // One that does not wait would send it: it is told, and nobody reads on.
        let mut rude = scene.reader();
        rude.say(&format!("a APPEND INBOX {{{BYTES}+}}"));
        let said = rude.read_to_end();
        assert!(said.contains("* BYE [TOOBIG]"), "{said}");
        // Nor is anybody believed who has not signed in.
        for literal in [format!("{{{BYTES}}}"), format!("{{{BYTES}+}}"), "{99999999999999999999}".to_owned()] {
            let mut stranger = Talk::new(scene.installation.mail().imap);
            stranger.expect("* OK");
            stranger.say(&format!("a LOGIN {literal}"));
            let said = stranger.line();
            assert!(said.contains("BAD") || said.contains("BYE"), "{literal}: {said}");
        }
    }
    scene.end();
}

#[test]
fn a_hundred_thousand_mailboxes_are_not_made() {
    let scene = Scene::new();
    // In several sessions, which is quicker.
    let numbers: Vec<usize> = (0..100_000 / LEVELS).collect();
    let sessions = numbers.chunks(numbers.len() / 8).map(|numbers| (scene.reader(), numbers));
    let sessions: Vec<_> = sessions.collect();
    let made: usize = std::thread::scope(|scope| {
        let makers = sessions.into_iter().map(|(reader, numbers)| scope.spawn(|| make_mailboxes(reader, numbers)));
        let makers: Vec<_> = makers.collect();
        for _ in 0..3 {
            assert_everybody_is_served(&scene.server, &scene.installation.mail());
        }
        makers.into_iter().map(|maker| maker.join().unwrap()).sum()
    });
    assert!(made < MAX_MAILBOXES && made > MAX_MAILBOXES - 2 * LEVELS, "{made} made");
    let mut reader = scene.reader();
    for list in ["LIST \"\" *", "LIST \"\" * RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UNSEEN))", "LSUB \"\" *", "LIST \"\" n%/*-19"] {
        reader.say(&format!("l {list}"));
        let (lines, said) = reader.count_until("l ");
        assert!(said.starts_with("l OK") && lines <= 2 * MAX_MAILBOXES, "{list}: {lines} lines, {said}");
    }
    // A pattern that could be matched in endless ways.
    reader.say(&format!("p LIST \"\" {}x", "*-".repeat(200)));
    assert!(reader.until("p ").starts_with("p OK"));
    scene.end();
}

/// Makes a mailbox for each number with all that are missing above it, and answers how many were made; what is refused says why.
fn make_mailboxes(mut reader: Talk, numbers: &[usize]) -> usize {
    let path = |number: usize| (0..LEVELS).map(|level| format!("n{number}-{level}")).collect::<Vec<_>>().join("/");
    let mut made = 0;
    for numbers in numbers.chunks(50) {
        let commands: Vec<_> = numbers.iter().map(|number| format!("c CREATE {}", path(*number))).collect();
        reader.say(&commands.join("\r\n"));
        for _ in numbers {
            let said = reader.until("c ");
            assert!(said.starts_with("c OK") || said.starts_with("c NO [LIMIT] An account has at most 10000 mailboxes"), "{said}");
            made += if said.starts_with("c OK") { LEVELS } else { 0 };
        }
    }
    made
}

#[test]
fn searches_without_measure_end_or_are_refused() {
    let scene = Scene::new();
    let mut reader = scene.reader();
    for number in 0..200 {
        let text = format!("Subject: number {number}\r\n\r\n{}", "a".repeat(4000));
        reader.say(&format!("a APPEND INBOX {{{}+}}\r\n{text}", text.len()));
        assert!(reader.until("a ").starts_with("a OK"));
    }
    let everything = "(".repeat(150) + "ALL" + &")".repeat(150);
    let sequence = |ranges: u32| (1..=ranges).map(|number| (number * 2).to_string()).collect::<Vec<_>>().join(",");
    let bombs = [
        ("OK", everything),
        ("BAD", "(".repeat(100_000) + "ALL" + &")".repeat(100_000)),
        ("OK", format!("{}ALL", "NOT ".repeat(90))),
        ("NO", format!("{}ALL", "NOT ".repeat(150))),
        ("BAD", format!("{}ALL", "NOT ".repeat(50_000))),
        ("BAD", format!("{}ALL ALL", "OR ALL ".repeat(20_000))),
        ("OK", "BODY aaaab ".repeat(1000).trim_end().to_owned()),
        ("BAD", "BODY x ".repeat(20_000).trim_end().to_owned()),
        ("OK", format!("TEXT {}", "a".repeat(100_000))),
        ("BAD", format!("TEXT {}", "a".repeat(1_000_000))),
        ("OK", format!("UID {}", sequence(20_000))),
        ("BAD", format!("UID {}", sequence(100_000))),
    ];
    let searchers: Vec<_> = (0..4).map(|_| scene.reader()).collect();
    std::thread::scope(|scope| {
        for mut searcher in searchers {
            let bombs = &bombs;
            scope.spawn(move || {
                searcher.say("s SELECT INBOX");
                searcher.until("s OK");
                for (outcome, bomb) in bombs {
                    searcher.say(&format!("b SEARCH {bomb}"));
                    let said = searcher.until("b ");
                    assert!(said.starts_with(&format!("b {outcome}")), "{bomb:.30}: {said:.200}");
                }
            });
        }
        for _ in 0..5 {
            assert_everybody_is_served(&scene.server, &scene.installation.mail());
        }
    });
    scene.end();
}
