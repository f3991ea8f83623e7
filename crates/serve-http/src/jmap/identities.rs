//! Identities: who a member writes as (RFC 8621 §6).

use kernel::{EmailAddress, EmailIdentityId, MailAccountId};
use mail::email_identities::{self, EmailIdentity, EmailIdentityError, EmailIdentityPatch, Listed, NamedAddress, NewEmailIdentity};
use mail::heads::MailError;
use serde_json::{Map, Value, json};
use store::StoreError;

use super::error::{MethodError, SetError};
use super::patch;
use super::standard::{Changed, ChangesArguments, GetArguments, Outcome, SetArguments, got, reduce};
use super::work::{IfInState, Work, arguments};

const PROPERTIES: &[&str] = &["id", "name", "email", "replyTo", "bcc", "textSignature", "htmlSignature", "mayDelete"];

/// The identities, those of new addresses among them.
pub async fn current(work: &Work<'_>, account: MailAccountId) -> Result<(i64, Vec<EmailIdentity>), MethodError> {
    let mut listed = list(work, account).await?;
    if !listed.is_current {
        work.write(account, move |ctx, tx| Ok::<_, MethodError>(email_identities::bring_up_to_date(ctx, tx, account)?)).await?;
        listed = list(work, account).await?;
    }
    Ok((listed.change_number, listed.identities))
}

async fn list(work: &Work<'_>, account: MailAccountId) -> Result<Listed, MethodError> {
    work.read(move |ctx, tx| Ok(email_identities::list(ctx, tx, account)?)).await
}

pub async fn get(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let mut args: GetArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let chosen = args.chosen(PROPERTIES)?;
    let (state, all) = current(work, account).await?;
    let mut not_found = Vec::new();
    let shown: Vec<&EmailIdentity> = match args.wanted()? {
        None => all.iter().collect(),
        Some(ids) => {
            let mut shown = Vec::new();
            for id in ids {
                match work.id(&id).and_then(|id| all.iter().find(|identity| identity.id.to_string() == id)) {
                    Some(identity) => shown.push(identity),
                    None => not_found.push(id),
                }
            }
            shown
        }
    };
    let list = shown.into_iter().map(|identity| reduce(describe(identity), chosen.as_ref())).collect();
    Ok(got(&args.account_id, state, list, not_found))
}

fn describe(identity: &EmailIdentity) -> Value {
    json!({
        "id": identity.id,
        "name": identity.name,
        "email": identity.address,
        "replyTo": identity.reply_to,
        "bcc": identity.bcc,
        "textSignature": identity.text_signature,
        "htmlSignature": identity.html_signature,
        "mayDelete": identity.may_delete,
    })
}

pub async fn changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: ChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let (since, max) = (args.since()?.change_number, args.max());
    // What the directory has changed is a change here.
    current(work, account).await?;
    let found = work.read(move |ctx, tx| Ok::<_, MethodError>(email_identities::changes(ctx, tx, account, since, max)?)).await?;
    Ok(Changed::of_history(found.ok_or(MethodError::CannotCalculateChanges)?).answer(&args.account_id, &args.since_state))
}

pub async fn set(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: SetArguments = arguments(args)?;
    args.refuse_too_many()?;
    let account = work.account(&args.account_id)?;
    let (old_state, _) = current(work, account).await?;
    IfInState::read(args.if_in_state.as_deref())?.check(old_state)?;
    let mut outcome = Outcome::default();
    for (creation, value) in args.create.unwrap_or_default() {
        let result = create(work, account, value).await;
        if let Ok(made) = &result {
            work.created.insert(creation.clone(), made["id"].as_str().unwrap_or_default().to_owned());
        }
        outcome.creation(&creation, result);
    }
    for (id, patch) in args.update.unwrap_or_default() {
        let result = update(work, account, &id, patch).await;
        outcome.update(&id, result);
    }
    for id in args.destroy.unwrap_or_default() {
        let result = destroy(work, account, &id).await;
        outcome.destruction(&id, result);
    }
    let new_state = work.state(account).await?;
    Ok(outcome.answer(&args.account_id, old_state, new_state))
}

/// An operation's own words, and the store's.
struct Failed(SetError);

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl From<MailError> for Failed {
    fn from(error: MailError) -> Self {
        Self(error.into())
    }
}

impl From<EmailIdentityError> for Failed {
    fn from(error: EmailIdentityError) -> Self {
        Self(match error {
            // RFC 8621 §6.3
            EmailIdentityError::NotOwn { .. } => SetError::typed("forbiddenFrom", error),
            EmailIdentityError::TooLong { field } => SetError::of(error).with("properties", json!([field])),
            error => SetError::of(error),
        })
    }
}

