//! What NOTIFY tells: the mailboxes of an account as the client knows them, beside those that are there. RFC 5465 §5

use std::collections::{HashMap, HashSet};

use mail::MailboxId;
use mail::mailboxes::{Mailbox, Role, SEPARATOR};
use proto_imap::{EventGroup, ListExtras, MailboxAttribute, NotifyEvent, NotifyMailboxes, ResponseWriter, StatusValue};

use crate::commands::status::mod_seq;
use crate::names::{bare, full_names, use_attribute};

/// A mailbox as the client knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    parent: Option<MailboxId>,
    pub(super) name: String,
    subscribed: bool,
    is_inbox: bool,
    uid_next: u32,
    total: u32,
    change_number: i64,
}

impl Known {
    /// Without the names above it.
    fn own_name(&self) -> &str {
        self.name.rsplit_once(SEPARATOR).map_or(&self.name, |(_, own)| own)
    }

    /// Whether it got this name by itself, and not because one above it did.
    fn was_named_otherwise(&self, before: &Self) -> bool {
        self.parent != before.parent || self.own_name() != before.own_name()
    }
}

pub(super) fn known(all: &[Mailbox]) -> HashMap<MailboxId, Known> {
    let mut names = full_names(all);
    let one = |mailbox: &Mailbox| {
        let known = Known {
            parent: mailbox.parent,
            name: names.remove(&mailbox.id).unwrap_or_default(),
            subscribed: mailbox.subscribed,
            is_inbox: mailbox.role == Some(Role::Inbox),
            uid_next: mailbox.uid_next,
            total: mailbox.total,
            change_number: mailbox.change_number,
        };
        (mailbox.id, known)
    };
    all.iter().map(one).collect()
}

/// Whether this is told of the mailbox: whatever any group asks for that it belongs to. RFC 5465 §6
pub(super) fn wants(groups: &[EventGroup], known: &Known, is_it: impl Fn(&NotifyEvent) -> bool) -> bool {
    groups.iter().any(|group| group.events.iter().any(&is_it) && is_meant(&group.mailboxes, known))
}

/// Whether MessageNew is, and with it MessageExpunge.
pub(super) fn wants_messages(groups: &[EventGroup], known: &Known) -> bool {
    wants(groups, known, |event| matches!(event, NotifyEvent::MessageNew(_)))
}

pub(super) fn wants_flags(groups: &[EventGroup], known: &Known) -> bool {
    wants(groups, known, |event| *event == NotifyEvent::FlagChange)
}

/// Names in a group are those of mailboxes that may come later, so they are compared and not looked up.
fn is_meant(mailboxes: &NotifyMailboxes, known: &Known) -> bool {
    match mailboxes {
        NotifyMailboxes::Selected | NotifyMailboxes::SelectedDelayed => false,
        NotifyMailboxes::Inboxes => known.is_inbox,
        NotifyMailboxes::Personal => true,
        NotifyMailboxes::Subscribed => known.subscribed,
        NotifyMailboxes::Mailboxes(names) => names.iter().any(|name| bare(name) == known.name),
        NotifyMailboxes::Subtree(names) => names.iter().any(|name| {
            let below = known.name.strip_prefix(bare(name));
            below.is_some_and(|below| below.is_empty() || below.starts_with(SEPARATOR))
        }),
    }
}

pub(super) struct Difference<'a> {
    pub(super) groups: &'a [EventGroup],
    pub(super) before: &'a HashMap<MailboxId, Known>,
    pub(super) now: &'a HashMap<MailboxId, Known>,
    /// Of its messages is told elsewhere.
    pub(super) selected: Option<MailboxId>,
    /// Names that this session made what they are.
    pub(super) own: &'a [String],
}

/// One untagged response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// With the name that it had before.
    List(Vec<MailboxAttribute>, &'a str, Option<&'a str>),
    Status(&'a str, Vec<StatusValue>),
}

impl Line<'_> {
    pub(super) fn write(&self, say: &mut ResponseWriter<'_>) {
        match self {
            Self::List(attributes, name, old_name) => {
                say.list(attributes, Some(SEPARATOR), name, ListExtras { child_subscribed: false, old_name: *old_name });
            }
            Self::Status(name, values) => say.status(name, values),
        }
    }
}

