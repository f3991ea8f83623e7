//! Mailbox/query and Mailbox/queryChanges: over all mailboxes of the account, which are few.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use mail::changes::{self, State};
use mail::mailboxes::{self, Mailbox, Role};
use mail::{MailboxId, heads};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::jmap::collation::{Collation, directed};
use crate::jmap::error::MethodError;
use crate::jmap::filter::{Filter, Operator};
use crate::jmap::standard::{self, Changed, Comparator, QueryArguments, QueryChangesArguments};
use crate::jmap::work::{Work, arguments};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Condition {
    /// Null is the top; absent is anywhere.
    #[serde(default, deserialize_with = "crate::extract::given")]
    parent_id: Option<Option<String>>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, deserialize_with = "crate::extract::given")]
    role: Option<Option<String>>,
    #[serde(default)]
    has_any_role: Option<bool>,
    #[serde(default)]
    is_subscribed: Option<bool>,
}

impl Condition {
    fn holds(&self, mailbox: &Mailbox) -> bool {
        let parent = mailbox.parent.map(|parent| parent.to_string());
        let name = || kernel::fold(&mailbox.name);
        self.parent_id.as_ref().is_none_or(|wanted| *wanted == parent)
            && self.name.as_ref().is_none_or(|part| name().contains(&kernel::fold(part)))
            && self.role.as_ref().is_none_or(|wanted| wanted.as_deref() == mailbox.role.map(Role::as_str))
            && self.has_any_role.is_none_or(|wanted| wanted == mailbox.role.is_some())
            && self.is_subscribed.is_none_or(|wanted| wanted == mailbox.subscribed)
    }
}

fn matches(filter: &Filter<Condition>, mailbox: &Mailbox) -> bool {
    match filter {
        Filter::Condition(condition) => condition.holds(mailbox),
        Filter::Operator(Operator::And, filters) => filters.iter().all(|filter| matches(filter, mailbox)),
        Filter::Operator(Operator::Or, filters) => filters.iter().any(|filter| matches(filter, mailbox)),
        Filter::Operator(Operator::Not, filters) => !filters.iter().any(|filter| matches(filter, mailbox)),
    }
}

enum Key {
    SortOrder,
    Name(Collation),
}

struct Order(Vec<(Key, bool)>);

impl Order {
    fn read(sort: Option<&[Comparator]>) -> Result<Self, MethodError> {
        let unsupported = |what: &str| MethodError::UnsupportedSort(format!("mailboxes cannot be sorted by {what:?}"));
        let key = |comparator: &Comparator| {
            let collation = match &comparator.collation {
                None => Collation::default(),
                Some(name) => Collation::from_name(name).ok_or_else(|| unsupported(name))?,
            };
            let key = match comparator.property.as_str() {
                "sortOrder" => Key::SortOrder,
                "name" => Key::Name(collation),
                other => return Err(unsupported(other)),
            };
            Ok((key, comparator.is_ascending))
        };
        Ok(Self(sort.unwrap_or_default().iter().map(key).collect::<Result<_, _>>()?))
    }

    fn compare(&self, left: &Mailbox, right: &Mailbox) -> Ordering {
        let by_key = self.0.iter().map(|(key, is_ascending)| {
            let ordering = match key {
                Key::SortOrder => left.sort_order.cmp(&right.sort_order),
                Key::Name(collation) => collation.key(&left.name).cmp(&collation.key(&right.name)),
            };
            directed(ordering, *is_ascending)
        });
        by_key.fold(Ordering::Equal, Ordering::then).then(left.id.cmp(&right.id))
    }
}

struct Query {
    filter: Option<Filter<Condition>>,
    order: Order,
    as_tree: bool,
    filter_as_tree: bool,
}

