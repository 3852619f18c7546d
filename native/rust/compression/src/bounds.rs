//! Bounds on what any completion of a pattern can be worth, beyond the sum over its rows.
//!
//! (1) A program saves no more than the outermost places in it cost. (2) A body is paid for: what several places save
//! together stands in it once, save for what is repeated inside a place.

use crate::columns::Row;
use crate::corpus::{Corpus, MANY};
use crate::pattern::Pattern;
use crate::stage::Stage;
use crate::term::FastMap;

/// Patterns with more rows than this are not charged by [`Bounds::charge`]: there it would change little.
const FEW: usize = 32;
/// A term with more distinct subterms than this is taken to repeat everything.
const DISTINCT_LIMIT: usize = 1 << 14;
/// Nodes that counting of distinct subterms may visit in a step.
const WORK_LIMIT: usize = 1 << 26;

/// What the rows of one program add up to.
#[derive(Clone, Copy)]
struct InProgram {
    worth: i64,
    /// Cost of the outermost places.
    cap: i64,
    /// The outermost place met last, and its occurrences.
    outermost: Option<(u32, u32)>,
}

const NOTHING: InProgram = InProgram { worth: 0, cap: 0, outermost: None };

/// Scratch space of the bounds, and what is known about repetitions.
pub struct Bounds {
    programs: Vec<InProgram>,
    touched: Vec<u32>,
    tasks: Vec<i64>,
    repeated: FastMap<u32, i64>,
    seen: Vec<u32>,
    epoch: u32,
    work: usize,
}

impl Bounds {
    pub fn new(corpus: &Corpus) -> Self {
        Bounds {
            programs: vec![NOTHING; corpus.program_count],
            touched: Vec::new(),
            tasks: vec![0; corpus.tasks.len()],
            repeated: FastMap::default(),
            seen: vec![0; corpus.len() + 1],
            epoch: 0,
            work: 0,
        }
    }

    /// Lowers a pattern's bound; one below `cutoff` may be left loose.
    pub fn lower(&mut self, stage: &Stage<'_>, pattern: &mut Pattern, cutoff: i64) {
        let penalty = stage.penalty(pattern.body_cost);
        let worth: i64 = pattern.rows.iter().map(Row::worth).sum();
        pattern.bound = pattern.bound.min(worth - penalty);
        if pattern.bound < cutoff {
            return;
        }
        let capped = self.capped(stage, pattern);
        pattern.bound = pattern.bound.min(capped - penalty);
        if pattern.bound < cutoff {
            return;
        }
        if pattern.rows.len() <= FEW {
            pattern.bound = pattern.bound.min(self.charge(stage, pattern));
        }
    }

    /// Fact 1: the sum over the programs, of a task's programs the greatest.
    fn capped(&mut self, stage: &Stage<'_>, pattern: &Pattern) -> i64 {
        let corpus = &stage.corpus;
        let mut sum = 0;
        for row in pattern.rows.iter().rev() {
            let program = row.program;
            if program == MANY {
                sum += row.worth();
                continue;
            }
            let it = &mut self.programs[program as usize];
            if it.outermost.is_none() {
                self.touched.push(program);
            }
            it.worth += row.worth();
            // Every occurrence of the outermost place holds at least one of a place below it.
            let fact = stage.fact(row.location);
            let apart = match it.outermost {
                Some((above, weight)) if fact.is_below(stage.fact(above)) => row.weight.saturating_sub(weight),
                _ => {
                    it.outermost = Some((row.location, row.weight));
                    row.weight
                }
            };
            it.cap += i64::from(apart) * fact.cost;
        }
        if corpus.additive {
            for program in self.touched.drain(..) {
                let it = std::mem::replace(&mut self.programs[program as usize], NOTHING);
                sum += it.worth.min(it.cap);
            }
            return sum;
        }
        for &program in &self.touched {
            let it = std::mem::replace(&mut self.programs[program as usize], NOTHING);
            let most = &mut self.tasks[corpus.task_of[program as usize] as usize];
            *most = (*most).max(it.worth.min(it.cap));
        }
        for program in self.touched.drain(..) {
            sum += std::mem::take(&mut self.tasks[corpus.task_of[program as usize] as usize]);
        }
        sum
    }

    /// Fact 2. With a body of cost s a place saves at most s plus what it repeats, less the call; the best s is one
    /// at which some place is exhausted.
    fn charge(&mut self, stage: &Stage<'_>, pattern: &Pattern) -> i64 {
        let call = stage.costs.call(pattern.parameters.len());
        let line = |row: &Row| (row.value, self.repeated(&stage.corpus, row.location) - call, i64::from(row.weight));
        let lines: Vec<(i64, i64, i64)> = pattern.rows.iter().map(line).collect();
        let worth = |body: i64| {
            let saved = |&(value, extra, weight): &(i64, i64, i64)| weight * value.min(body + extra).max(0);
            lines.iter().map(saved).sum::<i64>() - stage.penalty(body)
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

/// The utility of a pattern if every hole becomes a parameter at once, each place counted; only the charge for the body
/// if there are too many holes.
pub fn guess(stage: &Stage<'_>, pattern: &Pattern) -> i64 {
    let penalty = stage.penalty(pattern.body_cost);
    if pattern.holes.len() > stage.parameters_left(pattern) {
        return -penalty;
    }
    let mut values: Vec<i64> = pattern.rows.iter().map(|row| row.value).collect();
    for hole in &pattern.holes {
        for (value, &node) in values.iter_mut().zip(hole.nodes.iter()) {
            *value -= stage.costs.apply + stage.fact(node).cost;
        }
    }
    let worth = values.iter().zip(pattern.rows.iter()).map(|(&value, row)| i64::from(row.weight) * value.max(0));
    worth.sum::<i64>() - penalty
}
