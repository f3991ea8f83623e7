//! What the index holds of a message.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kernel::MailAccountId;
use store::TextDocument;

use super::super::fold;
use super::super::texts::any_of_message;
use super::super::tokens::Terms;
use super::repo::Message;

/// The document of a message; without its bytes, which could not be read, one that leaves everything open.
pub(super) fn document(account: MailAccountId, message: &Message, bytes: Option<&[u8]>) -> TextDocument {
    let open = || {
        let mut terms = Terms::new(account.raw(), message.id.raw());
        terms.leave_open();
        terms.finish()
    };
    let Some(bytes) = bytes else { return open() };
    // What reads bytes of strangers shall not end the work on everybody else's mail.
    let built = catch_unwind(AssertUnwindSafe(|| {
        let mut terms = Terms::new(account.raw(), message.id.raw());
        any_of_message(&message.summary, message.has_more_addresses, bytes, &mut |place, text| !terms.add(place, &fold(text)));
        terms.finish()
    }));
    built.unwrap_or_else(|_| {
        tracing::error!(
            message = message.id.raw(),
            "A message could not be taken apart for the full-text index; searches read it each time"
        );
        open()
    })
}
