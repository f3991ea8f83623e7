//! Sessions: who is signed in, on which device, in which realm, and until when.
//!
//! A session is a random token in a cookie, of which only a hash is stored. Every request looks its session up, so that a revoked one is over with
//! its next request; what stays open between requests listens for [`Notice::SessionsRevoked`].

mod end;
pub(crate) mod repo;

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Actor, Ctx, IdentityId, MemberId, OrgId, Realm, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{KeyRing, Notice, StoreError, Tx};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use end::{RevokeError, list, revoke, revoke_all, revoke_others, sign_out};

/// What a session opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Everything its member may do in its realm.
    Full,
    /// The page that chooses a password, and nothing else.
    ChoosePassword,
}

/// Somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub identity_id: IdentityId,
    pub org_id: OrgId,
    pub member_id: MemberId,
    pub realm: Realm,
    pub stage: Stage,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    /// To the minute.
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub remembered: bool,
}

impl Session {
    /// Who acts in this session; `None` while a password has still to be chosen, so that no operation can be called by mistake.
    pub fn actor(&self) -> Option<Actor> {
        let actor = Actor::Member { member_id: self.member_id, identity_id: self.identity_id, session_id: self.id, realm: self.realm };
        (self.stage == Stage::Full).then_some(actor)
    }

    /// Whether [`touch`] has something to write: at most once a minute.
    pub fn is_due_for_touch(&self, now: Timestamp) -> bool {
        now.secs_since(self.last_seen_at) >= TOUCH_EVERY_SECS
    }
}

const TOUCH_EVERY_SECS: i64 = 60;

/// Without a bound a program that signs in anew for every request would fill the table; the oldest sessions go first.
const MAX_PER_IDENTITY: u32 = 50;
const MAX_USER_AGENT: usize = 300;

/// How long a session lives: without a request, and in any case.
fn lifetime_secs(realm: Realm, stage: Stage, remembered: bool) -> (i64, i64) {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    match (stage, realm, remembered) {
        (Stage::ChoosePassword, ..) => (15 * MINUTE, 30 * MINUTE),
        (Stage::Full, Realm::Console, _) => (HOUR, 12 * HOUR),
        (Stage::Full, Realm::Account, true) => (30 * DAY, 30 * DAY),
        (Stage::Full, Realm::Account, false) => (8 * HOUR, DAY),
    }
}

/// A session that is about to begin; the password has been checked.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub identity_id: IdentityId,
    pub member_id: MemberId,
    pub realm: Realm,
    pub stage: Stage,
    pub user_agent: Option<String>,
    /// Stay signed in for 30 days; the console does not offer it.
    pub remember: bool,
}

/// A new session with the only copy of its token.
pub struct Opened {
    pub token: Zeroizing<String>,
    pub csrf_token: String,
    pub session: Session,
}

/// Opens a session of the organisation of `ctx`. Asks nobody: the caller has just checked a password, or created the organisation.
pub fn open(ctx: &Ctx, tx: &mut Tx, keys: &KeyRing, new: NewSession) -> Result<Opened, StoreError> {
    let token = Zeroizing::new(URL_SAFE_NO_PAD.encode(ctx.rng.bytes::<TOKEN_BYTES>()));
    let (idle_secs, absolute_secs) = lifetime_secs(new.realm, new.stage, new.remember);
    let session = Session {
        id: ctx.new_id(),
        identity_id: new.identity_id,
        org_id: ctx.org,
        member_id: new.member_id,
        realm: new.realm,
        stage: new.stage,
        ip: ctx.ip,
        user_agent: new.user_agent.map(|text| text.chars().filter(|character| !character.is_control()).take(MAX_USER_AGENT).collect()),
        created_at: ctx.now,
        last_seen_at: ctx.now,
        expires_at: ctx.now.plus_secs(absolute_secs),
        remembered: new.remember && new.realm == Realm::Account,
    };
    repo::insert(tx, &session, &token_hash(&token), ctx.now.plus_secs(idle_secs))?;
    repo::delete_surplus(tx, session.identity_id, MAX_PER_IDENTITY)?;
    let csrf_token = csrf_token(keys, &token);
    Ok(Opened { token, csrf_token, session })
}

const TOKEN_BYTES: usize = 32;
const TOKEN_CHARACTERS: usize = 43;

/// The session of a cookie, if it is one of `realm` that is still alive. In the stage [`Stage::ChoosePassword`] it has no actor.
pub fn find_by_token(tx: &mut Tx, token: &str, realm: Realm, now: Timestamp) -> Result<Option<Session>, StoreError> {
    if token.len() != TOKEN_CHARACTERS {
        return Ok(None);
    }
    let found = repo::find_by_token_hash(tx, &token_hash(token), now)?;
    Ok(found.filter(|session| session.realm == realm))
}

/// Notes that the session is in use now, from the address of `ctx`. Call it when [`Session::is_due_for_touch`].
pub fn touch(ctx: &Ctx, tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    let (idle_secs, _) = lifetime_secs(session.realm, session.stage, session.remembered);
    repo::touch(tx, session.id, ctx.ip, ctx.now, ctx.now.plus_secs(idle_secs).min(session.expires_at))
}

/// The token has 256 bits of chance, so a plain hash cannot be turned back; the first byte names the algorithm, BLAKE3.
fn token_hash(token: &str) -> Vec<u8> {
    [&[1], blake3::hash(token.as_bytes()).as_bytes().as_slice()].concat()
}

/// What unsafe requests of the session must carry in a header; pages of other origins cannot know it.
pub fn csrf_token(keys: &KeyRing, token: &str) -> String {
    URL_SAFE_NO_PAD.encode(keys.keyed_hash("csrf-token", &[token.as_bytes()]))
}

/// Whether `offered` is the session's [`csrf_token`]; takes as long for every wrong one.
pub fn csrf_matches(keys: &KeyRing, token: &str, offered: &str) -> bool {
    csrf_token(keys, token).as_bytes().ct_eq(offered.as_bytes()).into()
}

/// Removes sessions that are over, at most 1000 in one transaction; see [`clean`](crate::clean).
pub fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    repo::delete_expired(tx, now)
}

/// Ends the other sessions of an identity whose password was just changed in `kept`.
pub(crate) fn end_others(tx: &mut Tx, identity: IdentityId, kept: SessionId) -> Result<u64, StoreError> {
    let ended = repo::delete_others(tx, identity, kept)?;
    if ended > 0 {
        tx.publish(Notice::SessionsRevoked { identity });
    }
    Ok(ended)
}
