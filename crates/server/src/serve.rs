//! `yanshu serve`: opens the data, listens, works, and stops in order.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;
use identity::setup_link;
use serve_http::{AppParts, AppState, HttpOptions, PlainPeer, TlsPeer, router};
use store::StoreError;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use worker::outbound::Outbound;
use worker::{Handlers, Worker, WorkerOptions};

use crate::app::App;
use crate::config::{Config, resolve};
use crate::connections::Connections;
use crate::control::ControlSocket;
use crate::data::{DataDir, Layout};
use crate::dns::Resolver;
use crate::failure::Failure;
use crate::mail_listeners::MailListeners;
use crate::{commands, logging, outbound, tls, web_push};

/// How long requests under way may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(20);
/// A client that has not sent its request's head by then is a slow-loris or gone.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);

/// Runs until SIGTERM or SIGINT.
pub fn run(config: Config, data: &Path) -> Result<(), Failure> {
    logging::start(&config.log)?;
    let data = DataDir::take(data)?;
    let layout = Layout::new(data.path(), &config);
    // Before anything else is opened, so that a taken port leaves no trace.
    let http = listen("http", &config.listen.http)?;
    let https = listen("https", &config.listen.https)?;
    let mail = MailListeners::bind(&config)?;
    let tls = tls::server_config(&config, &layout)?;
    let app = App::open(&config, &layout)?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(serve(config, layout, app, Listeners { http, https, mail, tls }))
}

/// What was bound before anything else was opened.
struct Listeners {
    http: Option<TcpListener>,
    https: Option<TcpListener>,
    mail: MailListeners,
    tls: Arc<rustls::ServerConfig>,
}

async fn serve(config: Config, layout: Layout, app: App, listeners: Listeners) -> Result<(), Failure> {
    let Listeners { http, https, mail, tls } = listeners;
    let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
    let (stop, stopping) = watch::channel(false);
    let process = std::process::id();
    let long_worker =
        WorkerOptions { keep_removed_days: Some(config.mail.keep_removed_days), ..WorkerOptions::new(config.node_name(), process) };
    let worker = Worker::with_handlers(app.jobs(), long_worker, Handlers::long());
    // Of its own, so that no import holds up mail to many.
    let mail_worker = Worker::with_handlers(app.jobs(), WorkerOptions::for_mail(config.node_name(), process), Handlers::mail());
    let alive = worker.clone();
    let state = AppState::new(AppParts {
        store: app.store.clone(),
        hasher: Arc::clone(&app.hasher),
        source: app.source.clone(),
        dns: Arc::new(Resolver::system()),
        stopping: stopping.clone(),
        options: HttpOptions {
            mail_host: app.mail_host.clone(),
            client_servers: mail.client_servers(&app.mail_host),
            trusted_proxies: config.http.trusted_proxies.iter().filter_map(|range| range.parse().ok()).collect(),
            metrics_token: Some(config.http.metrics_token.clone()).filter(|token| !token.is_empty()),
            render_metrics: Arc::new(move || {
                metrics.run_upkeep();
                metrics.render()
            }),
            ready_checks: vec![("worker", Arc::new(move || alive.is_alive()))],
            ..HttpOptions::default()
        },
    });
    let service = router(state);

    let base = public_url(&config, http.as_ref(), https.as_ref())?;
    let control = ControlSocket::bind(&layout.control_socket)?;
    let control = tokio::spawn(commands::answer(control, app.clone(), layout.clone()));
    let outbound = Outbound::new(outbound::parts(&config, &app, mail.smtp_addresses()))?;
    let sending = tokio::spawn({
        let stopping = stopping.clone();
        async move { outbound.run(stopping).await }
    });
    let pushing = web_push::start(&config, &app, &stopping);
    let mut serving_mail = tokio::task::JoinSet::new();
    mail.serve(&config, &app, &tls::for_mail(&tls), &stopping, &mut serving_mail)?;
    let fanning_out = tokio::spawn({
        let stopping = stopping.clone();
        async move { mail_worker.run(stopping).await }
    });
    let working = tokio::spawn(async move { worker.run(stopping).await });
    let handle = Handle::new();
    let connections = Connections::new();
    let mut listening = tokio::task::JoinSet::new();
    if let Some(listener) = http {
        let make = service.clone().into_make_service_with_connect_info::<PlainPeer>();
        let mut server = axum_server::from_tcp(listener)?.map(|acceptor| connections.limit(acceptor)).handle(handle.clone());
        server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        listening.spawn(async move { server.serve(make).await });
    }
    if let Some(listener) = https {
        let make = service.into_make_service_with_connect_info::<TlsPeer>();
        let server = axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(tls))?;
        let mut server = server.map(|acceptor| connections.limit(acceptor)).handle(handle.clone());
        server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        listening.spawn(async move { server.serve(make).await });
    }
    announce(&app, &base).await?;

    until_told_to_stop().await?;
    tracing::info!("Stopping: requests under way are finished first");
    // Nobody may be listening for it any more; the listeners are told through their own handle.
    let _ = stop.send(true);
    control.abort();
    handle.graceful_shutdown(Some(GRACE));
    while let Some(ended) = listening.join_next().await {
        ended??;
    }
    while let Some(ended) = serving_mail.join_next().await {
        ended??;
    }
    sending.await?;
    if let Some(pushing) = pushing {
        pushing.await?;
    }
    fanning_out.await?;
    working.await?;
    tracing::info!("Stopped");
    Ok(())
}

