//! Whether a message fits: from its rows where that is enough, else from its bytes.

use kernel::{Date, TimeZone, Timestamp};
use memchr::memmem::Finder;

use super::{Hit, Search, fold};
use crate::mime::{self, Address, Summary};
use crate::{FlagBits, Flags, MailboxId, MessageId, ThreadId, UidSet};

/// What rows tell of an entry and its message.
pub(super) struct Facts {
    pub hit: Hit,
    pub flags: Flags,
    pub saved_at: Timestamp,
    pub size_bytes: u64,
    /// The three below are read only when [`Plan`] needs them.
    pub sent_at: Option<Timestamp>,
    pub has_attachment: bool,
    pub summary: Option<Summary>,
    pub envelope: Vec<u8>,
}

impl Facts {
    /// The day of the Date field, as it was written.
    fn sent_on(&self) -> Option<Date> {
        let written = mime::date_of(&self.envelope).and_then(mime::HeaderDate::day);
        written.or_else(|| self.sent_at.map(|sent_at| sent_at.date_in(&TimeZone::utc())))
    }
}

/// A search made ready: texts folded, with what it takes to find them.
pub(super) struct Plan {
    root: Node,
    /// Whether rows of messages are needed beside those of entries.
    pub needs_message: bool,
    pub needs_summary: bool,
    pub needs_envelope: bool,
    /// Whether bytes may have to be read.
    pub needs_bytes: bool,
}

type Needle = Finder<'static>;

