//! Bounds on what any completion of a pattern can be worth, beyond the sum of its values.
//!
//! Three facts prune. (1) Two parameters with equal arguments everywhere: one parameter used twice is strictly better.
//! (2) A parameter with the same closed argument everywhere: writing the argument into the body is at least as good,
//! unless the body repeats it more often than the abstraction is used (Stitch's paper, appendix B) — so such a
//! pattern is not dropped but its bound is capped by the few uses that this exception allows. (3) A body is paid for:
//! what several locations save together stands in it once, save for what is repeated inside a location.

use super::corpus::{Corpus, Head};
use super::pattern::{Parameter, Pattern};
use super::settings::{Costs, Settings};
use super::term::FastMap;

/// Patterns with more locations than this are not charged by [`Bounds::charge`]: there it would change little.
const FEW: usize = 32;
/// A term with more distinct subterms than this is taken to repeat everything.
const DISTINCT_LIMIT: usize = 1 << 14;
/// Nodes that counting of distinct subterms may visit in a step.
const WORK_LIMIT: usize = 1 << 26;

/// Counts of occurrences that may be kept, over all terms counted.
const COUNT_LIMIT: usize = 1 << 24;

/// Memoised facts about nodes that only some patterns need.
#[derive(Default)]
pub struct Bounds {
    /// For a closed term, how often it stands in each node from itself up.
    counts: FastMap<u32, Vec<u32>>,
    counted: usize,
    /// For each node, how often its most frequent leaf occurs in it.
    leaves: Vec<u32>,
    repeated: FastMap<u32, i64>,
    alone: FastMap<u32, i64>,
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
    /// An upper bound on the utility of every completion that is not dominated; `None` if all are.
    pub fn bound(&mut self, setup: Setup<'_>, pattern: &Pattern) -> Option<i64> {
        let mut bound = i64::MAX;
        for (index, parameter) in pattern.parameters.iter().enumerate() {
            if pattern.parameters[..index].iter().any(|other| other.shapes == parameter.shapes) {
                return None;
            }
            if let Some(argument) = parameter.constant {
                bound = bound.min(self.constant_cap(setup, pattern, parameter, argument));
            }
        }
        if pattern.parameters.is_empty() && pattern.locations.len() == 1 {
            let node = pattern.locations[0];
            if setup.corpus.is_closed(node) {
                bound = bound.min(self.alone(setup, node));
            }
        }
        if pattern.locations.len() <= FEW {
            bound = bound.min(self.charge(setup, pattern));
        }
        Some(bound)
    }

