//! Bytes from and to one client, in the clear or under TLS. It knows nothing of commands.
//!
//! A connection that waits holds next to nothing: what is read comes through the stack of the poll, and buffers are given back by
//! [`Connection::rest`].

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::deflate::Deflate;

/// As much as is taken from the socket at a time.
const READ_BYTES: usize = 16 << 10;
/// Buffers up to this size are kept from one command to the next.
const KEPT_BYTES: usize = 16 << 10;

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// Between the last byte in the clear and the first under TLS.
    Closed,
}

pub(crate) struct Connection {
    stream: Stream,
    input: Vec<u8>,
    /// How much of `input` was consumed.
    start: usize,
    output: Vec<u8>,
    /// Once the client has asked for it.
    deflate: Option<Box<Deflate>>,
    write_timeout: Duration,
    pub(crate) peer: SocketAddr,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, peer: SocketAddr, write_timeout: Duration) -> Self {
        // Answers are put together here; waiting for more of them only delays.
        let _ = stream.set_nodelay(true);
        Self { stream: Stream::Plain(stream), input: Vec::new(), start: 0, output: Vec::new(), deflate: None, write_timeout, peer }
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// What binds a sign-in to this connection (RFC 9266): only under TLS 1.3 does it hold whatever extensions were agreed on.
    pub(crate) fn tls_exporter(&self) -> Option<[u8; 32]> {
        let Stream::Tls(stream) = &self.stream else { return None };
        let tls = stream.get_ref().1;
        let is_current = tls.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
        tls.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok().filter(|_| is_current)
    }

    /// What came and was not consumed.
    pub(crate) fn input(&self) -> &[u8] {
        &self.input[self.start..]
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        if self.start >= self.input.len() {
            self.input.clear();
            self.start = 0;
        }
    }

    /// Waits for more; answers how many bytes came, 0 when the client has closed. Nothing is lost when the wait is given up.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        if self.start > 0 {
            self.input.drain(..self.start);
            self.start = 0;
        }
        let Self { stream, input, deflate, .. } = self;
        let Some(deflate) = deflate else { return read_onto(stream, input).await };
        loop {
            let inflated = deflate.inflate(input)?;
            if inflated > 0 || read_onto(stream, &mut deflate.received).await? == 0 {
                return Ok(inflated);
            }
        }
    }

    /// Where answers are put together; they leave with [`flush`](Self::flush).
    pub(crate) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Sends what was put together. A client that takes nothing for too long is an error.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        let mut output = std::mem::take(&mut self.output);
        self.write(&output).await?;
        if output.capacity() <= KEPT_BYTES {
            output.clear();
            self.output = output;
        }
        Ok(())
    }

    /// Sends `bytes` after what was put together before.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() < KEPT_BYTES && self.output.len() < KEPT_BYTES {
            self.output.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush().await?;
        self.write(bytes).await
    }

    /// Compressed where that was asked for, and flushed, so that the client can read all of it.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(deflate) = &mut self.deflate else { return write(&mut self.stream, bytes, self.write_timeout).await };
        for (piece, is_last) in Deflate::pieces(bytes) {
            let compressed = deflate.compress(piece, is_last)?;
            write(&mut self.stream, &compressed, self.write_timeout).await?;
        }
        Ok(())
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.deflate.is_some()
    }

    /// Sends what was put together as it is; from then on both directions are compressed.
    pub(crate) async fn start_deflate(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.deflate = Some(Box::new(Deflate::new()));
        Ok(())
    }

    /// Whether there is more to give back, when a wait proves to be long, than [`rest`](Self::rest) does.
    pub(crate) fn holds_memory(&self) -> bool {
        self.deflate.as_ref().is_some_and(|deflate| deflate.holds_memory())
    }

    /// Gives that back, too: it costs something to get it again.
    pub(crate) fn rest_for_long(&mut self) {
        self.rest();
        if let Some(deflate) = &mut self.deflate {
            deflate.rest();
        }
    }

    /// Gives buffers back before a wait that may be long.
    pub(crate) fn rest(&mut self) {
        if self.start == self.input.len() {
            self.input = Vec::new();
            self.start = 0;
        }
        if self.output.is_empty() {
            self.output = Vec::new();
        }
    }

    /// Continues under TLS. What the client sent before is thrown away: it may have been put there by somebody else (RFC 9051 §6.2.1).
    pub(crate) async fn start_tls(&mut self, config: Arc<rustls::ServerConfig>, limit: Duration) -> io::Result<()> {
        self.flush().await?;
        self.input = Vec::new();
        self.start = 0;
        let Stream::Plain(stream) = std::mem::replace(&mut self.stream, Stream::Closed) else {
            return Err(io::Error::other("TLS was begun already"));
        };
        let accepted = timeout(limit, TlsAcceptor::from(config).accept(stream)).await.map_err(|_| io::ErrorKind::TimedOut)?;
        self.stream = Stream::Tls(Box::new(accepted?));
        Ok(())
    }

    /// Says the end in the way of the transport; errors do not matter any more.
    pub(crate) async fn close(mut self) {
        let _ = self.flush().await;
        let _ = timeout(self.write_timeout.min(Duration::from_secs(2)), self.stream.shutdown()).await;
    }
}

async fn read_onto(stream: &mut Stream, buffer: &mut Vec<u8>) -> io::Result<usize> {
    poll_fn(|context| {
        // On the stack of the poll, so that a session that waits holds no buffer for it.
        let mut room = [MaybeUninit::<u8>::uninit(); READ_BYTES];
        let mut read = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut read))?;
        buffer.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    })
    .await
}

async fn write(stream: &mut Stream, bytes: &[u8], limit: Duration) -> io::Result<()> {
    let mut written = 0;
    while written < bytes.len() {
        match timeout(limit, stream.write(&bytes[written..])).await {
            Ok(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(wrote) => written += wrote?,
            Err(_) => return Err(io::ErrorKind::TimedOut.into()),
        }
    }
    timeout(limit, stream.flush()).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
            Self::Closed => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
}
