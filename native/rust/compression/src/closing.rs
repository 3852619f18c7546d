//! How much can be left of a pattern if a hole gets no new parameter of its own.
//!
//! Where that is less than the best found so far, the hole is *hard*: it needs a parameter, and a pattern with more hard
//! holes than parameters left leads nowhere. What fills a hole without a new parameter of its own
//! is one term for all rows that survive, up to arguments that are known or stand elsewhere in the pattern too; so the
//! rows that survive agree on what does not depend on arguments. They have one class, if no parameter
//! ends the left spine; otherwise they have, below as many arguments, a term no dearer than what stands elsewhere. And
//! they have one signature, if the arguments in question have one at all rows.

use crate::facts::{Fact, Facts, LOW};
use crate::pattern::{Demand, Hole, Pattern};
use crate::stage::Stage;

/// Sums by a small number, all zero between uses.
#[derive(Default)]
struct Sums {
    of: Vec<i64>,
    touched: Vec<u32>,
    most: i64,
}

impl Sums {
    fn with_size(size: usize) -> Self {
        Sums { of: vec![0; size], touched: Vec::new(), most: 0 }
    }

    fn add(&mut self, number: u32, worth: i64) {
        let sum = &mut self.of[number as usize];
        if *sum == 0 {
            self.touched.push(number);
        }
        *sum += worth;
        self.most = self.most.max(*sum);
    }

    /// The greatest sum; forgets all.
    fn finish(&mut self) -> i64 {
        for number in self.touched.drain(..) {
            self.of[number as usize] = 0;
        }
        std::mem::take(&mut self.most)
    }
}

/// What is left of a pattern if a hole gets no new parameter of its own: at most, in all, and by classes alone. The
/// second also holds if it gets one that stands elsewhere in the hole than only at the end of its left spine.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    pub most: i64,
    pub by_class: i64,
}

/// Scratch space of the bound.
pub struct Closing {
    nodes: Sums,
    signatures: Sums,
    classes: Sums,
    /// By the number of arguments after a prefix of the spine that may be a parameter's argument.
    arguments: Sums,
    /// Worth of rows whose spine is too long to tell.
    untold: i64,
}

impl Closing {
    pub fn new(facts: &Facts) -> Self {
        Closing {
            nodes: Sums::with_size(facts.of.len()),
            signatures: Sums::with_size(facts.signatures),
            classes: Sums::with_size(facts.classes),
            arguments: Sums::with_size(facts.longest_spine + 1),
            untold: 0,
        }
    }

    /// The most that is left if a hole is filled by a term without parameters.
    pub fn by_whole_term(&mut self, stage: &Stage<'_>, pattern: &Pattern, hole: &Hole) -> i64 {
        for (row, &node) in pattern.rows.iter().zip(hole.nodes.iter()) {
            if stage.corpus.reach[node as usize] <= hole.depth {
                self.nodes.add(node, row.worth());
            }
        }
        self.nodes.finish()
    }

    /// The most that is left if a hole is filled from constants and the parameters there are; stops early at `enough`.
    pub fn with_old_parameters(&mut self, stage: &Stage<'_>, pattern: &Pattern, hole: &Hole, enough: i64) -> i64 {
        if hole.demand == Demand::NoParameter {
            return self.by_whole_term(stage, pattern, hole);
        }
        let uniform = uniform_signatures(stage, pattern);
        let arguments: Vec<&[u32]> = pattern.parameters.iter().map(|it| &it.nodes[..]).collect();
        for (index, (row, &node)) in pattern.rows.iter().zip(hole.nodes.iter()).enumerate() {
            let worth = row.worth();
            if stage.corpus.reach[node as usize] <= hole.depth {
                self.nodes.add(node, worth);
            }
            let (mut any, mut dearest, mut comparable) = (false, 0, true);
            for (number, nodes) in arguments.iter().enumerate() {
                let argument = nodes[index];
                dearest = dearest.max(stage.fact(argument).cost);
                if stage.may_contain(node, argument) {
                    any = true;
                    comparable &= uniform >> number & 1 == 1;
                }
            }
            if !any {
                continue;
            }
            let fact = stage.fact(node);
            if comparable {
                self.signatures.add(fact.signature, worth);
            } else {
                self.add_spine(&stage.facts, node, fact, worth, dearest);
            }
            if self.signatures.most + self.classes.most.max(self.arguments.most + self.untold) >= enough {
                break;
            }
        }
        let left = self.signatures.finish() + self.finish_spines();
        left.max(self.nodes.finish())
    }

    /// The most that is left if no new parameter stands in a hole only; stops early at `enough`.
    pub fn without_own_parameter(&mut self, stage: &Stage<'_>, pattern: &Pattern, hole: usize, enough: i64) -> Left {
        let this = &pattern.holes[hole];
        if this.demand == Demand::NoParameter {
            let most = self.by_whole_term(stage, pattern, this);
            return Left { most, by_class: most };
        }
        let others = pattern.holes.iter().enumerate().filter(move |&(other, _)| other != hole).map(|(_, it)| it);
        // What stands elsewhere has no signature: then signatures do not depend on it.
        let arguments = pattern.parameters.iter().map(|it| &it.nodes[..]);
        let elsewhere: Vec<&[u32]> = arguments.chain(others.map(|it| &it.nodes[..])).collect();
        let comparable = elsewhere.iter().all(|column| column.iter().all(|&node| stage.fact(node).plain));
        for (index, (row, &node)) in pattern.rows.iter().zip(this.nodes.iter()).enumerate() {
            let fact = stage.fact(node);
            let worth = row.worth();
            if comparable {
                self.signatures.add(fact.signature, worth);
            }
            let dearest = elsewhere.iter().map(|column| stage.fact(column[index]).cost).fold(fact.dearest, i64::max);
            self.add_spine(&stage.facts, node, fact, worth, dearest);
            let by_class = self.classes.most.max(self.arguments.most + self.untold);
            if by_class >= enough && (!comparable || self.signatures.most >= enough) {
                break;
            }
        }
        let by_signature = self.signatures.finish();
        let by_class = self.finish_spines();
        Left { most: if comparable { by_class.min(by_signature) } else { by_class }, by_class }
    }

    /// Adds a row to the groups in which it can survive: by its class, and by every prefix of its spine that may be an
    /// argument, being no dearer than `dearest`.
    fn add_spine(&mut self, facts: &Facts, node: u32, fact: &Fact, worth: i64, dearest: i64) {
        self.classes.add(fact.class, worth);
        let low = &facts.low[node as usize];
        for given in 0..=fact.spine {
            if given as usize == LOW {
                self.untold += worth;
                return;
            }
            if facts.of[low[given as usize] as usize].cost > dearest {
                return;
            }
            self.arguments.add(fact.spine - given, worth);
        }
    }

    fn finish_spines(&mut self) -> i64 {
        let by_prefix = self.arguments.finish() + std::mem::take(&mut self.untold);
        self.classes.finish().max(by_prefix)
    }
}

/// Bit i: the arguments of parameter i have one signature at all rows.
fn uniform_signatures(stage: &Stage<'_>, pattern: &Pattern) -> u64 {
    let uniform = |nodes: &[u32]| {
        let first = stage.fact(nodes[0]).signature;
        nodes.iter().all(|&node| stage.fact(node).signature == first)
    };
    let numbered = pattern.parameters.iter().enumerate();
    numbered.fold(0, |bits, (number, it)| bits | u64::from(uniform(&it.nodes)) << number)
}
