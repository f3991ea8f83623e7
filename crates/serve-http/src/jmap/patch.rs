//! Changes to an object as paths and values (RFC 8620 §5.3).

use serde_json::{Map, Value};

use super::error::SetError;

/// Applies a patch to an object as it stands. Null at the top stays null, which a reader takes for the default; further in it removes.
pub fn apply(object: &mut Map<String, Value>, patch: &Map<String, Value>) -> Result<(), SetError> {
    let mut paths: Vec<&str> = patch.keys().map(String::as_str).collect();
    paths.sort_unstable();
    for (index, path) in paths.iter().enumerate() {
        let inside = |other: &&str| other.strip_prefix(*path).is_some_and(|rest| rest.starts_with('/'));
        if paths[index + 1..].iter().take_while(|other| other.starts_with(*path)).any(inside) {
            return Err(SetError::invalid_patch(format!("{path:?} is patched both as a whole and in part")));
        }
    }
    for (path, value) in patch {
        apply_one(object, path, value)?;
    }
    Ok(())
}

fn apply_one(object: &mut Map<String, Value>, path: &str, value: &Value) -> Result<(), SetError> {
    let mut tokens: Vec<String> = path.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    let nested = tokens.len() > 1;
    let last = tokens.pop().unwrap_or_default();
    let mut target = object;
    for token in tokens {
        target = match target.get_mut(&token) {
            Some(Value::Object(inner)) => inner,
            _ => return Err(SetError::invalid_patch(format!("{path:?} leads to nothing that can be patched"))),
        };
    }
    if nested && value.is_null() {
        target.remove(&last);
    } else {
        target.insert(last, value.clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(object: Value, patch: Value) -> Result<Value, &'static str> {
        let (Value::Object(mut object), Value::Object(patch)) = (object, patch) else { panic!("both are objects") };
        apply(&mut object, &patch).map(|()| Value::Object(object)).map_err(|error| error.kind())
    }

    #[test]
    fn paths_set_replace_and_remove() {
        let email = json!({ "keywords": { "$seen": true, "a/b": true }, "mailboxIds": { "f1": true } });
        let patch = json!({ "keywords/$seen": null, "keywords/$flagged": true, "keywords/a~1b": null, "mailboxIds": { "f2": true } });
        assert_eq!(patched(email, patch).unwrap(), json!({ "keywords": { "$flagged": true }, "mailboxIds": { "f2": true } }));
        assert_eq!(patched(json!({ "name": "a" }), json!({ "name": null })).unwrap(), json!({ "name": null }));
    }

    #[test]
    fn a_patch_that_contradicts_itself_or_leads_nowhere_is_invalid() {
        let email = json!({ "keywords": { "$seen": true }, "subject": "x" });
        for patch in [
            json!({ "keywords": {}, "keywords/$seen": null }),
            json!({ "keywords": {}, "keywords.": 1, "keywords/$seen": null }),
            json!({ "missing/a": 1 }),
            json!({ "subject/0": "y" }),
            json!({ "keywords/$seen/x": true }),
        ] {
            assert_eq!(patched(email.clone(), patch.clone()), Err("invalidPatch"), "{patch}");
        }
    }
}
