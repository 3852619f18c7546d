//! How a partial pattern is split: the choices at a hole, a bound on each, and the children they make.
//!
//! A hole is filled node by node while parameters can be made. Once none is left, or where all locations agree, it is
//! filled either by a whole term without parameters, or by something that uses a parameter: the parameter itself, or
//! a node below which one is used. So the end is a grouping of locations and no search, and a pattern is
//! reached in one way only.

use crate::bounds::{Bounds, Setup};
use crate::corpus::{merge_task, no_task, serves_enough, Corpus, Head, CAPTURED};
use crate::pattern::{Demand, Expansion, Hole, Meter, Parameter, Pattern, Trail};
use crate::settings::{Costs, Settings};
use crate::term::Terms;

/// One way to fill a hole, with a bound on what it can lead to.
#[derive(Clone, Copy)]
pub struct Choice {
    pub expansion: Expansion,
    pub bound: i64,
}

/// Sums over some locations.
#[derive(Clone, Copy)]
struct Tally {
    worth: f64,
    task: u32,
}

impl Tally {
    fn new() -> Self {
        Tally { worth: 0.0, task: no_task() }
    }

    fn add(&mut self, worth: f64, task: u32) {
        self.worth += worth;
        merge_task(&mut self.task, task);
    }
}

/// The locations that have the same term at a hole.
#[derive(Clone, Copy)]
struct Group {
    node: u32,
    tally: Tally,
    /// Bit i: every location of the group has the term as the argument of parameter i.
    repeats: u64,
}

/// A node with a parameter below it: below the left child, or only below the right one. A lambda's body is its left.
const INNER_WAYS: [(Head, [Demand; 2]); 3] = [
    (Head::Apply, [Demand::Parameter, Demand::Any]),
    (Head::Apply, [Demand::NoParameter, Demand::Parameter]),
    (Head::Lambda, [Demand::Parameter, Demand::Any]),
];

/// A node with anything below it.
const OPEN_WAYS: [(Head, [Demand; 2]); 2] = [(Head::Apply, [Demand::Any; 2]), (Head::Lambda, [Demand::Any; 2])];

/// What a step's patterns are made from.
pub struct Stage<'a> {
    pub corpus: Corpus,
    pub terms: &'a mut Terms,
    pub costs: &'a Costs,
    pub settings: &'a Settings,
    pub bounds: Bounds,
    pub trail: Trail,
    pub meter: Meter,
    /// Nodes that no abstraction may stand for.
    pub excluded: Vec<bool>,
    groups: Vec<Group>,
    /// For a node, its group at the hole under study; stale entries point at a group of another node.
    group_of: Vec<u32>,
}

impl<'a> Stage<'a> {
    pub fn new(corpus: Corpus, terms: &'a mut Terms, costs: &'a Costs, settings: &'a Settings) -> Self {
        Stage {
            group_of: vec![0; corpus.len()],
            excluded: excluded(&corpus, settings),
            bounds: Bounds::new(&corpus),
            corpus,
            terms,
            costs,
            settings,
            trail: Trail::default(),
            meter: Meter::default(),
            groups: Vec::new(),
        }
    }

    /// An upper bound on every completion's utility; `None` if all are dominated.
    pub fn bound(&mut self, pattern: &Pattern) -> Option<i64> {
        let setup = Setup { corpus: &self.corpus, costs: self.costs, settings: self.settings };
        self.bounds.bound(setup, pattern)
    }

    /// What constant parameters may add to a pattern with so many parameters and locations of at most this value.
    pub fn extra(&self, parameters: usize, value: i64, cutoff: i64) -> i64 {
        let setup = Setup { corpus: &self.corpus, costs: self.costs, settings: self.settings };
        self.bounds.extra(setup, parameters, value, cutoff)
    }

    /// Whether one more parameter with a constant argument may pay.
    pub fn may_add(&self, copies: f64, cost: i64, value: i64, cutoff: i64) -> bool {
        let setup = Setup { corpus: &self.corpus, costs: self.costs, settings: self.settings };
        self.bounds.may_add(setup, copies, cost, value, cutoff)
    }

