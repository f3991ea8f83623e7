//! Email/query and Email/queryChanges (RFC 8621 §4.4, §4.5).
//!
//! A mailbox in the order of time is read from its index, a page at a time, however large it is. Other filters that rows can answer are one statement.
//! Only what looks into texts, or sorts by what stands in headers, takes the whole result into memory.

use std::collections::{BTreeSet, HashSet};

use kernel::{Ctx, MailAccountId};
use mail::changes::{self, State};
use mail::email_query::{self, Filter as Rows, Match, Order};
use mail::messages::{self, Position, QueryError};
use mail::{MessageId, ThreadId, heads};
use serde_json::{Map, Value};
use store::Tx;

use super::filter::{self, Node};
use super::sort::Sort;
use crate::jmap::error::MethodError;
use crate::jmap::standard::{self, Changed, QueryArguments, QueryChangesArguments};
use crate::jmap::work::{Work, arguments};

/// Beyond this many results their changes are not worked out: asking anew for the first page costs less.
const MAX_FOLLOWED: usize = 50_000;

struct Query {
    filter: Node,
    sort: Sort,
    collapse_threads: bool,
}

impl Query {
    fn read(args: &QueryArguments, collapse_threads: bool) -> Result<Self, MethodError> {
        Ok(Self { filter: filter::read(args.filter.as_ref())?, sort: Sort::read(args.sort.as_deref())?, collapse_threads })
    }
}

fn collapse_threads(args: &mut Map<String, Value>) -> Result<bool, MethodError> {
    match args.remove("collapseThreads") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(value),
        Some(_) => Err(MethodError::invalid_arguments("\"collapseThreads\" is true or false")),
    }
}

/// A window of the results.
struct Page {
    state: i64,
    ids: Vec<String>,
    position: usize,
    total: Option<usize>,
    /// How many results there are at least; decides whether changes will be worked out.
    known: usize,
}

pub async fn query(work: &mut Work<'_>, mut args: Map<String, Value>) -> Result<Value, MethodError> {
    let collapse_threads = collapse_threads(&mut args)?;
    let args: QueryArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let query = Query::read(&args, collapse_threads)?;
    let page = match (query.filter.rows(), query.sort.by_time()) {
        (Some(rows), Some(order)) => match rows.is_whole_mailbox() {
            Some(mailbox) => whole_mailbox(work, account, &args, mailbox, order, query.collapse_threads).await?,
            None if args.anchor.is_none() && args.position >= 0 => {
                by_rows(work, account, &args, rows, order, query.collapse_threads).await?
            }
            None => by_results(work, account, &args, &query).await?,
        },
        _ => by_results(work, account, &args, &query).await?,
    };
    let can_calculate = query.filter.texts().is_empty() && page.known <= MAX_FOLLOWED;
    Ok(standard::queried(&args, page.state, can_calculate, &page.ids, page.position, page.total))
}

fn texts(ids: &[MessageId]) -> Vec<String> {
    ids.iter().map(MessageId::to_string).collect()
}

/// From the index of the mailbox.
async fn whole_mailbox(
    work: &Work<'_>,
    account: MailAccountId,
    args: &QueryArguments,
    mailbox: mail::MailboxId,
    order: Order,
    collapse_threads: bool,
) -> Result<Page, MethodError> {
    let position = match &args.anchor {
        None => Position::At(args.position),
        Some(anchor) => {
            let message = work.id(anchor).and_then(|id| id.parse().ok()).ok_or(MethodError::AnchorNotFound)?;
            Position::Anchor { message, offset: args.anchor_offset }
        }
    };
    let limit = standard::limit_of(args);
    let answer = work
        .read(move |ctx, tx| match messages::query_mailbox(ctx, tx, account, mailbox, order, collapse_threads, position, limit) {
            // A mailbox that does not exist holds nothing.
            Err(QueryError::Mail(heads::MailError::MailboxNotFound(_))) => {
                Ok(Err(heads::open(ctx, tx, account).map_err(MethodError::from)?.change_number))
            }
            other => other.map(Ok).map_err(MethodError::from),
        })
        .await?;
    let found = match answer {
        Ok(found) => found,
        Err(state) => return Ok(Page { state, ids: Vec::new(), position: 0, total: Some(0), known: 0 }),
    };
    let (total, position) = (usize::try_from(found.total).unwrap_or(usize::MAX), usize::try_from(found.position).unwrap_or(usize::MAX));
    Ok(Page { state: found.change_number, ids: texts(&found.messages), position: position.min(total), total: Some(total), known: total })
}

