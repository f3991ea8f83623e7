//! Every method, by name. One more is a line in [`METHODS`], an arm in [`call`], and a row in `tests/jmap/access.rs`.

use serde_json::{Map, Value};

use super::capabilities::{BLOB, CORE, MAIL, QUOTA, SUBMISSION};
use super::error::MethodError;
use super::work::Work;
use super::{blobs, emails, identities, mailboxes, push_subscriptions, quotas, snippets, submissions, threads};

/// Each method with the capability it belongs to.
pub const METHODS: &[(&str, &str)] = &[
    ("Core/echo", CORE),
    ("Blob/copy", CORE),
    ("PushSubscription/get", CORE),
    ("PushSubscription/set", CORE),
    ("Blob/upload", BLOB),
    ("Blob/get", BLOB),
    ("Blob/lookup", BLOB),
    ("Mailbox/get", MAIL),
    ("Mailbox/changes", MAIL),
    ("Mailbox/query", MAIL),
    ("Mailbox/queryChanges", MAIL),
    ("Mailbox/set", MAIL),
    ("Thread/get", MAIL),
    ("Thread/changes", MAIL),
    ("Email/get", MAIL),
    ("Email/changes", MAIL),
    ("Email/query", MAIL),
    ("Email/queryChanges", MAIL),
    ("Email/set", MAIL),
    ("Email/copy", MAIL),
    ("Email/import", MAIL),
    ("Email/parse", MAIL),
    ("SearchSnippet/get", MAIL),
    ("Identity/get", SUBMISSION),
    ("Identity/changes", SUBMISSION),
    ("Identity/set", SUBMISSION),
    ("EmailSubmission/get", SUBMISSION),
    ("EmailSubmission/changes", SUBMISSION),
    ("EmailSubmission/query", SUBMISSION),
    ("EmailSubmission/queryChanges", SUBMISSION),
    ("EmailSubmission/set", SUBMISSION),
    ("Quota/get", QUOTA),
    ("Quota/changes", QUOTA),
    ("Quota/query", QUOTA),
    ("Quota/queryChanges", QUOTA),
];

/// Carries out one call. A method of a capability that the request does not use is unknown (RFC 8620 §3.3).
pub async fn call(work: &mut Work<'_>, using: &[&str], name: &str, arguments: Map<String, Value>) -> Result<Value, MethodError> {
    if !METHODS.iter().any(|(method, capability)| *method == name && using.contains(capability)) {
        return Err(MethodError::UnknownMethod);
    }
    match name {
        // RFC 8620 §4
        "Core/echo" => Ok(Value::Object(arguments)),
        "Blob/copy" => blobs::copy(work, arguments),
        "PushSubscription/get" => push_subscriptions::get(work, arguments).await,
        "PushSubscription/set" => push_subscriptions::set(work, arguments).await,
        "Blob/upload" => blobs::methods::upload(work, arguments).await,
        "Blob/get" => blobs::methods::get(work, arguments).await,
        "Blob/lookup" => blobs::methods::lookup(work, arguments).await,
        "Mailbox/get" => mailboxes::get(work, arguments).await,
        "Mailbox/changes" => mailboxes::changes(work, arguments).await,
        "Mailbox/query" => mailboxes::query::query(work, arguments).await,
        "Mailbox/queryChanges" => mailboxes::query::query_changes(work, arguments).await,
        "Mailbox/set" => mailboxes::set::set(work, arguments).await,
        "Thread/get" => threads::get(work, arguments).await,
        "Thread/changes" => threads::changes(work, arguments).await,
        "Email/get" => emails::get::get(work, arguments).await,
        "Email/changes" => emails::changes(work, arguments).await,
        "Email/query" => emails::query::query(work, arguments).await,
        "Email/queryChanges" => emails::query::query_changes(work, arguments).await,
        "Email/set" => emails::set::set(work, arguments).await,
        "Email/copy" => emails::copy(work, arguments),
        "Email/import" => emails::import::import(work, arguments).await,
        "Email/parse" => emails::parse::parse(work, arguments).await,
        "SearchSnippet/get" => snippets::get(work, arguments).await,
        "Identity/get" => identities::get(work, arguments).await,
        "Identity/changes" => identities::changes(work, arguments).await,
        "Identity/set" => identities::set(work, arguments).await,
        "EmailSubmission/get" => submissions::get(work, arguments).await,
        "EmailSubmission/changes" => submissions::changes(work, arguments).await,
        "EmailSubmission/query" => submissions::query::query(work, arguments).await,
        "EmailSubmission/queryChanges" => submissions::query::query_changes(work, arguments).await,
        "EmailSubmission/set" => submissions::set::set(work, arguments).await,
        "Quota/get" => quotas::get(work, arguments).await,
        "Quota/changes" => quotas::changes(work, arguments).await,
        "Quota/query" => quotas::query(work, arguments).await,
        "Quota/queryChanges" => quotas::query_changes(work, arguments).await,
        _ => Err(MethodError::UnknownMethod),
    }
}
