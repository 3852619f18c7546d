//! What one step of the search works on: the corpus with its facts, the terms, and the rules of what may stand where.

use crate::columns::{Row, Store};
use crate::corpus::{serves_enough, Corpus, Head};
use crate::facts::{Fact, Facts};
use crate::pattern::{Hole, Pattern};
use crate::settings::{Costs, Settings};
use crate::term::Terms;

pub struct Stage<'a> {
    pub corpus: Corpus,
    pub facts: Facts,
    pub terms: &'a mut Terms,
    pub costs: &'a Costs,
    pub settings: &'a Settings,
    pub columns: Store<u32>,
    pub rows: Store<Row>,
    /// Nodes that no abstraction may stand for.
    pub excluded: Vec<bool>,
}

impl<'a> Stage<'a> {
    pub fn new(corpus: Corpus, terms: &'a mut Terms, costs: &'a Costs, settings: &'a Settings) -> Self {
        let facts = Facts::new(&corpus);
        let excluded = excluded(&corpus, settings);
        Stage { corpus, facts, terms, costs, settings, columns: Store::default(), rows: Store::default(), excluded }
    }

    pub fn fact(&self, node: u32) -> &Fact {
        &self.facts.of[node as usize]
    }

    /// The bytes that patterns hold.
    pub fn held(&self) -> usize {
        self.columns.bytes() + self.rows.bytes()
    }

    /// The charge for a body of this cost.
    pub fn penalty(&self, body_cost: i64) -> i64 {
        self.settings.penalty(body_cost)
    }

    /// Whether the tasks merged into `task` suffice for an abstraction.
    pub fn serves_enough(&self, task: u32) -> bool {
        serves_enough(task, self.settings)
    }

    /// Parameters that a pattern may still make.
    pub fn parameters_left(&self, pattern: &Pattern) -> usize {
        self.settings.max_arity - pattern.parameters.len()
    }

    /// Whether a parameter may stand at a hole.
    pub fn may_be_parameter(&self, hole: &Hole) -> bool {
        !hole.applied || self.settings.allows_applied_parameters()
    }

    /// Whether a term may have another, moved over lambdas, as a subterm.
    pub fn may_contain(&self, whole: u32, part: u32) -> bool {
        self.facts.may_contain(&self.corpus, whole, part)
    }

    /// The keys of what stands at a hole; see [`Corpus::key`]. `space` holds them if they are not the nodes themselves.
    pub fn keys_of<'k>(&mut self, hole: &'k Hole, space: &'k mut Vec<u32>) -> &'k [u32] {
        if hole.depth == 0 {
            return &hole.nodes;
        }
        space.clear();
        space.extend(hole.nodes.iter().map(|&node| self.corpus.key(self.terms, node, hole.depth)));
        space
    }

    /// Whether a key is that of a closed term.
    pub fn is_closed_key(&self, key: u32) -> bool {
        match self.facts.of.get(key as usize) {
            Some(fact) => fact.closed,
            None => self.corpus.is_closed_stranger(key),
        }
    }

    pub fn token_cost(&self, head: Head) -> i64 {
        match head {
            Head::Apply => self.costs.apply,
            Head::Lambda => self.costs.lambda,
            Head::Name(symbol) => self.costs.name(symbol),
            Head::Variable(_) => self.costs.variable,
        }
    }
}

/// What is applied, where applied parameters are excluded; with `eta_long` also lambdas: an η-long program has a type
/// without arrows everywhere else.
fn excluded(corpus: &Corpus, settings: &Settings) -> Vec<bool> {
    let mut excluded = vec![false; corpus.len()];
    if !settings.allows_applied_parameters() {
        for node in 0..corpus.len() {
            match corpus.head[node] {
                Head::Lambda => excluded[node] |= settings.eta_long,
                Head::Apply => excluded[corpus.left[node] as usize] = true,
                Head::Name(_) | Head::Variable(_) => {}
            }
        }
    }
    excluded
}
