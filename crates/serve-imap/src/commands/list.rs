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
    /// Subscribed names without a mailbox.
    pub(super) lost: Vec<String>,
    names: HashMap<MailboxId, String>,
    with_children: HashSet<MailboxId>,
}

impl Tree {
    pub(super) async fn read(session: &Session) -> Result<Self, Failed> {
        let read = session.read(|ctx, tx, account| -> Result<_, MailError> {
            Ok((mailboxes::list(ctx, tx, account)?, mailboxes::lost(ctx, tx, account)?))
        });
        let (mailboxes, lost) = read.await?;
        let with_children = mailboxes.iter().filter_map(|mailbox| mailbox.parent).collect();
        Ok(Self { names: full_names(&mailboxes), with_children, mailboxes, lost })
    }

    pub(super) fn name(&self, id: MailboxId) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    pub(super) fn children_attribute(&self, id: MailboxId) -> MailboxAttribute {
        if self.with_children.contains(&id) { MailboxAttribute::HasChildren } else { MailboxAttribute::HasNoChildren }
    }

    /// The names above those that are subscribed and of which `counts` says so.
    pub(super) fn above_subscribed(&self, counts: impl Fn(&str) -> bool) -> HashSet<&str> {
        let marked = self.mailboxes.iter().filter(|mailbox| mailbox.subscribed).map(|mailbox| self.name(mailbox.id));
        let mut above = HashSet::new();
        for name in marked.chain(self.lost.iter().map(String::as_str)).filter(|name| counts(name)) {
            let mut rest = name;
            while let Some((parent, _)) = rest.rsplit_once(SEPARATOR)
                && above.insert(parent)
            {
                rest = parent;
            }
        }
        above
    }
}

/// A line of the answer.
struct Shown<'t> {
    name: &'t str,
    /// `None`: there is none of this name.
    mailbox: Option<&'t Mailbox>,
    subscribed: bool,
    /// CHILDINFO.
    child_subscribed: bool,
}

pub(crate) async fn list(session: &mut Session, wanted: List) -> Answer {
    // RFC 9051 §6.3.9: an empty name asks for the separator alone.
    if !wanted.is_extended() && wanted.patterns.first().is_some_and(|pattern| pattern.as_str().is_empty()) {
        session.say().list(&[MailboxAttribute::NoSelect], Some(SEPARATOR), "", ListExtras::default());
        return Ok(Done::plain("LIST completed"));
    }
    let select = wanted.select.unwrap_or_default();
    let returns = wanted.returns.clone().unwrap_or_default();
    let tree = Tree::read(session).await?;
    let shown = shown(&tree, &wanted, select);
    let mut values = statuses(session, &returns, &shown).await?;
    let notes = notes(session, &returns).await?;
    for line in &shown {
        let mut say = session.say();
        let extras = ListExtras { child_subscribed: line.child_subscribed, old_name: None };
        say.list(&attributes(select, &returns, &tree, line), Some(SEPARATOR), line.name, extras);
        let Some(mailbox) = line.mailbox else { continue };
        if let Some(values) = values.remove(&mailbox.id) {
            say.status(line.name, &values);
        }
        if !returns.metadata.is_empty() {
            let there = notes.get(&mailbox.id).map_or(&[][..], Vec::as_slice);
            // RFC 9590 §3: what is asked for and has no value is NIL.
            let value = |asked: &str| there.iter().find(|entry| entry.name.eq_ignore_ascii_case(asked)).map(|entry| entry.value.as_slice());
            say.metadata(line.name, returns.metadata.iter().map(|asked| (asked.as_str(), value(asked.as_str()))));
        }
        session.flush_if_much().await?;
    }
    Ok(Done::plain("LIST completed"))
}

fn shown<'t>(tree: &'t Tree, wanted: &List, select: ListSelect) -> Vec<Shown<'t>> {
    let matchers: Vec<ListMatcher> =
        wanted.patterns.iter().map(|pattern| ListMatcher::new(&wanted.reference, pattern, SEPARATOR)).collect();
    let fits = |name: &str| matchers.iter().any(|matcher| matcher.matches(name));
    let recursive = select.recursive_match && select.subscribed;
    let above = if recursive { tree.above_subscribed(|_| true) } else { HashSet::new() };
    // RFC 5258 §3.5: who is told of the children anyway need not be told that there are some.
    let above_untold = if recursive { tree.above_subscribed(|name| !fits(name)) } else { HashSet::new() };
    let mut shown = Vec::new();
    for mailbox in &tree.mailboxes {
        let name = tree.name(mailbox.id);
        let is_selected = (!select.subscribed || mailbox.subscribed) && (!select.special_use || use_attribute(mailbox).is_some());
        if (is_selected || above_untold.contains(name)) && fits(name) {
            let child_subscribed = above.contains(name);
            shown.push(Shown { name, mailbox: Some(mailbox), subscribed: mailbox.subscribed, child_subscribed });
        }
    }
    if select.subscribed && !select.special_use {
        let exists: HashSet<&str> = tree.mailboxes.iter().map(|mailbox| tree.name(mailbox.id)).collect();
        let lost: HashSet<&str> = tree.lost.iter().map(String::as_str).collect();
        let mut names: Vec<&str> = above_untold.iter().copied().filter(|name| !exists.contains(name)).chain(lost.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        let line = |name| Shown { name, mailbox: None, subscribed: lost.contains(name), child_subscribed: above.contains(name) };
        shown.extend(names.into_iter().filter(|name| fits(name)).map(line));
    }
    shown
}

fn attributes(select: ListSelect, returns: &ListReturn, tree: &Tree, line: &Shown<'_>) -> Vec<MailboxAttribute> {
    let first = match line.mailbox {
        // CHILDREN costs nothing here, and RFC 9051 §7.3.1 asks for it always.
        Some(mailbox) => tree.children_attribute(mailbox.id),
        None => MailboxAttribute::NonExistent,
    };
    let mut attributes = vec![first];
    if (returns.subscribed || select.subscribed) && line.subscribed {
        attributes.push(MailboxAttribute::Subscribed);
    }
    // RFC 6154 §2: told in every LIST, so that programs which do not know the option find them too.
    attributes.extend(line.mailbox.and_then(use_attribute));
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
    shown: &[Shown<'_>],
) -> Result<HashMap<MailboxId, Vec<StatusValue>>, Failed> {
    if returns.status.is_empty() {
        return Ok(HashMap::new());
    }
    status::note_condstore(session, &returns.status);
    let (items, how) = (returns.status.clone(), status::Asked::of(session));
    let asked: Vec<Mailbox> = shown.iter().filter_map(|line| line.mailbox.cloned()).collect();
    session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let mut values = HashMap::with_capacity(asked.len());
            for mailbox in &asked {
                values.insert(mailbox.id, status::values(ctx, tx, account, mailbox, &items, &how)?);
            }
            Ok(values)
        })
        .await
}
