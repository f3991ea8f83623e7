//! Who belongs to an organisation, where, under which addresses, and who may change it.
//!
//! Every operation takes a [`kernel::Ctx`] and a [`store::Tx`], asks [`access::authorize`], keeps its invariants for concurrent writers, and
//! records an audit event in the same transaction. Functions that take an organisation id in place of a context are for the other subjects
//! of this program: they authorise nothing. Nothing here signs anybody in, holds a secret or delivers mail.
//!
//! An operation that fails has written nothing, so that a batch may go on with its next row.
//!
//! Start with [`members`]; `docs/designs/directory.md` says how each invariant is kept.

pub mod access;
pub mod addresses;
pub mod administrators;
pub mod audit;
mod changes;
pub mod clashes;
pub mod colleagues;
pub mod departments;
pub mod domains;
pub mod fields;
pub mod members;
pub mod names;
pub mod organisations;
pub mod service_classes;
mod words;

pub use words::UnknownWord;

/// The topics of [`store::Notice::Changed`] that this crate publishes.
pub mod topics {
    pub const ORGANISATION: &str = "organisation";
    pub const DOMAINS: &str = "domains";
    pub const DEPARTMENTS: &str = "departments";
    pub const MEMBERS: &str = "members";
    pub const SERVICE_CLASSES: &str = "service_classes";
    pub const ADMINISTRATORS: &str = "administrators";
}

fn changed(ctx: &kernel::Ctx, tx: &mut store::Tx, topic: &'static str) {
    tx.publish(store::Notice::Changed { org: ctx.org, topic });
}
