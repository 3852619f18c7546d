//! Programs changed in one place: a node of the λ-term gives way to a fresh draw of its type, within the same limits.

use crate::grammar::{Grammar, Hole, Room};
use crate::random::Random;
use crate::syntax::{Block, Condition, Statement};

/// How often a draw is repeated that is what stood there before.
const REDRAWS: usize = 64;

/// A program that was changed in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    pub program: Block,
    /// The number of the parent's node that gave way, in the order of the λ-term's text.
    pub node: usize,
}

/// A mutant that differs from its parent, unless the grammar has nothing else.
pub fn mutant(grammar: &Grammar, parent: &Block, random: &mut Random) -> Mutant {
    let spare = grammar.whole().left.saturating_sub(grammar.size(parent));
    let count = nodes(parent);
    let mut program = parent.clone();
    let mut node = 0;
    for _ in 0..REDRAWS {
        node = random.below(count);
        let mut work = Work { grammar, spare, random };
        if work.replace(&mut program, Hole::Start, grammar.whole().depth, &mut { node }) {
            break;
        }
    }
    Mutant { program, node }
}

/// The nodes of the λ-term: each statement, condition, perception, number, and each sequence.
pub fn nodes(block: &[Statement]) -> usize {
    let of = |statement: &Statement| {
        let own = match statement {
            Statement::Act(_) => 1,
            Statement::Repeat(..) => 2,
            Statement::While(condition, _) | Statement::If(condition, _) | Statement::IfElse(condition, ..) => {
                2 + usize::from(condition.negations)
            }
        };
        own + statement.blocks().into_iter().map(|inner| nodes(inner)).sum::<usize>()
    };
    block.iter().map(of).sum::<usize>() + block.len().saturating_sub(1)
}

struct Work<'w> {
    grammar: &'w Grammar,
    /// How much the program may grow.
    spare: usize,
    random: &'w mut Random,
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

    /// Redraws the statements from `from` to `until`.
    fn redraw(&mut self, block: &mut Block, from: usize, until: usize, hole: Hole, depth: usize) -> bool {
        let old = self.grammar.size(&block[from..until]);
        let row = self.grammar.whole().row.saturating_sub(block.len() - (until - from));
        let room = Room { left: self.spare + old, depth, row };
        if self.grammar.least(hole, room) > room.left {
            return false;
        }
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
}

fn nodes_below(statement: &Statement) -> usize {
    let own = match statement {
        Statement::Act(_) => 0,
        Statement::Repeat(..) => 1,
        Statement::While(condition, _) | Statement::If(condition, _) | Statement::IfElse(condition, ..) => {
            1 + usize::from(condition.negations)
        }
    };
    own + statement.blocks().into_iter().map(|inner| nodes(inner)).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::grammar::tests::leaps;
    use crate::notation::read;
    use crate::rules::{Profile, PROFILES};
    use crate::search_space::SearchSpace;
    use crate::terms;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn mutants_differ_from_their_parents_and_keep_the_limits(
            seed: u64, which in 0..3usize, most in prop::option::of(1..50usize), flat: bool
        ) {
            let profile = PROFILES[which];
            let grammar = leaps(profile, most, flat);
            let random = &mut Random::new(seed);
            let mut program = grammar.program(random);
            for _ in 0..30 {
                let child = mutant(&grammar, &program, random).program;
                prop_assert_ne!(&child, &program);
                prop_assert!(grammar.holds(&child), "{}", terms::print(&child));
                prop_assert_eq!(&terms::read(&terms::print(&child)).unwrap(), &child);
                if most.is_none() {
                    prop_assert_eq!(SearchSpace::of(profile).excludes(&child), None);
                }
                program = child;
            }
        }
    }

    #[test]
    fn every_node_is_changed_equally_often() {
        // Nodes: two sequences, three statements, two conditions (one in a not), an inner statement, a number.
        let text =
            "(karel_seq (karel_while (karel_not frontIsClear) move) (karel_seq turnLeft (karel_repeat 3 putMarker)))";
        let parent = read(text).unwrap().remove(0);
        assert_eq!(nodes(&parent), 10);
        let grammar = leaps(Profile::Leaps, None, true);
        let draws = 20_000;
        let mut first_kept = 0;
        for seed in 0..draws {
            let child = mutant(&grammar, &parent, &mut Random::new(seed)).program;
            // Only the whole, the WHILE and the three nodes in it are in front of the second statement.
            first_kept += usize::from(child.first() == parent.first() && child.len() > 1);
        }
        let share = first_kept as f64 / draws as f64;
        assert!((share - 0.5).abs() < 0.03, "{share}");
    }

    #[test]
    fn a_mutant_differs_in_one_place() {
        let parent = read("(karel_repeat 3 (karel_if frontIsClear move))").unwrap().remove(0);
        let grammar = leaps(Profile::Leaps, Some(5), true);
        let children: HashSet<String> =
            (0..20_000).map(|seed| terms::print(&mutant(&grammar, &parent, &mut Random::new(seed)).program)).collect();
        for wanted in [
            "(karel_repeat 7 (karel_if frontIsClear move))",
            "(karel_repeat 3 (karel_if frontIsClear turnLeft))",
            "(karel_repeat 3 (karel_if markersPresent move))",
            "(karel_repeat 3 putMarker)",
            "pickMarker",
        ] {
            assert!(children.contains(wanted), "{wanted}");
        }
        assert!(!children.contains("(karel_repeat 7 (karel_if markersPresent move))"));
    }
}
