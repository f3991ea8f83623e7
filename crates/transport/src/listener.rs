//! The accept loop: sessions run beside each other, and when the server stops they have a while to say goodbye.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use crate::Stream;

/// A listener that cannot accept (no file descriptors left) tries again after this, for connections that are open to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a silent client is left alone, and how often it is asked then; the system gives it up after a few times.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(10);

/// Where clients come in.
pub enum Listener {
    Tcp(TcpListener),
    /// Who may open it is for its folder's permissions to say.
    Unix(UnixListener),
}

/// A client that was accepted and has heard nothing yet.
pub enum Incoming {
    Tcp(TcpStream, SocketAddr),
    Unix(UnixStream),
}

/// Serves a listener until `stopping` turns true, and then until its sessions have ended; those that take longer than `stop_timeout` are cut off.
///
/// `admit` answers the session of a client, or nothing when it was refused; it may not wait. `protocol` names the sessions in the log.
pub async fn serve<Session>(
    listener: Listener,
    protocol: &'static str,
    mut stopping: watch::Receiver<bool>,
    stop_timeout: Duration,
    mut admit: impl FnMut(Incoming) -> Option<Session>,
) where
    Session: Future<Output = ()> + Send + 'static,
{
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(incoming) => if let Some(session) = admit(incoming) {
                    sessions.spawn(session);
                },
                Err(error) => {
                    // Those who are connected go on, and their ends make room.
                    tracing::warn!(error = &error as &dyn std::error::Error, protocol, "Could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(ended) = sessions.join_next() => report(protocol, ended),
            () = stopped(&mut stopping) => break,
        }
    }
    drop(listener);
    let goodbyes = async {
        while let Some(ended) = sessions.join_next().await {
            report(protocol, ended);
        }
    };
    if timeout(stop_timeout, goodbyes).await.is_err() {
        tracing::warn!(protocol, sessions = sessions.len(), "Sessions did not end in time and were cut off");
        sessions.shutdown().await;
    }
}

/// Waits until the server stops.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // Whoever could say it may be gone, which says the same.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

fn report(protocol: &'static str, ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(protocol, "A session ended with a defect of ours");
    }
}

impl Listener {
    async fn accept(&self) -> io::Result<Incoming> {
        match self {
            Self::Tcp(listener) => listener.accept().await.map(|(stream, peer)| Incoming::Tcp(stream, peer)),
            Self::Unix(listener) => listener.accept().await.map(|(stream, _)| Incoming::Unix(stream)),
        }
    }
}

impl Incoming {
    /// Nothing on a socket of the file system.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(_, peer) => Some(peer.ip().to_canonical()),
            Self::Unix(_) => None,
        }
    }

    /// Says why as far as the client can listen, and costs one write that cannot wait: a flood must cost its sender more than us.
    pub fn refuse(self, why: &[u8]) {
        let _ = match self {
            Self::Tcp(stream, _) => stream.try_write(why),
            Self::Unix(stream) => stream.try_write(why),
        };
    }

    pub fn into_stream(self) -> Stream {
        match self {
            Self::Tcp(stream, _) => {
                // Answers are put together before they are sent; waiting for more of them only delays.
                let _ = stream.set_nodelay(true);
                // A client whose network went away shall not be waited for until the idle time is over.
                let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_AFTER).with_interval(KEEPALIVE_EVERY);
                let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive);
                Stream::Tcp(stream)
            }
            Self::Unix(stream) => Stream::Unix(stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Notify;

    use super::*;

    async fn listener() -> (Listener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        (Listener::Tcp(listener), address)
    }

    #[tokio::test]
    async fn a_session_has_its_goodbye_when_the_server_stops_and_nobody_else_comes_in() {
        let (listener, address) = listener().await;
        let (stop, stopping) = watch::channel(false);
        let in_session = stopping.clone();
        let serving = tokio::spawn(serve(listener, "test", stopping, Duration::from_secs(60), move |incoming| {
            let mut stopping = in_session.clone();
            Some(async move {
                let mut stream = incoming.into_stream();
                stream.write_all(b"hello").await.expect("written");
                stopped(&mut stopping).await;
                stream.write_all(b"goodbye").await.expect("written");
            })
        }));
        let mut client = TcpStream::connect(address).await.expect("connected");
        client.read_exact(&mut [0; 5]).await.expect("hello");
        stop.send(true).expect("heard");
        let mut rest = String::new();
        client.read_to_string(&mut rest).await.expect("read");
        assert_eq!(rest, "goodbye");
        serving.await.expect("it ended");
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_session_that_does_not_end_is_cut_off_and_one_that_panics_takes_nobody_along() {
        let (listener, address) = listener().await;
        let (stop, stopping) = watch::channel(false);
        let begun = Arc::new(Notify::new());
        let tell = Arc::clone(&begun);
        let mut first = true;
        let serving = tokio::spawn(serve(listener, "test", stopping, Duration::ZERO, move |incoming| {
            let (is_first, tell) = (std::mem::take(&mut first), Arc::clone(&tell));
            Some(async move {
                let _stream = incoming.into_stream();
                assert!(!is_first, "the first one has a defect");
                tell.notify_one();
                std::future::pending::<()>().await;
            })
        }));
        let mut unlucky = TcpStream::connect(address).await.expect("connected");
        assert_eq!(unlucky.read(&mut [0; 1]).await.unwrap_or(0), 0, "the connection ends with its session");
        let mut other = TcpStream::connect(address).await.expect("connected");
        begun.notified().await;
        stop.send(true).expect("heard");
        assert_eq!(other.read(&mut [0; 1]).await.unwrap_or(0), 0);
        serving.await.expect("it ended");
    }

    #[tokio::test]
    async fn who_is_refused_is_told_why() {
        let (listener, address) = listener().await;
        let (_stop, stopping) = watch::channel(false);
        let serving = tokio::spawn(serve(listener, "test", stopping, Duration::ZERO, |incoming| {
            incoming.refuse(b"too many");
            None::<std::future::Ready<()>>
        }));
        let mut client = TcpStream::connect(address).await.expect("connected");
        let mut said = String::new();
        client.read_to_string(&mut said).await.expect("read");
        assert_eq!(said, "too many");
        serving.abort();
    }
}
