//! The splitting of a pattern whose last new parameter must stand at the end of its only hole's left spine.
//!
//! Such a hole is filled from the right: at each level it ends there, or it is an application whose argument is a whole
//! term, a parameter, or something that uses a parameter. Level and argument are chosen in one visit.

use crate::binding::Over;
use crate::children::{is_dominated, Builder};
use crate::choices::{Groups, Tally, NO_ROW};
use crate::corpus::{Head, NO_NODE};
use crate::facts::Kind;
use crate::pattern::{opened, Demand, Expansion, Hole, Parameter, Pattern, Plan};
use crate::stage::Stage;

/// The application of a level.
const LEVEL: Expansion = Expansion::Concrete(Head::Apply, [Demand::Parameter, Demand::Any]);

/// What stands as the argument of a level.
#[derive(Clone, Copy)]
enum Argument {
    Whole(u32),
    Reuse(u32),
    /// Something that uses a parameter.
    Inner,
}

/// A way to go on by a level, with a bound on what it can lead to.
pub struct Level {
    argument: Argument,
    pub bound: i64,
    /// The first row that has a whole term; the others follow in the groups' chain.
    first: u32,
}

/// Finds the levels, with scratch space.
#[derive(Default)]
pub struct Spine {
    groups: Groups,
    reuses: Vec<Tally>,
    /// The argument at each row, and its key; none where the hole has no application.
    arguments: Vec<u32>,
    keys: Vec<u32>,
}

impl Spine {
    /// The ways to go on, best first.
    pub fn levels(&mut self, stage: &mut Stage<'_>, pattern: &Pattern, cutoff: i64) -> Vec<Level> {
        let hole = &pattern.holes[0];
        self.read_arguments(stage, hole);
        let Some(first) = self.arguments.iter().copied().find(|&argument| argument != NO_NODE) else {
            return Vec::new();
        };
        let applied = || (0..self.arguments.len()).filter(|&row| self.arguments[row] != NO_NODE);
        let agreed =
            stage.corpus.reach[first as usize] <= hole.depth && applied().all(|row| self.arguments[row] == first);
        let has = |it: &Parameter| applied().all(|row| it.keys[row] == self.keys[row]);
        let everywhere = pattern.parameters.iter().position(has);
        let inner = self.group(stage, pattern, hole);
        let mut found = Vec::new();
        let base = pattern.body_cost + stage.costs.apply;
        let mut add = |argument, first, tally: &Tally, cost: i64| {
            let bound = tally.worth - stage.penalty(base + cost);
            if bound >= cutoff && stage.serves_enough(tally.task) {
                found.push(Level { argument, bound, first });
            }
        };
        for (node, group) in self.groups.drain() {
            if everywhere.is_none() && group.repeats == 0 {
                add(Argument::Whole(node), group.first, &group.tally, stage.fact(node).cost);
            }
        }
        for (number, tally) in self.reuses.iter().enumerate() {
            if everywhere.map_or(!agreed, |it| it == number) {
                add(Argument::Reuse(number as u32), NO_ROW, tally, 0);
            }
        }
        if everywhere.is_none() && !agreed {
            add(Argument::Inner, NO_ROW, &inner, 0);
        }
        found.sort_by_key(|level| std::cmp::Reverse(level.bound));
        found
    }

    fn read_arguments(&mut self, stage: &mut Stage<'_>, hole: &Hole) {
        self.arguments.clear();
        self.keys.clear();
        for &node in hole.nodes.iter() {
            let fact = stage.fact(node);
            let argument = if fact.kind == Kind::Apply { fact.right } else { NO_NODE };
            self.arguments.push(argument);
            let key = if argument == NO_NODE { NO_NODE } else { stage.corpus.key(stage.terms, argument, hole.depth) };
            self.keys.push(key);
        }
    }

