//! LOGIN, and what every way of signing in ends with. RFC 9051 §6.2.3

use std::borrow::Cow;
use std::sync::Arc;

use directory::organisations;
use identity::passwords::Password;
use identity::protocols::{self, Protocol, ProtocolSession, ProtocolSignInError};
use kernel::{Fault, FaultKind};
use mail::heads::MailError;
use mail::mailboxes;
use proto_imap::{Code, Condition, Secret};

use crate::capabilities;
use crate::errors::{End, Failed, Refusal};
use crate::session::{Answer, Done, Session, User};

pub(crate) async fn login(session: &mut Session, name: &str, password: &Secret) -> Answer {
    refuse_in_the_clear(session)?;
    sign_in(session, name, password.as_str()).await
}

/// RFC 9051 §6.2.3: a server that says LOGINDISABLED refuses, even if that password has been overheard by now.
pub(super) fn refuse_in_the_clear(session: &Session) -> Result<(), Refusal> {
    if capabilities::may_sign_in(session) { Ok(()) } else { Err(Refusal::no(Code::PrivacyRequired, "Sign in under TLS")) }
}

/// A password that is no text is a wrong one.
pub(super) async fn sign_in(session: &mut Session, name: &str, password: Option<&str>) -> Answer {
    let tried = match password.and_then(|text| Password::new(text).ok()) {
        Some(password) => {
            let server = Arc::clone(&session.server);
            protocols::sign_in(&server.store, &server.hasher, &session.ctx, name, &password, Protocol::Imap).await
        }
        None => Err(ProtocolSignInError::Wrong),
    };
    end(session, tried).await
}

/// What every way of signing in ends with.
pub(super) async fn end(session: &mut Session, tried: Result<ProtocolSession, ProtocolSignInError>) -> Answer {
    match tried {
        Ok(signed_in) => begin(session, signed_in).await,
        Err(error) => Err(refuse(session, &error).await),
    }
}

/// The mail account behind the sign-in is opened, with its standard mailboxes.
async fn begin(session: &mut Session, signed_in: ProtocolSession) -> Answer {
    let Some(account) = signed_in.mail_account else {
        return Err(Refusal::no(Code::AuthorizationFailed, "There is no mailbox to this account").into());
    };
    if session.server.news.count(account) >= session.server.options.max_sessions_per_account {
        return Err(Refusal::no(Code::Limit, "Too many sessions of this account are open").into());
    }
    let ctx = session.ctx.in_org(signed_in.org).acted_by(signed_in.actor());
    let server = Arc::clone(&session.server);
    let looking = ctx.clone();
    let looked = server.store.read(move |tx| -> Result<_, MailError> {
        let zone = organisations::get(tx, looking.org)?.zone();
        Ok((zone, mailboxes::list(&looking, tx, account)?.is_empty()))
    });
    let (zone, is_new) = looked.await.map_err(Failed::of)?;
    if is_new {
        let making = ctx.clone();
        let made = server.store.write_account(account, move |tx| mailboxes::ensure(&making, tx, account)).await;
        made.map_err(|error: MailError| Failed::of(error))?;
    }
    let listening = server.news.listen(signed_in.clone(), account);
    session.begin_as(User { signed_in, account, listening, zone, let_in: None }, ctx);
    // RFC 9051 §6.2.2: what the client knows of capabilities from before is worth nothing now, so it is told at once.
    Ok(Done::Ok(Some(Code::Capability(capabilities::of(session))), "Signed in"))
}

/// Held back for a while, and counted: who guesses passwords shall wait.
async fn refuse(session: &mut Session, error: &ProtocolSignInError) -> Failed {
    let kind = error.kind();
    if !matches!(kind, FaultKind::Unavailable | FaultKind::Internal) {
        session.failed_sign_ins += 1;
        tokio::time::sleep(session.server.options.failed_sign_in_delay).await;
    }
    let (code, text): (Code, Cow<'static, str>) = match error {
        ProtocolSignInError::Wrong => (Code::AuthenticationFailed, "Name or password is wrong".into()),
        ProtocolSignInError::ClientPasswordNeeded => {
            (Code::AuthenticationFailed, "This organisation asks for a client password: make one on the account page".into())
        }
        ProtocolSignInError::PasswordToBeChosen => (Code::AuthenticationFailed, "Choose a password on the web first".into()),
        ProtocolSignInError::NotAllowed => (Code::AuthorizationFailed, "This account may not be used now".into()),
        _ => return Failed::Refused(Refusal::of(error)),
    };
    Failed::Refused(Refusal { condition: Condition::No, code: Some(code), text })
}

/// After the refusal was told: enough is enough.
pub(crate) fn end_after(session: &Session) -> Option<End> {
    (session.failed_sign_ins >= session.server.options.max_failed_sign_ins).then_some(End::TooManyFailedSignIns)
}
