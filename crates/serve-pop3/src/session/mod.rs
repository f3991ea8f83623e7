//! One connection from greeting to goodbye: reads lines, lets those commands pass that the state allows, and has them done one after the other.

mod dispatch;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use identity::protocols::{self, ProtocolSession};
use kernel::{Ctx, Fault, MailAccountId};
use mail::heads::MailError;
use mail::maildrop::{self, Lock};
use store::{StoreError, Tx};
use tokio::time::{Instant, sleep_until};
use transport::{Connection, stopped};

use crate::errors::{End, Failed, Refusal};
use crate::maildrop::Maildrop;
use crate::server::Server;
use crate::texts::{self, Language, Text};
use crate::watch::Watched;
use crate::wire::{Command, Frame, Lines, SyntaxError};

/// Answers to several commands leave together up to this size, and parts of a long one.
pub(crate) const GATHERED_BYTES: usize = 32 << 10;
/// What of a line without end is passed over before the connection closes.
const MAX_SKIPPED_BYTES: u64 = 256 << 10;

/// Somebody is signed in and has the maildrop: the TRANSACTION state (RFC 1939 §5).
pub(crate) struct User {
    pub(crate) signed_in: ProtocolSession,
    pub(crate) watched: Watched,
    pub(crate) maildrop: Maildrop,
}

/// What a command that was done answers.
pub(crate) enum Done {
    Ok(Text),
    /// It has said its answer itself.
    Said,
}

pub(crate) type Answer = Result<Done, Failed>;

pub(crate) struct Session {
    pub(crate) server: Arc<Server>,
    pub(crate) connection: Connection,
    lines: Lines,
    /// As whom, from where; `now` is when the present command began.
    pub(crate) ctx: Ctx,
    /// What USER said, until PASS.
    pub(crate) name: Option<String>,
    pub(crate) user: Option<User>,
    /// To be given back when the session ends, however it does.
    pub(crate) lock: Option<Lock>,
    pub(crate) language: Language,
    /// The client has said UTF8.
    pub(crate) utf8: bool,
    pub(crate) failed_sign_ins: u32,
    bad_commands: u32,
    /// When somebody who has not signed in has to go.
    sign_in_by: Instant,
}

impl Session {
    pub(crate) fn new(server: Arc<Server>, connection: Connection) -> Self {
        let ctx = server.source.ctx_of_nobody(server.source.new_request_id(), connection.peer());
        let sign_in_by = Instant::now() + server.options.sign_in_timeout;
        Self {
            server,
            connection,
            lines: Lines::default(),
            ctx,
            name: None,
            user: None,
            lock: None,
            language: Language::default(),
            utf8: false,
            failed_sign_ins: 0,
            bad_commands: 0,
            sign_in_by,
        }
    }

    pub(crate) async fn run(mut self) {
        let began = Instant::now();
        self.say_ok(texts::READY);
        let end = match self.converse().await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        if let Some(refusal) = end.last_words() {
            self.say_err(refusal);
        }
        // First, so that the client finds the maildrop free when it learns of the end.
        Box::pin(self.unlock()).await;
        metrics::counter!("yanshu_pop3_sessions_ended_total", "reason" => end.word()).increment(1);
        let member = self.user.as_ref().map(|user| tracing::field::display(user.signed_in.member_id));
        tracing::debug!(member, reason = end.word(), seconds = began.elapsed().as_secs(), "A POP3 session ended");
        self.connection.close().await;
    }

    async fn converse(&mut self) -> Result<std::convert::Infallible, End> {
        loop {
            if self.connection.input().is_empty() {
                self.connection.flush().await?;
                self.connection.rest();
                self.wait().await?;
            }
            // On the heap, so that a session that waits is small.
            Box::pin(self.one_command()).await?;
            if self.connection.output().len() > GATHERED_BYTES {
                self.connection.flush().await?;
            }
        }
    }

    async fn one_command(&mut self) -> Result<(), End> {
        match self.next_line().await? {
            Some(Ok(command)) => self.obey(command).await,
            Some(Err(SyntaxError::Unknown)) => self.refuse(Refusal::bad(texts::UNKNOWN_COMMAND)),
            Some(Err(SyntaxError::Arguments)) => self.refuse(Refusal::bad(texts::WRONG_ARGUMENTS)),
            None => self.refuse(Refusal::bad(texts::LINE_TOO_LONG)),
        }
    }

