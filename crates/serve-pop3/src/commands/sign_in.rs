//! USER and PASS, and what every way of signing in ends with: the maildrop locked, and listed. RFC 1939 §4, §7

use std::sync::Arc;

use identity::passwords::Password;
use identity::protocols::{self, Protocol, ProtocolSession, ProtocolSignInError};
use kernel::{Fault, FaultKind, MailAccountId};
use mail::heads::MailError;
use mail::mailboxes::{self, Mailbox, Role};
use mail::maildrop::{self, Lock, for_each_listed};
use tokio::time::{Duration, Instant, sleep};

use super::capa;
use crate::errors::{Code, Failed, Refusal};
use crate::maildrop::Maildrop;
use crate::session::{Answer, Done, Session, User};
use crate::texts;
use crate::wire::Secret;

/// Messages that are listed in one transaction.
const LISTED_AT_ONCE: usize = 20_000;
/// How often a sign-in looks whether the maildrop is free.
const LOCK_RETRY: Duration = Duration::from_millis(250);

/// Nothing is told of names here: the answer is the same for all.
pub(crate) fn user(session: &mut Session, name: String) -> Answer {
    refuse_in_the_clear(session)?;
    session.name = Some(name);
    Ok(Done::Ok(texts::PASSWORD_PLEASE))
}

pub(crate) async fn pass(session: &mut Session, password: &Secret) -> Answer {
    refuse_in_the_clear(session)?;
    // Whatever comes of it, the next PASS needs a USER before it.
    let name = session.name.take().ok_or(Refusal::bad(texts::NAME_FIRST))?;
    sign_in(session, &name, password.as_str()).await
}

/// Even if that password has been overheard by now.
pub(super) fn refuse_in_the_clear(session: &Session) -> Result<(), Refusal> {
    if capa::may_sign_in(session) { Ok(()) } else { Err(Refusal::plain(texts::SIGN_IN_UNDER_TLS)) }
}

/// A password that is no text is a wrong one.
pub(super) async fn sign_in(session: &mut Session, name: &str, password: Option<&str>) -> Answer {
    let tried = match password.and_then(|text| Password::new(text).ok()) {
        Some(password) => {
            let server = Arc::clone(&session.server);
            protocols::sign_in(&server.store, &server.hasher, &session.ctx, name, &password, Protocol::Pop3).await
        }
        None => Err(ProtocolSignInError::Wrong),
    };
    match tried {
        Ok(signed_in) => begin(session, signed_in).await,
        Err(error) => Err(refuse(session, &error).await.into()),
    }
}

async fn begin(session: &mut Session, signed_in: ProtocolSession) -> Answer {
    let Some(account) = signed_in.mail_account else {
        return Err(Refusal::of(Code::SysPerm, texts::NO_MAILBOX).into());
    };
    let unknown = session.ctx.clone();
    session.ctx = session.ctx.in_org(signed_in.org).acted_by(signed_in.actor());
    let begun = open(session, signed_in, account).await;
    if begun.is_err() {
        session.ctx = unknown;
        session.unlock().await;
    }
    session.user = Some(begun?);
    let maildrop = session.maildrop()?;
    let (count, bytes) = (maildrop.count().to_string(), maildrop.bytes().to_string());
    let (messages, octets) = (texts::MESSAGES.in_language(session.language), texts::OCTETS.in_language(session.language));
    session.say_line(&["+OK ", &count, " ", messages, " ", &bytes, " ", octets]);
    Ok(Done::Said)
}

async fn open(session: &mut Session, signed_in: ProtocolSession, account: MailAccountId) -> Result<User, Failed> {
    // Random, and of this session alone.
    let lock = Lock { account, holder: Arc::clone(&session.ctx.request_id) };
    let inbox = take_lock(session, &lock).await?.ok_or(Refusal::of(Code::InUse, texts::IN_USE))?;
    session.lock = Some(lock.clone());
    let watched = session.server.watch.over(signed_in.clone(), lock);
    let maildrop = list(session, account, &inbox).await?;
    Ok(User { signed_in, watched, maildrop })
}

/// Waits a little for the session that has it: two programs of one member that poll at the same time are no trouble worth telling.
async fn take_lock(session: &Session, lock: &Lock) -> Result<Option<Mailbox>, Failed> {
    let until = Instant::now() + session.server.options.lock_patience;
    loop {
        let (account, wanted) = (lock.account, lock.clone());
        let taken = session.write(account, move |ctx, tx| {
            if !maildrop::lock(ctx, tx, &wanted)? {
                return Ok(None);
            }
            let inbox = mailboxes::find_role(ctx, tx, account, Role::Inbox)?;
            if inbox.is_some() {
                return Ok(inbox);
            }
            mailboxes::ensure(ctx, tx, account)?;
            mailboxes::find_role(ctx, tx, account, Role::Inbox)
        });
        let taken = taken.await.map_err(|error: MailError| Failed::of(error))?;
        if taken.is_some() || Instant::now() >= until {
            return Ok(taken);
        }
        sleep(LOCK_RETRY).await;
    }
}

/// What is there now, read in pieces: there may be a million, and a transaction shall be short. What comes later is for the next session.
async fn list(session: &Session, account: MailAccountId, inbox: &Mailbox) -> Result<Maildrop, Failed> {
    let (mailbox, uid_validity, last) = (inbox.id, inbox.uid_validity, inbox.uid_next.saturating_sub(1));
    let mut whole = Maildrop::new(mailbox, uid_validity);
    whole.reserve(inbox.total as usize);
    while whole.last_uid() < last {
        let from = whole.last_uid() + 1;
        let some = session.read(move |ctx, tx| {
            let mut some = Maildrop::new(mailbox, uid_validity);
            for_each_listed(ctx, tx, account, mailbox, from..=last, LISTED_AT_ONCE, |listed| some.add(listed))?;
            Ok(some)
        });
        let some = some.await?;
        let is_last = some.len() < LISTED_AT_ONCE;
        whole.append(some);
        if is_last {
            break;
        }
    }
    Ok(whole)
}

/// Held back for a while, and counted: who guesses passwords shall wait.
async fn refuse(session: &mut Session, error: &ProtocolSignInError) -> Refusal {
    if !matches!(error.kind(), FaultKind::Unavailable | FaultKind::Internal) {
        session.failed_sign_ins += 1;
        sleep(session.server.options.failed_sign_in_delay).await;
    }
    match error {
        ProtocolSignInError::Wrong => Refusal::of(Code::Auth, texts::WRONG),
        ProtocolSignInError::ClientPasswordNeeded => Refusal::of(Code::Auth, texts::CLIENT_PASSWORD_NEEDED),
        ProtocolSignInError::PasswordToBeChosen => Refusal::of(Code::Auth, texts::PASSWORD_TO_BE_CHOSEN),
        ProtocolSignInError::NotAllowed => Refusal::of(Code::SysPerm, texts::NOT_ALLOWED),
        _ => Refusal::of_fault(error),
    }
}
