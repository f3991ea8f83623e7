//! Everything that is stored beside a message, worked out once.

use super::scan::{self, Structure};
use super::types::Rendered;
use super::{MAX_REFERENCES, bodies, body_structure, dates, envelope, ids, subject, summary};
use crate::maildrop::missing_line_end_bytes;

/// What is stored beside a message. `message` is all that clients will read: the header lines of the delivery and what was sent.
pub fn render(message: &[u8]) -> Rendered {
    let structure = scan::scan(message);
    let bodies = bodies::find(&structure);
    let mut envelope = Vec::with_capacity(512);
    envelope::write(&mut envelope, &structure, 0);
    let summary = summary::of(&structure, &bodies);
    Rendered {
        size_bytes: message.len() as u64,
        envelope,
        body_structure: body_structure::write(&structure),
        message_id: structure.field(0, "message-id").and_then(|value| ids::parse(value).into_iter().next()),
        references: references(&structure),
        base_subject: subject::base_subject(&summary.subject),
        sent_at: structure.field(0, "date").and_then(dates::parse).map(|date| date.at),
        has_attachment: bodies::has_attachment(&structure, &bodies),
        summary,
        more_bytes: missing_line_end_bytes(message),
    }
}

/// From the oldest ancestor to the nearest; when they are too many, the nearest are kept.
fn references(structure: &Structure<'_>) -> Vec<String> {
    let ids_of = |name: &str| structure.field(0, name).map(ids::parse).unwrap_or_default();
    let mut nearest_first: Vec<String> = Vec::new();
    for id in ids_of("references").into_iter().chain(ids_of("in-reply-to")).rev() {
        if nearest_first.len() == MAX_REFERENCES {
            break;
        }
        if !nearest_first.contains(&id) {
            nearest_first.push(id);
        }
    }
    nearest_first.reverse();
    nearest_first
}