    /// The hole to split and its choices. While parameters can be made, holes with little in them come first: they are
    /// settled in few ways, and the large ones are left to become arguments. Afterwards it is the hole whose best
    /// choice has the least bound, then the least sum of bounds: it divides the locations best.
    pub fn choose(&mut self, pattern: &Pattern) -> Option<(usize, Vec<Choice>)> {
        let worths: Vec<f64> = pattern
            .locations
            .iter()
            .zip(&pattern.values)
            .map(|(&node, &value)| self.corpus.weight[node as usize] * value as f64)
            .collect();
        if pattern.parameters.len() < self.settings.max_arity {
            let cost = |hole: &Hole| hole.nodes.iter().map(|&node| self.corpus.cost[node as usize]).sum::<i64>();
            let hole = (0..pattern.holes.len()).min_by_key(|&hole| cost(&pattern.holes[hole]))?;
            return Some((hole, self.choices(pattern, hole, &worths)));
        }
        let mut chosen: Option<((i64, i64), usize, Vec<Choice>)> = None;
        for hole in 0..pattern.holes.len() {
            let choices = self.choices(pattern, hole, &worths);
            let most = choices.iter().map(|choice| choice.bound).max().unwrap_or(0);
            let sum = choices.iter().map(|choice| choice.bound.max(0)).fold(0i64, i64::saturating_add);
            if chosen.as_ref().is_none_or(|(rank, ..)| (most, sum) < *rank) {
                chosen = Some(((most, sum), hole, choices));
            }
        }
        chosen.map(|(_, hole, choices)| (hole, choices))
    }

    /// The ways to fill a hole. Where all locations have a parameter's argument, nothing beats using the parameter again.
    /// Where all agree on a term that can stand in the body, it is taken: any parameter in it would be constant.
    fn choices(&mut self, pattern: &Pattern, hole: usize, worths: &[f64]) -> Vec<Choice> {
        let Hole { depth, nodes, demand, .. } = &pattern.holes[hole];
        let mut found = Vec::new();
        let argument = self.argument_everywhere(pattern, hole);
        if let Some(index) = argument.filter(|_| self.may_be_parameter(&pattern.holes[hole])) {
            if *demand != Demand::NoParameter {
                let bound = self.bound_of(worths.iter().sum(), pattern.body_cost);
                found.push(Choice { expansion: Expansion::Reuse(index as u32), bound });
            }
            return found;
        }
        let first = nodes[0];
        let agreed = self.corpus.reach[first as usize] <= *depth && nodes.iter().all(|&node| node == first);
        let exhausted = pattern.parameters.len() >= self.settings.max_arity;
        if *demand != Demand::Parameter {
            let leaves_only = *demand == Demand::Any && !agreed && !exhausted;
            self.add_whole_terms(pattern, hole, worths, leaves_only, &mut found);
        }
        if *demand != Demand::NoParameter && !agreed {
            let ways = if *demand == Demand::Any && !exhausted { &OPEN_WAYS[..] } else { &INNER_WAYS[..] };
            self.add_nodes(pattern, hole, worths, ways, &mut found);
            self.add_parameters(pattern, hole, worths, &mut found);
        }
        found
    }

    fn bound_of(&self, worth: f64, body_cost: i64) -> i64 {
        worth.ceil() as i64 - self.settings.penalty(body_cost)
    }

    /// A parameter whose argument stands at the hole at every location.
    fn argument_everywhere(&mut self, pattern: &Pattern, hole: usize) -> Option<usize> {
        let Hole { depth, nodes, .. } = &pattern.holes[hole];
        pattern.parameters.iter().position(|parameter| {
            let mut rows = nodes.iter().zip(&parameter.shapes);
            rows.all(|(&node, &shape)| self.corpus.shape(self.terms, node, *depth) == shape)
        })
    }

    fn add_whole_terms(
        &mut self,
        pattern: &Pattern,
        hole: usize,
        worths: &[f64],
        leaves_only: bool,
        found: &mut Vec<Choice>,
    ) {
        let Hole { depth, nodes, .. } = &pattern.holes[hole];
        self.groups.clear();
        for (row, &node) in nodes.iter().enumerate() {
            let is_leaf = self.corpus.left[node as usize] as usize == self.corpus.len();
            if self.corpus.reach[node as usize] > *depth || leaves_only && !is_leaf {
                continue;
            }
            let term = self.corpus.term[node as usize];
            // A variable bound in the pattern may read like a free one of an argument: closed terms only.
            let closed = self.corpus.is_closed(node);
            let same = pattern.parameters.iter().enumerate().filter(|(_, it)| closed && it.shapes[row] == term);
            let repeats = same.fold(0, |bits, (index, _)| bits | 1u64 << index);
            let task = self.corpus.task[pattern.locations[row] as usize];
            let place = self.group_of[node as usize] as usize;
            match self.groups.get_mut(place) {
                Some(group) if group.node == node => {
                    group.tally.add(worths[row], task);
                    group.repeats &= repeats;
                }
                _ => {
                    self.group_of[node as usize] = self.groups.len() as u32;
                    let mut tally = Tally::new();
                    tally.add(worths[row], task);
                    self.groups.push(Group { node, tally, repeats });
                }
            }
        }
        let may_be_parameter = self.may_be_parameter(&pattern.holes[hole]);
        for index in 0..self.groups.len() {
            let Group { node, tally, repeats } = self.groups[index];
            if serves_enough(tally.task, self.settings) && (repeats == 0 || !may_be_parameter) {
                let bound = self.bound_of(tally.worth, pattern.body_cost + self.corpus.cost[node as usize]);
                found.push(Choice { expansion: Expansion::Whole(self.corpus.term[node as usize]), bound });
            }
        }
    }