impl<'a> Difference<'a> {
    pub(super) fn lines(&self, all: &[Mailbox], condstore: bool) -> Vec<Line<'a>> {
        let mut lines = Vec::new();
        let mut gone: Vec<&Known> = self.before.iter().filter(|(id, _)| !self.now.contains_key(id)).map(|(_, known)| known).collect();
        gone.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        for known in &gone {
            if self.wants_name(known) && !self.is_own(&known.name) {
                lines.push(Line::List(vec![MailboxAttribute::NonExistent], &known.name, None));
            }
        }
        // RFC 5465 §5.4: what comes or goes concerns the one above it.
        let came = all.iter().filter(|mailbox| !self.before.contains_key(&mailbox.id));
        let concerned: HashSet<MailboxId> =
            gone.iter().filter_map(|known| known.parent).chain(came.filter_map(|mailbox| mailbox.parent)).collect();
        let with_children: HashSet<MailboxId> = all.iter().filter_map(|mailbox| mailbox.parent).collect();
        // Those below are renamed with it, and are not told apart. Parents come before children.
        let mut renamed: HashSet<MailboxId> = HashSet::new();
        for mailbox in all {
            let Some(now) = self.now.get(&mailbox.id) else { continue };
            let before = self.before.get(&mailbox.id);
            let is_concerned = concerned.contains(&mailbox.id);
            if before == Some(now) && !is_concerned {
                continue;
            }
            let wants_name = self.wants_name(now) || before.is_some_and(|before| self.wants_name(before));
            let follows =
                before.is_some_and(|before| !now.was_named_otherwise(before)) && now.parent.is_some_and(|up| renamed.contains(&up));
            let old_name = before.map(|before| before.name.as_str()).filter(|old| *old != now.name && wants_name && !follows);
            if old_name.is_some() || follows {
                renamed.insert(mailbox.id);
            }
            let is_named = wants_name && (before.is_none() || old_name.is_some() || is_concerned);
            let is_subscribed = before.map_or(now.subscribed, |before| before.subscribed != now.subscribed)
                && (self.wants_subscription(now) || before.is_some_and(|before| self.wants_subscription(before)));
            let is_own = self.is_own(&now.name);
            if (is_named || is_subscribed) && !is_own {
                let children = with_children.contains(&mailbox.id);
                let children = if children { MailboxAttribute::HasChildren } else { MailboxAttribute::HasNoChildren };
                let subscribed = now.subscribed.then_some(MailboxAttribute::Subscribed);
                let attributes = std::iter::once(children).chain(subscribed).chain(use_attribute(mailbox)).collect();
                lines.push(Line::List(attributes, &now.name, old_name));
            }
            if self.selected != Some(mailbox.id) && self.wants_status(now, before, is_own) {
                lines.push(Line::Status(&now.name, status(mailbox, wants_flags(self.groups, now), condstore)));
            }
        }
        lines
    }

    fn wants_name(&self, known: &Known) -> bool {
        wants(self.groups, known, |event| *event == NotifyEvent::MailboxName)
    }

    fn wants_subscription(&self, known: &Known) -> bool {
        wants(self.groups, known, |event| *event == NotifyEvent::SubscriptionChange)
    }

    fn is_own(&self, name: &str) -> bool {
        self.own.iter().any(|own| own == name)
    }

    /// RFC 5465 §5.1 to §5.3. Of a mailbox that came it is told at once, because its name may have had another UIDVALIDITY before.
    fn wants_status(&self, now: &Known, before: Option<&Known>, is_own: bool) -> bool {
        let messages = || wants_messages(self.groups, now);
        match before {
            None => (now.total > 0 || !is_own) && messages(),
            Some(before) => {
                let came_or_went = before.uid_next != now.uid_next || before.total != now.total;
                (came_or_went && messages()) || (before.change_number != now.change_number && wants_flags(self.groups, now))
            }
        }
    }
}

/// What STATUS tells of a mailbox, also of its flags. RFC 5465 §3.1
pub(crate) fn status(mailbox: &Mailbox, flags: bool, condstore: bool) -> Vec<StatusValue> {
    let mut values =
        vec![StatusValue::Messages(mailbox.total), StatusValue::UidNext(mailbox.uid_next), StatusValue::UidValidity(mailbox.uid_validity)];
    if flags {
        values.push(StatusValue::Unseen(mailbox.unseen));
    }
    if condstore {
        values.push(StatusValue::HighestModSeq(mod_seq(mailbox.change_number)));
    }
    values
}

#[cfg(test)]
mod tests {
    use proto_imap::MailboxName;

    use super::*;

    fn known_as(name: &str) -> Known {
        Known { parent: None, name: name.into(), subscribed: false, is_inbox: name == "INBOX", uid_next: 1, total: 0, change_number: 1 }
    }

    #[test]
    fn of_a_mailbox_is_told_what_any_group_asks_for_that_it_belongs_to() {
        let name = |name: &str| MailboxName::new(name).expect("a name");
        let groups = [
            EventGroup { mailboxes: NotifyMailboxes::Mailboxes(vec![name("项目/旧")]), events: vec![NotifyEvent::FlagChange] },
            EventGroup { mailboxes: NotifyMailboxes::Subtree(vec![name("项目")]), events: vec![NotifyEvent::MailboxName] },
            EventGroup { mailboxes: NotifyMailboxes::Inboxes, events: vec![NotifyEvent::SubscriptionChange] },
        ];
        let told = |mailbox: &str| {
            let events = [NotifyEvent::FlagChange, NotifyEvent::MailboxName, NotifyEvent::SubscriptionChange];
            events.map(|event| wants(&groups, &known_as(mailbox), |other| *other == event))
        };
        assert_eq!(told("项目/旧"), [true, true, false]);
        assert_eq!(told("项目/新/甲"), [false, true, false]);
        assert_eq!(told("项目"), [false, true, false]);
        assert_eq!(told("项目二"), [false, false, false]);
        assert_eq!(told("INBOX"), [false, false, true]);
    }
}
