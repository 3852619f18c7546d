//! Which programs the published search of each profile may write.

use std::ops::RangeInclusive;

use crate::rules::Profile;
use crate::syntax::{nesting, Block, Statement, DEEPEST, MOST_REPEATS};
use crate::tokens;

/// The programs of a profile's own search. No search nests `not`.
#[derive(Clone, Debug)]
pub struct SearchSpace {
    pub most_tokens: usize,
    /// The most levels of control statements.
    pub most_levels: usize,
    /// The most statements in a row, if they are limited.
    pub most_in_row: Option<usize>,
    /// The numbers of a REPEAT.
    pub repeats: RangeInclusive<u8>,
    /// Whether the condition of an IFELSE may be negated.
    pub negated_if_else: bool,
}

impl SearchSpace {
    pub fn of(profile: Profile) -> SearchSpace {
        let leaps = SearchSpace {
            most_tokens: 45,
            most_levels: DEEPEST,
            most_in_row: None,
            repeats: 0..=MOST_REPEATS,
            negated_if_else: true,
        };
        match profile {
            Profile::Leaps => leaps,
            Profile::Hprl => SearchSpace { most_tokens: 40, repeats: 2..=5, ..leaps },
            Profile::ProgPolicies => {
                SearchSpace { most_levels: 4, most_in_row: Some(6), negated_if_else: false, ..leaps }
            }
        }
    }

    /// Why a program is outside of the space, None if it is inside.
    pub fn excludes(&self, program: &Block) -> Option<String> {
        let length = tokens::length(program);
        if length > self.most_tokens {
            return Some(format!("{length} tokens, at most {} are allowed", self.most_tokens));
        }
        let levels = nesting(program);
        if levels > self.most_levels {
            return Some(format!("{levels} levels of statements, at most {} are allowed", self.most_levels));
        }
        self.excludes_block(program)
    }

    fn excludes_block(&self, block: &Block) -> Option<String> {
        if let Some(most) = self.most_in_row.filter(|&most| block.len() > most) {
            return Some(format!("{} statements in a row, at most {most} are allowed", block.len()));
        }
        let inner = |inner: &Block| self.excludes_block(inner);
        block.iter().find_map(|statement| {
            self.excludes_head(statement).or_else(|| statement.blocks().into_iter().find_map(inner))
        })
    }

    /// Why the number or the condition of a statement is outside of the space.
    fn excludes_head(&self, statement: &Statement) -> Option<String> {
        match statement {
            Statement::Repeat(times, _) if !self.repeats.contains(times) => {
                let (least, most) = (self.repeats.start(), self.repeats.end());
                Some(format!("R={times}, only R={least} to R={most} are allowed"))
            }
            Statement::IfElse(condition, ..) if !self.negated_if_else && condition.negations > 0 => {
                Some("not in the condition of an IFELSE".to_owned())
            }
            Statement::While(condition, _) | Statement::If(condition, _) | Statement::IfElse(condition, ..)
                if condition.negations > 1 =>
            {
                Some("a not within a not".to_owned())
            }
            _ => None,
        }
    }
}
