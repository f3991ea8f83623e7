//! Values -> a message: RFC 5322 and MIME, in seven bits wherever the content allows it.
//!
//! Written for Email/set of JMAP (RFC 8621 §4.6), which names every header form and the whole part tree; bounces and system mail use the same. Time and
//! chance are the caller's: Date and Message-ID are header values like others, boundaries come from its `Rng`. What is given cannot break out of its
//! place: line breaks in values become spaces.

mod encode;
mod headers;

use kernel::Rng;

use super::types::{Address, AddressGroup};
use super::{HeaderDate, MAX_DEPTH, html_text};

/// A message to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// In the order they are to stand in. `MIME-Version` is added; those that a name does not allow ([`is_header_name`]) or that the body decides are left out.
    pub headers: Vec<(String, HeaderValue)>,
    pub body: DraftPart,
}

/// The forms of RFC 8621 §4.1.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// As it is to stand after the colon; encoded like [`HeaderValue::Text`] when it is not ASCII.
    Raw(String),
    Text(String),
    Addresses(Vec<Address>),
    GroupedAddresses(Vec<AddressGroup>),
    /// Without angle brackets.
    MessageIds(Vec<String>),
    Date(HeaderDate),
    Urls(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftPart {
    /// `text/plain`; a multipart is one by its content.
    pub media_type: String,
    /// Of [`Content::Bytes`] that are text; what is given as text is written in UTF-8.
    pub charset: Option<String>,
    /// The file name.
    pub name: Option<String>,
    pub disposition: Option<String>,
    /// Without angle brackets.
    pub cid: Option<String>,
    pub language: Vec<String>,
    pub location: Option<String>,
    /// Others than those above.
    pub headers: Vec<(String, HeaderValue)>,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Its lines may end in any way.
    Text(String),
    Bytes(Vec<u8>),
    Parts(Vec<DraftPart>),
}

/// Text that is made of HTML for those who do not read it.
const MAX_TEXT_OF_HTML: usize = 200_000;

impl DraftPart {
    pub fn new(media_type: &str, content: Content) -> Self {
        Self {
            media_type: media_type.to_owned(),
            charset: None,
            name: None,
            disposition: None,
            cid: None,
            language: Vec::new(),
            location: None,
            headers: Vec::new(),
            content,
        }
    }

    pub fn attachment(media_type: &str, name: &str, bytes: Vec<u8>) -> Self {
        Self { name: Some(name.to_owned()), disposition: Some("attachment".to_owned()), ..Self::new(media_type, Content::Bytes(bytes)) }
    }

    /// The usual shape: text and HTML as alternatives, pictures beside the HTML that shows them, attachments after both. HTML alone gets a text made of it.
    pub fn of(text: Option<String>, html: Option<String>, inline: Vec<Self>, mut attachments: Vec<Self>) -> Self {
        let text = text.or_else(|| html.as_deref().map(|html| html_text::text(html, MAX_TEXT_OF_HTML)));
        let text = Self::new("text/plain", Content::Text(text.unwrap_or_default()));
        let body = match html {
            Some(html) => {
                let mut html = Self::new("text/html", Content::Text(html));
                if !inline.is_empty() {
                    let parts = [html].into_iter().chain(inline).collect();
                    html = Self::new("multipart/related", Content::Parts(parts));
                }
                Self::new("multipart/alternative", Content::Parts(vec![text, html]))
            }
            None => {
                // There is no HTML that could show them.
                attachments.splice(0..0, inline);
                text
            }
        };
        if attachments.is_empty() {
            return body;
        }
        Self::new("multipart/mixed", Content::Parts([body].into_iter().chain(attachments).collect()))
    }
}

/// Whether a header field may have this name (RFC 5322 §2.2).
pub fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 100 && name.bytes().all(|byte| (33..127).contains(&byte) && byte != b':')
}

