//! What a FETCH asks for, ready to be done for message after message.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use kernel::{TimeZone, Timestamp};
use mail::entries::EntryRow;
use mail::mime::{self, BinaryError, Section, What, body_of};
use proto_imap::{DateTime, Fetch, FetchAttribute, FetchWriter, MessageSet, ObjectId, Partial, SectionText};

use crate::commands::status::mod_seq;
use crate::session::Session;
use crate::sync::flag_names;

#[derive(Debug, Clone)]
pub(in crate::commands) struct Plan {
    pub(super) attributes: Vec<FetchAttribute>,
    /// ENVELOPE or a structure.
    pub(super) needs_rendered: bool,
    /// More than the entry and what is rendered.
    pub(super) needs_stored: bool,
    /// The message itself.
    pub(super) needs_octets: bool,
    /// Reading marks as read.
    pub(super) sets_seen: bool,
    pub(super) with_mod_seq: bool,
    pub(super) changed_since: Option<i64>,
    pub(super) utf8: bool,
    pub(super) uid_only: bool,
    pub(super) zone: TimeZone,
    /// Uids that are `\Recent` for this session, ascending ranges.
    recent: Vec<RangeInclusive<u32>>,
}

/// What of a message the attributes are taken from.
pub(super) struct Source<'a> {
    pub(super) entry: &'a EntryRow,
    pub(super) envelope: &'a [u8],
    pub(super) body_structure: &'a [u8],
    pub(super) preview: &'a str,
    pub(super) octets: &'a [u8],
}

impl Plan {
    pub(super) fn unasked(session: &Session, attributes: Vec<FetchAttribute>) -> Self {
        let messages = MessageSet::Saved;
        let fetch = Fetch { uid: false, messages, attributes, changed_since: None, vanished: false, partial: None };
        Self { sets_seen: false, ..Self::of(&fetch, session) }
    }

    pub(super) fn of(fetch: &Fetch, session: &Session) -> Self {
        let mut attributes: Vec<FetchAttribute> = Vec::with_capacity(fetch.attributes.len() + 2);
        // RFC 9586 §3.3: there the uid stands where the number did.
        if fetch.uid && !session.enabled.uid_only {
            attributes.push(FetchAttribute::Uid);
        }
        for attribute in &fetch.attributes {
            // Nothing is told twice.
            if !attributes.contains(attribute) {
                attributes.push(attribute.clone());
            }
        }
        // RFC 7162 §3.1.4.1
        if fetch.changed_since.is_some() && !attributes.contains(&FetchAttribute::ModSeq) {
            attributes.push(FetchAttribute::ModSeq);
        }
        let any = |wanted: fn(&FetchAttribute) -> bool| attributes.iter().any(wanted);
        let needs_octets = any(needs_octets);
        let read_only = session.view.as_ref().is_none_or(|view| view.read_only);
        Self {
            needs_rendered: any(|attribute| {
                matches!(attribute, FetchAttribute::Envelope | FetchAttribute::BodyStructure | FetchAttribute::Body)
            }),
            needs_stored: needs_octets || any(|attribute| matches!(attribute, FetchAttribute::Preview { .. })),
            needs_octets,
            sets_seen: !read_only && any(FetchAttribute::sets_seen),
            with_mod_seq: any(|attribute| *attribute == FetchAttribute::ModSeq),
            changed_since: fetch.changed_since.map(|since| i64::try_from(since).unwrap_or(i64::MAX)),
            utf8: session.writes_utf8(),
            uid_only: session.enabled.uid_only,
            zone: session.user.as_ref().map_or_else(TimeZone::utc, |user| user.zone.clone()),
            recent: recent(session),
            attributes,
        }
    }

    /// Of what changed since then, attributes that stand in entries.
    pub(in crate::commands) fn plain(session: &Session, attributes: Vec<FetchAttribute>, changed_since: i64) -> Self {
        Self {
            attributes,
            needs_rendered: false,
            needs_stored: false,
            needs_octets: false,
            sets_seen: false,
            with_mod_seq: true,
            changed_since: Some(changed_since),
            utf8: session.writes_utf8(),
            uid_only: session.enabled.uid_only,
            zone: TimeZone::utc(),
            recent: recent(session),
        }
    }

    pub(super) fn is_recent(&self, uid: u32) -> bool {
        let place = self.recent.partition_point(|range| *range.end() < uid);
        self.recent.get(place).is_some_and(|range| range.contains(&uid))
    }

    /// What is kept ready beside a message.
    pub(super) fn needs_ready(&self) -> bool {
        self.needs_rendered || self.attributes.iter().any(|attribute| matches!(attribute, FetchAttribute::Preview { .. }))
    }

    /// Whether FLAGS, and MODSEQ, are told anyway.
    pub(super) fn tells_flags(&self) -> bool {
        self.attributes.contains(&FetchAttribute::Flags)
    }
}

fn recent(session: &Session) -> Vec<RangeInclusive<u32>> {
    session.view.as_ref().and_then(|view| view.recent.as_ref()).map_or_else(Vec::new, |recent| recent.ranges().to_vec())
}

