//! Programs changed in one place: a node of the λ-term gives way to a fresh draw of its type, within the same limits.

use super::grammar::{Grammar, Hole, Room};
use super::random::Random;
use super::syntax::{Block, Condition, Statement};

/// How often a draw is repeated that is what stood there before.
const REDRAWS: usize = 64;

/// How likely each kind of change is, up to a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moves {
    /// A node gives way to a fresh draw of its type.
    pub replace: f64,
    /// A fresh statement goes in before or after one.
    pub insert: f64,
    /// A statement goes out of a row.
    pub delete: f64,
    /// A control statement gives way to its body.
    pub unwrap: f64,
    /// Statements in a row become the body of a fresh control statement.
    pub wrap: f64,
    /// A statement gives way to a copy of another one.
    pub copy: f64,
    /// Two neighbouring statements change places.
    pub swap: f64,
    /// Chance that one more mutation follows.
    pub again: f64,
    /// The largest fresh part.
    pub fresh: usize,
}

impl Default for Moves {
    fn default() -> Moves {
        Moves {
            replace: 1.0,
            insert: 0.0,
            delete: 0.0,
            unwrap: 0.0,
            wrap: 0.0,
            copy: 0.0,
            swap: 0.0,
            again: 0.0,
            fresh: usize::MAX,
        }
    }
}

/// A mutant that differs from its parent, unless the grammar has nothing else.
pub fn mutant(grammar: &Grammar, parent: &Block, moves: &Moves, random: &mut Random) -> Block {
    let spare = grammar.whole().left.saturating_sub(grammar.size(parent));
    for _ in 0..REDRAWS {
        let mut child = parent.clone();
        if change(grammar, &mut child, spare, moves, random) {
            while moves.again > 0.0 && random.chance(moves.again) {
                let spare = grammar.whole().left.saturating_sub(grammar.size(&child));
                change(grammar, &mut child, spare, moves, random);
            }
            if child != *parent {
                return child;
            }
        }
    }
    parent.clone()
}

fn change(grammar: &Grammar, child: &mut Block, spare: usize, moves: &Moves, random: &mut Random) -> bool {
    let shares = [moves.replace, moves.insert, moves.delete, moves.unwrap, moves.wrap, moves.copy, moves.swap];
    let kind = super::grammar::pick(&shares, random);
    let mut work = Work { grammar, spare, fresh: moves.fresh, random, kind, donor: None };
    let whole = grammar.whole();
    if kind == 0 {
        let mut place = work.random.below(nodes(child));
        return work.replace(child, Hole::Start, whole.depth, &mut place);
    }
    let count = statements(child);
    if kind == 5 {
        let mut place = work.random.below(count);
        work.donor = nth(child, &mut place).cloned();
    }
    let mut place = work.random.below(count);
    work.reshape(child, Hole::Start, whole.depth, &mut place)
}

/// The nodes of the λ-term: each statement, condition, perception, number, and each sequence.
pub fn nodes(block: &Block) -> usize {
    let of = |statement: &Statement| {
        let own = match statement {
            Statement::Act(_) => 1,
            Statement::Repeat(..) => 2,
            Statement::While(condition, _) | Statement::If(condition, _) | Statement::IfElse(condition, ..) => {
                2 + usize::from(condition.negations)
            }
        };
        own + statement.blocks().into_iter().map(nodes).sum::<usize>()
    };
    block.iter().map(of).sum::<usize>() + block.len().saturating_sub(1)
}

fn statements(block: &Block) -> usize {
    block.iter().map(|statement| 1 + statement.blocks().into_iter().map(statements).sum::<usize>()).sum()
}

fn nth<'b>(block: &'b Block, place: &mut usize) -> Option<&'b Statement> {
    for statement in block {
        if *place == 0 {
            return Some(statement);
        }
        *place -= 1;
        for inner in statement.blocks() {
            if let Some(found) = nth(inner, place) {
                return Some(found);
            }
        }
    }
    None
}

struct Work<'w> {
    grammar: &'w Grammar,
    /// How much the program may grow.
    spare: usize,
    fresh: usize,
    random: &'w mut Random,
    kind: usize,
    donor: Option<Statement>,
}

