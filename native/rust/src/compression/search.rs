//! One step: the abstraction of greatest utility, by best-first branch and bound over partial patterns.
//!
//! The search is Stitch's (corpus-guided top-down synthesis, Bowers et al., POPL 2023) with other data structures and
//! bounds: see `pattern`, `utility` and `bounds`. A pattern is split at the hole whose best choice is worst, so that a
//! disagreement between locations is settled before the nodes on which they agree.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

use super::bounds::{Bounds, Setup};
use super::corpus::{merge_task, no_task, serves_enough, Corpus, Head, CAPTURED};
use super::error::Error;
use super::limits::{Limits, Stop};
use super::pattern::{Demand, Expansion, Hole, Meter, Parameter, Pattern, Trail, START};
use super::settings::{Costs, Settings};
use super::term::{Id, Terms};
use super::utility::{Saving, Sweep};

/// A complete pattern and what it is worth.
pub struct Candidate {
    pub pattern: Rc<Pattern>,
    pub body: Id,
    pub text: String,
    /// For each `#i`, the pattern's own parameter.
    pub numbers: Vec<u32>,
    pub utility: i64,
    pub saving: Saving,
}

impl Candidate {
    pub fn arity(&self) -> usize {
        self.numbers.len()
    }

    /// Greater utility, then smaller arity, more uses, and the lexicographically first body.
    fn beats(&self, other: &Candidate) -> bool {
        let rank = |it: &Candidate| (it.utility, std::cmp::Reverse(it.arity()), it.saving.uses);
        match rank(self).cmp(&rank(other)) {
            Ordering::Equal => self.text < other.text,
            order => order == Ordering::Greater,
        }
    }
}

/// What a step ended with.
pub struct Outcome {
    pub best: Option<Candidate>,
    pub stop: Stop,
    /// Patterns taken from the queue.
    pub visited: u64,
}

/// Something in the queue: a pattern not yet built, or one built and put back with a better bound.
enum Item {
    Pending { parent: Rc<Pattern>, hole: u32, expansion: Expansion },
    Ready(Rc<Pattern>),
}

struct Entry {
    bound: i64,
    order: u64,
    item: Item,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.bound, self.order).cmp(&(other.bound, other.order))
    }
}

/// One way to fill a hole, with a bound on what it can lead to.
#[derive(Clone, Copy)]
struct Choice {
    expansion: Expansion,
    bound: i64,
}

/// Sums over the locations that share a head at a hole.
#[derive(Clone, Copy)]
struct Group {
    head: Head,
    worth: f64,
    task: u32,
}

pub struct Search<'a, 'b> {
    corpus: Corpus,
    terms: &'a mut Terms,
    costs: &'a Costs,
    settings: &'a Settings,
    limits: &'a mut Limits<'b>,
    sweep: Sweep,
    bounds: Bounds,
    trail: Trail,
    meter: Meter,
    queue: BinaryHeap<Entry>,
    pushed: u64,
    best: Option<Candidate>,
    groups: Vec<Group>,
    group_of: Vec<u32>,
    /// Nodes that no abstraction may stand for.
    excluded: Vec<bool>,
}

impl<'a, 'b> Search<'a, 'b> {
    pub fn new(
        corpus: Corpus,
        terms: &'a mut Terms,
        costs: &'a Costs,
        settings: &'a Settings,
        limits: &'a mut Limits<'b>,
    ) -> Self {
        Search {
            sweep: Sweep::new(&corpus),
            excluded: excluded(&corpus, settings),
            corpus,
            terms,
            costs,
            settings,
            limits,
            bounds: Bounds::default(),
            trail: Trail::default(),
            meter: Meter::default(),
            queue: BinaryHeap::new(),
            pushed: 0,
            best: None,
            groups: Vec::new(),
            group_of: Vec::new(),
        }
    }

    /// Runs to the optimum, or to a limit with the best pattern so far. Gives the corpus back.
    pub fn run(mut self) -> Result<(Outcome, Corpus, Sweep), Error> {
        let mut visited = 0;
        let mut stop = self.score_constants()?;
        if stop == Stop::Proven {
            self.start();
        }
        while let Some(entry) = self.queue.pop() {
            if entry.bound < self.cutoff() {
                break;
            }
            visited += 1;
            let held = self.meter.bytes() + self.trail.bytes() + self.queue.capacity() * std::mem::size_of::<Entry>();
            stop = self.limits.check(held)?;
            if stop != Stop::Proven {
                break;
            }
            self.visit(entry)?;
        }
        Ok((Outcome { best: self.best, stop, visited }, self.corpus, self.sweep))
    }

