//! Mailbox/set (RFC 8621 §2.5).

use std::collections::BTreeSet;

use kernel::MailAccountId;
use mail::MailboxId;
use mail::entries::EntryError;
use mail::heads::MailError;
use mail::mailboxes::{self, MailboxError, MailboxPatch, NewMailbox, RemoveMail, Role, Subscription};
use serde_json::{Map, Value, json};

use super::describe;
use crate::jmap::error::{MethodError, SetError};
use crate::jmap::patch;
use crate::jmap::standard::{Outcome, SetArguments};
use crate::jmap::work::{IfInState, Work, arguments};

const SERVER_SET: &[&str] = &["id", "totalEmails", "unreadEmails", "totalThreads", "unreadThreads", "myRights"];
const SETTABLE: &[&str] = &["name", "parentId", "role", "sortOrder", "isSubscribed"];

pub async fn set(work: &mut Work<'_>, mut args: Map<String, Value>) -> Result<Value, MethodError> {
    let remove_mail = match args.remove("onDestroyRemoveEmails") {
        None | Some(Value::Null | Value::Bool(false)) => RemoveMail::Refuse,
        Some(Value::Bool(true)) => RemoveMail::Expunge,
        Some(_) => return Err(MethodError::invalid_arguments("\"onDestroyRemoveEmails\" is true or false")),
    };
    let args: SetArguments = arguments(args)?;
    args.refuse_too_many()?;
    let account = work.account(&args.account_id)?;
    let old_state = work.state(account).await?;
    IfInState::read(args.if_in_state.as_deref())?.check(old_state)?;
    let mut outcome = Outcome::default();
    create_all(work, account, args.create.unwrap_or_default(), &mut outcome).await;
    for (id, patch) in args.update.unwrap_or_default() {
        let result = update(work, account, &id, patch).await;
        outcome.update(&id, result);
    }
    destroy_all(work, account, args.destroy.unwrap_or_default(), remove_mail, &mut outcome).await;
    let new_state = work.state(account).await?;
    Ok(outcome.answer(&args.account_id, old_state, new_state))
}

/// A mailbox may be made below one that the same call makes, wherever that stands in the map.
async fn create_all(work: &mut Work<'_>, account: MailAccountId, waiting: Map<String, Value>, outcome: &mut Outcome) {
    let names: BTreeSet<String> = waiting.keys().map(|creation| format!("#{creation}")).collect();
    let mut waiting: Vec<(String, Value)> = waiting.into_iter().collect();
    while !waiting.is_empty() {
        let waits = |work: &Work<'_>, value: &Value| {
            let parent = value["parentId"].as_str().unwrap_or_default();
            names.contains(parent) && work.id(parent).is_none()
        };
        let (later, now): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, value)| waits(work, value));
        // Those that wait for each other wait in vain: their parents do not exist.
        let (later, now) = if now.is_empty() { (now, later) } else { (later, now) };
        let mut failed = false;
        for (creation, value) in now {
            let result = create(work, account, value).await;
            match &result {
                Ok(made) => {
                    work.created.insert(creation.clone(), made["id"].as_str().unwrap_or_default().to_owned());
                }
                Err(_) => failed = true,
            }
            outcome.creation(&creation, result);
        }
        waiting = later;
        if failed {
            // What waits for one that failed is tried now, and told that its parent does not exist.
            let (orphans, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, value)| {
                let parent = value["parentId"].as_str().unwrap_or_default().trim_start_matches('#');
                outcome.not_created.contains_key(parent)
            });
            for (creation, value) in orphans {
                let result = create(work, account, value).await;
                outcome.creation(&creation, result);
            }
            waiting = others;
        }
    }
}

async fn create(work: &Work<'_>, account: MailAccountId, value: Value) -> Result<Value, SetError> {
    let Value::Object(object) = value else { return Err(SetError::invalid_properties([], "a mailbox is an object")) };
    let wanted = Wanted::read(work, &object)?;
    let Some(Some(name)) = wanted.name else { return Err(SetError::invalid_property("name", "a mailbox has a name")) };
    let new = NewMailbox {
        parent: wanted.parent.flatten(),
        name,
        role: wanted.role.flatten(),
        subscribed: wanted.subscribed.unwrap_or(false),
        sort_order: wanted.sort_order.unwrap_or(0),
    };
    let mailbox = work
        .write(account, move |ctx, tx| {
            let made = mailboxes::create(ctx, tx, account, &new).map_err(|error| failure(error, None))?;
            Ok::<_, SetError>(mailboxes::get(ctx, tx, account, made)?)
        })
        .await?;
    let mut shown = describe(&mailbox);
    // What the client said itself need not be told back, unless it was brought into another form.
    if let Value::Object(shown) = &mut shown {
        shown.retain(|name, value| object.get(name).is_none_or(|said| said != value));
    }
    Ok(shown)
}

