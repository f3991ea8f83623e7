//! Mail programs that people use, and libraries that programs are made of, each with a session of its own: Python's imaplib, poplib and smtplib, IMAPClient,
//! ImapFlow, curl, swaks, mbsync, OfflineIMAP, fetchmail. One that is not installed is told as skipped.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::installation::{Installation, Server, assert_ok, text};

const USER: &str = "admin@example.test";
const PASSWORD: &str = "Correct-Horse-7";

struct Scene {
    installation: Installation,
    _server: Server,
}

impl Scene {
    fn new() -> Self {
        let installation = Installation::new().with_mail().set_up();
        let server = installation.serve();
        Self { installation, _server: server }
    }

    fn python(&self, script: &str, arguments: &[&str]) -> String {
        said(Command::new("python3").arg(client(script)).args(arguments).output().unwrap())
    }

    /// Mail from outside by swaks.
    fn bring_in(&self, subject: &str) {
        self.bring_in_with(&[&format!("Subject: {subject}")]);
    }

    fn bring_in_with(&self, fields: &[&str]) {
        let server = format!("127.0.0.1:{}", self.installation.mail().smtp);
        let mut swaks = Command::new("swaks");
        swaks.args(["--server", &server, "--from", "outside@elsewhere.test", "--helo", "elsewhere.test", "--suppress-data", "--to", USER]);
        said(swaks.args(fields.iter().flat_map(|field| ["--header", field])).output().unwrap());
    }

    /// One IMAP command by curl on the URL's mailbox.
    fn curl_imap(&self, path: &str, command: &str) -> String {
        let url = format!("imap://127.0.0.1:{}/{path}", self.installation.mail().imap);
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--max-time", "30", "--user", &format!("{USER}:{PASSWORD}"), &url]);
        if !command.is_empty() {
            curl.args(["--request", command]);
        }
        said(curl.output().unwrap())
    }
}

/// What the clients left behind fits together, while the server runs.
impl Drop for Scene {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.installation.json(&["verify"], 0)["sound"], true);
        }
    }
}

fn client(script: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients").join(script)
}

fn said(output: Output) -> String {
    assert_ok(&output);
    text(&output.stdout)
}

/// Whether the program is there; if not, says so.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

#[test]
fn pythons_imaplib_works_with_chinese_folders_and_mail_in_every_charset() {
    if !has("python3") {
        return;
    }
    let scene = Scene::new();
    let ports = scene.installation.mail();
    assert_eq!(scene.python("imap_session.py", &["127.0.0.1", &ports.imap.to_string(), USER, PASSWORD]), "ok\n");
    assert_eq!(scene.python("imap_session.py", &["127.0.0.1", &ports.imaps.to_string(), USER, PASSWORD, "tls"]), "ok\n");
}

#[test]
fn pythons_smtplib_submits_and_curl_reads() {
    if !has("python3") || !has("curl") {
        return;
    }
    let scene = Scene::new();
    let ports = scene.installation.mail();
    let port = ports.submission.to_string();
    let id = scene.python("smtp_send.py", &["127.0.0.1", &port, USER, PASSWORD, USER, "十一月排班", "附件为排班表。", "starttls"]);
    let listed = scene.curl_imap("INBOX", "FETCH 1:* (ENVELOPE FLAGS)");
    assert!(listed.contains(id.trim()), "{listed}");
    let whole = scene.curl_imap("INBOX;MAILINDEX=1", "");
    assert!(whole.contains("Message-ID") && !whole.contains("127.0.0.1"), "the member's own address is nobody's business: {whole}");
    // A wrong password, another's address as sender, and a stranger as relay are refused.
    for (user, password) in [(USER, "Wrong-Horse-7"), ("nobody@example.test", PASSWORD)] {
        let refused = Command::new("python3")
            .arg(client("smtp_send.py"))
            .args(["127.0.0.1", &port, user, password, USER, "x", "x", "starttls"])
            .output()
            .unwrap();
        assert!(text(&refused.stderr).contains("5.7.8"), "{}", text(&refused.stderr));
    }
    let smtp = ports.smtp.to_string();
    let relay = Command::new("python3")
        .arg(client("smtp_send.py"))
        .args(["127.0.0.1", &smtp, "-", "", "somebody@elsewhere.test", "x", "x"])
        .output()
        .unwrap();
    assert!(text(&relay.stderr).contains("550"), "{}", text(&relay.stderr));
}

