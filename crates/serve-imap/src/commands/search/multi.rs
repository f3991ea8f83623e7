//! ESEARCH: several mailboxes at once, each with an answer of its own. RFC 7377

use std::collections::HashSet;
use std::sync::Arc;

use mail::MailboxId;
use mail::heads::MailError;
use mail::mailboxes::{self, Mailbox, Role};
use mail::search::{self, Scope, SearchError};
use proto_imap::{MailboxName, MultiSearch, ReturnOptions, SearchKey, SourceMailboxes, Tag};

use super::answer::{self, Asked};
use super::{Found, asks_for_mod_seq, find, keys};
use crate::errors::{Failed, Refusal};
use crate::loading;
use crate::names::{full_names, path_of};
use crate::session::{Answer, Done, Session};
use crate::view::View;

pub(crate) async fn multi_search(session: &mut Session, tag: Tag, wanted: MultiSearch) -> Answer {
    let MultiSearch { sources, returns, key } = wanted;
    let sources = sources.unwrap_or_else(|| vec![SourceMailboxes::Selected]);
    let returns = returns.unwrap_or(ReturnOptions::ALL);
    let selected = session.view.as_ref().map(|view| view.mailbox);
    if selected.is_none() && sources.contains(&SourceMailboxes::Selected) {
        return Err(Refusal::bad("Select a mailbox first").into());
    }
    // RFC 7377 §2.1, §2.2: numbers, `$` and what is saved belong to the selected mailbox.
    let only_selected = sources.iter().all(|source| *source == SourceMailboxes::Selected);
    if !only_selected && (returns.save || keys::needs_selected(&key)) {
        return Err(Refusal::bad("Only the selected mailbox has numbers and a saved result").into());
    }
    let with_mod_seq = asks_for_mod_seq(&key);
    session.use_condstore(with_mod_seq);
    for (mailbox, name) in chosen(session, &sources, selected).await? {
        let found = if Some(mailbox.id) == selected { find(session, &key, true).await } else { elsewhere(session, &mailbox, &key).await };
        if only_selected {
            answer::keep(session, Some(returns), found.as_ref().ok())?;
        }
        let found = found?;
        // RFC 7377 §2.1: nothing is told of a mailbox in which nothing was found.
        if found.uids.is_empty() {
            continue;
        }
        let place = Some((name, mailbox.uid_validity));
        let asked = Asked { tag: tag.clone(), uid: true, returns: Some(returns), with_mod_seq, mailbox: place };
        answer::tell(session, asked, &found, |_, _, _| {});
        session.connection.flush().await?;
    }
    Ok(Done::plain("ESEARCH completed"))
}

/// The mailboxes meant, each once, with their names; names that mean none are passed over (RFC 7377 §2.2).
async fn chosen(session: &Session, sources: &[SourceMailboxes], selected: Option<MailboxId>) -> Result<Vec<(Mailbox, String)>, Failed> {
    let named = |source: &SourceMailboxes| -> Vec<Vec<String>> {
        let (SourceMailboxes::Subtree(names) | SourceMailboxes::SubtreeOne(names) | SourceMailboxes::Mailboxes(names)) = source else {
            return Vec::new();
        };
        names.iter().filter_map(|name: &MailboxName| path_of(name).ok()).collect()
    };
    let paths: Vec<Vec<Vec<String>>> = sources.iter().map(named).collect();
    let (all, roots) = session
        .read(move |ctx, tx, account| {
            let all = mailboxes::list(ctx, tx, account)?;
            let mut roots: Vec<HashSet<MailboxId>> = Vec::with_capacity(paths.len());
            for paths in &paths {
                let mut found = HashSet::new();
                for path in paths {
                    found.extend(mailboxes::find_path(ctx, tx, account, path)?.map(|mailbox| mailbox.id));
                }
                roots.push(found);
            }
            Ok::<_, MailError>((all, roots))
        })
        .await?;
    let mut meant: HashSet<MailboxId> = HashSet::new();
    for (source, roots) in sources.iter().zip(roots) {
        let mut below = roots.clone();
        // Parents come before their children.
        for mailbox in &all {
            let is_under = |known: &HashSet<MailboxId>| mailbox.parent.is_some_and(|parent| known.contains(&parent));
            let is_meant = match source {
                SourceMailboxes::Selected => Some(mailbox.id) == selected,
                SourceMailboxes::Inboxes => mailbox.role == Some(Role::Inbox),
                SourceMailboxes::Personal => true,
                SourceMailboxes::Subscribed => mailbox.subscribed,
                SourceMailboxes::Mailboxes(_) => roots.contains(&mailbox.id),
                SourceMailboxes::SubtreeOne(_) => roots.contains(&mailbox.id) || is_under(&roots),
                SourceMailboxes::Subtree(_) => roots.contains(&mailbox.id) || is_under(&below),
            };
            if is_meant {
                below.insert(mailbox.id);
                meant.insert(mailbox.id);
            }
        }
    }
    let mut names = full_names(&all);
    let chosen = all.into_iter().filter(|mailbox| meant.contains(&mailbox.id));
    Ok(chosen.filter_map(|mailbox| names.remove(&mailbox.id).map(|name| (mailbox, name))).collect())
}

/// In a mailbox that is not selected. One that went meanwhile holds nothing.
async fn elsewhere(session: &mut Session, mailbox: &Mailbox, key: &SearchKey) -> Result<Found, Failed> {
    let uids =
        if keys::names_uids(key) { loading::load(session, mailbox.id, mailbox.uid_next.saturating_sub(1)).await?.uids } else { Vec::new() };
    let view = View::new(mailbox.id, true, 0, uids);
    let search = keys::search_of(key, &keys::Here { view: &view, now: session.ctx.now, zone: &session.user()?.zone });
    let (server, ctx, account, id) = (Arc::clone(&session.server), session.ctx.clone(), session.user()?.account, mailbox.id);
    let searching = async move { search::search(&server.store, &ctx, account, Scope::Mailbox(id), &search).await };
    let hits = match session.unless_gone(searching).await? {
        Err(SearchError::Mail(MailError::MailboxNotFound(_))) => Vec::new(),
        other => other.map_err(Failed::of)?,
    };
    let uids: Vec<u32> = hits.iter().map(|hit| hit.uid).collect();
    Ok(Found { numbers: uids.clone(), uids, change_numbers: hits.iter().map(|hit| hit.change_number).collect() })
}
