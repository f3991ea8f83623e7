//! What an audit event says of a change: only the fields that differ.

use serde::Serialize;
use serde_json::{Map, Value};

/// The fields of two states of one thing that are not equal, as they were and as they are; `ignored` ones are left out.
pub(crate) fn between<T: Serialize>(old: &T, new: &T, ignored: &[&str]) -> (Value, Value) {
    let object = |value: &T| match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    let (mut old, mut new) = (object(old), object(new));
    let same: Vec<String> = old
        .iter()
        .filter(|(key, value)| new.get(*key) == Some(value) || ignored.contains(&key.as_str()))
        .map(|(key, _)| key.clone())
        .collect();
    for key in same {
        old.remove(&key);
        new.remove(&key);
    }
    (Value::Object(old), Value::Object(new))
}
