//! Reads I-JSON (RFC 7493): as JSON, but no object names a member twice.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A text of so many bytes may hold many times as much when it is nothing but brackets: so many values are read of any, and one more for each
/// [`BYTES_PER_VALUE`] of it.
const VALUES: usize = 50_000;
const BYTES_PER_VALUE: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    NotJson,
    TooManyValues,
}

/// The value that `bytes` are the text of.
pub fn read(bytes: &[u8]) -> Result<Value, Unreadable> {
    let left = Cell::new(VALUES + bytes.len() / BYTES_PER_VALUE);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { left: &left }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|_| if left.get() == 0 { Unreadable::TooManyValues } else { Unreadable::NotJson })
}

/// Counts down with every value it reads.
#[derive(Clone, Copy)]
struct Strict<'a> {
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.left.get().checked_sub(1).filter(|left| *left > 0) {
            Some(left) => self.left.set(left),
            None => {
                self.left.set(0);
                return Err(D::Error::custom("too many values"));
            }
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_and_a_member_named_twice_is_refused() {
        assert_eq!(read(br#"{"a":[1,-2,2.5,"x",null,true,{"b":{}}]}"#), Ok(json!({ "a": [1, -2, 2.5, "x", null, true, { "b": {} }] })));
        for wrong in [&br#"{"a":1,"a":2}"#[..], br#"[{"x":{"a":1,"b":1,"a":1}}]"#, b"", b"{} {}", b"{\"a\":\xff}", b"nul"] {
            assert_eq!(read(wrong), Err(Unreadable::NotJson), "{}", String::from_utf8_lossy(wrong));
        }
        assert_eq!(read(&[b'['; 100_000]), Err(Unreadable::NotJson));
    }

    #[test]
    fn a_text_of_nothing_but_brackets_is_not_read_to_its_end() {
        let list = |value: &str, count: usize| format!("[{}0]", format!("{value},").repeat(count)).into_bytes();
        for value in ["0", "[]", "{}", "\"\""] {
            assert!(read(&list(value, VALUES - 10)).is_ok(), "{value}");
            assert_eq!(read(&list(value, 3_000_000)), Err(Unreadable::TooManyValues), "{value}");
        }
        // As many ids as a request has room for.
        assert!(read(&list("\"m1234567\"", 900_000)).is_ok());
        let members: String = (0..900_000).map(|number| format!("\"{number}\":0,")).collect();
        assert_eq!(read(format!("{{{members}\"x\":0}}").as_bytes()).is_ok(), members.len() / BYTES_PER_VALUE + VALUES > 900_001);
    }
}
