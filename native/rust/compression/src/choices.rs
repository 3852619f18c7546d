//! How a partial pattern is split: the choices at a hole, with a bound on what each can lead to.
//!
//! A hole is filled node by node while parameters can be made. Once none is left, or where all rows agree, it is
//! filled either by a whole term without parameters, or by something that uses a parameter: the parameter itself, or
//! a node below which one is used. So the end is a grouping of rows and no search, and a pattern is
//! reached in one way only.

use crate::binding::{bindings, cost_of_variables, Binding, Over};
use crate::columns::Row;
use crate::corpus::{merge_task, no_task, Head, CAPTURED, NO_NODE};
use crate::facts::Kind;
use crate::pattern::{Demand, Expansion, Hole, Parameter, Pattern};
use crate::stage::Stage;

/// No row: the end of a chain.
pub const NO_ROW: u32 = u32::MAX;

/// One way to fill a hole, with a bound on what it can lead to.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub expansion: Expansion,
    pub bound: i64,
    /// For a whole term the first row that has it; the others are chained to it.
    pub first: u32,
}

/// Sums over some rows.
#[derive(Clone, Copy)]
pub struct Tally {
    pub worth: i64,
    pub task: u32,
}

impl Tally {
    pub fn new() -> Self {
        Tally { worth: 0, task: no_task() }
    }

    pub fn add(&mut self, worth: i64, task: u32) {
        self.worth += worth;
        merge_task(&mut self.task, task);
    }
}

impl Default for Tally {
    fn default() -> Self {
        Tally::new()
    }
}

/// The rows that have the same term at a hole.
#[derive(Clone, Copy)]
pub struct Group {
    pub tally: Tally,
    /// Bit i: every row of the group has the term as the argument of parameter i.
    pub repeats: u64,
    pub first: u32,
}

/// Rows grouped by a node, those of a group chained in ascending order.
#[derive(Default)]
pub struct Groups {
    of: Vec<Group>,
    touched: Vec<u32>,
    next: Vec<u32>,
}

impl Groups {
    /// Prepares for `rows` rows of a corpus of `nodes` nodes.
    pub fn start(&mut self, nodes: usize, rows: usize) {
        self.of.resize(nodes, Group { tally: Tally::new(), repeats: 0, first: NO_ROW });
        self.next.clear();
        self.next.resize(rows, NO_ROW);
    }

    /// Adds a row; rows come in descending order.
    pub fn add(&mut self, node: u32, row: usize, worth: i64, task: u32, repeats: u64) {
        let group = &mut self.of[node as usize];
        if group.first == NO_ROW {
            self.touched.push(node);
            *group = Group { tally: Tally::new(), repeats, first: NO_ROW };
        }
        group.tally.add(worth, task);
        group.repeats &= repeats;
        self.next[row] = std::mem::replace(&mut group.first, row as u32);
    }

    /// The rows of a group, from its first.
    pub fn chain(&self, first: u32) -> impl Iterator<Item = u32> + '_ {
        let some = |row: u32| (row != NO_ROW).then_some(row);
        std::iter::successors(some(first), move |&row| some(self.next[row as usize]))
    }

    /// Hands out every group with its node, and forgets it.
    pub fn drain(&mut self) -> impl Iterator<Item = (u32, Group)> + '_ {
        let of = &mut self.of;
        self.touched.drain(..).map(move |node| {
            let group = of[node as usize];
            of[node as usize].first = NO_ROW;
            (node, group)
        })
    }
}

/// A node with a parameter below it: below the left child, or only below the right one. A lambda's body is its left.
const INNER_WAYS: [(Head, [Demand; 2]); 3] = [
    (Head::Apply, [Demand::Parameter, Demand::Any]),
    (Head::Apply, [Demand::NoParameter, Demand::Parameter]),
    (Head::Lambda, [Demand::Parameter, Demand::Any]),
];

/// A node with anything below it.
const OPEN_WAYS: [(Head, [Demand; 2]); 2] = [(Head::Apply, [Demand::Any; 2]), (Head::Lambda, [Demand::Any; 2])];

