//! Enums that are a short word in the database and addresses, and a Chinese word on screens.

/// Declares an enum stored as a short word and shown as a Chinese one.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal $chinese:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every value, in declared order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the database and in addresses.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The word on screens.
            pub fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::word::UnknownWord(text.to_owned(), stringify!($name))),
                }
            }
        }
    };
}
pub(crate) use words;

/// A word that is not one of the known values.
#[derive(Debug, thiserror::Error)]
#[error("“{0}”不是有效的取值({1})")]
pub struct UnknownWord(pub String, pub &'static str);
