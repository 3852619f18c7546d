//! Elites, and which of two is the better one: an order in which no two different ones are equal.

use std::cmp::Ordering;

/// A program kept in an archive, with the line of its record.
#[derive(Clone, PartialEq, Debug)]
pub struct Elite {
    pub gain: f64,
    pub language: Box<str>,
    pub program: Box<str>,
    pub descriptor: Box<[f64]>,
    pub line: Box<[u8]>,
}

impl Elite {
    /// Less is better: the greater gain, then the shorter program, then the program and its record in the order of bytes.
    ///
    /// As every tie is decided by what is in the records, the order of the records in a stream does not matter.
    pub fn order(&self, other: &Self) -> Ordering {
        rank(&self.key(), &other.key())
    }

    pub fn key(&self) -> Key<'_> {
        Key { gain: self.gain, language: &self.language, program: &self.program, line: &self.line }
    }

    pub fn is_program(&self, language: &str, program: &str) -> bool {
        *self.program == *program && *self.language == *language
    }
}

/// What the order of elites depends on.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub gain: f64,
    pub language: &'a str,
    pub program: &'a str,
    pub line: &'a [u8],
}

/// Less is better, as in `Elite::order`.
pub fn rank(left: &Key<'_>, right: &Key<'_>) -> Ordering {
    right
        .gain
        .total_cmp(&left.gain)
        .then_with(|| left.program.len().cmp(&right.program.len()))
        .then_with(|| left.program.cmp(right.program))
        .then_with(|| left.language.cmp(right.language))
        .then_with(|| left.line.len().cmp(&right.line.len()))
        .then_with(|| left.line.cmp(right.line))
}