/// The bit of a new parameter in [`Chooser::marks`]; those below are the ways.
const FRESH: u8 = 1 << 3;

/// Finds the choices at a hole, with scratch space.
#[derive(Default)]
pub struct Chooser {
    groups: Groups,
    keys: Vec<u32>,
    reuses: Vec<Tally>,
    /// For each row the parameters that the term there repeats, by bits.
    repeats: Vec<u64>,
    /// For each row what can stand there, by bits: the node of each way, a new parameter.
    marks: Vec<u8>,
    ways: &'static [(Head, [Demand; 2])],
    /// The uses of parameters as functions of bound variables.
    bindings: Vec<Binding>,
}

/// A hole to be filled, and what that depends on besides its rows.
struct Situation<'p> {
    pattern: &'p Pattern,
    hole: &'p Hole,
    keys: &'p [u32],
    /// Whether no new parameter can be made.
    exhausted: bool,
    /// Whether all rows agree on a term that can stand in the body.
    agreed: bool,
    /// Whether a parameter may stand here.
    parameter: bool,
}

impl Chooser {
    /// The ways to fill a hole; `closed` says that it gets no new parameter. Where all rows have a parameter's argument,
    /// nothing beats using the parameter again. Where all agree on a term that can stand in the body, it is
    /// taken: any parameter in it would be constant.
    pub fn choices(
        &mut self,
        stage: &mut Stage<'_>,
        pattern: &Pattern,
        hole: usize,
        closed: bool,
        cutoff: i64,
    ) -> Vec<Choice> {
        let hole = &pattern.holes[hole];
        let mut deep = std::mem::take(&mut self.keys);
        let keys = stage.keys_of(hole, &mut deep);
        let first = hole.nodes[0];
        let can_stand = stage.corpus.reach[first as usize] <= hole.depth;
        let situation = Situation {
            pattern,
            hole,
            keys,
            exhausted: closed || stage.parameters_left(pattern) == 0,
            agreed: can_stand && hole.nodes.iter().all(|&node| node == first),
            parameter: stage.may_be_parameter(hole),
        };
        let mut found = self.all(stage, &situation);
        let forced = situation.parameter && everywhere(pattern, keys).is_some();
        let exhausted = situation.exhausted;
        self.keys = deep;
        self.bindings = if forced { Vec::new() } else { bindings(stage, pattern, hole, exhausted) };
        self.add_bindings(stage, pattern, &mut found);
        found.retain(|choice| choice.bound >= cutoff);
        found
    }

    /// Uses of parameters as functions of variables that the pattern binds.
    fn add_bindings(&self, stage: &Stage<'_>, pattern: &Pattern, found: &mut Vec<Choice>) {
        for it in &self.bindings {
            if let Expansion::Fresh(over) | Expansion::Reuse(_, over) = it.expansion {
                let bound = it.tally.worth - stage.penalty(pattern.body_cost + cost_of_variables(stage, over));
                found.push(Choice { expansion: it.expansion, bound, first: NO_ROW });
            }
        }
    }

    /// A new parameter at a hole and nothing else, if that is worth `cutoff`.
    pub fn new_parameter(
        &mut self,
        stage: &mut Stage<'_>,
        pattern: &Pattern,
        hole: usize,
        cutoff: i64,
    ) -> Option<Choice> {
        let hole = &pattern.holes[hole];
        let mut deep = std::mem::take(&mut self.keys);
        let keys = stage.keys_of(hole, &mut deep);
        let situation = Situation { pattern, hole, keys, exhausted: false, agreed: false, parameter: true };
        let mut found = Vec::new();
        self.reuses.clear();
        self.marks.clear();
        self.marks.resize(pattern.rows.len(), 0);
        self.add_parameters(stage, &situation, &mut found);
        self.keys = deep;
        found.pop().filter(|choice| choice.bound >= cutoff)
    }

