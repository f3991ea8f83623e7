//! One request at work: who asks, what was created so far, and how methods reach the store.

use std::collections::BTreeMap;

use kernel::{Ctx, MailAccountId};
use mail::heads;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use store::{StoreError, Tx};

use super::caller::JmapCaller;
use super::error::MethodError;
use crate::app::AppState;

pub struct Work<'a> {
    pub app: &'a AppState,
    pub caller: &'a JmapCaller,
    /// What creation ids stand for, of this request and of those the client named.
    pub created: BTreeMap<String, String>,
    /// Answers of methods that others have called, to stand after theirs.
    pub more: Vec<(&'static str, Value)>,
}

/// What a `/set` found when it looked first; the state is compared once more in its first transaction.
#[derive(Debug, Clone, Copy, Default)]
pub struct IfInState(Option<i64>);

impl IfInState {
    pub fn read(state: Option<&str>) -> Result<Self, MethodError> {
        match state {
            None => Ok(Self(None)),
            Some(text) => change_number(text).map(|number| Self(Some(number))).ok_or(MethodError::StateMismatch),
        }
    }

    pub fn check(self, found: i64) -> Result<(), MethodError> {
        if self.0.is_none_or(|expected| expected == found) { Ok(()) } else { Err(MethodError::StateMismatch) }
    }
}

/// States are change numbers of the account, in decimal.
pub fn change_number(state: &str) -> Option<i64> {
    state.parse().ok().filter(|number: &i64| *number >= 0 && number.to_string() == state)
}

impl Work<'_> {
    pub fn ctx(&self) -> Ctx {
        Ctx { now: self.app.source.now(), ..self.caller.ctx.clone() }
    }

    pub fn account(&self, id: &str) -> Result<MailAccountId, MethodError> {
        self.caller.account(id)
    }

    /// An id as the client wrote it, or what stands behind a creation id (RFC 8620 §5.3).
    pub fn id<'a>(&'a self, text: &'a str) -> Option<&'a str> {
        match text.strip_prefix('#') {
            Some(creation) => self.created.get(creation).map(String::as_str),
            None => Some(text),
        }
    }

    pub async fn read<T, E, F>(&self, mut closure: F) -> Result<T, E>
    where
        F: FnMut(&Ctx, &mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let ctx = self.ctx();
        self.app.store.read(move |tx| closure(&ctx, tx)).await
    }

    /// One transaction on the mail of the account.
    pub async fn write<T, E, F>(&self, account: MailAccountId, mut closure: F) -> Result<T, E>
    where
        F: FnMut(&Ctx, &mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let ctx = self.ctx();
        self.app.store.write_account(account, move |tx| closure(&ctx, tx)).await
    }

    /// The state of every type: they share the account's change number.
    pub async fn state(&self, account: MailAccountId) -> Result<i64, MethodError> {
        self.read(move |ctx, tx| Ok::<_, MethodError>(heads::open(ctx, tx, account)?.change_number)).await
    }
}

/// Reads the arguments of a method.
pub fn arguments<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, MethodError> {
    serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
        let (path, why) = (error.path().to_string(), error.into_inner().to_string());
        MethodError::invalid_arguments(if path == "." { why } else { format!("{path}: {why}") })
    })
}
