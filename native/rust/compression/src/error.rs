//! What can go wrong in compression, as a type that says where.

use std::fmt;

/// The class of an error; its text is part of the interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A program is not a λ-term.
    Parse,
    /// A setting or an argument is out of range.
    Setting,
    /// A callback failed; the caller holds the reason.
    Callback,
    /// A check of this engine failed: a defect, never the user's mistake.
    Internal,
}

impl Kind {
    pub fn text(self) -> &'static str {
        match self {
            Kind::Parse => "parse",
            Kind::Setting => "setting",
            Kind::Callback => "callback",
            Kind::Internal => "internal",
        }
    }
}

/// An error, with the task and the program it is about where there is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    pub task: Option<usize>,
    pub program: Option<usize>,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), task: None, program: None }
    }

    pub fn setting(message: impl Into<String>) -> Self {
        Error::new(Kind::Setting, message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(Kind::Internal, message)
    }

    /// The same error, placed at a program.
    pub fn at(mut self, task: usize, program: usize) -> Self {
        self.task = Some(task);
        self.program = Some(program);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(task), Some(program)) = (self.task, self.program) {
            write!(f, "task {task}, program {program}: ")?;
        }
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Error {}
