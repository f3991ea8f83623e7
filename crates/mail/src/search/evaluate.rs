//! Whether a message fits: from its rows where that is enough, else from its bytes.

use kernel::{Date, TimeZone, Timestamp};
use memchr::memmem::Finder;
use roaring::RoaringTreemap;

use super::known::{Asked, Known};
use super::texts;
use super::tokens::Place;
use super::{Hit, Search, fold};
use crate::mime::{self, Summary};
use crate::{FlagBits, Flags, MailboxId, MessageId, ThreadId, UidSet};

/// What rows tell of an entry and its message.
#[derive(Clone)]
pub(super) struct Facts {
    pub hit: Hit,
    pub flags: Flags,
    pub saved_at: Timestamp,
    pub size_bytes: u64,
    /// Those below are read only when [`Plan`] needs them, and the last two when what is known before does not decide.
    pub sent_at: Option<Timestamp>,
    pub has_attachment: bool,
    pub summary: Option<Summary>,
    pub envelope: Option<Vec<u8>>,
}

impl Facts {
    /// Whether the day of the Date field, as it was written, fits; `None` before the envelope was read.
    fn sent_on(&self, fits: impl Fn(Date) -> bool) -> Option<bool> {
        let written = mime::date_of(self.envelope.as_ref()?).and_then(mime::HeaderDate::day);
        let day = written.or_else(|| self.sent_at.map(|sent_at| sent_at.date_in(&TimeZone::utc())));
        Some(day.is_some_and(fits))
    }

    /// Whether the summary leaves out addresses, or the names of groups of them; `None` before it was read.
    fn has_more_addresses(&self) -> Option<bool> {
        Some(texts::has_more_addresses(self.summary.as_ref()?, self.envelope.as_ref()?))
    }
}

/// A search made ready: texts folded, with what it takes to find them.
pub(super) struct Plan {
    root: Node,
    /// Whether rows of messages are needed beside those of entries, whatever the index knows.
    pub needs_message: bool,
    pub needs_summary: bool,
    pub needs_envelope: bool,
    /// Whether bytes may have to be read.
    pub needs_bytes: bool,
    /// What to ask the index; a node's number is its place here.
    pub asked: Vec<Asked>,
    /// What the index answered.
    pub known: Option<Known>,
}

type Needle = Finder<'static>;

enum Node {
    Always(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Row(Test),
    /// What only texts tell, and the number of the question to the index.
    Said(Said, Box<Needle>, usize),
}

enum Said {
    Addresses(Place),
    Subject,
    Body,
    Text,
    Header(String),
    /// Fields whose text the envelope holds as it was written.
    EnvelopeHeader(String),
}

pub(super) enum Test {
    Flag(FlagBits, bool),
    Keyword(String, bool),
    Larger(u64),
    Smaller(u64),
    ReceivedBefore(Timestamp),
    ReceivedSince(Timestamp),
    SavedBefore(Timestamp),
    SavedSince(Timestamp),
    SentBefore(Date),
    SentSince(Date),
    Uid(UidSet),
    ChangedSince(i64),
    InMailbox(MailboxId),
    Message(MessageId),
    Thread(ThreadId),
    HasAttachment,
}

pub(super) fn is_bounded(search: &Search, max_terms: usize, max_depth: usize) -> bool {
    let mut waiting = vec![(search, 1)];
    let mut terms = 0;
    while let Some((search, depth)) = waiting.pop() {
        terms += 1;
        if terms > max_terms || depth > max_depth {
            return false;
        }
        match search {
            Search::And(searches) | Search::Or(searches) => waiting.extend(searches.iter().map(|search| (search, depth + 1))),
            Search::Not(search) => waiting.push((search, depth + 1)),
            _ => {}
        }
    }
    true
}

impl Plan {
    pub fn new(search: &Search) -> Self {
        let mut plan = Self {
            root: Node::Always(true),
            needs_message: false,
            needs_summary: false,
            needs_envelope: false,
            needs_bytes: false,
            asked: Vec::new(),
            known: None,
        };
        plan.root = plan.node(search);
        plan
    }

    /// Whether rows of messages are read with those of entries: without an index everything is decided in one go.
    pub fn reads_messages(&self) -> bool {
        self.needs_message || (self.known.is_none() && self.needs_texts())
    }

    /// Whether what messages say plays a part.
    pub fn needs_texts(&self) -> bool {
        self.needs_summary || self.needs_bytes || self.needs_envelope
    }

