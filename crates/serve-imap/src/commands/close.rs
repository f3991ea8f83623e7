//! CLOSE and UNSELECT. RFC 9051 §6.4.1, §6.4.2

use std::sync::Arc;

use mail::entries::{self, Expunge};

use crate::errors::Failed;
use crate::session::{Answer, Done, Session};

/// What is marked `\Deleted` goes, without a word about it.
pub(crate) async fn close(session: &mut Session) -> Answer {
    let view = session.view()?;
    if !view.read_only {
        let (server, account, mailbox) = (Arc::clone(&session.server), session.user()?.account, view.mailbox);
        entries::expunge_all(&server.store, &session.ctx, account, mailbox, &Expunge::Deleted).await.map_err(Failed::of)?;
    }
    session.close_view().await;
    Ok(Done::plain("CLOSE completed"))
}

pub(crate) async fn unselect(session: &mut Session) -> Answer {
    session.close_view().await;
    Ok(Done::plain("UNSELECT completed"))
}
