//! Mailboxes 文件夹 (RFC 8621 §2).

pub mod query;
pub mod set;

use std::collections::HashMap;

use mail::mailboxes::{self, Mailbox, Role};
use mail::{MailboxId, changes as mail_changes, heads};
use serde_json::{Map, Value, json};

use super::error::MethodError;
use super::limits;
use super::standard::{Changed, ChangesArguments, GetArguments, got, reduce};
use super::work::{Work, arguments};

const PROPERTIES: &[&str] = &[
    "id",
    "name",
    "parentId",
    "role",
    "sortOrder",
    "totalEmails",
    "unreadEmails",
    "totalThreads",
    "unreadThreads",
    "myRights",
    "isSubscribed",
];

/// The properties that deliveries and reading change (RFC 8621 §2.2).
const COUNTS: &[&str] = &["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"];

pub async fn get(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let mut args: GetArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let chosen = args.chosen(PROPERTIES)?;
    let wanted = args.wanted()?;
    let (state, all) = work
        .read(move |ctx, tx| Ok::<_, MethodError>((heads::open(ctx, tx, account)?.change_number, mailboxes::list(ctx, tx, account)?)))
        .await?;
    let mut not_found = Vec::new();
    let shown: Vec<&Mailbox> = match &wanted {
        None if all.len() > limits::MAX_OBJECTS_IN_GET => return Err(MethodError::RequestTooLarge),
        None => all.iter().collect(),
        Some(ids) => {
            // A thousand ids among ten thousand mailboxes must not be ten million comparisons.
            let by_id: HashMap<MailboxId, &Mailbox> = all.iter().map(|mailbox| (mailbox.id, mailbox)).collect();
            let find = |id: &String| {
                let found = work.id(id).and_then(|id| by_id.get(&id.parse::<MailboxId>().ok()?).copied());
                if found.is_none() {
                    not_found.push(id.clone());
                }
                found
            };
            ids.iter().filter_map(find).collect()
        }
    };
    let list = shown.into_iter().map(|mailbox| reduce(describe(mailbox), chosen.as_ref())).collect();
    Ok(got(&args.account_id, state, list, not_found))
}

fn describe(mailbox: &Mailbox) -> Value {
    json!({
        "id": mailbox.id,
        "name": mailbox.name,
        "parentId": mailbox.parent,
        "role": mailbox.role.map(Role::as_str),
        "sortOrder": mailbox.sort_order,
        "totalEmails": mailbox.total,
        "unreadEmails": mailbox.unread,
        "totalThreads": mailbox.total_threads,
        "unreadThreads": mailbox.unread_threads,
        "myRights": rights(mailbox),
        "isSubscribed": mailbox.subscribed,
    })
}

/// A member may do everything in its own account but take its inbox away.
fn rights(mailbox: &Mailbox) -> Value {
    let is_inbox = mailbox.role == Some(Role::Inbox);
    json!({
        "mayReadItems": true,
        "mayAddItems": true,
        "mayRemoveItems": true,
        "maySetSeen": true,
        "maySetKeywords": true,
        "mayCreateChild": true,
        "mayRename": !is_inbox,
        "mayDelete": !is_inbox,
        "maySubmit": true,
    })
}

pub async fn changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: ChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let (since, max) = (args.since()?, args.max());
    let found = work.read(move |ctx, tx| Ok::<_, MethodError>(mail_changes::mailbox_changes(ctx, tx, account, since, Some(max))?)).await?;
    let only_counts = found.only_counts && !found.updated.is_empty();
    let mut answer = Changed::from(found).answer(&args.account_id, &args.since_state);
    answer["updatedProperties"] = if only_counts { json!(COUNTS) } else { Value::Null };
    Ok(answer)
}
