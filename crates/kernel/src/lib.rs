//! The words every subject shares: typed ids, addresses, phone numbers, time, chance, who is asking, and how errors are told.
//!
//! No I/O happens here, and nothing here knows a rule of the product. Time and chance come in through [`Clock`] and [`Rng`].
//! Start with [`Ctx`], which every operation takes, and [`Fault`], which every error implements.

mod address;
mod clock;
mod ctx;
mod fault;
mod id;
mod network;
mod page;
mod phone;
mod time;

pub use address::{AddressError, DomainName, EmailAddress, LocalPart};
pub use clock::{Clock, Rng};
pub use ctx::{Actor, Ctx, NO_ORG, Realm, Source};
pub use fault::{CodeEntry, Fault, FaultKind, FieldFault, Params, ParamsBuilder, all_codes};
pub use id::*;
pub use network::{Network, NetworkError};
pub use page::{Cursor, Page, PageRequest};
pub use phone::{CountryCode, PhoneError, PhoneNumber};
pub use time::{Date, DateError, TimeZone, Timestamp};

#[doc(hidden)]
pub use inventory;

/// Text as people typed it, made comparable: NFKC, then trimmed of white space on both ends.
pub fn normalise(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let folded: String = text.nfkc().collect();
    folded.trim().to_owned()
}

/// The form under which names are compared and searched: [`normalise`]d and lower-cased.
pub fn fold(text: &str) -> String {
    normalise(text).to_lowercase()
}
