//! Handing one message over (RFC 5321 §3.3), with whatever the server offers: pipelining, chunking, sizes, 8-bit and UTF-8 content, notices.

use mail::outbound::{Answer, Content, Outcome, QueueMessage, QueueRecipient};
use mail::submission::Return;

use super::reply::Reply;
use super::session::{Session, SessionError};

/// A message for some of its recipients.
pub(super) struct Parcel<'a> {
    pub message: &'a QueueMessage,
    pub recipients: &'a [&'a QueueRecipient],
    /// What stands before the blob is the message's own prefix.
    pub blob: &'a [u8],
}

impl Parcel<'_> {
    fn needs_utf8(&self) -> bool {
        self.message.content == Content::Utf8 || self.recipients.iter().any(|recipient| recipient.address.needs_utf8())
    }

    /// Our own lines all end as they should; only a message that was cut off does not.
    fn ends_with_line(&self) -> bool {
        self.blob.ends_with(b"\r\n")
    }
}

/// How a try went.
#[derive(Default)]
pub(super) struct Tried {
    /// By the numbers of the recipients.
    pub outcomes: Vec<(i64, Outcome)>,
    /// Recipients of whom nothing was said before the conversation ended: another host may be asked at once.
    pub untold: Vec<i64>,
    /// Why the conversation ended, if it did.
    pub ended: Option<Answer>,
}

impl Tried {
    fn all(parcel: &Parcel<'_>, outcome: &Outcome) -> Self {
        Self { outcomes: parcel.recipients.iter().map(|recipient| (recipient.number, outcome.clone())).collect(), ..Self::default() }
    }

    /// Everybody of whom nothing was said yet.
    fn rest(&mut self, parcel: &Parcel<'_>, outcome: &Outcome) {
        for recipient in parcel.recipients {
            if self.outcomes.iter().all(|(number, _)| *number != recipient.number) {
                self.outcomes.push((recipient.number, outcome.clone()));
            }
        }
    }

    fn leave_rest(mut self, parcel: &Parcel<'_>, why: Answer) -> Self {
        let told: Vec<i64> = self.outcomes.iter().map(|(number, _)| *number).collect();
        self.untold = parcel.recipients.iter().map(|recipient| recipient.number).filter(|number| !told.contains(number)).collect();
        self.ended = Some(why);
        self
    }
}

/// Hands the message over and tells what became of each recipient.
pub(super) async fn hand_over(session: &mut Session, parcel: &Parcel<'_>) -> Tried {
    session.transactions += 1;
    if let Some(answer) = cannot_take(session, parcel) {
        return Tried::all(parcel, &Outcome::Failed(answer));
    }
    let mut tried = Tried::default();
    let accepted = match introduce(session, parcel, &mut tried).await {
        Ok(accepted) => accepted,
        Err(error) => {
            let why = temporary(&error, &session.host);
            return tried.leave_rest(parcel, why);
        }
    };
    if accepted.is_empty() {
        return reset(session, parcel, tried).await;
    }
    match transmit(session, parcel).await {
        Ok(reply) if reply.is_positive() => {
            let delivered = Outcome::Delivered { answer: reply.answer(&session.host), promises_notice: session.capabilities.dsn };
            tried.rest(parcel, &delivered);
        }
        Ok(reply) => {
            tried.rest(parcel, &refused(&reply, &session.host));
            if reply.code == 421 {
                tried.ended = Some(reply.answer(&session.host));
            }
        }
        // The server may have taken it: it is not asked of another at once.
        Err(error) => {
            let why = temporary(&error, &session.host);
            tried.rest(parcel, &Outcome::Deferred(why.clone()));
            tried.ended = Some(why);
        }
    }
    tried
}

/// What the server has said it cannot do, and this message needs.
fn cannot_take(session: &Session, parcel: &Parcel<'_>) -> Option<Answer> {
    let (offered, host) = (&session.capabilities, &session.host);
    let no = |status: &str, text: String| Some(Answer::own(status, text).at_host(host.as_str()));
    if parcel.needs_utf8() && !offered.utf8 {
        return no("5.6.7", "the server does not take addresses or header fields beyond ASCII (SMTPUTF8)".to_owned());
    }
    if parcel.message.content == Content::EightBit && !offered.eight_bit {
        return no("5.6.3", "the server does not take 8-bit content (8BITMIME)".to_owned());
    }
    match offered.max_bytes {
        Some(most) if parcel.message.size_bytes > most => {
            no("5.3.4", format!("the message has {} bytes, the server takes {most}", parcel.message.size_bytes))
        }
        _ => None,
    }
}

/// MAIL and RCPT; answers the recipients that were taken, and puts the others into `tried`.
async fn introduce(session: &mut Session, parcel: &Parcel<'_>, tried: &mut Tried) -> Result<Vec<i64>, SessionError> {
    let mail = mail_line(session, parcel);
    let recipients: Vec<String> = parcel.recipients.iter().map(|recipient| rcpt_line(session, recipient)).collect();
    let (mail_limit, rcpt_limit) = (session.limits.mail, session.limits.rcpt);
    if session.capabilities.pipelining {
        // RFC 2920: at most a hundred short lines, which every window takes.
        let lines = format!("{mail}{}", recipients.concat());
        session.write(lines.as_bytes(), mail_limit).await?;
    } else {
        session.write(mail.as_bytes(), mail_limit).await?;
    }
    session.flush(mail_limit).await?;
    let mail_reply = session.reply(mail_limit).await?;
    let mut accepted = Vec::new();
    if !mail_reply.is_positive() {
        if mail_reply.code == 421 {
            return Err(SessionError::Refused(mail_reply));
        }
        if session.capabilities.pipelining {
            for _ in &recipients {
                session.reply(rcpt_limit).await?;
            }
        }
        tried.rest(parcel, &refused(&mail_reply, &session.host));
        return Ok(accepted);
    }
    for (recipient, line) in parcel.recipients.iter().zip(&recipients) {
        if !session.capabilities.pipelining {
            session.write(line.as_bytes(), rcpt_limit).await?;
            session.flush(rcpt_limit).await?;
        }
        let reply = session.reply(rcpt_limit).await?;
        if reply.is_positive() {
            accepted.push(recipient.number);
        } else if reply.code == 421 {
            return Err(SessionError::Refused(reply));
        } else {
            tried.outcomes.push((recipient.number, refused_recipient(&reply, &session.host)));
        }
    }
    Ok(accepted)
}

