//! From octets to [`Command`]. RFC 9051 §9 and the grammars of the extensions
//!
//! One function per rule, named after it; each takes what it understands and leaves the rest.

mod append;
mod codes;
mod fetch_items;
mod input;
mod mailboxes;
mod messages;
mod metadata;
mod notify;
mod responses;
mod search;
mod session;
mod values;

use crate::framer::AppendHead;
use crate::{Command, CommandBody, Response, SyntaxError, SyntaxErrorKind, Tag, chars};

pub(crate) use input::{Input, Parsed, Unexpected};
pub use session::{SaslLine, is_done, parse_sasl_line};

/// What the session has agreed on that changes how commands are read.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Mailbox names are UTF-8: IMAP4rev2 or UTF8=ACCEPT is enabled. Otherwise they are modified UTF-7.
    pub utf8: bool,
    /// Turns the texts of a search into UTF-8.
    pub decode_charset: fn(charset: &str, octets: &[u8]) -> Result<String, CharsetError>,
}

impl Default for Options {
    fn default() -> Self {
        Self { utf8: false, decode_charset: decode_utf8 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharsetError {
    /// The charset is not known: `NO [BADCHARSET]`.
    Unknown,
    /// The octets are not of the charset: BAD.
    Invalid,
}

/// US-ASCII and UTF-8, which every server must know. RFC 9051 §6.4.4
pub fn decode_utf8(charset: &str, octets: &[u8]) -> Result<String, CharsetError> {
    if !charset.eq_ignore_ascii_case("UTF-8") && !charset.eq_ignore_ascii_case("US-ASCII") {
        return Err(CharsetError::Unknown);
    }
    std::str::from_utf8(octets).map(str::to_owned).map_err(|_| CharsetError::Invalid)
}

/// One whole command without its line end; of messages only the announcement stands in it.
pub(crate) fn command(octets: &[u8], options: &Options) -> Result<Command, SyntaxError> {
    let mut input = Input::new(octets, options);
    let tag = tag(&mut input).map_err(|unexpected| told(unexpected, None))?;
    match body(&mut input) {
        Ok(body) => Ok(Command { tag, body }),
        Err(unexpected) => Err(told(unexpected, Some(tag))),
    }
}

/// An APPEND or REPLACE up to the announcement of a message.
pub(crate) fn append_head(octets: &[u8], options: &Options) -> Result<AppendHead, SyntaxError> {
    let mut input = Input::new(octets, options);
    let tag = tag(&mut input).map_err(|unexpected| told(unexpected, None))?;
    match append::head(&mut input) {
        Ok((replaced, append)) => Ok(AppendHead { tag, replaced, append }),
        Err(unexpected) => Err(told(unexpected, Some(tag))),
    }
}

/// One whole response without its last line end, literals included.
pub(crate) fn response(octets: &[u8], utf8: bool) -> Result<Response, SyntaxError> {
    let options = Options { utf8, ..Options::default() };
    let mut input = Input::new(octets, &options);
    let response = responses::response(&mut input).and_then(|response| input.end().map(|()| response));
    response.map_err(|unexpected| told(unexpected, None))
}

/// `section` with its brackets, and no more.
pub(crate) fn section(text: &str, options: &Options) -> Option<crate::Section> {
    let mut input = Input::new(text.as_bytes(), options);
    values::section(&mut input).ok().filter(|_| input.is_at_end())
}

/// The tag of a command that is not read any further.
pub(crate) fn tag_of(octets: &[u8]) -> Option<Tag> {
    tag(&mut Input::new(octets, &Options::default())).ok()
}

fn told(unexpected: Unexpected, tag: Option<Tag>) -> SyntaxError {
    SyntaxError { tag, kind: unexpected.kind, expected: unexpected.expected, at: unexpected.at }
}

/// A tag and the space behind it.
fn tag(input: &mut Input) -> Parsed<Tag> {
    let start = input.unexpected("a tag");
    let tag = Tag::new(input.text_while(chars::is_tag_char, "a tag")?).ok_or(start)?;
    input.space()?;
    Ok(tag)
}

fn body(input: &mut Input) -> Parsed<CommandBody> {
    let start = input.at();
    let word = input.word("a command")?;
    let body = match word.as_str() {
        "CAPABILITY" => CommandBody::Capability,
        "NOOP" => CommandBody::Noop,
        "LOGOUT" => CommandBody::Logout,
        "ID" => session::id(input)?,
        "STARTTLS" => CommandBody::StartTls,
        "AUTHENTICATE" => session::authenticate(input)?,
        "LOGIN" => session::login(input)?,
        "ENABLE" => session::enable(input)?,
        "COMPRESS" => session::compress(input)?,
        "ESEARCH" => CommandBody::ESearch(search::multi_search(input)?),
        "IDLE" => CommandBody::Idle,
        "GETJMAPACCESS" => CommandBody::GetJmapAccess,
        "GETMETADATA" => CommandBody::GetMetadata(metadata::get_metadata(input)?),
        "NOTIFY" => CommandBody::Notify(notify::notify(input)?),
        "SETMETADATA" => CommandBody::SetMetadata(metadata::set_metadata(input)?),
        "SELECT" => CommandBody::Select(mailboxes::select(input)?),
        "EXAMINE" => CommandBody::Examine(mailboxes::select(input)?),
        "CREATE" => mailboxes::create(input)?,
        "DELETE" => CommandBody::Delete(mailboxes::only_mailbox(input)?),
        "RENAME" => mailboxes::rename(input)?,
        "SUBSCRIBE" => CommandBody::Subscribe(mailboxes::only_mailbox(input)?),
        "UNSUBSCRIBE" => CommandBody::Unsubscribe(mailboxes::only_mailbox(input)?),
        "LIST" => CommandBody::List(mailboxes::list(input)?),
        "LSUB" => mailboxes::lsub(input)?,
        "NAMESPACE" => CommandBody::Namespace,
        "STATUS" => mailboxes::status(input)?,
        "GETQUOTA" => mailboxes::get_quota(input)?,
        "GETQUOTAROOT" => CommandBody::GetQuotaRoot(mailboxes::only_mailbox(input)?),
        "SETQUOTA" => mailboxes::set_quota(input)?,
        "APPEND" => CommandBody::Append(append::append(input)?),
        "CLOSE" => CommandBody::Close,
        "UNSELECT" => CommandBody::Unselect,
        "CHECK" => CommandBody::Check,
        "EXPUNGE" => CommandBody::Expunge,
        "UID" => {
            input.space()?;
            let start = input.at();
            let word = input.word("a command behind UID")?;
            if word == "EXPUNGE" {
                input.space()?;
                CommandBody::UidExpunge(values::message_set(input)?)
            } else {
                on_messages(&word, true, input)?.ok_or(Unexpected {
                    kind: SyntaxErrorKind::UnknownCommand,
                    expected: "a command",
                    at: start,
                })?
            }
        }
        word => on_messages(word, false, input)?.ok_or(Unexpected {
            kind: SyntaxErrorKind::UnknownCommand,
            expected: "a command",
            at: start,
        })?,
    };
    input.end()?;
    Ok(body)
}

/// The commands that come with and without UID.
fn on_messages(word: &str, uid: bool, input: &mut Input) -> Parsed<Option<CommandBody>> {
    Ok(Some(match word {
        "SEARCH" => CommandBody::Search(search::search(input, uid)?),
        "SORT" => CommandBody::Sort(search::sort(input, uid)?),
        "THREAD" => CommandBody::Thread(search::thread(input, uid)?),
        "FETCH" => CommandBody::Fetch(messages::fetch(input, uid)?),
        "STORE" => CommandBody::Store(messages::store(input, uid)?),
        "COPY" => CommandBody::Copy(messages::copy(input, uid)?),
        "MOVE" => CommandBody::Move(messages::copy(input, uid)?),
        "REPLACE" => CommandBody::Replace(append::replace(input, uid)?),
        _ => return Ok(None),
    }))
}