#[test]
fn swaks_brings_mail_in_from_outside() {
    if !has("swaks") || !has("curl") {
        return;
    }
    let scene = Scene::new();
    let server = format!("127.0.0.1:{}", scene.installation.mail().smtp);
    let base = ["--server", &server, "--from", "outside@elsewhere.test", "--helo", "elsewhere.test", "--suppress-data"];
    said(Command::new("swaks").args(base).args(["--to", USER, "--header", "Subject: from outside"]).output().unwrap());
    said(Command::new("swaks").args(base).args(["--to", "postmaster@example.test", "--pipeline"]).output().unwrap());
    let unknown = Command::new("swaks").args(base).args(["--to", "nobody@example.test"]).output().unwrap();
    assert!(text(&unknown.stdout).contains("550 5.1.1"), "{}", text(&unknown.stdout));
    let listed = scene.curl_imap("", "STATUS INBOX (MESSAGES)");
    assert!(listed.contains("MESSAGES 2"), "{listed}");
}

#[test]
fn mbsync_keeps_two_copies_in_step() {
    if !has("mbsync") || !has("python3") {
        return;
    }
    let scene = Scene::new();
    let port = scene.installation.mail().imap.to_string();
    let folder = scene.installation.path("mbsync");
    let output = Command::new("bash").arg(client("mbsync.sh")).args(["127.0.0.1", &port, USER, PASSWORD]).arg(&folder).output().unwrap();
    assert_eq!(said(output), "ok\n");
}

/// Whether a library is there that `tests/run.sh` puts beside the scripts; if not, says so.
fn has_library(path: &str) -> bool {
    let found = client(path).exists();
    if !found {
        println!("skipped: {path} is not installed");
    }
    found
}

#[test]
fn imapclient_works_with_chinese_folders_and_hears_what_another_connection_does() {
    if !has("python3") || !has_library("python_modules/imapclient") {
        return;
    }
    let scene = Scene::new();
    let port = scene.installation.mail().imap.to_string();
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", client("python_modules")).arg(client("imapclient_session.py"));
    assert_eq!(said(python.args(["127.0.0.1", &port, USER, PASSWORD]).output().unwrap()), "ok\n");
}

#[test]
fn imapflow_works_with_chinese_folders_and_hears_what_another_connection_does() {
    if !has("node") || !has_library("node_modules/imapflow") {
        return;
    }
    let scene = Scene::new();
    let port = scene.installation.mail().imap.to_string();
    let mut node = Command::new("node");
    assert_eq!(said(node.arg(client("imapflow_session.mjs")).args(["127.0.0.1", &port, USER, PASSWORD]).output().unwrap()), "ok\n");
}

#[test]
fn offlineimap_keeps_two_copies_in_step() {
    if !has("offlineimap") {
        return;
    }
    let scene = Scene::new();
    let port = scene.installation.mail().imap.to_string();
    let folder = scene.installation.path("offlineimap");
    let output =
        Command::new("bash").arg(client("offlineimap.sh")).args(["127.0.0.1", &port, USER, PASSWORD]).arg(&folder).output().unwrap();
    assert_eq!(said(output), "ok\n");
}

