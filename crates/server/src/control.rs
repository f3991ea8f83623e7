//! The control socket: commands for a running server, from whoever may open a file of mode 0600 in its data directory.
//!
//! One request a connection. A request is a line of JSON and, behind it, the bytes of the files it names the lengths of; the answer has the
//! same form. Both are bounded.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::commands::{Command, Output};

const COMMAND_BYTES: u64 = 4 * 1024 * 1024;
/// What an operator asks for may be long: all departments of an organisation, all lines of a list that were refused.
const ANSWER_BYTES: u64 = 256 * 1024 * 1024;
/// The largest spreadsheet and the largest export.
pub const FILE_BYTES: u64 = 256 * 1024 * 1024;
const FILES: usize = 8;

#[derive(Serialize, Deserialize)]
struct Frame<T> {
    body: T,
    /// The lengths of the files that follow the line.
    files: Vec<u64>,
}

#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("the running server does not answer on {0}: {1}")]
    Unreachable(PathBuf, io::Error),
    #[error("the running server ended the conversation: {0}")]
    Broken(#[from] io::Error),
}

/// Sends a command to the server that runs on a data directory, and waits for its answer.
pub async fn send(socket: &Path, command: &Command, file: Vec<u8>) -> Result<Output, ControlError> {
    let stream = UnixStream::connect(socket).await.map_err(|error| ControlError::Unreachable(socket.to_owned(), error))?;
    let (read, mut write) = stream.into_split();
    write_frame(&mut write, command, &[file]).await?;
    let (mut output, files): (Output, _) = read_frame(&mut BufReader::new(read), ANSWER_BYTES).await?;
    output.files = files;
    Ok(output)
}

/// The listening end; the file goes when this is dropped.
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// The caller holds the lock of the data directory, so a socket that is left there belongs to nobody.
    pub fn bind(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path: path.to_owned() })
    }

    /// The next command, with the name of the system account that sends it.
    pub async fn accept(&self) -> io::Result<Conversation> {
        let (stream, _) = self.listener.accept().await?;
        let uid = stream.peer_cred()?.uid();
        Ok(Conversation { stream, operator: account_name(uid) })
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // Nothing depends on it: the next server removes what is left.
        let _ = std::fs::remove_file(&self.path);
    }
}

pub struct Conversation {
    stream: UnixStream,
    pub operator: String,
}

impl Conversation {
    pub async fn command(&mut self) -> io::Result<(Command, Vec<u8>)> {
        let (command, mut files) = read_frame(&mut BufReader::new(&mut self.stream), COMMAND_BYTES).await?;
        Ok((command, files.pop().unwrap_or_default()))
    }

    pub async fn answer(&mut self, mut output: Output) -> io::Result<()> {
        let files = std::mem::take(&mut output.files);
        write_frame(&mut self.stream, &output, &files).await
    }
}

async fn write_frame<T: Serialize>(write: &mut (impl AsyncWriteExt + Unpin), body: &T, files: &[Vec<u8>]) -> io::Result<()> {
    let lengths = files.iter().map(|file| file.len() as u64).collect();
    let mut line = serde_json::to_vec(&Frame { body, files: lengths }).map_err(io::Error::other)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    for file in files {
        write.write_all(file).await?;
    }
    write.flush().await
}

async fn read_frame<T: serde::de::DeserializeOwned>(
    read: &mut BufReader<impl AsyncRead + Unpin>,
    longest_line: u64,
) -> io::Result<(T, Vec<Vec<u8>>)> {
    let mut line = Vec::new();
    (&mut *read).take(longest_line).read_until(b'\n', &mut line).await?;
    if line.last() != Some(&b'\n') {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the line was cut off"));
    }
    let frame: Frame<T> = serde_json::from_slice(&line).map_err(io::Error::other)?;
    if frame.files.len() > FILES || frame.files.iter().any(|bytes| *bytes > FILE_BYTES) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the files are too large or too many"));
    }
    let mut files = Vec::with_capacity(frame.files.len());
    for bytes in frame.files {
        let mut file = vec![0; bytes as usize];
        read.read_exact(&mut file).await?;
        files.push(file);
    }
    Ok((frame.body, files))
}

/// The name a user id has on this machine, for the audit log.
pub fn account_name(uid: u32) -> String {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| format!("uid {uid}"))
}
