//! How soon the program is ready, and how much memory it has with nothing to do.
//!
//!     cargo build --release -p server && cargo run --release -p bench --bin idle PROGRAM
//!
//! PROGRAM is the `yanshu` to measure. It starts on fresh data, then again on the data of an organisation, serves its sign-in page with all
//! it loads, and signs somebody in.

#![expect(clippy::disallowed_methods, reason = "what an idle server holds is looked at after a while; nothing tells when it has settled")]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bench::memory::{anonymous_kib, resident_kib};

const PASSWORD: &str = "Harbour-Lantern-26";
/// For threads to start and the first round of periodic work to pass.
const SETTLE: Duration = Duration::from_secs(3);

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let program = std::env::args().nth(1).ok_or("usage: idle PROGRAM")?;
    let program = Path::new(&program);
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");

    let server = Server::start(program, &data)?;
    println!("fresh data: ready in {:.0} ms", server.ready_after.as_secs_f64() * 1000.0);
    std::thread::sleep(SETTLE);
    server.say_memory("fresh data, idle");
    drop(server);

    let password = folder.path().join("password");
    std::fs::write(&password, PASSWORD)?;
    let setup = ["--org-code", "bench", "--org-name", "康宁集团", "--domain", "example.test", "--admin", "admin", "--admin-name", "管理员"];
    let mut set_up = Command::new(program);
    set_up.args(["setup", "--data"]).arg(&data).args(setup).arg("--password-file").arg(&password).arg("--assume-verified");
    if !set_up.stdout(Stdio::null()).status()?.success() {
        return Err("the organisation could not be made".into());
    }

    let server = Server::start(program, &data)?;
    println!("data with an organisation: ready in {:.0} ms", server.ready_after.as_secs_f64() * 1000.0);
    std::thread::sleep(SETTLE);
    server.say_memory("data with an organisation, idle");
    let (files, kib) = server.open_page("/login")?;
    server.say_memory(&format!("after the sign-in page ({files} files, {kib} KiB as sent)"));
    server.sign_in()?;
    server.say_memory("after somebody signed in");
    std::thread::sleep(SETTLE);
    server.say_memory("idle again");
    Ok(())
}

/// A running server; killed when dropped.
struct Server {
    child: Child,
    host: String,
    ready_after: Duration,
}

impl Server {
    fn start(program: &Path, data: &Path) -> Outcome<Self> {
        let mut command = Command::new(program);
        command.arg("serve").arg("--data").arg(data).env("YANSHU_LISTEN__HTTP", "127.0.0.1:0").env("YANSHU_LISTEN__HTTPS", "");
        for listener in ["SMTP", "SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS"] {
            command.env(format!("YANSHU_LISTEN__{listener}"), "127.0.0.1:0");
        }
        let began = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let ready_after = began.elapsed();
        let host =
            line.split("http://").nth(1).and_then(|rest| rest.split(['/', ' ', '\n']).next()).ok_or("the server did not become ready")?;
        Ok(Self { host: host.to_owned(), child, ready_after })
    }

    fn say_memory(&self, when: &str) {
        let process = self.child.id();
        let mib = |kib: u64| kib as f64 / 1024.0;
        println!("{when}: {:.1} MiB resident, {:.1} MiB of it not from files", mib(resident_kib(process)), mib(anonymous_kib(process)));
    }

    /// Fetches a page with the scripts and styles it names, as a browser does; how many files, how many KiB.
    fn open_page(&self, path: &str) -> Outcome<(usize, usize)> {
        let page = self.request(&format!("GET {path} HTTP/1.1\r\n"), "")?;
        let text = String::from_utf8_lossy(&page).into_owned();
        let named: Vec<&str> = text.split(['"', '\'']).filter(|part| part.starts_with("/static/")).collect();
        let mut bytes = page.len();
        for file in &named {
            bytes += self.request(&format!("GET {file} HTTP/1.1\r\nAccept-Encoding: br\r\n"), "")?.len();
        }
        Ok((named.len() + 1, bytes >> 10))
    }

    fn sign_in(&self) -> Outcome<()> {
        let body = format!("{{\"address\":\"admin@example.test\",\"password\":\"{PASSWORD}\",\"remember\":false}}");
        let head = format!("POST /api/v1/session HTTP/1.1\r\nOrigin: http://{}\r\nContent-Type: application/json\r\n", self.host);
        self.request(&head, &body).map(drop)
    }

    fn request(&self, head: &str, body: &str) -> Outcome<Vec<u8>> {
        let mut stream = TcpStream::connect(&self.host)?;
        write!(stream, "{head}Host: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", self.host, body.len())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let status = answer.split(|byte| *byte == b'\r').next().map(String::from_utf8_lossy).unwrap_or_default();
        if status.contains(" 20") {
            Ok(answer)
        } else {
            Err(format!("{} was answered with {status}", head.lines().next().unwrap_or("")).into())
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
