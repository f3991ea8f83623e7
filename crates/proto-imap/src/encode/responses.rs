//! What a server says, written without a detour. RFC 9051 §7

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{FetchWriter, codes, tokens};
use crate::{Code, Condition, ESearch, Flag, ListExtras, MailboxAttribute, Namespace, NumberSet, QuotaResource, StatusValue, Tag};

/// Appends responses to a buffer.
#[derive(Debug)]
pub struct ResponseWriter<'a> {
    out: &'a mut Vec<u8>,
    utf8: bool,
}

/// RFC 7162 §4: lines should stay below 8192 octets; a range has at most 22.
const MAX_RANGES_PER_LINE: usize = 350;

impl<'a> ResponseWriter<'a> {
    /// With `utf8` (IMAP4rev2 or UTF8=ACCEPT enabled) names and texts are UTF-8, else names are modified UTF-7.
    pub fn new(out: &'a mut Vec<u8>, utf8: bool) -> Self {
        Self { out, utf8 }
    }

    pub fn tagged(&mut self, tag: &Tag, condition: Condition, code: Option<&Code>, text: &str) {
        self.out.extend_from_slice(tag.as_str().as_bytes());
        self.out.push(b' ');
        self.state(condition, code, text);
    }

    /// `* OK [UIDNEXT 4392] …`, `* BYE …`, and the greeting.
    pub fn untagged(&mut self, condition: Condition, code: Option<&Code>, text: &str) {
        self.out.extend_from_slice(b"* ");
        self.state(condition, code, text);
    }

    fn state(&mut self, condition: Condition, code: Option<&Code>, text: &str) {
        self.out.extend_from_slice(condition.name().as_bytes());
        self.out.push(b' ');
        if let Some(code) = code {
            codes::code(self.out, code);
        }
        tokens::text(self.out, text);
        self.end();
    }

    /// `+ …`: ready for a literal, or idling.
    pub fn continuation(&mut self, text: &str) {
        self.out.extend_from_slice(b"+ ");
        tokens::text(self.out, text);
        self.end();
    }

    /// A SASL challenge, perhaps empty. RFC 9051 §6.2.2
    pub fn challenge(&mut self, challenge: &[u8]) {
        self.continuation(&STANDARD.encode(challenge));
    }

    pub fn capability(&mut self, capabilities: impl IntoIterator<Item = impl AsRef<str>>) {
        self.words("* CAPABILITY", capabilities);
    }

    pub fn enabled(&mut self, capabilities: impl IntoIterator<Item = impl AsRef<str>>) {
        self.words("* ENABLED", capabilities);
    }

    fn words(&mut self, begin: &str, words: impl IntoIterator<Item = impl AsRef<str>>) {
        self.out.extend_from_slice(begin.as_bytes());
        for word in words {
            self.out.push(b' ');
            self.out.extend_from_slice(word.as_ref().as_bytes());
        }
        self.end();
    }

    pub fn list(&mut self, attributes: &[MailboxAttribute], delimiter: Option<char>, name: &str, extras: ListExtras<'_>) {
        self.mailbox_line("* LIST ", attributes, delimiter, name, extras);
    }

    pub fn lsub(&mut self, attributes: &[MailboxAttribute], delimiter: Option<char>, name: &str) {
        self.mailbox_line("* LSUB ", attributes, delimiter, name, ListExtras::default());
    }