    /// The least bound worth a look. Ties with the best are explored: the tie-breaks decide.
    fn cutoff(&self) -> i64 {
        self.best.as_ref().map_or(1, |best| best.utility)
    }

    fn push(&mut self, bound: i64, item: Item) {
        self.pushed += 1;
        self.queue.push(Entry { bound, order: self.pushed, item });
    }

    /// Scores every closed term as an abstraction without parameters, from the most promising down.
    fn score_constants(&mut self) -> Result<Stop, Error> {
        let corpus = &self.corpus;
        let mut promising: Vec<(i64, u32)> = (0..corpus.len())
            .filter(|&node| !self.excluded[node])
            .filter(|&node| corpus.reach[node] == 0 && serves_enough(corpus.task[node], self.settings))
            .map(|node| {
                let saved = corpus.weight[node] * (corpus.cost[node] - self.costs.call(0)) as f64 + corpus.slack;
                (saved.ceil() as i64 - self.settings.penalty(corpus.cost[node]), node as u32)
            })
            .filter(|&(bound, _)| bound > 0)
            .collect();
        promising.sort_unstable_by_key(|&(bound, node)| (std::cmp::Reverse(bound), node));
        for (bound, node) in promising {
            if bound < self.cutoff() {
                break;
            }
            let stop = self.limits.check(0)?;
            if stop != Stop::Proven {
                return Ok(stop);
            }
            let cost = self.corpus.cost[node as usize];
            let values = vec![cost - self.costs.call(0)];
            let pattern = Pattern::new(START, 1, vec![node], values, vec![], vec![], cost, &self.meter);
            let body = self.corpus.term[node as usize];
            self.score(Rc::new(pattern), Some((body, Vec::new())))?;
        }
        Ok(Stop::Proven)
    }

    fn start(&mut self) {
        let call = self.costs.call(0);
        let fits = |node: usize| self.corpus.cost[node] > call && !self.excluded[node];
        let nodes: Vec<u32> = (0..self.corpus.len()).filter(|&node| fits(node)).map(|node| node as u32).collect();
        if nodes.is_empty() {
            return;
        }
        let values = nodes.iter().map(|&node| self.corpus.cost[node as usize] - call).collect();
        let hole = Hole { slot: 0, depth: 0, applied: false, demand: Demand::Any, nodes: nodes.clone() };
        let pattern = Pattern::new(START, 1, nodes, values, vec![hole], vec![], 0, &self.meter);
        self.push(i64::MAX, Item::Ready(Rc::new(pattern)));
    }

    fn visit(&mut self, entry: Entry) -> Result<(), Error> {
        let pattern = match entry.item {
            Item::Ready(pattern) => pattern,
            Item::Pending { parent, hole, expansion } => {
                let Some(pattern) = self.build(&parent, hole as usize, expansion) else {
                    return Ok(());
                };
                let setup = Setup { corpus: &self.corpus, costs: self.costs, settings: self.settings };
                let Some(special) = self.bounds.bound(setup, &pattern) else {
                    return Ok(());
                };
                let mut bound = special.min(entry.bound);
                if bound >= self.cutoff() {
                    let saving = self.sweep.saving(&self.corpus, &pattern);
                    bound = bound.min(saving.cost - self.settings.penalty(pattern.body_cost));
                }
                if bound < self.cutoff() {
                    return Ok(());
                }
                let pattern = Rc::new(pattern);
                if self.queue.peek().is_some_and(|next| next.bound > bound) {
                    self.push(bound, Item::Ready(pattern));
                    return Ok(());
                }
                pattern
            }
        };
        self.expand(&pattern)
    }

    /// Splits a pattern at one hole. Complete children are scored at once, the others wait for their turn.
    fn expand(&mut self, pattern: &Rc<Pattern>) -> Result<(), Error> {
        let Some((hole, mut choices)) = self.choose(pattern) else {
            return Ok(());
        };
        choices.sort_by_key(|choice| std::cmp::Reverse(choice.bound));
        let last = pattern.holes.len() == 1;
        for choice in choices {
            if choice.bound < self.cutoff() {
                break;
            }
            let expansion = choice.expansion;
            if !last || Trail::opened(expansion) > 0 {
                self.push(choice.bound, Item::Pending { parent: Rc::clone(pattern), hole: hole as u32, expansion });
            } else if expansion == Expansion::Fresh || !pattern.parameters.is_empty() {
                if let Some(child) = self.build(pattern, hole, expansion) {
                    self.score(Rc::new(child), None)?;
                }
            }
        }
        Ok(())
    }

