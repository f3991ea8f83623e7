//! What a filter looks for in texts, and which messages have it.

use std::collections::HashSet;

use kernel::MailAccountId;
use mail::email_query::{self, Filter as Rows, Order};
use mail::mime::{self, Address};
use mail::{MailboxId, MessageId, messages};

use crate::jmap::blobs::on_a_thread;
use crate::jmap::error::MethodError;
use crate::jmap::work::Work;

/// One text to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// In any header that people see, and in the body.
    Text(String),
    From(String),
    To(String),
    Cc(String),
    Bcc(String),
    Subject(String),
    Body(String),
    /// In a field of this name; empty for any that has it.
    Header(String, String),
}

/// The messages of the account, or of one mailbox, that have it.
pub async fn find(
    work: &Work<'_>,
    account: MailAccountId,
    scope: Option<MailboxId>,
    term: &Term,
) -> Result<HashSet<MessageId>, MethodError> {
    const CHUNK: usize = 200;
    let filter = scope.map_or(Rows::EVERYTHING, Rows::InMailbox);
    let all = work.read(move |ctx, tx| Ok::<_, MethodError>(email_query::all(ctx, tx, account, &filter, Order::NewestFirst)?)).await?;
    let mut found = HashSet::new();
    for chunk in all.chunks(CHUNK) {
        let ids: Vec<MessageId> = chunk.iter().map(|one| one.message).collect();
        let stored = work.read(move |ctx, tx| Ok::<_, MethodError>(messages::find_messages(ctx, tx, account, &ids)?)).await?;
        for message in stored {
            let summary = &message.summary;
            let named = |list: &[Address], text: &str| list.iter().any(|address| has(&address.to_string(), text));
            let fits = match term {
                Term::From(text) => named(&summary.from, text),
                Term::To(text) => named(&summary.to, text),
                Term::Cc(text) => named(&summary.cc, text),
                Term::Bcc(text) => named(&summary.bcc, text),
                Term::Subject(text) => has(&summary.subject, text),
                Term::Text(_) | Term::Body(_) | Term::Header(..) => {
                    let bytes = messages::read(&work.app.store, work.caller.ctx.org, &message.blob_id, &message.prefix).await?;
                    let term = term.clone();
                    on_a_thread(move || in_message(&bytes, &term)).await?
                }
            };
            if fits {
                found.insert(message.id);
            }
        }
    }
    Ok(found)
}

fn has(text: &str, part: &str) -> bool {
    kernel::fold(text).contains(&kernel::fold(part))
}

fn in_message(bytes: &[u8], term: &Term) -> bool {
    let parsed = mime::parse(bytes);
    let in_body =
        |text: &str| parsed.text_body.iter().chain(&parsed.html_body).any(|part| has(&parsed.body_value(*part, None).value, text));
    match term {
        Term::Header(name, value) => mime::header_values(bytes, name).iter().any(|own| has(own, value)),
        Term::Body(text) => in_body(text),
        Term::Text(text) => {
            ["from", "to", "cc", "bcc", "subject"].iter().any(|name| mime::header_values(bytes, name).iter().any(|own| has(own, text)))
                || in_body(text)
        }
        _ => false,
    }
}
