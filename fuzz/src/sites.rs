//! Whole servers with one member, for sessions to them.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use directory::organisations::Language;
use http::{Request, header};
use http_body_util::BodyExt;
use identity::passwords::{Cost, Hasher, Password};
use kernel::{Actor, Ctx, OrgId, Rng, Source};
use lifecycle::setup::{SetUp, SetUpDone, set_up_as_operator};
use mail::delivery::{self, Delivery, Into};
use mail::mailboxes::Role;
use mail::messages::NewMessage;
use mail::{Flags, mime};
use serve_http::{AppParts, AppState, DnsUnavailable, HttpOptions, LookUpTxt, PlainPeer, router};
use serve_imap::{Imap, ImapOptions, ImapParts, Security};
use serve_pop3::{Pop3, Pop3Options, Pop3Parts};
use store::Store;
use testkit::{SeededRng, TestStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tower::ServiceExt;

pub const LOGIN: &str = "admin@first.test";
pub const PASSWORD: &str = "Lotus-river-29";
/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(120);
/// What inputs leave behind is thrown away from time to time, or the last would take longer than the first.
const INPUTS_PER_SITE: usize = 500;

/// What every server needs.
struct Office {
    store: Store,
    hasher: Arc<Hasher>,
    rng: Arc<dyn Rng>,
    done: SetUpDone,
    stop: watch::Sender<bool>,
    // Goes last: the store is in it.
    _place: TestStore,
}

impl Office {
    async fn open() -> Self {
        let place = TestStore::on_sqlite();
        let store = place.store().clone();
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::default());
        let hasher = Hasher::new(Cost::LEAST, 2, Arc::clone(&rng));
        let new = SetUp {
            organisation_code: "first".to_owned(),
            organisation_name: "First".to_owned(),
            domain: "first.test".to_owned(),
            administrator_name: "王芳".to_owned(),
            mail_prefix: "admin".to_owned(),
            account_name: None,
            language: Language::ZhCn,
            time_zone: None,
            assume_verified: true,
        };
        let password = Password::new(PASSWORD).expect("a password");
        let ctx = testkit::ctx(OrgId::from_raw(0));
        let done = set_up_as_operator(&store, &hasher, &ctx, new, &password).await.expect("an organisation");
        let office = Self { store, hasher, rng, done, stop: watch::channel(false).0, _place: place };
        for mail in crate::targets::some_mails() {
            office.deliver(mail).await;
        }
        office
    }

    async fn deliver(&self, bytes: Vec<u8>) {
        let rendered = Arc::new(mime::render(&bytes));
        let blob = Arc::new(self.store.blobs().stage(self.done.org, bytes).await.expect("a blob"));
        let ctx = Ctx { actor: Actor::System { task: "fuzz" }, ..testkit::ctx(self.done.org) };
        let account = self.done.mail_account_id;
        let message = NewMessage { blob, prefix: Arc::from([]), rendered, received_at: ctx.now };
        let delivery = Delivery { message, into: Into::Role(Role::Inbox), flags: Flags::NONE };
        self.store.write_account(account, move |tx| delivery::deliver(&ctx, tx, account, &delivery)).await.expect("a delivery");
    }

    fn source(&self) -> Source {
        testkit::source(&Arc::default(), Arc::clone(&self.rng))
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Which protocol of lines is spoken.
#[derive(Clone, Copy)]
pub enum Line {
    Imap,
    Pop3,
}

/// A server behind a socket on this machine.
pub struct ServerUnderTest {
    line: Line,
    said: usize,
    open: Option<(Office, SocketAddr)>,
    runtime: Runtime,
}

impl ServerUnderTest {
    pub fn new(line: Line) -> Self {
        Self { line, said: 0, open: None, runtime: runtime() }
    }

    /// Has one session: says all of `input`, and that nothing more will come; answers what was answered. Panics when the session does not end.
    pub fn say(&mut self, input: &[u8]) -> Vec<u8> {
        self.said += 1;
        if self.said.is_multiple_of(INPUTS_PER_SITE)
            && let Some((office, _)) = self.open.take()
        {
            // Sessions have ended; listeners end now.
            let _ = office.stop.send(true);
        }
        let (line, open) = (self.line, self.open.take());
        let (open, answer) = self.runtime.block_on(async {
            let open = match open {
                Some(open) => open,
                None => listen(line).await,
            };
            let answer = tokio::time::timeout(PATIENCE, converse(open.1, input)).await.expect("the session ends when its client has gone");
            (open, answer)
        });
        self.open = Some(open);
        answer
    }
}

async fn listen(line: Line) -> (Office, SocketAddr) {
    let office = Office::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (store, hasher, source, stopping) = (office.store.clone(), Arc::clone(&office.hasher), office.source(), office.stop.subscribe());
    let brief = Duration::from_millis(1);
    match line {
        Line::Imap => {
            let options = ImapOptions { failed_sign_in_delay: brief, max_bad_commands: 1_000_000, ..ImapOptions::default() };
            let imap = Imap::new(ImapParts { store, hasher, source, tls: None, stopping, options });
            tokio::spawn(async move { imap.serve(listener, Security::StartTls).await });
        }
        Line::Pop3 => {
            let options = Pop3Options {
                failed_sign_in_delay: brief,
                lock_patience: Duration::ZERO,
                max_bad_commands: 1_000_000,
                max_failed_sign_ins: 1_000_000,
                ..Pop3Options::default()
            };
            let pop3 = Pop3::new(Pop3Parts { store, hasher, source, tls: None, stopping, options });
            tokio::spawn(async move { pop3.serve(listener, Security::StartTls).await });
        }
    }
    (office, address)
}

async fn converse(address: SocketAddr, input: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    let (mut from, mut to) = stream.into_split();
    let mut answer = Vec::new();
    let saying = async {
        // The server may have said goodbye in the middle.
        let _ = to.write_all(input).await;
        let _ = to.shutdown().await;
    };
    let hearing = async {
        let _ = from.read_to_end(&mut answer).await;
    };
    tokio::join!(saying, hearing);
    answer
}

struct NoDns;

impl LookUpTxt for NoDns {
    fn look_up_txt(&self, _: String) -> Pin<Box<dyn Future<Output = Result<Vec<String>, DnsUnavailable>> + Send>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// The service behind HTTP, called without a socket.
pub struct Site {
    asked: usize,
    open: Option<(Office, Router)>,
    runtime: Runtime,
}

impl Site {
    pub fn new() -> Self {
        Self { asked: 0, open: None, runtime: runtime() }
    }

    /// Posts a body to JMAP as the member; `ACCOUNT` in it stands for the member's account.
    pub fn request(&mut self, body: &[u8]) {
        self.asked += 1;
        if self.asked.is_multiple_of(INPUTS_PER_SITE) {
            self.open = None;
        }
        let open = self.open.take();
        self.open = Some(self.runtime.block_on(async {
            let open = match open {
                Some(open) => open,
                None => serve().await,
            };
            tokio::time::timeout(PATIENCE, post(&open.0, &open.1, body)).await.expect("an answer in time");
            open
        }));
    }
}

async fn serve() -> (Office, Router) {
    let office = Office::open().await;
    let app = AppState::new(AppParts {
        store: office.store.clone(),
        hasher: Arc::clone(&office.hasher),
        source: office.source(),
        dns: Arc::new(NoDns),
        stopping: office.stop.subscribe(),
        options: HttpOptions::default(),
    });
    (office, router(app))
}

async fn post(office: &Office, router: &Router, body: &[u8]) {
    let account = office.done.mail_account_id.to_string();
    let body = replaced(body, b"ACCOUNT", account.as_bytes());
    let mut request = Request::post("/jmap")
        .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{LOGIN}:{PASSWORD}"))))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .expect("a request");
    request.extensions_mut().insert(ConnectInfo(PlainPeer(SocketAddr::from(([127, 0, 0, 1], 4000)))));
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let answer = response.into_body().collect().await.expect("a whole answer").to_bytes();
    let text = String::from_utf8_lossy(&answer);
    assert!(status == 200 || status == 400, "{status} {text}");
    assert!(!text.contains("\"serverFail\""), "{text}");
}

fn replaced(input: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}