/// By one statement, as far as the page goes.
async fn by_rows(
    work: &Work<'_>,
    account: MailAccountId,
    args: &QueryArguments,
    rows: &Rows,
    order: Order,
    collapse_threads: bool,
) -> Result<Page, MethodError> {
    let start = usize::try_from(args.position).unwrap_or(usize::MAX);
    let (limit, wants_total, rows) = (standard::limit_of(args), args.calculate_total, rows.clone());
    work.read(move |ctx, tx| {
        let state = heads::open(ctx, tx, account)?.change_number;
        let found = if collapse_threads {
            first_of_threads(ctx, tx, account, &rows, order, start.saturating_add(limit))?.into_iter().skip(start).collect()
        } else {
            email_query::page(ctx, tx, account, &rows, order, start as u64, limit as u64)?
        };
        let total = if wants_total { Some(email_query::count(ctx, tx, account, &rows, collapse_threads)?) } else { None };
        let total = total.map(|total| usize::try_from(total).unwrap_or(usize::MAX));
        let ids: Vec<String> = found.iter().map(|found| found.message.to_string()).collect();
        // A position beyond the end is answered as the end, which only a count can tell; the start is what the client knows.
        let position = total.map_or(start, |total| start.min(total));
        // Whoever sees a short page has seen the end.
        let known = total.unwrap_or(if ids.len() < limit { start.saturating_add(ids.len()) } else { usize::MAX });
        Ok::<_, MethodError>(Page { state, ids, position, total, known })
    })
    .await
}

/// The first message of each thread that fits, until there are `wanted`.
fn first_of_threads(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    rows: &Rows,
    order: Order,
    wanted: usize,
) -> Result<Vec<Match>, MethodError> {
    const MOST: usize = 20_000;
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let (mut offset, mut batch) = (0, wanted.clamp(50, 1000) * 2);
    loop {
        let page = email_query::page(ctx, tx, account, rows, order, offset as u64, batch as u64)?;
        found.extend(page.iter().filter(|one| seen.insert(one.thread)));
        if page.len() < batch || found.len() >= wanted {
            found.truncate(wanted);
            return Ok(found);
        }
        offset += batch;
        batch = (batch * 2).min(MOST);
    }
}

/// From the whole result.
async fn by_results(work: &Work<'_>, account: MailAccountId, args: &QueryArguments, query: &Query) -> Result<Page, MethodError> {
    let Found { state, messages: results, .. } = results(work, account, query, None).await?;
    let anchored = |anchor: &str| {
        let message: MessageId = work.id(anchor)?.parse().ok()?;
        results.iter().position(|result| *result == message)
    };
    let (position, length) = standard::window(args, results.len(), anchored)?;
    let ids = texts(&results[position..position + length]);
    Ok(Page { state, ids, position, total: Some(results.len()), known: results.len() })
}

/// What a query finds.
struct Found {
    state: i64,
    messages: Vec<MessageId>,
    /// Everything whose place may have changed since a state, if that was asked for, and if it can be told.
    touched: Option<BTreeSet<String>>,
}

/// How often a filter is looked up again, when the account changed meanwhile.
const LOOKS: usize = 3;