#[test]
fn pythons_poplib_fetches_leaves_and_deletes() {
    if !has("python3") {
        return;
    }
    let scene = Scene::new();
    let ports = scene.installation.mail();
    let smtp = ports.smtp.to_string();
    assert_eq!(scene.python("pop_session.py", &["127.0.0.1", &ports.pop3.to_string(), USER, PASSWORD, &smtp]), "ok\n");
    assert_eq!(scene.python("pop_session.py", &["127.0.0.1", &ports.pop3s.to_string(), USER, PASSWORD, &smtp, "tls"]), "ok\n");
}

#[test]
fn curl_fetches_by_pop3_in_the_clear_under_stls_and_under_tls() {
    if !has("curl") || !has("swaks") {
        return;
    }
    let scene = Scene::new();
    let ports = scene.installation.mail();
    scene.bring_in("by curl");
    for (url, more) in [
        (format!("pop3://127.0.0.1:{}/", ports.pop3), &[][..]),
        (format!("pop3://127.0.0.1:{}/", ports.pop3), &["--ssl-reqd", "--insecure"]),
        (format!("pop3s://127.0.0.1:{}/", ports.pop3s), &["--insecure"]),
    ] {
        let curl = |path: &str, request: &[&str]| {
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--show-error", "--max-time", "30", "--user", &format!("{USER}:{PASSWORD}")]);
            said(curl.args(more).args(request).arg(format!("{url}{path}")).output().unwrap())
        };
        let listed = curl("", &[]);
        assert!(listed.starts_with("1 ") && listed.lines().count() == 1, "{listed}");
        let whole = curl("1", &[]);
        assert!(whole.contains("Subject: by curl") && format!("1 {}", whole.len()) == listed.trim(), "{listed}: {whole}");
        assert!(curl("", &["--request", "UIDL"]).starts_with("1 "));
    }
}

#[test]
fn fetchmail_fetches_what_is_new_and_nothing_twice() {
    if !has("fetchmail") || !has("swaks") {
        return;
    }
    let scene = Scene::new();
    scene.bring_in("first");
    scene.bring_in("second");
    let port = scene.installation.mail().pop3.to_string();
    let folder = scene.installation.path("fetchmail");
    let output = Command::new("bash").arg(client("fetchmail.sh")).args(["127.0.0.1", &port, USER, PASSWORD]).arg(&folder).output().unwrap();
    assert_eq!(said(output), "ok\n");
}

#[test]
fn fetchmail_fetches_nothing_again_after_a_move_from_another_server() {
    if !has("fetchmail") || !has("swaks") {
        return;
    }
    let scene = Scene::new();
    for number in ["1", "2", "2"] {
        scene.bring_in_with(&[&format!("Subject: letter {number}"), &format!("Message-Id: <{number}@elsewhere.test>")]);
    }
    let list = scene.installation.path("list");
    let bring = |lines: &str, exit_code: i32| {
        std::fs::write(&list, lines).unwrap();
        scene.installation.json(&["member", "bring-unique-ids", USER, list.to_str().unwrap(), "--org", "kn"], exit_code)
    };
    let lines = "<1@elsewhere.test>\t000000015f3a\n<2@elsewhere.test>\tsecond\n<2@elsewhere.test>\tthird\n";
    assert_eq!(bring(lines, 0)["given"], 3);
    let more = bring(&format!("{lines}\n<3@elsewhere.test>\tfourth\n1@elsewhere.test\tnot one\n"), 3);
    let refused = serde_json::json!([
        { "line": 5, "code": "unique_id_without_message" },
        { "line": 6, "code": "unique_id_without_message" },
    ]);
    assert_eq!((&more["given"], &more["refused"]), (&serde_json::json!(3), &refused));

    let port = scene.installation.mail().pop3.to_string();
    let folder = scene.installation.path("fetchmail");
    let mut fetchmail = Command::new("bash");
    fetchmail.arg(client("fetchmail.sh")).args(["127.0.0.1", &port, USER, PASSWORD]).arg(&folder);
    assert_eq!(said(fetchmail.args(["000000015f3a", "second", "third"]).output().unwrap()), "ok\n");
}
