//! Threads 会话 (RFC 8621 §3).

use std::collections::HashMap;

use mail::{ThreadId, changes as mail_changes, heads, messages};
use serde_json::{Map, Value, json};

use super::error::MethodError;
use super::standard::{Changed, ChangesArguments, GetArguments, got, reduce};
use super::work::{Work, arguments};

const PROPERTIES: &[&str] = &["id", "emailIds"];

pub async fn get(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let mut args: GetArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let chosen = args.chosen(PROPERTIES)?;
    // Nobody needs all threads at once.
    let ids = args.wanted()?.ok_or(MethodError::RequestTooLarge)?;
    let threads: Vec<ThreadId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    let (state, found) = work
        .read(move |ctx, tx| {
            let found = messages::messages_of_threads(ctx, tx, account, &threads)?;
            Ok::<_, MethodError>((heads::open(ctx, tx, account)?.change_number, found))
        })
        .await?;
    let mut found: HashMap<String, Value> =
        found.into_iter().map(|(thread, messages)| (thread.to_string(), json!({ "id": thread, "emailIds": messages }))).collect();
    let (mut list, mut not_found) = (Vec::new(), Vec::new());
    for id in ids {
        match found.remove(&id) {
            Some(thread) => list.push(reduce(thread, chosen.as_ref())),
            None => not_found.push(id),
        }
    }
    Ok(got(&args.account_id, state, list, not_found))
}

pub async fn changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: ChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let (since, max) = (args.since()?, args.max());
    let found = work.read(move |ctx, tx| Ok::<_, MethodError>(mail_changes::thread_changes(ctx, tx, account, since, Some(max))?)).await?;
    Ok(Changed::from(found).answer(&args.account_id, &args.since_state))
}
