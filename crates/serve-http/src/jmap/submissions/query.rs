//! EmailSubmission/query and /queryChanges (RFC 8621 §7.3, §7.4).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use kernel::MailAccountId;
use mail::email_submissions::{self, EmailSubmission};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::jmap::collation::directed;
use crate::jmap::emails::wire::date_of;
use crate::jmap::error::MethodError;
use crate::jmap::filter::{Filter, Operator};
use crate::jmap::standard::{self, Comparator, QueryArguments, QueryChangesArguments};
use crate::jmap::work::{Work, arguments};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Condition {
    #[serde(default)]
    identity_ids: Option<Vec<String>>,
    #[serde(default)]
    email_ids: Option<Vec<String>>,
    #[serde(default)]
    thread_ids: Option<Vec<String>>,
    #[serde(default)]
    undo_status: Option<String>,
    #[serde(default)]
    before: Option<String>,
    #[serde(default)]
    after: Option<String>,
}

impl Condition {
    fn holds(&self, submission: &EmailSubmission) -> bool {
        let among = |ids: &Option<Vec<String>>, id: String| ids.as_ref().is_none_or(|ids| ids.contains(&id));
        let sent = submission.sent_at;
        among(&self.identity_ids, submission.identity.to_string())
            && among(&self.email_ids, submission.message.to_string())
            && among(&self.thread_ids, submission.thread.to_string())
            && self.undo_status.as_deref().is_none_or(|status| status == submission.undo_status.as_str())
            && self.before.as_deref().is_none_or(|text| date_of(text).is_some_and(|date| sent < date.at))
            && self.after.as_deref().is_none_or(|text| date_of(text).is_some_and(|date| sent >= date.at))
    }
}

fn matches(filter: &Filter<Condition>, submission: &EmailSubmission) -> bool {
    match filter {
        Filter::Condition(condition) => condition.holds(submission),
        Filter::Operator(Operator::And, filters) => filters.iter().all(|filter| matches(filter, submission)),
        Filter::Operator(Operator::Or, filters) => filters.iter().any(|filter| matches(filter, submission)),
        Filter::Operator(Operator::Not, filters) => !filters.iter().any(|filter| matches(filter, submission)),
    }
}

/// The newest first when nothing else is said.
fn compare(sort: &[Comparator], left: &EmailSubmission, right: &EmailSubmission) -> Ordering {
    let by_key = sort.iter().map(|comparator| {
        let ordering = match comparator.property.as_str() {
            "emailId" => left.message.cmp(&right.message),
            "threadId" => left.thread.cmp(&right.thread),
            _ => left.sent_at.cmp(&right.sent_at),
        };
        directed(ordering, comparator.is_ascending)
    });
    by_key.fold(Ordering::Equal, Ordering::then).then((right.sent_at, right.id).cmp(&(left.sent_at, left.id)))
}

/// What a query finds, and what was touched since a state, where that can be told; both of the same moment.
struct Results {
    state: i64,
    ids: Vec<String>,
    touched: Option<BTreeSet<String>>,
}

async fn results(
    work: &Work<'_>,
    account: MailAccountId,
    filter: Option<&Value>,
    sort: Option<Vec<Comparator>>,
    since: i64,
) -> Result<Results, MethodError> {
    let filter: Option<Filter<Condition>> = Filter::read(filter)?;
    let sort = sort.unwrap_or_default();
    let known = ["emailId", "threadId", "sentAt"];
    if let Some(unknown) = sort.iter().find(|comparator| !known.contains(&comparator.property.as_str())) {
        return Err(MethodError::UnsupportedSort(format!("submissions cannot be sorted by {:?}", unknown.property)));
    }
    let found = work.read(move |ctx, tx| {
        let changed = email_submissions::changes(ctx, tx, account, since, usize::MAX)?;
        Ok::<_, MethodError>((email_submissions::list(ctx, tx, account, None)?, changed))
    });
    let ((state, mut all), changed) = found.await?;
    all.retain(|submission| filter.as_ref().is_none_or(|filter| matches(filter, submission)));
    all.sort_by(|left, right| compare(&sort, left, right));
    let touched = changed.map(|changed| changed.all().into_iter().map(|id| id.to_string()).collect());
    Ok(Results { state, ids: all.into_iter().map(|submission| submission.id.to_string()).collect(), touched })
}

pub async fn query(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: QueryArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let Results { state, ids: results, .. } = results(work, account, args.filter.as_ref(), args.sort.clone(), 0).await?;
    let (start, length) = standard::window(&args, results.len(), |anchor| results.iter().position(|id| id == anchor))?;
    Ok(standard::queried(&args, state, true, &results[start..start + length], start, Some(results.len())))
}

pub async fn query_changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: QueryChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let since: mail::changes::State = args.since_query_state.parse().map_err(|_| MethodError::CannotCalculateChanges)?;
    let since = since.change_number;
    let found = results(work, account, args.filter.as_ref(), args.sort.clone(), since).await?;
    let touched = found.touched.ok_or(MethodError::CannotCalculateChanges)?;
    standard::query_changes(&args, found.state, &touched, &found.ids)
}
