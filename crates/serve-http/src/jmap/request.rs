//! The request object (RFC 8620 §3.3).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::capabilities;
use super::limits::MAX_CALLS_IN_REQUEST;
use super::problem::RequestProblem;

#[derive(Debug)]
pub struct Request {
    pub using: Vec<&'static str>,
    pub calls: Vec<Invocation>,
    /// Given when the client wants the map back.
    pub created_ids: Option<BTreeMap<String, String>>,
}

#[derive(Debug)]
pub struct Invocation {
    pub name: String,
    pub arguments: Map<String, Value>,
    pub call_id: String,
}

/// Ids of clients and of the server: RFC 8620 §1.2.
pub const MAX_ID_BYTES: usize = 255;

pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_ID_BYTES && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl Request {
    pub fn of(value: Value) -> Result<Self, RequestProblem> {
        let wrong = RequestProblem::NotRequest;
        let Value::Object(mut object) = value else { return Err(wrong("the body is not an object")) };
        let using = match object.remove("using") {
            Some(Value::Array(names)) => names,
            _ => return Err(wrong("\"using\" is not a list of capabilities")),
        };
        let Some(Value::Array(calls)) = object.remove("methodCalls") else { return Err(wrong("\"methodCalls\" is not a list of calls")) };
        let created_ids = match object.remove("createdIds") {
            None | Some(Value::Null) => None,
            Some(Value::Object(ids)) => Some(created_ids_of(ids).ok_or(wrong("\"createdIds\" is not a map of ids"))?),
            Some(_) => return Err(wrong("\"createdIds\" is not a map of ids")),
        };
        if calls.len() > MAX_CALLS_IN_REQUEST {
            return Err(RequestProblem::Limit("maxCallsInRequest"));
        }
        let calls = calls.into_iter().map(invocation).collect::<Option<Vec<_>>>();
        let calls = calls.ok_or(wrong("a call is not a name, an object of arguments and an id"))?;
        let using = using.into_iter().map(capability).collect::<Result<_, _>>()?;
        Ok(Self { using, calls, created_ids })
    }
}

fn capability(name: Value) -> Result<&'static str, RequestProblem> {
    let Value::String(name) = name else { return Err(RequestProblem::NotRequest("a capability is not a text")) };
    capabilities::ALL.iter().copied().find(|known| *known == name).ok_or(RequestProblem::UnknownCapability(name))
}

fn created_ids_of(ids: Map<String, Value>) -> Option<BTreeMap<String, String>> {
    let text = |(creation, id): (String, Value)| match id {
        Value::String(id) if is_id(&creation) && is_id(&id) => Some((creation, id)),
        _ => None,
    };
    ids.into_iter().map(text).collect()
}

fn invocation(value: Value) -> Option<Invocation> {
    let Value::Array(parts) = value else { return None };
    match <[Value; 3]>::try_from(parts).ok()? {
        [Value::String(name), Value::Object(arguments), Value::String(call_id)] => Some(Invocation { name, arguments, call_id }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_read() {
        let request = Request::of(json!({
            "using": ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"],
            "methodCalls": [["method1", { "arg1": "arg1data" }, "c1"], ["method2", {}, "c2"]],
            "createdIds": { "k1": "m1" },
        }))
        .unwrap();
        assert_eq!((request.using.len(), request.calls.len(), request.calls[1].call_id.as_str()), (2, 2, "c2"));
        assert_eq!(request.created_ids.unwrap()["k1"], "m1");
    }

    #[test]
    fn what_is_no_request_is_told_so() {
        for wrong in [
            json!([]),
            json!({ "using": [] }),
            json!({ "methodCalls": [] }),
            json!({ "using": "x", "methodCalls": [] }),
            json!({ "using": [1], "methodCalls": [] }),
            json!({ "using": [], "methodCalls": [["a", {}]] }),
            json!({ "using": [], "methodCalls": [["a", [], "c"]] }),
            json!({ "using": [], "methodCalls": [["a", {}, 1]] }),
            json!({ "using": [], "methodCalls": [["a", {}, "c", 1]] }),
            json!({ "using": [], "methodCalls": [], "createdIds": { "k": 1 } }),
            json!({ "using": [], "methodCalls": [], "createdIds": { "k 1": "m1" } }),
        ] {
            assert!(matches!(Request::of(wrong.clone()), Err(RequestProblem::NotRequest(_))), "{wrong}");
        }
        let unknown = Request::of(json!({ "using": ["urn:x"], "methodCalls": [] })).unwrap_err();
        assert_eq!(unknown, RequestProblem::UnknownCapability("urn:x".to_owned()));
        let calls = vec![json!(["Core/echo", {}, "c"]); MAX_CALLS_IN_REQUEST + 1];
        let many = Request::of(json!({ "using": [], "methodCalls": calls })).unwrap_err();
        assert_eq!(many, RequestProblem::Limit("maxCallsInRequest"));
    }
}
