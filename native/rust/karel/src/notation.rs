//! Programs from text in either notation: λ-terms (`terms`) or Karel's tokens (`tokens`).

use crate::error::Error;
use crate::syntax::Block;
use crate::{terms, tokens};

/// Reads a program in either notation; programs that follow each other in token notation run one after the other.
pub fn read(text: &str) -> Result<Vec<Block>, Error> {
    if text.trim_start().starts_with("DEF") {
        tokens::read(text)
    } else {
        Ok(vec![terms::read(text)?])
    }
}

/// Reads a text that is to be one program.
pub fn read_one(text: &str) -> Result<Block, Error> {
    let mut programs = read(text)?;
    match (programs.pop(), programs.is_empty()) {
        (Some(program), true) => Ok(program),
        _ => Err(Error::parse("several programs where one is asked for")),
    }
}