/// Every message that fits, in order, threads collapsed if that is asked for.
async fn results(work: &Work<'_>, account: MailAccountId, query: &Query, since: Option<State>) -> Result<Found, MethodError> {
    let bound = query.filter.bound();
    let order = query.sort.by_time().unwrap_or(Order::NewestFirst);
    let collapse = query.collapse_threads;
    let threads_matter = collapse || query.sort.looks_at_threads() || query.filter.rows().is_some_and(Rows::looks_at_threads);
    let mut looks = 0;
    loop {
        looks += 1;
        let (sets, before) = match query.filter.rows() {
            Some(_) => (None, None),
            None => {
                let before = work.state(account).await?;
                (Some(filter::look_up(work, account, &query.filter, &bound).await?), Some(before))
            }
        };
        // The closure may run again, and sorting takes a moment: it happens on the thread of the database, whose reader it holds.
        let (sort, bound, sets) = (query.sort.clone(), bound.clone(), std::sync::Arc::new(sets));
        // All in one look at the account: what came and went between two would be in the results and not among what was touched.
        let found = work.read(move |ctx, tx| {
            let state = heads::open(ctx, tx, account)?.change_number;
            let mut found = email_query::all(ctx, tx, account, &bound, order)?;
            if let Some(sets) = &*sets {
                found.retain(|found| sets.hold(found.message));
            }
            let mut found = sort.apply(ctx, tx, account, found)?;
            if collapse {
                let mut seen: HashSet<ThreadId> = HashSet::new();
                found.retain(|found| seen.insert(found.thread));
            }
            let touched = match since {
                Some(since) => Some(touched(ctx, tx, account, since, threads_matter)?),
                None => None,
            };
            Ok::<_, MethodError>(Found { state, messages: found.into_iter().map(|found| found.message).collect(), touched })
        });
        let found = found.await?;
        match before {
            Some(before) if before != found.state && looks < LOOKS => {}
            // Good enough to look at, but not to say what changed; who follows asks anew.
            Some(before) if before != found.state => return Ok(Found { state: before, touched: None, ..found }),
            _ => return Ok(found),
        }
    }
}

pub async fn query_changes(work: &mut Work<'_>, mut args: Map<String, Value>) -> Result<Value, MethodError> {
    let collapse_threads = collapse_threads(&mut args)?;
    let args: QueryChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let query = Query { filter: filter::read(args.filter.as_ref())?, sort: Sort::read(args.sort.as_deref())?, collapse_threads };
    let since: State = args.since_query_state.parse().map_err(|_| MethodError::CannotCalculateChanges)?;
    if !query.filter.texts().is_empty() {
        return Err(MethodError::CannotCalculateChanges);
    }
    let bound = query.filter.bound();
    let count = work
        .read(move |ctx, tx| {
            Ok::<_, MethodError>(match bound.is_whole_mailbox() {
                Some(mailbox) => {
                    mail::mailboxes::list(ctx, tx, account)?.iter().find(|own| own.id == mailbox).map_or(0, |own| u64::from(own.total))
                }
                None => email_query::count(ctx, tx, account, &bound, false)?,
            })
        })
        .await?;
    if count > MAX_FOLLOWED as u64 {
        return Err(MethodError::CannotCalculateChanges);
    }
    let found = results(work, account, &query, Some(since)).await?;
    let touched = found.touched.ok_or(MethodError::CannotCalculateChanges)?;
    standard::query_changes(&args, found.state, &touched, &texts(&found.messages))
}

/// Everything whose place in the results may have changed: what changed itself, and what is in a thread with it where threads matter.
fn touched(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, since: State, threads_matter: bool) -> Result<BTreeSet<String>, MethodError> {
    let changes = changes::message_changes(ctx, tx, account, since, None)?;
    if changes.has_more {
        return Err(MethodError::TooManyChanges);
    }
    let mut changed = Changed::from(changes).all();
    if threads_matter {
        let messages: Vec<MessageId> = changed.iter().filter_map(|id| id.parse().ok()).collect();
        changed.extend(texts(&email_query::in_same_threads(ctx, tx, account, &messages, since.change_number)?));
    }
    Ok(changed)
}

/// All messages of the account, when there are no more than `most`.
pub async fn all(work: &Work<'_>, account: MailAccountId, most: usize) -> Result<Vec<MessageId>, MethodError> {
    let found = work
        .read(move |ctx, tx| {
            Ok::<_, MethodError>(email_query::page(ctx, tx, account, &Rows::EVERYTHING, Order::NewestFirst, 0, most as u64 + 1)?)
        })
        .await?;
    if found.len() > most { Err(MethodError::RequestTooLarge) } else { Ok(found.into_iter().map(|found| found.message).collect()) }
}