    fn all(&mut self, stage: &Stage<'_>, at: &Situation<'_>) -> Vec<Choice> {
        let mut found = Vec::new();
        let demand = at.hole.demand;
        if let Some(reuse) = everywhere(at.pattern, at.keys).filter(|_| at.parameter) {
            if demand != Demand::NoParameter {
                let worth: i64 = at.pattern.rows.iter().map(Row::worth).sum();
                let bound = worth - stage.penalty(at.pattern.body_cost);
                found.push(Choice { expansion: Expansion::Reuse(reuse, Over::default()), bound, first: NO_ROW });
            }
            return found;
        }
        self.compare_with_parameters(at);
        let anything = demand == Demand::Any && !at.exhausted;
        if demand != Demand::Parameter {
            self.add_whole_terms(stage, at, anything && !at.agreed, &mut found);
        }
        if demand != Demand::NoParameter && !at.agreed {
            self.marks.clear();
            self.marks.resize(at.pattern.rows.len(), 0);
            self.ways = if anything { &OPEN_WAYS } else { &INNER_WAYS };
            self.add_nodes(stage, at, anything, &mut found);
            if at.parameter {
                self.add_parameters(stage, at, &mut found);
            }
        }
        found
    }

    /// Adds up the rows where each parameter's argument stands at the hole.
    fn compare_with_parameters(&mut self, at: &Situation<'_>) {
        self.repeats.clear();
        self.repeats.resize(at.keys.len(), 0);
        self.reuses.clear();
        for (number, parameter) in at.pattern.parameters.iter().enumerate() {
            let mut tally = Tally::new();
            let rows = at.keys.iter().zip(parameter.keys.iter()).enumerate();
            // One that takes variables takes as many at every use.
            for (index, _) in rows.filter(|_| parameter.over.is_empty()).filter(|(_, (key, known))| key == known) {
                let row = &at.pattern.rows[index];
                tally.add(row.worth(), row.task);
                self.repeats[index] |= 1 << number;
            }
            self.reuses.push(tally);
        }
    }

    fn add_whole_terms(&mut self, stage: &Stage<'_>, at: &Situation<'_>, leaves_only: bool, found: &mut Vec<Choice>) {
        self.groups.start(stage.corpus.len(), at.keys.len());
        let rows = at.pattern.rows.iter().zip(at.hole.nodes.iter()).zip(&self.repeats).enumerate().rev();
        for (index, ((row, &node), &repeats)) in rows {
            let fact = stage.fact(node);
            if leaves_only && fact.kind.has_children() {
                continue;
            }
            if fact.closed || stage.corpus.reach[node as usize] <= at.hole.depth {
                self.groups.add(node, index, row.worth(), row.task, repeats);
            }
        }
        for (node, group) in self.groups.drain() {
            if stage.serves_enough(group.tally.task) && (group.repeats == 0 || !at.parameter) {
                let bound = group.tally.worth - stage.penalty(at.pattern.body_cost + stage.fact(node).cost);
                let expansion = Expansion::Whole(stage.corpus.term[node as usize]);
                found.push(Choice { expansion, bound, first: group.first });
            }
        }
    }

    /// Concrete nodes with holes below.
    fn add_nodes(&mut self, stage: &Stage<'_>, at: &Situation<'_>, anything: bool, found: &mut Vec<Choice>) {
        let mut tallies = [Tally::new(); INNER_WAYS.len()];
        let rows = at.pattern.rows.iter().zip(at.hole.nodes.iter()).zip(&mut self.marks).enumerate();
        for (index, ((row, &node), mark)) in rows {
            let fact = stage.fact(node);
            let below = match fact.kind {
                Kind::Apply => [(0, fact.left), (1, fact.right)],
                Kind::Lambda => [(self.ways.len() - 1, fact.left), (NO_WAY, NO_NODE)],
                Kind::Name | Kind::Variable => continue,
            };
            if anything {
                *mark |= 1 << below[0].0;
                tallies[below[0].0].add(row.worth(), row.task);
                continue;
            }
            for (way, child) in below.into_iter().filter(|&(way, _)| way != NO_WAY) {
                if let Some(loss) = loss_below(stage, at, row, index, child) {
                    *mark |= 1 << way;
                    tallies[way].add(row.worth() - i64::from(row.weight) * loss, row.task);
                }
            }
        }
        for (&(head, demands), tally) in self.ways.iter().zip(&tallies) {
            let cost = stage.token_cost(head);
            add(stage, at, tally, Expansion::Concrete(head, demands), cost, found);
        }
    }