    async fn obey(&mut self, command: Command) -> Result<(), End> {
        let name = command.name();
        let began = Instant::now();
        self.ctx.now = self.server.source.now();
        let outcome = match self.admit(&command).await {
            Ok(()) => dispatch::run(self, command).await,
            Err(failed) => Err(failed),
        };
        metrics::histogram!("yanshu_pop3_command_seconds", "command" => name).record(began.elapsed().as_secs_f64());
        match outcome {
            Ok(done) => {
                self.bad_commands = 0;
                if let Done::Ok(text) = done {
                    self.say_ok(text);
                }
                Ok(())
            }
            Err(Failed::Refused(refusal)) => {
                self.refuse(refusal)?;
                let enough = self.failed_sign_ins >= self.server.options.max_failed_sign_ins;
                if enough { Err(End::TooManyFailedSignIns) } else { Ok(()) }
            }
            Err(Failed::Over(end)) => Err(end),
        }
    }

    /// Whether the command may be tried now.
    async fn admit(&mut self, command: &Command) -> Result<(), Failed> {
        dispatch::check(dispatch::needs(command), self)?;
        self.check_if_told().await
    }

    fn refuse(&mut self, refusal: Refusal) -> Result<(), End> {
        self.say_err(refusal);
        if refusal.is_bad {
            self.bad_commands += 1;
            if self.bad_commands >= self.server.options.max_bad_commands {
                return Err(End::TooManyBadCommands);
            }
        }
        Ok(())
    }

    /// The next line as a command; `None` when it was too long.
    async fn next_line(&mut self) -> Result<Option<Result<Command, SyntaxError>>, End> {
        self.line_with(Command::parse).await
    }

    /// What `read` makes of the next line; `None` when it was too long.
    pub(crate) async fn line_with<T>(&mut self, read: impl Fn(&[u8]) -> T) -> Result<Option<T>, End> {
        loop {
            let mut input = self.connection.input();
            let before = input.len();
            let found = match self.lines.feed(&mut input) {
                Frame::NeedMore => None,
                Frame::Line(line) => Some(Some(read(line))),
                Frame::TooLong => Some(None),
            };
            let consumed = before - input.len();
            self.connection.consume(consumed);
            if let Some(found) = found {
                return Ok(found);
            }
            if self.lines.skipped() > MAX_SKIPPED_BYTES {
                return Err(End::TooMuchToDiscard);
            }
            self.fill().await?;
        }
    }

    /// Waits for octets in the middle of a line; what was put together leaves first.
    async fn fill(&mut self) -> Result<(), End> {
        self.connection.flush().await?;
        let limit = self.server.options.read_timeout;
        // Somebody unknown gets no more time by sending little by little.
        let limit = if self.user.is_some() { limit } else { limit.min(self.sign_in_by.saturating_duration_since(Instant::now())) };
        self.fill_within(limit).await
    }

    async fn fill_within(&mut self, limit: Duration) -> Result<(), End> {
        let mut stopping = self.server.stopping.clone();
        tokio::select! {
            filled = tokio::time::timeout(limit, self.connection.fill()) => match filled {
                Ok(filled) => if filled? == 0 { Err(End::Gone) } else { Ok(()) },
                Err(_) => Err(End::Idle),
            },
            () = stopped(&mut stopping) => Err(End::Stopping),
        }
    }

