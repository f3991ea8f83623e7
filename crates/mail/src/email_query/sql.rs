//! A filter as a condition on `mailbox_entry e`, whose message is meant.

use store::{IN_LIST_MAX, Params};

use super::{Filter, Keyword};
use crate::entries::BY_THREAD;
use crate::{FlagBits, MailboxId};

/// All entries of the message that `e` is an entry of.
const SAME_MESSAGE: &str = "x.account_id = $1 AND x.thread_id = e.thread_id AND x.message_id = e.message_id";
/// All entries of its thread.
const SAME_THREAD: &str = "x.account_id = $1 AND x.thread_id = e.thread_id";

/// The condition, with its parameters after those that are there; `$1` is the account. `scope` is a mailbox that the statement names already.
pub(super) fn condition(filter: &Filter, scope: Option<MailboxId>, params: &mut Params) -> String {
    match filter {
        Filter::And(filters) => joined(filters, " AND ", "TRUE", scope, params),
        // What lies below is not bound to the mailbox that the whole is bound to, but every row is in it all the same.
        Filter::Or(filters) => joined(filters, " OR ", "FALSE", scope, params),
        Filter::Not(filter) => format!("NOT {}", condition(filter, scope, params)),
        Filter::InMailbox(id) if scope == Some(*id) => "TRUE".to_owned(),
        Filter::InMailbox(id) => {
            let id = params.push(*id);
            format!("EXISTS (SELECT 1 FROM mailbox_entry x {BY_THREAD} WHERE {SAME_MESSAGE} AND x.mailbox_id = ${id})")
        }
        Filter::OutsideOf(ids) => {
            let ids = &ids[..ids.len().min(IN_LIST_MAX)];
            let first = params.len() + 1;
            params.extend(ids.iter().map(|id| id.raw()));
            let list = store::in_list(first, ids.len());
            let condition = if ids.is_empty() { String::new() } else { format!(" AND x.mailbox_id NOT IN {list}") };
            format!("EXISTS (SELECT 1 FROM mailbox_entry x {BY_THREAD} WHERE {SAME_MESSAGE}{condition})")
        }
        Filter::ReceivedBefore(at) => format!("e.received_at < ${}", params.push(*at)),
        Filter::ReceivedFrom(at) => format!("e.received_at >= ${}", params.push(*at)),
        Filter::NotSmaller(bytes) => format!("e.size_bytes >= ${}", params.push(*bytes)),
        Filter::Smaller(bytes) => format!("e.size_bytes < ${}", params.push(*bytes)),
        Filter::Keyword(keyword) if is_seen(keyword) => format!("NOT EXISTS ({})", entry("x", SAME_MESSAGE, &lacks("x", keyword, params))),
        Filter::Keyword(keyword) => format!("EXISTS ({})", entry("x", SAME_MESSAGE, &has("x", keyword, params))),
        Filter::AllInThread(keyword) if is_seen(keyword) => {
            format!("NOT EXISTS ({})", entry("x", SAME_THREAD, &lacks("x", keyword, params)))
        }
        Filter::AllInThread(keyword) => {
            let elsewhere = entry("y", SAME_AS_X, &has("y", keyword, params));
            format!("NOT EXISTS ({})", entry("x", SAME_THREAD, &format!("NOT EXISTS ({elsewhere})")))
        }
        Filter::SomeInThread(keyword) if is_seen(keyword) => {
            let elsewhere = entry("y", SAME_AS_X, &lacks("y", keyword, params));
            format!("EXISTS ({})", entry("x", SAME_THREAD, &format!("NOT EXISTS ({elsewhere})")))
        }
        Filter::SomeInThread(keyword) => format!("EXISTS ({})", entry("x", SAME_THREAD, &has("x", keyword, params))),
        Filter::HasAttachment => {
            "EXISTS (SELECT 1 FROM message m WHERE m.account_id = $1 AND m.id = e.message_id AND m.has_attachment)".to_owned()
        }
    }
}

const SAME_AS_X: &str = "y.account_id = $1 AND y.thread_id = x.thread_id AND y.message_id = x.message_id";

fn entry(name: &str, which: &str, condition: &str) -> String {
    format!("SELECT 1 FROM mailbox_entry {name} {BY_THREAD} WHERE {which} AND {condition}")
}

fn joined(filters: &[Filter], word: &str, none: &str, scope: Option<MailboxId>, params: &mut Params) -> String {
    let parts: Vec<String> = filters.iter().map(|filter| condition(filter, scope, params)).collect();
    if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(word)) }
}

/// The one keyword that a message has only when all of its entries do.
fn is_seen(keyword: &Keyword) -> bool {
    *keyword == Keyword::Bit(FlagBits::SEEN)
}

fn has(name: &str, keyword: &Keyword, params: &mut Params) -> String {
    match keyword {
        Keyword::Bit(bit) => format!("({name}.flags & ${}) <> 0", params.push(bit.raw())),
        Keyword::Word(word) => {
            let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let pattern = params.push(format!("% {escaped} %"));
            format!("({name}.keywords IS NOT NULL AND LOWER(' ' || {name}.keywords || ' ') LIKE ${pattern} ESCAPE '\\')")
        }
    }
}

fn lacks(name: &str, keyword: &Keyword, params: &mut Params) -> String {
    format!("NOT {}", has(name, keyword, params))
}
