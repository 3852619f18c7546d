//! What can be wrong with a program, a world or a task.

use std::fmt;

/// Which part of the input is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text that is no program.
    Parse,
    /// A program whose parts do not fit together.
    Type,
    /// A name that the language lacks.
    UnknownPrimitive,
    /// A world or a task that cannot be.
    World,
}

impl Kind {
    pub fn text(self) -> &'static str {
        match self {
            Kind::Parse => "parse",
            Kind::Type => "type",
            Kind::UnknownPrimitive => "unknown_primitive",
            Kind::World => "world",
        }
    }
}

/// An error with a message that is written for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
}

impl Error {
    pub fn parse(message: impl Into<String>) -> Error {
        Error { kind: Kind::Parse, message: message.into() }
    }

    pub fn types(message: impl Into<String>) -> Error {
        Error { kind: Kind::Type, message: message.into() }
    }

    pub fn unknown(name: &str) -> Error {
        Error { kind: Kind::UnknownPrimitive, message: format!("{name} is no word of Karel's language") }
    }

    pub fn world(message: impl Into<String>) -> Error {
        Error { kind: Kind::World, message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