async fn create(work: &Work<'_>, account: MailAccountId, value: Value) -> Result<Value, SetError> {
    let Value::Object(mut object) = value else { return Err(SetError::invalid_properties([], "an identity is an object")) };
    let address = object.remove("email").as_ref().and_then(Value::as_str).and_then(|text| text.parse::<EmailAddress>().ok());
    let address = address.ok_or_else(|| SetError::invalid_property("email", "an identity has an address of the member"))?;
    let wanted = wanted(&object)?;
    let new = NewEmailIdentity {
        address,
        name: wanted.name,
        reply_to: wanted.reply_to.flatten(),
        bcc: wanted.bcc.flatten(),
        text_signature: wanted.text_signature.unwrap_or_default(),
        html_signature: wanted.html_signature.unwrap_or_default(),
    };
    let made = work
        .write(account, move |ctx, tx| {
            let id = email_identities::create(ctx, tx, account, &new)?;
            Ok::<_, Failed>(email_identities::find(ctx, tx, account, id)?.ok_or(EmailIdentityError::NotFound(id))?)
        })
        .await;
    let identity = made.map_err(|Failed(error)| error)?;
    let mut shown = describe(&identity);
    if let Value::Object(shown) = &mut shown {
        shown.retain(|name, value| object.get(name).is_none_or(|said| said != value) && name != "email");
    }
    Ok(shown)
}

async fn update(work: &Work<'_>, account: MailAccountId, id: &str, patch: Value) -> Result<Value, SetError> {
    let identity_id: EmailIdentityId = work.id(id).and_then(|id| id.parse().ok()).ok_or_else(SetError::not_found)?;
    let Value::Object(patch) = patch else { return Err(SetError::invalid_patch("a patch is an object")) };
    let done = work
        .write(account, move |ctx, tx| {
            let Some(current) = email_identities::find(ctx, tx, account, identity_id)? else { return Ok(Err(SetError::not_found())) };
            let Value::Object(before) = describe(&current) else { return Ok(Err(SetError::not_found())) };
            let mut after = before.clone();
            if let Err(error) = patch::apply(&mut after, &patch) {
                return Ok(Err(error));
            }
            after.retain(|name, value| before.get(name) != Some(value));
            match wanted(&after) {
                Ok(wanted) => Ok::<_, Failed>(Ok(email_identities::change(ctx, tx, account, identity_id, &wanted)?)),
                Err(error) => Ok(Err(error)),
            }
        })
        .await;
    done.unwrap_or_else(|Failed(error)| Err(error)).map(|()| Value::Null)
}

async fn destroy(work: &Work<'_>, account: MailAccountId, id: &str) -> Result<(), SetError> {
    let id: EmailIdentityId = work.id(id).and_then(|id| id.parse().ok()).ok_or_else(SetError::not_found)?;
    let done = work.write(account, move |ctx, tx| Ok::<_, Failed>(email_identities::remove(ctx, tx, account, id)?)).await;
    done.map_err(|Failed(error)| error)
}

fn wanted(object: &Map<String, Value>) -> Result<EmailIdentityPatch, SetError> {
    let mut patch = EmailIdentityPatch::default();
    let mut wrong = Vec::new();
    for (name, value) in object {
        let text = || match value {
            Value::Null => Some(String::new()),
            // NUL is the one character that rows cannot hold.
            Value::String(text) if !text.contains('\0') => Some(text.clone()),
            _ => None,
        };
        let read = match name.as_str() {
            "name" => text().map(|text| patch.name = Some(text)),
            "textSignature" => text().map(|text| patch.text_signature = Some(text)),
            "htmlSignature" => text().map(|text| patch.html_signature = Some(text)),
            "replyTo" => addresses(value).map(|list| patch.reply_to = Some(list)),
            "bcc" => addresses(value).map(|list| patch.bcc = Some(list)),
            _ => None,
        };
        if read.is_none() {
            wrong.push(name.as_str());
        }
    }
    if wrong.is_empty() { Ok(patch) } else { Err(SetError::invalid_properties(wrong, "these cannot be set, or not to that")) }
}

fn addresses(value: &Value) -> Option<Option<Vec<NamedAddress>>> {
    if value.is_null() {
        return Some(None);
    }
    let list: Vec<NamedAddress> = serde_json::from_value(value.clone()).ok()?;
    let is_clean = |text: &str| !text.chars().any(char::is_control);
    let right = list.iter().all(|one| one.email.contains('@') && is_clean(&one.email) && one.name.as_deref().is_none_or(is_clean));
    right.then_some(Some(list))
}
