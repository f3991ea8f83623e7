//! Mail programs sign in: IMAP, POP3, SMTP submission and JMAP with a name and a password, each connection for itself.
//!
//! Either password does: a client password, or the member's own where the organisation's settings allow it. Programs poll, so a password that was right
//! lately costs neither argon2id nor a write; a wrong one is counted and slowed exactly as on the sign-in page, and costs as much for a name that
//! does not exist. What a session here may do ends when its password is changed or revoked, or its member may no longer sign in:
//! [`is_still_valid`], asked after [`store::Notice::SessionsRevoked`] and from time to time.

mod by_proof;

use std::fmt;
use std::sync::Arc;

use directory::members::{self, MemberState};
use kernel::{Actor, ClientPasswordId, Ctx, IdentityId, MailAccountId, MemberId, OrgId, Realm, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{KeyRing, Store, StoreError, Tx};

use crate::client_passwords::{self, Secret};
use crate::credentials;
use crate::identities::{self, Identity};
use crate::passwords::{Busy, Hasher, Password};
use crate::sign_in::{Account, Login, find_account, load_account, normalised, tell_throttling};
use crate::throttle::{self, Attempt, ThrottleError};

pub(crate) use by_proof::salt_of;
pub use by_proof::{scram_salt, sign_in_by_proof};

/// What a client password may be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    Imap,
    Pop3,
    Smtp,
    Jmap,
}

impl Protocol {
    pub const ALL: [Self; 4] = [Self::Imap, Self::Pop3, Self::Smtp, Self::Jmap];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Smtp => "smtp",
            Self::Jmap => "jmap",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.as_str() == name)
    }
}

/// A program that has shown who it acts for.
#[derive(Clone)]
pub struct ProtocolSession {
    pub org: OrgId,
    pub member_id: MemberId,
    pub identity_id: IdentityId,
    /// `None` for a member without mail.
    pub mail_account: Option<MailAccountId>,
    pub protocol: Protocol,
    /// Of this connection; kept nowhere.
    pub session_id: SessionId,
    credential: Credential,
}

/// What was shown, to be compared with what is stored later.
#[derive(Clone)]
enum Credential {
    /// The stored form of the member's own password.
    Own(Arc<str>),
    Client(ClientPasswordId),
}

impl ProtocolSession {
    pub fn actor(&self) -> Actor {
        Actor::Member { member_id: self.member_id, identity_id: self.identity_id, session_id: self.session_id, realm: Realm::Account }
    }

    /// What was shown, in a form that can be kept.
    pub fn credential(&self, keys: &KeyRing) -> credentials::Credential {
        match &self.credential {
            Credential::Own(stored) => credentials::Credential::of_password(keys, self.identity_id, stored),
            Credential::Client(id) => credentials::Credential::of_client_password(*id),
        }
    }
}

