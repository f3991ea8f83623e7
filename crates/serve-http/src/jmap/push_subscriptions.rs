//! Push subscriptions (RFC 8620 §7.2). They belong to no account but to what the caller has signed in with; nobody else sees them.

use kernel::{PushSubscriptionId, Timestamp};
use lifecycle::push_subscriptions::{
    self as push, Address, AddressError, ClientKeys, KeysError, NewPushSubscription, PushSubscription, PushSubscriptionError,
    PushSubscriptionPatch,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::StoreError;

use super::emails::wire::{date_of, utc};
use super::error::{MethodError, SetError};
use super::limits;
use super::standard::{Outcome, SetArguments, chosen, reduce};
use super::work::{Work, arguments};

const PROPERTIES: &[&str] = &["id", "deviceClientId", "verificationCode", "expires", "types"];
/// RFC 8620 §7.2.1: never told.
const SECRETS: &[&str] = &["url", "keys"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Get {
    #[serde(default)]
    ids: Option<Vec<String>>,
    #[serde(default)]
    properties: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Set {
    #[serde(default)]
    create: Option<Map<String, Value>>,
    #[serde(default)]
    update: Option<Map<String, Value>>,
    #[serde(default)]
    destroy: Option<Vec<String>>,
}

fn describe(subscription: &PushSubscription) -> Value {
    json!({
        "id": subscription.id,
        "deviceClientId": subscription.device_client_id,
        "verificationCode": subscription.verification_code,
        "expires": subscription.expires_at.map(utc),
        "types": subscription.types,
    })
}

pub async fn get(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: Get = arguments(args)?;
    if args.properties.iter().flatten().any(|name| SECRETS.contains(&name.as_str())) {
        return Err(MethodError::Forbidden("the address and the keys are not told".to_owned()));
    }
    let chosen = chosen(args.properties, PROPERTIES)?;
    if args.ids.as_ref().is_some_and(|ids| ids.len() > limits::MAX_OBJECTS_IN_GET) {
        return Err(MethodError::RequestTooLarge);
    }
    let credential = work.caller.credential(work.app.store.keys());
    let all = work.read(move |ctx, tx| Ok::<_, MethodError>(push::list(ctx, tx, &credential)?)).await?;
    let mut not_found: Vec<String> = Vec::new();
    let shown: Vec<&PushSubscription> = match args.ids {
        None => all.iter().collect(),
        Some(mut ids) => {
            ids.sort_unstable();
            ids.dedup();
            let mut shown = Vec::new();
            for id in ids {
                match work.id(&id).and_then(|id| all.iter().find(|subscription| subscription.id.to_string() == id)) {
                    Some(subscription) => shown.push(subscription),
                    None => not_found.push(id),
                }
            }
            shown
        }
    };
    let list: Vec<Value> = shown.into_iter().map(|subscription| reduce(describe(subscription), chosen.as_ref())).collect();
    Ok(json!({ "list": list, "notFound": not_found }))
}

pub async fn set(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let Set { create, update, destroy } = arguments(args)?;
    let args = SetArguments { account_id: String::new(), if_in_state: None, create, update, destroy };
    args.refuse_too_many()?;
    let mut outcome = Outcome::default();
    for (creation, value) in args.create.unwrap_or_default() {
        let result = self::create(work, value).await;
        if let Ok(made) = &result {
            work.created.insert(creation.clone(), made["id"].as_str().unwrap_or_default().to_owned());
        }
        outcome.creation(&creation, result);
    }
    for (id, patch) in args.update.unwrap_or_default() {
        let result = self::update(work, &id, patch).await;
        outcome.update(&id, result);
    }
    for id in args.destroy.unwrap_or_default() {
        let result = self::destroy(work, &id).await;
        outcome.destruction(&id, result);
    }
    Ok(Value::Object(outcome.objects()))
}

/// An operation's own words, and the store's.
struct Failed(SetError);

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl From<PushSubscriptionError> for Failed {
    fn from(error: PushSubscriptionError) -> Self {
        let property = match &error {
            PushSubscriptionError::WrongCode => Some("verificationCode"),
            PushSubscriptionError::Past => Some("expires"),
            PushSubscriptionError::TooLong { field } => Some(*field),
            _ => None,
        };
        let error = SetError::of(error);
        Self(match property {
            Some(property) => error.with("properties", json!([property])),
            None => error,
        })
    }
}

async fn write<T: Send + 'static>(
    work: &Work<'_>,
    mut closure: impl FnMut(&kernel::Ctx, &mut store::Tx) -> Result<T, PushSubscriptionError> + Send + 'static,
) -> Result<T, SetError> {
    let ctx = work.ctx();
    work.app.store.write(move |tx| closure(&ctx, tx).map_err(Failed::from)).await.map_err(|Failed(error)| error)
}

async fn create(work: &Work<'_>, value: Value) -> Result<Value, SetError> {
    let Value::Object(object) = value else { return Err(SetError::invalid_properties([], "a push subscription is an object")) };
    let new = read(&object)?;
    let credential = work.caller.credential(work.app.store.keys());
    let keys_of = work.app.store.clone();
    let made = write(work, move |ctx, tx| push::create(ctx, tx, keys_of.keys(), &credential, &new)).await?;
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(made.id));
    // RFC 8620 §5.3: what the client did not set, or not to that.
    let Value::Object(mut whole) = describe(&made) else { return Ok(Value::Object(shown)) };
    whole.insert("keys".to_owned(), Value::Null);
    whole.retain(|name, value| match object.get(name) {
        None => true,
        Some(said) => said != value && name == "expires",
    });
    shown.append(&mut whole);
    Ok(Value::Object(shown))
}

fn read(object: &Map<String, Value>) -> Result<NewPushSubscription, SetError> {
    let mut wrong = Vec::new();
    let (mut device, mut address, mut keys, mut expires_at, mut types) = (None, None, None, None, None);
    for (name, value) in object {
        let read = match name.as_str() {
            "deviceClientId" => text(value).map(|text| device = Some(text)),
            "url" => {
                text(value).and_then(|text| text.try_into().map_err(|_: AddressError| ()).ok()).map(|url: Address| address = Some(url))
            }
            "keys" => keys_of(value).map(|read| keys = read),
            "expires" => moment(value).map(|read| expires_at = read),
            "types" => names(value).map(|read| types = read),
            // RFC 8620 §7.2: null when it is created.
            "verificationCode" => value.is_null().then_some(()),
            _ => None,
        };
        if read.is_none() {
            wrong.push(name.as_str());
        }
    }
    for (name, missing) in [("deviceClientId", device.is_none()), ("url", address.is_none())] {
        if missing && !wrong.contains(&name) {
            wrong.push(name);
        }
    }
    match (device, address) {
        (Some(device_client_id), Some(address)) if wrong.is_empty() => {
            Ok(NewPushSubscription { device_client_id, address, keys, expires_at, types })
        }
        _ => Err(SetError::invalid_properties(wrong, "these are missing, cannot be set, or not to that")),
    }
}

/// NUL is the one character that rows cannot hold.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.contains('\0')).map(str::to_owned)
}