    fn node(&mut self, search: &Search) -> Node {
        match search {
            Search::All => Node::Always(true),
            Search::And(searches) => Node::And(searches.iter().map(|search| self.node(search)).collect()),
            Search::Or(searches) => Node::Or(searches.iter().map(|search| self.node(search)).collect()),
            Search::Not(search) => Node::Not(Box::new(self.node(search))),
            Search::From(text) => self.said(Said::Addresses(Place::From), text),
            Search::To(text) => self.said(Said::Addresses(Place::To), text),
            Search::Cc(text) => self.said(Said::Addresses(Place::Cc), text),
            Search::Bcc(text) => self.said(Said::Addresses(Place::Bcc), text),
            Search::Subject(text) => self.said(Said::Subject, text),
            Search::Header(name, text) if name.eq_ignore_ascii_case("subject") && !text.is_empty() => self.said(Said::Subject, text),
            Search::Header(name, text) => {
                let is_in_envelope = ["message-id", "in-reply-to"].iter().any(|field| name.eq_ignore_ascii_case(field));
                // In these no character is written in two ways.
                let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
                let name = name.clone();
                self.said(if is_in_envelope && is_plain { Said::EnvelopeHeader(name) } else { Said::Header(name) }, text)
            }
            Search::Body(text) => self.said(Said::Body, text),
            Search::Text(text) => self.said(Said::Text, text),
            Search::Flag(bits, is_set) => Node::Row(Test::Flag(*bits, *is_set)),
            Search::Keyword(word, is_set) => Node::Row(Test::Keyword(word.to_ascii_lowercase(), *is_set)),
            Search::Larger(bytes) => Node::Row(Test::Larger(*bytes)),
            Search::Smaller(bytes) => Node::Row(Test::Smaller(*bytes)),
            Search::ReceivedBefore(at) => Node::Row(Test::ReceivedBefore(*at)),
            Search::ReceivedSince(at) => Node::Row(Test::ReceivedSince(*at)),
            Search::SavedBefore(at) => Node::Row(Test::SavedBefore(*at)),
            Search::SavedSince(at) => Node::Row(Test::SavedSince(*at)),
            Search::SentBefore(day) => {
                (self.needs_message, self.needs_envelope) = (true, true);
                Node::Row(Test::SentBefore(*day))
            }
            Search::SentSince(day) => {
                (self.needs_message, self.needs_envelope) = (true, true);
                Node::Row(Test::SentSince(*day))
            }
            Search::Uid(uids) => Node::Row(Test::Uid(uids.clone())),
            Search::ChangedSince(change_number) => Node::Row(Test::ChangedSince(*change_number)),
            Search::InMailbox(mailbox) => Node::Row(Test::InMailbox(*mailbox)),
            Search::Message(message) => Node::Row(Test::Message(*message)),
            Search::Thread(thread) => Node::Row(Test::Thread(*thread)),
            Search::HasAttachment => {
                self.needs_message = true;
                Node::Row(Test::HasAttachment)
            }
        }
    }

    fn said(&mut self, said: Said, text: &str) -> Node {
        let folded = fold(text);
        let (places, is_decisive) = match &said {
            Said::Addresses(place) => (vec![*place], true),
            Said::Subject => (vec![Place::Subject], true),
            Said::Body => (vec![Place::Body], true),
            Said::Text => (Place::ALL.to_vec(), true),
            // The index holds what fields say, not which ones.
            Said::Header(_) | Said::EnvelopeHeader(_) => (vec![Place::Header], false),
        };
        self.needs_summary |= !matches!(said, Said::Body | Said::Header(_) | Said::EnvelopeHeader(_));
        self.needs_envelope |= matches!(said, Said::EnvelopeHeader(_) | Said::Addresses(_) | Said::Text);
        // Of addresses for lists that a summary cuts short, and for the names of groups, which it does not have.
        self.needs_bytes |= !matches!(said, Said::Subject);
        let needle = Box::new(Finder::new(folded.as_bytes()).into_owned());
        self.asked.push(Asked { places, folded, is_decisive });
        Node::Said(said, needle, self.asked.len() - 1)
    }

    /// `None` when the bytes have to be read.
    pub fn decide_by_row(&self, facts: &Facts) -> Option<bool> {
        self.root.holds(facts, None, self.known.as_ref())
    }

    pub fn decide(&self, facts: &Facts, message: &[u8]) -> bool {
        self.root.holds(facts, Some(message), self.known.as_ref()).unwrap_or(false)
    }

    /// Of the messages that are indexed, those that may fit; `None` when the index does not bound them.
    pub fn bounded(&self) -> Option<RoaringTreemap> {
        self.root.bounded(self.known.as_ref()?)
    }

    /// Calls `f` with the conditions that every match fulfils, for SQL to leave out the rest.
    pub fn for_each_necessary(&self, f: &mut dyn FnMut(&Test)) {
        self.root.necessary(f);
    }
}

impl Node {
    fn necessary(&self, f: &mut dyn FnMut(&Test)) {
        match self {
            Self::And(nodes) => nodes.iter().for_each(|node| node.necessary(f)),
            Self::Row(test) => f(test),
            _ => {}
        }
    }

    fn bounded(&self, known: &Known) -> Option<RoaringTreemap> {
        match self {
            Self::Always(false) => Some(RoaringTreemap::new()),
            Self::Said(_, _, number) => known.bounded(*number),
            Self::And(nodes) => nodes.iter().filter_map(|node| node.bounded(known)).reduce(|left, right| left & right),
            Self::Or(nodes) => {
                let bounds: Option<Vec<_>> = nodes.iter().map(|node| node.bounded(known)).collect();
                Some(bounds?.into_iter().fold(RoaringTreemap::new(), |left, right| left | right))
            }
            Self::Always(true) | Self::Not(_) | Self::Row(_) => None,
        }
    }

