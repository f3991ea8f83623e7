//! Who asks for an operation, where, when, and with which ids and chance.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::{Clock, Id, IdGen, IdKind, IdentityId, MemberId, OrgId, Rng, SessionId, Timestamp};

/// Where an operation works that finds the organisation itself, as a sign-in does by the name. No organisation has this id.
pub const NO_ORG: OrgId = OrgId::from_raw(0);

/// Which of the two sets of pages a session opens: a webmail session never opens the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Realm {
    /// Mail and the member's own account.
    Account,
    /// The administration console.
    Console,
}

impl Realm {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Console => "console",
        }
    }
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not signed in.
    Nobody,
    /// A member with a session.
    Member { member_id: MemberId, identity_id: IdentityId, session_id: SessionId, realm: Realm },
    /// Somebody at the machine itself, through the socket in the data directory; the name is that of the system account.
    Operator { name: String },
    /// The server on its own account, in a job or at a fixed time; `task` names it.
    System { task: &'static str },
}

impl Actor {
    pub fn member_id(&self) -> Option<MemberId> {
        match self {
            Self::Member { member_id, .. } => Some(*member_id),
            _ => None,
        }
    }
}

/// What every operation takes first. Cheap to clone; holds nothing of the database.
#[derive(Clone)]
pub struct Ctx {
    pub actor: Actor,
    /// The organisation the operation works in; every query names it.
    pub org: OrgId,
    pub now: Timestamp,
    /// Told to the caller and written to log and audit, so that one can be found from the other.
    pub request_id: Arc<str>,
    /// Where the request came from, as far as trusted proxies tell.
    pub ip: Option<IpAddr>,
    pub ids: Arc<IdGen>,
    pub rng: Arc<dyn Rng>,
}

/// What contexts are made from, one for the whole process. Cheap to clone.
#[derive(Clone)]
pub struct Source {
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub ids: Arc<IdGen>,
}

impl Source {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The context of an operation that is asked for now.
    pub fn ctx(&self, org: OrgId, actor: Actor, request_id: Arc<str>, ip: Option<IpAddr>) -> Ctx {
        Ctx { actor, org, now: self.now(), request_id, ip, ids: Arc::clone(&self.ids), rng: Arc::clone(&self.rng) }
    }

    /// The context of somebody who has not signed in; the operation finds the organisation itself.
    pub fn ctx_of_nobody(&self, request_id: Arc<str>, ip: Option<IpAddr>) -> Ctx {
        self.ctx(NO_ORG, Actor::Nobody, request_id, ip)
    }

    /// Names a request or a connection in answers, the log and the audit: 16 letters and digits, by chance, so that no two are alike.
    pub fn new_request_id(&self) -> Arc<str> {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        self.rng.bytes::<16>().iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect::<String>().into()
    }
}

impl Ctx {
    /// A new id; within a transaction that may run again, ids of the earlier run are simply not used.
    pub fn new_id<K: IdKind>(&self) -> Id<K> {
        self.ids.next(self.now)
    }

    /// The same request on behalf of the same actor in another organisation.
    pub fn in_org(&self, org: OrgId) -> Self {
        Self { org, ..self.clone() }
    }

    /// The same moment and organisation, acted by another.
    pub fn acted_by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").field("actor", &self.actor).field("org", &self.org).field("now", &self.now).finish_non_exhaustive()
    }
}
