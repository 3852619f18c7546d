//! The patterns that a pattern is split into: the rows that a choice keeps, and columns gathered for them.

use crate::binding::{cost_of_variables, Over};
use crate::choices::{Choice, Chooser};
use crate::columns::{Column, Row, Rows};
use crate::corpus::Head;
use crate::pattern::{opened, Demand, Expansion, Hole, Parameter, Pattern, Plan};
use crate::stage::Stage;

/// Makes children, with scratch space.
#[derive(Default)]
pub struct Builder {
    pub selected: Vec<u32>,
    keys: Vec<u32>,
}

/// Takes the rows that a child keeps from its parent's columns.
pub struct Picker<'p> {
    selected: &'p [u32],
    all: bool,
    stage: &'p Stage<'p>,
}

impl Picker<'_> {
    /// A column's own items.
    pub fn pick(&self, column: &Column) -> Column {
        if self.all {
            return column.clone();
        }
        self.map(column, |node| node)
    }

    /// Something made of each node.
    pub fn map(&self, column: &[u32], make: impl Fn(u32) -> u32) -> Column {
        self.stage.columns.make(self.selected.iter().map(|&row| make(column[row as usize])))
    }

    pub fn rows(&self, rows: &Rows) -> Rows {
        if self.all {
            return rows.clone();
        }
        self.stage.rows.make(self.selected.iter().map(|&row| rows[row as usize]))
    }

    /// The rows less an argument's cost.
    fn rows_less(&self, rows: &Rows, arguments: &[u32], over: Over) -> Rows {
        let more = self.stage.costs.apply + over.len() as i64 * self.stage.costs.lambda;
        let value = |&row: &u32| {
            let argument = more + self.stage.fact(arguments[row as usize]).cost;
            let old = rows[row as usize];
            Row { value: old.value - argument, ..old }
        };
        self.stage.rows.make(self.selected.iter().map(value))
    }

    pub fn parameter(&self, it: &Parameter) -> Parameter {
        let nodes = self.pick(&it.nodes);
        let keys = if it.keys.is(&it.nodes) { nodes.clone() } else { self.pick(&it.keys) };
        Parameter { nodes, keys, ..*it }
    }

    fn hole(&self, it: &Hole) -> Hole {
        Hole { nodes: self.pick(&it.nodes), ..*it }
    }
}

impl Builder {
    /// The child of a pattern by one of the choices found last; `None` if it is dominated or its bound is below `cutoff`.
    pub fn child(
        &mut self,
        stage: &mut Stage<'_>,
        chooser: &Chooser,
        parent: &Pattern,
        hole: usize,
        choice: &Choice,
    ) -> Option<Pattern> {
        let filled = &parent.holes[hole];
        chooser.select(parent, filled, choice, &mut self.selected);
        let mut deep = std::mem::take(&mut self.keys);
        let mut keys = stage.keys_of(filled, &mut deep);
        let functions: Vec<u32>;
        if let Expansion::Fresh(over) = choice.expansion {
            if !over.is_empty() {
                let nodes = filled.nodes.iter();
                let corpus = &mut stage.corpus;
                functions = nodes.map(|&node| corpus.key_over(stage.terms, node, filled.depth, over)).collect();
                keys = &functions;
            }
        }
        let child = self.gather(stage, parent, hole, choice.expansion, keys);
        self.keys = deep;
        child.map(|child| Pattern { bound: choice.bound, ..child })
    }

    /// A child with the selected rows and the parent's holes but `hole`; `None` if it is dominated.
    fn gather(
        &self,
        stage: &Stage<'_>,
        parent: &Pattern,
        hole: usize,
        expansion: Expansion,
        keys: &[u32],
    ) -> Option<Pattern> {
        let filled = &parent.holes[hole];
        let picker = self.picker(stage, parent);
        let mut parameters: Vec<Parameter> = parent.parameters.iter().map(|it| picker.parameter(it)).collect();
        let mut rows = None;
        if let Expansion::Fresh(over) = expansion {
            rows = Some(picker.rows_less(&parent.rows, &filled.nodes, over));
            let nodes = picker.pick(&filled.nodes);
            let keys = if filled.depth == 0 { nodes.clone() } else { picker.map(keys, |key| key) };
            parameters.push(Parameter { depth: filled.depth, over, nodes, keys });
        }
        let fresh = rows.is_some();
        let rows = rows.unwrap_or_else(|| picker.rows(&parent.rows));
        if (fresh || !picker.all) && is_dominated(stage, &rows, &parameters) {
            return None;
        }
        let mut holes: Vec<Hole> = Vec::with_capacity(parent.holes.len() + 1);
        let others = parent.holes.iter().enumerate().filter(|&(index, _)| index != hole);
        holes.extend(others.map(|(_, it)| picker.hole(it)));
        let mut body_cost = parent.body_cost;
        match expansion {
            Expansion::Concrete(head, demands) => {
                body_cost += stage.token_cost(head);
                holes.extend(below(stage, &picker, filled, head, demands, parent.slots));
            }
            Expansion::Whole(_) => body_cost += stage.fact(filled.nodes[self.selected[0] as usize]).cost,
            Expansion::Reuse(_, over) | Expansion::Fresh(over) => body_cost += cost_of_variables(stage, over),
        }
        let slots = parent.slots + opened(expansion);
        let steps = vec![(filled.slot, expansion)];
        let (bound, plan) = (i64::MAX, Plan::Choose);
        Some(Pattern { rows, holes, parameters, body_cost, slots, bound, plan, steps })
    }

    pub fn picker<'p>(&'p self, stage: &'p Stage<'p>, parent: &Pattern) -> Picker<'p> {
        Picker { selected: &self.selected, all: self.selected.len() == parent.rows.len(), stage }
    }
}

/// The holes below a new node.
fn below(
    stage: &Stage<'_>,
    picker: &Picker<'_>,
    filled: &Hole,
    head: Head,
    [left, right]: [Demand; 2],
    slot: u32,
) -> Vec<Hole> {
    let (applied, depth) = (head == Head::Apply, filled.depth + u32::from(head == Head::Lambda));
    let nodes = picker.map(&filled.nodes, |node| stage.fact(node).left);
    let mut holes = vec![Hole { slot, depth, applied, demand: left, nodes }];
    if applied {
        let nodes = picker.map(&filled.nodes, |node| stage.fact(node).right);
        holes.push(Hole { slot: slot + 1, depth, applied: false, demand: right, nodes });
    }
    holes
}

/// Whether another pattern is at least as good as every completion. Of two parameters with equal arguments everywhere
/// one used twice is better. A parameter with the same closed argument everywhere belongs into the body: it is no
/// parameter, and where it would pay, because the body repeats it more often than it is called, the programs
/// get dearer. One closed place is an abstraction without parameters.
pub fn is_dominated(stage: &Stage<'_>, rows: &[Row], parameters: &[Parameter]) -> bool {
    if rows.len() == 1 && stage.fact(rows[0].location).closed {
        return true;
    }
    parameters.iter().enumerate().any(|(number, it)| {
        let first = it.keys[0];
        let constant = stage.is_closed_key(first) && it.keys.iter().all(|&key| key == first);
        constant || parameters[..number].iter().any(|other| other.keys[..] == it.keys[..])
    })
}