    /// Kleene's logic: what is not known yet stays so unless it makes no difference.
    fn holds(&self, facts: &Facts, message: Option<&[u8]>, known: Option<&Known>) -> Option<bool> {
        match self {
            Self::Always(answer) => Some(*answer),
            Self::And(nodes) => all_of(nodes, false, facts, message, known),
            Self::Or(nodes) => all_of(nodes, true, facts, message, known).map(|none| !none),
            Self::Not(node) => node.holds(facts, message, known).map(|holds| !holds),
            Self::Row(test) => test.holds(facts),
            Self::Said(said, needle, number) => known
                .and_then(|known| known.answer(*number, facts.hit.message))
                .or_else(|| said.by_row(needle, facts))
                .or_else(|| message.and_then(|message| said.by_bytes(needle, facts, message))),
        }
    }
}

/// Whether all are true, or with `negated` all are false. The cheap ones decide first: what the rows do not know is only asked for when they do not.
fn all_of(nodes: &[Node], negated: bool, facts: &Facts, message: Option<&[u8]>, known: Option<&Known>) -> Option<bool> {
    let mut is_known = true;
    for bytes in [None, message] {
        is_known = true;
        for node in nodes {
            match node.holds(facts, bytes, known) {
                Some(holds) if holds == negated => return Some(false),
                Some(_) => {}
                None => is_known = false,
            }
        }
        if is_known || message.is_none() {
            break;
        }
    }
    is_known.then_some(true)
}

impl Said {
    fn by_row(&self, needle: &Needle, facts: &Facts) -> Option<bool> {
        match self {
            Self::EnvelopeHeader(_) => {
                let envelope = facts.envelope.as_ref()?;
                needle.find(&envelope.to_ascii_lowercase()).is_none().then_some(false)
            }
            Self::Body | Self::Header(_) => None,
            Self::Addresses(place) => {
                let summary = facts.summary.as_ref()?;
                match texts::any_of_summary(summary, *place, &mut |text| is_in(needle, text)) {
                    false if facts.has_more_addresses()? => None,
                    holds => Some(holds),
                }
            }
            Self::Subject => Some(is_in(needle, &facts.summary.as_ref()?.subject)),
            Self::Text => {
                let summary = facts.summary.as_ref()?;
                let places = [Place::Subject, Place::From, Place::To, Place::Cc, Place::Bcc];
                places.iter().any(|place| texts::any_of_summary(summary, *place, &mut |text| is_in(needle, text))).then_some(true)
            }
        }
    }

    fn by_bytes(&self, needle: &Needle, facts: &Facts, message: &[u8]) -> Option<bool> {
        Some(match self {
            Self::Addresses(place) => {
                let field = texts::ADDRESS_PLACES.iter().find(|(of, _)| of == place).map_or("", |(_, field)| field);
                header(message, field, needle)
            }
            // Its row has said all there is to say.
            Self::Subject => return None,
            Self::Body => mime::any_text(message, false, &mut |text| is_in(needle, text)),
            Self::Text => {
                let (summary, has_more) = (facts.summary.as_ref()?, facts.has_more_addresses()?);
                texts::any_of_message(summary, has_more, message, &mut |_, text| is_in(needle, text))
            }
            Self::Header(name) | Self::EnvelopeHeader(name) => header(message, name, needle),
        })
    }
}

fn header(message: &[u8], name: &str, needle: &Needle) -> bool {
    mime::header_values(message, name).iter().any(|value| is_in(needle, value))
}

fn is_in(needle: &Needle, text: &str) -> bool {
    needle.needle().is_empty() || needle.find(fold(text).as_bytes()).is_some()
}

impl Test {
    /// `None` when more of the row has to be read.
    fn holds(&self, facts: &Facts) -> Option<bool> {
        let hit = &facts.hit;
        Some(match self {
            Self::Flag(bits, is_set) => facts.flags.bits.contains(*bits) == *is_set,
            Self::Keyword(word, is_set) => facts.flags.keywords.iter().any(|keyword| keyword.eq_ignore_ascii_case(word)) == *is_set,
            Self::Larger(bytes) => facts.size_bytes > *bytes,
            Self::Smaller(bytes) => facts.size_bytes < *bytes,
            Self::ReceivedBefore(at) => hit.received_at < *at,
            Self::ReceivedSince(at) => hit.received_at >= *at,
            Self::SavedBefore(at) => facts.saved_at < *at,
            Self::SavedSince(at) => facts.saved_at >= *at,
            Self::SentBefore(day) => return facts.sent_on(|sent_on| sent_on < *day),
            Self::SentSince(day) => return facts.sent_on(|sent_on| sent_on >= *day),
            Self::Uid(uids) => uids.contains(hit.uid),
            Self::ChangedSince(change_number) => hit.change_number >= *change_number,
            Self::InMailbox(mailbox) => hit.mailbox == *mailbox,
            Self::Message(message) => hit.message == *message,
            Self::Thread(thread) => hit.thread == *thread,
            Self::HasAttachment => facts.has_attachment,
        })
    }
}
