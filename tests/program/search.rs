//! The full-text index of the program: made beside the mail, asked, thrown away and made again, and whatever becomes of it, the same is found.

use std::path::{Path, PathBuf};

use crate::client::Imap;
use crate::installation::{Installation, Server};
use crate::waiting::wait_until;

const READER: &str = "reader@example.test";

struct Scene {
    installation: Installation,
    password: String,
}

impl Scene {
    fn new(installation: Installation) -> Self {
        let installation = installation.with_mail().set_up();
        installation.json(&["member", "add", "Reader", "--org", "kn", "--address", READER], 0);
        let made = installation.json(&["member", "add-client-password", READER, "--org", "kn", "--name", "test"], 0);
        let password = made["password"].as_str().unwrap().to_owned();
        Self { installation, password }
    }

    fn inbox(&self) -> Imap {
        let mut imap = Imap::sign_in(self.installation.mail().imap, READER, &self.password).expect("the server is up");
        imap.command("SELECT INBOX").expect("INBOX opens");
        imap
    }

    /// A server that has indexed all there is; what lies behind is indexed when it starts.
    fn indexed(&self, messages: u64) -> Server {
        let server = self.installation.serve();
        wait_until("all mail is indexed", || {
            let status = self.installation.json(&["search", "status"], 0);
            status["waiting"] == 0 && status["documents"] == messages
        });
        server
    }
}

fn append(imap: &mut Imap, subject: &str, body: &str) {
    let text = format!("Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n");
    imap.command(&format!("APPEND INBOX {{{}+}}\r\n{text}", text.len())).expect("a message is taken");
}

fn find(imap: &mut Imap, word: &str) -> String {
    let lines = imap.command(&format!("SEARCH CHARSET UTF-8 TEXT {{{}+}}\r\n{word}", word.len())).expect("a search is answered");
    lines.iter().find_map(|line| line.strip_prefix("* SEARCH")).unwrap_or_default().trim().to_owned()
}

/// How many searches asked the index.
fn used(server: &Server) -> u64 {
    let (_, metrics) = server.get("/metrics");
    let line = metrics.lines().find_map(|line| line.strip_prefix("yanshu_searches_total{index=\"used\"} "));
    line.map_or(0, |count| count.trim().parse().unwrap())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn whatever_becomes_of_the_index_the_same_is_found(installation: Installation) {
    let scene = Scene::new(installation);
    let mut server = scene.installation.serve();
    let mut imap = scene.inbox();
    append(&mut imap, "Budget", "年度预算 for the airport");
    append(&mut imap, "Other", "nothing of it");
    assert_eq!((find(&mut imap, "年度"), find(&mut imap, "port")), ("1".to_owned(), "1".to_owned()), "before it is indexed");
    server.stop();

    let mut server = scene.indexed(2);
    let before = used(&server);
    let mut imap = scene.inbox();
    assert_eq!(
        (find(&mut imap, "年度"), find(&mut imap, "PORT"), find(&mut imap, "zebra")),
        ("1".to_owned(), "1".to_owned(), String::new())
    );
    assert_eq!(used(&server), before + 3, "the index was asked");
    append(&mut imap, "Later", "預算 again");
    assert_eq!(find(&mut imap, "预算"), "1 3", "also what came a moment ago");

    assert_eq!(scene.installation.json(&["search", "rebuild"], 0)["rebuilding"], true);
    assert_eq!(find(&mut imap, "预算"), "1 3", "while it is made again");
    assert_eq!(scene.installation.json(&["verify"], 0)["sound"], true);
    server.stop();

    let mut server = scene.indexed(3);
    server.stop();
    let terms =
        files(&scene.installation.data().join("index")).into_iter().find(|file| file.extension().is_some_and(|kind| kind == "term"));
    let terms = terms.expect("the index has a dictionary");
    let mut bytes = std::fs::read(&terms).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&terms, bytes).unwrap();
    let verified = scene.installation.json(&["verify"], 3);
    assert_eq!(verified["index"]["damaged"][0], terms.display().to_string());
    scene.installation.json(&["search", "rebuild"], 0);
    assert_eq!(scene.installation.json(&["verify"], 0)["sound"], true);
    let server = scene.indexed(3);
    let before = used(&server);
    assert_eq!(find(&mut scene.inbox(), "预算"), "1 3");
    assert_eq!(used(&server), before + 1);
}

#[test]
fn whatever_becomes_of_the_index_the_same_is_found_on_sqlite() {
    whatever_becomes_of_the_index_the_same_is_found(Installation::new());
}

#[test]
fn whatever_becomes_of_the_index_the_same_is_found_on_postgresql() {
    if let Some(installation) = Installation::on_postgres() {
        whatever_becomes_of_the_index_the_same_is_found(installation);
    }
}