/// The bytes of the message; every line ends with CRLF.
pub fn build(draft: &Draft, rng: &dyn Rng) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    for (name, value) in &draft.headers {
        if is_header_name(name) && !is_of_part(name) && !name.eq_ignore_ascii_case("mime-version") {
            headers::write(&mut out, name, value);
        }
    }
    out.extend_from_slice(b"MIME-Version: 1.0\r\n");
    part(&mut out, &draft.body, rng, 0);
    out
}

/// Fields that say what a part is; the part's own values say it.
fn is_of_part(name: &str) -> bool {
    ["content-type", "content-transfer-encoding", "content-disposition", "content-id", "content-language", "content-location"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

fn part(out: &mut Vec<u8>, part: &DraftPart, rng: &dyn Rng, depth: usize) {
    for (name, value) in &part.headers {
        if is_header_name(name) && !is_of_part(name) {
            headers::write(out, name, value);
        }
    }
    if let Some(disposition) = &part.disposition {
        headers::with_parameters(out, "Content-Disposition", &token(disposition), &[], part.name.as_deref().map(|name| ("filename", name)));
    }
    if let Some(cid) = &part.cid {
        headers::write(out, "Content-ID", &HeaderValue::MessageIds(vec![cid.clone()]));
    }
    if !part.language.is_empty() {
        headers::write(out, "Content-Language", &HeaderValue::Raw(part.language.join(", ")));
    }
    if let Some(location) = &part.location {
        headers::write(out, "Content-Location", &HeaderValue::Raw(location.clone()));
    }
    match &part.content {
        Content::Parts(parts) => multipart(out, part, parts, rng, depth),
        Content::Text(text) => {
            content_type(out, part, "text/plain", Some("utf-8"));
            encode::text(out, text);
        }
        Content::Bytes(bytes) => {
            content_type(out, part, "application/octet-stream", part.charset.as_deref());
            let is_message = part.media_type.to_ascii_lowercase().starts_with("message/");
            encode::bytes(out, bytes, is_message);
        }
    }
}

fn multipart(out: &mut Vec<u8>, multipart: &DraftPart, parts: &[DraftPart], rng: &dyn Rng, depth: usize) {
    let boundary: String = rng.bytes::<15>().iter().map(|byte| format!("{byte:02x}")).collect();
    // `=_` stands in no text that is encoded.
    let boundary = format!("=_{boundary}");
    let media_type =
        if multipart.media_type.to_ascii_lowercase().starts_with("multipart/") { media_type(&multipart.media_type) } else { None };
    headers::with_parameters(out, "Content-Type", media_type.as_deref().unwrap_or("multipart/mixed"), &[("boundary", &boundary)], None);
    out.extend_from_slice(b"\r\n");
    let too_deep = depth + 1 >= MAX_DEPTH;
    for child in parts.iter().filter(|_| !too_deep) {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        part(out, child, rng, depth + 1);
        out.extend_from_slice(b"\r\n");
    }
    if parts.is_empty() || too_deep {
        // RFC 2046 §5.1.1 wants one at least.
        out.extend_from_slice(format!("--{boundary}\r\n\r\n\r\n").as_bytes());
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
}

fn content_type(out: &mut Vec<u8>, part: &DraftPart, default: &str, charset: Option<&str>) {
    let given = media_type(&part.media_type).filter(|given| !given.starts_with("multipart/"));
    let media_type = given.as_deref().unwrap_or(default);
    let is_text = media_type.starts_with("text/");
    let charset = charset.filter(|_| is_text).map(|charset| ("charset", charset));
    let name = part.name.as_deref().map(|name| ("name", name));
    headers::with_parameters(out, "Content-Type", media_type, charset.as_slice(), name);
}

/// `type/subtype` in lower case, when it is one.
fn media_type(given: &str) -> Option<String> {
    let (main, sub) = given.split_once('/')?;
    let (main, sub) = (token(main), token(sub));
    (!main.is_empty() && !sub.is_empty() && main.len() + sub.len() + 1 == given.len()).then(|| format!("{main}/{sub}").to_ascii_lowercase())
}

/// Without characters that a word of a header may not have.
fn token(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(*character)).take(100).collect()
}