    /// Concrete nodes with holes below.
    fn add_nodes(
        &self,
        pattern: &Pattern,
        hole: usize,
        worths: &[f64],
        ways: &[(Head, [Demand; 2])],
        found: &mut Vec<Choice>,
    ) {
        for &(head, demands) in ways {
            let mut tally = Tally::new();
            for (row, &worth) in worths.iter().enumerate() {
                let loss = self.inner_loss(pattern, hole, row, head, demands);
                if let Some(loss) = loss {
                    let location = pattern.locations[row] as usize;
                    tally.add(worth - self.corpus.weight[location] * loss as f64, self.corpus.task[location]);
                }
            }
            if serves_enough(tally.task, self.settings) {
                let bound = self.bound_of(tally.worth, pattern.body_cost + self.token_cost(head));
                found.push(Choice { expansion: Expansion::Concrete(head, demands), bound });
            }
        }
    }

    /// What a location loses at least by having this head at a hole and meeting the demands on its children: an old
    /// parameter costs nothing more, a new one its argument. `None` if it cannot, or nothing would be left.
    fn inner_loss(&self, pattern: &Pattern, hole: usize, row: usize, head: Head, demands: [Demand; 2]) -> Option<i64> {
        let node = pattern.holes[hole].nodes[row] as usize;
        if self.corpus.head[node] != head {
            return None;
        }
        if demands == [Demand::Any; 2] {
            return Some(0);
        }
        let below = if demands[0] == Demand::Parameter { self.corpus.left[node] } else { self.corpus.right[node] };
        if pattern.parameters.iter().any(|it| self.corpus.may_contain(below, it.nodes[row])) {
            return Some(0);
        }
        let loss = self.costs.apply + self.corpus.least[below as usize];
        (pattern.parameters.len() < self.settings.max_arity && loss < pattern.values[row]).then_some(loss)
    }

    /// Whether a parameter may stand at a hole.
    fn may_be_parameter(&self, hole: &Hole) -> bool {
        !(hole.applied && self.settings.eta_long)
    }

    /// Uses of parameters, old and new.
    fn add_parameters(&mut self, pattern: &Pattern, hole: usize, worths: &[f64], found: &mut Vec<Choice>) {
        if !self.may_be_parameter(&pattern.holes[hole]) {
            return;
        }
        let Hole { depth, nodes, .. } = &pattern.holes[hole];
        for (index, parameter) in pattern.parameters.iter().enumerate() {
            let mut tally = Tally::new();
            for (row, &node) in nodes.iter().enumerate() {
                if self.corpus.shape(self.terms, node, *depth) == parameter.shapes[row] {
                    tally.add(worths[row], self.corpus.task[pattern.locations[row] as usize]);
                }
            }
            if serves_enough(tally.task, self.settings) {
                let bound = self.bound_of(tally.worth, pattern.body_cost);
                found.push(Choice { expansion: Expansion::Reuse(index as u32), bound });
            }
        }
        if pattern.parameters.len() >= self.settings.max_arity {
            return;
        }
        let mut tally = Tally::new();
        for (row, &node) in nodes.iter().enumerate() {
            let value = pattern.values[row] - self.costs.apply - self.corpus.cost[node as usize];
            if value > 0 && self.corpus.shape(self.terms, node, *depth) != CAPTURED {
                let location = pattern.locations[row] as usize;
                tally.add(self.corpus.weight[location] * value as f64, self.corpus.task[location]);
            }
        }
        if serves_enough(tally.task, self.settings) {
            let bound = self.bound_of(tally.worth, pattern.body_cost);
            found.push(Choice { expansion: Expansion::Fresh, bound });
        }
    }