    /// Waits for the client. It may take minutes, so nothing big lives across it.
    async fn wait(&mut self) -> Result<(), End> {
        let deadline = if self.user.is_some() { Instant::now() + self.server.options.idle_timeout } else { self.sign_in_by };
        let mut stopping = self.server.stopping.clone();
        loop {
            let ear = self.user.as_ref().map(|user| Arc::clone(&user.watched.ear));
            let told = async {
                match &ear {
                    Some(ear) => ear.listen().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                filled = self.connection.fill() => return if filled? == 0 { Err(End::Gone) } else { Ok(()) },
                () = told => if let Err(Failed::Over(end)) = self.check_if_told().await {
                    return Err(end);
                },
                () = sleep_until(deadline) => return Err(End::Idle),
                () = stopped(&mut stopping) => return Err(End::Stopping),
            }
        }
    }

    /// Ends a session that has lost its maildrop, and asks whether the sign-in is still good when somebody has reason to doubt it. While that cannot
    /// be asked, nothing is done.
    async fn check_if_told(&mut self) -> Result<(), Failed> {
        let Some(user) = &self.user else { return Ok(()) };
        let ear = Arc::clone(&user.watched.ear);
        if ear.has_lost_lock() {
            return Err(End::LockLost.into());
        }
        if !ear.is_doubted() {
            return Ok(());
        }
        ear.trust();
        let (asked, now) = (user.signed_in.clone(), self.server.source.now());
        match self.server.store.read(move |tx| protocols::is_still_valid(tx, &asked, now)).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(End::Revoked.into()),
            Err(error) => {
                ear.doubt();
                Err(Failed::of(error))
            }
        }
    }

    /// Gives the maildrop back. When that cannot be written it is free at the end of the lease.
    pub(crate) async fn unlock(&mut self) {
        let Some(lock) = self.lock.take() else { return };
        let account = lock.account;
        let unlocked = self.server.store.write_account(account, move |tx| maildrop::unlock(tx, &lock)).await;
        if let Err(error) = unlocked {
            tracing::warn!(error = &error as &dyn std::error::Error, "A maildrop stays locked until its lease ends");
        }
    }

    /// STLS: what was said in the clear may have been said by somebody else (RFC 2595 §4).
    pub(crate) fn forget(&mut self) {
        self.name = None;
        self.lines = Lines::default();
        self.language = Language::default();
    }

    pub(crate) fn say_ok(&mut self, text: Text) {
        let text = text.in_language(self.language);
        self.say_line(&["+OK ", text]);
    }

    pub(crate) fn say_err(&mut self, refusal: Refusal) {
        let text = refusal.text.in_language(self.language);
        match refusal.code {
            Some(code) => self.say_line(&["-ERR [", code.as_str(), "] ", text]),
            None => self.say_line(&["-ERR ", text]),
        }
    }

    /// Puts a line among those that leave next.
    pub(crate) fn say_line(&mut self, parts: &[&str]) {
        let output = self.connection.output();
        parts.iter().for_each(|part| output.extend_from_slice(part.as_bytes()));
        output.extend_from_slice(b"\r\n");
    }

    /// Lets leave what was put together when it is much: in the middle of a long answer.
    pub(crate) async fn flush_if_much(&mut self) -> Result<(), End> {
        if self.connection.output().len() >= GATHERED_BYTES {
            self.connection.flush().await?;
        }
        Ok(())
    }

    /// The user; commands that need one were let through because there is one.
    pub(crate) fn user(&self) -> Result<&User, Failed> {
        self.user.as_ref().ok_or_else(|| Refusal::bad(texts::SIGN_IN_FIRST).into())
    }

    pub(crate) fn account(&self) -> Result<MailAccountId, Failed> {
        self.lock.as_ref().map(|lock| lock.account).ok_or_else(|| Refusal::bad(texts::SIGN_IN_FIRST).into())
    }

    pub(crate) fn maildrop(&self) -> Result<&Maildrop, Failed> {
        self.user().map(|user| &user.maildrop)
    }

    pub(crate) fn maildrop_mut(&mut self) -> Result<&mut Maildrop, Failed> {
        self.user.as_mut().map(|user| &mut user.maildrop).ok_or_else(|| Refusal::bad(texts::SIGN_IN_FIRST).into())
    }

    /// Reads as the user.
    pub(crate) async fn read<T, F>(&self, mut work: F) -> Result<T, Failed>
    where
        F: FnMut(&Ctx, &mut Tx) -> Result<T, MailError> + Send + 'static,
        T: Send + 'static,
    {
        let ctx = self.ctx.clone();
        self.server.store.read(move |tx| work(&ctx, tx)).await.map_err(Failed::of)
    }

    /// Writes in an account; what it answers is on disk.
    pub(crate) async fn write<T, E, F>(&self, account: MailAccountId, mut work: F) -> Result<T, E>
    where
        F: FnMut(&Ctx, &mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Fault + From<StoreError>,
    {
        let ctx = self.ctx.clone();
        self.server.store.write_account(account, move |tx| work(&ctx, tx)).await
    }
}
