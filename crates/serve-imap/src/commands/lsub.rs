//! LSUB, for programs of RFC 3501 §6.3.9. LIST (SUBSCRIBED) is what took its place.

use std::collections::BTreeMap;

use mail::mailboxes::{self, SEPARATOR};
use proto_imap::{ListMatcher, ListPattern, MailboxAttribute};

use super::list::Tree;
use crate::session::{Answer, Done, Session};

pub(crate) async fn lsub(session: &mut Session, reference: &str, pattern: &ListPattern) -> Answer {
    let tree = Tree::of(session.read(mailboxes::list).await?);
    let matcher = ListMatcher::new(reference, pattern, SEPARATOR);
    // RFC 3501 §6.3.9: with `%`, a name that is not subscribed stands with \Noselect for subscribed ones below it.
    let stands_for_others = pattern.as_str().ends_with('%');
    let mut found: BTreeMap<&str, bool> = BTreeMap::new();
    for mailbox in &tree.mailboxes {
        let below = stands_for_others && tree.has_subscribed_below(mailbox.id);
        if (mailbox.subscribed || below) && matcher.matches(tree.name(mailbox.id)) {
            found.insert(tree.name(mailbox.id), mailbox.subscribed);
        }
    }
    for (name, subscribed) in found {
        let attributes: &[MailboxAttribute] = if subscribed { &[] } else { &[MailboxAttribute::NoSelect] };
        session.say().lsub(attributes, Some(SEPARATOR), name);
    }
    Ok(Done::plain("LSUB completed"))
}
