//! Programs compiled to a flat list of operations with jumps.
//!
//! LEAPS and HPRL count the nodes of their grammar's derivation that an execution visits: 1 for the program, 1 for a
//! statement, 2 for each pair of statements in a row (its node and that of the sequence), 1 more for a control statement,
//! once on entering it. Here that is a charge on the operations; the programmatic policies charge nothing.

use crate::error::Error;
use crate::rules::Profile;
use crate::syntax::{Action, Block, Condition, Perception, Statement};

/// Whether one cell, in front of the agent, beside it or its own, holds something: a perception, possibly negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Test {
    /// Quarters that the cell is to the right of the heading; `HERE` for the agent's own.
    pub side: u8,
    /// Look for a wall, otherwise for no marker.
    pub wall: bool,
    /// Whether the test holds where that is so.
    pub positive: bool,
}

/// The side of the agent's own cell.
pub const HERE: u8 = 4;

impl From<&Condition> for Test {
    fn from(condition: &Condition) -> Test {
        let (side, wall, positive) = match condition.perception {
            Perception::FrontIsClear => (0, true, false),
            Perception::LeftIsClear => (3, true, false),
            Perception::RightIsClear => (1, true, false),
            Perception::MarkersPresent => (HERE, false, false),
            Perception::NoMarkersPresent => (HERE, false, true),
        };
        Test { side, wall, positive: positive != (condition.negations % 2 == 1) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    Move {
        charge: u16,
    },
    Turn {
        quarters_right: u8,
        charge: u16,
    },
    Pick {
        charge: u16,
    },
    Put {
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
    /// The end of a WHILE's body: the same test, and back to `body` or on.
    Next {
        test: Test,
        branch: u16,
        body: u32,
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
        /// Whether there is a WHILE in that body.
        around_while: bool,
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
        let mut assembler = Assembler::new(profile);
        for program in programs {
            assembler.begin_program();
            assembler.tree(program);
            assembler.end_program();
        }
        assembler.finish().ok_or_else(|| Error::types("the program has too many conditions"))
    }
}

/// Takes a program's parts in the order of its text and writes operations.
pub struct Assembler {
    operations: Vec<Operation>,
    starts: Vec<u32>,
    branches: u32,
    slots: u16,
    depth: u16,
    whiles: usize,
    charged: bool,
}

/// A control statement whose body is being written: where it began, and what its first operation is to say.
#[derive(Clone, Copy)]
pub struct Opened {
    head: u32,
    test: Test,
    branch: u32,
    slots: u16,
    whiles: usize,
    times: u8,
    charge: u16,
}

impl Assembler {
    pub fn new(profile: Profile) -> Assembler {
        let charged = profile != Profile::ProgPolicies;
        Assembler {
            operations: Vec::with_capacity(32),
            starts: Vec::with_capacity(1),
            branches: 0,
            slots: 0,
            depth: 0,
            whiles: 0,
            charged,
        }
    }

    pub fn begin_program(&mut self) {
        self.starts.push(self.here());
    }

    pub fn end_program(&mut self) {
        self.operations.push(Operation::Halt);
    }

    /// The code, unless there are too many conditions to number.
    pub fn finish(self) -> Option<Code> {
        let branches = u16::try_from(self.branches).ok()?;
        Some(Code { operations: self.operations, starts: self.starts, branches, slots: self.slots })
    }

    /// The number of the next operation.
    pub fn here(&self) -> u32 {
        self.operations.len() as u32
    }

    /// Charges for a block that began at `first` and has so many statements.
    pub fn end_block(&mut self, first: u32, statements: usize) {
        use Operation::{Enter, If, Move, Pick, Put, Repeat, Turn};
        if !self.charged || statements < 2 {
            return;
        }
        let pairs = u16::try_from(2 * (statements - 1)).unwrap_or(u16::MAX);
        match &mut self.operations[first as usize] {
            Move { charge }
            | Turn { charge, .. }
            | Pick { charge }
            | Put { charge }
            | Enter { charge }
            | If { charge, .. }
            | Repeat { charge, .. } => *charge = charge.saturating_add(pairs),
            _ => unreachable!("a statement begins with an operation that is charged for"),
        }
    }

    pub fn action(&mut self, action: Action) {
        let charge = u16::from(self.charged);
        self.operations.push(match action {
            Action::Move => Operation::Move { charge },
            Action::TurnLeft => Operation::Turn { quarters_right: 3, charge },
            Action::TurnRight => Operation::Turn { quarters_right: 1, charge },
            Action::PickMarker => Operation::Pick { charge },
            Action::PutMarker => Operation::Put { charge },
        });
    }

    fn opened(&self, test: Test, times: u8) -> Opened {
        let charge = if self.charged { 2 } else { 0 };
        let (branch, slots, whiles) = (self.branches, self.slots, self.whiles);
        Opened { head: self.here(), test, branch, slots, whiles, times, charge }
    }

    pub fn begin_while(&mut self, test: Test) -> Opened {
        let opened = self.opened(test, 0);
        self.branches += 1;
        self.whiles += 1;
        self.operations.push(Operation::Enter { charge: opened.charge });
        self.operations.push(Operation::Halt);
        opened
    }

    pub fn end_while(&mut self, opened: Opened) {
        let Opened { head, test, branch, .. } = opened;
        let branch = branch as u16;
        self.operations.push(Operation::Next { test, branch, body: head + 2 });
        self.operations[head as usize + 1] = Operation::Loop { test, branch, exit: self.here() };
    }

    pub fn begin_repeat(&mut self, times: u8) -> Opened {
        let opened = self.opened(Test { side: 0, wall: false, positive: false }, times);
        self.depth += 1;
        self.slots = self.slots.max(self.depth);
        self.operations.push(Operation::Repeat { times, charge: opened.charge, slot: self.depth - 1, exit: 0 });
        opened
    }

    pub fn end_repeat(&mut self, opened: Opened) {
        let head = opened.head as usize;
        self.depth -= 1;
        if !self.charged && (opened.times == 0 || head + 1 == self.operations.len()) {
            // It neither acts nor asks, and without charges a tower of such loops would never end.
            self.operations.truncate(head);
            (self.branches, self.slots) = (opened.branch, opened.slots);
            return;
        }
        let around_while = self.whiles > opened.whiles;
        self.operations.push(Operation::Again { slot: self.depth, around_while, body: opened.head + 1 });
        let end = self.here();
        if let Operation::Repeat { exit, .. } = &mut self.operations[head] {
            *exit = end;
        }
    }

    pub fn begin_if(&mut self, test: Test) -> Opened {
        let opened = self.opened(test, 0);
        self.branches += 1;
        let branch = opened.branch as u16;
        self.operations.push(Operation::If { test, charge: opened.charge, branch, otherwise: 0 });
        opened
    }

    pub fn end_if(&mut self, opened: Opened) {
        let end = self.here();
        if let Operation::If { otherwise, .. } = &mut self.operations[opened.head as usize] {
            *otherwise = end;
        }
    }

    /// Between the two blocks of an IFELSE; `end_else` wants what this returns.
    pub fn begin_else(&mut self, opened: Opened) -> u32 {
        self.operations.push(Operation::Halt);
        self.end_if(opened);
        self.here() - 1
    }

    pub fn end_else(&mut self, jump: u32) {
        self.operations[jump as usize] = Operation::Jump { target: self.here() };
    }

    fn tree(&mut self, block: &Block) {
        let first = self.here();
        for statement in block {
            match statement {
                Statement::Act(action) => self.action(*action),
                Statement::While(condition, body) => {
                    let opened = self.begin_while(condition.into());
                    self.tree(body);
                    self.end_while(opened);
                }
                Statement::Repeat(times, body) => {
                    let opened = self.begin_repeat(*times);
                    self.tree(body);
                    self.end_repeat(opened);
                }
                Statement::If(condition, yes) => {
                    let opened = self.begin_if(condition.into());
                    self.tree(yes);
                    self.end_if(opened);
                }
                Statement::IfElse(condition, yes, no) => {
                    let opened = self.begin_if(condition.into());
                    self.tree(yes);
                    let jump = self.begin_else(opened);
                    self.tree(no);
                    self.end_else(jump);
                }
            }
        }
        self.end_block(first, block.len());
    }
}
