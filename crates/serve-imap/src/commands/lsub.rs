//! LSUB, for programs of RFC 3501 §6.3.9. LIST (SUBSCRIBED) is what took its place.

use std::collections::BTreeMap;

use mail::mailboxes::SEPARATOR;
use proto_imap::{ListMatcher, ListPattern, MailboxAttribute};

use super::list::Tree;
use crate::session::{Answer, Done, Session};

pub(crate) async fn lsub(session: &mut Session, reference: &str, pattern: &ListPattern) -> Answer {
    let tree = Tree::read(session).await?;
    let matcher = ListMatcher::new(reference, pattern, SEPARATOR);
    let marked = tree.mailboxes.iter().filter(|mailbox| mailbox.subscribed).map(|mailbox| tree.name(mailbox.id));
    let mut found: BTreeMap<&str, bool> = BTreeMap::new();
    // RFC 3501 §6.3.9: with `%`, a name that is not subscribed stands with \Noselect for subscribed ones below it.
    if pattern.as_str().ends_with('%') {
        found.extend(tree.above_subscribed(|_| true).into_iter().filter(|name| matcher.matches(name)).map(|name| (name, false)));
    }
    found.extend(marked.chain(tree.lost.iter().map(String::as_str)).filter(|name| matcher.matches(name)).map(|name| (name, true)));
    for (name, subscribed) in found {
        let attributes: &[MailboxAttribute] = if subscribed { &[] } else { &[MailboxAttribute::NoSelect] };
        session.say().lsub(attributes, Some(SEPARATOR), name);
    }
    Ok(Done::plain("LSUB completed"))
}
