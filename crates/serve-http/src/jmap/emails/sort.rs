//! The order of Email/query (RFC 8621 §4.4.2).

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use kernel::{Ctx, MailAccountId};
use mail::MessageId;
use mail::email_query::{self, Filter, Keyword, Match, Order, SortFields};
use store::Tx;

use super::filter::keyword;
use crate::jmap::collation::{Collation, Key as TextKey, directed};
use crate::jmap::error::MethodError;
use crate::jmap::standard::Comparator;

pub const OPTIONS: &[&str] =
    &["receivedAt", "sentAt", "size", "from", "to", "subject", "hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword"];

/// Beyond this many messages, sorting by what stands in headers would take too much memory.
const MAX_SORTED: usize = 250_000;
const MAX_COMPARATORS: usize = 10;

#[derive(Debug, Clone)]
enum By {
    ReceivedAt,
    SentAt,
    Size,
    From(Collation),
    To(Collation),
    Subject(Collation),
    /// Those for which the filter holds are the larger ones.
    Holds(Filter),
}

#[derive(Debug, Clone)]
pub struct Sort(Vec<(By, bool)>);

impl Sort {
    pub fn read(comparators: Option<&[Comparator]>) -> Result<Self, MethodError> {
        let comparators = comparators.unwrap_or_default();
        if comparators.len() > MAX_COMPARATORS {
            return Err(MethodError::UnsupportedSort("there are too many comparators".to_owned()));
        }
        Ok(Self(comparators.iter().map(by).collect::<Result<_, _>>()?))
    }

    /// The order by time alone; the newest first when nothing was said.
    pub fn by_time(&self) -> Option<Order> {
        match self.0.first() {
            None => Some(Order::NewestFirst),
            Some((By::ReceivedAt, true)) => Some(Order::OldestFirst),
            Some((By::ReceivedAt, false)) => Some(Order::NewestFirst),
            Some(_) => None,
        }
    }

    /// Whether what becomes of one message moves others of its thread.
    pub fn looks_at_threads(&self) -> bool {
        self.0.iter().any(|(by, _)| matches!(by, By::Holds(filter) if filter.looks_at_threads()))
    }

    /// Puts what was found, the newest first, into this order.
    pub fn apply(&self, ctx: &Ctx, tx: &mut Tx, account: MailAccountId, found: Vec<Match>) -> Result<Vec<Match>, MethodError> {
        if self.by_time().is_some() {
            return Ok(found);
        }
        if found.len() > MAX_SORTED {
            return Err(MethodError::UnsupportedSort(format!(
                "more than {MAX_SORTED} messages are sorted by the time they were received only"
            )));
        }
        let ids: Vec<MessageId> = found.iter().map(|found| found.message).collect();
        let with_summary = self.0.iter().any(|(by, _)| matches!(by, By::From(_) | By::To(_) | By::Subject(_)));
        let fields: HashMap<MessageId, SortFields> =
            email_query::sort_fields(ctx, tx, account, &ids, with_summary)?.into_iter().map(|fields| (fields.message, fields)).collect();
        let mut keys: Vec<(Vec<Key>, Match)> = found.into_iter().map(|found| (Vec::with_capacity(self.0.len()), found)).collect();
        for (by, _) in &self.0 {
            let holding: HashSet<MessageId> = match by {
                By::Holds(filter) => {
                    email_query::all(ctx, tx, account, filter, Order::NewestFirst)?.iter().map(|found| found.message).collect()
                }
                _ => HashSet::new(),
            };
            for (list, found) in &mut keys {
                list.push(key(by, found, fields.get(&found.message), &holding));
            }
        }
        keys.sort_by(|(left, one), (right, other)| {
            let by_key =
                left.iter().zip(right).zip(&self.0).map(|((left, right), (_, is_ascending))| directed(left.cmp(right), *is_ascending));
            by_key.fold(Ordering::Equal, Ordering::then).then(one.message.cmp(&other.message))
        });
        Ok(keys.into_iter().map(|(_, found)| found).collect())
    }
}

fn by(comparator: &Comparator) -> Result<(By, bool), MethodError> {
    let collation = match &comparator.collation {
        None => Collation::default(),
        Some(name) => Collation::from_name(name).ok_or_else(|| MethodError::UnsupportedSort(format!("there is no collation {name:?}")))?,
    };
    let named = || -> Result<Keyword, MethodError> {
        keyword(comparator.keyword.as_deref().ok_or_else(|| MethodError::invalid_arguments("the comparator names no keyword"))?)
    };
    let by = match comparator.property.as_str() {
        "receivedAt" => By::ReceivedAt,
        "sentAt" => By::SentAt,
        "size" => By::Size,
        "from" => By::From(collation),
        "to" => By::To(collation),
        "subject" => By::Subject(collation),
        "hasKeyword" => By::Holds(Filter::Keyword(named()?)),
        "allInThreadHaveKeyword" => By::Holds(Filter::AllInThread(named()?)),
        "someInThreadHaveKeyword" => By::Holds(Filter::SomeInThread(named()?)),
        other => return Err(MethodError::UnsupportedSort(format!("emails cannot be sorted by {other:?}"))),
    };
    Ok((by, comparator.is_ascending))
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Text(TextKey),
}

fn key(by: &By, found: &Match, fields: Option<&SortFields>, holding: &HashSet<MessageId>) -> Key {
    let text = |collation: &Collation, text: Option<&str>| Key::Text(collation.key(text.unwrap_or_default()));
    match by {
        By::ReceivedAt => Key::Number(found.received_at.as_micros()),
        // RFC 8621 §4.1.3: a message without a Date comes where it was received.
        By::SentAt => Key::Number(fields.and_then(|fields| fields.sent_at).unwrap_or(found.received_at).as_micros()),
        By::Size => Key::Number(fields.map_or(0, |fields| i64::try_from(fields.size_bytes).unwrap_or(i64::MAX))),
        By::From(collation) => text(collation, fields.map(|fields| fields.from.as_str())),
        By::To(collation) => text(collation, fields.map(|fields| fields.to.as_str())),
        // RFC 8621 §4.4.2: the base subject, so that answers stand beside what they answer.
        By::Subject(collation) => {
            let base = fields.map(|fields| mail::mime::base_subject(&fields.subject));
            text(collation, base.as_deref())
        }
        By::Holds(_) => Key::Number(i64::from(holding.contains(&found.message))),
    }
}
