//! IMAP URLs that name a message or a part of one, relative to the server. RFC 5092, as RFC 4469 §3 uses them

use std::num::NonZeroU32;

use crate::parse::{self, Options};
use crate::{MailboxName, Section};

/// Longer ones are no names of anything.
const MAX_BYTES: usize = 8 << 10;

/// `/mailbox;UIDVALIDITY=1/;UID=2/;SECTION=1.MIME/;PARTIAL=0.100`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageUrl {
    /// `None`: the selected one, where the URL begins with `;UID=`.
    pub mailbox: Option<MailboxName>,
    pub uid_validity: Option<NonZeroU32>,
    pub uid: NonZeroU32,
    /// `None`: the message.
    pub section: Option<Section>,
    /// Offset, and how many octets; `None` is all that are left.
    pub partial: Option<(u32, Option<NonZeroU32>)>,
}

impl MessageUrl {
    /// `None` for what is no such URL: others, absolute ones among them, are not for CATENATE (RFC 4469 §3), and URLAUTH is not there.
    pub fn parse(url: &str) -> Option<Self> {
        if url.len() > MAX_BYTES || !url.bytes().all(|octet| octet.is_ascii_graphic()) {
            return None;
        }
        let at = find(url, ";UID=")?;
        let (before, mut rest) = (&url[..at], &url[at + ";UID=".len()..]);
        let (mailbox, uid_validity) = mailbox(before)?;
        let uid = number(&mut rest)?;
        let section = match after(rest, "/;SECTION=") {
            Some(found) => {
                let end = find(found, "/;PARTIAL=").unwrap_or(found.len());
                rest = &found[end..];
                Some(section(&found[..end])?)
            }
            None => None,
        };
        let mut partial = None;
        if let Some(mut found) = after(rest, "/;PARTIAL=") {
            let digits = found.len() - found.trim_start_matches(|character: char| character.is_ascii_digit()).len();
            let offset = found[..digits].parse().ok()?;
            found = &found[digits..];
            let length = match found.strip_prefix('.') {
                Some(length) => {
                    found = length;
                    Some(number(&mut found)?)
                }
                None => None,
            };
            partial = Some((offset, length));
            rest = found;
        }
        rest.is_empty().then_some(Self { mailbox, uid_validity, uid, section, partial })
    }
}

/// What stands before `;UID=`: nothing, or `/` and a mailbox with what makes sure that it is the same, and `/` again.
fn mailbox(before: &str) -> Option<(Option<MailboxName>, Option<NonZeroU32>)> {
    if before.is_empty() || before == "/" {
        return Some((None, None));
    }
    let mut name = before.strip_prefix('/')?.strip_suffix('/')?;
    // `//server/…` is another server.
    if name.starts_with('/') {
        return None;
    }
    let mut uid_validity = None;
    if let Some(at) = find(name, ";UIDVALIDITY=") {
        let mut digits = &name[at + ";UIDVALIDITY=".len()..];
        uid_validity = Some(number(&mut digits)?);
        if !digits.is_empty() {
            return None;
        }
        name = &name[..at];
    }
    Some((Some(MailboxName::new(&decoded(name)?)?), uid_validity))
}

/// RFC 5092 §11: `enc-section`
fn section(encoded: &str) -> Option<Section> {
    parse::section(&format!("[{}]", decoded(encoded)?), &Options::default())
}

/// Without regard to case, as all of its words are.
fn find(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word)).map(|_| &text[word.len()..])
}

/// `nz-number`
fn number(text: &mut &str) -> Option<NonZeroU32> {
    let digits = text.len() - text.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    let (number, rest) = text.split_at(digits);
    *text = rest;
    number.parse().ok()
}

/// `%E6%94%B6` as UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((octet, behind)) = rest.split_first() {
        rest = behind;
        if *octet != b'%' {
            octets.push(*octet);
            continue;
        }
        let (hex, behind) = rest.split_at_checked(2)?;
        let digit = |digit: u8| char::from(digit).to_digit(16);
        octets.push(u8::try_from(digit(hex[0])? * 16 + digit(hex[1])?).ok()?);
        rest = behind;
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> MessageUrl {
        MessageUrl::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn what_a_url_names_is_read_from_it() {
        let message = url("/Drafts;UIDVALIDITY=385759045/;UID=20");
        assert_eq!(message.mailbox.unwrap().as_str(), "Drafts");
        assert_eq!((message.uid_validity.unwrap().get(), message.uid.get(), message.section), (385_759_045, 20, None));
        let part = url("/a/b%20%E9%A1%B9/;uid=20/;Section=1.5.MIME/;Partial=10.3");
        assert_eq!(part.mailbox.unwrap().as_str(), "a/b 项");
        assert_eq!(part.section.unwrap().path.len(), 2);
        assert_eq!(part.partial, Some((10, NonZeroU32::new(3))));
        assert_eq!(url(";UID=3/;PARTIAL=7").partial, Some((7, None)));
        assert_eq!(url("/;UID=3/;SECTION=HEADER.FIELDS%20(DATE%20FROM)").mailbox, None);
    }

    #[test]
    fn what_is_no_url_of_a_message_here_is_none() {
        for wrong in [
            "",
            "/INBOX",
            "imap://li@example.test/INBOX/;UID=1",
            "//example.test/INBOX/;UID=1",
            "INBOX/;UID=1",
            "/INBOX/;UID=0",
            "/INBOX/;UID=1/",
            "/INBOX/;UID=1/;SECTION=0",
            "/INBOX/;UID=1/;SECTION=HEADER]",
            "/INBOX/;UID=1/;PARTIAL=0.0",
            "/INBOX/;UID=1;URLAUTH=anonymous",
            "/INBOX;UIDVALIDITY=x/;UID=1",
            "/IN%2/;UID=1",
            "/IN%FF/;UID=1",
            "/INBOX/;UID=99999999999",
        ] {
            assert_eq!(MessageUrl::parse(wrong), None, "{wrong}");
        }
    }
}
