//! The small words of the grammar: atoms, tags, object ids, and secrets that do not show themselves.

use std::fmt;

use crate::chars;

macro_rules! word {
    ($(#[$meta:meta])* $name:ident, $max:expr, $allowed:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// `None` when the grammar does not allow it.
            pub fn new(text: &str) -> Option<Self> {
                let allowed: fn(u8) -> bool = $allowed;
                let fits = !text.is_empty() && text.len() <= $max && text.bytes().all(allowed);
                fits.then(|| Self(text.into()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

word! {
    /// `atom = 1*ATOM-CHAR`  (RFC 9051 §9). Compared as it is spelled; use [`Atom::is`] where case does not matter.
    Atom, usize::MAX, chars::is_atom_char
}

word! {
    /// `tag = 1*<any ASTRING-CHAR except "+">`  (RFC 9051 §9)
    Tag, usize::MAX, chars::is_tag_char
}

word! {
    /// `objectid = 1*255(ALPHA / DIGIT / "_" / "-")`  (RFC 8474 §7)
    ObjectId, 255, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

impl Atom {
    /// Equal without regard to case.
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

/// A password or SASL message. `Debug` tells nothing of it, not even its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret as text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
