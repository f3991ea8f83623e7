//! Who acts in a test, where and when.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use kernel::{Actor, Clock, Ctx, IdGen, MemberId, OrgId, Rng, Source, Timestamp};

use crate::SeededRng;

/// When a test begins: 2026-03-02T01:00:00Z, a Monday morning in Shanghai.
pub const TEST_NOW: Timestamp = Timestamp::from_micros(1_772_413_200_000_000);
/// An organisation to act in; nothing in the database knows it until a test puts it there.
pub const TEST_ORG: OrgId = OrgId::from_raw(1);
/// A member to act as; nothing in the database knows it until a test puts it there.
pub const TEST_MEMBER: MemberId = MemberId::from_raw(2);

/// A clock that stands until it is set.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_micros()))
    }

    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_micros(), Ordering::SeqCst);
    }

    pub fn advance_secs(&self, secs: i64) {
        self.0.fetch_add(secs * 1_000_000, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new(TEST_NOW)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// One generator for all of a test, so that ids never repeat in it.
pub fn ids() -> Arc<IdGen> {
    static IDS: OnceLock<Arc<IdGen>> = OnceLock::new();
    Arc::clone(IDS.get_or_init(|| Arc::new(IdGen::new(1))))
}

/// What contexts come from, by a test's own clock and chance.
pub fn source(clock: &Arc<TestClock>, rng: Arc<dyn Rng>) -> Source {
    Source { clock: Arc::clone(clock) as Arc<dyn Clock>, rng, ids: ids() }
}

/// The operator, who may do everything in `org`, at [`TEST_NOW`].
pub fn ctx(org: OrgId) -> Ctx {
    ctx_as(org, Actor::Operator { name: "tester".to_owned() })
}

/// Somebody in `org` at [`TEST_NOW`].
pub fn ctx_as(org: OrgId, actor: Actor) -> Ctx {
    Ctx { actor, org, now: TEST_NOW, request_id: Arc::from("test-request"), ip: None, ids: ids(), rng: Arc::new(SeededRng::default()) }
}
