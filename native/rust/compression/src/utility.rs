//! The exact saving of a pattern: which of its overlapping matches to use, by dynamic programming over the DAG.
//!
//! `gain(n)` is the most that the subtree at n can save: the sum over n's children, or, where the pattern matches and it
//! is strictly better, `value(n)` plus the gain of each argument once.

use crate::columns::Row;
use crate::corpus::{cheapest, Corpus, NO_NODE};
use crate::pattern::Parameter;

/// Scratch space for the recursion; one entry a node and one for the sentinel.
pub struct Sweep {
    gain: Vec<i64>,
    uses: Vec<i64>,
    marked: Vec<u64>,
    touched: Vec<u32>,
    /// For each program, its last location: nodes of that program alone that come later stand above none.
    last: Vec<u32>,
    /// The last location of all.
    end: u32,
    sum: Saving,
    /// Indices of the locations where the pattern is used.
    pub used: Vec<u32>,
}

/// What a sweep found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Saving {
    /// The fall of the corpus's cost.
    pub cost: i64,
    /// The calls in all rewritten programs; where tasks count several times, theirs do.
    pub uses: i64,
}

impl Sweep {
    pub fn new(corpus: &Corpus) -> Self {
        let size = corpus.len() + 1;
        Sweep {
            gain: vec![0; size],
            uses: vec![0; size],
            marked: vec![0; size / 64 + 1],
            touched: Vec::new(),
            last: vec![0; corpus.program_count],
            end: NO_NODE,
            sum: Saving { cost: 0, uses: 0 },
            used: Vec::new(),
        }
    }

    /// The saving of a complete pattern; leaves `used` filled.
    pub fn saving(&mut self, corpus: &Corpus, rows: &[Row], parameters: &[Parameter]) -> Saving {
        self.used.clear();
        self.sum = Saving { cost: 0, uses: 0 };
        self.climb(corpus, rows, parameters);
        let saving = if corpus.additive { self.sum } else { self.total(corpus) };
        self.reset(corpus, rows);
        saving
    }

    fn reset(&mut self, corpus: &Corpus, rows: &[Row]) {
        for &node in &self.touched {
            self.gain[node as usize] = 0;
            self.uses[node as usize] = 0;
        }
        self.touched.clear();
        for row in rows {
            if let Some(last) = self.last.get_mut(corpus.program[row.location as usize] as usize) {
                *last = 0;
            }
        }
    }

    /// Visits the locations and whatever stands above a gain, children first.
    fn climb(&mut self, corpus: &Corpus, rows: &[Row], parameters: &[Parameter]) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return;
        };
        // Nodes that come later than every location stand above none.
        self.end = if corpus.additive { last.location } else { NO_NODE };
        for &Row { location: node, .. } in rows {
            if let Some(last) = self.last.get_mut(corpus.program[node as usize] as usize) {
                *last = node;
            }
            self.marked[node as usize / 64] |= 1 << (node % 64);
        }
        let mut next = 0;
        for word in first.location as usize / 64..self.marked.len() {
            while self.marked[word] != 0 {
                let node = (word * 64) as u32 + self.marked[word].trailing_zeros();
                self.marked[word] &= self.marked[word] - 1;
                self.visit(corpus, rows, parameters, node, &mut next);
            }
        }
    }

    fn visit(&mut self, corpus: &Corpus, rows: &[Row], parameters: &[Parameter], node: u32, next: &mut usize) {
        let (left, right) = (corpus.left[node as usize] as usize, corpus.right[node as usize] as usize);
        let mut gain = self.gain[left] + self.gain[right];
        let mut uses = self.uses[left] + self.uses[right];
        if let Some(row) = rows.get(*next).filter(|row| row.location == node) {
            let (mut value, mut count) = (row.value, 1);
            for parameter in parameters {
                let argument = parameter.nodes[*next] as usize;
                value += self.gain[argument];
                count += self.uses[argument];
            }
            if value > gain {
                // The number of occurrences.
                let times = i64::from(row.weight);
                self.sum.cost += times * (value - gain);
                self.sum.uses += times * (count - uses);
                gain = value;
                uses = count;
                self.used.push(*next as u32);
            }
            *next += 1;
        }
        if gain > 0 {
            self.gain[node as usize] = gain;
            self.uses[node as usize] = uses;
            self.touched.push(node);
            for &parent in corpus.parents(node) {
                let last = self.last.get(corpus.program[parent as usize] as usize);
                if parent > self.end || corpus.additive && last.is_some_and(|&last| parent > last) {
                    continue;
                }
                self.marked[parent as usize / 64] |= 1 << (parent % 64);
            }
        }
    }

    /// The saving from the gains at the roots, where some task has several programs.
    fn total(&self, corpus: &Corpus) -> Saving {
        let mut saving = Saving { cost: 0, uses: 0 };
        for (roots, &share) in corpus.tasks.iter().zip(&corpus.shares) {
            let saved = cheapest(roots, |_| 0) - cheapest(roots, |node| self.gain[node as usize]);
            saving.cost += i64::from(share) * saved;
            saving.uses += roots.iter().map(|root| self.uses[root.node as usize]).sum::<i64>();
        }
        saving
    }
}
