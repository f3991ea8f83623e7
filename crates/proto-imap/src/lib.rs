//! IMAP on the wire: values for what clients and servers say, a parser and an encoder. RFC 9051 and RFC 3501, with the extensions of `docs/protocols.md`.
//!
//! No sockets, no clock, no logging, and nothing of ours: bytes in, values out, and back. Values cannot be invalid; nothing that comes in panics
//! or takes memory without a bound. Start with [`Command`], and with [`Framer`] for the stream:
//!
//! ```
//! use proto_imap::{Condition, Frame, Framer, Limits, Options, ResponseWriter};
//!
//! let (mut framer, options, mut output) = (Framer::new(Limits::default()), Options::default(), Vec::new());
//! let mut input = &b"a NOOP\r\nb APPEND INBOX {9999999+}\r\n"[..];
//! loop {
//!     let mut refused = false;
//!     let mut writer = ResponseWriter::new(&mut output, options.utf8);
//!     match framer.feed(&mut input) {
//!         Frame::NeedMore => break,
//!         Frame::Continue => writer.continuation("go on"),
//!         Frame::Complete(command) => match command.parse(&options) {
//!             Ok(command) => writer.tagged(&command.tag, Condition::Ok, None, "done"),
//!             Err(error) => writer.untagged(Condition::Bad, None, &error.to_string()),
//!         },
//!         Frame::Message(start) => {
//!             // Rights and quota are asked for here, before the octets come; then `framer.accept()`, or as here:
//!             if let Ok(head) = start.so_far.append_head(&options) {
//!                 writer.tagged(&head.tag, Condition::No, Some(&proto_imap::Code::TooBig), "too large");
//!             }
//!             refused = true;
//!         }
//!         Frame::MessageOctets { .. } | Frame::Line(_) | Frame::Refused(_) => {}
//!     }
//!     if refused {
//!         framer.refuse();
//!     }
//! }
//! assert_eq!(output, b"a OK done\r\nb NO [TOOBIG] too large\r\n");
//! ```
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
mod metadata;
mod names;
mod notify;
mod parse;
mod response_framer;
mod responses;
mod search;
mod sets;
mod status;
mod url;
mod utf7;

pub use atoms::{Atom, ObjectId, Secret, Tag};
pub use commands::{
    Append, AppendData, AppendMessage, CatenatePart, Command, CommandBody, Copy, Enable, Fetch, List, ListReturn, ListSelect, MessageForm,
    QResync, Replace, Replaced, Select, SpecialUse, Store, StoreAction,
};
pub use dates::{Date, DateTime};
pub use encode::{ClientOptions, FetchWriter, PausedFetch, ResponseWriter, encode_command};
pub use errors::{SyntaxError, SyntaxErrorKind};
pub use fetch::{FetchAttribute, HeaderName, Partial, Section, SectionText};
pub use flags::Flag;
pub use framer::{AppendHead, Frame, Framer, Limits, MessageStart, RawCommand};
pub use metadata::{EntryName, GetMetadata, MetadataCode, MetadataDepth, SetMetadata};
pub use names::{ListMatcher, ListPattern, MailboxName};
pub use notify::{EventGroup, Notify, NotifyEvent, NotifyMailboxes};
pub use parse::{CharsetError, Options, SaslLine, decode_utf8, is_done, parse_sasl_line};
pub use response_framer::ResponseFramer;
pub use responses::{Code, Condition, ESearch, FetchItem, ListExtras, ListItem, MailboxAttribute, Namespace, QuotaResource, Response};
pub use search::{
    MultiSearch, PartialRange, ReturnOptions, Search, SearchKey, Sort, SortBy, SortCriterion, SourceMailboxes, Thread, ThreadAlgorithm,
};
pub use sets::{MessageSet, NumberList, NumberSet, SequenceNumber, SequenceRange, SequenceSet};
pub use status::{StatusItem, StatusValue};
pub use url::MessageUrl;
