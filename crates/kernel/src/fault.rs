//! How an error is told: a kind that each protocol translates once, a stable code the user's language has a text for, and parameters.

use std::collections::BTreeMap;

use serde::Serialize;

/// What sort of failure it is. Each protocol has one table from kind to its own answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// What was sent cannot be accepted as it is; nothing stored stands in its way.
    Invalid,
    /// Nobody is signed in, or the proof offered was wrong.
    Unauthenticated,
    /// Signed in, but may not do this.
    Forbidden,
    /// It does not exist, or the caller may not know that it does.
    NotFound,
    /// It clashes with what is stored.
    Conflict,
    /// A limit or quota is used up.
    LimitReached,
    /// Too many tries; later ones may succeed.
    Throttled,
    /// The service cannot do it now; the same request may succeed later.
    Unavailable,
    /// A defect of ours.
    Internal,
}

/// Named values that a code's text speaks of.
pub type Params = BTreeMap<&'static str, String>;

/// One wrong field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// The field's name in the API, with `.` and indexes for nested ones.
    pub field: String,
    pub code: &'static str,
    pub params: Params,
}

/// An error that can be told to a person in any protocol and language.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    fn kind(&self) -> FaultKind;

    /// Stable, `snake_case`; both languages have a text for it.
    fn code(&self) -> &'static str;

    /// What the code's text speaks of. Nothing the caller may not know.
    fn params(&self) -> Params {
        Params::new()
    }

    /// For forms: which fields are wrong, and how.
    fn fields(&self) -> Vec<FieldFault> {
        Vec::new()
    }
}

/// A code that [`faults!`](crate::faults) or [`codes!`](crate::codes) made known.
pub struct CodeEntry {
    pub code: &'static str,
    pub kind: FaultKind,
}

inventory::collect!(CodeEntry);

/// Every code linked into the program, sorted, once each. The table of codes and the test of their texts are made from it.
pub fn all_codes() -> Vec<&'static CodeEntry> {
    let mut codes: Vec<_> = inventory::iter::<CodeEntry>.into_iter().collect();
    codes.sort_by_key(|entry| entry.code);
    codes.dedup_by_key(|entry| entry.code);
    codes
}

/// Collects parameters; used by [`faults!`](crate::faults).
#[derive(Default)]
pub struct ParamsBuilder(Params);

impl ParamsBuilder {
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.insert(name, value.to_string());
        self
    }

    pub fn build(self) -> Params {
        self.0
    }
}

/// Implements [`Fault`](crate::Fault) for an operation's error enum and makes its codes known.
///
/// A variant either states kind and code, or hands on to the fault it wraps:
///
/// ```
/// # use kernel::{Fault, FaultKind};
/// # #[derive(Debug, thiserror::Error)]
/// # #[error("inner")]
/// # pub struct Inner;
/// # kernel::faults! { Inner: Inner {} => Unavailable "inner_down" }
/// #[derive(Debug, thiserror::Error)]
/// pub enum ApproveError {
///     #[error("the request was decided before")]
///     AlreadyDecided,
///     #[error("department {name} has reached its limit of {limit}")]
///     DepartmentFull { name: String, limit: u32 },
///     #[error(transparent)]
///     Inner(#[from] Inner),
/// }
/// kernel::faults! { ApproveError:
///     ApproveError::AlreadyDecided => Conflict "join_request_already_decided",
///     ApproveError::DepartmentFull { name, limit } => LimitReached "department_full" { name, limit },
///     ApproveError::Inner(inner) => inner,
/// }
/// let fault = ApproveError::DepartmentFull { name: "ICU".into(), limit: 3 };
/// assert_eq!((fault.kind(), fault.code(), fault.params()["limit"].as_str()), (FaultKind::LimitReached, "department_full", "3"));
/// ```
#[macro_export]
macro_rules! faults {
    ($error:ty : $($rest:tt)*) => {
        $crate::faults!(@split $error ; [] [] ; $($rest)*);
    };
    (@split $error:ty ; [$($own:tt)*] [$($wrap:tt)*] ; $pattern:pat => $kind:ident $code:literal $({ $($param:ident),* $(,)? })? $(, $($rest:tt)*)?) => {
        $crate::faults!(@split $error ; [$($own)* { $pattern => $kind $code ( $($($param)*)? ) }] [$($wrap)*] ; $($($rest)*)?);
    };
    (@split $error:ty ; [$($own:tt)*] [$($wrap:tt)*] ; $pattern:pat => $inner:ident $(, $($rest:tt)*)?) => {
        $crate::faults!(@split $error ; [$($own)*] [$($wrap)* { $pattern => $inner }] ; $($($rest)*)?);
    };
    (@split $error:ty ; [$({ $pattern:pat => $kind:ident $code:literal ( $($param:ident)* ) })*] [$({ $wrapped:pat => $inner:ident })*] ; ) => {
        impl $crate::Fault for $error {
            fn kind(&self) -> $crate::FaultKind {
                #[allow(unused_variables)]
                match self {
                    $($pattern => $crate::FaultKind::$kind,)*
                    $($wrapped => $crate::Fault::kind($inner),)*
                }
            }
            fn code(&self) -> &'static str {
                #[allow(unused_variables)]
                match self {
                    $($pattern => $code,)*
                    $($wrapped => $crate::Fault::code($inner),)*
                }
            }
            fn params(&self) -> $crate::Params {
                #[allow(unused_variables)]
                match self {
                    $($pattern => $crate::ParamsBuilder::default()$(.with(stringify!($param), $param))*.build(),)*
                    $($wrapped => $crate::Fault::params($inner),)*
                }
            }
            fn fields(&self) -> Vec<$crate::FieldFault> {
                #[allow(unused_variables)]
                match self {
                    $($pattern => Vec::new(),)*
                    $($wrapped => $crate::Fault::fields($inner),)*
                }
            }
        }
        $($crate::inventory::submit! { $crate::CodeEntry { code: $code, kind: $crate::FaultKind::$kind } })*
    };
}

/// Makes codes known that do not come from an error enum, such as those of single fields or cells.
#[macro_export]
macro_rules! codes {
    ($($kind:ident $code:literal),* $(,)?) => {
        $($crate::inventory::submit! { $crate::CodeEntry { code: $code, kind: $crate::FaultKind::$kind } })*
    };
}
