//! EmailSubmission/query and /queryChanges (RFC 8621 §7.3, §7.4).

use std::cmp::Ordering;

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

async fn results(
    work: &Work<'_>,
    account: MailAccountId,
    filter: Option<&Value>,
    sort: Option<Vec<Comparator>>,
) -> Result<(i64, Vec<String>), MethodError> {
    let filter: Option<Filter<Condition>> = Filter::read(filter)?;
    let sort = sort.unwrap_or_default();
    let known = ["emailId", "threadId", "sentAt"];
    if let Some(unknown) = sort.iter().find(|comparator| !known.contains(&comparator.property.as_str())) {
        return Err(MethodError::UnsupportedSort(format!("submissions cannot be sorted by {:?}", unknown.property)));
    }
    let (state, mut all) = work.read(move |ctx, tx| Ok::<_, MethodError>(email_submissions::list(ctx, tx, account, None)?)).await?;
    all.retain(|submission| filter.as_ref().is_none_or(|filter| matches(filter, submission)));
    all.sort_by(|left, right| compare(&sort, left, right));
    Ok((state, all.into_iter().map(|submission| submission.id.to_string()).collect()))
}

pub async fn query(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: QueryArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let (state, results) = results(work, account, args.filter.as_ref(), args.sort.clone()).await?;
    let (start, length) = standard::window(&args, results.len(), |anchor| results.iter().position(|id| id == anchor))?;
    Ok(standard::queried(&args, state, true, &results[start..start + length], start, Some(results.len())))
}

pub async fn query_changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: QueryChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let since: mail::changes::State = args.since_query_state.parse().map_err(|_| MethodError::CannotCalculateChanges)?;
    let since = since.change_number;
    let changed = work.read(move |ctx, tx| Ok::<_, MethodError>(email_submissions::changes(ctx, tx, account, since, usize::MAX)?)).await?;
    let touched = changed.ok_or(MethodError::CannotCalculateChanges)?.all().into_iter().map(|id| id.to_string()).collect();
    let (state, results) = results(work, account, args.filter.as_ref(), args.sort.clone()).await?;
    standard::query_changes(&args, state, &touched, &results)
}
