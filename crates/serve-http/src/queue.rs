//! 发送队列: mail on its way to other servers, and what holds it up.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kernel::{SubmissionId, Timestamp};
use mail::outbound::{self, QueueFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path, Query, bounded};
use crate::list::{List, page_request};
use crate::words::same_words;

/// A message in the queue, as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueMessage {
    #[schema(value_type = String)]
    pub id: SubmissionId,
    /// The envelope's sender; null for notices, which have none.
    #[schema(required)]
    pub sender: Option<String>,
    pub size_bytes: u64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When the last of its recipients was settled; null while one waits.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub finished_at: Option<Timestamp>,
    /// How many recipients are in which state.
    pub counts: QueueCounts,
    /// The recipient that is tried next; when none waits, one of the others.
    #[schema(required)]
    pub next_recipient: Option<QueueRecipient>,
}

/// How many recipients are in which state.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct QueueCounts {
    pub queued: i64,
    pub delivered: i64,
    pub failed: i64,
    pub expired: i64,
    pub removed: i64,
}

/// A message in the queue with all of its recipients.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueMessageDetails {
    #[schema(value_type = String)]
    pub id: SubmissionId,
    #[schema(required)]
    pub sender: Option<String>,
    pub size_bytes: u64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub finished_at: Option<Timestamp>,
    pub recipients: Vec<QueueRecipient>,
}

/// How it stands with a recipient.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueRecipient {
    pub address: String,
    pub state: QueueState,
    /// It is being sent at this moment.
    pub is_sending: bool,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; null when it is settled or being sent.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub due_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub finished_at: Option<Timestamp>,
    #[schema(required)]
    pub last_answer: Option<QueueAnswer>,
}

/// What a server answered last, or why none could be asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueAnswer {
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub at: Option<Timestamp>,
    /// The server; null when it came to none.
    #[schema(required)]
    pub host: Option<String>,
    /// Its reply code.
    #[schema(required)]
    pub code: Option<u16>,
    /// The enhanced status (RFC 3463).
    #[schema(example = "4.7.1")]
    pub status: String,
    /// In the words of the server.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    /// Waits for its time, or is being sent.
    Queued,
    /// The next server has taken it over.
    Delivered,
    /// Refused for good.
    Failed,
    /// Given up after days of trying.
    Expired,
    /// Taken out by an administrator.
    Removed,
}