/// `MAIL FROM:<…> SIZE=… BODY=8BITMIME SMTPUTF8 RET=… ENVID=…`
fn mail_line(session: &Session, parcel: &Parcel<'_>) -> String {
    let (offered, message) = (&session.capabilities, parcel.message);
    let mut line = format!("MAIL FROM:<{}>", message.reverse_path.as_str());
    if offered.size {
        line.push_str(&format!(" SIZE={}", message.size_bytes));
    }
    if offered.eight_bit && message.content != Content::SevenBit {
        line.push_str(" BODY=8BITMIME");
    }
    if parcel.needs_utf8() {
        line.push_str(" SMTPUTF8");
    }
    if offered.dsn {
        line.push_str(if message.ret == Return::Full { " RET=FULL" } else { " RET=HDRS" });
        if let Some(id) = &message.envelope_id {
            line.push_str(&format!(" ENVID={id}"));
        }
    }
    line.push_str("\r\n");
    line
}

/// `RCPT TO:<…> NOTIFY=… ORCPT=…`
fn rcpt_line(session: &Session, recipient: &QueueRecipient) -> String {
    let mut line = format!("RCPT TO:<{}>", recipient.address);
    if session.capabilities.dsn {
        let notify = recipient.notify;
        let words = [(notify.success, "SUCCESS"), (notify.failure, "FAILURE"), (notify.delay, "DELAY")];
        let words: Vec<&str> = words.into_iter().filter(|(wanted, _)| *wanted).map(|(_, word)| word).collect();
        line.push_str(&format!(" NOTIFY={}", if words.is_empty() { "NEVER".to_owned() } else { words.join(",") }));
        if let Some(original) = &recipient.original {
            line.push_str(&format!(" ORCPT={original}"));
        }
    }
    line.push_str("\r\n");
    line
}

/// The message itself; answers what the server says to it.
async fn transmit(session: &mut Session, parcel: &Parcel<'_>) -> Result<Reply, SessionError> {
    let limits = session.limits.clone();
    let end: &[u8] = if parcel.ends_with_line() { b"" } else { b"\r\n" };
    if session.capabilities.chunking {
        let bytes = parcel.message.prefix.len() + parcel.blob.len() + end.len();
        session.write(format!("BDAT {bytes} LAST\r\n").as_bytes(), limits.block).await?;
        for part in [parcel.message.prefix.as_slice(), parcel.blob, end] {
            session.write(part, limits.block).await?;
        }
    } else {
        let ready = session.command("DATA", limits.data).await?;
        if ready.code != 354 {
            // Positive here would be an answer to something else.
            return if ready.is_positive() {
                Err(SessionError::Broken("DATA was not answered as it must be".to_owned()))
            } else {
                Ok(ready)
            };
        }
        for part in [parcel.message.prefix.as_slice(), parcel.blob] {
            write_stuffed(session, part).await?;
        }
        session.write(&[end, b".\r\n"].concat(), limits.block).await?;
    }
    session.flush(limits.block).await?;
    session.reply(limits.done).await
}

/// RFC 5321 §4.5.2: a line that begins with a dot gets another one. A part begins at the beginning of a line.
async fn write_stuffed(session: &mut Session, part: &[u8]) -> Result<(), SessionError> {
    let limit = session.limits.block;
    if !part.starts_with(b".") && !part.windows(3).any(|window| window == b"\r\n.") {
        return session.write(part, limit).await;
    }
    let mut stuffed = Vec::with_capacity(part.len() + part.len() / 64);
    for line in part.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    session.write(&stuffed, limit).await
}

/// Nobody was taken; the next message begins anew.
async fn reset(session: &mut Session, parcel: &Parcel<'_>, mut tried: Tried) -> Tried {
    let limit = session.limits.command;
    match session.command("RSET", limit).await {
        Ok(reply) if reply.is_positive() => tried,
        Ok(reply) => {
            tried.ended = Some(reply.answer(&session.host));
            tried
        }
        Err(error) => {
            let why = temporary(&error, &session.host);
            tried.leave_rest(parcel, why)
        }
    }
}

fn refused(reply: &Reply, host: &str) -> Outcome {
    let answer = reply.answer(host);
    if reply.is_permanent() { Outcome::Failed(answer) } else { Outcome::Deferred(answer) }
}

/// RFC 5321 §4.5.3.1.10: some say 552 when they mean that these were enough recipients for once.
fn refused_recipient(reply: &Reply, host: &str) -> Outcome {
    let is_too_many = reply.code == 552 && reply.status.as_deref().is_none_or(|status| status == "5.5.3");
    if is_too_many { Outcome::Deferred(reply.answer(host)) } else { refused(reply, host) }
}

fn temporary(error: &SessionError, host: &str) -> Answer {
    error.answer(host)
}
