//! 发信: a message that a member hands in to be sent, by SMTP, JMAP or otherwise.
//!
//! The callers' steps: [`check_sender`] (is the sender who it says), [`prepare`] (what a message must have and must not tell), [`submit`]. What
//! [`submit`] answers is durable: recipients of this installation have the message in their ingress, the others in the [queue](crate::outbound). What is to
//! leave later is [`held`].

mod check_sender;
mod envelope;
pub mod held;
mod prepare;
mod submit;

pub use check_sender::{SenderHeaders, SenderRefused, check_envelope_sender, check_sender};
pub use envelope::{EnvelopeAddress, EnvelopeAddressError, ReversePath};
pub use kernel::SubmissionId;
pub use prepare::{Missing, prepare};
pub(crate) use prepare::{header_fields, rfc_5322_date};
pub use submit::{
    Destination, MAX_RECIPIENTS, NewRecipient, NewSubmission, Notify, Outcome, Return, SubmitError, Submitted, Trace, find_destination,
    submit, submit_with,
};
