//! Commands about mailboxes as a whole, as a client sends them.

use super::commands::fetch_attribute;
use super::pieces::{Pieces, chosen};
use super::tokens;
use crate::{
    GetMetadata, List, ListReturn, ListSelect, MailboxName, MetadataDepth, Notify, NotifyEvent, NotifyMailboxes, Select, SetMetadata,
    StatusItem,
};

pub fn select(out: &mut Pieces, select: &Select) {
    out.mailbox(select.mailbox.as_str());
    if !select.condstore && select.qresync.is_none() {
        return;
    }
    out.text(if select.condstore { " (CONDSTORE" } else { " (" });
    if let Some(qresync) = &select.qresync {
        out.text(if select.condstore { " QRESYNC (" } else { "QRESYNC (" });
        out.number(u64::from(qresync.uid_validity));
        out.text(" ");
        out.number(qresync.mod_seq);
        if let Some(known) = &qresync.known_uids {
            out.text(" ");
            tokens::number_set(&mut out.octets, known.ranges());
        }
        if let Some((numbers, uids)) = &qresync.matches {
            out.text(" ");
            out.list([numbers, uids], |out, set| tokens::number_set(&mut out.octets, set.ranges()));
        }
        out.text(")");
    }
    out.text(")");
}

pub fn list(out: &mut Pieces, list: &List) {
    if let Some(ListSelect { subscribed, remote, recursive_match, special_use }) = list.select {
        out.list(
            chosen([(subscribed, "SUBSCRIBED"), (remote, "REMOTE"), (recursive_match, "RECURSIVEMATCH"), (special_use, "SPECIAL-USE")]),
            Pieces::text,
        );
        out.text(" ");
    }
    out.mailbox(&list.reference);
    out.text(" ");
    let patterns: Vec<Vec<u8>> = list.patterns.iter().map(|pattern| out.name(pattern.as_str())).collect();
    match patterns.as_slice() {
        [pattern] => out.string(pattern),
        patterns => out.list(patterns, |out, pattern| out.string(pattern)),
    }
    if let Some(ListReturn { subscribed, children, special_use, status, metadata }) = &list.returns {
        out.text(" RETURN (");
        out.spaced(
            chosen([(*subscribed, "SUBSCRIBED"), (*children, "CHILDREN"), (*special_use, "SPECIAL-USE"), (!status.is_empty(), "STATUS ")]),
            Pieces::text,
        );
        if !status.is_empty() {
            status_items(out, status);
        }
        if !metadata.is_empty() {
            out.text(if out.octets.ends_with(b"(") { "METADATA " } else { " METADATA " });
            out.list(metadata, |out, name| out.astring(name.as_str().as_bytes()));
        }
        out.text(")");
    }
}

pub fn notify(out: &mut Pieces, notify: &Notify) {
    let Notify::Set { status, groups } = notify else { return out.text("NONE") };
    out.text(if *status { "SET STATUS " } else { "SET " });
    out.spaced(groups, |out, group| {
        out.text("(");
        let (word, names) = match &group.mailboxes {
            NotifyMailboxes::Selected => ("SELECTED", &[][..]),
            NotifyMailboxes::SelectedDelayed => ("SELECTED-DELAYED", &[][..]),
            NotifyMailboxes::Inboxes => ("INBOXES", &[][..]),
            NotifyMailboxes::Personal => ("PERSONAL", &[][..]),
            NotifyMailboxes::Subscribed => ("SUBSCRIBED", &[][..]),
            NotifyMailboxes::Subtree(names) => ("SUBTREE ", names.as_slice()),
            NotifyMailboxes::Mailboxes(names) => ("MAILBOXES ", names.as_slice()),
        };
        out.text(word);
        if !names.is_empty() {
            out.list(names, |out, name| out.mailbox(name.as_str()));
        }
        out.text(" ");
        if group.events.is_empty() {
            out.text("NONE");
        } else {
            out.list(&group.events, |out, event| {
                out.text(event.name());
                if let NotifyEvent::MessageNew(attributes) = event
                    && !attributes.is_empty()
                {
                    out.text(" ");
                    out.list(attributes, fetch_attribute);
                }
            });
        }
        out.text(")");
    });
}

pub fn get_metadata(out: &mut Pieces, get: &GetMetadata) {
    let words = [(get.max_size.is_some(), "MAXSIZE "), (get.depth != MetadataDepth::Zero, "DEPTH ")];
    if words.iter().any(|(chosen, _)| *chosen) {
        out.list(chosen(words), |out, word| {
            out.text(word);
            match (word, get.max_size) {
                ("MAXSIZE ", Some(size)) => out.number(u64::from(size)),
                _ => out.text(get.depth.name()),
            }
        });
        out.text(" ");
    }
    mailbox_or_server(out, get.mailbox.as_ref());
    out.text(" ");
    out.list(&get.entries, |out, name| out.astring(name.as_str().as_bytes()));
}

pub fn set_metadata(out: &mut Pieces, set: &SetMetadata) {
    mailbox_or_server(out, set.mailbox.as_ref());
    out.text(" ");
    out.list(&set.entries, |out, (name, value)| {
        out.astring(name.as_str().as_bytes());
        out.text(" ");
        match value {
            Some(value) if value.contains(&0) => {
                out.text("~");
                out.literal(value);
            }
            Some(value) => out.string(value),
            None => out.text("NIL"),
        }
    });
}

fn mailbox_or_server(out: &mut Pieces, mailbox: Option<&MailboxName>) {
    match mailbox {
        Some(mailbox) => out.mailbox(mailbox.as_str()),
        None => out.text("\"\""),
    }
}

pub fn status_items(out: &mut Pieces, items: &[StatusItem]) {
    out.list(items, |out, item| out.text(item.name()));
}
