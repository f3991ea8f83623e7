//! What NOTIFY tells: the mailboxes of an account as the client knows them, beside those that are there. RFC 5465 §5

use std::collections::HashMap;

use mail::MailboxId;
use mail::mailboxes::{Mailbox, Role, SEPARATOR};
use proto_imap::{EventGroup, ListExtras, MailboxAttribute, NotifyEvent, NotifyMailboxes, ResponseWriter, StatusValue};

use crate::commands::status::mod_seq;
use crate::names::full_names;

/// A mailbox as the client knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    name: String,
    subscribed: bool,
    is_inbox: bool,
    uid_next: u32,
    total: u32,
    change_number: i64,
}

/// All of them, and their names.
pub(super) fn known(all: &[Mailbox]) -> (HashMap<MailboxId, Known>, HashMap<MailboxId, String>) {
    let names = full_names(all);
    let one = |mailbox: &Mailbox| {
        let known = Known {
            name: names.get(&mailbox.id).cloned().unwrap_or_default(),
            subscribed: mailbox.subscribed,
            is_inbox: mailbox.role == Some(Role::Inbox),
            uid_next: mailbox.uid_next,
            total: mailbox.total,
            change_number: mailbox.change_number,
        };
        (mailbox.id, known)
    };
    (all.iter().map(one).collect(), names)
}

/// What is told of a mailbox: by the first group it belongs to.
pub(super) fn events_of<'g>(groups: &'g [EventGroup], known: &HashMap<MailboxId, Known>, mailbox: MailboxId) -> &'g [NotifyEvent] {
    known.get(&mailbox).map_or(&[], |known| events(groups, known))
}

fn events<'g>(groups: &'g [EventGroup], known: &Known) -> &'g [NotifyEvent] {
    groups.iter().find(|group| is_meant(&group.mailboxes, known)).map_or(&[], |group| group.events.as_slice())
}

/// Names in a group are those of mailboxes that may come later, so they are compared and not looked up.
fn is_meant(mailboxes: &NotifyMailboxes, known: &Known) -> bool {
    let same = |name: &str| name.strip_suffix(SEPARATOR).unwrap_or(name) == known.name;
    match mailboxes {
        NotifyMailboxes::Selected | NotifyMailboxes::SelectedDelayed => false,
        NotifyMailboxes::Inboxes => known.is_inbox,
        NotifyMailboxes::Personal => true,
        NotifyMailboxes::Subscribed => known.subscribed,
        NotifyMailboxes::Mailboxes(names) => names.iter().any(|name| same(name.as_str())),
        NotifyMailboxes::Subtree(names) => names.iter().any(|name| {
            let name = name.as_str();
            let above = name.strip_suffix(SEPARATOR).unwrap_or(name);
            same(name) || known.name.strip_prefix(above).is_some_and(|below| below.starts_with(SEPARATOR))
        }),
    }
}

pub(super) struct Difference<'a> {
    pub(super) groups: &'a [EventGroup],
    pub(super) before: &'a HashMap<MailboxId, Known>,
    pub(super) now: &'a HashMap<MailboxId, Known>,
    pub(super) names: &'a HashMap<MailboxId, String>,
    /// Of its messages is told elsewhere.
    pub(super) selected: Option<MailboxId>,
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
        for known in gone {
            if events(self.groups, known).contains(&NotifyEvent::MailboxName) {
                lines.push(Line::List(vec![MailboxAttribute::NonExistent], &known.name, None));
            }
        }
        for mailbox in all {
            let (Some(now), Some(name)) = (self.now.get(&mailbox.id), self.names.get(&mailbox.id)) else { continue };
            let before = self.before.get(&mailbox.id);
            if before == Some(now) {
                continue;
            }
            // A name that was watched is told to be another one, too.
            let wanted = events(self.groups, now);
            let wanted_before = before.map_or(&[][..], |before| events(self.groups, before));
            let wants = |event: &NotifyEvent| wanted.contains(event) || wanted_before.contains(event);
            let old_name = before.map(|before| before.name.as_str()).filter(|old| *old != name);
            let is_named = (before.is_none() || old_name.is_some()) && wants(&NotifyEvent::MailboxName);
            let is_subscribed = before.is_none_or(|before| before.subscribed != now.subscribed) && wants(&NotifyEvent::SubscriptionChange);
            if is_named || (is_subscribed && (before.is_some() || now.subscribed)) {
                let attributes = if now.subscribed { vec![MailboxAttribute::Subscribed] } else { Vec::new() };
                lines.push(Line::List(attributes, name, old_name.filter(|_| is_named)));
            }
            if self.selected != Some(mailbox.id)
                && let Some(values) = of_messages(mailbox, before, wanted, condstore)
            {
                lines.push(Line::Status(name, values));
            }
        }
        lines
    }
}

/// RFC 5465 §5.2 to §5.4: what a STATUS about a change has to tell.
fn of_messages(mailbox: &Mailbox, before: Option<&Known>, wanted: &[NotifyEvent], condstore: bool) -> Option<Vec<StatusValue>> {
    let before = before.map_or((1, 0, 0), |before| (before.uid_next, before.total, before.change_number));
    let has = |wanted_event: fn(&NotifyEvent) -> bool| wanted.iter().any(wanted_event);
    let came_or_went = before.0 != mailbox.uid_next || before.1 != mailbox.total;
    let changed = before.2 != mailbox.change_number && has(|event| *event == NotifyEvent::FlagChange);
    if !(came_or_went && has(|event| matches!(event, NotifyEvent::MessageNew(_))) || (!came_or_went && changed && before.2 != 0)) {
        return None;
    }
    Some(status(mailbox, wanted, condstore))
}

/// What STATUS tells of a mailbox with these events. RFC 5465 §3.1
pub(crate) fn status(mailbox: &Mailbox, wanted: &[NotifyEvent], condstore: bool) -> Vec<StatusValue> {
    let mut values =
        vec![StatusValue::Messages(mailbox.total), StatusValue::UidNext(mailbox.uid_next), StatusValue::UidValidity(mailbox.uid_validity)];
    if wanted.contains(&NotifyEvent::FlagChange) {
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
        Known { name: name.into(), subscribed: false, is_inbox: name == "INBOX", uid_next: 1, total: 0, change_number: 1 }
    }

    #[test]
    fn a_mailbox_belongs_to_the_first_group_that_names_it() {
        let name = |name: &str| MailboxName::new(name).expect("a name");
        let groups = [
            EventGroup { mailboxes: NotifyMailboxes::Mailboxes(vec![name("项目/旧")]), events: Vec::new() },
            EventGroup { mailboxes: NotifyMailboxes::Subtree(vec![name("项目")]), events: vec![NotifyEvent::MailboxName] },
            EventGroup { mailboxes: NotifyMailboxes::Inboxes, events: vec![NotifyEvent::SubscriptionChange] },
        ];
        assert_eq!(events(&groups, &known_as("项目/旧")), []);
        assert_eq!(events(&groups, &known_as("项目/新/甲")), [NotifyEvent::MailboxName]);
        assert_eq!(events(&groups, &known_as("项目")), [NotifyEvent::MailboxName]);
        assert_eq!(events(&groups, &known_as("项目二")), []);
        assert_eq!(events(&groups, &known_as("INBOX")), [NotifyEvent::SubscriptionChange]);
    }
}
