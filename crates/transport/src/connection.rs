//! Bytes from and to one client, in the clear or under TLS. It knows nothing of commands.
//!
//! A connection that waits holds next to nothing: what is read comes through the stack of the poll, and buffers are given back by
//! [`Connection::rest`].

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use crate::deflate::Deflate;
use crate::{Incoming, Stream};

/// As much as is taken from the socket at a time.
const READ_BYTES: usize = 16 << 10;
/// Short answers are put together up to this size.
const GATHERED_BYTES: usize = 16 << 10;
/// Buffers up to this size are kept from one command to the next.
const KEPT_BYTES: usize = 64 << 10;

pub struct Connection {
    stream: Stream,
    input: Vec<u8>,
    /// How much of `input` was consumed.
    start: usize,
    output: Vec<u8>,
    /// Once the client has asked for it.
    deflate: Option<Box<Deflate>>,
    write_timeout: Duration,
    /// Nothing on a socket of the file system.
    peer: Option<IpAddr>,
}

impl Connection {
    /// With a client that has `write_timeout` to take something of what it is sent.
    pub fn new(incoming: Incoming, write_timeout: Duration) -> Self {
        let peer = incoming.address();
        Self { stream: incoming.into_stream(), input: Vec::new(), start: 0, output: Vec::new(), deflate: None, write_timeout, peer }
    }

    /// Where the client is; nothing on a socket of the file system.
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    pub fn is_encrypted(&self) -> bool {
        self.stream.is_encrypted()
    }

    /// Whether the client is on this machine, so that nobody can listen in between.
    pub fn is_local(&self) -> bool {
        is_local(self.peer)
    }

    /// What binds a sign-in to this connection (RFC 9266): only under TLS 1.3 does it hold whatever extensions were agreed on.
    pub fn tls_exporter(&self) -> Option<[u8; 32]> {
        let tls = self.stream.tls()?;
        let is_current = tls.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
        tls.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok().filter(|_| is_current)
    }

    /// What came and was not consumed.
    pub fn input(&self) -> &[u8] {
        &self.input[self.start..]
    }

    pub fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        if self.start >= self.input.len() {
            self.input.clear();
            self.start = 0;
        }
    }

    /// Waits for more; answers how many bytes came, 0 when the client has closed. Nothing is lost when the wait is given up.
    pub async fn fill(&mut self) -> io::Result<usize> {
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
    pub fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Sends what was put together. A client that takes nothing for too long is an error.
    pub async fn flush(&mut self) -> io::Result<()> {
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
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() < GATHERED_BYTES && self.output.len() < GATHERED_BYTES {
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

    pub fn is_compressed(&self) -> bool {
        self.deflate.is_some()
    }

    /// Sends what was put together as it is; from then on both directions are compressed.
    pub async fn start_deflate(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.deflate = Some(Box::new(Deflate::new()));
        Ok(())
    }

    /// Whether there is more to give back, when a wait proves to be long, than [`rest`](Self::rest) does.
    pub fn holds_memory(&self) -> bool {
        self.deflate.as_ref().is_some_and(|deflate| deflate.holds_memory())
    }

    /// Gives that back, too: it costs something to get it again.
    pub fn rest_for_long(&mut self) {
        self.rest();
        if let Some(deflate) = &mut self.deflate {
            deflate.rest();
        }
    }

    /// Gives buffers back before a wait that may be long.
    pub fn rest(&mut self) {
        if self.start == self.input.len() {
            self.input = Vec::new();
            self.start = 0;
        }
        if self.output.is_empty() {
            self.output = Vec::new();
        }
    }

    /// Continues under TLS. What the client sent before is thrown away: it may have been put there by somebody else (RFC 9051 §6.2.1, RFC 2595 §4).
    pub async fn start_tls(&mut self, config: Arc<rustls::ServerConfig>, limit: Duration) -> io::Result<()> {
        self.flush().await?;
        self.input = Vec::new();
        self.start = 0;
        self.stream.start_tls(config, limit).await
    }

    /// Says the end in the way of the transport; errors do not matter any more.
    pub async fn close(mut self) {
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

fn is_local(peer: Option<IpAddr>) -> bool {
    peer.is_none_or(|peer| peer.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn loopback_in_every_form_is_local_and_nothing_else_is() {
        let local = |peer: &str| is_local(Some(peer.parse().expect("an address")));
        assert!(local("127.0.0.1") && local("::1") && local("::ffff:127.0.0.1"));
        assert!(!local("192.0.2.1") && !local("10.0.0.1") && !local("::ffff:192.0.2.1"));
        assert!(is_local(None), "a socket of this machine");
    }
}