    /// Uses of parameters, old and new.
    fn add_parameters(&mut self, stage: &Stage<'_>, at: &Situation<'_>, found: &mut Vec<Choice>) {
        for (number, tally) in self.reuses.iter().enumerate() {
            add(stage, at, tally, Expansion::Reuse(number as u32, Over::default()), 0, found);
        }
        if at.exhausted {
            return;
        }
        let mut tally = Tally::new();
        let rows = at.pattern.rows.iter().zip(at.hole.nodes.iter()).zip(at.keys).zip(&mut self.marks);
        for (((row, &node), &key), mark) in rows {
            let value = row.value - stage.costs.apply - stage.fact(node).cost;
            if value > 0 && key != CAPTURED {
                *mark |= FRESH;
                tally.add(value * i64::from(row.weight), row.task);
            }
        }
        add(stage, at, &tally, Expansion::Fresh(Over::default()), 0, found);
    }

    /// The rows that a choice, one of those found last, keeps.
    pub fn select(&self, pattern: &Pattern, hole: &Hole, choice: &Choice, selected: &mut Vec<u32>) {
        selected.clear();
        let marked = |bit: u8| {
            let rows = self.marks.iter().enumerate().filter(move |(_, &mark)| mark & bit != 0);
            rows.map(|(row, _)| row as u32)
        };
        match choice.expansion {
            Expansion::Whole(_) => selected.extend(self.groups.chain(choice.first)),
            Expansion::Reuse(_, over) | Expansion::Fresh(over) if !over.is_empty() => {
                let known = self.bindings.iter().find(|it| it.expansion == choice.expansion);
                let keys = known.map_or(&[][..], |it| &it.keys);
                let rows = keys.iter().enumerate().filter(|(_, &key)| key != CAPTURED);
                selected.extend(rows.map(|(row, _)| row as u32));
            }
            Expansion::Reuse(number, _) => {
                let keys: &[u32] = if hole.depth == 0 { &hole.nodes } else { &self.keys };
                let known = &pattern.parameters[number as usize].keys;
                let rows = keys.iter().zip(known.iter()).enumerate().filter(|(_, (key, known))| key == known);
                selected.extend(rows.map(|(row, _)| row as u32));
            }
            Expansion::Fresh(_) => selected.extend(marked(FRESH)),
            Expansion::Concrete(head, demands) => {
                let way = self.ways.iter().position(|&way| way == (head, demands));
                selected.extend(way.into_iter().flat_map(|way| marked(1 << way)));
            }
        }
    }
}

/// Stands for the way to a child that a lambda lacks.
const NO_WAY: usize = usize::MAX;

fn add(stage: &Stage<'_>, at: &Situation<'_>, tally: &Tally, expansion: Expansion, cost: i64, found: &mut Vec<Choice>) {
    if stage.serves_enough(tally.task) {
        let bound = tally.worth - stage.penalty(at.pattern.body_cost + cost);
        found.push(Choice { expansion, bound, first: NO_ROW });
    }
}

/// A parameter whose argument stands at a hole at every row.
fn everywhere(pattern: &Pattern, keys: &[u32]) -> Option<u32> {
    let is_there = |it: &Parameter| it.over.is_empty() && it.keys[..] == *keys;
    pattern.parameters.iter().position(is_there).map(|number| number as u32)
}

/// What a row loses at least by having a parameter below a child: an old one costs nothing more, a new one its argument.
/// `None` if it cannot, or nothing would be left.
fn loss_below(stage: &Stage<'_>, at: &Situation<'_>, row: &Row, index: usize, child: u32) -> Option<i64> {
    let parameters = &at.pattern.parameters;
    let loss = stage.costs.apply + stage.corpus.least[child as usize];
    if !at.exhausted && loss < row.value {
        // That an old one may be used would lower the loss by little: not worth the search for it.
        return Some(if parameters.is_empty() { loss } else { 0 });
    }
    parameters.iter().any(|it| stage.may_contain(child, it.nodes[index])).then_some(0)
}
