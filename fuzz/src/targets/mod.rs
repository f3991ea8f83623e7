//! Everything that takes octets of others.

mod attached_text;
mod html;
mod imap_command;
mod imap_response;
mod imap_session;
mod jmap_request;
mod message;
mod pop3_line;
mod pop3_session;
mod search_text;

use crate::Target;

pub const ALL: &[Target] = &[
    attached_text::TARGET,
    html::TARGET,
    imap_command::TARGET,
    imap_response::TARGET,
    imap_session::TARGET,
    jmap_request::TARGET,
    message::TARGET,
    pop3_line::TARGET,
    pop3_session::TARGET,
    search_text::TARGET,
];

/// The target of a name.
pub fn find(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}

/// What clients say in the transcripts of a protocol, each file one input: the lines after `C: `.
fn said_in(transcripts: &str) -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/");
    files(&format!("{folder}{transcripts}"))
        .into_iter()
        .map(|file| {
            let text = String::from_utf8_lossy(&file).into_owned();
            let lines = text.lines().filter_map(|line| line.strip_prefix("C: "));
            lines.map(|line| format!("{line}\r\n")).collect::<String>().into_bytes()
        })
        .filter(|said: &Vec<u8>| !said.is_empty())
        .collect()
}

/// The files of a folder, by name.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a file that can be read")).collect()
}

/// Mails as they came from many programs.
fn mails() -> Vec<Vec<u8>> {
    files(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/samples/mail"))
}

/// A few of them, for a mailbox.
pub(crate) fn some_mails() -> Vec<Vec<u8>> {
    mails().into_iter().take(5).collect()
}

const IMAP_WORDS: &[&str] = &[
    "UID ",
    "FETCH ",
    "STORE ",
    "COPY ",
    "MOVE ",
    "SEARCH ",
    "SORT ",
    "THREAD ",
    "ESEARCH ",
    "EXPUNGE",
    "SELECT ",
    "EXAMINE ",
    "CREATE ",
    "DELETE ",
    "RENAME ",
    "LIST ",
    "LSUB ",
    "STATUS ",
    "APPEND ",
    "REPLACE ",
    "NOOP",
    "CLOSE",
    "UNSELECT",
    "ENABLE ",
    "IDLE\r\n",
    "DONE\r\n",
    "INBOX ",
    "Work ",
    "1:* ",
    "$ ",
    "4294967295 ",
    "(\\Seen) ",
    "(\\Deleted) ",
    "FLAGS ",
    "+FLAGS ",
    "BODY[] ",
    "BODY.PEEK[1.2.MIME]<0.5> ",
    "BODY[HEADER.FIELDS (To)] ",
    "BINARY[1] ",
    "ENVELOPE ",
    "BODYSTRUCTURE ",
    "NOT ",
    "OR ",
    "TEXT ",
    "RETURN (MIN MAX SAVE) ",
    "{3+}\r\nabc",
    "{3}\r\n",
    "~{2+}\r\nab",
    "{0+}\r\n",
    "\"",
    "(",
    ")",
    "[",
    "]",
    "*",
    "%",
    "\\",
    "\r\n",
    "\r",
    "\n",
    "\0",
    "é",
    "&U,BTFw-",
    "NIL ",
    "CHARSET UTF-8 ",
    "(CHANGEDSINCE 1) ",
    "(QRESYNC (1 1)) ",
    "(PARTIAL -1:-2) ",
    "a1 ",
    "a2 ",
];
const POP3_WORDS: &[&str] = &[
    "CAPA",
    "USER ",
    "PASS ",
    "AUTH PLAIN",
    "STAT",
    "LIST ",
    "RETR ",
    "TOP ",
    "UIDL ",
    "DELE ",
    "NOOP",
    "RSET",
    "LANG ",
    "UTF8",
    "QUIT",
    "=",
    "1 ",
    "2 ",
    "0 ",
    "-1 ",
    "4294967296 ",
    "\r\n",
    "\r",
    "\n",
    "*\r\n",
    " ",
    "\0",
    "é",
];
