//! IDLE: changes are told as they happen. RFC 9051 §6.3.13

use std::sync::Arc;

use proto_imap::is_done;
use tokio::time::{Instant, sleep_until};
use transport::stopped;

use crate::errors::{End, Failed, Refusal};
use crate::session::{Answer, Done, Session};
use crate::sync::{self, Telling};

/// `DONE`
const MAX_LINE_BYTES: usize = 64;

pub(crate) async fn idle(session: &mut Session) -> Answer {
    session.say().continuation("idling");
    repeat_count(session);
    // A notice may have come before anybody listened for it.
    tell(session, Telling::Asked).await?;
    session.expect_line(MAX_LINE_BYTES);
    let deadline = Instant::now() + session.server.options.idle_timeout;
    loop {
        if let Some(line) = session.line_so_far() {
            return match line {
                Some(line) if is_done(&line) => Ok(Done::plain("IDLE completed")),
                _ => Err(Refusal::bad("DONE was expected").into()),
            };
        }
        session.connection.flush().await?;
        session.connection.rest_for_long();
        let mut stopping = session.server.stopping.clone();
        let ear = Arc::clone(&session.user()?.listening.ear);
        tokio::select! {
            filled = session.connection.fill() => {
                if filled? == 0 {
                    return Err(End::Gone.into());
                }
            }
            () = ear.listen() => match session.check_if_doubted().await {
                // What cannot be asked now is asked again by the next look.
                Ok(()) | Err(Failed::Refused(_)) => tell(session, Telling::Awaited).await?,
                Err(over) => return Err(over),
            },
            () = sleep_until(deadline) => return Err(End::Idle.into()),
            () = stopped(&mut stopping) => return Err(End::Stopping.into()),
        }
    }
}

/// Thunderbird does not act on an EXISTS among the answers to its FETCH: the rest of a burst of mail would wait for the next mail, or for ten
/// minutes. It does here, and telling the same number again is free of meaning to others.
fn repeat_count(session: &mut Session) {
    let Some(view) = session.view.as_mut().filter(|view| view.grew_aside) else { return };
    view.grew_aside = false;
    let count = view.count();
    session.say().exists(count);
}

/// While a mailbox is selected; otherwise there is nothing to tell.
async fn tell(session: &mut Session, telling: Telling) -> Result<(), Failed> {
    match sync::update(session, telling).await {
        Ok(()) | Err(Failed::Refused(_)) => Ok(()),
        Err(over) => Err(over),
    }
}
