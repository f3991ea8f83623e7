//! LIST, plain and extended (RFC 5258), with SPECIAL-USE (RFC 6154), STATUS (RFC 5819) and METADATA (RFC 9590). RFC 9051 §6.3.9

use std::collections::{HashMap, HashSet};

use mail::MailboxId;
use mail::heads::MailError;
use mail::mailboxes::{self, Mailbox, SEPARATOR};
use mail::metadata::{self, Entry};
use proto_imap::{List, ListExtras, ListMatcher, ListReturn, ListSelect, MailboxAttribute, StatusValue};

use super::status;
use crate::errors::Failed;
use crate::names::{full_names, use_attribute};
use crate::session::{Answer, Done, Session};

/// The mailboxes of an account with what LIST tells of them.
pub(super) struct Tree {
    pub(super) mailboxes: Vec<Mailbox>,
    names: HashMap<MailboxId, String>,
    with_children: HashSet<MailboxId>,
    /// Those above a subscribed one.
    with_subscribed_below: HashSet<MailboxId>,
}

impl Tree {
    pub(super) fn of(mailboxes: Vec<Mailbox>) -> Self {
        let parents: HashMap<MailboxId, Option<MailboxId>> = mailboxes.iter().map(|mailbox| (mailbox.id, mailbox.parent)).collect();
        let mut with_subscribed_below = HashSet::new();
        for mailbox in mailboxes.iter().filter(|mailbox| mailbox.subscribed) {
            let mut above = mailbox.parent;
            while let Some(id) = above
                && with_subscribed_below.insert(id)
            {
                above = parents.get(&id).copied().flatten();
            }
        }
        let with_children = mailboxes.iter().filter_map(|mailbox| mailbox.parent).collect();
        Self { names: full_names(&mailboxes), with_children, with_subscribed_below, mailboxes }
    }

    pub(super) fn name(&self, id: MailboxId) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    pub(super) fn has_subscribed_below(&self, id: MailboxId) -> bool {
        self.with_subscribed_below.contains(&id)
    }

    pub(super) fn children_attribute(&self, id: MailboxId) -> MailboxAttribute {
        if self.with_children.contains(&id) { MailboxAttribute::HasChildren } else { MailboxAttribute::HasNoChildren }
    }
}

pub(crate) async fn list(session: &mut Session, wanted: List) -> Answer {
    // RFC 9051 §6.3.9: an empty name asks for the separator alone.
    if !wanted.is_extended() && wanted.patterns.first().is_some_and(|pattern| pattern.as_str().is_empty()) {
        session.say().list(&[MailboxAttribute::NoSelect], Some(SEPARATOR), "", ListExtras::default());
        return Ok(Done::plain("LIST completed"));
    }
    let select = wanted.select.unwrap_or_default();
    let returns = wanted.returns.clone().unwrap_or_default();
    let tree = Tree::of(session.read(mailboxes::list).await?);
    let matchers: Vec<ListMatcher> =
        wanted.patterns.iter().map(|pattern| ListMatcher::new(&wanted.reference, pattern, SEPARATOR)).collect();
    let mut shown = Vec::new();
    for mailbox in &tree.mailboxes {
        let name = tree.name(mailbox.id);
        let Some(child_subscribed) = selected(select, &tree, mailbox) else { continue };
        if matchers.iter().any(|matcher| matcher.matches(name)) {
            shown.push((mailbox.clone(), child_subscribed));
        }
    }
    let mut values = statuses(session, &returns, &shown).await?;
    let notes = notes(session, &returns).await?;
    for (mailbox, child_subscribed) in &shown {
        let name = tree.name(mailbox.id);
        let extras = ListExtras { child_subscribed: *child_subscribed, old_name: None };
        let mut say = session.say();
        say.list(&attributes(select, &returns, &tree, mailbox), Some(SEPARATOR), name, extras);
        if let Some(values) = values.remove(&mailbox.id) {
            say.status(name, &values);
        }
        if !returns.metadata.is_empty() {
            let there = notes.get(&mailbox.id).map_or(&[][..], Vec::as_slice);
            // RFC 9590 §3: what is asked for and has no value is NIL.
            let value = |asked: &str| there.iter().find(|entry| entry.name.eq_ignore_ascii_case(asked)).map(|entry| entry.value.as_slice());
            say.metadata(name, returns.metadata.iter().map(|asked| (asked.as_str(), value(asked.as_str()))));
        }
        session.flush_if_much().await?;
    }
    Ok(Done::plain("LIST completed"))
}

/// Whether the selection options let the mailbox pass; if so, whether with CHILDINFO, because of what is below it.
fn selected(select: ListSelect, tree: &Tree, mailbox: &Mailbox) -> Option<bool> {
    let subscribed = !select.subscribed || mailbox.subscribed;
    let special = !select.special_use || use_attribute(mailbox).is_some();
    let below = select.recursive_match && select.subscribed && tree.has_subscribed_below(mailbox.id);
    (subscribed && special).then_some(below).or_else(|| below.then_some(true))
}

fn attributes(select: ListSelect, returns: &ListReturn, tree: &Tree, mailbox: &Mailbox) -> Vec<MailboxAttribute> {
    // CHILDREN costs nothing here, and RFC 9051 §7.3.1 asks for it always.
    let mut attributes = vec![tree.children_attribute(mailbox.id)];
    if (returns.subscribed || select.subscribed) && mailbox.subscribed {
        attributes.push(MailboxAttribute::Subscribed);
    }
    // RFC 6154 §2: told in every LIST, so that programs which do not know the option find them too.
    attributes.extend(use_attribute(mailbox));
    attributes
}

/// What the mailboxes have of the notes that are asked for.
async fn notes(session: &Session, returns: &ListReturn) -> Result<HashMap<MailboxId, Vec<Entry>>, Failed> {
    if returns.metadata.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<String> = returns.metadata.iter().map(|name| name.as_str().to_owned()).collect();
    session.read(move |ctx, tx, account| metadata::list_named(ctx, tx, account, &names)).await
}

async fn statuses(
    session: &mut Session,
    returns: &ListReturn,
    shown: &[(Mailbox, bool)],
) -> Result<HashMap<MailboxId, Vec<StatusValue>>, Failed> {
    if returns.status.is_empty() {
        return Ok(HashMap::new());
    }
    status::note_condstore(session, &returns.status);
    let (items, limit) = (returns.status.clone(), session.server.options.max_message_bytes);
    let asked: Vec<Mailbox> = shown.iter().map(|(mailbox, _)| mailbox.clone()).collect();
    session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let mut values = HashMap::with_capacity(asked.len());
            for mailbox in &asked {
                values.insert(mailbox.id, status::values(ctx, tx, account, mailbox, &items, limit)?);
            }
            Ok(values)
        })
        .await
}
