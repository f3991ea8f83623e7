//! An SMTP server that does what a test tells it, polite until then.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// What the peer does instead of what would be polite.
#[derive(Clone)]
pub enum Act {
    Say(&'static str),
    /// Closes the connection without a word.
    Close,
    /// Keeps the connection and says nothing more.
    FallSilent,
}

/// A message the peer took.
#[derive(Debug, Clone)]
pub struct Taken {
    pub from: String,
    pub to: Vec<String>,
    pub bytes: Vec<u8>,
    /// Whether it came through TLS.
    pub encrypted: bool,
}

impl Taken {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

struct Rule {
    /// How the event begins: a command, `<greeting>` or `<message>`.
    event: &'static str,
    act: Act,
    /// How often it holds.
    times: usize,
}

#[derive(Default)]
struct State {
    rules: Mutex<Vec<Rule>>,
    commands: Mutex<Vec<String>>,
    taken: Mutex<Vec<Taken>>,
    connections: Mutex<(usize, usize, usize)>,
    changed: Notify,
    /// While set, `<message>` is answered only when the test lets it.
    gate: Mutex<Option<Arc<tokio::sync::Semaphore>>>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Peer {
    pub address: IpAddr,
    pub port: u16,
    state: Arc<State>,
}

pub const EVERYTHING: &[&str] = &["PIPELINING", "SIZE 10485760", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES"];

/// What a peer is made of.
pub struct Offer {
    pub name: &'static str,
    pub capabilities: &'static [&'static str],
    /// Offers STARTTLS with this, or speaks TLS from the start.
    pub tls: Option<TlsAcceptor>,
    pub tls_from_the_start: bool,
}

impl Default for Offer {
    fn default() -> Self {
        Self { name: "mx.peer.test", capabilities: EVERYTHING, tls: None, tls_from_the_start: false }
    }
}

/// Starts one peer for each offer, on addresses of their own and one port: 127.0.0.2, 127.0.0.3 and so on.
pub async fn start(offers: Vec<Offer>) -> Vec<Peer> {
    'port: loop {
        let mut listeners: Vec<TcpListener> = Vec::new();
        for number in 0..offers.len() {
            let address = Ipv4Addr::new(127, 0, 0, 2 + u8::try_from(number).unwrap());
            let port = listeners.first().map_or(0, |first| first.local_addr().unwrap().port());
            match TcpListener::bind((address, port)).await {
                Ok(listener) => listeners.push(listener),
                // Somebody has that port on this address; all begin anew.
                Err(_) if number > 0 => continue 'port,
                Err(error) => panic!("no listener on loopback: {error}"),
            }
        }
        return listeners.into_iter().zip(offers).map(|(listener, offer)| Peer::on(listener, offer)).collect();
    }
}

impl Peer {
    fn on(listener: TcpListener, offer: Offer) -> Self {
        let address = listener.local_addr().unwrap();
        let peer = Self { address: address.ip(), port: address.port(), state: Arc::default() };
        let (state, offer) = (Arc::clone(&peer.state), Arc::new(offer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, offer) = (Arc::clone(&state), Arc::clone(&offer));
                tokio::spawn(async move {
                    {
                        let mut counts = state.connections.lock().unwrap();
                        counts.0 += 1;
                        counts.1 += 1;
                        counts.2 = counts.2.max(counts.1);
                    }
                    let _ = serve(stream, &state, &offer).await;
                    state.connections.lock().unwrap().1 -= 1;
                    state.changed.notify_waiters();
                });
            }
        });
        peer
    }

    /// From now on this instead of what would be polite.
    pub fn does(&self, event: &'static str, act: Act) -> &Self {
        self.state.rules.lock().unwrap().insert(0, Rule { event, act, times: usize::MAX });
        self
    }

    pub fn says(&self, event: &'static str, reply: &'static str) -> &Self {
        self.does(event, Act::Say(reply))
    }

    pub fn once(&self, event: &'static str, act: Act) -> &Self {
        self.state.rules.lock().unwrap().insert(0, Rule { event, act, times: 1 });
        self
    }

    pub fn is_polite_again(&self) {
        self.state.rules.lock().unwrap().clear();
    }

    /// Messages are answered only as `add_permits` of the answer allows.
    pub fn holds_messages(&self) -> Arc<tokio::sync::Semaphore> {
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        *self.state.gate.lock().unwrap() = Some(Arc::clone(&gate));
        gate
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().unwrap().clone()
    }

    pub fn commands(&self) -> Vec<String> {
        self.state.commands.lock().unwrap().clone()
    }

    /// How many connections there were in all.
    pub fn connections(&self) -> usize {
        self.state.connections.lock().unwrap().0
    }

    /// How many there were at most at one time.
    pub fn most_connections(&self) -> usize {
        self.state.connections.lock().unwrap().2
    }

