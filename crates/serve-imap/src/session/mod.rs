//! One connection from greeting to goodbye: reads commands, lets those pass that the state allows, and has them done one after the other.

mod dispatch;
mod receive;
mod state;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use identity::protocols::{self, ProtocolSession};
use kernel::{Ctx, Fault, MailAccountId, TimeZone};
use mail::mailboxes;
use proto_imap::{Code, Condition, Framer, Limits, ResponseWriter, Tag};
use store::{StoreError, Tx};
use tokio::time::{Instant, sleep_until};
use transport::{Connection, stopped};

use crate::commands::append::LetIn;
use crate::commands::status::mod_seq;
use crate::errors::{End, Failed, Refusal};
use crate::news::Listening;
use crate::server::Server;
use crate::sync::{self, Telling};
use crate::view::View;
use crate::watch::{Selected, Watch};
use crate::{capabilities, commands};

use receive::{Incoming, Received};
pub(crate) use receive::{MEMORY_PATIENCE, Message, kib};
pub(crate) use state::{Needs, needs};

/// Before anybody has signed in, nothing needs more, and LITERAL- allows no more (RFC 7888 §5).
const LIMITS_UNKNOWN: Limits = Limits { text_bytes: 8 << 10, literal_bytes: 4 << 10 };
/// Sets of many thousand uids come on one line.
const LIMITS_KNOWN: Limits = Limits { text_bytes: 256 << 10, literal_bytes: 256 << 10 };
/// Answers to several commands leave together up to this size.
const GATHERED_BYTES: usize = 32 << 10;
/// A wait that takes longer is a long one: what it costs something to have is given back.
const SHORT_WAIT: Duration = Duration::from_secs(5);

/// Somebody is signed in.
pub(crate) struct User {
    pub(crate) signed_in: ProtocolSession,
    pub(crate) account: MailAccountId,
    pub(crate) listening: Listening,
    /// Of the organisation: dates without a zone are days there.
    pub(crate) zone: TimeZone,
    /// Where messages may come now without being asked about.
    pub(crate) let_in: Option<LetIn>,
}

/// What the client has switched on with ENABLE or by using it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Enabled {
    pub(crate) imap4rev2: bool,
    pub(crate) utf8: bool,
    pub(crate) condstore: bool,
    /// What is gone is told by uid, as VANISHED.
    pub(crate) qresync: bool,
    /// There are no sequence numbers any more. RFC 9586
    pub(crate) uid_only: bool,
}

