//! The three 32-byte values of the log, each a type of its own so that none is taken for another.

use std::fmt;

macro_rules! bytes32 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Takes the 32 bytes as they are.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

bytes32! {
    /// Which command caused a record: a hash of the principal and the principal's own key, shown as hex. All records
    /// of one command carry the same key, and no two commands of one marketplace share one.
    CommandKey
}

bytes32! {
    /// A keyed hash of the request behind a command, shown as hex, by which a repeat is told from another request
    /// under the same key.
    RequestMac
}

bytes32! {
    /// The leaf hash of a record: SHA-256 of a zero byte and the record's canonical bytes, shown as hex.
    ///
    /// Source: RFC 6962, section 2.1.
    LeafHash
}