impl Query {
    /// Takes what only this type has out of the arguments.
    fn read(args: &mut Map<String, Value>) -> Result<Self, MethodError> {
        let mut flag = |name: &str| match args.remove(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(value)) => Ok(value),
            Some(_) => Err(MethodError::invalid_arguments(format!("{name:?} is true or false"))),
        };
        let (as_tree, filter_as_tree) = (flag("sortAsTree")?, flag("filterAsTree")?);
        Ok(Self { filter: None, order: Order(Vec::new()), as_tree, filter_as_tree })
    }

    fn run(&self, mut all: Vec<Mailbox>) -> Vec<String> {
        all.sort_by(|left, right| self.order.compare(left, right));
        let mut kept: BTreeSet<MailboxId> = all
            .iter()
            .filter(|mailbox| self.filter.as_ref().is_none_or(|filter| matches(filter, mailbox)))
            .map(|mailbox| mailbox.id)
            .collect();
        let parents: BTreeMap<MailboxId, Option<MailboxId>> = all.iter().map(|mailbox| (mailbox.id, mailbox.parent)).collect();
        if self.filter_as_tree {
            kept = kept.iter().copied().filter(|id| ancestors(&parents, *id).all(|ancestor| kept.contains(&ancestor))).collect();
        }
        let ordered = if self.as_tree { as_tree(&all) } else { all.iter().map(|mailbox| mailbox.id).collect() };
        ordered.into_iter().filter(|id| kept.contains(id)).map(|id| id.to_string()).collect()
    }
}

fn ancestors(parents: &BTreeMap<MailboxId, Option<MailboxId>>, id: MailboxId) -> impl Iterator<Item = MailboxId> {
    std::iter::successors(parents.get(&id).copied().flatten(), |id| parents.get(id).copied().flatten()).take(mail::mailboxes::MAX_DEPTH)
}

/// Each mailbox before those below it, siblings in the order they come in (RFC 8621 §2.3).
fn as_tree(sorted: &[Mailbox]) -> Vec<MailboxId> {
    let mut children: BTreeMap<Option<MailboxId>, Vec<MailboxId>> = BTreeMap::new();
    for mailbox in sorted {
        children.entry(mailbox.parent).or_default().push(mailbox.id);
    }
    let mut ordered = Vec::with_capacity(sorted.len());
    let mut waiting = children.remove(&None).unwrap_or_default();
    waiting.reverse();
    while let Some(id) = waiting.pop() {
        ordered.push(id);
        waiting.extend(children.remove(&Some(id)).unwrap_or_default().into_iter().rev());
    }
    ordered
}

pub async fn query(work: &mut Work<'_>, mut args: Map<String, Value>) -> Result<Value, MethodError> {
    let mut query = Query::read(&mut args)?;
    let args: QueryArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    query.filter = Filter::read(args.filter.as_ref())?;
    query.order = Order::read(args.sort.as_deref())?;
    let (state, all) = work
        .read(move |ctx, tx| Ok::<_, MethodError>((heads::open(ctx, tx, account)?.change_number, mailboxes::list(ctx, tx, account)?)))
        .await?;
    let results = query.run(all);
    let (start, length) = standard::window(&args, results.len(), |anchor| results.iter().position(|id| id == anchor))?;
    Ok(standard::queried(&args, state, true, &results[start..start + length], start, Some(results.len())))
}

pub async fn query_changes(work: &mut Work<'_>, mut args: Map<String, Value>) -> Result<Value, MethodError> {
    let mut query = Query::read(&mut args)?;
    let args: QueryChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    query.filter = Filter::read(args.filter.as_ref())?;
    query.order = Order::read(args.sort.as_deref())?;
    let since: State = args.since_query_state.parse().map_err(|_| MethodError::CannotCalculateChanges)?;
    let (found, state, all) = work
        .read(move |ctx, tx| {
            let found = changes::mailbox_changes(ctx, tx, account, since, None)?;
            Ok::<_, MethodError>((found, heads::open(ctx, tx, account)?.change_number, mailboxes::list(ctx, tx, account)?))
        })
        .await?;
    let mut touched = Changed::from(found).all();
    if (query.as_tree || query.filter_as_tree) && !touched.is_empty() {
        // What moves or goes takes along what is below it.
        touched.extend(all.iter().map(|mailbox| mailbox.id.to_string()));
    }
    let results = query.run(all);
    standard::query_changes(&args, state, &touched, &results)
}