fn keys_of(value: &Value) -> Option<Option<ClientKeys>> {
    if value.is_null() {
        return Some(None);
    }
    let part = |name: &str| value.get(name).and_then(Value::as_str).ok_or(KeysError);
    let read = || ClientKeys::read(part("p256dh")?, part("auth")?);
    read().ok().map(Some)
}

fn moment(value: &Value) -> Option<Option<Timestamp>> {
    if value.is_null() {
        return Some(None);
    }
    let date = value.as_str().filter(|text| text.ends_with('Z')).and_then(date_of);
    date.map(|date| Some(date.at))
}

fn names(value: &Value) -> Option<Option<Vec<String>>> {
    match value {
        Value::Null => Some(None),
        Value::Array(names) => names.iter().map(text).collect::<Option<Vec<_>>>().map(Some),
        _ => None,
    }
}

async fn update(work: &Work<'_>, id: &str, patch: Value) -> Result<Value, SetError> {
    let id: PushSubscriptionId = work.id(id).and_then(|id| id.parse().ok()).ok_or_else(SetError::not_found)?;
    let Value::Object(object) = patch else { return Err(SetError::invalid_patch("a patch is an object")) };
    let mut patch = PushSubscriptionPatch::default();
    let mut wrong = Vec::new();
    for (name, value) in &object {
        let read = match name.as_str() {
            "id" => (*value == json!(id)).then_some(()),
            "verificationCode" => text(value).map(|code| patch.verification_code = Some(code)),
            "expires" => moment(value).map(|expires_at| patch.expires_at = Some(expires_at)),
            "types" => names(value).map(|types| patch.types = Some(types)),
            _ => None,
        };
        if read.is_none() {
            wrong.push(name.as_str());
        }
    }
    if !wrong.is_empty() {
        return Err(SetError::invalid_properties(wrong, "these cannot be changed, or not to that"));
    }
    let credential = work.caller.credential(work.app.store.keys());
    let now = write(work, move |ctx, tx| push::update(ctx, tx, &credential, id, &patch)).await?;
    let expires = json!(now.expires_at.map(utc));
    let was_kept = object.get("expires").is_none_or(|said| *said == expires);
    Ok(if was_kept { Value::Null } else { json!({ "expires": expires }) })
}

async fn destroy(work: &Work<'_>, id: &str) -> Result<(), SetError> {
    let id: PushSubscriptionId = work.id(id).and_then(|id| id.parse().ok()).ok_or_else(SetError::not_found)?;
    let credential = work.caller.credential(work.app.store.keys());
    write(work, move |ctx, tx| push::destroy(ctx, tx, &credential, id)).await
}
