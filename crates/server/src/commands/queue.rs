//! `yanshu queue …`

use clap::Subcommand;
use kernel::{PageRequest, SubmissionId};
use mail::outbound::{self, Listed, QueueError, QueueFilter, QueueRecipient, RecipientState, Shown};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Output;
use super::table::table;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The newest messages on their way out.
    List {
        #[arg(long)]
        org: String,
        /// With a recipient in this state: queued, delivered, failed, expired or removed. Without it, those that wait.
        #[arg(long)]
        state: Option<String>,
        /// With a recipient in this domain.
        #[arg(long)]
        domain: Option<String>,
        /// Of this sender.
        #[arg(long)]
        sender: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One message with its recipients and what their servers answered last.
    Show {
        id: String,
        #[arg(long)]
        org: String,
    },
    /// Try the waiting recipients of a message at once.
    Retry {
        id: String,
        #[arg(long)]
        org: String,
    },
    /// Take the waiting recipients of a message out of the queue.
    Remove {
        id: String,
        #[arg(long)]
        org: String,
        /// Tell the sender whom the message does not reach.
        #[arg(long)]
        notify_sender: bool,
    },
}

pub async fn run(app: &App, operator: &str, verb: Verb) -> Result<Output, Failure> {
    match verb {
        Verb::List { org, state, domain, sender, limit } => {
            let ctx = app.ctx(operator, app.org(&org).await?);
            let state = state.as_deref().map(read_state).transpose()?;
            let filter = QueueFilter {
                finished: state.is_none().then_some(false),
                state,
                domain: domain.map(|domain| kernel::fold(&domain)),
                sender,
            };
            let page = app.store.read(move |tx| outbound::list(&ctx, tx, &filter, &PageRequest::first(limit))).await?;
            let rows: Vec<_> = page.items.iter().map(list_row).collect();
            let shown: Vec<Value> = page.items.iter().map(listed_json).collect();
            Ok(Output::new(table(&["ID", "CREATED", "SENDER", "RECIPIENTS", "NEXT TRY", "LAST ANSWER"], &rows), json!(shown)))
        }
        Verb::Show { id, org } => {
            let (ctx, id) = (app.ctx(operator, app.org(&org).await?), id.parse::<SubmissionId>()?);
            let shown = app.store.read(move |tx| outbound::show(&ctx, tx, id)).await?;
            let rows: Vec<_> = shown.recipients.iter().map(recipient_row).collect();
            let heading =
                format!("{}  from {}  {} bytes", shown.message.id, sender(shown.message.reverse_path.as_str()), shown.message.size_bytes);
            let text = format!("{heading}\n\n{}", table(&["RECIPIENT", "STATE", "TRIES", "NEXT TRY", "LAST ANSWER"], &rows));
            Ok(Output::new(text, shown_json(&shown)))
        }
        Verb::Retry { id, org } => {
            let (ctx, id) = (app.ctx(operator, app.org(&org).await?), id.parse::<SubmissionId>()?);
            let count = app.store.write::<_, QueueError, _>(move |tx| outbound::retry_now(&ctx, tx, id)).await?;
            Ok(Output::new(format!("{count} recipients are tried at once"), json!({ "id": id, "recipients": count })))
        }
        Verb::Remove { id, org, notify_sender } => {
            let (ctx, id) = (app.ctx(operator, app.org(&org).await?), id.parse::<SubmissionId>()?);
            let removed = if notify_sender {
                outbound::remove_with_notice(&app.store, &ctx, &app.mail_host, id).await?
            } else {
                app.store.write::<_, QueueError, _>(move |tx| outbound::remove(&ctx, tx, id)).await?
            };
            let count = removed.len();
            Ok(Output::new(format!("{count} recipients were taken out"), json!({ "id": id, "recipients": count })))
        }
    }
}

fn read_state(word: &str) -> Result<RecipientState, Failure> {
    RecipientState::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = RecipientState::ALL.iter().map(|state| state.as_str()).collect();
        Failure::new(format!("\"{word}\" is none of {}", words.join(", ")))
    })
}

fn sender(path: &str) -> String {
    if path.is_empty() { "<>".to_owned() } else { path.to_owned() }
}

fn list_row(listed: &Listed) -> Vec<String> {
    let counts: Vec<String> = listed.counts.iter().map(|(state, count)| format!("{count} {}", state.as_str())).collect();
    let (next, answer) = listed.leading.as_ref().map(|leading| (next_try(leading), answer(leading))).unwrap_or_default();
    let message = &listed.message;
    vec![message.id.to_string(), message.created_at.to_string(), sender(message.reverse_path.as_str()), counts.join(", "), next, answer]
}

fn recipient_row(recipient: &QueueRecipient) -> Vec<String> {
    vec![
        recipient.address.to_string(),
        recipient.state.as_str().to_owned(),
        recipient.attempts.to_string(),
        next_try(recipient),
        answer(recipient),
    ]
}

fn next_try(recipient: &QueueRecipient) -> String {
    match (recipient.state, recipient.is_leased) {
        (RecipientState::Queued, true) => "now".to_owned(),
        (RecipientState::Queued, false) => recipient.due_at.to_string(),
        _ => String::new(),
    }
}

fn answer(recipient: &QueueRecipient) -> String {
    recipient.answer.as_ref().map_or_else(String::new, |answer| {
        let host = answer.host.as_deref().map(|host| format!("{host}: ")).unwrap_or_default();
        let code = answer.code.map(|code| format!("{code} ")).unwrap_or_default();
        format!("{host}{code}{} {}", answer.status, answer.text)
    })
}

fn listed_json(listed: &Listed) -> Value {
    let message = &listed.message;
    let counts: serde_json::Map<String, Value> =
        listed.counts.iter().map(|(state, count)| (state.as_str().to_owned(), json!(count))).collect();
    json!({
        "id": message.id, "sender": message.reverse_path.as_str(), "size_bytes": message.size_bytes, "created_at": message.created_at,
        "finished_at": message.finished_at, "counts": counts, "next_recipient": listed.leading.as_ref().map(recipient_json),
    })
}

fn shown_json(shown: &Shown) -> Value {
    let message = &shown.message;
    let recipients: Vec<Value> = shown.recipients.iter().map(recipient_json).collect();
    json!({
        "id": message.id, "sender": message.reverse_path.as_str(), "size_bytes": message.size_bytes, "created_at": message.created_at,
        "finished_at": message.finished_at, "recipients": recipients,
    })
}

fn recipient_json(recipient: &QueueRecipient) -> Value {
    json!({
        "address": recipient.address.as_str(), "state": recipient.state, "attempts": recipient.attempts, "due_at": recipient.due_at,
        "is_sending": recipient.is_leased, "answer": recipient.answer, "answered_at": recipient.answered_at, "finished_at": recipient.finished_at,
    })
}
