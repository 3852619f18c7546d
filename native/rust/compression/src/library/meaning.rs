//! What abstractions mean without the library that they are written in: two with one meaning are never learned.

use crate::error::Error;
use crate::limits::Limits;
use crate::rewrite::Macro;
use crate::term::{Id, Terms};

use super::expansion::expand_fully;
pub use crate::limits::Meaning;

/// What a search may build on, and must not find again.
#[derive(Clone, Copy)]
pub struct Known<'l> {
    /// The abstractions that the programs call.
    pub macros: &'l [Macro],
    /// What they mean.
    pub meanings: &'l [Meaning],
}

impl Known<'_> {
    /// What a body in which the library may be called means; `None` if the caller refuses it or the library has it.
    pub fn new_meaning(
        &self,
        terms: &mut Terms,
        limits: &mut Limits<'_>,
        body: Id,
        arity: usize,
    ) -> Result<Option<Meaning>, Error> {
        let expanded = expand_fully(terms, &[body], self.macros)?[0];
        let definition = terms.definition(expanded, arity as u32);
        let definition = definition.ok_or_else(|| Error::internal("a body without a definition"))?;
        let meaning = limits.meaning(&terms.text(definition))?;
        Ok(meaning.filter(|meaning| !self.meanings.contains(meaning)))
    }
}
