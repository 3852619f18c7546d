//! Programs compiled to a flat list of operations with jumps.
//!
//! LEAPS and HPRL count the nodes of their grammar's derivation that an execution visits: 1 for the program, 1 for a
//! statement, 2 for each pair of statements in a row (its node and that of the sequence), 1 more for a control statement,
//! once on entering it. Here that is a charge on the operations.

use super::error::Error;
use super::rules::Profile;
use super::syntax::{Action, Block, Condition, Perception, Statement};

/// A perception, possibly negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Test {
    pub perception: Perception,
    pub negated: bool,
}

impl From<&Condition> for Test {
    fn from(condition: &Condition) -> Test {
        Test { perception: condition.perception, negated: condition.negations % 2 == 1 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    Act {
        action: Action,
        charge: u16,
    },
    /// What entering a WHILE costs; its loop begins after this.
    Enter {
        charge: u16,
    },
    /// The head of a WHILE: go on or jump to `exit`.
    Loop {
        test: Test,
        branch: u16,
        exit: u32,
    },
    If {
        test: Test,
        charge: u16,
        branch: u16,
        otherwise: u32,
    },
    Repeat {
        times: u8,
        charge: u16,
        slot: u16,
        exit: u32,
    },
    /// The end of a REPEAT's body.
    Again {
        slot: u16,
        body: u32,
    },
    Jump {
        target: u32,
    },
    Halt,
}

/// One program, or several that run one after the other in the same world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    pub operations: Vec<Operation>,
    /// Where each program begins.
    pub starts: Vec<u32>,
    /// How many conditions there are.
    pub branches: u16,
    /// How deep REPEATs are nested.
    pub slots: u16,
}

impl Code {
    pub fn compile(programs: &[Block], profile: Profile) -> Result<Code, Error> {
        let mut compiler = Compiler { operations: Vec::new(), branches: 0, slots: 0, depth: 0, profile };
        let mut starts = Vec::new();
        for program in programs {
            starts.push(compiler.here());
            compiler.block(program, 0)?;
            compiler.operations.push(Operation::Halt);
        }
        let Compiler { operations, branches, slots, .. } = compiler;
        Ok(Code { operations, starts, branches, slots })
    }
}

struct Compiler {
    operations: Vec<Operation>,
    branches: u16,
    slots: u16,
    depth: u16,
    profile: Profile,
}

impl Compiler {
    fn here(&self) -> u32 {
        self.operations.len() as u32
    }

    fn branch(&mut self) -> Result<u16, Error> {
        let branch = self.branches;
        self.branches = branch.checked_add(1).ok_or_else(|| Error::types("the program has too many conditions"))?;
        Ok(branch)
    }

    /// Compiles a block; `entry` is what coming here has cost but nobody has charged yet.
    fn block(&mut self, block: &Block, entry: u16) -> Result<(), Error> {
        let pairs = u16::try_from(2 * (block.len() - 1)).unwrap_or(u16::MAX);
        let mut pending = entry.saturating_add(pairs);
        for statement in block {
            if self.profile == Profile::ProgPolicies && statement.does_nothing() {
                continue; // It neither acts nor asks, and without calls a tower of such loops would never end.
            }
            self.statement(statement, std::mem::take(&mut pending))?;
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement, pending: u16) -> Result<(), Error> {
        let charge = pending.saturating_add(if matches!(statement, Statement::Act(_)) { 1 } else { 2 });
        match statement {
            Statement::Act(action) => self.operations.push(Operation::Act { action: *action, charge }),
            Statement::While(condition, body) => {
                self.operations.push(Operation::Enter { charge });
                let head = self.here();
                let branch = self.branch()?;
                self.operations.push(Operation::Halt);
                self.block(body, 0)?;
                self.operations.push(Operation::Jump { target: head });
                self.operations[head as usize] = Operation::Loop { test: condition.into(), branch, exit: self.here() };
            }
            Statement::Repeat(times, body) => {
                let head = self.here();
                let slot = self.depth;
                self.depth += 1;
                self.slots = self.slots.max(self.depth);
                self.operations.push(Operation::Halt);
                self.block(body, 0)?;
                self.depth -= 1;
                self.operations.push(Operation::Again { slot, body: head + 1 });
                self.operations[head as usize] = Operation::Repeat { times: *times, charge, slot, exit: self.here() };
            }
            Statement::If(condition, yes) => self.choice(condition, yes, None, charge)?,
            Statement::IfElse(condition, yes, no) => self.choice(condition, yes, Some(no), charge)?,
        }
        Ok(())
    }

    fn choice(&mut self, condition: &Condition, yes: &Block, no: Option<&Block>, charge: u16) -> Result<(), Error> {
        let head = self.here();
        let branch = self.branch()?;
        self.operations.push(Operation::Halt);
        self.block(yes, 0)?;
        let mut otherwise = self.here();
        if let Some(no) = no {
            let jump = self.operations.len();
            self.operations.push(Operation::Halt);
            otherwise = self.here();
            self.block(no, 0)?;
            self.operations[jump] = Operation::Jump { target: self.here() };
        }
        self.operations[head as usize] = Operation::If { test: condition.into(), charge, branch, otherwise };
        Ok(())
    }
}
