//! What a filter looks for in texts, and which messages have it.

use std::collections::HashSet;

use kernel::MailAccountId;
use mail::email_query::Filter as Rows;
use mail::heads::MailError;
use mail::search::{self, Scope, Search, SearchError};
use mail::{MailboxId, MessageId};

use crate::jmap::error::MethodError;
use crate::jmap::work::Work;

/// The messages of the account, or of one mailbox, that fit; those alone are read of which `bound` does not tell beforehand that they cannot.
pub async fn find(
    work: &Work<'_>,
    account: MailAccountId,
    scope: Option<MailboxId>,
    bound: &Rows,
    wanted: Search,
) -> Result<HashSet<MessageId>, MethodError> {
    let mut all = Vec::new();
    narrow(bound, &mut all);
    all.push(wanted);
    let scope = scope.map_or(Scope::Account, Scope::Mailbox);
    match search::search(&work.app.store, &work.ctx(), account, scope, &Search::And(all)).await {
        Ok(hits) => Ok(hits.into_iter().map(|hit| hit.message).collect()),
        // A mailbox that does not exist holds nothing.
        Err(SearchError::Mail(MailError::MailboxNotFound(_))) => Ok(HashSet::new()),
        Err(error) => Err(error.into()),
    }
}

/// What of a filter a search can keep to as well. It looks at entries, so what an entry cannot tell of its message is left out.
fn narrow(rows: &Rows, all: &mut Vec<Search>) {
    match rows {
        Rows::And(filters) => filters.iter().for_each(|filter| narrow(filter, all)),
        Rows::ReceivedBefore(at) => all.push(Search::ReceivedBefore(*at)),
        Rows::ReceivedFrom(at) => all.push(Search::ReceivedSince(*at)),
        Rows::NotSmaller(bytes) if *bytes > 0 => all.push(Search::Larger(bytes - 1)),
        Rows::Smaller(bytes) => all.push(Search::Smaller(*bytes)),
        Rows::HasAttachment => all.push(Search::HasAttachment),
        _ => {}
    }
}
