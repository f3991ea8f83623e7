//! A PostgreSQL server of a test's own, which may be killed: the one that all tests share may not, and does not sync.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::waiting::wait_until;

/// The database's superuser; nobody is asked for a password.
const ROLE: &str = "yanshu";

pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    owner: Option<Owner>,
    port: u16,
    server: Option<Child>,
    databases: usize,
}

/// Whom the server runs as when the test is root, which PostgreSQL refuses.
#[derive(Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

/// How the server goes.
#[derive(Debug, Clone, Copy)]
pub enum End {
    /// It drops everything and goes, as `pg_ctl stop --mode=immediate` has it.
    Immediate,
    /// `kill -9` of the process that watches over all others. What the operating system was given stays, as nobody cuts its power.
    Killed,
}

impl Cluster {
    /// `None`, and a line that says so, where PostgreSQL is not installed.
    pub fn start_new() -> Option<Self> {
        let owner = if rustix::process::geteuid().is_root() { Some(account("postgres")) } else { None };
        let (Some(programs), Some(owner)) = (programs(), owner.map_or(Some(None), |found| found.map(Some))) else {
            println!("skipped: PostgreSQL is not installed, or there is no user to run it as");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        if let Some(owner) = owner {
            std::os::unix::fs::chown(folder.path(), Some(owner.uid), Some(owner.gid)).unwrap();
        }
        // Below the ports that systems give to outgoing connections: one of these would take it while the server is down.
        let begin = 10_000 + std::process::id() % 20_000;
        let port = (begin..32_000).map(|port| port as u16).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap();
        let mut cluster = Self { folder, programs, owner, port, server: None, databases: 0 };
        let data = format!("--pgdata={}", cluster.data().display());
        let role = format!("--username={ROLE}");
        let made = cluster.program("initdb").args([&data, &role, "--auth=trust", "--encoding=UTF8", "--no-sync"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.start();
        Some(cluster)
    }

    /// The address of an empty database that was made for it.
    pub fn new_database(&mut self) -> String {
        self.databases += 1;
        let (name, port) = (format!("yanshu_{}", self.databases), self.port.to_string());
        let made = self.program("createdb").args(["--host=127.0.0.1", "--port", &port, "--username", ROLE, &name]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        format!("postgres://{ROLE}@127.0.0.1:{port}/{name}")
    }

    pub fn end(&mut self, how: End) {
        let mut server = self.server.take().expect("it runs");
        let signal = match how {
            End::Immediate => rustix::process::Signal::QUIT,
            End::Killed => rustix::process::Signal::KILL,
        };
        rustix::process::kill_process(rustix::process::Pid::from_child(&server), signal).unwrap();
        server.wait().unwrap();
    }

    /// Starts it on its data, and waits until it takes connections. While processes of the one before are not gone it refuses to.
    pub fn start(&mut self) {
        wait_until("PostgreSQL takes connections", || {
            let server = match &mut self.server {
                Some(server) => server,
                None => {
                    let server = self.spawn();
                    self.server.insert(server)
                }
            };
            if server.try_wait().unwrap().is_some() {
                self.server = None;
                return false;
            }
            let port = self.port.to_string();
            let asked = self.program("pg_isready").args(["--quiet", "--host=127.0.0.1", "--port", &port]).status();
            asked.unwrap().success()
        });
    }

    fn spawn(&self) -> Child {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", self.port),
            format!("unix_socket_directories={}", self.folder.path().display()),
            "fsync=on".to_owned(),
            "synchronous_commit=on".to_owned(),
        ];
        let mut postgres = self.program("postgres");
        postgres.arg("-D").arg(self.data());
        postgres.args(settings.iter().flat_map(|setting| ["-c", setting]));
        postgres.stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir("/");
        if let Some(owner) = self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.end(End::Immediate);
        }
    }
}

/// Where distributions keep the server's programs, newest first, besides the path.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let mut versions: Vec<_> = versions.collect();
    versions.sort();
    let has_all = |folder: &Path| ["initdb", "createdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists());
    std::env::split_paths(&path).chain(versions.into_iter().rev()).find(|folder| has_all(folder))
}

fn account(name: &str) -> Option<Owner> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = accounts.lines().find(|line| line.starts_with(&format!("{name}:")))?;
    let mut numbers = line.split(':').skip(2).map(|number| number.parse().ok());
    Some(Owner { uid: numbers.next()??, gid: numbers.next()?? })
}