enum Node {
    Always(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Row(Test),
    Addresses(Who, Needle),
    Subject(Needle),
    Body(Needle),
    Text(Needle),
    Header(String, Needle),
    /// Fields whose text the envelope holds as it was written.
    EnvelopeHeader(String, Needle),
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

#[derive(Clone, Copy)]
enum Who {
    From,
    To,
    Cc,
    Bcc,
}

impl Who {
    fn of(self, summary: &Summary) -> &[Address] {
        match self {
            Self::From => &summary.from,
            Self::To => &summary.to,
            Self::Cc => &summary.cc,
            Self::Bcc => &summary.bcc,
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To => "to",
            Self::Cc => "cc",
            Self::Bcc => "bcc",
        }
    }
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
        let mut plan =
            Self { root: Node::Always(true), needs_message: false, needs_summary: false, needs_envelope: false, needs_bytes: false };
        plan.root = plan.node(search);
        plan.needs_message |= plan.needs_summary || plan.needs_bytes || plan.needs_envelope;
        plan
    }

    fn node(&mut self, search: &Search) -> Node {
        let needle = |text: &str| Finder::new(fold(text).as_bytes()).into_owned();
        match search {
            Search::All => Node::Always(true),
            Search::And(searches) => Node::And(searches.iter().map(|search| self.node(search)).collect()),
            Search::Or(searches) => Node::Or(searches.iter().map(|search| self.node(search)).collect()),
            Search::Not(search) => Node::Not(Box::new(self.node(search))),
            Search::From(text) => self.addresses(Who::From, text),
            Search::To(text) => self.addresses(Who::To, text),
            Search::Cc(text) => self.addresses(Who::Cc, text),
            Search::Bcc(text) => self.addresses(Who::Bcc, text),
            Search::Subject(text) => self.subject(text),
            Search::Header(name, text) if name.eq_ignore_ascii_case("subject") && !text.is_empty() => self.subject(text),
            Search::Header(name, text) => {
                self.needs_bytes = true;
                let is_in_envelope = ["message-id", "in-reply-to"].iter().any(|field| name.eq_ignore_ascii_case(field));
                // In these no character is written in two ways.
                let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
                if is_in_envelope && is_plain {
                    self.needs_envelope = true;
                    return Node::EnvelopeHeader(name.clone(), needle(text));
                }
                Node::Header(name.clone(), needle(text))
            }
            Search::Body(text) => {
                self.needs_bytes = true;
                Node::Body(needle(text))
            }
            Search::Text(text) => {
                self.needs_bytes = true;
                self.needs_summary = true;
                Node::Text(needle(text))
            }
            Search::Flag(bits, is_set) => Node::Row(Test::Flag(*bits, *is_set)),
            Search::Keyword(word, is_set) => Node::Row(Test::Keyword(word.to_ascii_lowercase(), *is_set)),
            Search::Larger(bytes) => Node::Row(Test::Larger(*bytes)),
            Search::Smaller(bytes) => Node::Row(Test::Smaller(*bytes)),
            Search::ReceivedBefore(at) => Node::Row(Test::ReceivedBefore(*at)),
            Search::ReceivedSince(at) => Node::Row(Test::ReceivedSince(*at)),
            Search::SavedBefore(at) => Node::Row(Test::SavedBefore(*at)),
            Search::SavedSince(at) => Node::Row(Test::SavedSince(*at)),
            Search::SentBefore(day) => {
                self.needs_envelope = true;
                Node::Row(Test::SentBefore(*day))
            }
            Search::SentSince(day) => {
                self.needs_envelope = true;
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

    fn addresses(&mut self, who: Who, text: &str) -> Node {
        self.needs_summary = true;
        // For lists that a summary cuts short, and for the names of groups, which it does not have.
        self.needs_bytes = true;
        self.needs_envelope = true;
        Node::Addresses(who, Finder::new(fold(text).as_bytes()).into_owned())
    }

    fn subject(&mut self, text: &str) -> Node {
        self.needs_summary = true;
        Node::Subject(Finder::new(fold(text).as_bytes()).into_owned())
    }

    /// `None` when the bytes have to be read.
    pub fn decide_by_row(&self, facts: &Facts) -> Option<bool> {
        self.root.holds(facts, None)
    }

    pub fn decide(&self, facts: &Facts, message: &[u8]) -> bool {
        self.root.holds(facts, Some(message)).unwrap_or(false)
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

    /// Kleene's logic: what is not known yet stays so unless it makes no difference.
    fn holds(&self, facts: &Facts, message: Option<&[u8]>) -> Option<bool> {
        match self {
            Self::Always(answer) => Some(*answer),
            Self::And(nodes) => all_of(nodes, false, facts, message),
            Self::Or(nodes) => all_of(nodes, true, facts, message).map(|none| !none),
            Self::Not(node) => node.holds(facts, message).map(|holds| !holds),
            Self::Row(test) => Some(test.holds(facts)),
            Self::Addresses(who, needle) => addresses(*who, needle, facts, message),
            Self::Subject(needle) => Some(facts.summary.as_ref().is_some_and(|summary| is_in(needle, &summary.subject))),
            Self::Text(needle) => match summary_holds(needle, facts) {
                true => Some(true),
                false => message.map(|message| mime::any_text(message, true, &mut |text| is_in(needle, text))),
            },
            Self::Body(needle) => message.map(|message| mime::any_text(message, false, &mut |text| is_in(needle, text))),
            Self::Header(name, needle) => message.map(|message| header(message, name, needle)),
            Self::EnvelopeHeader(name, needle) => {
                if needle.find(&facts.envelope.to_ascii_lowercase()).is_none() {
                    return Some(false);
                }
                message.map(|message| header(message, name, needle))
            }
        }
    }
}

/// Whether all are true, or with `negated` all are false. The cheap ones decide first: what the rows do not know is only asked for when they do not.
fn all_of(nodes: &[Node], negated: bool, facts: &Facts, message: Option<&[u8]>) -> Option<bool> {
    let mut is_known = true;
    for bytes in [None, message] {
        is_known = true;
        for node in nodes {
            match node.holds(facts, bytes) {
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

fn addresses(who: Who, needle: &Needle, facts: &Facts, message: Option<&[u8]>) -> Option<bool> {
    let summary = facts.summary.as_ref()?;
    if any_address(who.of(summary), needle) {
        return Some(true);
    }
    if !summary.is_cut && !mime::has_group(&facts.envelope) {
        return Some(false);
    }
    message.map(|message| header(message, who.field(), needle))
}

fn any_address(addresses: &[Address], needle: &Needle) -> bool {
    // An empty text asks whether there is the field.
    addresses.iter().any(|address| is_in(needle, &address.to_string()) || is_in(needle, &address.email))
}

fn summary_holds(needle: &Needle, facts: &Facts) -> bool {
    let Some(summary) = &facts.summary else { return false };
    let lists = [Who::From, Who::To, Who::Cc, Who::Bcc];
    is_in(needle, &summary.subject) || is_in(needle, &summary.preview) || lists.iter().any(|who| any_address(who.of(summary), needle))
}

fn header(message: &[u8], name: &str, needle: &Needle) -> bool {
    mime::header_values(message, name).iter().any(|value| is_in(needle, value))
}

fn is_in(needle: &Needle, text: &str) -> bool {
    needle.needle().is_empty() || needle.find(fold(text).as_bytes()).is_some()
}

impl Test {
    fn holds(&self, facts: &Facts) -> bool {
        let hit = &facts.hit;
        match self {
            Self::Flag(bits, is_set) => facts.flags.bits.contains(*bits) == *is_set,
            Self::Keyword(word, is_set) => facts.flags.keywords.iter().any(|keyword| keyword.eq_ignore_ascii_case(word)) == *is_set,
            Self::Larger(bytes) => facts.size_bytes > *bytes,
            Self::Smaller(bytes) => facts.size_bytes < *bytes,
            Self::ReceivedBefore(at) => hit.received_at < *at,
            Self::ReceivedSince(at) => hit.received_at >= *at,
            Self::SavedBefore(at) => facts.saved_at < *at,
            Self::SavedSince(at) => facts.saved_at >= *at,
            Self::SentBefore(day) => facts.sent_on().is_some_and(|sent_on| sent_on < *day),
            Self::SentSince(day) => facts.sent_on().is_some_and(|sent_on| sent_on >= *day),
            Self::Uid(uids) => uids.contains(hit.uid),
            Self::ChangedSince(change_number) => hit.change_number >= *change_number,
            Self::InMailbox(mailbox) => hit.mailbox == *mailbox,
            Self::Message(message) => hit.message == *message,
            Self::Thread(thread) => hit.thread == *thread,
            Self::HasAttachment => facts.has_attachment,
        }
    }
}
