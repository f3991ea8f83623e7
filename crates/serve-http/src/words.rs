//! Words of the API that are those of a subject too. The API has its own, so that a subject can rename without breaking clients.

/// `From` in both directions between enums with the same variants.
macro_rules! same_words {
    ($wire:ty, $subject:ty { $($variant:ident),* $(,)? }) => {
        impl From<$subject> for $wire {
            fn from(word: $subject) -> Self {
                match word { $(<$subject>::$variant => Self::$variant),* }
            }
        }
        impl From<$wire> for $subject {
            fn from(word: $wire) -> Self {
                match word { $(<$wire>::$variant => Self::$variant),* }
            }
        }
    };
}
pub(crate) use same_words;
