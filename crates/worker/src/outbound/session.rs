//! One conversation with one server: from the connection to the point where messages can be handed over.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail::outbound::Answer;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::options::{Credentials, TimeLimits};
use super::reply::{MAX_LINE_BYTES, NotSmtp, Reply, ReplyReader};
use super::route::Hop;

pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// What the server has said it can do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Capabilities {
    pub pipelining: bool,
    pub eight_bit: bool,
    pub utf8: bool,
    pub chunking: bool,
    pub dsn: bool,
    pub starttls: bool,
    /// The size it takes; `None` when it names none, or has not said SIZE at all.
    pub max_bytes: Option<u64>,
    pub size: bool,
    auth: Vec<String>,
}

impl Capabilities {
    fn of(reply: &Reply) -> Self {
        let mut found = Self::default();
        for line in reply.lines.iter().skip(1) {
            // Old servers write `AUTH=LOGIN`.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
            match keyword.as_str() {
                "PIPELINING" => found.pipelining = true,
                "8BITMIME" => found.eight_bit = true,
                "SMTPUTF8" => found.utf8 = true,
                "CHUNKING" => found.chunking = true,
                "DSN" => found.dsn = true,
                "STARTTLS" => found.starttls = true,
                "SIZE" => {
                    found.size = true;
                    // RFC 1870 §4: zero is no limit.
                    found.max_bytes = words.next().and_then(|bytes| bytes.parse().ok()).filter(|bytes| *bytes > 0);
                }
                "AUTH" => found.auth.extend(words.map(str::to_ascii_uppercase)),
                _ => {}
            }
        }
        found
    }
}

/// How a server is to be spoken to.
#[derive(Clone)]
pub(super) enum Encryption {
    Plain,
    /// When it is offered.
    IfOffered(Arc<ClientConfig>),
    /// Or not at all.
    Required(Arc<ClientConfig>),
    FromTheStart(Arc<ClientConfig>),
}

/// The conversation cannot go on.
#[derive(Debug)]
pub(super) enum SessionError {
    /// The server has said so.
    Refused(Reply),
    /// TLS could not be agreed on; without it there may be a way.
    Tls(String),
    /// It is this server itself.
    Loop,
    /// Silence, a broken connection, or something that is no SMTP.
    Broken(String),
}

impl SessionError {
    /// What the queue page shows of it; only a loop is for good.
    pub(super) fn answer(&self, host: &str) -> Answer {
        match self {
            Self::Refused(reply) => reply.answer(host),
            Self::Tls(why) => Answer::own("4.7.5", format!("TLS failed: {why}")).at_host(host),
            Self::Loop => Answer::own("5.4.6", "the server of the recipient's domain is this server itself").at_host(host),
            Self::Broken(why) => Answer::own("4.4.2", why.as_str()).at_host(host),
        }
    }
}

/// An open conversation.
pub(super) struct Session {
    io: Box<dyn Io>,
    /// Bytes that have come and are no whole line yet.
    waiting: Vec<u8>,
    reader: ReplyReader,
    pub host: String,
    pub capabilities: Capabilities,
    pub limits: TimeLimits,
    pub is_encrypted: bool,
    /// How many messages were begun on it.
    pub transactions: u32,
}

impl Session {
    /// Connects and greets. `own_name` is what we call ourselves.
    pub(super) async fn open(hop: &Hop, own_name: &str, limits: &TimeLimits, encryption: &Encryption) -> Result<Self, SessionError> {
        let address = SocketAddr::new(hop.address, hop.port);
        let connecting = tokio::time::timeout(limits.connect, TcpStream::connect(address)).await;
        let stream = match connecting {
            Err(_) => return Err(SessionError::Broken("no connection in time".to_owned())),
            Ok(Err(error)) => return Err(SessionError::Broken(format!("no connection: {}", error.kind()))),
            Ok(Ok(stream)) => stream,
        };
        // Commands are small and each is waited for.
        let _ = stream.set_nodelay(true);
        let mut session = Self {
            io: Box::new(stream),
            waiting: Vec::new(),
            reader: ReplyReader::default(),
            host: hop.host.clone(),
            capabilities: Capabilities::default(),
            limits: limits.clone(),
            is_encrypted: false,
            transactions: 0,
        };
        if let Encryption::FromTheStart(config) = encryption {
            session.encrypt(config).await?;
        }
        let greeting = session.reply(limits.greeting).await?;
        if greeting.code != 220 {
            return Err(SessionError::Refused(greeting));
        }
        session.greet(own_name).await?;
        match encryption {
            Encryption::Plain | Encryption::FromTheStart(_) => {}
            Encryption::IfOffered(config) if session.capabilities.starttls => session.start_tls(config, own_name, false).await?,
            Encryption::IfOffered(_) => {}
            Encryption::Required(config) if session.capabilities.starttls => session.start_tls(config, own_name, true).await?,
            Encryption::Required(_) => return Err(SessionError::Tls("it is not offered".to_owned())),
        }
        Ok(session)
    }

    async fn greet(&mut self, own_name: &str) -> Result<(), SessionError> {
        let limit = self.limits.command;
        let mut reply = self.command(&format!("EHLO {own_name}"), limit).await?;
        if reply.is_permanent() {
            // RFC 5321 §3.2: a server that does not know EHLO knows HELO.
            reply = self.command(&format!("HELO {own_name}"), limit).await?;
            reply.lines.truncate(1);
        }
        if !reply.is_positive() {
            return Err(SessionError::Refused(reply));
        }
        let named = reply.lines.first().and_then(|line| line.split_whitespace().next()).unwrap_or_default();
        if named.eq_ignore_ascii_case(own_name) {
            return Err(SessionError::Loop);
        }
        self.capabilities = Capabilities::of(&reply);
        Ok(())
    }