impl fmt::Debug for ProtocolSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtocolSession").field("member", &self.member_id).field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ProtocolSignInError {
    /// The name does not exist, or the password is another, or it is a client password for something else.
    #[error("name or password is wrong")]
    Wrong,
    /// From here on the password was right.
    #[error("the organisation asks for client passwords")]
    ClientPasswordNeeded,
    #[error("the member has to choose a password on the web first")]
    PasswordToBeChosen,
    #[error("the member may not sign in now")]
    NotAllowed,
    #[error(transparent)]
    Throttled(#[from] ThrottleError),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("could not sign in")]
    Store(#[from] StoreError),
}
kernel::faults! { ProtocolSignInError:
    ProtocolSignInError::Wrong => Unauthenticated "sign_in_failed",
    ProtocolSignInError::ClientPasswordNeeded => Unauthenticated "client_password_needed",
    ProtocolSignInError::PasswordToBeChosen => Unauthenticated "password_to_be_chosen",
    ProtocolSignInError::NotAllowed => Forbidden "member_may_not_sign_in",
    ProtocolSignInError::Throttled(inner) => inner,
    ProtocolSignInError::Busy(inner) => inner,
    ProtocolSignInError::Store(inner) => inner,
}

/// Signs a program in. `login` is a mail address of the member, or organisation code and account name with a `/` between them; the organisation and
/// actor of `ctx` do not matter, its address and time do.
pub async fn sign_in(
    store: &Store,
    hasher: &Arc<Hasher>,
    ctx: &Ctx,
    login: &str,
    password: &Password,
    protocol: Protocol,
) -> Result<ProtocolSession, ProtocolSignInError> {
    let login = login_of(login);
    let name = normalised(&login);
    let attempt = Attempt::SignIn { account: name.clone(), ip: ctx.ip };
    let seen = look(store, hasher, ctx, login, password, protocol).await?;
    if let Some(found) = seen.client {
        return finish(store, ctx, &found.account, protocol, Credential::Client(found.id), found.touch).await;
    }
    let account = seen.account;
    let identity = account.as_ref().and_then(|account| account.identity.as_ref());
    let stored = identity.and_then(|identity| identity.password_hash.as_deref());
    let ticket = if seen.remembered { None } else { Some(hasher.enter()?) };
    let _turn = if ticket.is_some() { Some(hasher.turn_of(&name).lock_owned().await) } else { None };
    // Another connection of the same program may have been quicker.
    let is_remembered_now = identity.is_some_and(|identity| remembers(hasher, identity, password, ctx.now));
    if let Some(ticket) = ticket.filter(|_| !is_remembered_now) {
        let (keys_of, now) = (store.clone(), ctx.now);
        let admitted = store.write(move |tx| throttle::admit(tx, keys_of.keys(), &attempt, now)).await?;
        let chosen = ticket.check(identity.map(|identity| identity.id), stored, password, ctx.now).await?;
        let initial = !chosen && identity.is_some_and(|identity| identity.initial_password_is(store.keys(), password));
        if !chosen && !initial {
            tell_throttling(store, ctx, account.as_ref(), &admitted);
            return Err(ProtocolSignInError::Wrong);
        }
        let keys_of = store.clone();
        store.write(move |tx| throttle::succeeded(tx, keys_of.keys(), &admitted, now)).await?;
        if initial {
            return Err(ProtocolSignInError::PasswordToBeChosen);
        }
    }
    let (Some(account), Some(stored)) = (account.as_ref(), stored) else { return Err(ProtocolSignInError::Wrong) };
    if account.org.settings.client_passwords_only {
        return Err(ProtocolSignInError::ClientPasswordNeeded);
    }
    if identity.is_some_and(|identity| identity.must_change_password) {
        return Err(ProtocolSignInError::PasswordToBeChosen);
    }
    finish(store, ctx, account, protocol, Credential::Own(stored.into()), false).await
}

/// What was typed: an address, or organisation code and account name.
fn login_of(login: &str) -> Login {
    match login.split_once('/') {
        Some((code, name)) if !login.contains('@') => Login::Account { organisation_code: code.to_owned(), account_name: name.to_owned() },
        _ => Login::Address(login.to_owned()),
    }
}

/// What one look at the database tells, before anything is counted.
struct Seen {
    account: Option<Account>,
    client: Option<SeenClient>,
    /// The member's own password was right a moment ago.
    remembered: bool,
}

struct SeenClient {
    account: Account,
    id: ClientPasswordId,
    /// Its last use is some minutes old.
    touch: bool,
}

/// How old the noted last use of a client password may be.
const TOUCH_SECS: i64 = 300;

async fn look(
    store: &Store,
    hasher: &Arc<Hasher>,
    ctx: &Ctx,
    login: Login,
    password: &Password,
    protocol: Protocol,
) -> Result<Seen, ProtocolSignInError> {
    let (keys_of, hasher, now, ip, password) = (store.clone(), Arc::clone(hasher), ctx.now, ctx.ip, password.clone());
    store
        .read(move |tx| {
            let account = find_account(tx, &login, now)?;
            let identity = account.as_ref().and_then(|account| account.identity.as_ref());
            let remembered = identity.is_some_and(|identity| remembers(&hasher, identity, &password, now));
            if remembered {
                return Ok(Seen { account, client: None, remembered });
            }
            if let (Some(account), Some(identity), Some(secret)) = (&account, identity, Secret::typed(&password)) {
                let hash = secret.hash(keys_of.keys(), identity.id);
                if let Some(found) = client_passwords::find_matching(tx, account.org.id, identity.id, &hash, protocol, now)? {
                    let touch = found.last_used_at.is_none_or(|last| now.secs_since(last) > TOUCH_SECS);
                    return Ok(Seen {
                        account: None,
                        client: Some(SeenClient { account: account.clone(), id: found.id, touch }),
                        remembered,
                    });
                }
            }
            throttle::must_wait(tx, keys_of.keys(), &Attempt::SignIn { account: normalised(&login), ip }, now)?;
            Ok(Seen { account, client: None, remembered })
        })
        .await
}

fn remembers(hasher: &Hasher, identity: &Identity, password: &Password, now: Timestamp) -> bool {
    identity.password_hash.as_deref().is_some_and(|stored| hasher.remembers(identity.id, stored, password, now))
}

/// After a right password: is the member one that may sign in, and what does it open?
async fn finish(
    store: &Store,
    ctx: &Ctx,
    account: &Account,
    protocol: Protocol,
    credential: Credential,
    notes_use: bool,
) -> Result<ProtocolSession, ProtocolSignInError> {
    let Some(identity) = &account.identity else { return Err(ProtocolSignInError::Wrong) };
    if !may_sign_in(account.state) {
        return Err(ProtocolSignInError::NotAllowed);
    }
    let mut session = ProtocolSession {
        org: account.org.id,
        member_id: account.member_id,
        identity_id: identity.id,
        mail_account: None,
        protocol,
        session_id: ctx.new_id(),
        credential,
    };
    let ctx = ctx.in_org(session.org).acted_by(session.actor());
    let asking = session.clone();
    let mail_account = if account.state == MemberState::Pending {
        store.write(move |tx| activate(&ctx, tx, &asking)).await?
    } else {
        // Whoever reads mail on a full disk, to make room, is not held back by this.
        if notes_use && let Err(error) = note_use(store, &ctx, &session).await {
            tracing::warn!(%error, "The use of a client password could not be noted");
        }
        store.read(move |tx| members::mail_account_of(tx, asking.org, asking.member_id)).await?
    };
    session.mail_account = mail_account;
    Ok(session)
}

/// By itself: a transaction that looks at members as well would wait for imports.
async fn note_use(store: &Store, ctx: &Ctx, session: &ProtocolSession) -> Result<(), StoreError> {
    let (ctx, session) = (ctx.clone(), session.clone());
    store.write(move |tx| touch(&ctx, tx, &session)).await
}

fn touch(ctx: &Ctx, tx: &mut Tx, session: &ProtocolSession) -> Result<(), StoreError> {
    let Credential::Client(id) = session.credential else { return Ok(()) };
    client_passwords::repo::touch(tx, session.org, id, ctx.now, ctx.ip.map(|ip| ip.to_string()), session.protocol)
}

/// A first sign-in.
fn activate(ctx: &Ctx, tx: &mut Tx, session: &ProtocolSession) -> Result<Option<MailAccountId>, StoreError> {
    touch(ctx, tx, session)?;
    if members::state_of(tx, session.org, session.member_id, ctx.now)? == Some(MemberState::Pending) {
        members::activate(ctx, tx, session.member_id)?;
    }
    members::mail_account_of(tx, session.org, session.member_id)
}

pub(crate) fn may_sign_in(state: MemberState) -> bool {
    matches!(state, MemberState::Active | MemberState::Pending)
}

/// Whether what `session` has shown would still let it in.
pub fn is_still_valid(tx: &mut Tx, session: &ProtocolSession, now: Timestamp) -> Result<bool, StoreError> {
    let Some(account) = load_account(tx, session.org, session.member_id, now)? else { return Ok(false) };
    if !may_sign_in(account.state) || account.identity.as_ref().map(|identity| identity.id) != Some(session.identity_id) {
        return Ok(false);
    }
    match &session.credential {
        Credential::Own(stored) => {
            let identity = identities::find(tx, session.identity_id)?;
            let same = identity.and_then(|identity| identity.password_hash).is_some_and(|now_stored| *now_stored == **stored);
            Ok(same && !account.org.settings.client_passwords_only)
        }
        Credential::Client(id) => {
            let found = client_passwords::repo::find(tx, session.org, session.identity_id, *id)?;
            Ok(found.is_some_and(|found| found.expires_at.is_none_or(|end| end > now)))
        }
    }
}
