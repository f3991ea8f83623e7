//! A message comes in, by DATA or by BDAT, and what is answered when it is whole.

use super::{Envelope, Pending, Phase, Session, Step, Work};
use crate::Kind;
use crate::body::{Body, Condemned, Progress};
use crate::reply::{self, Reply};

/// A chunk of BDAT on its way in.
pub(super) struct Chunk {
    /// `None` when the chunk is only read to get to its end.
    pub body: Option<Box<Body>>,
    left: u64,
    bytes: u64,
    last: bool,
    /// The answer that is clear before the chunk has come.
    refusal: Option<Reply>,
    endless: bool,
}

impl Chunk {
    /// Not one byte more than the chunk has: what follows is commands.
    pub fn room(&mut self) -> (&mut Vec<u8>, usize) {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let body = self.body.as_mut().expect("asked for only with a body");
        (body.room(), most)
    }

    pub fn came(&mut self) {
        let Some(body) = &mut self.body else { return };
        let (came, progress) = body.chunk_came();
        self.left = self.left.saturating_sub(came as u64);
        self.endless |= progress == Progress::Endless;
    }
}

impl Session {
    pub(super) fn data(&mut self) {
        if !self.is_last_of_group() {
            return;
        }
        let refusal = match &self.transaction {
            None if self.greeted.is_none() => self.hello_missing(),
            None => reply::MAIL_FIRST,
            Some(transaction) if transaction.chunks.is_some() || transaction.chunks_refused => reply::CHUNKS_UNDER_WAY,
            Some(transaction) if transaction.recipients.is_empty() => return self.say(self.no_recipients()),
            Some(transaction) => {
                let body = Body::new(&self.rules.budget, self.rules.options.limits.message_bytes, transaction.parameters.size);
                if body.condemned() == Some(Condemned::NoMemory) {
                    // Nothing was sent yet, so the client need not send it all to hear that.
                    self.transaction = None;
                    return self.say(reply::NO_MEMORY);
                }
                self.phase = Phase::Data(Box::new(body));
                return self.say(reply::SEND_DATA);
            }
        };
        self.mistake(refusal);
    }

    fn no_recipients(&self) -> Reply {
        // RFC 2033 §4.2.
        if self.rules.kind == Kind::Lmtp { reply::NO_RECIPIENTS_LMTP } else { reply::NO_RECIPIENTS }
    }

    pub(super) fn data_came(&mut self) {
        let Phase::Data(body) = &mut self.phase else { return };
        match body.came() {
            Progress::More => {}
            Progress::Whole { after } => {
                let behind = body.take_after(after);
                if !behind.is_empty() {
                    self.lines.room().extend_from_slice(&behind);
                }
            }
            Progress::Endless => self.close_with(reply::MESSAGE_TOO_LARGE),
        }
    }

    pub(super) fn end_data(&mut self) -> Option<Step> {
        match std::mem::replace(&mut self.phase, Phase::Command) {
            Phase::Data(body) if body.is_whole() => self.whole(*body),
            other => {
                self.phase = other;
                Some(Step::Read)
            }
        }
    }

    pub(super) fn bdat(&mut self, bytes: u64, last: bool) {
        let limit = self.rules.options.limits.message_bytes;
        let refusal = match &mut self.transaction {
            None if self.greeted.is_none() => Some(self.hello_missing()),
            None => Some(reply::MAIL_FIRST),
            Some(transaction) if transaction.chunks_refused => Some(reply::CHUNK_REFUSED),
            Some(transaction) if transaction.recipients.is_empty() => Some(self.no_recipients()),
            Some(transaction) => {
                if transaction.chunks.is_none() {
                    transaction.chunks = Some(Box::new(Body::new(&self.rules.budget, limit, transaction.parameters.size)));
                }
                None
            }
        };
        let body = if refusal.is_none() { self.transaction.as_mut().and_then(|transaction| transaction.chunks.take()) } else { None };
        if bytes > 2 * limit as u64 {
            // Nobody sends that to hear no in the end.
            return self.close_with(reply::MESSAGE_TOO_LARGE);
        }
        self.phase = Phase::Chunk(Chunk { body, left: bytes, bytes, last, refusal, endless: false });
    }

    pub(super) fn end_chunk(&mut self) -> Option<Step> {
        let Phase::Chunk(chunk) = &mut self.phase else { return None };
        if chunk.left > 0 {
            // What came with the command belongs to the chunk, as far as that reaches.
            let most = usize::try_from(chunk.left).unwrap_or(usize::MAX);
            let buffered = self.lines.take(most);
            match &mut chunk.body {
                Some(body) if !buffered.is_empty() => {
                    body.room().extend_from_slice(buffered);
                    chunk.came();
                }
                _ => chunk.left -= buffered.len() as u64,
            }
        }
        if chunk.endless {
            self.close_with(reply::MESSAGE_TOO_LARGE);
            return None;
        }
        if chunk.left > 0 {
            return Some(Step::Read);
        }
        let Phase::Chunk(chunk) = std::mem::replace(&mut self.phase, Phase::Command) else { return None };
        self.chunk_is_whole(chunk)
    }

    fn chunk_is_whole(&mut self, chunk: Chunk) -> Option<Step> {
        if let Some(refusal) = chunk.refusal {
            if let Some(transaction) = &mut self.transaction {
                transaction.chunks_refused = true;
            }
            self.mistake(refusal);
            return None;
        }
        let mut body = chunk.body?;
        if chunk.last {
            body.end_of_chunks();
            return self.whole(*body);
        }
        let refusal = body.condemned().map(told);
        if let Some(transaction) = &mut self.transaction {
            transaction.chunks_refused = refusal.is_some();
            transaction.chunks = Some(body);
        }
        match refusal {
            Some(refusal) => self.say(refusal),
            None => self.say(Reply::told(250, "2.0.0", &format!("{} bytes taken", chunk.bytes))),
        }
        None
    }

    fn whole(&mut self, body: Body) -> Option<Step> {
        let transaction = self.transaction.take()?;
        let recipients = transaction.recipients.len();
        match (body.finish(), self.greeted.clone()) {
            (Ok(message), Some(hello)) => {
                self.tally.messages += 1;
                let envelope = Envelope {
                    from: transaction.from,
                    parameters: transaction.parameters,
                    recipients: transaction.recipients,
                    hello,
                    tls: self.tls.clone(),
                    id: format!("{}-{}", self.id, self.tally.messages),
                };
                self.work(Pending::Message, Work::TakeMessage { envelope: Box::new(envelope), message })
            }
            (Err(why), _) => {
                self.answer_all(told(why), recipients);
                None
            }
            (Ok(_), None) => {
                self.mistake(self.hello_missing());
                None
            }
        }
    }

    /// RFC 2033 §4.2: LMTP answers once for each recipient.
    fn answer_all(&mut self, reply: Reply, recipients: usize) {
        let times = if self.rules.kind == Kind::Lmtp { recipients } else { 1 };
        for _ in 0..times {
            reply.write_to(&mut self.output);
        }
    }

    pub(super) fn message_taken(&mut self, replies: Vec<Reply>) {
        if replies.iter().any(Reply::is_positive) {
            self.tally.since_message = 0;
        }
        for reply in replies {
            self.say(reply);
        }
    }
}

fn told(why: Condemned) -> Reply {
    match why {
        Condemned::BareBytes => reply::BARE_BYTES_IN_MESSAGE,
        Condemned::TooLarge => reply::MESSAGE_TOO_LARGE,
        Condemned::NoMemory => reply::NO_MEMORY,
    }
}
