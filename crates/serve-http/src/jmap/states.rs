//! What changed since a client was told last: for streams, connections and everything else that pushes.

use std::collections::BTreeSet;

use kernel::{Ctx, MailAccountId};
use mail::changes::changed_types;
use mail::heads;
use serde_json::{Map, Value, json};

use super::caller::JmapCaller;
use crate::app::AppState;
use crate::error::ApiError;

pub use mail::changes::TYPES;

/// What is new.
pub struct News {
    /// The state now.
    pub state: i64,
    /// The types that changed, each with its state.
    pub changed: Map<String, Value>,
}

/// The state now, and those of `types` that changed since `told`; `None` when the session has ended, or when that cannot be found out.
pub async fn look(
    app: &AppState,
    caller: &JmapCaller,
    account: MailAccountId,
    types: &BTreeSet<&'static str>,
    told: i64,
    look_at_session: bool,
) -> Option<News> {
    let ctx = Ctx { now: app.source.now(), ..caller.ctx.clone() };
    let (proof, types) = (caller.proof.clone(), types.clone());
    let found = app.store.read(move |tx| {
        if look_at_session && !proof.is_still_valid(tx, ctx.now)? {
            return Ok::<_, ApiError>(None);
        }
        let state = heads::open(&ctx, tx, account)?.change_number;
        let changed = if state > told { changed_types(&ctx, tx, account, told)? } else { BTreeSet::new() };
        let changed = changed.intersection(&types).map(|name| ((*name).to_owned(), json!(state.to_string()))).collect();
        Ok(Some(News { state, changed }))
    });
    found.await.ok()?
}