    /// Waits until what the peer has seen is as wanted.
    pub async fn until(&self, wanted: impl Fn(&Self) -> bool) {
        loop {
            let changed = self.state.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if wanted(self) {
                return;
            }
            changed.await;
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn serve(stream: TcpStream, state: &State, offer: &Offer) -> std::io::Result<()> {
    let mut encrypted = offer.tls_from_the_start;
    let mut stream: Box<dyn Stream> = match (&offer.tls, offer.tls_from_the_start) {
        (Some(acceptor), true) => Box::new(acceptor.accept(stream).await?),
        _ => Box::new(stream),
    };
    let mut is_greeted = false;
    loop {
        let mut conversation =
            Conversation { stream: BufReader::new(stream), state, offer, encrypted, from: String::new(), to: Vec::new() };
        if !is_greeted && !conversation.say("<greeting>", &format!("220 {} ready", offer.name)).await? {
            return Ok(());
        }
        is_greeted = true;
        match conversation.run().await? {
            Some(bare) => {
                let acceptor = offer.tls.clone().expect("STARTTLS is only offered with it");
                stream = Box::new(acceptor.accept(bare).await?);
                encrypted = true;
            }
            None => return Ok(()),
        }
    }
}

struct Conversation<'a> {
    stream: BufReader<Box<dyn Stream>>,
    state: &'a State,
    offer: &'a Offer,
    encrypted: bool,
    from: String,
    to: Vec<String>,
}

impl Conversation<'_> {
    /// Until the end, or until TLS is to begin on what is answered.
    async fn run(mut self) -> std::io::Result<Option<Box<dyn Stream>>> {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let line = line.trim_end().to_owned();
            self.state.commands.lock().unwrap().push(line.clone());
            self.state.changed.notify_waiters();
            let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            let goes_on = match verb.as_str() {
                "EHLO" => self.say(&line, &self.capabilities()).await?,
                "HELO" => self.say(&line, &format!("250 {}", self.offer.name)).await?,
                "STARTTLS" => {
                    if !self.say(&line, "220 2.0.0 go").await? {
                        return Ok(None);
                    }
                    if self.offer.tls.is_some() {
                        return Ok(Some(self.stream.into_inner()));
                    }
                    true
                }
                "AUTH" => self.authenticate(&line).await?,
                "MAIL" => {
                    self.from = address(&line);
                    self.to.clear();
                    self.say(&line, "250 2.1.0 ok").await?
                }
                "RCPT" => {
                    if self.ruled(&line).is_none() {
                        self.to.push(address(&line));
                    }
                    self.say(&line, "250 2.1.5 ok").await?
                }
                "DATA" => {
                    let is_ruled = self.ruled(&line).is_some();
                    let goes_on = self.say(&line, "354 go on").await?;
                    if is_ruled || !goes_on {
                        goes_on
                    } else {
                        let bytes = self.read_data().await?;
                        self.take(bytes).await?
                    }
                }
                "BDAT" => {
                    let size: usize = line.split(' ').nth(1).unwrap().parse().unwrap();
                    let mut bytes = vec![0; size];
                    self.stream.read_exact(&mut bytes).await?;
                    self.take(bytes).await?
                }
                "RSET" => self.say(&line, "250 2.0.0 ok").await?,
                "QUIT" => {
                    self.say(&line, "221 2.0.0 bye").await?;
                    return Ok(None);
                }
                _ => self.say(&line, "500 5.5.2 what?").await?,
            };
            if !goes_on {
                return Ok(None);
            }
        }
    }

    fn capabilities(&self) -> String {
        let mut lines = vec![self.offer.name.to_owned()];
        lines.extend(self.offer.capabilities.iter().map(|own| (*own).to_owned()));
        if self.offer.tls.is_some() && !self.encrypted {
            lines.push("STARTTLS".to_owned());
        }
        let last = lines.len() - 1;
        let lines = lines.iter().enumerate().map(|(place, line)| format!("250{}{line}", if place == last { ' ' } else { '-' }));
        lines.collect::<Vec<_>>().join("\r\n")
    }

    async fn authenticate(&mut self, line: &str) -> std::io::Result<bool> {
        if line.eq_ignore_ascii_case("AUTH LOGIN") && self.ruled(line).is_none() {
            for question in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                self.stream.write_all(format!("{question}\r\n").as_bytes()).await?;
                let mut answer = String::new();
                self.stream.read_line(&mut answer).await?;
                self.state.commands.lock().unwrap().push(answer.trim_end().to_owned());
            }
        }
        self.say(line, "235 2.7.0 welcome").await
    }

    async fn read_data(&mut self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            assert!(line.ends_with(b"\r\n"), "every line ends with CRLF");
            if line == b".\r\n" {
                return Ok(bytes);
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    async fn take(&mut self, bytes: Vec<u8>) -> std::io::Result<bool> {
        let gate = self.state.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            self.state.commands.lock().unwrap().push("<message held>".to_owned());
            self.state.changed.notify_waiters();
            gate.acquire().await.unwrap().forget();
        }
        if self.ruled("<message>").is_none() {
            let taken = Taken { from: self.from.clone(), to: std::mem::take(&mut self.to), bytes, encrypted: self.encrypted };
            self.state.taken.lock().unwrap().push(taken);
        }
        self.say("<message>", "250 2.0.0 taken").await
    }

    /// The rule for an event, without using it up.
    fn ruled(&self, event: &str) -> Option<Act> {
        let rules = self.state.rules.lock().unwrap();
        rules.iter().find(|rule| rule.times > 0 && event.starts_with(rule.event)).map(|rule| rule.act.clone())
    }

    /// Answers an event; `false` ends the conversation.
    async fn say(&mut self, event: &str, polite: &str) -> std::io::Result<bool> {
        let act = {
            let mut rules = self.state.rules.lock().unwrap();
            rules.iter_mut().find(|rule| rule.times > 0 && event.starts_with(rule.event)).map(|rule| {
                rule.times -= 1;
                rule.act.clone()
            })
        };
        self.state.changed.notify_waiters();
        match act {
            None => self.stream.write_all(format!("{polite}\r\n").as_bytes()).await?,
            Some(Act::Say(reply)) => self.stream.write_all(format!("{reply}\r\n").as_bytes()).await?,
            Some(Act::Close) => return Ok(false),
            Some(Act::FallSilent) => std::future::pending().await,
        }
        self.stream.flush().await?;
        Ok(true)
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