same_words!(QueueState, outbound::RecipientState { Queued, Delivered, Failed, Expired, Removed });

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct QueueQuery {
    /// Messages with a recipient in this state.
    #[param(inline)]
    pub state: Option<QueueState>,
    /// `true` for those of which every recipient is settled, `false` for the others.
    pub finished: Option<bool>,
    /// Messages with a recipient in this domain.
    pub domain: Option<String>,
    /// Messages of this sender.
    pub sender: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct RemoveQuery {
    /// Whether the sender is told whom the message does not reach.
    pub notify_sender: bool,
}

/// Lists the organisation's messages on their way out, latest first
#[utoipa::path(get, path = "/api/v1/admin/queue", operation_id = "listQueueMessages", tag = "queue", params(QueueQuery), responses((status = 200, body = List<QueueMessage>)))]
pub async fn list_queue_messages(
    State(app): State<AppState>,
    Console(caller): Console,
    Query(query): Query<QueueQuery>,
) -> Result<Json<List<QueueMessage>>, ApiError> {
    let ctx = caller.ctx;
    let request = page_request(query.cursor.as_deref(), query.limit)?;
    for (field, text) in [("domain", &query.domain), ("sender", &query.sender)] {
        let text = text.as_deref().unwrap_or_default();
        bounded(field, text, 254)?;
        if text.contains(char::is_control) {
            return Err(ApiError::field(field, "value_invalid"));
        }
    }
    let filter = QueueFilter {
        finished: query.finished,
        state: query.state.map(Into::into),
        domain: query.domain.map(|domain| kernel::fold(&domain)).filter(|domain| !domain.is_empty()),
        sender: query.sender.map(|sender| kernel::normalise(&sender)).filter(|sender| !sender.is_empty()),
    };
    let found = app.store.read(move |tx| Ok::<_, ApiError>(outbound::list(&ctx, tx, &filter, &request)?)).await?;
    Ok(Json(List::page(found, QueueMessage::from)))
}

/// Shows a message on its way out, with each recipient's last answer
#[utoipa::path(get, path = "/api/v1/admin/queue/{id}", operation_id = "getQueueMessage", tag = "queue", params(("id" = String, Path)), responses((status = 200, body = QueueMessageDetails)))]
pub async fn get_queue_message(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<SubmissionId>,
) -> Result<Json<QueueMessageDetails>, ApiError> {
    let ctx = caller.ctx;
    let shown = app.store.read(move |tx| Ok::<_, ApiError>(outbound::show(&ctx, tx, id)?)).await?;
    Ok(Json(shown.into()))
}

/// Has the waiting recipients of a message tried at once
#[utoipa::path(post, path = "/api/v1/admin/queue/{id}/retry", operation_id = "retryQueueMessage", tag = "queue", params(("id" = String, Path)), responses((status = 200, body = QueueMessageDetails)))]
pub async fn retry_queue_message(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<SubmissionId>,
) -> Result<Json<QueueMessageDetails>, ApiError> {
    let ctx = caller.ctx;
    let shown = app.store.write(move |tx| {
        outbound::retry_now(&ctx, tx, id)?;
        Ok::<_, ApiError>(outbound::show(&ctx, tx, id)?)
    });
    Ok(Json(shown.await?.into()))
}

/// Takes the waiting recipients of a message out of the queue for good
#[utoipa::path(delete, path = "/api/v1/admin/queue/{id}", operation_id = "removeQueueMessage", tag = "queue", params(("id" = String, Path), RemoveQuery), responses((status = 204)))]
pub async fn remove_queue_message(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<SubmissionId>,
    Query(query): Query<RemoveQuery>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    if query.notify_sender {
        outbound::remove_with_notice(&app.store, &ctx, &app.options.mail_host, id).await?;
    } else {
        app.store.write(move |tx| Ok::<_, ApiError>(outbound::remove(&ctx, tx, id)?)).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl From<outbound::Listed> for QueueMessage {
    fn from(listed: outbound::Listed) -> Self {
        let message = listed.message;
        Self {
            id: message.id,
            sender: message.reverse_path.address().map(ToString::to_string),
            size_bytes: message.size_bytes,
            created_at: message.created_at,
            finished_at: message.finished_at,
            counts: counts(&listed.counts),
            next_recipient: listed.leading.map(QueueRecipient::from),
        }
    }
}

fn counts(found: &[(outbound::RecipientState, i64)]) -> QueueCounts {
    use outbound::RecipientState::{Delivered, Expired, Failed, Queued, Removed};
    let mut counts = QueueCounts::default();
    for (state, count) in found {
        let place = match state {
            Queued => &mut counts.queued,
            Delivered => &mut counts.delivered,
            Failed => &mut counts.failed,
            Expired => &mut counts.expired,
            Removed => &mut counts.removed,
        };
        *place = *count;
    }
    counts
}

impl From<outbound::Shown> for QueueMessageDetails {
    fn from(shown: outbound::Shown) -> Self {
        let message = shown.message;
        Self {
            id: message.id,
            sender: message.reverse_path.address().map(ToString::to_string),
            size_bytes: message.size_bytes,
            created_at: message.created_at,
            finished_at: message.finished_at,
            recipients: shown.recipients.into_iter().map(QueueRecipient::from).collect(),
        }
    }
}

impl From<outbound::QueueRecipient> for QueueRecipient {
    fn from(recipient: outbound::QueueRecipient) -> Self {
        let waits = recipient.state == outbound::RecipientState::Queued;
        let at = recipient.answered_at;
        Self {
            address: recipient.address.to_string(),
            state: recipient.state.into(),
            is_sending: waits && recipient.is_leased,
            attempts: recipient.attempts,
            due_at: (waits && !recipient.is_leased).then_some(recipient.due_at),
            finished_at: recipient.finished_at,
            last_answer: recipient.answer.map(|answer| QueueAnswer {
                at,
                host: answer.host,
                code: answer.code,
                status: answer.status,
                text: answer.text,
            }),
        }
    }
}
