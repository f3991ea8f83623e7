//! A whole site in a test, and browsers that visit it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::connect_info::ConnectInfo;
use directory::organisations::Language;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use identity::passwords::{Cost, Hasher, Password};
use kernel::Rng;
use lifecycle::jobs::JobApp;
use lifecycle::setup::{SetUp, SetUpDone, set_up_as_operator};
use serde_json::{Value, json};
use serve_http::{AppParts, AppState, DnsUnavailable, HttpOptions, LookUpTxt, PlainPeer, TlsPeer, router};
use store::Store;
use testkit::{SeededRng, TestClock};
use tokio::sync::watch;
use tower::ServiceExt;
use worker::{Worker, WorkerOptions};

pub const PASSWORD: &str = "Lotus-river-29";

/// DNS with what a test wrote into it.
#[derive(Clone, Default)]
pub struct Zone(pub Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl LookUpTxt for Zone {
    fn look_up_txt(&self, name: String) -> Pin<Box<dyn Future<Output = Result<Vec<String>, DnsUnavailable>> + Send>> {
        let values = self.0.lock().unwrap().get(&name).cloned().unwrap_or_default();
        Box::pin(async move { Ok(values) })
    }
}

pub struct Site {
    pub router: Router,
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub zone: Zone,
    pub hasher: Arc<Hasher>,
    pub worker: Worker,
    pub stop: watch::Sender<bool>,
}

impl Site {
    pub fn new(store: Store) -> Self {
        Self::with_options(store, HttpOptions::default())
    }

    pub fn with_options(store: Store, options: HttpOptions) -> Self {
        let clock = Arc::new(TestClock::default());
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::default());
        let hasher = Hasher::new(Cost::LEAST, 2, Arc::clone(&rng));
        let (stop, stopping) = watch::channel(false);
        let zone = Zone::default();
        let app = AppState::new(AppParts {
            store: store.clone(),
            hasher: Arc::clone(&hasher),
            source: testkit::source(&clock, Arc::clone(&rng)),
            dns: Arc::new(zone.clone()),
            stopping,
            options,
        });
        let job_app = JobApp { store: store.clone(), source: testkit::source(&clock, rng) };
        let worker = Worker::new(job_app, WorkerOptions::new("test", 1));
        Self { router: router(app), store, clock, zone, hasher, worker, stop }
    }

    /// An organisation with its domain `CODE.test` and its owner `admin`.
    pub async fn organisation(&self, code: &str) -> SetUpDone {
        let new = SetUp {
            organisation_code: code.to_owned(),
            organisation_name: format!("{code} 集团"),
            domain: format!("{code}.test"),
            administrator_name: "王芳".to_owned(),
            mail_prefix: "admin".to_owned(),
            account_name: None,
            language: Language::ZhCn,
            time_zone: None,
            assume_verified: true,
        };
        let ctx = testkit::ctx(kernel::OrgId::from_raw(0));
        set_up_as_operator(&self.store, &self.hasher, &ctx, new, &Password::new(PASSWORD).unwrap()).await.unwrap()
    }

    pub fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: BTreeMap::new(),
            csrf_token: None,
            peer: "127.0.0.1:4000".parse().unwrap(),
            tls: false,
        }
    }

    /// The owner of an organisation, signed in to the console.
    pub async fn owner(&self, code: &str) -> Browser {
        self.console(&format!("admin@{code}.test"), PASSWORD).await
    }

    pub async fn console(&self, address: &str, password: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.post("/api/v1/admin/session", json!({ "address": address, "password": password })).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        browser
    }

    pub async fn account(&self, address: &str, password: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.post("/api/v1/session", json!({ "address": address, "password": password })).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        browser
    }

    /// A member with a chosen password, made by `owner`; its id.
    pub async fn member(&self, owner: &mut Browser, code: &str, prefix: &str) -> String {
        let body = json!({ "name": prefix, "mail_prefix": prefix, "initial_password": "First-words-31" });
        let made = owner.post("/api/v1/admin/members", body).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        let mut browser = self.account(&format!("{prefix}@{code}.test"), "First-words-31").await;
        let chosen = browser.post("/api/v1/session/password", json!({ "new_password": PASSWORD })).await;
        assert_eq!(chosen.status, 200, "{:?}", chosen.body);
        made.body["member"]["id"].as_str().unwrap().to_owned()
    }

    /// Does what waits, as the worker of a server would.
    pub async fn work(&self) {
        let idle = self.worker.run_until_idle().await.unwrap();
        assert_eq!(idle.left, 0, "a job was left in the queue");
    }
}

/// Keeps cookies and the CSRF token as a browser and our pages do.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub csrf_token: Option<String>,
    pub peer: SocketAddr,
    pub tls: bool,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    /// Null when the body is no JSON.
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn send(&mut self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.request(request.unwrap()).await
    }

    /// Uploads a file for import.
    pub async fn upload(&mut self, name: &str, options: Value, file: &[u8]) -> Answer {
        const BOUNDARY: &str = "----boundary";
        let mut body =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"options\"\r\n\r\n{options}\r\n--{BOUNDARY}\r\n").into_bytes();
        body.extend_from_slice(format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = Request::post("/api/v1/admin/imports").header(header::CONTENT_TYPE, kind).body(Body::from(body));
        self.request(request.unwrap()).await
    }

    pub async fn request(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        if let Some(token) = &self.csrf_token
            && !request.headers().contains_key("x-csrf-token")
        {
            request.headers_mut().insert("x-csrf-token", token.parse().unwrap());
        }
        if self.tls {
            request.extensions_mut().insert(ConnectInfo(TlsPeer(self.peer)));
        } else {
            request.extensions_mut().insert(ConnectInfo(PlainPeer(self.peer)));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        self.keep_cookies(&headers);
        let streams = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        // A stream has no end to wait for.
        let bytes = if streams { Bytes::new() } else { response.into_body().collect().await.unwrap().to_bytes() };
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if let Some(token) = body["csrf_token"].as_str() {
            self.csrf_token = Some(token.to_owned());
        }
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{body}");
        Answer { status: status.as_u16(), headers, bytes, body }
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().unwrap();
            let (name, value) = text.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
