//! Parts of responses that have a structure of their own, and whole responses from values.

use super::{ResponseWriter, tokens};
use crate::{ESearch, ListExtras, Namespace, Response, StatusValue};

pub(super) fn status_value(out: &mut Vec<u8>, value: &StatusValue) {
    out.extend_from_slice(value.item().name().as_bytes());
    out.push(b' ');
    match value {
        StatusValue::Messages(number)
        | StatusValue::Recent(number)
        | StatusValue::UidNext(number)
        | StatusValue::UidValidity(number)
        | StatusValue::Unseen(number)
        | StatusValue::Deleted(number) => tokens::number(out, u64::from(*number)),
        StatusValue::Size(number)
        | StatusValue::HighestModSeq(number)
        | StatusValue::DeletedStorage(number)
        | StatusValue::AppendLimit(Some(number)) => tokens::number(out, *number),
        StatusValue::AppendLimit(None) => out.extend_from_slice(b"NIL"),
        StatusValue::MailboxId(id) => tokens::list(out, [id], |out, id| out.extend_from_slice(id.as_str().as_bytes())),
    }
}

pub(super) fn esearch(out: &mut Vec<u8>, found: &ESearch, utf8: bool) {
    out.extend_from_slice(b"* ESEARCH");
    if let Some(tag) = &found.tag {
        out.extend_from_slice(b" (TAG ");
        tokens::quoted(out, tag.as_str().as_bytes());
        if let Some((mailbox, uid_validity)) = &found.mailbox {
            out.extend_from_slice(b" MAILBOX ");
            tokens::mailbox(out, mailbox, utf8);
            out.extend_from_slice(b" UIDVALIDITY ");
            tokens::number(out, u64::from(*uid_validity));
        }
        out.push(b')');
    }
    if found.uid {
        out.extend_from_slice(b" UID");
    }
    let mut number = |name: &str, number: Option<u64>| {
        if let Some(number) = number {
            out.extend_from_slice(name.as_bytes());
            tokens::number(out, number);
        }
    };
    number(" MIN ", found.min.map(u64::from));
    number(" MAX ", found.max.map(u64::from));
    number(" COUNT ", found.count.map(u64::from));
    if let Some((range, part)) = &found.partial {
        out.extend_from_slice(b" PARTIAL (");
        tokens::partial_range(out, *range);
        out.push(b' ');
        if part.is_empty() {
            out.extend_from_slice(b"NIL");
        } else {
            tokens::number_set(out, part.ranges());
        }
        out.push(b')');
    }
    // RFC 4731 §3.1: nothing found has no ALL.
    if !found.all.is_empty() {
        out.extend_from_slice(b" ALL ");
        tokens::number_set(out, found.all.ranges());
    }
    // Where the examples of RFC 7162 §3.1.10 have it; no order is prescribed.
    if let Some(mod_seq) = found.mod_seq {
        out.extend_from_slice(b" MODSEQ ");
        tokens::number(out, mod_seq);
    }
}

pub(super) fn namespaces(out: &mut Vec<u8>, namespaces: &[Namespace], utf8: bool) {
    if namespaces.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for namespace in namespaces {
        out.push(b'(');
        let mut prefix = Vec::new();
        if utf8 {
            prefix.extend_from_slice(namespace.prefix.as_bytes());
        } else {
            crate::utf7::encode(&namespace.prefix, &mut prefix);
        }
        tokens::string(out, &prefix, utf8);
        out.push(b' ');
        tokens::delimiter(out, namespace.delimiter);
        out.push(b')');
    }
    out.push(b')');
}

impl Response {
    /// Appends the response with its line end. `utf8` as for [`ResponseWriter::new`].
    pub fn encode(&self, out: &mut Vec<u8>, utf8: bool) {
        let mut writer = ResponseWriter::new(out, utf8);
        match self {
            Self::Status { tag: Some(tag), condition, code, text } => writer.tagged(tag, *condition, code.as_ref(), text),
            Self::Status { tag: None, condition, code, text } => writer.untagged(*condition, code.as_ref(), text),
            Self::Continuation(text) => writer.continuation(text),
            Self::Capability(capabilities) => writer.capability(capabilities),
            Self::Enabled(capabilities) => writer.enabled(capabilities),
            Self::List(item) => {
                let extras = ListExtras { child_subscribed: item.child_subscribed, old_name: item.old_name.as_deref() };
                writer.list(&item.attributes, item.delimiter, &item.name, extras);
            }
            Self::Lsub(item) => writer.lsub(&item.attributes, item.delimiter, &item.name),
            Self::MailboxStatus { mailbox, values } => writer.status(mailbox, values),
            Self::Flags(flags) => writer.flags(flags),
            Self::Exists(count) => writer.exists(*count),
            Self::Recent(count) => writer.recent(*count),
            Self::Expunge(number) => writer.expunge(*number),
            Self::Vanished { earlier, uids } => writer.vanished(*earlier, uids),
            Self::Search { numbers, mod_seq } => writer.search(numbers.iter().copied(), *mod_seq),
            Self::ESearch(found) => writer.esearch(found),
            Self::Sort { numbers, mod_seq } => writer.sort(numbers.iter().copied(), *mod_seq),
            Self::Thread(threads) => writer.thread(threads),
            Self::Namespace { personal, others, shared } => writer.namespace(personal, others, shared),
            Self::Id(fields) => writer.id(fields),
            Self::Quota { root, resources } => writer.quota(root, resources),
            Self::QuotaRoot { mailbox, roots } => {
                let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
                writer.quota_root(mailbox, &roots);
            }
            Self::Metadata { mailbox, entries } => {
                writer.metadata(mailbox, entries.iter().map(|(name, value)| (name.as_str(), value.as_deref())));
            }
            Self::MetadataChanged { mailbox, entries } => writer.metadata_changed(mailbox, entries.iter().map(String::as_str)),
            Self::JmapAccess(url) => writer.jmap_access(url),
            Self::UidFetch { uid, items } => {
                let mut fetch = writer.uid_fetch(*uid);
                for item in items {
                    fetch.put(item);
                }
                fetch.finish();
            }
            Self::Fetch { number, items } => {
                let mut fetch = writer.fetch(*number);
                for item in items {
                    fetch.put(item);
                }
                fetch.finish();
            }
        }
    }
}