/// How a command ended that was done.
pub(crate) enum Done {
    Ok(Option<Code>, &'static str),
    /// It has said its tagged answer itself.
    Said,
}

impl Done {
    pub(crate) const fn plain(text: &'static str) -> Self {
        Self::Ok(None, text)
    }
}

pub(crate) type Answer = Result<Done, Failed>;

pub(crate) struct Session {
    pub(crate) server: Arc<Server>,
    pub(crate) connection: Connection,
    framer: Framer,
    /// As whom, from where; `now` is when the present command began.
    pub(crate) ctx: Ctx,
    pub(crate) user: Option<User>,
    pub(crate) view: Option<View>,
    /// What it hears of the account besides; most clients ask for nothing of it.
    pub(crate) watch: Option<Box<Watch>>,
    pub(crate) enabled: Enabled,
    pub(crate) failed_sign_ins: u32,
    /// Of the command that is being done.
    in_hand: Option<Tag>,
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
            framer: Framer::new(LIMITS_UNKNOWN),
            ctx,
            user: None,
            view: None,
            watch: None,
            enabled: Enabled::default(),
            failed_sign_ins: 0,
            in_hand: None,
            bad_commands: 0,
            sign_in_by,
        }
    }

    pub(crate) async fn run(mut self) {
        let began = Instant::now();
        let code = Code::Capability(capabilities::of(&self));
        self.say().untagged(Condition::Ok, Some(&code), "Yanshu is ready");
        let end = match self.converse().await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        Box::pin(self.close_view()).await;
        if let Some((code, text)) = end.bye() {
            self.say().untagged(Condition::Bye, code.as_ref(), text);
        }
        metrics::counter!("yanshu_imap_sessions_ended_total", "reason" => end.word()).increment(1);
        let member = self.user.as_ref().map(|user| tracing::field::display(user.signed_in.member_id));
        tracing::debug!(member, reason = end.word(), seconds = began.elapsed().as_secs(), "An IMAP session ended");
        self.connection.close().await;
    }

    async fn converse(&mut self) -> Result<std::convert::Infallible, End> {
        loop {
            if self.connection.input().is_empty() && self.framer.is_between_commands() {
                self.connection.flush().await?;
                self.connection.rest();
                self.wait().await?;
            }
            // On the heap, so that a session that waits is small.
            Box::pin(self.one_command()).await?;
            self.flush_if_much().await?;
        }
    }

    async fn one_command(&mut self) -> Result<(), End> {
        match self.receive().await? {
            Received::Command(incoming) => self.obey(*incoming).await,
            Received::Refused(tag, refusal) => self.refuse(tag, refusal),
            Received::Nothing => Ok(()),
        }
    }

    async fn obey(&mut self, incoming: Incoming) -> Result<(), End> {
        let Incoming { command, messages } = incoming;
        let (tag, name, telling) = (command.tag.clone(), command.body.name(), sync::telling_of(&command.body));
        let began = Instant::now();
        self.ctx.now = self.server.source.now();
        self.in_hand = Some(tag.clone());
        let outcome = match self.admit(&command.body).await {
            Ok(()) => dispatch::run(self, command, messages).await,
            Err(failed) => Err(failed),
        };
        metrics::histogram!("yanshu_imap_command_seconds", "command" => name).record(began.elapsed().as_secs_f64());
        match outcome {
            Ok(Done::Said) => {
                self.bad_commands = 0;
                Ok(())
            }
            Ok(Done::Ok(code, text)) => {
                self.bad_commands = 0;
                self.update(telling).await?;
                self.say().tagged(&tag, Condition::Ok, code.as_ref(), text);
                Ok(())
            }
            Err(Failed::Refused(refusal)) => {
                self.update(telling).await?;
                self.refuse(Some(tag), refusal)?;
                commands::login::end_after(self).map_or(Ok(()), Err)
            }
            Err(Failed::Over(end)) => Err(end),
        }
    }

    /// Whether the command may be tried now.
    async fn admit(&mut self, body: &proto_imap::CommandBody) -> Result<(), Failed> {
        state::check(state::needs(body), self)?;
        state::check_numbers(body, self)?;
        self.check_if_doubted().await?;
        sync::catch_up(self, body).await
    }

    fn refuse(&mut self, tag: Option<Tag>, refusal: Refusal) -> Result<(), End> {
        let is_bad = refusal.condition == Condition::Bad;
        match tag {
            Some(tag) => self.say().tagged(&tag, refusal.condition, refusal.code.as_ref(), &refusal.text),
            None => self.say().untagged(refusal.condition, refusal.code.as_ref(), &refusal.text),
        }
        if is_bad {
            self.bad_commands += 1;
            if self.bad_commands >= self.server.options.max_bad_commands {
                return Err(End::TooManyBadCommands);
            }
        }
        Ok(())
    }

    /// Tells what changed in the selected mailbox. What cannot be read now is told another time, before anything is done by it.
    async fn update(&mut self, telling: Telling) -> Result<(), End> {
        match sync::update(self, telling).await {
            Ok(()) => Ok(()),
            Err(Failed::Refused(_)) => {
                if let Some(view) = self.view.as_mut() {
                    view.is_behind |= telling.looks_now();
                }
                Ok(())
            }
            Err(Failed::Over(end)) => Err(end),
        }
    }

    /// Waits for the client. It may take half an hour, so nothing big lives across it.
    async fn wait(&mut self) -> Result<(), End> {
        let deadline = if self.user.is_some() { Instant::now() + self.server.options.idle_timeout } else { self.sign_in_by };
        let short = Instant::now() + SHORT_WAIT;
        let mut stopping = self.server.stopping.clone();
        loop {
            let until = if self.connection.holds_memory() { short.min(deadline) } else { deadline };
            let listening = self.user.as_ref().map(|user| Arc::clone(&user.listening.ear));
            let watches = self.watch.is_some();
            let told = async {
                match &listening {
                    Some(ear) if watches => ear.listen().await,
                    Some(ear) => ear.listen_for_doubt().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                filled = self.connection.fill() => return if filled? == 0 { Err(End::Gone) } else { Ok(()) },
                () = told => {
                    if let Err(Failed::Over(end)) = self.check_if_doubted().await {
                        return Err(end);
                    }
                    if self.watch.is_some() {
                        // On the heap, as commands are.
                        Box::pin(self.push()).await?;
                    }
                },
                () = sleep_until(until) => {
                    if until == deadline {
                        return Err(End::Idle);
                    }
                    self.connection.rest_for_long();
                },
                () = stopped(&mut stopping) => return Err(End::Stopping),
            }
        }
    }

    /// Tells what NOTIFY asked for, between commands. Who has no view of a mailbox told so hears of it with the next answer, as ever.
    async fn push(&mut self) -> Result<(), End> {
        let telling = match self.watch.as_ref().map_or(Selected::WithAnswers, |watch| watch.selected()) {
            Selected::WithAnswers | Selected::Untold => Telling::NotSelected,
            Selected::AtOnce => Telling::Awaited,
            Selected::Delayed => Telling::NoExpunges,
        };
        self.update(telling).await?;
        self.connection.flush().await?;
        Ok(())
    }

    /// Asks whether the sign-in is still good, when somebody has reason to doubt it. While that cannot be asked, nothing is done.
    pub(crate) async fn check_if_doubted(&mut self) -> Result<(), Failed> {
        let Some(user) = self.user.as_ref().filter(|user| user.listening.ear.is_doubted()) else { return Ok(()) };
        user.listening.ear.trust();
        let (asked, now) = (user.signed_in.clone(), self.server.source.now());
        let valid = self.server.store.read(move |tx| protocols::is_still_valid(tx, &asked, now)).await;
        match valid {
            Ok(true) => Ok(()),
            Ok(false) => Err(End::Revoked.into()),
            Err(error) => {
                if let Some(user) = &self.user {
                    user.listening.ear.doubt();
                }
                Err(Failed::of(error))
            }
        }
    }

    /// The client has shown that it understands MODSEQ, if it has. RFC 7162 §3.1: the first time, it is told where the selected mailbox stands, which is as
    /// far as it knows of changes.
    pub(crate) fn use_condstore(&mut self, shown: bool) {
        if !shown || std::mem::replace(&mut self.enabled.condstore, true) {
            return;
        }
        if let Some(seen) = self.view.as_ref().map(|view| view.seen) {
            self.say().untagged(Condition::Ok, Some(&Code::HighestModSeq(mod_seq(seen))), "Highest");
        }
    }

    /// Puts responses among those that leave next.
    pub(crate) fn say(&mut self) -> ResponseWriter<'_> {
        let utf8 = self.writes_utf8();
        ResponseWriter::new(self.connection.output(), utf8)
    }

    /// Whether mailbox names are UTF-8 on the wire, and not modified UTF-7.
    pub(crate) fn writes_utf8(&self) -> bool {
        self.enabled.imap4rev2 || self.enabled.utf8
    }

    /// The user; commands that need one were let through because there is one.
    pub(crate) fn user(&self) -> Result<&User, Failed> {
        self.user.as_ref().ok_or_else(|| Refusal::bad("Sign in first").into())
    }

    /// The selected mailbox, likewise.
    pub(crate) fn view(&self) -> Result<&View, Failed> {
        self.view.as_ref().ok_or_else(|| Refusal::bad("Select a mailbox first").into())
    }

    pub(crate) fn view_mut(&mut self) -> Result<&mut View, Failed> {
        self.view.as_mut().ok_or_else(|| Refusal::bad("Select a mailbox first").into())
    }

    /// Reads in the user's account.
    pub(crate) async fn read<T, E, F>(&self, mut work: F) -> Result<T, Failed>
    where
        F: FnMut(&Ctx, &mut Tx, MailAccountId) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Fault + From<StoreError>,
    {
        let (ctx, account) = (self.ctx.clone(), self.user()?.account);
        self.server.store.read(move |tx| work(&ctx, tx, account)).await.map_err(Failed::of)
    }

    /// Writes in the user's account; what it answers is on disk.
    pub(crate) async fn write<T, E, F>(&self, mut work: F) -> Result<T, Failed>
    where
        F: FnMut(&Ctx, &mut Tx, MailAccountId) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Fault + From<StoreError>,
    {
        let (ctx, account) = (self.ctx.clone(), self.user()?.account);
        self.server.store.write_account(account, move |tx| work(&ctx, tx, account)).await.map_err(Failed::of)
    }

    /// Leaves the selected mailbox. What of it the client was told for the first time is noted, if it was anything; that this cannot be written is no harm.
    pub(crate) async fn close_view(&mut self) {
        let Some(view) = self.view.take() else { return };
        let Some(recent) = &view.recent else { return };
        let Some(mark) = recent.to_be_stored() else { return };
        let mailbox = view.mailbox;
        if self.write(move |ctx, tx, account| mailboxes::told_up_to(ctx, tx, account, mailbox, mark)).await.is_ok() {
            recent.stored(mark);
        }
    }

    /// From now on as this user.
    pub(crate) fn begin_as(&mut self, user: User, ctx: Ctx) {
        self.ctx = ctx;
        self.user = Some(user);
        self.framer.set_limits(LIMITS_KNOWN);
    }

    /// The answer of the client to a continuation, of at most `max_bytes`; `None` when it is longer than that.
    pub(crate) async fn receive_line(&mut self, max_bytes: usize) -> Result<Option<Vec<u8>>, End> {
        self.framer.expect_line(max_bytes);
        loop {
            if let Some(line) = self.line_so_far() {
                return Ok(line);
            }
            self.fill().await?;
        }
    }

    /// From now on the next line of the client is for [`line_so_far`](Self::line_so_far) and no command.
    pub(crate) fn expect_line(&mut self, max_bytes: usize) {
        self.framer.expect_line(max_bytes);
    }

    /// Waits for octets in the middle of something; what was put together leaves first.
    async fn fill(&mut self) -> Result<(), End> {
        self.connection.flush().await?;
        self.fill_within(self.server.options.read_timeout).await
    }

    /// Does what may take long, unless the client goes away meanwhile. From time to time it is told that it is still being done (RFC 9585).
    pub(crate) async fn unless_gone<T>(&mut self, work: impl Future<Output = T>) -> Result<T, End> {
        let mut work = std::pin::pin!(work);
        let mut tell_at = Instant::now() + self.server.options.progress_every;
        loop {
            // What it says meanwhile waits for its turn.
            let listens = self.connection.input().is_empty();
            tokio::select! {
                done = &mut work => return Ok(done),
                filled = self.connection.fill(), if listens => if filled? == 0 {
                    return Err(End::Gone);
                },
                () = sleep_until(tell_at) => {
                    // RFC 9585 §4: a tag that would end the response code is left out.
                    let tag = self.in_hand.clone().filter(|tag| !tag.as_str().contains(']'));
                    let code = Code::InProgress { tag, progress: None };
                    self.say().untagged(Condition::Ok, Some(&code), "Still at it");
                    self.connection.flush().await?;
                    tell_at = Instant::now() + self.server.options.progress_every;
                },
            }
        }
    }

    /// Lets what was put together leave once it is much, where an answer may be long.
    pub(crate) async fn flush_if_much(&mut self) -> Result<(), End> {
        if self.connection.output().len() > GATHERED_BYTES {
            self.connection.flush().await?;
        }
        Ok(())
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
}
