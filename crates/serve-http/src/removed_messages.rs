//! Mail that was removed for good and can still be brought back: by its owner one by one, by an administrator by the time of its removal.

use axum::extract::{Query, State};
use directory::members;
use http::StatusCode;
use kernel::{Ctx, MailAccountId, MemberId, Timestamp};
use lifecycle::mail_recovery;
use mail::heads::MailError;
use mail::removed_messages::{self, RemovedMessage, Restored};
use mail::{MessageId, mime};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::{Account as AccountCaller, Console};
use crate::error::ApiError;
use crate::extract::{Json, Path, bounded_items};
use crate::jobs::{self, AcceptedJob};
use crate::list::{List, PageQuery};

/// How many messages are named at a time.
const MOST_NAMED: usize = 100;

/// A message that was removed for good, as it can be recognised.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedMessageRow {
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub removed_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// The JMAP id of the mailbox it was in last; null when that is gone.
    #[schema(required)]
    pub mailbox_id: Option<String>,
    pub subject: String,
    pub from: Vec<RemovedMessageSender>,
    pub preview: String,
    pub size_bytes: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedMessageSender {
    #[schema(required)]
    pub name: Option<String>,
    pub address: String,
}

/// Which of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovedMessageIds {
    #[schema(max_items = 100)]
    pub ids: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RestoredMessages {
    pub restored: Vec<RestoredMessage>,
    /// Not removed, or no longer recoverable.
    pub not_found: Vec<String>,
    /// Still recoverable; the mailbox is too full.
    pub without_room: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RestoredMessage {
    pub id: String,
    /// Its JMAP id from now on.
    pub email_id: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ForgottenMessages {
    pub forgotten: Vec<String>,
}

/// From when on and until before when what is brought back was removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreMail {
    #[schema(value_type = String, format = DateTime)]
    pub removed_from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub removed_until: Timestamp,
}

impl From<RemovedMessage> for RemovedMessageRow {
    fn from(found: RemovedMessage) -> Self {
        let sender = |address: mime::Address| RemovedMessageSender { name: address.name, address: address.email };
        Self {
            id: found.id.to_string(),
            removed_at: found.removed_at,
            received_at: found.received_at,
            mailbox_id: found.mailbox.map(|id| id.to_string()),
            subject: found.summary.subject,
            from: found.summary.from.into_iter().map(sender).collect(),
            preview: found.summary.preview,
            size_bytes: found.size_bytes,
        }
    }
}

impl From<Restored> for RestoredMessages {
    fn from(done: Restored) -> Self {
        let texts = |ids: Vec<MessageId>| ids.into_iter().map(|id| id.to_string()).collect();
        Self {
            restored: done
                .restored
                .into_iter()
                .map(|(old, new)| RestoredMessage { id: old.to_string(), email_id: new.to_string() })
                .collect(),
            not_found: texts(done.not_found),
            without_room: texts(done.without_room),
        }
    }
}

fn own_account(ctx: &Ctx, tx: &mut Tx, own: MemberId) -> Result<MailAccountId, ApiError> {
    let account = members::mail_account_of(tx, ctx.org, own)?;
    Ok(account.ok_or(MailError::AccountNotFound)?)
}

fn read_ids(body: &RemovedMessageIds) -> Result<Vec<MessageId>, ApiError> {
    bounded_items("ids", &body.ids, MOST_NAMED)?;
    body.ids.iter().map(|id| id.parse().map_err(|_| ApiError::field("ids", "value_invalid"))).collect()
}

/// Lists own mail that was removed for good and can be brought back
///
/// The last removed first.
#[utoipa::path(get, path = "/api/v1/account/removed-messages", operation_id = "listRemovedMessages", tag = "account", params(PageQuery), responses((status = 200, body = List<RemovedMessageRow>)))]
pub async fn list_removed_messages(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<RemovedMessageRow>>, ApiError> {
    let (ctx, own, page) = (caller.ctx, caller.session.member_id, page.request()?);
    let found = app.store.read(move |tx| {
        let account = own_account(&ctx, tx, own)?;
        Ok::<_, ApiError>(removed_messages::list(&ctx, tx, account, &page)?)
    });
    Ok(Json(List::page(found.await?, RemovedMessageRow::from)))
}

/// Brings own mail back
///
/// To the mailbox it was in last, or to the inbox when that is gone or was the trash.
#[utoipa::path(post, path = "/api/v1/account/removed-messages/restore", operation_id = "restoreRemovedMessages", tag = "account", request_body = RemovedMessageIds, responses((status = 200, body = RestoredMessages)))]
pub async fn restore_removed_messages(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Json(body): Json<RemovedMessageIds>,
) -> Result<Json<RestoredMessages>, ApiError> {
    let (ctx, own, ids) = (caller.ctx, caller.session.member_id, read_ids(&body)?);
    let for_read = ctx.clone();
    let account = app.store.read(move |tx| own_account(&for_read, tx, own)).await?;
    Ok(Json(removed_messages::restore(&app.store, &ctx, account, &ids).await?.into()))
}

/// Removes own mail so that nobody brings it back
#[utoipa::path(post, path = "/api/v1/account/removed-messages/forget", operation_id = "forgetRemovedMessages", tag = "account", request_body = RemovedMessageIds, responses((status = 200, body = ForgottenMessages)))]
pub async fn forget_removed_messages(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Json(body): Json<RemovedMessageIds>,
) -> Result<Json<ForgottenMessages>, ApiError> {
    let (ctx, own, ids) = (caller.ctx, caller.session.member_id, read_ids(&body)?);
    let gone = app.store.write(move |tx| {
        let account = own_account(&ctx, tx, own)?;
        Ok::<_, ApiError>(removed_messages::forget(&ctx, tx, account, &ids)?)
    });
    Ok(Json(ForgottenMessages { forgotten: gone.await?.into_iter().map(|id| id.to_string()).collect() }))
}

/// Brings a member's mail back that was removed within a time
///
/// As a job that tells how many messages came back. Nothing of the mail is shown.
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/restore-mail", operation_id = "restoreMemberMail", tag = "members", params(("id" = String, Path)), request_body = RestoreMail, responses((status = 202, body = AcceptedJob)))]
pub async fn restore_member_mail(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
    Json(body): Json<RestoreMail>,
) -> Result<(StatusCode, Json<AcceptedJob>), ApiError> {
    let ctx = caller.ctx;
    let job = app.store.write(move |tx| {
        let job = mail_recovery::start(&ctx, tx, id, body.removed_from, body.removed_until)?;
        jobs::find(tx, ctx.org, job)
    });
    Ok((StatusCode::ACCEPTED, Json(AcceptedJob { job: job.await?.into() })))
}