    fn mailbox_line(&mut self, begin: &str, attributes: &[MailboxAttribute], delimiter: Option<char>, name: &str, extras: ListExtras<'_>) {
        self.out.extend_from_slice(begin.as_bytes());
        tokens::list(self.out, attributes, |out, attribute| {
            out.push(b'\\');
            out.extend_from_slice(attribute.bare_name().as_bytes());
        });
        self.out.push(b' ');
        tokens::delimiter(self.out, delimiter);
        self.out.push(b' ');
        // The empty name that answers LIST "" "" must be seen as a string.
        tokens::mailbox(self.out, name, self.utf8);
        if extras != ListExtras::default() {
            self.out.extend_from_slice(b" (");
            if extras.child_subscribed {
                self.out.extend_from_slice(b"\"CHILDINFO\" (\"SUBSCRIBED\")");
            }
            if let Some(old_name) = extras.old_name {
                self.out.extend_from_slice(if extras.child_subscribed { b" \"OLDNAME\" (" } else { b"\"OLDNAME\" (" });
                tokens::mailbox(self.out, old_name, self.utf8);
                self.out.push(b')');
            }
            self.out.push(b')');
        }
        self.end();
    }

    pub fn status(&mut self, mailbox: &str, values: &[StatusValue]) {
        self.out.extend_from_slice(b"* STATUS ");
        tokens::mailbox(self.out, mailbox, self.utf8);
        self.out.push(b' ');
        tokens::list(self.out, values, super::values::status_value);
        self.end();
    }

    pub fn flags(&mut self, flags: &[Flag]) {
        self.out.extend_from_slice(b"* FLAGS ");
        tokens::list(self.out, flags, tokens::flag);
        self.end();
    }

    pub fn exists(&mut self, count: u32) {
        self.numbered(count, " EXISTS");
    }

    /// RFC 3501 §7.3.2
    pub fn recent(&mut self, count: u32) {
        self.numbered(count, " RECENT");
    }

    pub fn expunge(&mut self, number: u32) {
        self.numbered(number, " EXPUNGE");
    }

    fn numbered(&mut self, number: u32, what: &str) {
        self.out.extend_from_slice(b"* ");
        tokens::number(self.out, u64::from(number));
        self.out.extend_from_slice(what.as_bytes());
        self.end();
    }

    /// In as many lines as it takes; none for an empty set. RFC 7162 §3.2.10
    pub fn vanished(&mut self, earlier: bool, uids: &NumberSet) {
        for ranges in uids.ranges().chunks(MAX_RANGES_PER_LINE) {
            self.out.extend_from_slice(if earlier { b"* VANISHED (EARLIER) " } else { b"* VANISHED " });
            tokens::number_set(self.out, ranges);
            self.end();
        }
    }

    /// RFC 3501 §7.2.5, RFC 7162 §3.1.5
    pub fn search(&mut self, numbers: impl IntoIterator<Item = u32>, mod_seq: Option<u64>) {
        self.numbers("* SEARCH", numbers, mod_seq);
    }

    /// RFC 5256 §4, RFC 7162 §7
    pub fn sort(&mut self, numbers: impl IntoIterator<Item = u32>, mod_seq: Option<u64>) {
        self.numbers("* SORT", numbers, mod_seq);
    }

    /// `threads` as RFC 5256 §4 writes them: `(2)(3 6 (4 23)(44 7 96))`.
    pub fn thread(&mut self, threads: &str) {
        self.out.extend_from_slice(b"* THREAD");
        if !threads.is_empty() {
            self.out.push(b' ');
            tokens::text(self.out, threads);
        }
        self.end();
    }

    fn numbers(&mut self, begin: &str, numbers: impl IntoIterator<Item = u32>, mod_seq: Option<u64>) {
        self.out.extend_from_slice(begin.as_bytes());
        for number in numbers {
            self.out.push(b' ');
            tokens::number(self.out, u64::from(number));
        }
        if let Some(mod_seq) = mod_seq {
            self.out.extend_from_slice(b" (MODSEQ ");
            tokens::number(self.out, mod_seq);
            self.out.push(b')');
        }
        self.end();
    }

    /// RFC 4731 §3.1
    pub fn esearch(&mut self, found: &ESearch) {
        super::values::esearch(self.out, found, self.utf8);
        self.end();
    }

    /// RFC 2342 §6
    pub fn namespace(&mut self, personal: &[Namespace], others: &[Namespace], shared: &[Namespace]) {
        self.out.extend_from_slice(b"* NAMESPACE");
        for namespaces in [personal, others, shared] {
            self.out.push(b' ');
            super::values::namespaces(self.out, namespaces, self.utf8);
        }
        self.end();
    }