    fn token_cost(&self, head: Head) -> i64 {
        match head {
            Head::Apply => self.costs.apply,
            Head::Lambda => self.costs.lambda,
            Head::Name(symbol) => self.costs.name(symbol),
            Head::Variable(_) => self.costs.variable,
        }
    }

    /// The child of a pattern; `None` if what is left of its locations does not serve enough tasks.
    pub fn build(&mut self, parent: &Pattern, hole: usize, expansion: Expansion) -> Option<Pattern> {
        let Hole { slot, depth, nodes, .. } = &parent.holes[hole];
        let (rows, values) = self.rows(parent, hole, expansion)?;
        let take = |column: &[u32]| -> Vec<u32> { rows.iter().map(|&row| column[row as usize]).collect() };
        let mut parameters: Vec<Parameter> = parent
            .parameters
            .iter()
            .map(|it| Parameter { depth: it.depth, nodes: take(&it.nodes), shapes: take(&it.shapes) })
            .collect();
        let mut holes: Vec<Hole> = Vec::with_capacity(parent.holes.len() + 1);
        for (index, other) in parent.holes.iter().enumerate() {
            if index != hole {
                let &Hole { slot, depth, applied, demand, .. } = other;
                holes.push(Hole { slot, depth, applied, demand, nodes: take(&other.nodes) });
            }
        }
        let filled = take(nodes);
        let mut body_cost = parent.body_cost;
        let below = |children: &[u32]| -> Vec<u32> { filled.iter().map(|&node| children[node as usize]).collect() };
        match expansion {
            Expansion::Concrete(head, [left, right]) => {
                body_cost += self.token_cost(head);
                let depth = depth + u32::from(head == Head::Lambda);
                let applied = head == Head::Apply;
                let nodes = below(&self.corpus.left);
                holes.push(Hole { slot: parent.slots, depth, applied, demand: left, nodes });
                if head == Head::Apply {
                    let nodes = below(&self.corpus.right);
                    holes.push(Hole { slot: parent.slots + 1, depth, applied: false, demand: right, nodes });
                }
            }
            Expansion::Whole(_) => body_cost += self.corpus.cost[filled[0] as usize],
            Expansion::Reuse(_) => {}
            Expansion::Fresh => {
                let shapes = filled.iter().map(|&node| self.corpus.shape(self.terms, node, *depth)).collect();
                parameters.push(Parameter { depth: *depth, nodes: filled, shapes });
            }
        }
        let trail = self.trail.push(parent.trail, *slot, expansion);
        let slots = parent.slots + Trail::opened(expansion);
        let locations = take(&parent.locations);
        Some(Pattern::new(trail, slots, locations, values, holes, parameters, body_cost, &self.meter))
    }

    /// The rows of the parent that a child keeps, with their values.
    fn rows(&mut self, parent: &Pattern, hole: usize, expansion: Expansion) -> Option<(Vec<u32>, Vec<i64>)> {
        let Hole { depth, nodes, .. } = &parent.holes[hole];
        let (mut rows, mut values, mut task) = (Vec::new(), Vec::new(), no_task());
        for (row, &node) in nodes.iter().enumerate() {
            let mut value = parent.values[row];
            let kept = match expansion {
                Expansion::Concrete(head, demands) => self.inner_loss(parent, hole, row, head, demands).is_some(),
                Expansion::Whole(term) => self.corpus.term[node as usize] == term,
                Expansion::Reuse(index) => {
                    self.corpus.shape(self.terms, node, *depth) == parent.parameters[index as usize].shapes[row]
                }
                Expansion::Fresh => {
                    value -= self.costs.apply + self.corpus.cost[node as usize];
                    value > 0 && self.corpus.shape(self.terms, node, *depth) != CAPTURED
                }
            };
            if kept {
                rows.push(row as u32);
                values.push(value);
                merge_task(&mut task, self.corpus.task[parent.locations[row] as usize]);
            }
        }
        serves_enough(task, self.settings).then_some((rows, values))
    }
}

/// With `eta_long` lambdas and what is applied: an η-long program has a type without arrows everywhere else.
fn excluded(corpus: &Corpus, settings: &Settings) -> Vec<bool> {
    let mut excluded = vec![false; corpus.len()];
    if settings.eta_long {
        for node in 0..corpus.len() {
            match corpus.head[node] {
                Head::Lambda => excluded[node] = true,
                Head::Apply => excluded[corpus.left[node] as usize] = true,
                Head::Name(_) | Head::Variable(_) => {}
            }
        }
    }
    excluded
}
