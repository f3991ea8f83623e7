//! Drives a session over a connection: reads and writes with time-outs, takes up TLS, and does the session's work.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::BufMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use transport::Stream;

use crate::Kind;
use crate::desk::Desk;
use crate::reply;
use crate::server::Shared;
use crate::session::{Outcome, Peer, Rules, Session, Step, TlsFacts, Work};

/// Serves one client to its end.
pub async fn serve(shared: Arc<Shared>, rules: Arc<Rules>, mut stream: Stream, peer: Peer, trusted: bool) {
    let started = Instant::now();
    let id = shared.parts.source.new_request_id();
    if rules.kind == Kind::Submissions
        && let Err(error) = secure(&shared, &mut stream).await
    {
        tracing::debug!(session.id = %id, %error, "TLS was not taken up");
        return;
    }
    let session = Session::new(Arc::clone(&rules), peer, stream.tls().map(TlsFacts::of), id.clone());
    let stopping = shared.parts.stopping.clone();
    let desk = Desk::new(shared, Arc::clone(&rules), peer, id.clone());
    let mut connection = Connection { stream, session, desk, stopping, rules, started };
    let ended = connection.run(trusted).await;
    let (kind, messages) = (connection.rules.kind.as_str(), connection.session.messages_taken());
    let secs = started.elapsed().as_secs();
    match ended {
        Ok(()) => tracing::info!(session.id = %id, listener = kind, messages, secs, "SMTP session ended"),
        Err(error) => tracing::info!(session.id = %id, listener = kind, messages, secs, %error, "SMTP session broke off"),
    }
    let _ = timeout(LINGER, connection.take_leave()).await;
}

/// How long a client has to hear the last answer and close as well.
const LINGER: Duration = Duration::from_secs(1);
/// What it may still send meanwhile.
const LAST_BYTES: usize = 1 << 20;

async fn secure(shared: &Shared, stream: &mut Stream) -> io::Result<()> {
    let config = shared.parts.tls.clone().ok_or_else(|| io::Error::other("there is no certificate"))?;
    stream.start_tls(config, shared.options.limits.tls_timeout).await
}

struct Connection {
    stream: Stream,
    session: Session,
    desk: Desk,
    stopping: watch::Receiver<bool>,
    rules: Arc<Rules>,
    started: Instant,
}

/// How long the wait that is under way may last.
struct Waits {
    /// What the session had done when the wait began.
    progress: u64,
    command_end: Instant,
    message_end: Option<Instant>,
}

impl Connection {
    async fn run(&mut self, trusted: bool) -> io::Result<()> {
        if self.rules.kind == Kind::Mx && !trusted {
            // A mail server waits for the greeting; what talks before is something else.
            let pause = self.rules.options.limits.greeting_pause;
            if let Ok(read) = timeout(pause, read(&mut self.stream, &mut self.session)).await {
                if read? == 0 {
                    return Ok(());
                }
                self.session.came();
            }
        }
        self.session.greet();
        let limits = self.rules.options.limits.clone();
        let mut waits = Waits { progress: 0, command_end: Instant::now() + limits.command_timeout, message_end: None };
        loop {
            match self.session.advance() {
                Step::Read => {
                    self.flush().await?;
                    if !self.wait(&mut waits).await? {
                        return Ok(());
                    }
                }
                Step::Work(Work::Pause(pause)) => {
                    self.flush().await?;
                    self.pause(pause).await;
                    self.session.resume(Outcome::Paused);
                }
                Step::Work(work) => {
                    let outcome = self.desk.attend(work).await;
                    self.session.resume(outcome);
                }
                Step::StartTls => {
                    self.flush().await?;
                    self.start_tls().await?;
                }
                Step::Close => return self.flush().await,
            }
        }
    }

    /// Waits for bytes; `false` when the client has gone.
    async fn wait(&mut self, waits: &mut Waits) -> io::Result<bool> {
        let limits = &self.rules.options.limits;
        let now = Instant::now();
        if waits.progress != self.session.progress() {
            waits.progress = self.session.progress();
            waits.command_end = now + limits.command_timeout;
            waits.message_end = None;
        }
        let end = if self.session.is_receiving() {
            let message_end = *waits.message_end.get_or_insert(now + limits.message_timeout);
            message_end.min(now + limits.data_timeout)
        } else {
            self.session.rest();
            waits.command_end
        };
        let end = end.min(self.started + limits.session_timeout);
        let came = tokio::select! {
            biased;
            came = timeout_at(end, read(&mut self.stream, &mut self.session)) => came,
            _ = self.stopping.wait_for(|stopping| *stopping) => {
                self.session.close_with(reply::STOPPING);
                return Ok(true);
            }
        };
        match came {
            Ok(Ok(0)) => Ok(false),
            Ok(Ok(_)) => {
                self.session.came();
                Ok(true)
            }
            Ok(Err(error)) => Err(error),
            Err(_) => {
                self.session.close_with(reply::TIMED_OUT);
                Ok(true)
            }
        }
    }

    /// Closes our side and reads on for a moment: a connection that is closed with bytes unread is reset, and the client never hears why.
    async fn take_leave(&mut self) {
        if self.stream.shutdown().await.is_err() {
            return;
        }
        let mut rest = [0; 4096];
        let mut left = LAST_BYTES;
        while let Ok(came @ 1..) = self.stream.read(&mut rest).await {
            left = left.saturating_sub(came);
            if left == 0 {
                return;
            }
        }
    }

    async fn pause(&mut self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = self.stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.session.output().is_empty() {
            return Ok(());
        }
        let limit = self.rules.options.limits.write_timeout;
        let mut output = std::mem::take(self.session.output());
        let sent = timeout(limit, async {
            self.stream.write_all(&output).await?;
            self.stream.flush().await
        });
        sent.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        output.clear();
        *self.session.output() = output;
        Ok(())
    }

    async fn start_tls(&mut self) -> io::Result<()> {
        secure(self.desk.shared(), &mut self.stream).await?;
        let facts = self.stream.tls().map(TlsFacts::of).ok_or_else(|| io::Error::other("TLS was just taken up"))?;
        self.desk.forget();
        self.session.secured(facts);
        Ok(())
    }
}

/// Reads what there is into the session's own buffer. Nothing is lost when the wait is given up.
async fn read(stream: &mut Stream, session: &mut Session) -> io::Result<usize> {
    let (room, most) = session.room();
    if most == usize::MAX { stream.read_buf(room).await } else { stream.read_buf(&mut room.limit(most)).await }
}
