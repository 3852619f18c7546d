//! Bounds on what any completion of a pattern can be worth, beyond the sum of its values.
//!
//! (1) Two parameters with equal arguments everywhere: one parameter used twice is strictly better. (2) A parameter with
//! the same closed argument everywhere: writing the argument into the body is at least as good, unless the body
//! repeats it more often than the abstraction is called (Stitch's paper, appendix B). So such patterns are
//! left out of the search; instead every bound gets the little that repeated arguments can add to it, and every
//! complete pattern that comes close enough is tried with them (`variants`). (3) A body is paid for: what
//! several locations save together stands in it once, save for what is repeated inside a location.

use std::collections::BinaryHeap;

use crate::corpus::Corpus;
use crate::pattern::Pattern;
use crate::settings::{Costs, Settings};
use crate::term::FastMap;

/// Patterns with more locations than this are not charged by [`Bounds::charge`]: there it would change little.
const FEW: usize = 32;
/// A term with more distinct subterms than this is taken to repeat everything.
const DISTINCT_LIMIT: usize = 1 << 14;
/// Nodes that counting of distinct subterms may visit in a step.
const WORK_LIMIT: usize = 1 << 26;

/// Facts about a step's corpus that bounds need.
pub struct Bounds {
    /// Cost of a repeated closed term by the number of its copies in one program, each pair undominated.
    copies: Vec<(f64, f64)>,
    repeated: FastMap<u32, i64>,
    seen: Vec<u32>,
    epoch: u32,
    work: usize,
}

/// What a step's bounds are computed from.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    pub corpus: &'a Corpus,
    pub costs: &'a Costs,
    pub settings: &'a Settings,
}

impl Bounds {
    pub fn new(corpus: &Corpus) -> Self {
        Bounds {
            copies: repeated_terms(corpus),
            repeated: FastMap::default(),
            seen: vec![0; corpus.len() + 1],
            epoch: 0,
            work: 0,
        }
    }

    /// An upper bound on the utility of every completion that is not dominated; `None` if all are.
    pub fn bound(&mut self, setup: Setup<'_>, pattern: &Pattern) -> Option<i64> {
        let corpus = setup.corpus;
        for (index, parameter) in pattern.parameters.iter().enumerate() {
            let first = parameter.nodes[0];
            let constant = corpus.is_closed(first) && parameter.nodes.iter().all(|&node| node == first);
            if constant || pattern.parameters[..index].iter().any(|other| other.shapes == parameter.shapes) {
                return None;
            }
        }
        // One closed term: scored before the search, and any parameter would be constant.
        if pattern.locations.len() == 1 && corpus.is_closed(pattern.locations[0]) {
            return None;
        }
        Some(if pattern.locations.len() <= FEW { self.charge(setup, pattern) } else { i64::MAX })
    }

    /// The most that new parameters with constant arguments can add to a pattern whose locations save at most `value`
    /// each, if the result is to reach `cutoff`. With k copies of an argument of cost a in the body and n calls, one
    /// adds `penalty·k·a − n·(apply + a)`; and n is at least `cutoff / value`.
    pub fn extra(&self, setup: Setup<'_>, parameters: usize, value: i64, cutoff: i64) -> i64 {
        let left = setup.settings.max_arity.saturating_sub(parameters);
        if left == 0 || value <= 0 {
            return 0;
        }
        let calls = least_calls(value, cutoff);
        let most = self.copies.iter().map(|&(copies, cost)| added(setup, copies, cost, calls)).fold(0.0, f64::max);
        (most * left as f64).ceil() as i64
    }

    /// Whether a parameter with a constant argument may pay.
    pub fn may_add(&self, setup: Setup<'_>, copies: f64, cost: i64, value: i64, cutoff: i64) -> bool {
        added(setup, copies, cost as f64, least_calls(value, cutoff)) > 0.0
    }

