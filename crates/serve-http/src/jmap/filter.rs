//! Filters: conditions, and operators over them (RFC 8620 §5.5).

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::MethodError;
use super::limits::MAX_FILTER_NODES;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    And,
    Or,
    /// None of them.
    Not,
}

#[derive(Debug)]
pub enum Filter<C> {
    Operator(Operator, Vec<Filter<C>>),
    Condition(C),
}

impl<C: DeserializeOwned> Filter<C> {
    /// `None` when everything is wanted.
    pub fn read(value: Option<&Value>) -> Result<Option<Self>, MethodError> {
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(value) => Self::part(value, &mut 0).map(Some),
        }
    }

    // The reader of JSON has bounded how deep this goes.
    fn part(value: &Value, nodes: &mut usize) -> Result<Self, MethodError> {
        *nodes += 1;
        if *nodes > MAX_FILTER_NODES {
            return Err(MethodError::UnsupportedFilter(format!("a filter has at most {MAX_FILTER_NODES} conditions")));
        }
        let Value::Object(object) = value else { return Err(MethodError::invalid_arguments("a filter is an object")) };
        let Some(operator) = object.get("operator") else {
            // A condition with a property we do not know cannot be kept to (RFC 8620 §5.5).
            return C::deserialize(value).map(Self::Condition).map_err(|error| {
                let why = error.to_string();
                if why.starts_with("unknown field") { MethodError::UnsupportedFilter(why) } else { MethodError::invalid_arguments(why) }
            });
        };
        let operator = match operator.as_str() {
            Some("AND") => Operator::And,
            Some("OR") => Operator::Or,
            Some("NOT") => Operator::Not,
            _ => return Err(MethodError::invalid_arguments("an operator is \"AND\", \"OR\" or \"NOT\"")),
        };
        let Some(Value::Array(conditions)) = object.get("conditions") else {
            return Err(MethodError::invalid_arguments("an operator has a list of conditions"));
        };
        if object.len() > 2 {
            return Err(MethodError::invalid_arguments("an operator has nothing but conditions"));
        }
        let parts = conditions.iter().map(|condition| Self::part(condition, nodes)).collect::<Result<_, _>>()?;
        Ok(Self::Operator(operator, parts))
    }
}
