//! A member with everything that belongs to it: identity, addresses, mail account. And what has to end when a member may no longer sign in.

mod batch;
mod bulk;
mod create;
mod end_sign_in;
mod purge;
mod reset_password;

pub use batch::{BatchAction, BatchError, CHANGE_JOB, MAX_NAMED, Selection, count_selected, run_change, start_batch};
pub use bulk::Bulk;
pub use create::{CreateMember, CreateMemberError, Created, create_member};
pub use end_sign_in::{lock, recycle, suspend};
pub use purge::{purge, purge_due};
pub use reset_password::{Reset, ResetPasswordError, reset_password};
