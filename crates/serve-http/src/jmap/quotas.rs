//! Quotas (RFC 9425): how full the account is. There is one, of bytes, and none where the account has no limit.

use mail::heads::{self, Head};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::MethodError;
use super::filter::{Filter, Operator};
use super::standard::{self, Changed, ChangesArguments, GetArguments, QueryArguments, QueryChangesArguments, got, reduce};
use super::work::{Work, arguments};

const PROPERTIES: &[&str] = &["id", "resourceType", "used", "hardLimit", "warnLimit", "softLimit", "scope", "name", "description", "types"];
const ID: &str = "mail";
const TYPES: &[&str] = &["Email", "Mailbox", "Thread"];

fn describe(head: &Head) -> Option<Value> {
    head.quota_bytes.map(|limit| {
        json!({
            "id": ID,
            "resourceType": "octets",
            "used": head.used_bytes,
            "hardLimit": limit,
            "warnLimit": null,
            "softLimit": null,
            "scope": "account",
            "name": "Mail",
            "description": null,
            "types": TYPES,
        })
    })
}

async fn head(work: &Work<'_>, account_id: &str) -> Result<Head, MethodError> {
    let account = work.account(account_id)?;
    work.read(move |ctx, tx| Ok::<_, MethodError>(heads::open(ctx, tx, account)?)).await
}

pub async fn get(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let mut args: GetArguments = arguments(args)?;
    let head = head(work, &args.account_id).await?;
    let chosen = args.chosen(PROPERTIES)?;
    let quota = describe(&head);
    let (mut list, mut not_found) = (Vec::new(), Vec::new());
    match args.wanted()? {
        None => list.extend(quota),
        Some(ids) => {
            for id in ids {
                match &quota {
                    Some(quota) if id == ID => list.push(quota.clone()),
                    _ => not_found.push(id),
                }
            }
        }
    }
    let list = list.into_iter().map(|quota| reduce(quota, chosen.as_ref())).collect();
    Ok(got(&args.account_id, head.change_number, list, not_found))
}

/// Every change of mail may have changed how full the account is.
pub async fn changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: ChangesArguments = arguments(args)?;
    let head = head(work, &args.account_id).await?;
    let since = args.since()?.change_number;
    if since > head.change_number {
        return Err(MethodError::CannotCalculateChanges);
    }
    let touched = since < head.change_number && head.quota_bytes.is_some();
    let changed = Changed {
        updated: if touched { vec![ID.to_owned()] } else { Vec::new() },
        new_state: head.change_number.to_string(),
        ..Changed::default()
    };
    let mut answer = changed.answer(&args.account_id, &args.since_state);
    answer["updatedProperties"] = json!(["used"]);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Condition {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    resource_type: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

fn holds(filter: &Filter<Condition>) -> bool {
    match filter {
        Filter::Condition(condition) => {
            let is = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
            condition.name.as_deref().is_none_or(|part| "mail".contains(&part.to_lowercase()))
                && is(&condition.scope, "account")
                && is(&condition.resource_type, "octets")
                && condition.kind.as_deref().is_none_or(|kind| TYPES.contains(&kind))
        }
        Filter::Operator(Operator::And, filters) => filters.iter().all(holds),
        Filter::Operator(Operator::Or, filters) => filters.iter().any(holds),
        Filter::Operator(Operator::Not, filters) => !filters.iter().any(holds),
    }
}

fn results(head: &Head, filter: Option<&Value>, sort: Option<&[standard::Comparator]>) -> Result<Vec<String>, MethodError> {
    if let Some(unknown) = sort.unwrap_or_default().iter().find(|comparator| !["name", "used"].contains(&comparator.property.as_str())) {
        return Err(MethodError::UnsupportedSort(format!("quotas cannot be sorted by {:?}", unknown.property)));
    }
    let fits = Filter::read(filter)?.is_none_or(|filter| holds(&filter));
    Ok(if head.quota_bytes.is_some() && fits { vec![ID.to_owned()] } else { Vec::new() })
}

pub async fn query(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: QueryArguments = arguments(args)?;
    let head = head(work, &args.account_id).await?;
    let results = results(&head, args.filter.as_ref(), args.sort.as_deref())?;
    let (start, length) = standard::window(&args, results.len(), |anchor| results.iter().position(|id| id == anchor))?;
    Ok(standard::queried(&args, head.change_number, true, &results[start..start + length], start, Some(results.len())))
}

pub async fn query_changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: QueryChangesArguments = arguments(args)?;
    let head = head(work, &args.account_id).await?;
    let since: mail::changes::State = args.since_query_state.parse().map_err(|_| MethodError::CannotCalculateChanges)?;
    if since.change_number > head.change_number {
        return Err(MethodError::CannotCalculateChanges);
    }
    let results = results(&head, args.filter.as_ref(), args.sort.as_deref())?;
    let touched = if since.change_number < head.change_number { results.iter().cloned().collect() } else { Default::default() };
    standard::query_changes(&args, head.change_number, &touched, &results)
}
