//! Ids: 64 bits (41 of milliseconds, 10 of node, 12 of counter), shown as a prefix and Crockford base-32, `mbr_01hq3v0k8c1z4`.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Timestamp;

/// The kinds of things that have an id, each with the prefix its ids are shown with.
pub trait IdKind: 'static {
    const PREFIX: &'static str;
}

/// An id of one kind of thing. A `DepartmentId` cannot be passed where a `MemberId` is meant.
pub struct Id<K: IdKind> {
    raw: i64,
    kind: PhantomData<fn() -> K>,
}

impl<K: IdKind> Id<K> {
    /// Wraps the number a database row holds.
    pub const fn from_raw(raw: i64) -> Self {
        Self { raw, kind: PhantomData }
    }

    /// The number as stored in SQL (BIGINT, never negative).
    pub const fn raw(self) -> i64 {
        self.raw
    }
}

impl<K: IdKind> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K: IdKind> Copy for Id<K> {}
impl<K: IdKind> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}
impl<K: IdKind> Eq for Id<K> {}
impl<K: IdKind> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K: IdKind> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.raw.cmp(&other.raw)
    }
}
impl<K: IdKind> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}
impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0u8; 13];
        let mut rest = self.raw as u64;
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        f.write_str(K::PREFIX)?;
        f.write_str("_")?;
        f.write_str(std::str::from_utf8(&digits).expect("the alphabet is ASCII"))
    }
}

/// The text is not an id of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the expected kind")]
pub struct IdError;

impl<K: IdKind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(IdError)?;
        if digits.len() != 13 {
            return Err(IdError);
        }
        let mut raw: u64 = 0;
        for (index, byte) in digits.bytes().enumerate() {
            let value = ALPHABET.iter().position(|symbol| *symbol == byte).ok_or(IdError)? as u64;
            // Thirteen digits carry 65 bits; an id has 63, so the first digit is below 8.
            if index == 0 && value > 7 {
                return Err(IdError);
            }
            raw = (raw << 5) | value;
        }
        Ok(Self::from_raw(raw as i64))
    }
}

impl<K: IdKind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: IdKind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        pub enum $kind {}
        impl IdKind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*

        /// Every prefix in use, so that a test can show that no two kinds share one.
        pub const ID_PREFIXES: &[&str] = &[$($prefix),*];
    };
}

ids! {
    /// An organisation 组织.
    OrgKind, OrgId, "org";
    /// A domain 域名.
    DomainKind, DomainId, "dom";
    /// A department 部门.
    DepartmentKind, DepartmentId, "dep";
    /// A member 成员.
    MemberKind, MemberId, "mbr";
    /// A sign-in identity 登录身份.
    IdentityKind, IdentityId, "idn";
    /// A mail account 邮箱账户.
    MailAccountKind, MailAccountId, "acc";
    /// A service class 服务等级.
    ServiceClassKind, ServiceClassId, "cls";
    /// An audit event 操作日志.
    AuditEventKind, AuditEventId, "evt";
    /// A sign-in session 登录会话.
    SessionKind, SessionId, "ses";
    /// A job 任务.
    JobKind, JobId, "job";
    /// An outbox row: work that a commit has promised.
    OutboxKind, OutboxId, "out";
    /// An import 批量导入.
    ImportKind, ImportId, "imp";
    /// A message that was handed in to be sent, and its place in the queue 发送队列.
    SubmissionKind, SubmissionId, "sub";
    /// A message that was accepted for several accounts and is on its way into them.
    IngressKind, IngressId, "ing";
    /// A client password 客户端专用密码.
    ClientPasswordKind, ClientPasswordId, "cpw";
    /// Something a client has uploaded to put it into a message.
    UploadKind, UploadId, "upl";
    /// Who a member writes as: an address with a name and a signature.
    EmailIdentityKind, EmailIdentityId, "eid";
    /// What a client has handed in to be sent.
    EmailSubmissionKind, EmailSubmissionId, "ems";
    /// An address that a client wants to be told of changes at.
    PushSubscriptionKind, PushSubscriptionId, "psh";
}

const EPOCH_MILLIS: i64 = 1_704_067_200_000; // 2024-01-01T00:00:00Z; 41 bits reach to 2093.
const COUNTER_BITS: u32 = 12;
const NODE_BITS: u32 = 10;

/// Makes ids that only grow on one node and never meet those of another node.
#[derive(Debug)]
pub struct IdGen {
    node: i64,
    /// The milliseconds and counter of the last id, without the node.
    last: AtomicI64,
}

impl IdGen {
    /// `node` is unique within the installation and below 1024.
    pub fn new(node: u16) -> Self {
        assert!(u32::from(node) < (1 << NODE_BITS), "a node number is below 1024");
        Self { node: i64::from(node), last: AtomicI64::new(0) }
    }

    /// The next id. A clock that stands still or goes back does not repeat an id: the generator runs ahead of it.
    pub fn next<K: IdKind>(&self, now: Timestamp) -> Id<K> {
        let floor = (now.as_millis() - EPOCH_MILLIS).max(0) << COUNTER_BITS;
        let mut last = self.last.load(Ordering::Relaxed);
        let ticket = loop {
            let ticket = floor.max(last + 1);
            match self.last.compare_exchange_weak(last, ticket, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => break ticket,
                Err(seen) => last = seen,
            }
        };
        let millis = ticket >> COUNTER_BITS;
        let counter = ticket & ((1 << COUNTER_BITS) - 1);
        Id::from_raw((millis << (NODE_BITS + COUNTER_BITS)) | (self.node << COUNTER_BITS) | counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_what_it_shows() {
        let ids = IdGen::new(7);
        let id: MemberId = ids.next(Timestamp::from_micros(1_780_000_000_000_000));
        assert_eq!(id.to_string().parse::<MemberId>().unwrap(), id);
        assert!(id.to_string().parse::<DepartmentId>().is_err());
        assert!("mbr_zzzzzzzzzzzzz".parse::<MemberId>().is_err());
        assert!("mbr_".parse::<MemberId>().is_err());
    }

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let ids = IdGen::new(0);
        let mut last: MemberId = ids.next(Timestamp::from_micros(1_780_000_000_000_000));
        for step in 0..10_000 {
            let next = ids.next(Timestamp::from_micros(1_780_000_000_000_000 - step * 1000));
            assert!(next > last);
            last = next;
        }
    }

    #[test]
    fn no_two_kinds_share_a_prefix() {
        let distinct: std::collections::HashSet<_> = ID_PREFIXES.iter().collect();
        assert_eq!(distinct.len(), ID_PREFIXES.len());
    }
}