    /// The hole to split and its choices: the one whose best choice has the least bound, then the least sum of bounds.
    fn choose(&mut self, pattern: &Pattern) -> Option<(usize, Vec<Choice>)> {
        let worths: Vec<f64> = pattern
            .locations
            .iter()
            .zip(&pattern.values)
            .map(|(&node, &value)| self.corpus.weight[node as usize] * value as f64)
            .collect();
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
    /// Where all locations agree on a term that can stand in the body, it is taken whole, and
    /// anything else makes a constant parameter. Where no parameter is left to be made, every location's term
    /// is taken whole or uses a parameter again.
    fn choices(&mut self, pattern: &Pattern, hole: usize, worths: &[f64]) -> Vec<Choice> {
        let Hole { depth, nodes, demand, .. } = &pattern.holes[hole];
        let may_be_parameter = self.may_be_parameter(&pattern.holes[hole]);
        let first = nodes[0];
        let agreed = self.corpus.reach[first as usize] <= *depth && nodes.iter().all(|&node| node == first);
        let exhausted = pattern.parameters.len() >= self.settings.max_arity;
        let (depth, demand) = (*depth, *demand);
        let columns = pattern.parameters.iter().map(|parameter| &parameter.shapes);
        let mut same = |shapes: &Vec<Id>| {
            nodes.iter().zip(shapes).all(|(&node, &shape)| self.corpus.shape(self.terms, node, depth) == shape)
        };
        if let Some(index) =
            columns.enumerate().find(|(_, shapes)| same(shapes)).map(|(index, _)| index).filter(|_| may_be_parameter)
        {
            let bound = (worths.iter().sum::<f64>() + self.corpus.slack).ceil() as i64;
            let bound = bound - self.settings.penalty(pattern.body_cost);
            let choice = Choice { expansion: Expansion::Reuse(index as u32), bound };
            return if demand == Demand::NoParameter { Vec::new() } else { vec![choice] };
        }
        if demand == Demand::Any && !agreed && !exhausted {
            let mut found = self.concrete_choices(pattern, hole, worths);
            self.add_parameter_choices(pattern, hole, worths, &mut found);
            return found;
        }
        let mut found = Vec::new();
        if demand != Demand::Parameter {
            self.add_whole_choices(pattern, hole, worths, &mut found);
        }
        if demand != Demand::NoParameter {
            let mut cap = i64::MAX;
            if agreed {
                let setup = Setup { corpus: &self.corpus, costs: self.costs, settings: self.settings };
                cap = self.bounds.exception_cap(setup, pattern);
            }
            if cap >= self.cutoff() {
                let start = found.len();
                self.add_inner_choices(pattern, hole, worths, &mut found);
                self.add_parameter_choices(pattern, hole, worths, &mut found);
                found[start..].iter_mut().for_each(|choice| choice.bound = choice.bound.min(cap));
            }
        }
        found
    }

    fn add_whole_choices(&mut self, pattern: &Pattern, hole: usize, worths: &[f64], found: &mut Vec<Choice>) {
        let Hole { depth, nodes, .. } = &pattern.holes[hole];
        let mut groups: Vec<(u32, u32)> = Vec::with_capacity(nodes.len());
        groups.extend(nodes.iter().enumerate().map(|(row, &node)| (node, row as u32)));
        groups.sort_unstable();
        for group in groups.chunk_by(|a, b| a.0 == b.0) {
            let node = group[0].0 as usize;
            let mut task = no_task();
            for &(_, row) in group {
                merge_task(&mut task, self.corpus.task[pattern.locations[row as usize] as usize]);
            }
            let fits = self.corpus.reach[node] <= *depth && serves_enough(task, self.settings);
            if fits && !self.bounds.holds_constant(&self.corpus, pattern, node as u32) {
                let worth: f64 = group.iter().map(|&(_, row)| worths[row as usize]).sum();
                let charge = self.settings.penalty(pattern.body_cost + self.corpus.cost[node]);
                let bound = (worth + self.corpus.slack).ceil() as i64 - charge;
                found.push(Choice { expansion: Expansion::Whole(self.corpus.term[node]), bound });
            }
        }
    }

    /// Concrete nodes below which a parameter is used: below the left child, or only below the right one.
    fn add_inner_choices(&self, pattern: &Pattern, hole: usize, worths: &[f64], found: &mut Vec<Choice>) {
        const WAYS: [(Head, [Demand; 2]); 3] = [
            (Head::Apply, [Demand::Parameter, Demand::Any]),
            (Head::Apply, [Demand::NoParameter, Demand::Parameter]),
            (Head::Lambda, [Demand::Parameter, Demand::Any]),
        ];
        for (head, demands) in WAYS {
            let (mut worth, mut task) = (0.0, no_task());
            for (row, &worth_here) in worths.iter().enumerate() {
                if self.takes(pattern, hole, row, head, demands) {
                    worth += worth_here;
                    merge_task(&mut task, self.corpus.task[pattern.locations[row] as usize]);
                }
            }
            if serves_enough(task, self.settings) {
                let charge = self.settings.penalty(pattern.body_cost + self.token_cost(head));
                let bound = (worth + self.corpus.slack).ceil() as i64 - charge;
                found.push(Choice { expansion: Expansion::Concrete(head, demands), bound });
            }
        }
    }

    /// Whether a location has this head at a hole and may meet the demands on its children.
    fn takes(&self, pattern: &Pattern, hole: usize, row: usize, head: Head, demands: [Demand; 2]) -> bool {
        let node = pattern.holes[hole].nodes[row] as usize;
        if self.corpus.head[node] != head {
            return false;
        }
        if pattern.parameters.len() < self.settings.max_arity {
            return true;
        }
        let demanding = match demands {
            [Demand::Parameter, _] => self.corpus.left[node],
            [_, Demand::Parameter] => self.corpus.right[node],
            _ => return true,
        };
        pattern.parameters.iter().any(|it| self.corpus.may_contain(demanding, it.nodes[row]))
    }

    /// Whether a parameter may stand at a hole.
    fn may_be_parameter(&self, hole: &Hole) -> bool {
        !(hole.applied && self.settings.eta_long)
    }

    /// Uses of parameters, old and new.
    fn add_parameter_choices(&mut self, pattern: &Pattern, hole: usize, worths: &[f64], found: &mut Vec<Choice>) {
        if !self.may_be_parameter(&pattern.holes[hole]) {
            return;
        }
        let (depth, nodes) = (pattern.holes[hole].depth, &pattern.holes[hole].nodes);
        let fixed = self.corpus.slack - self.settings.penalty(pattern.body_cost) as f64;
        for (index, parameter) in pattern.parameters.iter().enumerate() {
            let (mut worth, mut task) = (0.0, no_task());
            for (row, &node) in nodes.iter().enumerate() {
                if self.corpus.shape(self.terms, node, depth) == parameter.shapes[row] {
                    worth += worths[row];
                    merge_task(&mut task, self.corpus.task[pattern.locations[row] as usize]);
                }
            }
            if serves_enough(task, self.settings) {
                let bound = (worth + fixed).ceil() as i64;
                found.push(Choice { expansion: Expansion::Reuse(index as u32), bound });
            }
        }
        if pattern.parameters.len() < self.settings.max_arity {
            let (mut worth, mut task) = (0.0, no_task());
            for (row, &node) in nodes.iter().enumerate() {
                let value = pattern.values[row] - self.costs.apply - self.corpus.cost[node as usize];
                if value > 0 && self.corpus.shape(self.terms, node, depth) != CAPTURED {
                    let location = pattern.locations[row] as usize;
                    worth += self.corpus.weight[location] * value as f64;
                    merge_task(&mut task, self.corpus.task[location]);
                }
            }
            if serves_enough(task, self.settings) {
                found.push(Choice { expansion: Expansion::Fresh, bound: (worth + fixed).ceil() as i64 });
            }
        }
    }

    fn concrete_choices(&mut self, pattern: &Pattern, hole: usize, worths: &[f64]) -> Vec<Choice> {
        let Hole { depth, nodes, .. } = &pattern.holes[hole];
        let names = self.terms.symbol_count();
        self.groups.clear();
        for (row, &node) in nodes.iter().enumerate() {
            let head = self.corpus.head[node as usize];
            let key = match head {
                Head::Apply => 0,
                Head::Lambda => 1,
                Head::Name(symbol) => 2 + symbol as usize,
                Head::Variable(index) if index < *depth => 2 + names + index as usize,
                Head::Variable(_) => continue,
            };
            if self.group_of.len() <= key {
                self.group_of.resize(key + 1, u32::MAX);
            }
            let task = self.corpus.task[pattern.locations[row] as usize];
            // A stale entry points at a group with another head, or at none.
            let place = self.group_of[key] as usize;
            match self.groups.get_mut(place) {
                Some(group) if group.head == head => {
                    group.worth += worths[row];
                    merge_task(&mut group.task, task);
                }
                _ => {
                    self.group_of[key] = self.groups.len() as u32;
                    self.groups.push(Group { head, worth: worths[row], task });
                }
            }
        }
        let slack = self.corpus.slack;
        let groups = self.groups.iter().filter(|group| serves_enough(group.task, self.settings));
        groups
            .map(|group| {
                let body = pattern.body_cost + self.token_cost(group.head);
                let bound = (group.worth + slack).ceil() as i64 - self.settings.penalty(body);
                Choice { expansion: Expansion::Concrete(group.head, [Demand::Any; 2]), bound }
            })
            .collect()
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
    fn build(&mut self, parent: &Pattern, hole: usize, expansion: Expansion) -> Option<Pattern> {
        let Hole { slot, depth, nodes, .. } = &parent.holes[hole];
        let mut rows = Vec::new();
        let mut values = Vec::new();
        let mut shapes = Vec::new();
        let mut task = no_task();
        for (row, &node) in nodes.iter().enumerate() {
            let mut value = parent.values[row];
            let kept = match expansion {
                Expansion::Concrete(head, demands) => self.takes(parent, hole, row, head, demands),
                Expansion::Whole(term) => self.corpus.term[node as usize] == term,
                Expansion::Reuse(index) => {
                    self.corpus.shape(self.terms, node, *depth) == parent.parameters[index as usize].shapes[row]
                }
                Expansion::Fresh => {
                    value -= self.costs.apply + self.corpus.cost[node as usize];
                    let shape = if value > 0 { self.corpus.shape(self.terms, node, *depth) } else { CAPTURED };
                    if shape != CAPTURED {
                        shapes.push(shape);
                    }
                    shape != CAPTURED
                }
            };
            if kept {
                rows.push(row as u32);
                values.push(value);
                merge_task(&mut task, self.corpus.task[parent.locations[row] as usize]);
            }
        }
        if !serves_enough(task, self.settings) {
            return None;
        }
        let take = |column: &[u32]| -> Vec<u32> { rows.iter().map(|&row| column[row as usize]).collect() };
        let mut parameters: Vec<Parameter> = parent
            .parameters
            .iter()
            .map(|it| self.parameter(it.depth, it.uses, take(&it.nodes), take(&it.shapes)))
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
            Expansion::Concrete(head, demands) => {
                body_cost += self.token_cost(head);
                if matches!(head, Head::Apply | Head::Lambda) {
                    let depth = depth + u32::from(head == Head::Lambda);
                    let [demand, _] = demands;
                    let applied = head == Head::Apply;
                    holes.push(Hole { slot: parent.slots, depth, applied, demand, nodes: below(&self.corpus.left) });
                }
                if head == Head::Apply {
                    let [_, demand] = demands;
                    let nodes = below(&self.corpus.right);
                    holes.push(Hole { slot: parent.slots + 1, depth: *depth, applied: false, demand, nodes });
                }
            }
            Expansion::Whole(_) => body_cost += self.corpus.cost[filled[0] as usize],
            Expansion::Reuse(index) => parameters[index as usize].uses += 1,
            Expansion::Fresh => parameters.push(self.parameter(*depth, 1, filled, shapes)),
        }
        let trail = self.trail.push(parent.trail, *slot, expansion);
        let slots = parent.slots + Trail::opened(expansion);
        let locations = take(&parent.locations);
        Some(Pattern::new(trail, slots, locations, values, holes, parameters, body_cost, &self.meter))
    }

    fn parameter(&self, depth: u32, uses: u32, nodes: Vec<u32>, shapes: Vec<Id>) -> Parameter {
        let first = nodes[0];
        let constant = self.corpus.is_closed(first) && nodes.iter().all(|&node| node == first);
        Parameter { depth, uses, nodes, shapes, constant: constant.then_some(first) }
    }

    /// Computes the exact utility of a complete pattern and keeps it if it is the best and accepted.
    fn score(&mut self, pattern: Rc<Pattern>, body: Option<(Id, Vec<u32>)>) -> Result<(), Error> {
        let saving = self.sweep.saving(&self.corpus, &pattern);
        let utility = saving.cost - self.settings.penalty(pattern.body_cost);
        if utility < self.cutoff() {
            return Ok(());
        }
        let body = body.or_else(|| self.trail.body(self.terms, pattern.trail));
        let (body, numbers) = body.ok_or_else(|| Error::internal("a complete pattern without a body"))?;
        let text = self.terms.text(body);
        let candidate = Candidate { pattern, body, text, numbers, utility, saving };
        if self.best.as_ref().is_some_and(|best| !candidate.beats(best)) {
            return Ok(());
        }
        let definition = self.terms.definition(body, candidate.arity() as u32);
        let definition = definition.ok_or_else(|| Error::internal("a body without a definition"))?;
        if self.limits.accept(&self.terms.text(definition))? {
            self.best = Some(candidate);
        }
        Ok(())
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