    /// RFC 2971 §3.2
    pub fn id(&mut self, fields: &[(impl AsRef<str>, Option<impl AsRef<str>>)]) {
        self.out.extend_from_slice(b"* ID ");
        if fields.is_empty() {
            self.out.extend_from_slice(b"NIL");
        } else {
            tokens::list(self.out, fields, |out, (field, value)| {
                tokens::string(out, field.as_ref().as_bytes(), self.utf8);
                out.push(b' ');
                match value {
                    Some(value) => tokens::string(out, value.as_ref().as_bytes(), self.utf8),
                    None => out.extend_from_slice(b"NIL"),
                }
            });
        }
        self.end();
    }

    /// RFC 9208 §5.1
    pub fn quota(&mut self, root: &str, resources: &[QuotaResource]) {
        self.out.extend_from_slice(b"* QUOTA ");
        tokens::astring(self.out, root.as_bytes(), self.utf8);
        self.out.push(b' ');
        tokens::list(self.out, resources, |out, resource| {
            out.extend_from_slice(resource.name.as_str().as_bytes());
            for number in [resource.usage, resource.limit] {
                out.push(b' ');
                tokens::number(out, number);
            }
        });
        self.end();
    }

    /// RFC 9208 §5.2
    pub fn quota_root(&mut self, mailbox: &str, roots: &[&str]) {
        self.out.extend_from_slice(b"* QUOTAROOT ");
        tokens::mailbox(self.out, mailbox, self.utf8);
        for root in roots {
            self.out.push(b' ');
            tokens::astring(self.out, root.as_bytes(), self.utf8);
        }
        self.end();
    }

    /// `* n FETCH (…)`
    pub fn fetch(&mut self, number: u32) -> FetchWriter<'_> {
        FetchWriter::begin(self.out, number, " FETCH (", self.utf8)
    }

    /// `* uid UIDFETCH (…)`. RFC 9586
    pub fn uid_fetch(&mut self, uid: u32) -> FetchWriter<'_> {
        FetchWriter::begin(self.out, uid, " UIDFETCH (", self.utf8)
    }

    /// `* METADATA mailbox (entry value …)`; the empty name is the server, `None` is NIL. RFC 5464 §4.4.1
    pub fn metadata<'e>(&mut self, mailbox: &str, entries: impl IntoIterator<Item = (&'e str, Option<&'e [u8]>)>) {
        self.begin_metadata(mailbox);
        let utf8 = self.utf8;
        tokens::list(self.out, entries, |out, (name, value)| {
            tokens::astring(out, name.as_bytes(), utf8);
            out.push(b' ');
            match value {
                Some(value) => tokens::string8(out, value, utf8),
                None => out.extend_from_slice(b"NIL"),
            }
        });
        self.end();
    }

    /// `* METADATA mailbox entry …`: these have changed. RFC 5464 §4.4.2
    pub fn metadata_changed<'e>(&mut self, mailbox: &str, entries: impl IntoIterator<Item = &'e str>) {
        self.begin_metadata(mailbox);
        let utf8 = self.utf8;
        tokens::spaced(self.out, entries, |out, name| tokens::astring(out, name.as_bytes(), utf8));
        self.end();
    }

    fn begin_metadata(&mut self, mailbox: &str) {
        self.out.extend_from_slice(b"* METADATA ");
        tokens::mailbox(self.out, mailbox, self.utf8);
        self.out.push(b' ');
    }

    /// RFC 9698
    pub fn jmap_access(&mut self, url: &str) {
        self.out.extend_from_slice(b"* JMAPACCESS ");
        tokens::string(self.out, url.as_bytes(), self.utf8);
        self.end();
    }

    fn end(&mut self) {
        self.out.extend_from_slice(b"\r\n");
    }
}