/// The one line a person waits for.
async fn announce(app: &App, base: &str) -> Result<(), Failure> {
    let (store, rng) = (app.store.clone(), Arc::clone(&app.source.rng));
    let token = app.store.write::<_, StoreError, _>(move |tx| setup_link::renew(tx, store.keys(), &*rng)).await?;
    let line = match token {
        Some(token) => format!("Yanshu is ready. Set it up at {base}/setup?token={}", token.as_str()),
        None => format!("Yanshu is ready. Sign in at {base}/login, administrators at {base}/admin"),
    };
    let mut out = std::io::stdout();
    // Whoever started the server may have closed its output; the server runs all the same.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    Ok(())
}

pub fn listen(key: &str, value: &str) -> Result<Option<TcpListener>, Failure> {
    if value.is_empty() {
        return Ok(None);
    }
    let address = resolve(value).ok_or_else(|| Failure::new(format!("listen.{key}: \"{value}\" is not HOST:PORT")))?;
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map(Some).map_err(|error| {
        let variable = format!("YANSHU_LISTEN__{}", key.to_uppercase());
        Failure::new(match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("another program listens on {address} (listen.{key}); stop it, or choose another port, for example {variable}={}:0", address.ip())
            }
            std::io::ErrorKind::PermissionDenied => {
                format!("{address} (listen.{key}) may only be used with more rights; choose a port above 1023 with {variable}, or grant CAP_NET_BIND_SERVICE")
            }
            _ => format!("cannot listen on {address} (listen.{key}, {variable}): {error}"),
        })
    })
}

/// What links begin with: as configured, else the address of a listener, the plain one first because its certificate cannot be in the way.
fn public_url(config: &Config, http: Option<&TcpListener>, https: Option<&TcpListener>) -> Result<String, Failure> {
    if !config.http.public_url.is_empty() {
        return Ok(config.http.public_url.trim_end_matches('/').to_owned());
    }
    let host = |address: SocketAddr| {
        if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
    };
    match (http, https) {
        (Some(listener), _) => Ok(format!("http://{}", host(listener.local_addr()?))),
        (None, Some(listener)) => Ok(format!("https://{}", host(listener.local_addr()?))),
        (None, None) => Err(Failure::new("neither listen.http nor listen.https is set, so nobody could sign in")),
    }
}

async fn until_told_to_stop() -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
