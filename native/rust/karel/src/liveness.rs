//! Which nodes of a program take part in its episodes: what stands at the others may be changed without any effect.

use crate::mutation::nodes;
use crate::rules::Profile;
use crate::syntax::{Block, Condition, Statement};

/// For each node of the λ-term, in the order of its text, whether it may have run.
#[derive(Clone, Debug, PartialEq)]
pub struct Live(Vec<bool>);

impl Live {
    /// Nothing is known: all may have run.
    pub fn all(program: &Block) -> Live {
        Live(vec![true; nodes(program)])
    }

    /// From the operations of the program's code that were done in any episode.
    ///
    /// Only under the programmatic policies: LEAPS and HPRL charge for a sequence on entering it, so that the length of
    /// what never runs counts too.
    pub fn new(program: &Block, profile: Profile, done: &[bool]) -> Live {
        if profile != Profile::ProgPolicies {
            return Live::all(program);
        }
        let mut reader = Reader { done, place: 0, live: Vec::new() };
        reader.block(program);
        Live(reader.live)
    }

    /// Whether the node with this number may have run.
    pub fn runs(&self, node: usize) -> bool {
        self.0.get(node).copied().unwrap_or(true)
    }
}

/// Walks through a program and its code side by side.
struct Reader<'d> {
    done: &'d [bool],
    place: usize,
    live: Vec<bool>,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block) {
        for (at, statement) in block.iter().enumerate() {
            // A statement that does nothing has no code; what it becomes may have some.
            let nothing = statement.does_nothing();
            let runs = nothing || self.done[self.place];
            if at + 1 < block.len() {
                self.live.push(runs); // The sequence that begins here.
            }
            if nothing {
                self.live.extend(std::iter::repeat_n(true, nodes(std::slice::from_ref(statement))));
            } else {
                self.live.push(runs);
                self.statement(statement, runs);
            }
        }
    }

    fn statement(&mut self, statement: &Statement, runs: bool) {
        match statement {
            Statement::Act(_) => self.place += 1,
            Statement::While(condition, body) => {
                self.place += 2;
                self.asks(condition, runs);
                self.block(body);
                self.place += 1;
            }
            Statement::Repeat(_, body) => {
                self.place += 1;
                self.live.push(runs);
                self.block(body);
                self.place += 1;
            }
            Statement::If(condition, body) => {
                self.place += 1;
                self.asks(condition, runs);
                self.block(body);
            }
            Statement::IfElse(condition, yes, no) => {
                self.place += 1;
                self.asks(condition, runs);
                self.block(yes);
                self.place += 1;
                self.block(no);
            }
        }
    }

    fn asks(&mut self, condition: &Condition, runs: bool) {
        self.live.extend(std::iter::repeat_n(runs, 1 + usize::from(condition.negations)));
    }
}
