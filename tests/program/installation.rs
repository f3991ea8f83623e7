//! A data directory of a test's own, the program on it, and a first organisation in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tempfile::TempDir;

pub struct Installation {
    folder: TempDir,
    /// A database of the test's own, when the test runs on PostgreSQL.
    database: Option<testkit::Database>,
    mail: Option<MailPorts>,
    settings: Vec<(&'static str, String)>,
}

/// Where the mail protocols of a test's server listen on loopback.
#[derive(Debug, Clone, Copy)]
pub struct MailPorts {
    pub smtp: u16,
    pub submission: u16,
    pub submissions: u16,
    pub lmtp: u16,
    pub imap: u16,
    pub imaps: u16,
    pub pop3: u16,
    pub pop3s: u16,
}

impl MailPorts {
    /// Ports that are free at this moment. Below those that systems give to outgoing connections: while a server is down between two starts, one of
    /// these would take its port.
    fn free() -> Self {
        static TRIED: AtomicU32 = AtomicU32::new(0);
        // Each process begins elsewhere, and none tries a port twice, so that tests beside each other do not meet.
        let tried = std::iter::repeat_with(|| std::process::id().wrapping_mul(97).wrapping_add(TRIED.fetch_add(1, Ordering::Relaxed)));
        let candidates = tried.filter_map(|number| TcpListener::bind(("127.0.0.1", 10_000 + (number % 22_000) as u16)).ok());
        // All are held until the last is found, so that they differ.
        let held: Vec<TcpListener> = candidates.take(8).collect();
        let port = |index: usize| held[index].local_addr().unwrap().port();
        Self {
            smtp: port(0),
            submission: port(1),
            submissions: port(2),
            lmtp: port(3),
            imap: port(4),
            imaps: port(5),
            pop3: port(6),
            pop3s: port(7),
        }
    }

    fn variables(&self) -> [(&'static str, String); 8] {
        let at = |port| format!("127.0.0.1:{port}");
        [
            ("YANSHU_LISTEN__SMTP", at(self.smtp)),
            ("YANSHU_LISTEN__SUBMISSION", at(self.submission)),
            ("YANSHU_LISTEN__SUBMISSIONS", at(self.submissions)),
            ("YANSHU_LISTEN__LMTP", at(self.lmtp)),
            ("YANSHU_LISTEN__IMAP", at(self.imap)),
            ("YANSHU_LISTEN__IMAPS", at(self.imaps)),
            ("YANSHU_LISTEN__POP3", at(self.pop3)),
            ("YANSHU_LISTEN__POP3S", at(self.pop3s)),
        ]
    }
}

impl Installation {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: None, mail: None, settings: Vec::new() }
    }

    /// On PostgreSQL; `None`, and a line that says so, when no server is there to make a database on.
    pub fn on_postgres() -> Option<Self> {
        let Some(database) = testkit::Database::create_bare() else {
            println!("skipped on PostgreSQL: YANSHU_TEST_POSTGRES is not set");
            return None;
        };
        Some(Self { folder: tempfile::tempdir().unwrap(), database: Some(database), mail: None, settings: Vec::new() })
    }

    /// With listeners for mail, on ports of its own; it asks no name servers about senders, and takes passwords in the clear, as nobody is in between.
    pub fn with_mail(mut self) -> Self {
        self.mail = Some(MailPorts::free());
        self.setting("YANSHU_SMTP__CHECKS", "false").setting("YANSHU_SMTP__PLAIN_AUTH_FROM_LOOPBACK", "true")
    }

    /// With a key of the configuration, as its variable.
    pub fn setting(mut self, variable: &'static str, value: &str) -> Self {
        self.settings.push((variable, value.to_owned()));
        self
    }

    pub fn mail(&self) -> MailPorts {
        self.mail.expect("made with `with_mail`")
    }

    /// With an organisation `kn` that has its administrator and the domain `example.test`.
    pub fn set_up(self) -> Self {
        let password = self.path("password");
        std::fs::write(&password, "Correct-Horse-7\n").unwrap();
        let answer = self.run(&[
            "setup",
            "--org-code",
            "kn",
            "--org-name",
            "康宁集团",
            "--domain",
            "example.test",
            "--admin",
            "admin",
            "--password-file",
            password.to_str().unwrap(),
            "--assume-verified",
        ]);
        assert_ok(&answer);
        self
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).arg("--data").arg(self.data());
        command.env("YANSHU_LISTEN__HTTP", "127.0.0.1:0").env("YANSHU_LISTEN__HTTPS", "").env("YANSHU_LOG__LEVEL", "warn");
        match &self.mail {
            Some(ports) => command.envs(ports.variables()),
            None => command.envs(MAIL_LISTENERS.map(|variable| (variable, ""))),
        };
        command.envs(self.settings.iter().map(|(variable, value)| (variable, value)));
        if let Some(database) = &self.database {
            command.env("YANSHU_STORAGE__SQL", database.url());
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command answers with `--json`, when it ends with `exit_code`.
    pub fn json(&self, arguments: &[&str], exit_code: i32) -> Value {
        let output = self.command(arguments).arg("--json").output().unwrap();
        assert_eq!(output.status.code(), Some(exit_code), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts the server and waits for its line.
    pub fn serve(&self) -> Server {
        self.start(self.command(&["serve"]))
    }

    /// Starts a server by a command of the caller's and waits for its line.
    pub fn start(&self, mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find_map(|word| word.strip_prefix("http://")).unwrap_or_else(|| panic!("no address in {line:?}"));
        let host = url.split('/').next().unwrap().to_owned();
        Server { child, line, host }
    }
}

/// Switched off where a test is not about them: two servers cannot have one port.
const MAIL_LISTENERS: [&str; 8] = [
    "YANSHU_LISTEN__SMTP",
    "YANSHU_LISTEN__SUBMISSION",
    "YANSHU_LISTEN__SUBMISSIONS",
    "YANSHU_LISTEN__LMTP",
    "YANSHU_LISTEN__IMAP",
    "YANSHU_LISTEN__IMAPS",
    "YANSHU_LISTEN__POP3",
    "YANSHU_LISTEN__POP3S",
];

/// A server that is killed when the test is done with it.
pub struct Server {
    child: Child,
    pub line: String,
    pub host: String,
}

impl Server {
    /// The status and the body of an answer.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.host).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// The most memory it had at any time.
    pub fn most_resident_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
    }

    /// How it has ended by itself, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and answers its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that a test has stopped already cannot be killed again, which is just as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_yanshu"))
}

pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples").join(name)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn assert_ok(output: &Output) {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

/// The one sentence a command that cannot go on leaves on standard error.
pub fn sentence(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    let said = text(&output.stderr);
    assert_eq!(said.trim_end().lines().count(), 1, "one sentence, not: {said}");
    said
}