    async fn start_tls(&mut self, config: &Arc<ClientConfig>, own_name: &str, is_required: bool) -> Result<(), SessionError> {
        let limit = self.limits.command;
        let reply = self.command("STARTTLS", limit).await?;
        if reply.code != 220 {
            let why = format!("STARTTLS was answered with {}", reply.code);
            return if is_required { Err(SessionError::Tls(why)) } else { Ok(()) };
        }
        // What came before the encryption could be anybody's.
        if !self.waiting.is_empty() {
            return Err(SessionError::Tls("something was said before the encryption began".to_owned()));
        }
        self.encrypt(config).await?;
        self.greet(own_name).await
    }

    async fn encrypt(&mut self, config: &Arc<ClientConfig>) -> Result<(), SessionError> {
        let name = ServerName::try_from(self.host.trim_matches(['[', ']']).to_owned());
        // A name that no certificate could hold is sent none of; only who asks for no proof comes here with one.
        let name = name.or_else(|_| ServerName::try_from("invalid")).map_err(|error| SessionError::Tls(error.to_string()))?;
        let plain = std::mem::replace(&mut self.io, Box::new(tokio::io::empty()));
        let shaking = TlsConnector::from(Arc::clone(config)).connect(name, plain);
        match tokio::time::timeout(self.limits.tls, shaking).await {
            Ok(Ok(stream)) => {
                self.io = Box::new(stream);
                self.is_encrypted = true;
                Ok(())
            }
            Ok(Err(error)) => Err(SessionError::Tls(error.to_string())),
            Err(_) => Err(SessionError::Tls("no agreement in time".to_owned())),
        }
    }

    /// Signs in with PLAIN, or LOGIN where that is all there is (RFC 4954). Only inside of TLS.
    pub(super) async fn authenticate(&mut self, credentials: &Credentials) -> Result<(), SessionError> {
        if !self.is_encrypted {
            return Err(SessionError::Tls("a password is not sent in the clear".to_owned()));
        }
        let limit = self.limits.command;
        let offers = |name: &str| self.capabilities.auth.iter().any(|offered| offered == name);
        let (user, password) = (&credentials.user_name, credentials.password.as_str());
        let reply = if offers("PLAIN") {
            let response = Zeroizing::new(STANDARD.encode(Zeroizing::new(format!("\0{user}\0{password}")).as_bytes()));
            let line = Zeroizing::new(format!("AUTH PLAIN {}", response.as_str()));
            self.command(&line, limit).await?
        } else if offers("LOGIN") {
            let mut reply = self.command("AUTH LOGIN", limit).await?;
            for part in [user.as_str(), password] {
                if reply.code != 334 {
                    break;
                }
                let line = Zeroizing::new(STANDARD.encode(part));
                reply = self.command(&line, limit).await?;
            }
            reply
        } else {
            return Err(SessionError::Broken("the smart host offers no way to sign in that is known here".to_owned()));
        };
        if reply.is_positive() { Ok(()) } else { Err(SessionError::Refused(reply)) }
    }

    /// Sends a line and waits for its reply.
    pub(super) async fn command(&mut self, line: &str, limit: Duration) -> Result<Reply, SessionError> {
        self.write(&[line.as_bytes(), b"\r\n"].concat(), limit).await?;
        self.flush(limit).await?;
        self.reply(limit).await
    }

    /// Writes; what is not taken in time, block by block, never will be.
    pub(super) async fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), SessionError> {
        const BLOCK: usize = 64 * 1024;
        for block in bytes.chunks(BLOCK) {
            timed(limit, self.io.write_all(block)).await?;
        }
        Ok(())
    }

    pub(super) async fn flush(&mut self, limit: Duration) -> Result<(), SessionError> {
        timed(limit, self.io.flush()).await
    }

    /// The next reply, all of it within the limit: who sends a byte a minute does not stay for ever.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<Reply, SessionError> {
        match tokio::time::timeout(limit, self.read_reply()).await {
            Ok(read) => read,
            Err(_) => Err(SessionError::Broken("no answer in time".to_owned())),
        }
    }

    async fn read_reply(&mut self) -> Result<Reply, SessionError> {
        loop {
            while let Some(end) = self.waiting.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.waiting.drain(..=end).collect();
                let line = line.strip_suffix(b"\n").unwrap_or(&line);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                if let Some(reply) = self.reader.line(line).map_err(|NotSmtp| not_smtp())? {
                    return Ok(reply);
                }
            }
            if self.waiting.len() > MAX_LINE_BYTES {
                return Err(not_smtp());
            }
            let mut chunk = [0; 2048];
            match self.io.read(&mut chunk).await {
                Ok(0) => return Err(SessionError::Broken("the connection was closed".to_owned())),
                Ok(count) => self.waiting.extend_from_slice(&chunk[..count]),
                Err(error) => return Err(broken(&error)),
            }
        }
    }

    /// Says goodbye, without insisting on an answer.
    pub(super) async fn quit(mut self) {
        let limit = self.limits.quit;
        let _ = self.command("QUIT", limit).await;
        let _ = tokio::time::timeout(limit, self.io.shutdown()).await;
    }
}

async fn timed<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> Result<T, SessionError> {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(broken(&error)),
        Err(_) => Err(SessionError::Broken("nothing was taken in time".to_owned())),
    }
}

fn broken(error: &io::Error) -> SessionError {
    SessionError::Broken(format!("the connection broke: {}", error.kind()))
}

fn not_smtp() -> SessionError {
    SessionError::Broken("what was answered is not SMTP".to_owned())
}
