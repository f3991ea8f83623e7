//! Enums that are one word each, the same in SQL, JSON and query strings.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)* _ => Err($crate::words::UnknownWord) }
            }
        }

        impl store::ToParam for $name {
            fn to_param(&self) -> store::Value {
                store::ToParam::to_param(&self.as_str())
            }

            fn null() -> store::Value {
                <&str as store::ToParam>::null()
            }
        }

        impl store::FromColumn for $name {
            const NAME: &'static str = stringify!($name);

            fn from_column(column: store::Column<'_>) -> Option<Self> {
                match column {
                    store::Column::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use words;

/// The text is none of the words that stand for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known words")]
pub struct UnknownWord;
