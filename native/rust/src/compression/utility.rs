//! The exact saving of a pattern: which of its overlapping matches to use, by dynamic programming over the DAG.
//!
//! `gain(n)` is the most that the subtree at n can save: the sum over n's children, or, where the pattern matches and it
//! is strictly better, `value(n)` plus the gain of each argument once. The same recursion on the values of a
//! *partial* pattern bounds every completion of it: a completion's values and locations are no larger, and what a
//! location gains never exceeds its value plus the gains of arguments already fixed.

use super::corpus::{cheapest, Corpus};
use super::pattern::Pattern;

/// Scratch space for the recursion; one entry a node and one for the sentinel.
pub struct Sweep {
    gain: Vec<i64>,
    uses: Vec<i64>,
    marked: Vec<u64>,
    touched: Vec<u32>,
    /// Indices of the locations where the pattern is used.
    pub used: Vec<u32>,
}

/// What a sweep found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Saving {
    /// The fall of the corpus's cost.
    pub cost: i64,
    /// The calls in all rewritten programs.
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
            used: Vec::new(),
        }
    }

    /// The saving of a pattern (exact when it is complete, an upper bound otherwise); leaves `used` filled.
    pub fn saving(&mut self, corpus: &Corpus, pattern: &Pattern) -> Saving {
        self.used.clear();
        self.climb(corpus, pattern);
        let saving = self.total(corpus);
        for &node in &self.touched {
            self.gain[node as usize] = 0;
            self.uses[node as usize] = 0;
        }
        self.touched.clear();
        saving
    }

    /// Visits the locations and whatever stands above a gain, children first.
    fn climb(&mut self, corpus: &Corpus, pattern: &Pattern) {
        let Some(&first) = pattern.locations.first() else {
            return;
        };
        for &node in &pattern.locations {
            self.marked[node as usize / 64] |= 1 << (node % 64);
        }
        let mut next = 0;
        for word in first as usize / 64..self.marked.len() {
            while self.marked[word] != 0 {
                let node = (word * 64) as u32 + self.marked[word].trailing_zeros();
                self.marked[word] &= self.marked[word] - 1;
                self.visit(corpus, pattern, node, &mut next);
            }
        }
    }

    fn visit(&mut self, corpus: &Corpus, pattern: &Pattern, node: u32, next: &mut usize) {
        let (left, right) = (corpus.left[node as usize] as usize, corpus.right[node as usize] as usize);
        let mut gain = self.gain[left] + self.gain[right];
        let mut uses = self.uses[left] + self.uses[right];
        if pattern.locations.get(*next) == Some(&node) {
            let (mut value, mut count) = (pattern.values[*next], 1);
            for parameter in &pattern.parameters {
                let argument = parameter.nodes[*next] as usize;
                value += self.gain[argument];
                count += self.uses[argument];
            }
            if value > gain {
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
                self.marked[parent as usize / 64] |= 1 << (parent % 64);
            }
        }
    }

    fn total(&self, corpus: &Corpus) -> Saving {
        let mut saving = Saving { cost: 0, uses: 0 };
        for roots in &corpus.tasks {
            if !corpus.additive {
                saving.cost += cheapest(roots, |_| 0) - cheapest(roots, |node| self.gain[node as usize]);
            }
            for root in roots {
                saving.uses += self.uses[root.node as usize];
                if corpus.additive {
                    saving.cost += self.gain[root.node as usize];
                }
            }
        }
        saving
    }
}
