//! Arguments that are results of earlier calls of the same request (RFC 8620 §3.7).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::MethodError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResultReference {
    result_of: String,
    name: String,
    path: String,
}

/// An answer of a method, with the name and the id of the call.
pub struct Answer {
    pub name: String,
    pub body: Value,
    pub call_id: String,
}

/// Puts results in place of the references among `arguments`. What is copied is taken from `budget_bytes`.
pub fn resolve(arguments: Map<String, Value>, answers: &[Answer], budget_bytes: &mut usize) -> Result<Map<String, Value>, MethodError> {
    if !arguments.keys().any(|name| name.starts_with('#')) {
        return Ok(arguments);
    }
    let mut resolved = Map::new();
    for (name, value) in &arguments {
        let Some(plain) = name.strip_prefix('#') else {
            resolved.insert(name.clone(), value.clone());
            continue;
        };
        if arguments.contains_key(plain) {
            return Err(MethodError::invalid_arguments(format!("{plain:?} is given both itself and as a reference")));
        }
        let reference = ResultReference::deserialize(value)
            .map_err(|_| MethodError::invalid_result_reference(format!("{name:?} is not a result reference")))?;
        resolved.insert(plain.to_owned(), find(&reference, answers, budget_bytes)?);
    }
    Ok(resolved)
}

fn find(reference: &ResultReference, answers: &[Answer], budget_bytes: &mut usize) -> Result<Value, MethodError> {
    let wrong = |why: &str| MethodError::invalid_result_reference(format!("{why}: {:?} of {:?}", reference.path, reference.result_of));
    // "Find the first response with this id": a later answer to the same call is not looked at.
    let answer = answers.iter().find(|answer| answer.call_id == reference.result_of).ok_or_else(|| wrong("there is no such answer"))?;
    if answer.name != reference.name {
        return Err(wrong("the answer has another name"));
    }
    let tokens = tokens_of(&reference.path).ok_or_else(|| wrong("the path is not a JSON pointer"))?;
    evaluate(&answer.body, &tokens, budget_bytes).ok_or_else(|| wrong("the path leads nowhere"))?.ok_or(MethodError::RequestTooLarge)
}

/// RFC 6901 §3.
fn tokens_of(path: &str) -> Option<Vec<String>> {
    if path.is_empty() {
        return Some(Vec::new());
    }
    Some(path.strip_prefix('/')?.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

/// `None` when the path leads nowhere, `Some(None)` when what it leads to is too much.
fn evaluate(value: &Value, tokens: &[String], budget_bytes: &mut usize) -> Option<Option<Value>> {
    let Some((token, rest)) = tokens.split_first() else {
        let weight = weight_of(value);
        return Some(budget_bytes.checked_sub(weight).map(|left| {
            *budget_bytes = left;
            value.clone()
        }));
    };
    match value {
        Value::Object(object) => evaluate(object.get(token)?, rest, budget_bytes),
        Value::Array(items) if token == "*" => {
            let mut found = Vec::new();
            for item in items {
                match evaluate(item, rest, budget_bytes)? {
                    None => return Some(None),
                    Some(Value::Array(items)) => found.extend(items),
                    Some(item) => found.push(item),
                }
            }
            Some(Some(Value::Array(found)))
        }
        Value::Array(items) => {
            let plain = token == "0" || (!token.starts_with('0') && !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()));
            let index = token.parse::<usize>().ok().filter(|_| plain)?;
            evaluate(items.get(index)?, rest, budget_bytes)
        }
        _ => None,
    }
}

/// About what a value takes in memory.
pub fn weight_of(value: &Value) -> usize {
    const NODE: usize = 32;
    match value {
        Value::String(text) => NODE + text.len(),
        Value::Array(items) => NODE + items.iter().map(weight_of).sum::<usize>(),
        Value::Object(object) => NODE + object.iter().map(|(name, value)| NODE + name.len() + weight_of(value)).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) => NODE,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answers() -> Vec<Answer> {
        let answer = |name: &str, call_id: &str, body| Answer { name: name.to_owned(), call_id: call_id.to_owned(), body };
        vec![
            answer("Email/query", "t0", json!({ "ids": ["m1", "m2"], "a/b": { "~": [7] } })),
            answer("Thread/get", "t1", json!({ "list": [{ "emailIds": ["m1", "m3"] }, { "emailIds": ["m2"] }] })),
            answer("error", "t2", json!({ "type": "forbidden" })),
        ]
    }

    fn resolved(arguments: Value) -> Result<Value, MethodError> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        resolve(arguments, &answers(), &mut 10_000).map(Value::Object)
    }

    #[test]
    fn references_are_followed_and_lists_of_lists_become_one() {
        let ids = json!({ "#ids": { "resultOf": "t0", "name": "Email/query", "path": "/ids" }, "x": 1 });
        assert_eq!(resolved(ids).unwrap(), json!({ "ids": ["m1", "m2"], "x": 1 }));
        let flat = json!({ "#ids": { "resultOf": "t1", "name": "Thread/get", "path": "/list/*/emailIds" } });
        assert_eq!(resolved(flat).unwrap(), json!({ "ids": ["m1", "m3", "m2"] }));
        let escaped = json!({ "#n": { "resultOf": "t0", "name": "Email/query", "path": "/a~1b/~0/0" } });
        assert_eq!(resolved(escaped).unwrap(), json!({ "n": 7 }));
    }

    #[test]
    fn what_leads_nowhere_is_an_invalid_reference() {
        for (of, name, path) in [
            ("t9", "Email/query", "/ids"),
            ("t1", "Email/query", "/ids"),
            ("t2", "Email/get", "/list"),
            ("t0", "Email/query", "/missing"),
            ("t0", "Email/query", "ids"),
            ("t0", "Email/query", "/ids/2"),
            ("t0", "Email/query", "/ids/00"),
            ("t0", "Email/query", "/ids/0/x"),
            ("t1", "Thread/get", "/list/*/missing"),
        ] {
            let error = resolved(json!({ "#ids": { "resultOf": of, "name": name, "path": path } })).unwrap_err();
            assert_eq!(error.kind(), "invalidResultReference", "{of} {name} {path}");
        }
        assert_eq!(resolved(json!({ "#ids": 5 })).unwrap_err().kind(), "invalidResultReference");
        let both = json!({ "ids": [], "#ids": { "resultOf": "t0", "name": "Email/query", "path": "/ids" } });
        assert_eq!(resolved(both).unwrap_err().kind(), "invalidArguments");
    }

    #[test]
    fn references_cannot_be_used_to_fill_the_memory() {
        let Value::Object(arguments) = json!({ "#a": { "resultOf": "t0", "name": "Email/query", "path": "" } }) else { panic!() };
        let mut budget = 50;
        assert_eq!(resolve(arguments, &answers(), &mut budget).unwrap_err().kind(), "requestTooLarge");
    }
}
