//! Parameters that stand for functions of variables which the body binds: `(#0 $0)` under a lambda of the body.
//!
//! The argument is then the term there under as many lambdas as the parameter has variables (a pattern in the sense of
//! Miller, 1991), so a call expands up to β. It costs its lambdas besides the term, and the body the variables. Which
//! variables a new parameter takes is a union of what the terms at some rows use: more would cost and gain nothing. An
//! old one may take any, in any order, but as many at every use.

use crate::choices::Tally;
use crate::corpus::CAPTURED;
use crate::pattern::{Demand, Expansion, Hole, Pattern};
use crate::stage::Stage;

/// Variables that a parameter takes at most.
pub const MOST_BOUND: usize = 4;
/// Sets of variables that are tried for a new parameter at one hole.
const MOST_SETS: usize = 64;

/// The variables that a parameter is applied to in the body, that of the first argument first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Over {
    count: u8,
    indices: [u8; MOST_BOUND],
}

impl Over {
    pub fn len(&self) -> usize {
        usize::from(self.count)
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn indices(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.indices[..self.len()].iter().map(|&index| u32::from(index))
    }

    /// With one more argument.
    fn and(mut self, index: u8) -> Self {
        self.indices[self.len()] = index;
        self.count += 1;
        self
    }

    /// The variables of a set, the outermost first.
    fn of_set(set: u64) -> Self {
        (0..64).rev().filter(|index| set >> index & 1 == 1).fold(Over::default(), Over::and)
    }
}

/// A way to use a parameter at a hole, with the key of its argument at each row; `CAPTURED` where it cannot be.
pub struct Binding {
    pub expansion: Expansion,
    pub keys: Vec<u32>,
    pub tally: Tally,
}

/// What a use of a parameter with these variables adds to the body.
pub fn cost_of_variables(stage: &Stage<'_>, over: Over) -> i64 {
    over.len() as i64 * (stage.costs.apply + stage.costs.variable)
}

/// Every way to put a parameter that takes variables at a hole, where it saves something.
pub fn bindings(stage: &mut Stage<'_>, pattern: &Pattern, hole: &Hole, exhausted: bool) -> Vec<Binding> {
    let mut found = Vec::new();
    let allowed = hole.demand != Demand::NoParameter && stage.may_be_parameter(hole);
    if !stage.settings.binding || hole.depth == 0 || !allowed {
        return found;
    }
    for (number, parameter) in pattern.parameters.iter().enumerate() {
        if parameter.over.is_empty() {
            continue;
        }
        for over in sequences(hole.depth.min(64) as u8, parameter.over.len()) {
            let expansion = Expansion::Reuse(number as u32, over);
            found.extend(binding(stage, pattern, hole, expansion, over, |row, key| {
                (key == parameter.keys[row]).then_some(pattern.rows[row].value)
            }));
        }
    }
    if !exhausted {
        for set in sets(stage, hole) {
            let over = Over::of_set(set);
            let lambdas = over.len() as i64 * stage.costs.lambda;
            let costs: Vec<i64> = hole.nodes.iter().map(|&node| stage.fact(node).cost).collect();
            let apply = stage.costs.apply;
            found.extend(binding(stage, pattern, hole, Expansion::Fresh(over), over, |row, _| {
                let value = pattern.rows[row].value - apply - costs[row] - lambdas;
                (value > 0).then_some(value)
            }));
        }
    }
    found
}

/// A use of a parameter at the rows where `value` gives what a row is worth then.
fn binding(
    stage: &mut Stage<'_>,
    pattern: &Pattern,
    hole: &Hole,
    expansion: Expansion,
    over: Over,
    value: impl Fn(usize, u32) -> Option<i64>,
) -> Option<Binding> {
    let mut tally = Tally::new();
    let mut keys = Vec::with_capacity(pattern.rows.len());
    for (index, row) in pattern.rows.iter().enumerate() {
        let key = stage.corpus.key_over(stage.terms, hole.nodes[index], hole.depth, over);
        match value(index, key).filter(|_| key != CAPTURED) {
            Some(value) => {
                tally.add(value * i64::from(row.weight), row.task);
                keys.push(key);
            }
            None => keys.push(CAPTURED),
        }
    }
    stage.serves_enough(tally.task).then_some(Binding { expansion, keys, tally })
}

/// Unions of the sets of bound variables that the terms at a hole use.
fn sets(stage: &Stage<'_>, hole: &Hole) -> Vec<u64> {
    let bound = if hole.depth >= 64 { u64::MAX } else { (1 << hole.depth) - 1 };
    let mut used: Vec<u64> =
        hole.nodes.iter().map(|&node| stage.terms.variables(stage.corpus.term[node as usize]) & bound).collect();
    used.sort_unstable();
    used.dedup();
    let mut all: Vec<u64> = Vec::new();
    for set in used.into_iter().filter(|&set| set != 0) {
        for known in 0..=all.len() {
            let union = all.get(known).copied().unwrap_or(0) | set;
            if union.count_ones() as usize <= MOST_BOUND && !all.contains(&union) && all.len() < MOST_SETS {
                all.push(union);
            }
        }
    }
    all
}

/// Every sequence of so many distinct variables of those below `depth`.
fn sequences(depth: u8, count: usize) -> Vec<Over> {
    let mut all = vec![Over::default()];
    for _ in 0..count {
        let longer = |over: &Over| {
            let over = *over;
            let free = move |index: &u8| !over.indices().any(|used| used == u32::from(*index));
            (0..depth).filter(free).map(move |index| over.and(index))
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}
