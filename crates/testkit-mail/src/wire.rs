use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::PATIENCE;
use crate::tls::{self, Certificate};

/// Both ways of a connection, whatever it is made of.
pub trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

/// A client that says exactly what it is told to, and hears line by line. It waits for anything as long as [`PATIENCE`] lasts.
pub struct Wire(BufReader<Box<dyn Both>>);

impl Wire {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.expect("the server listens"))
    }

    pub fn over(stream: impl Both + 'static) -> Self {
        Self(BufReader::new(Box::new(stream)))
    }

    /// What it was made over. Nothing was heard that was not asked for.
    pub fn into_inner(self) -> Box<dyn Both> {
        assert!(self.0.buffer().is_empty(), "nothing was said ahead");
        self.0.into_inner()
    }

    /// Takes up TLS, once the server has said that it may begin.
    pub async fn secured(self, certificate: &Certificate) -> Self {
        Self::over(tls::connect(certificate, self.into_inner()).await)
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await.expect("the server reads").expect("the server is there");
        self.0.flush().await.expect("the server is there");
    }

    /// As [`send`](Self::send), to a server that may have closed: whether all was taken.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        matches!(timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await, Ok(Ok(())))
    }

    /// The next line as it came; empty when the server has closed.
    pub async fn octets(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        // A connection that is reset has ended as well.
        let _ = timeout(PATIENCE, self.0.read_until(b'\n', &mut line)).await.expect("an answer in time");
        line
    }

    /// The next line without its end; `None` when the server has closed.
    pub async fn line(&mut self) -> Option<String> {
        let line = self.octets().await;
        if line.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(&line);
        Some(text.strip_suffix("\r\n").unwrap_or(&text).to_owned())
    }

    /// Whatever comes until the server closes.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("the server closes in time");
        rest
    }
}
