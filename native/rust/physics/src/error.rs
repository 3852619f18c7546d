//! Why a walker has no displacement.

use std::fmt;

/// Which part of an evaluation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A walker that breaks a rule, and is not simulated.
    Invalid,
    /// A walker that does not come to rest before it may use its muscles.
    Unsettled,
    /// A walker with a joint faster than the greatest speed.
    Exploded,
}

/// An error with a message that is written for the author of the walker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
}

impl Error {
    pub fn invalid(message: impl Into<String>) -> Error {
        Error { kind: Kind::Invalid, message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
