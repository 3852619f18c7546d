//! Programs as trees. Nesting is limited (`DEEPEST`), so that a tree can be walked recursively.

/// What the agent does in one step; the numbers are LEAPS' order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Action {
    Move,
    TurnLeft,
    TurnRight,
    PickMarker,
    PutMarker,
}

pub const ACTIONS: [Action; 5] =
    [Action::Move, Action::TurnLeft, Action::TurnRight, Action::PickMarker, Action::PutMarker];

impl Action {
    pub fn name(self) -> &'static str {
        ["move", "turnLeft", "turnRight", "pickMarker", "putMarker"][self as usize]
    }
}

/// What the agent can ask about the cell it stands on and those next to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Perception {
    FrontIsClear,
    LeftIsClear,
    RightIsClear,
    MarkersPresent,
    NoMarkersPresent,
}

pub const PERCEPTIONS: [Perception; 5] = [
    Perception::FrontIsClear,
    Perception::LeftIsClear,
    Perception::RightIsClear,
    Perception::MarkersPresent,
    Perception::NoMarkersPresent,
];

impl Perception {
    pub fn name(self) -> &'static str {
        ["frontIsClear", "leftIsClear", "rightIsClear", "markersPresent", "noMarkersPresent"][self as usize]
    }
}

/// A perception under any number of `not`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    pub perception: Perception,
    pub negations: u16,
}

/// A sequence of statements; in a program none is empty.
pub type Block = Vec<Statement>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    Act(Action),
    While(Condition, Block),
    Repeat(u8, Block),
    If(Condition, Block),
    IfElse(Condition, Block, Block),
}

/// The largest number of a REPEAT.
pub const MOST_REPEATS: u8 = 19;
/// How deep statements may be nested; far deeper than any budget lets a program go.
pub const DEEPEST: usize = 200;

impl Statement {
    /// The blocks within, in order.
    pub fn blocks(&self) -> Vec<&Block> {
        match self {
            Statement::Act(_) => vec![],
            Statement::While(_, body) | Statement::Repeat(_, body) | Statement::If(_, body) => vec![body],
            Statement::IfElse(_, yes, no) => vec![yes, no],
        }
    }

    /// Whether this is a REPEAT that never does or asks anything.
    pub fn does_nothing(&self) -> bool {
        match self {
            Statement::Repeat(times, body) => *times == 0 || body.iter().all(Statement::does_nothing),
            _ => false,
        }
    }
}

/// The nesting depth of control statements: 0 for actions only.
pub fn nesting(block: &Block) -> usize {
    let of = |statement: &Statement| statement.blocks().into_iter().map(|inner| 1 + nesting(inner)).max().unwrap_or(0);
    block.iter().map(of).max().unwrap_or(0)
}