    /// Groups the rows by their arguments, and adds up those that use a parameter as it is or inside.
    fn group(&mut self, stage: &Stage<'_>, pattern: &Pattern, hole: &Hole) -> Tally {
        self.groups.start(stage.corpus.len(), pattern.rows.len());
        self.reuses.clear();
        self.reuses.resize(pattern.parameters.len(), Tally::new());
        let mut inner = Tally::new();
        for (index, row) in pattern.rows.iter().enumerate().rev() {
            let (argument, key) = (self.arguments[index], self.keys[index]);
            if argument == NO_NODE {
                continue;
            }
            let fact = stage.fact(argument);
            let (worth, task) = (row.worth(), row.task);
            let mut repeats = 0;
            for (number, parameter) in pattern.parameters.iter().enumerate() {
                if parameter.keys[index] == key {
                    self.reuses[number].add(worth, task);
                    repeats |= 1 << number;
                }
            }
            if uses_inside(stage, &pattern.parameters, index, argument, key) {
                inner.add(worth, task);
            }
            if fact.closed || stage.corpus.reach[argument as usize] <= hole.depth {
                self.groups.add(argument, index, worth, task, repeats);
            }
        }
        inner
    }

    fn select(&self, stage: &Stage<'_>, pattern: &Pattern, level: &Level, selected: &mut Vec<u32>) {
        selected.clear();
        let rows = (0..pattern.rows.len()).filter(|&row| self.arguments[row] != NO_NODE);
        match level.argument {
            Argument::Whole(_) => {
                selected.extend(self.groups.chain(level.first));
            }
            Argument::Reuse(number) => {
                let known = &pattern.parameters[number as usize].keys;
                selected.extend(rows.filter(|&row| known[row] == self.keys[row]).map(|row| row as u32));
            }
            Argument::Inner => {
                let inside =
                    |&row: &usize| uses_inside(stage, &pattern.parameters, row, self.arguments[row], self.keys[row]);
                selected.extend(rows.filter(inside).map(|row| row as u32));
            }
        }
    }

    /// The child of a pattern with one more level; `None` if it is dominated.
    pub fn child(&self, stage: &Stage<'_>, builder: &mut Builder, parent: &Pattern, level: &Level) -> Option<Pattern> {
        self.select(stage, parent, level, &mut builder.selected);
        let hole = &parent.holes[0];
        let picker = builder.picker(stage, parent);
        let rows = picker.rows(&parent.rows);
        let parameters: Vec<Parameter> = parent.parameters.iter().map(|it| picker.parameter(it)).collect();
        if !rows.is(&parent.rows) && is_dominated(stage, &rows, &parameters) {
            return None;
        }
        let (depth, demand) = (hole.depth, Demand::Parameter);
        let nodes = picker.map(&hole.nodes, |node| stage.fact(node).left);
        let mut holes = vec![Hole { slot: parent.slots, depth, applied: true, demand, nodes }];
        let mut steps = vec![(hole.slot, LEVEL)];
        let slot = parent.slots + 1;
        let (mut body_cost, mut plan) = (parent.body_cost + stage.costs.apply, Plan::Spine);
        match level.argument {
            Argument::Whole(node) => {
                body_cost += stage.fact(node).cost;
                steps.push((slot, Expansion::Whole(stage.corpus.term[node as usize])));
            }
            Argument::Reuse(number) => steps.push((slot, Expansion::Reuse(number, Over::default()))),
            Argument::Inner => {
                plan = Plan::Choose;
                let nodes = picker.map(&hole.nodes, |node| stage.fact(node).right);
                holes.push(Hole { slot, depth, applied: false, demand, nodes });
            }
        }
        let slots = parent.slots + opened(LEVEL);
        let bound = level.bound;
        Some(Pattern { rows, holes, parameters, body_cost, slots, bound, plan, steps })
    }
}

/// Whether the term at a row may use a parameter below its root.
fn uses_inside(stage: &Stage<'_>, parameters: &[Parameter], row: usize, argument: u32, key: u32) -> bool {
    let fact = stage.fact(argument);
    fact.kind.has_children()
        && parameters.iter().any(|it| {
            it.keys[row] != key
                && stage.fact(it.nodes[row]).cost < fact.cost
                && stage.may_contain(argument, it.nodes[row])
        })
}
