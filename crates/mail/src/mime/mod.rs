//! Bytes of a message -> what IMAP, JMAP, searches and people are shown of it, and back.
//!
//! Everything here is a function of its input: no store, no clock, no chance. Nothing here fails or panics whatever the bytes are, and nothing costs
//! more than a small constant for each byte of input: depth, parts, headers and addresses are bounded, and what lies beyond a bound is served as
//! opaque bytes, never lost.
//!
//! The scanner ([`scan`]) is ours: one pass finds the structure, offsets and line counts that BODYSTRUCTURE and `BODY[…]` must agree on, and it decodes
//! nothing, so that a large attachment costs one search for line ends. Headers are decoded by [`words`], [`charset`] and [`addresses`], ours too:
//! encoded words are joined before their bytes become text (a Chinese character is often split over two), ENVELOPE needs addresses as they were
//! written, and HZ and raw GB 18030 headers have to be read. General parsers keep neither the offsets nor the raw forms.
//!
//! Start with [`render`]; `docs/designs/mime.md` says how broken mail is read.

mod addresses;
mod attachment;
mod bodies;
mod body_structure;
mod build;
mod charset;
mod clean;
mod content;
mod dates;
mod envelope;
mod html_text;
mod ids;
mod lineage;
mod nul;
mod params;
mod render;
mod scan;
mod section;
mod subject;
mod summary;
mod text;
mod transfer;
mod types;
mod view;
mod wire;
mod words;

pub use attachment::text_of_file;
pub use body_structure::body_of;
pub use build::{Content, Draft, DraftPart, HeaderValue, build, is_header_name};
pub use clean::{CleanHtml, CleanOptions, RemotePictures, clean_html};
pub use dates::HeaderDate;
pub(crate) use envelope::{date_of, has_group, message_id_of};
pub use lineage::Lineage;
pub use nul::without_nul;
pub use render::render;
pub use section::{BinaryError, binary, binary_size, section};
pub use subject::{base_subject, is_reply_subject};
pub use text::{any_placed_text, any_text, text_of};
pub use types::{Address, AddressGroup, FirstGroups, Rendered, Section, Summary, What};
pub use view::{BodyValue, HeaderField, Parsed, Part, header_values, parse};

/// Nesting of multiparts and of messages within messages; a part deeper than this is opaque.
pub const MAX_DEPTH: usize = 100;
/// Parts of one message that are told apart; what follows belongs to the last.
pub const MAX_PARTS: usize = 1_000;
/// Characters of a preview.
pub const MAX_PREVIEW_CHARS: usize = 256;
/// Addresses of one header that a summary keeps.
pub const MAX_SUMMARY_ADDRESSES: usize = 500;
/// Ids of In-Reply-To and References that threading looks at.
pub const MAX_REFERENCES: usize = 50;