    /// Fact 3. With a body of cost s a location saves at most s plus what it repeats, less the call; the best s is one
    /// at which some location is exhausted.
    fn charge(&mut self, setup: Setup<'_>, pattern: &Pattern) -> i64 {
        let call = setup.costs.call(pattern.parameters.len());
        let rows = pattern.locations.iter().zip(&pattern.values);
        let lines: Vec<(i64, i64, f64)> = rows
            .map(|(&node, &value)| {
                (value, self.repeated(setup.corpus, node) - call, setup.corpus.weight[node as usize])
            })
            .collect();
        let worth = |body: i64| {
            let saved = |&(value, extra, weight): &(i64, i64, f64)| weight * value.min(body + extra).max(0) as f64;
            let sum: f64 = lines.iter().map(saved).sum();
            sum.ceil() as i64 - setup.settings.penalty(body)
        };
        let least = pattern.body_cost;
        let exhausted = lines.iter().map(|&(value, extra, _)| value - extra).filter(|&body| body > least);
        exhausted.map(worth).fold(worth(least), i64::max)
    }

    /// What a term would save if each of its distinct subterms stood in it once. Under lambdas equal arguments may
    /// read differently, so a term with lambdas is taken to repeat everything.
    fn repeated(&mut self, corpus: &Corpus, node: u32) -> i64 {
        let cost = corpus.cost[node as usize];
        if corpus.has_lambda[node as usize] || self.work > WORK_LIMIT {
            return cost;
        }
        if let Some(&known) = self.repeated.get(&node) {
            return known;
        }
        self.epoch += 1;
        let (mut stack, mut distinct, mut visited) = (vec![node], 0, 0);
        while let Some(part) = stack.pop() {
            let index = part as usize;
            if index >= corpus.len() || std::mem::replace(&mut self.seen[index], self.epoch) == self.epoch {
                continue;
            }
            visited += 1;
            let (left, right) = (corpus.left[index], corpus.right[index]);
            let below = |child: u32| corpus.cost.get(child as usize).copied().unwrap_or(0);
            distinct += corpus.cost[index] - below(left) - below(right);
            stack.extend([left, right]);
            if visited > DISTINCT_LIMIT {
                distinct = 0;
                break;
            }
        }
        self.work += visited;
        self.repeated.insert(node, cost - distinct);
        cost - distinct
    }
}

/// The fewest calls that reach a utility, if each saves at most `value`.
fn least_calls(value: i64, cutoff: i64) -> f64 {
    (cutoff as f64 / value as f64).ceil().max(1.0)
}

fn added(setup: Setup<'_>, copies: f64, cost: f64, calls: f64) -> f64 {
    setup.settings.structure_penalty * copies * cost - calls * (setup.costs.apply as f64 + cost)
}

/// For every closed term below a program's root: how often it stands there, and its cost; without the pairs that another
/// pair exceeds in both.
fn repeated_terms(corpus: &Corpus) -> Vec<(f64, f64)> {
    let mut roots: Vec<u32> = corpus.tasks.iter().flatten().map(|root| root.node).collect();
    roots.sort_unstable();
    roots.dedup();
    let mut dearest: FastMap<u64, i64> = FastMap::default();
    for root in roots {
        for (node, times) in occurrences(corpus, root) {
            if node != root && corpus.is_closed(node) {
                let cost = dearest.entry(times.min(1e15) as u64).or_insert(0);
                *cost = (*cost).max(corpus.cost[node as usize]);
            }
        }
    }
    let mut pairs: Vec<(u64, i64)> = dearest.into_iter().collect();
    pairs.sort_unstable_by(|a, b| b.cmp(a));
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (times, cost) in pairs {
        if kept.last().is_none_or(|&(_, dearer)| cost as f64 > dearer) {
            kept.push((times as f64, cost as f64));
        }
    }
    kept
}

/// How often each subterm occurs in the tree of a term.
fn occurrences(corpus: &Corpus, node: u32) -> FastMap<u32, f64> {
    let mut times: FastMap<u32, f64> = FastMap::default();
    // Larger ids first: parents before children.
    let mut queue = BinaryHeap::from([node]);
    times.insert(node, 1.0);
    while let Some(part) = queue.pop() {
        let own = times[&part];
        for child in [corpus.left[part as usize], corpus.right[part as usize]] {
            if (child as usize) < corpus.len() {
                *times.entry(child).or_insert_with(|| {
                    queue.push(child);
                    0.0
                }) += own;
            }
        }
    }
    times
}