/// The hole in which statements from `place` on stand.
fn hole_from(hole: Hole, place: usize) -> Hole {
    if place == 0 {
        hole
    } else {
        Hole::Rest
    }
}

impl Work<'_> {
    /// Replaces the node that has this number in the block; false if it is not in it or nothing else fits.
    fn replace(&mut self, block: &mut Block, hole: Hole, depth: usize, place: &mut usize) -> bool {
        let count = block.len();
        for at in 0..count {
            if at + 1 < count {
                // The sequence that begins here.
                if *place == 0 {
                    return self.redraw(block, at, count, hole_from(hole, at), depth);
                }
                *place -= 1;
            }
            if *place == 0 {
                let own = if at + 1 < count { Hole::First } else { hole_from(hole, at) };
                return self.redraw(block, at, at + 1, own, depth);
            }
            *place -= 1;
            let below = nodes_below(&block[at]);
            if *place < below {
                return self.replace_below(&mut block[at], depth, place);
            }
            *place -= below;
        }
        false
    }

    /// Draws the statements from `from` to `until` anew.
    fn redraw(&mut self, block: &mut Block, from: usize, until: usize, hole: Hole, depth: usize) -> bool {
        let old = self.grammar.size(&block[from..until]);
        let row = self.grammar.whole().row.saturating_sub(block.len() - (until - from));
        let mut room = Room { left: self.spare + old, depth, row };
        let least = self.grammar.least(hole, room);
        if least > room.left {
            return false;
        }
        room.left = room.left.min(self.fresh.max(least));
        let mut fresh = Block::new();
        for _ in 0..REDRAWS {
            fresh.clear();
            self.grammar.statements(hole, room, self.random, &mut fresh);
            if fresh[..] != block[from..until] {
                block.splice(from..until, fresh);
                return true;
            }
        }
        false
    }

    fn replace_below(&mut self, statement: &mut Statement, depth: usize, place: &mut usize) -> bool {
        let inner = depth.saturating_sub(1);
        match statement {
            Statement::Act(_) => false,
            Statement::Repeat(times, body) => {
                if *place == 0 {
                    return self.renumber(times);
                }
                *place -= 1;
                self.replace(body, Hole::RepeatBody, inner, place)
            }
            Statement::While(condition, body) => self
                .ask_anew(condition, Hole::WhileTest, place)
                .unwrap_or_else(|place| self.replace(body, Hole::WhileBody, inner, &mut { place })),
            Statement::If(condition, body) => self
                .ask_anew(condition, Hole::IfTest, place)
                .unwrap_or_else(|place| self.replace(body, Hole::IfBody, inner, &mut { place })),
            Statement::IfElse(condition, yes, no) => {
                self.ask_anew(condition, Hole::IfElseTest, place).unwrap_or_else(|place| {
                    let first = nodes(yes);
                    if place < first {
                        self.replace(yes, Hole::Then, inner, &mut { place })
                    } else {
                        self.replace(no, Hole::Else, inner, &mut { place - first })
                    }
                })
            }
        }
    }

    fn renumber(&mut self, times: &mut u8) -> bool {
        let old = *times;
        (0..REDRAWS).any(|_| {
            *times = self.grammar.times(self.random);
            *times != old
        })
    }

    /// Replaces the condition from its `place`-th node on; what is left of the number if it has not so many.
    fn ask_anew(&mut self, condition: &mut Condition, hole: Hole, place: &mut usize) -> Result<bool, usize> {
        let outer = *place;
        let depth = usize::from(condition.negations);
        if outer > depth {
            return Err(outer - depth - 1);
        }
        let hole = if outer == 0 { hole } else { Hole::NotTest };
        let kept = outer * self.grammar.not_size();
        let left = self.spare + self.grammar.condition_size(condition) - kept;
        for _ in 0..REDRAWS {
            let (mut fresh, _) = self.grammar.condition(hole, left, self.random);
            fresh.negations += outer as u16;
            if fresh != *condition {
                *condition = fresh;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn reshape(&mut self, block: &mut Block, hole: Hole, depth: usize, place: &mut usize) -> bool {
        for at in 0..block.len() {
            if *place == 0 {
                return self.reshape_at(block, at, hole, depth);
            }
            *place -= 1;
            let inner = depth.saturating_sub(1);
            let holes: &[Hole] = match &block[at] {
                Statement::Act(_) => &[],
                Statement::While(..) => &[Hole::WhileBody],
                Statement::Repeat(..) => &[Hole::RepeatBody],
                Statement::If(..) => &[Hole::IfBody],
                Statement::IfElse(..) => &[Hole::Then, Hole::Else],
            };
            for (number, &hole) in holes.iter().enumerate() {
                let inside = match (&mut block[at], number) {
                    (Statement::While(_, b) | Statement::Repeat(_, b) | Statement::If(_, b), _) => b,
                    (Statement::IfElse(_, b, _), 0) | (Statement::IfElse(_, _, b), _) => b,
                    _ => continue,
                };
                let count = statements(inside);
                if *place < count {
                    return self.reshape(inside, hole, inner, place);
                }
                *place -= count;
            }
        }
        false
    }

    fn reshape_at(&mut self, block: &mut Block, at: usize, _hole: Hole, depth: usize) -> bool {
        let rows = self.grammar.whole().row;
        let joint = self.grammar.joint_size();
        match self.kind {
            1 => {
                let row = rows.saturating_sub(block.len());
                let mut room = Room { left: self.spare.saturating_sub(joint), depth, row };
                let least = self.grammar.least(Hole::First, room);
                if self.spare < joint || least > room.left {
                    return false;
                }
                room.left = room.left.min(self.fresh.max(least));
                let mut fresh = Block::new();
                self.grammar.statements(Hole::First, room, self.random, &mut fresh);
                let at = at + self.random.below(2);
                block.splice(at..at, fresh);
                true
            }
            2 => {
                if block.len() < 2 {
                    return false;
                }
                block.remove(at);
                true
            }
            3 => {
                let body = match &mut block[at] {
                    Statement::Act(_) => return false,
                    Statement::While(_, b) | Statement::Repeat(_, b) | Statement::If(_, b) => std::mem::take(b),
                    Statement::IfElse(_, b, c) => std::mem::take(if self.random.chance(0.5) { b } else { c }),
                };
                if block.len() - 1 + body.len() > rows {
                    return false;
                }
                block.splice(at..at + 1, body);
                true
            }
            4 => {
                if depth == 0 {
                    return false;
                }
                let until = at + 1 + self.random.below(block.len() - at);
                // Draws a control statement of small size and puts the statements in as its body.
                let room = Room { left: self.spare + 1, depth: 1, row: 1 };
                if self.grammar.least(Hole::First, room) > room.left {
                    return false;
                }
                for _ in 0..REDRAWS {
                    let mut fresh = Block::new();
                    self.grammar.statements(Hole::First, room, self.random, &mut fresh);
                    let Some(Statement::While(_, body) | Statement::Repeat(_, body) | Statement::If(_, body)) =
                        fresh.first_mut()
                    else {
                        continue;
                    };
                    *body = block[at..until].to_vec();
                    if self.grammar.size(&fresh) > self.grammar.size(&block[at..until]) + self.spare {
                        continue;
                    }
                    if super::syntax::nesting(&fresh) > depth {
                        return false;
                    }
                    block.splice(at..until, fresh);
                    return true;
                }
                false
            }
            5 => {
                let Some(donor) = self.donor.take() else { return false };
                let new = self.grammar.statement_size(&donor);
                let donated = vec![donor];
                if super::syntax::nesting(&donated) > depth {
                    return false;
                }
                if self.random.chance(0.5) {
                    if new > self.spare + self.grammar.statement_size(&block[at]) {
                        return false;
                    }
                    block.splice(at..at + 1, donated);
                } else {
                    if new + joint > self.spare || block.len() + 1 > rows {
                        return false;
                    }
                    block.splice(at..at, donated);
                }
                true
            }
            _ => {
                if at + 1 >= block.len() {
                    return false;
                }
                block.swap(at, at + 1);
                true
            }
        }
    }
}

fn nodes_below(statement: &Statement) -> usize {
    let own = match statement {
        Statement::Act(_) => 0,
        Statement::Repeat(..) => 1,
        Statement::While(condition, _) | Statement::If(condition, _) | Statement::IfElse(condition, ..) => {
            1 + usize::from(condition.negations)
        }
    };
    own + statement.blocks().into_iter().map(nodes).sum::<usize>()
}