    /// Fact 3. With a body of cost s a location saves at most s plus what it repeats, less the call; the best s is one
    /// at which some location is exhausted.
    fn charge(&mut self, setup: Setup<'_>, pattern: &Pattern) -> i64 {
        let call = setup.costs.call(pattern.parameters.len());
        let lines: Vec<(i64, i64, f64)> = pattern
            .locations
            .iter()
            .zip(&pattern.values)
            .map(|(&node, &value)| {
                (value, self.repeated(setup.corpus, node) - call, setup.corpus.weight[node as usize])
            })
            .collect();
        let worth = |body: i64| {
            let saved = |&(value, extra, weight): &(i64, i64, f64)| weight * value.min(body + extra).max(0) as f64;
            let sum: f64 = lines.iter().map(saved).sum();
            (sum + setup.corpus.slack).ceil() as i64 - setup.settings.penalty(body)
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
        self.seen.resize(corpus.len() + 1, 0);
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

    /// Fact 2. Inlining a constant argument of cost a into k uses costs `penalty·k·a` and saves `apply + a` a call, so
    /// the pattern is worth keeping only with fewer calls than `penalty·k·a / (apply + a)`.
    fn constant_cap(&mut self, setup: Setup<'_>, pattern: &Pattern, parameter: &Parameter, node: u32) -> i64 {
        let Setup { corpus, costs, settings } = setup;
        let argument = corpus.cost[node as usize];
        if argument + costs.apply == 0 {
            return i64::MIN;
        }
        let counts = self.counts(corpus, node);
        let count = |at: u32| match counts {
            Some(counts) => at.checked_sub(node).map_or(0, |offset| i64::from(counts[offset as usize])),
            None => corpus.cost[at as usize].checked_div(argument).unwrap_or(0),
        };
        let rows = 0..pattern.locations.len();
        let more =
            rows.map(|row| pattern.holes.iter().map(|hole| count(hole.nodes[row])).sum::<i64>()).max().unwrap_or(0);
        let body_uses = i64::from(parameter.uses) + more;
        let fewer_than =
            settings.structure_penalty * body_uses as f64 * argument as f64 / (argument + costs.apply) as f64;
        let calls = if corpus.slack == 0.0 { (fewer_than.ceil() - 1.0).max(0.0) } else { fewer_than };
        let value = pattern.values.iter().copied().max().unwrap_or(0);
        (calls * value as f64 + corpus.slack).ceil() as i64 - settings.penalty(pattern.body_cost)
    }

    /// Fact 2 for any parameter whose argument is constant: no subterm occurs more often than its own leaves do.
    pub fn exception_cap(&mut self, setup: Setup<'_>, pattern: &Pattern) -> i64 {
        let Setup { corpus, settings, .. } = setup;
        if self.leaves.len() != corpus.len() {
            self.leaves = most_frequent_leaf(corpus);
        }
        let uses = pattern.locations.iter().map(|&node| self.leaves[node as usize]).max().unwrap_or(0);
        let fewer_than = settings.structure_penalty * f64::from(uses);
        let calls = if corpus.slack == 0.0 { (fewer_than.ceil() - 1.0).max(0.0) } else { fewer_than };
        let value = pattern.values.iter().copied().max().unwrap_or(0);
        (calls * value as f64 + corpus.slack).ceil() as i64 - settings.penalty(pattern.body_cost)
    }

    /// Whether a term holds the argument of a constant parameter. Using the parameter there is strictly better than
    /// writing the argument again.
    pub fn holds_constant(&mut self, corpus: &Corpus, pattern: &Pattern, whole: u32) -> bool {
        let mut constants = pattern.parameters.iter().filter_map(|parameter| parameter.constant);
        constants.any(|part| {
            let offset = whole.checked_sub(part).map(|offset| offset as usize);
            offset.is_some_and(|offset| self.counts(corpus, part).is_some_and(|counts| counts[offset] > 0))
        })
    }

    /// How often a closed term occurs in the tree of each node from it up; `None` when the table would be too large.
    fn counts(&mut self, corpus: &Corpus, node: u32) -> Option<&[u32]> {
        if !self.counts.contains_key(&node) {
            let size = corpus.len() - node as usize;
            if self.counted + size > COUNT_LIMIT {
                return None;
            }
            self.counted += size;
            let mut counts = vec![0u32; size];
            counts[0] = 1;
            for offset in 1..size {
                let at = |child: u32| match child.checked_sub(node) {
                    Some(offset) if (offset as usize) < size => counts[offset as usize],
                    _ => 0,
                };
                let index = node as usize + offset;
                counts[offset] = at(corpus.left[index]).saturating_add(at(corpus.right[index]));
            }
            self.counts.insert(node, counts);
        }
        self.counts.get(&node).map(Vec::as_slice)
    }

    /// The only location is one closed term: the term itself, without parameters, was scored before the search, so
    /// only parameters that the body repeats (fact 2) can add to it.
    fn alone(&mut self, setup: Setup<'_>, node: u32) -> i64 {
        if let Some(&known) = self.alone.get(&node) {
            return known;
        }
        let Setup { corpus, costs, settings } = setup;
        let (index, penalty) = (node as usize, settings.structure_penalty);
        let uses = corpus.weight[index];
        let plain = uses * (corpus.cost[index] - costs.call(0)) as f64 - penalty * corpus.cost[index] as f64;
        let mut extras: Vec<f64> = occurrences(corpus, node)
            .into_iter()
            .map(|(part, times)| {
                let cost = corpus.cost[part as usize] as f64;
                penalty * times * cost - uses * (costs.apply as f64 + cost)
            })
            .filter(|&extra| extra > 0.0)
            .collect();
        extras.sort_unstable_by(|a, b| b.total_cmp(a));
        extras.truncate(settings.max_arity);
        // Without such a parameter nothing is left to find here.
        let bound = match extras.is_empty() {
            true => i64::MIN,
            false => (plain + extras.iter().sum::<f64>() + corpus.slack).ceil() as i64 + 1,
        };
        self.alone.insert(node, bound);
        bound
    }
}

/// How often each proper subterm occurs in the tree of a term.
fn occurrences(corpus: &Corpus, node: u32) -> FastMap<u32, f64> {
    let mut times: FastMap<u32, f64> = FastMap::default();
    // Larger ids first: parents before children.
    let mut queue = std::collections::BinaryHeap::from([node]);
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
    times.remove(&node);
    times
}

/// For each node, the occurrences of the leaf that its tree has most often, all variables taken for one; the number of
/// its leaves when the corpus has too many names to count each.
fn most_frequent_leaf(corpus: &Corpus) -> Vec<u32> {
    let mut classes: FastMap<Option<u32>, Vec<u32>> = FastMap::default();
    for (node, head) in corpus.head.iter().enumerate() {
        match head {
            Head::Name(symbol) => classes.entry(Some(*symbol)).or_default().push(node as u32),
            Head::Variable(_) => classes.entry(None).or_default().push(node as u32),
            _ => {}
        }
    }
    let together = classes.len().saturating_mul(corpus.len()) > COUNT_LIMIT * 4;
    let groups: Vec<Vec<u32>> =
        if together { vec![classes.into_values().flatten().collect()] } else { classes.into_values().collect() };
    let mut most = vec![0; corpus.len()];
    for leaves in groups {
        let mut counts = vec![0u32; corpus.len() + 1];
        for &leaf in &leaves {
            counts[leaf as usize] = 1;
        }
        let first = leaves.iter().copied().min().unwrap_or(0) as usize;
        for node in first..corpus.len() {
            let below = counts[corpus.left[node] as usize].saturating_add(counts[corpus.right[node] as usize]);
            counts[node] = counts[node].saturating_add(below);
            most[node] = most[node].max(counts[node]);
        }
    }
    most
}
