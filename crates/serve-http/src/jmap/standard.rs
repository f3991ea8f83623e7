//! What `/get`, `/changes`, `/set` and `/queryChanges` of every type share (RFC 8620 §5).

use std::collections::BTreeSet;
use std::fmt;

use mail::changes::{Changes, State};
use mail::email_identities;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::error::{MethodError, SetError};
use super::limits;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetArguments {
    pub account_id: String,
    #[serde(default)]
    pub ids: Option<Vec<String>>,
    #[serde(default)]
    pub properties: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangesArguments {
    pub account_id: String,
    pub since_state: String,
    #[serde(default, deserialize_with = "positive")]
    pub max_changes: Option<usize>,
}

impl ChangesArguments {
    /// A state that nobody was ever told cannot be told from.
    pub fn since(&self) -> Result<State, MethodError> {
        self.since_state.parse().map_err(|_| MethodError::CannotCalculateChanges)
    }

    pub fn max(&self) -> usize {
        self.max_changes.unwrap_or(usize::MAX).min(limits::MAX_CHANGES)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetArguments {
    pub account_id: String,
    #[serde(default)]
    pub if_in_state: Option<String>,
    #[serde(default)]
    pub create: Option<Map<String, Value>>,
    #[serde(default)]
    pub update: Option<Map<String, Value>>,
    #[serde(default)]
    pub destroy: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryArguments {
    pub account_id: String,
    #[serde(default)]
    pub filter: Option<Value>,
    #[serde(default)]
    pub sort: Option<Vec<Comparator>>,
    #[serde(default)]
    pub position: i64,
    #[serde(default)]
    pub anchor: Option<String>,
    #[serde(default)]
    pub anchor_offset: i64,
    #[serde(default)]
    pub limit: Option<u64>,
    #[serde(default)]
    pub calculate_total: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryChangesArguments {
    pub account_id: String,
    #[serde(default)]
    pub filter: Option<Value>,
    #[serde(default)]
    pub sort: Option<Vec<Comparator>>,
    pub since_query_state: String,
    #[serde(default, deserialize_with = "positive")]
    pub max_changes: Option<usize>,
    /// Lets a server leave out changes behind this id; ours tells them all.
    #[serde(default)]
    #[serde(rename = "upToId")]
    pub _up_to_id: Option<String>,
    #[serde(default)]
    pub calculate_total: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Comparator {
    pub property: String,
    #[serde(default = "yes")]
    pub is_ascending: bool,
    #[serde(default)]
    pub collation: Option<String>,
    /// Of Email only: what the properties about keywords look for.
    #[serde(default)]
    pub keyword: Option<String>,
}

fn yes() -> bool {
    true
}

/// RFC 8620 §5.2: `maxChanges` is greater than zero.
fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    match Option::<usize>::deserialize(deserializer)? {
        Some(0) => Err(serde::de::Error::custom("must be greater than 0")),
        found => Ok(found),
    }
}

impl GetArguments {
    /// The ids that are asked for, each once; `None` for all there are.
    pub fn wanted(&mut self) -> Result<Option<Vec<String>>, MethodError> {
        let Some(ids) = self.ids.take() else { return Ok(None) };
        if ids.len() > limits::MAX_OBJECTS_IN_GET {
            return Err(MethodError::RequestTooLarge);
        }
        let mut seen = BTreeSet::new();
        Ok(Some(ids.into_iter().filter(|id| seen.insert(id.clone())).collect()))
    }

    /// The properties that are asked for, `id` always among them; `None` for the default.
    pub fn chosen(&mut self, known: &[&str]) -> Result<Option<BTreeSet<String>>, MethodError> {
        chosen(self.properties.take(), known)
    }
}

/// The properties that are asked for, `id` always among them.
pub fn chosen(properties: Option<Vec<String>>, known: &[&str]) -> Result<Option<BTreeSet<String>>, MethodError> {
    let Some(properties) = properties else { return Ok(None) };
    if let Some(unknown) = properties.iter().find(|property| !known.contains(&property.as_str())) {
        return Err(MethodError::invalid_arguments(format!("there is no property {unknown:?}")));
    }
    Ok(Some(properties.into_iter().chain(["id".to_owned()]).collect()))
}

/// Leaves of an object what was asked for.
pub fn reduce(mut object: Value, chosen: Option<&BTreeSet<String>>) -> Value {
    if let (Some(chosen), Value::Object(object)) = (chosen, &mut object) {
        object.retain(|name, _| chosen.contains(name));
    }
    object
}

pub fn got(account_id: &str, state: i64, list: Vec<Value>, not_found: Vec<String>) -> Value {
    let mut answer = Map::new();
    answer.insert("accountId".to_owned(), account_id.into());
    answer.insert("state".to_owned(), state.to_string().into());
    answer.insert("list".to_owned(), list.into());
    answer.insert("notFound".to_owned(), not_found.into());
    Value::Object(answer)
}

/// What came, changed and went.
#[derive(Default)]
pub struct Changed {
    pub created: Vec<String>,
    pub updated: Vec<String>,
    pub destroyed: Vec<String>,
    pub new_state: String,
    pub has_more: bool,
}

impl<I: fmt::Display> From<Changes<I>> for Changed {
    fn from(changes: Changes<I>) -> Self {
        let texts = |ids: Vec<I>| ids.into_iter().map(|id| id.to_string()).collect();
        Self {
            created: texts(changes.created),
            updated: texts(changes.updated),
            destroyed: texts(changes.destroyed),
            new_state: changes.new_state.to_string(),
            has_more: changes.has_more,
        }
    }
}

impl Changed {
    pub fn of_history<I: fmt::Display>(changed: email_identities::Changed<I>) -> Self {
        let texts = |ids: Vec<I>| ids.into_iter().map(|id| id.to_string()).collect();
        Self {
            created: texts(changed.created),
            updated: texts(changed.updated),
            destroyed: texts(changed.destroyed),
            new_state: changed.new_state.to_string(),
            has_more: changed.has_more,
        }
    }

    /// All that was touched, to find what of a query's results may have changed.
    pub fn all(self) -> BTreeSet<String> {
        [self.created, self.updated, self.destroyed].into_iter().flatten().collect()
    }

    pub fn answer(self, account_id: &str, since: &str) -> Value {
        json!({
            "accountId": account_id,
            "oldState": since,
            "newState": self.new_state,
            "hasMoreChanges": self.has_more,
            "created": self.created,
            "updated": self.updated,
            "destroyed": self.destroyed,
        })
    }
}

impl SetArguments {
    pub fn refuse_too_many(&self) -> Result<(), MethodError> {
        let count = |map: &Option<Map<String, Value>>| map.as_ref().map_or(0, Map::len);
        let all = count(&self.create) + count(&self.update) + self.destroy.as_ref().map_or(0, Vec::len);
        if all > limits::MAX_OBJECTS_IN_SET { Err(MethodError::RequestTooLarge) } else { Ok(()) }
    }
}

/// What became of each object of a `/set`.
#[derive(Default)]
pub struct Outcome {
    pub created: Map<String, Value>,
    pub updated: Map<String, Value>,
    pub destroyed: Vec<String>,
    pub not_created: Map<String, Value>,
    pub not_updated: Map<String, Value>,
    pub not_destroyed: Map<String, Value>,
}

impl Outcome {
    pub fn creation(&mut self, creation: &str, result: Result<Value, SetError>) {
        match result {
            Ok(object) => self.created.insert(creation.to_owned(), object),
            Err(error) => self.not_created.insert(creation.to_owned(), error.into_json()),
        };
    }

    /// `object` holds what the server changed beyond what was asked, or is null.
    pub fn update(&mut self, id: &str, result: Result<Value, SetError>) {
        match result {
            Ok(object) => self.updated.insert(id.to_owned(), object),
            Err(error) => self.not_updated.insert(id.to_owned(), error.into_json()),
        };
    }

    pub fn destruction(&mut self, id: &str, result: Result<(), SetError>) {
        match result {
            Ok(()) => self.destroyed.push(id.to_owned()),
            Err(error) => {
                self.not_destroyed.insert(id.to_owned(), error.into_json());
            }
        }
    }

    pub fn answer(self, account_id: &str, old_state: i64, new_state: i64) -> Value {
        let mut answer = self.objects();
        answer.insert("accountId".to_owned(), account_id.into());
        answer.insert("oldState".to_owned(), old_state.to_string().into());
        answer.insert("newState".to_owned(), new_state.to_string().into());
        Value::Object(answer)
    }

    /// Without account and states, for what has neither.
    pub fn objects(self) -> Map<String, Value> {
        let map = |map: Map<String, Value>| if map.is_empty() { Value::Null } else { Value::Object(map) };
        let destroyed = if self.destroyed.is_empty() { Value::Null } else { json!(self.destroyed) };
        let objects = [
            ("created", map(self.created)),
            ("updated", map(self.updated)),
            ("destroyed", destroyed),
            ("notCreated", map(self.not_created)),
            ("notUpdated", map(self.not_updated)),
            ("notDestroyed", map(self.not_destroyed)),
        ];
        objects.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Where a window of a query's results begins, and how long it is (RFC 8620 §5.5). `find` tells where an id stands among them.
pub fn window(arguments: &QueryArguments, results: usize, find: impl FnOnce(&str) -> Option<usize>) -> Result<(usize, usize), MethodError> {
    let total = i64::try_from(results).unwrap_or(i64::MAX);
    let start = match &arguments.anchor {
        Some(anchor) => {
            let index = find(anchor).ok_or(MethodError::AnchorNotFound)?;
            i64::try_from(index).unwrap_or(i64::MAX).saturating_add(arguments.anchor_offset).max(0)
        }
        None if arguments.position < 0 => total.saturating_add(arguments.position).max(0),
        None => arguments.position,
    };
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(results);
    Ok((start, limit_of(arguments).min(results - start)))
}

/// How many ids a query answers with at most.
pub fn limit_of(arguments: &QueryArguments) -> usize {
    let asked = arguments.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    asked.min(limits::MAX_QUERY_LIMIT)
}

/// The answer of a query of which `ids` is the window beginning at `position`.
pub fn queried(
    arguments: &QueryArguments,
    state: i64,
    can_calculate: bool,
    ids: &[String],
    position: usize,
    total: Option<usize>,
) -> Value {
    let mut answer = json!({
        "accountId": arguments.account_id,
        "queryState": state.to_string(),
        "canCalculateChanges": can_calculate,
        "position": position,
        "ids": ids,
    });
    if let Some(total) = total.filter(|_| arguments.calculate_total) {
        answer["total"] = json!(total);
    }
    // RFC 8620 §5.5: told when the server put its own limit in place of the client's.
    let limit = limit_of(arguments);
    if arguments.limit.is_none_or(|asked| usize::try_from(asked).is_ok_and(|asked| asked > limit)) && ids.len() == limit {
        answer["limit"] = json!(limit);
    }
    answer
}

/// What changed in a query's results, as RFC 8620 §5.6 lets it be told: everything that may have changed is removed, and what of it is in the
/// results now is added at its place.
pub fn query_changes(
    arguments: &QueryChangesArguments,
    new_state: i64,
    touched: &BTreeSet<String>,
    results: &[String],
) -> Result<Value, MethodError> {
    let is_touched = |(_, id): &(usize, &String)| touched.contains(*id);
    let added: Vec<Value> = results.iter().enumerate().filter(is_touched).map(|(index, id)| json!({ "id": id, "index": index })).collect();
    if arguments.max_changes.is_some_and(|max| touched.len() + added.len() > max) || touched.len() > limits::MAX_CHANGES {
        return Err(MethodError::TooManyChanges);
    }
    let mut answer = json!({
        "accountId": arguments.account_id,
        "oldQueryState": arguments.since_query_state,
        "newQueryState": new_state.to_string(),
        "removed": touched,
        "added": added,
    });
    if arguments.calculate_total {
        answer["total"] = json!(results.len());
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(value: Value) -> QueryArguments {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_window_begins_at_a_position_or_beside_an_anchor() {
        let results: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let find = |anchor: &str| results.iter().position(|id| id == anchor);
        let window = |value: Value| window(&query(value), results.len(), find);
        assert_eq!(window(json!({ "accountId": "x" })).unwrap(), (0, 5));
        assert_eq!(window(json!({ "accountId": "x", "position": 3, "limit": 9 })).unwrap(), (3, 2));
        assert_eq!(window(json!({ "accountId": "x", "position": -2 })).unwrap(), (3, 2));
        assert_eq!(window(json!({ "accountId": "x", "position": -9, "limit": 1 })).unwrap(), (0, 1));
        assert_eq!(window(json!({ "accountId": "x", "position": 9 })).unwrap(), (5, 0));
        assert_eq!(window(json!({ "accountId": "x", "position": i64::MIN })).unwrap(), (0, 5));
        assert_eq!(window(json!({ "accountId": "x", "anchor": "c", "anchorOffset": -1, "limit": 2 })).unwrap(), (1, 2));
        assert_eq!(window(json!({ "accountId": "x", "anchor": "c", "anchorOffset": -9 })).unwrap(), (0, 5));
        assert_eq!(window(json!({ "accountId": "x", "anchor": "c", "anchorOffset": i64::MAX })).unwrap(), (5, 0));
        assert_eq!(window(json!({ "accountId": "x", "anchor": "z" })).unwrap_err().kind(), "anchorNotFound");
    }
}