fn needs_octets(attribute: &FetchAttribute) -> bool {
    matches!(
        attribute,
        FetchAttribute::Rfc822
            | FetchAttribute::Rfc822Header
            | FetchAttribute::Rfc822Text
            | FetchAttribute::Section { .. }
            | FetchAttribute::Binary { .. }
            | FetchAttribute::BinarySize(_)
    )
}

/// Writes one attribute of one message. The error is of a part whose transfer encoding is not known (RFC 3516 §4.3).
pub(super) fn write(fetch: &mut FetchWriter<'_>, attribute: &FetchAttribute, source: &Source<'_>, plan: &Plan) -> Result<(), BinaryError> {
    let (entry, zone) = (source.entry, &plan.zone);
    match attribute {
        FetchAttribute::Uid => fetch.uid(entry.uid),
        FetchAttribute::Flags => fetch.flags(flag_names(entry, plan.is_recent(entry.uid))),
        FetchAttribute::InternalDate => fetch.internal_date(date_time(entry.received_at, zone)),
        FetchAttribute::Envelope => fetch.envelope(source.envelope),
        FetchAttribute::BodyStructure => fetch.body_structure(source.body_structure),
        FetchAttribute::Body => fetch.body(&body_of(source.body_structure)),
        FetchAttribute::Rfc822Size => fetch.rfc822_size(entry.size_bytes),
        FetchAttribute::ModSeq => fetch.mod_seq(mod_seq(entry.change_number)),
        FetchAttribute::EmailId => match ObjectId::new(&entry.message.to_string()) {
            Some(id) => fetch.email_id(&id),
            None => fetch,
        },
        FetchAttribute::ThreadId => fetch.thread_id(ObjectId::new(&entry.thread.to_string()).as_ref()),
        // It is made when the message comes, so there is nothing to be lazy about.
        FetchAttribute::Preview { .. } => fetch.preview(Some(source.preview)),
        FetchAttribute::SaveDate => fetch.save_date(Some(date_time(entry.saved_at, zone))),
        FetchAttribute::Rfc822 => fetch.rfc822(sendable(Some(source.octets)).as_deref()),
        FetchAttribute::Rfc822Header => {
            let header = mime::section(source.octets, &Section { path: Vec::new(), what: What::Header });
            fetch.rfc822_header(sendable(header.as_deref()).as_deref())
        }
        FetchAttribute::Rfc822Text => {
            let text = mime::section(source.octets, &Section { path: Vec::new(), what: What::Text });
            fetch.rfc822_text(sendable(text.as_deref()).as_deref())
        }
        FetchAttribute::Section { section, partial, .. } => {
            let octets = mime::section(source.octets, &section_of(section));
            let part = sendable(octets.as_deref().map(|octets| part_of(octets, *partial)));
            fetch.section(section, partial.map(|partial| partial.offset), part.as_deref())
        }
        FetchAttribute::Binary { path, partial, .. } => {
            let octets = match mime::binary(source.octets, &numbers(path)) {
                Ok(octets) => Some(octets),
                Err(BinaryError::NoSuchPart) => None,
                Err(error) => return Err(error),
            };
            fetch.binary(path, partial.map(|partial| partial.offset), octets.as_deref().map(|octets| part_of(octets, *partial)))
        }
        FetchAttribute::BinarySize(path) => match mime::binary_size(source.octets, &numbers(path)) {
            Ok(size) => fetch.binary_size(path, size as u64),
            Err(BinaryError::NoSuchPart) => fetch.binary_size(path, 0),
            Err(error) => return Err(error),
        },
    };
    Ok(())
}

/// RFC 9051 §4.3: a literal holds no NUL; a client that wants it fetches BINARY. Another octet stands in its place, so that sizes stay true.
fn sendable(octets: Option<&[u8]>) -> Option<Cow<'_, [u8]>> {
    octets.map(|octets| {
        if memchr::memchr(0, octets).is_some() {
            octets.iter().map(|octet| if *octet == 0 { 0x80 } else { *octet }).collect::<Vec<u8>>().into()
        } else {
            octets.into()
        }
    })
}

fn part_of(octets: &[u8], partial: Option<Partial>) -> &[u8] {
    match partial {
        Some(partial) => partial.of(octets),
        None => octets,
    }
}

fn numbers(path: &[std::num::NonZeroU32]) -> Vec<u32> {
    path.iter().map(|number| number.get()).collect()
}

pub(in crate::commands) fn section_of(section: &proto_imap::Section) -> Section {
    let what = match &section.what {
        SectionText::Whole => What::Whole,
        SectionText::Header => What::Header,
        SectionText::HeaderFields { names, not } => {
            What::HeaderFields { names: names.iter().map(|name| name.as_str().to_owned()).collect(), not: *not }
        }
        SectionText::Text => What::Text,
        SectionText::Mime => What::Mime,
    };
    Section { path: numbers(&section.path), what }
}

/// The moment is kept, the zone it was told in is not: it is told in the organisation's.
fn date_time(at: Timestamp, zone: &TimeZone) -> DateTime {
    let seconds = at.as_micros().div_euclid(1_000_000);
    let minutes = i16::try_from(zone.jiff().to_offset(at.jiff()).seconds() / 60).unwrap_or(0);
    DateTime::from_unix_seconds(seconds, minutes)
        .or_else(|| DateTime::from_unix_seconds(0, 0))
        .expect("1970 is within the years that IMAP can write")
}
