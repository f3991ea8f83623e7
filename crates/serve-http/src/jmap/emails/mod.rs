//! Emails 邮件 (RFC 8621 §4).

mod compose;
mod filter;
mod forms;
pub mod get;
pub mod import;
pub mod parse;
pub mod query;
pub mod set;
pub mod sort;
mod texts;
pub mod wire;

use mail::changes as mail_changes;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use filter::read as read_filter;

use super::blobs::refuse_copy;
use super::error::MethodError;
use super::standard::{Changed, ChangesArguments};
use super::work::{Work, arguments};

pub async fn changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: ChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let (since, max) = (args.since()?, args.max());
    let found = work.read(move |ctx, tx| Ok::<_, MethodError>(mail_changes::message_changes(ctx, tx, account, since, Some(max))?)).await?;
    Ok(Changed::from(found).answer(&args.account_id, &args.since_state))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CopyArguments {
    from_account_id: String,
    account_id: String,
    #[serde(rename = "ifFromInState", default)]
    _if_from_in_state: Option<String>,
    #[serde(rename = "ifInState", default)]
    _if_in_state: Option<String>,
    #[serde(rename = "create")]
    _create: Map<String, Value>,
    #[serde(rename = "onSuccessDestroyOriginal", default)]
    _on_success_destroy_original: bool,
    #[serde(rename = "destroyFromIfInState", default)]
    _destroy_from_if_in_state: Option<String>,
}

/// Email/copy (RFC 8621 §4.7): a member has one account, and there is nothing to be copied from another.
pub fn copy(work: &Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: CopyArguments = arguments(args)?;
    work.account(&args.account_id)?;
    refuse_copy(work, &args.from_account_id, &args.account_id)
}
