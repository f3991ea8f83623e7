//! An organisation with readers, everybody who works on it at once, and the server that something happens to meanwhile.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use super::acknowledged::{Acknowledged, FOLDERS};
use super::load::Work;
use super::outside::Outside;
use crate::client::{Imap, Trouble};
use crate::installation::{Installation, MailPorts, Server};
use crate::waiting::{wait, wait_until};

pub const READERS: usize = 4;
/// Those of them who also append, flag, copy, move and expunge.
pub const ARRANGERS: [usize; 2] = [2, 3];
/// Those who deliver from outside at once.
const SENDERS: usize = 3;

/// What a server that runs may answer instead of OK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excuses {
    None,
    /// That something cannot be done at the moment, in the words of each protocol.
    Temporary,
}

pub struct Scene {
    pub installation: Installation,
    pub ports: MailPorts,
    pub outside: Outside,
    passwords: Vec<String>,
    acknowledged: Mutex<Acknowledged>,
    excuses: Excuses,
    /// Of commands that are given while everybody is at work.
    environment: Mutex<Vec<(OsString, OsString)>>,
    numbers: AtomicUsize,
}

pub fn address(reader: usize) -> String {
    format!("reader{reader}@example.test")
}

impl Scene {
    pub fn new(installation: Installation, excuses: Excuses) -> Self {
        let (outside, port) = Outside::listen();
        let installation = installation
            .with_mail()
            .setting("YANSHU_OUTBOUND__SMART_HOST", &format!("127.0.0.1:{port}"))
            .setting("YANSHU_OUTBOUND__SMART_HOST_SECURITY", "none")
            .setting("YANSHU_OUTBOUND__ALLOWED_NETWORKS", "[\"127.0.0.0/8\"]")
            .setting("YANSHU_SMTP__MESSAGES_PER_HOUR", "1000000")
            .setting("YANSHU_SMTP__RECIPIENTS_PER_HOUR", "1000000")
            .set_up();
        let passwords = (0..READERS)
            .map(|reader| {
                let to = address(reader);
                installation.json(&["member", "add", &format!("Reader {reader}"), "--org", "kn", "--address", &to], 0);
                let made = installation.json(&["member", "add-client-password", &to, "--org", "kn", "--name", "test"], 0);
                made["password"].as_str().unwrap().to_owned()
            })
            .collect();
        let ports = installation.mail();
        let acknowledged = Mutex::default();
        let scene = Self {
            installation,
            ports,
            outside,
            passwords,
            acknowledged,
            excuses,
            environment: Mutex::default(),
            numbers: AtomicUsize::new(0),
        };
        let mut server = scene.installation.serve();
        for reader in ARRANGERS {
            let mut imap = scene.sign_in(reader).expect("the server is up");
            for folder in &FOLDERS[1..] {
                imap.command(&format!("CREATE {folder}")).expect("a new mailbox");
            }
        }
        assert_eq!(server.stop(), Some(0));
        scene
    }

    pub fn acknowledged(&self) -> MutexGuard<'_, Acknowledged> {
        self.acknowledged.lock().expect("nobody has failed before")
    }

    /// How often each kind of work was answered OK so far.
    pub fn done(&self) -> BTreeMap<&'static str, usize> {
        let acknowledged = self.acknowledged();
        let arranging = ["appends", "flags", "copies", "moves", "expunges", "imports"].into_iter();
        let mut done: BTreeMap<_, _> = arranging.map(|kind| (kind, acknowledged.counts.get(kind).copied().unwrap_or(0))).collect();
        done.extend([("deliveries", acknowledged.delivered.len()), ("submissions", acknowledged.sent.len())]);
        done
    }

    pub fn sign_in(&self, reader: usize) -> Result<Imap, Trouble> {
        Imap::sign_in(self.ports.imap, &address(reader), &self.passwords[reader])
    }

    pub fn password(&self, reader: usize) -> &str {
        &self.passwords[reader]
    }

    pub fn set_environment(&self, environment: Vec<(OsString, OsString)>) {
        *self.environment.lock().unwrap() = environment;
    }

    /// A command that is given while everybody is at work.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.installation.command(arguments);
        command.envs(self.environment.lock().unwrap().iter().map(|(name, value)| (name, value)));
        command
    }

    /// A number that no other message, import or command has.
    pub fn next_number(&self) -> usize {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Everybody at work while something is done to the server; they stop when that ends.
    pub fn at_work(&self, round: u64, meanwhile: impl FnOnce()) {
        let over = AtomicBool::new(false);
        let work = Work { scene: self, round, over: &over };
        thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| self.again_and_again(&over, || work.deliver()));
            }
            scope.spawn(|| self.again_and_again(&over, || work.submit()));
            for reader in ARRANGERS {
                let work = &work;
                let over = &over;
                scope.spawn(move || self.again_and_again(over, || work.arrange(reader)));
            }
            scope.spawn(|| self.again_and_again(&over, || work.import()));
            // Also when this panics the others must hear that it is over.
            let _told = OnDrop(|| over.store(true, Ordering::Relaxed));
            meanwhile();
        });
    }

    /// After a trouble, and without a new start of anything.
    pub fn wait_until_everybody_is_served_again(&self) {
        let before = self.done();
        wait_until("everybody is served again", || self.has_done_more_than(&before));
    }

    /// Of each kind of work; an import takes longer than some rounds, and goes on after them.
    pub fn has_done_more_than(&self, before: &BTreeMap<&'static str, usize>) -> bool {
        self.done().iter().all(|(kind, count)| *count > before.get(kind).copied().unwrap_or(0) || *kind == "imports")
    }

    fn again_and_again(&self, over: &AtomicBool, conversation: impl Fn() -> Result<(), Trouble>) {
        while !over.load(Ordering::Relaxed) {
            if let Err(Trouble::Refused(line)) = conversation() {
                assert!(self.excuses == Excuses::Temporary && is_temporary(&line), "the server answered: {line}");
                *self.acknowledged().counts.entry("refusals").or_default() += 1;
            }
            // Whoever was refused tries again, but not all the time.
            thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Everybody at work until the server dies under them, at a moment that chance chooses.
    pub fn killed_at_work(&self, round: u64, mut server: Server) {
        self.at_work(round, || {
            // However slow the machine is, there is something to lose.
            wait_until("everybody was served once", || self.has_done_more_than(&BTreeMap::new()));
            wait(moment(round));
            server.kill();
        });
    }
}

/// Chance without a clock: another moment in each round, the same in each run.
pub fn moment(round: u64) -> Duration {
    Duration::from_millis(60 + (round.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54))
}

/// Whether an answer promises that it is worth trying again: 4yz of SMTP (RFC 5321 §4.2.1), UNAVAILABLE of IMAP (RFC 5530 §3), or what the command
/// line says of a server in trouble.
fn is_temporary(line: &str) -> bool {
    line.starts_with('4') || line.contains("[UNAVAILABLE]")
}

struct OnDrop<F: Fn()>(F);
impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
