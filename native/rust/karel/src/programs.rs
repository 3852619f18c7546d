//! Random programs for the tests of the other modules.

use proptest::prelude::*;

use crate::syntax::{Block, Condition, Statement, ACTIONS, MOST_REPEATS, PERCEPTIONS};

fn condition() -> impl Strategy<Value = Condition> {
    (0..5usize, 0..3u16).prop_map(|(which, negations)| Condition { perception: PERCEPTIONS[which], negations })
}

/// Programs of every kind of statement, control statements nested up to four deep.
pub fn program() -> impl Strategy<Value = Block> {
    let leaf = (0..5usize).prop_map(|which| Statement::Act(ACTIONS[which]));
    let statement = leaf.prop_recursive(4, 32, 3, |inner| {
        let body = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (condition(), body()).prop_map(|(c, b)| Statement::While(c, b)),
            (condition(), body()).prop_map(|(c, b)| Statement::If(c, b)),
            (0..=MOST_REPEATS, body()).prop_map(|(n, b)| Statement::Repeat(n, b)),
            (condition(), body(), body()).prop_map(|(c, y, n)| Statement::IfElse(c, y, n)),
        ]
    });
    prop::collection::vec(statement, 1..5)
}