async fn update(work: &Work<'_>, account: MailAccountId, id: &str, patch: Value) -> Result<Value, SetError> {
    let mailbox_id: MailboxId = work.id(id).and_then(|id| id.parse().ok()).ok_or_else(SetError::not_found)?;
    let Value::Object(patch) = patch else { return Err(SetError::invalid_patch("a patch is an object")) };
    let current = work.read(move |ctx, tx| Ok::<_, SetError>(mailboxes::get(ctx, tx, account, mailbox_id)?)).await?;
    let Value::Object(before) = describe(&current) else { return Err(SetError::not_found()) };
    let mut after = before.clone();
    patch::apply(&mut after, &patch)?;
    // RFC 8620 §5.3: what only the server sets may be sent along as long as it is what it was.
    after.retain(|name, value| {
        before.get(name) != Some(value) || !(SERVER_SET.contains(&name.as_str()) || SETTABLE.contains(&name.as_str()))
    });
    let wanted = Wanted::read(work, &after)?;
    let name = match wanted.name {
        Some(None) => return Err(SetError::invalid_property("name", "a mailbox has a name")),
        Some(name) => name,
        None => None,
    };
    let change =
        MailboxPatch { parent: wanted.parent, name, role: wanted.role, subscribed: wanted.subscribed, sort_order: wanted.sort_order };
    work.write(account, move |ctx, tx| {
        mailboxes::change(ctx, tx, account, mailbox_id, &change).map_err(|error| failure(error, Some(mailbox_id)))
    })
    .await?;
    Ok(Value::Null)
}

/// Children go before their parents, in whatever order the client names them.
async fn destroy_all(work: &Work<'_>, account: MailAccountId, ids: Vec<String>, mail: RemoveMail, outcome: &mut Outcome) {
    let mut waiting = ids;
    loop {
        let before = waiting.len();
        let mut refused = Vec::new();
        for id in waiting {
            match destroy(work, account, &id, mail).await {
                Err(error) if error.kind() == "mailboxHasChild" => refused.push((id, error)),
                result => outcome.destruction(&id, result),
            }
        }
        if refused.is_empty() || refused.len() == before {
            refused.into_iter().for_each(|(id, error)| outcome.destruction(&id, Err(error)));
            return;
        }
        waiting = refused.into_iter().map(|(id, _)| id).collect();
    }
}

async fn destroy(work: &Work<'_>, account: MailAccountId, id: &str, mail: RemoveMail) -> Result<(), SetError> {
    let id: MailboxId = work.id(id).and_then(|id| id.parse().ok()).ok_or_else(SetError::not_found)?;
    match mail {
        RemoveMail::Refuse => {
            work.write(account, move |ctx, tx| mailboxes::remove(ctx, tx, account, id, mail).map_err(|error| failure(error, Some(id))))
                .await
        }
        RemoveMail::Expunge => {
            mailboxes::remove_all(&work.app.store, &work.ctx(), account, id, Subscription::GoesAlong).await.map_err(|error| match error {
                EntryError::Mailbox(error) => failure(error, Some(id)),
                error => SetError::of(error),
            })
        }
    }
}

/// RFC 8621 §2.5. `own` is the mailbox that was to be changed: another one that does not exist was meant as its parent.
fn failure(error: MailboxError, own: Option<MailboxId>) -> SetError {
    match error {
        MailboxError::Mail(MailError::MailboxNotFound(id)) if own != Some(id) => {
            SetError::typed("invalidProperties", error).with("properties", json!(["parentId"]))
        }
        MailboxError::NotEmpty => SetError::typed("mailboxHasEmail", error),
        MailboxError::HasChildren => SetError::typed("mailboxHasChild", error),
        // RFC 8620 §5.4 has the type for it, whichever way the second one comes.
        MailboxError::NameTaken { existing, .. } => {
            SetError::typed("alreadyExists", error).with("existingId", json!(existing)).with("properties", json!(["name"]))
        }
        MailboxError::NameInvalid => SetError::of(error).with("properties", json!(["name"])),
        MailboxError::RoleTaken { .. } => SetError::of(error).with("properties", json!(["role"])),
        MailboxError::TooDeep | MailboxError::IntoItself => {
            SetError::typed("invalidProperties", error).with("properties", json!(["parentId"]))
        }
        error => SetError::of(error),
    }
}

/// What a client wants of a mailbox; what it does not name is `None`.
#[derive(Default)]
struct Wanted {
    parent: Option<Option<MailboxId>>,
    name: Option<Option<String>>,
    role: Option<Option<Role>>,
    subscribed: Option<bool>,
    sort_order: Option<u32>,
}

impl Wanted {
    fn read(work: &Work<'_>, object: &Map<String, Value>) -> Result<Self, SetError> {
        let mut wanted = Self::default();
        let mut wrong = BTreeSet::new();
        for (name, value) in object {
            if wanted.read_one(work, name, value).is_none() {
                wrong.insert(name.as_str());
            }
        }
        if wrong.is_empty() { Ok(wanted) } else { Err(SetError::invalid_properties(wrong, "these cannot be set, or not to that")) }
    }
}

impl Wanted {
    /// `None` when there is no such property, or it cannot be this.
    fn read_one(&mut self, work: &Work<'_>, name: &str, value: &Value) -> Option<()> {
        match name {
            "name" => self.name = Some(text_or_null(value)?),
            "parentId" => {
                self.parent = Some(match text_or_null(value)? {
                    None => None,
                    Some(id) => Some(work.id(&id)?.parse().ok()?),
                });
            }
            "role" => {
                self.role = Some(match text_or_null(value)? {
                    None => None,
                    Some(role) => Some(Role::parse(&role)?),
                });
            }
            // RFC 8621 §2: from 0 to 2^31 - 1; null is the default, as below.
            "sortOrder" if value.is_null() => self.sort_order = Some(0),
            "sortOrder" => self.sort_order = Some(u32::try_from(value.as_u64()?).ok().filter(|number| i32::try_from(*number).is_ok())?),
            "isSubscribed" if value.is_null() => self.subscribed = Some(false),
            "isSubscribed" => self.subscribed = Some(value.as_bool()?),
            _ => return None,
        }
        Some(())
    }
}

fn text_or_null(value: &Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.clone())),
        _ => None,
    }
}
