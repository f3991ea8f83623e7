//! What tests share: a clock that stands until it is set, chance that repeats itself, a context to act in, and a store on each engine.
//!
//! Begin with [`test_each_engine`]: it gives a test a store of its own, once on SQLite and once on PostgreSQL. PostgreSQL takes part when
//! `YANSHU_TEST_POSTGRES` names a server whose role may create databases; `tests/with-postgres.sh` starts one and sets it. Without it the
//! PostgreSQL twin says that it was skipped. One more engine for every test is one more arm in [`stores`].

mod chance;
mod context;
mod parallel;
pub mod power_cut;
pub mod stores;

#[doc(hidden)]
pub use inventory;

/// Stands once among the tests of a crate that keeps mail: after each of them that had a store, `mail::verify` finds nothing to complain about.
#[macro_export]
macro_rules! mail_is_sound_after_each_test {
    () => {
        $crate::inventory::submit! {
            $crate::stores::EndCheck {
                of_what: "mail",
                find_problems: |tx| Ok(::mail::verify::verify_in(tx)?.iter().map(|problem| format!("{problem:?}")).collect()),
            }
        }
    };
}

pub use chance::SeededRng;
pub use context::{TEST_MEMBER, TEST_NOW, TEST_ORG, TestClock, ctx, ctx_as, ids, source};
pub use parallel::in_parallel;
pub use stores::{Database, TestStore, store};
pub use testkit_macros::test_each_engine;
