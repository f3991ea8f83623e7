//! IMAP on the wire: values for what clients and servers say, a parser and an encoder. RFC 9051 and RFC 3501, with the extensions of `docs/protocols.md`.
//!
//! No sockets, no clock, no logging, and nothing of ours: bytes in, values out, and back. Values cannot be invalid; nothing that comes in panics
//! or takes memory without a bound. Start with [`Command`].
//!
//! A new command: its values in `commands.rs`, its grammar in `parse/`, its client side in `encode/`, a line in the round trip's generator.

mod atoms;
mod chars;
mod commands;
mod dates;
mod encode;
mod errors;
mod fetch;
mod flags;
mod framer;
mod names;
mod parse;
mod response_framer;
mod responses;
mod search;
mod sets;
mod status;
mod utf7;

pub use atoms::{Atom, ObjectId, Secret, Tag};
pub use commands::{
    Append, AppendMessage, Command, CommandBody, Copy, Enable, Fetch, List, ListReturn, ListSelect, MessageForm, QResync, Select,
    SpecialUse, Store, StoreAction,
};
pub use dates::{Date, DateTime};
pub use encode::{ClientOptions, FetchWriter, PausedFetch, ResponseWriter, encode_command};
pub use errors::{SyntaxError, SyntaxErrorKind};
pub use fetch::{FetchAttribute, HeaderName, Partial, Section, SectionText};
pub use flags::Flag;
pub use framer::{AppendHead, Frame, Framer, Limits, MessageStart, RawCommand};
pub use names::{ListMatcher, ListPattern, MailboxName};
pub use parse::{CharsetError, Options, SaslLine, decode_utf8, is_done, parse_sasl_line};
pub use response_framer::ResponseFramer;
pub use responses::{Code, Condition, ESearch, FetchItem, ListExtras, ListItem, MailboxAttribute, Namespace, QuotaResource, Response};
pub use search::{ReturnOptions, Search, SearchKey, Sort, SortBy, SortCriterion, Thread, ThreadAlgorithm};
pub use sets::{MessageSet, NumberSet, SequenceNumber, SequenceRange, SequenceSet};
pub use status::{StatusItem, StatusValue};
