//! One step: the abstraction of greatest utility, by best-first branch and bound over partial patterns.
//!
//! The search is Stitch's (corpus-guided top-down synthesis, Bowers et al., POPL 2023) with other data structures and
//! bounds: see `pattern`, `utility` and `bounds`. A pattern is split at the hole whose best choice is worst, so that a
//! disagreement between locations is settled before the nodes on which they agree.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

use crate::choices::{Choice, Stage};
use crate::corpus::{merge_task, no_task, serves_enough, Corpus};
use crate::error::Error;
use crate::limits::{Limits, Stop};
use crate::pattern::{number, Demand, Expansion, Hole, Parameter, Pattern, Trail, START};
use crate::term::Id;
use crate::utility::{Saving, Sweep};
use crate::variants::{self, Part};

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

    /// Greater utility, then greater saving (of two with the same total the one that leaves less to the programs), smaller
    /// arity, more uses, and the lexicographically first body.
    fn beats(&self, other: &Candidate) -> bool {
        let rank = |it: &Candidate| (it.utility, it.saving.cost, std::cmp::Reverse(it.arity()), it.saving.uses);
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
    Pending { parent: Rc<Pattern>, hole: u32, choice: Choice },
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

pub struct Search<'a, 'b> {
    stage: Stage<'a>,
    limits: &'a mut Limits<'b>,
    sweep: Sweep,
    queue: BinaryHeap<Entry>,
    pushed: u64,
    best: Option<Candidate>,
}

impl<'a, 'b> Search<'a, 'b> {
    pub fn new(stage: Stage<'a>, limits: &'a mut Limits<'b>) -> Self {
        let sweep = Sweep::new(&stage.corpus);
        Search { stage, limits, sweep, queue: BinaryHeap::new(), pushed: 0, best: None }
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
            let held = self.stage.meter.bytes()
                + self.stage.trail.bytes()
                + self.queue.capacity() * std::mem::size_of::<Entry>();
            stop = self.limits.check(held)?;
            if stop != Stop::Proven {
                break;
            }
            self.visit(entry)?;
        }
        Ok((Outcome { best: self.best, stop, visited }, self.stage.corpus, self.sweep))
    }

    /// The least bound worth exploring. Ties with the best are explored: the tie-breaks decide.
    fn cutoff(&self) -> i64 {
        self.best.as_ref().map_or(1, |best| best.utility)
    }

    fn push(&mut self, bound: i64, item: Item) {
        self.pushed += 1;
        self.queue.push(Entry { bound, order: self.pushed, item });
    }

    /// Scores every closed term as an abstraction without parameters, from the most promising down.
    fn score_constants(&mut self) -> Result<Stop, Error> {
        let corpus = &self.stage.corpus;
        let mut promising: Vec<(i64, u32)> = (0..corpus.len())
            .filter(|&node| !self.stage.excluded[node])
            .filter(|&node| corpus.is_closed(node as u32) && serves_enough(corpus.task[node], self.stage.settings))
            .map(|node| {
                let saved = corpus.weight[node] * (corpus.cost[node] - self.stage.costs.call(0)) as f64;
                (saved.ceil() as i64 - self.stage.settings.penalty(corpus.cost[node]), node as u32)
            })
            .collect();
        promising.sort_unstable_by_key(|&(bound, node)| (std::cmp::Reverse(bound), node));
        for (bound, node) in promising {
            let value = self.stage.corpus.cost[node as usize] - self.stage.costs.call(0);
            if value <= 0 || bound.saturating_add(self.stage.extra(0, value, self.cutoff())) < self.cutoff() {
                continue;
            }
            let stop = self.limits.check(0)?;
            if stop != Stop::Proven {
                return Ok(stop);
            }
            let cost = self.stage.corpus.cost[node as usize];
            let values = vec![value];
            let pattern = Pattern::new(START, 1, vec![node], values, vec![], vec![], cost, &self.stage.meter);
            let body = self.stage.corpus.term[node as usize];
            self.score(pattern, Some(body))?;
        }
        Ok(Stop::Proven)
    }

    fn start(&mut self) {
        let call = self.stage.costs.call(0);
        let fits = |node: usize| self.stage.corpus.cost[node] > call && !self.stage.excluded[node];
        let nodes: Vec<u32> = (0..self.stage.corpus.len()).filter(|&node| fits(node)).map(|node| node as u32).collect();
        if nodes.is_empty() {
            return;
        }
        let values = nodes.iter().map(|&node| self.stage.corpus.cost[node as usize] - call).collect();
        let hole = Hole { slot: 0, depth: 0, applied: false, demand: Demand::Parameter, nodes: nodes.clone() };
        let pattern = Pattern::new(START, 1, nodes, values, vec![hole], vec![], 0, &self.stage.meter);
        self.push(i64::MAX, Item::Ready(Rc::new(pattern)));
    }

    fn visit(&mut self, entry: Entry) -> Result<(), Error> {
        let pattern = match entry.item {
            Item::Ready(pattern) => pattern,
            Item::Pending { parent, hole, choice } => {
                let Some(pattern) = self.stage.build(&parent, hole as usize, choice.expansion) else {
                    return Ok(());
                };
                let Some(special) = self.stage.bound(&pattern) else {
                    return Ok(());
                };
                let extra = self.stage.extra(pattern.parameters.len(), pattern.value(), self.cutoff());
                let mut bound = special.min(choice.bound).saturating_add(extra);
                if bound >= self.cutoff() {
                    let saving = self.sweep.saving(&self.stage.corpus, &pattern);
                    bound = bound.min(saving.cost - self.stage.settings.penalty(pattern.body_cost) + extra);
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
        let Some((hole, mut choices)) = self.stage.choose(pattern) else {
            return Ok(());
        };
        choices.sort_by_key(|choice| std::cmp::Reverse(choice.bound));
        let last = pattern.holes.len() == 1;
        for choice in choices {
            let parameters = pattern.parameters.len() + usize::from(choice.expansion == Expansion::Fresh);
            let bound = choice.bound.saturating_add(self.stage.extra(parameters, pattern.value(), self.cutoff()));
            if bound < self.cutoff() {
                continue;
            }
            if !last || Trail::opened(choice.expansion) > 0 {
                self.push(bound, Item::Pending { parent: Rc::clone(pattern), hole: hole as u32, choice });
            } else if let Some(child) = self.stage.build(pattern, hole, choice.expansion) {
                self.score(child, None)?;
            }
        }
        Ok(())
    }

    /// Computes the exact utility of a complete pattern and keeps it if it is the best and accepted; then tries it with
    /// constant parameters where they can pay.
    fn score(&mut self, pattern: Pattern, body: Option<Id>) -> Result<(), Error> {
        let saving = self.sweep.saving(&self.stage.corpus, &pattern);
        let utility = saving.cost - self.stage.settings.penalty(pattern.body_cost);
        let extra = self.stage.extra(pattern.parameters.len(), pattern.value(), self.cutoff());
        if utility.saturating_add(extra) < self.cutoff() {
            return Ok(());
        }
        let body = body.or_else(|| self.stage.trail.body(self.stage.terms, pattern.trail));
        let body = body.ok_or_else(|| Error::internal("a complete pattern without a body"))?;
        let pattern = Rc::new(pattern);
        if utility >= self.cutoff() {
            self.consider(Rc::clone(&pattern), body, saving, utility)?;
        }
        if extra > 0 {
            let parts = variants::closed_parts(self.stage.terms, &self.stage.corpus, body);
            self.vary(&pattern, body, utility, &parts)?;
        }
        Ok(())
    }

    /// Turns repeated closed parts of a complete pattern's body into parameters, one after another.
    fn vary(&mut self, pattern: &Pattern, body: Id, utility: i64, parts: &[Part]) -> Result<(), Error> {
        let eta_long = self.stage.settings.eta_long;
        for (index, part) in parts.iter().enumerate() {
            let extra = self.stage.extra(pattern.parameters.len(), pattern.value(), self.cutoff());
            if extra == 0 || utility.saturating_add(extra) < self.cutoff() {
                return Ok(());
            }
            let copies = variants::copies(self.stage.terms, body, part.term, eta_long);
            if !self.stage.may_add(copies, part.cost, pattern.value(), self.cutoff()) {
                continue;
            }
            let Some(varied) = self.with_constant(pattern, part, copies) else {
                continue;
            };
            let own = pattern.parameters.len() as u32;
            let body = variants::replace(self.stage.terms, body, part.term, own, eta_long);
            let saving = self.sweep.saving(&self.stage.corpus, &varied);
            let utility = saving.cost - self.stage.settings.penalty(varied.body_cost);
            let varied = Rc::new(varied);
            if utility >= self.cutoff() {
                self.consider(Rc::clone(&varied), body, saving, utility)?;
            }
            self.vary(&varied, body, utility, &parts[index + 1..])?;
        }
        Ok(())
    }

    /// A complete pattern with one more parameter, the same at every location; `None` if no location is left.
    fn with_constant(&self, pattern: &Pattern, part: &Part, copies: f64) -> Option<Pattern> {
        let price = self.stage.costs.apply + part.cost;
        let rows: Vec<usize> = (0..pattern.locations.len()).filter(|&row| pattern.values[row] > price).collect();
        let take = |column: &[u32]| -> Vec<u32> { rows.iter().map(|&row| column[row]).collect() };
        let locations = take(&pattern.locations);
        let mut task = no_task();
        locations.iter().for_each(|&node| merge_task(&mut task, self.stage.corpus.task[node as usize]));
        if !serves_enough(task, self.stage.settings) {
            return None;
        }
        let kept = pattern.parameters.iter();
        let mut parameters: Vec<Parameter> =
            kept.map(|it| Parameter { depth: it.depth, nodes: take(&it.nodes), shapes: take(&it.shapes) }).collect();
        let nodes = vec![part.node; rows.len()];
        parameters.push(Parameter { depth: 0, nodes, shapes: vec![part.term; rows.len()] });
        let values = rows.iter().map(|&row| pattern.values[row] - price).collect();
        let body_cost = pattern.body_cost - (copies * part.cost as f64) as i64;
        Some(Pattern::new(START, 0, locations, values, vec![], parameters, body_cost, &self.stage.meter))
    }

    /// Keeps a complete pattern if it is the best and the caller accepts it.
    fn consider(&mut self, pattern: Rc<Pattern>, body: Id, saving: Saving, utility: i64) -> Result<(), Error> {
        let numbered = number(self.stage.terms, body);
        let (body, numbers) = numbered.ok_or_else(|| Error::internal("a body that cannot be numbered"))?;
        let text = self.stage.terms.text(body);
        let candidate = Candidate { pattern, body, text, numbers, utility, saving };
        if self.best.as_ref().is_some_and(|best| !candidate.beats(best)) {
            return Ok(());
        }
        let definition = self.stage.terms.definition(body, candidate.arity() as u32);
        let definition = definition.ok_or_else(|| Error::internal("a body without a definition"))?;
        if self.limits.accept(&self.stage.terms.text(definition))? {
            self.best = Some(candidate);
        }
        Ok(())
    }
}
