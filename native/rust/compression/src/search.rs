//! One step: the abstraction of greatest utility, by depth-first branch and bound over partial patterns.
//!
//! The search is Stitch's (corpus-guided top-down synthesis, Bowers et al., POPL 2023) in another order and with other
//! bounds: see `closing` and `bounds`. Depth first, only the patterns along one path and their untried siblings are held;
//! the siblings are tried in the order of what they would be worth with a parameter in every hole, so that a
//! good abstraction is known early.

use std::cmp::Ordering;

use crate::bounds::{guess, Bounds};
use crate::children::{is_dominated, Builder};
use crate::choices::{Choice, Chooser};
use crate::closing::Closing;
use crate::columns::{Row, Rows};
use crate::corpus::{serves_enough, Corpus, Head};
use crate::error::Error;
use crate::library::meaning::Known;
use crate::limits::{Limits, Stop};
use crate::matching;
use crate::pattern::{body, number, opened, Demand, Expansion, Hole, Parameter, Pattern, Plan, Step};
use crate::spine::Spine;
use crate::stage::Stage;
use crate::term::Id;
use crate::utility::{Saving, Sweep};

/// Good abstractions that a step hands to the next, as a first guess.
const RUNNERS_UP: usize = 24;
/// Only holes that hold at least this part of what the largest one holds are tried for being hard.
const SMALL: i64 = 4;

/// The argument of a new application is chosen at once only in patterns with so few holes: along a deep nest, where one
/// argument stands in another, that would leave a hole for each function.
const FEW_HOLES: usize = 4;

/// A step is about the work of splitting a small pattern: also that of so many entries in the columns of a larger one, and
/// of so many nodes of the corpus before a search (measured, about two thirds of a microsecond each).
const ENTRIES_PER_STEP: usize = 64;
const NODES_PER_STEP: u64 = 2;

/// What splitting a pattern takes: one step, and more in proportion to its columns.
fn steps(pattern: &Pattern) -> u64 {
    let entries = pattern.rows.len() * (pattern.holes.len() + pattern.parameters.len());
    1 + (entries / ENTRIES_PER_STEP) as u64
}

/// A complete pattern and what it is worth.
pub struct Candidate {
    pub rows: Rows,
    pub parameters: Vec<Parameter>,
    pub body: Id,
    pub text: String,
    /// For each `#i`, the pattern's own parameter.
    pub numbers: Vec<u32>,
    pub body_cost: i64,
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

/// A good abstraction: its utility where it was found, its body and arity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RunnerUp {
    pub utility: i64,
    pub body: Id,
    pub arity: usize,
}

/// What a step ended with.
pub struct Outcome {
    pub best: Option<Candidate>,
    pub stop: Stop,
    /// Patterns that were split.
    pub visited: u64,
    /// Steps that this took; see [`steps`].
    pub spent: u64,
    pub runners_up: Vec<RunnerUp>,
    pub corpus: Corpus,
    pub sweep: Sweep,
}

/// How far a search goes, and what it keeps besides the best.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// The number of good abstractions to keep.
    pub keep: usize,
    /// Patterns that may lead to this share of the best utility are followed.
    pub share: f64,
    /// Patterns are split until so many steps are spent; see [`steps`].
    pub steps: u64,
    /// The least utility that is wanted.
    pub floor: i64,
}

impl Reach {
    /// The best, and what helps the next step to find its own.
    pub const BEST: Reach = Reach { keep: RUNNERS_UP, share: 1.0, steps: u64::MAX, floor: 1 };
}

/// Where a pattern is split.
enum Split {
    Nowhere,
    Spine,
    /// At a hole; `closed` if it gets no new parameter, `reserved` if its new one stands at the end of its spine.
    At {
        hole: usize,
        closed: bool,
        reserved: bool,
    },
}

pub struct Search<'a, 'b> {
    stage: Stage<'a>,
    limits: &'a mut Limits<'b>,
    sweep: Sweep,
    closing: Closing,
    chooser: Chooser,
    bounds: Bounds,
    builder: Builder,
    spine: Spine,
    /// The steps that made the pattern at hand.
    path: Vec<Step>,
    best: Option<Candidate>,
    runners_up: Vec<RunnerUp>,
    reach: Reach,
    library: Option<Known<'a>>,
    /// Whether patterns are bounded by the sum over their rows only.
    plain: bool,
}

impl<'a, 'b> Search<'a, 'b> {
    pub fn new(stage: Stage<'a>, limits: &'a mut Limits<'b>) -> Self {
        Search {
            sweep: Sweep::new(&stage.corpus),
            closing: Closing::new(&stage.facts),
            bounds: Bounds::new(&stage.corpus),
            builder: Builder::default(),
            chooser: Chooser::default(),
            spine: Spine::default(),
            path: Vec::new(),
            best: None,
            runners_up: Vec::new(),
            reach: Reach::BEST,
            library: None,
            plain: false,
            stage,
            limits,
        }
    }

    /// The same search for an abstraction beside those of a library.
    pub fn beside(self, library: Known<'a>, reach: Reach) -> Self {
        Search { library: Some(library), reach, ..self }
    }

    /// The same search bounded by the sum over a pattern's rows only, without hard holes and ways along spines: slow,
    /// and simple enough to check the other bounds against.
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// Runs to the optimum, or to a limit with the best pattern so far; `known` are abstractions to start from.
    pub fn run(mut self, known: &[RunnerUp]) -> Result<Outcome, Error> {
        let (mut visited, mut spent) = (0, self.stage.corpus.len() as u64 / NODES_PER_STEP);
        let mut stop = self.score_constants()?;
        self.score_known(known)?;
        let mut stack: Vec<(usize, Pattern)> = Vec::new();
        stack.extend(self.start().map(|pattern| (0, pattern)));
        let mut held: usize = stack.iter().map(|(_, pattern)| pattern.bytes()).sum();
        while let (Stop::Proven, Some((depth, pattern))) = (stop, stack.pop()) {
            if spent >= self.reach.steps {
                break;
            }
            held -= pattern.bytes();
            if pattern.bound < self.cutoff() {
                continue;
            }
            self.path.truncate(depth);
            self.path.extend(&pattern.steps);
            visited += 1;
            spent += steps(&pattern);
            let path = self.path.capacity() * size_of::<Step>();
            stop = self.limits.check(held + path + self.stage.held())?;
            let mut children = self.split(&pattern)?;
            if children.len() > 1 {
                children.sort_by_cached_key(|child| std::cmp::Reverse((guess(&self.stage, child), child.bound)));
            }
            held += children.iter().map(Pattern::bytes).sum::<usize>();
            let depth = self.path.len();
            stack.extend(children.into_iter().rev().map(|child| (depth, child)));
        }
        Ok(Outcome {
            best: self.best,
            stop,
            visited,
            spent,
            runners_up: self.runners_up,
            corpus: self.stage.corpus,
            sweep: self.sweep,
        })
    }

    /// The least bound worth exploring. Ties with the best are explored: the tie-breaks decide.
    fn cutoff(&self) -> i64 {
        if self.reach.share < 1.0 {
            return ((self.known() as f64 * self.reach.share) as i64).max(self.reach.floor);
        }
        self.known()
    }

    /// The least utility that can be the best.
    fn known(&self) -> i64 {
        self.best.as_ref().map_or(self.reach.floor, |best| best.utility)
    }

    /// Scores every closed term as an abstraction without parameters, from the most promising down.
    fn score_constants(&mut self) -> Result<Stop, Error> {
        let call = self.stage.costs.call(0);
        let corpus = &self.stage.corpus;
        let mut promising: Vec<(i64, u32)> = (0..corpus.len())
            .filter(|&node| !self.stage.excluded[node] && corpus.cost[node] > call)
            .filter(|&node| corpus.is_closed(node as u32) && serves_enough(corpus.task[node], self.stage.settings))
            .map(|node| {
                let saved = i64::from(corpus.weight[node]) * (corpus.cost[node] - call);
                (saved - self.stage.penalty(corpus.cost[node]), node as u32)
            })
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
            let rows = self.stage.rows.make([self.row(node, call)].into_iter());
            let (cost, body) = (self.stage.corpus.cost[node as usize], self.stage.corpus.term[node as usize]);
            self.score(&rows, &[], cost, Some(body))?;
        }
        Ok(Stop::Proven)
    }

    /// Scores what was good before.
    fn score_known(&mut self, known: &[RunnerUp]) -> Result<(), Error> {
        for it in known.iter().filter(|it| it.arity > 0).take(RUNNERS_UP) {
            let Some(places) = matching::places(&mut self.stage, it.body, it.arity) else {
                continue;
            };
            if !is_dominated(&self.stage, &places.rows, &places.parameters) {
                let cost = self.stage.costs.body(self.stage.terms, it.body);
                self.score(&places.rows, &places.parameters, cost, Some(it.body))?;
            }
        }
        Ok(())
    }

    fn row(&self, location: u32, call: i64) -> Row {
        let corpus = &self.stage.corpus;
        let at = location as usize;
        let (task, program, weight) = (corpus.task[at], corpus.program[at], corpus.weight[at]);
        Row { location, task, program, weight, value: corpus.cost[at] - call }
    }

    /// The pattern that is one hole.
    fn start(&self) -> Option<Pattern> {
        let call = self.stage.costs.call(0);
        let fits = |&node: &u32| self.stage.fact(node).cost > call && !self.stage.excluded[node as usize];
        let nodes: Vec<u32> = (0..self.stage.corpus.len() as u32).filter(fits).collect();
        if nodes.is_empty() || self.stage.settings.max_arity == 0 {
            return None;
        }
        let rows = self.stage.rows.make(nodes.iter().map(|&node| self.row(node, call)));
        let nodes = self.stage.columns.make(nodes.into_iter());
        let hole = Hole { slot: 0, depth: 0, applied: false, demand: Demand::Parameter, nodes };
        Some(Pattern {
            rows,
            holes: vec![hole],
            parameters: Vec::new(),
            body_cost: 0,
            slots: 1,
            bound: i64::MAX,
            plan: Plan::Choose,
            steps: Vec::new(),
        })
    }

    /// The patterns that a pattern is split into. Complete ones are scored at once.
    fn split(&mut self, pattern: &Pattern) -> Result<Vec<Pattern>, Error> {
        let split = match pattern.plan {
            Plan::Choose => self.place(pattern),
            Plan::Argument { closed } => Split::At { hole: pattern.holes.len() - 1, closed, reserved: false },
            Plan::Spine => Split::Spine,
        };
        match split {
            Split::Nowhere => Ok(Vec::new()),
            Split::Spine => self.along_spine(pattern),
            Split::At { hole, closed, reserved } => self.at_hole(pattern, hole, closed, reserved),
        }
    }

    /// Where to split: among the holes that may have to be closed the one with the least in it, as it is settled in few
    /// ways, and the large ones are left to become arguments. Nowhere if more holes are hard than parameters are left.
    fn place(&mut self, pattern: &Pattern) -> Split {
        if self.plain {
            return Split::At { hole: 0, closed: false, reserved: false };
        }
        let left = self.stage.parameters_left(pattern);
        let enough = self.cutoff() + self.stage.penalty(pattern.body_cost);
        let content = |hole: &Hole| hole.nodes.iter().map(|&node| self.stage.fact(node).cost).sum::<i64>();
        let contents: Vec<i64> = pattern.holes.iter().map(content).collect();
        let largest = contents.iter().copied().max().unwrap_or(0);
        let least_of = |allowed: &dyn Fn(usize) -> bool| {
            (0..contents.len()).filter(|&hole| allowed(hole)).min_by_key(|&hole| contents[hole])
        };
        if left == 0 {
            let largest = pattern.holes.iter().zip(&contents).rev().max_by_key(|(_, &content)| content);
            let most = largest.map(|(hole, _)| self.closing.with_old_parameters(&self.stage, pattern, hole, enough));
            return match least_of(&|_| true) {
                Some(hole) if most >= Some(enough) => Split::At { hole, closed: true, reserved: false },
                _ => Split::Nowhere,
            };
        }
        let settings = self.stage.settings;
        let along_spines = settings.allows_applied_parameters() && !settings.binding;
        let (mut hard, mut reserved) = (vec![false; contents.len()], vec![false; contents.len()]);
        for (index, hole) in pattern.holes.iter().enumerate() {
            if contents[index].saturating_mul(SMALL) < largest && hole.demand != Demand::NoParameter {
                continue;
            }
            let most = self.closing.without_own_parameter(&self.stage, pattern, index, enough);
            if most.most < enough && hole.demand == Demand::NoParameter {
                return Split::Nowhere;
            }
            hard[index] = most.most < enough;
            reserved[index] = most.by_class < enough && along_spines;
        }
        let count = hard.iter().filter(|&&it| it).count();
        if count > left {
            return Split::Nowhere;
        }
        if count < left {
            reserved.fill(false);
        } else if count == 1 && contents.len() == 1 && reserved[0] {
            return Split::Spine;
        }
        // The hard holes take all parameters that are left.
        let closed = count == left && count < contents.len();
        let hole = least_of(&|hole| !(closed && hard[hole])).unwrap_or(0);
        Split::At { hole, closed, reserved: reserved[hole] }
    }

    fn at_hole(&mut self, pattern: &Pattern, hole: usize, closed: bool, reserved: bool) -> Result<Vec<Pattern>, Error> {
        let cutoff = self.cutoff();
        let mut choices = self.chooser.choices(&mut self.stage, pattern, hole, closed, cutoff);
        choices.sort_by_key(|choice| std::cmp::Reverse(choice.bound));
        let mut children = Vec::with_capacity(choices.len());
        for choice in choices {
            let cutoff = self.cutoff();
            if choice.bound < cutoff {
                break;
            }
            let Some(mut child) = self.child(pattern, hole, &choice) else {
                continue;
            };
            if pattern.holes.len() == 1 && opened(choice.expansion) == 0 {
                self.score_complete(&child)?;
                continue;
            }
            if let (Expansion::Concrete(Head::Apply, [function, _]), false) = (choice.expansion, self.plain) {
                if function == Demand::NoParameter {
                    let function = &child.holes[child.holes.len() - 2];
                    let most = self.closing.by_whole_term(&self.stage, &child, function);
                    if most < cutoff + self.stage.penalty(child.body_cost) {
                        continue;
                    }
                } else if child.holes.len() <= FEW_HOLES {
                    child.plan = Plan::Argument { closed: closed || reserved };
                }
            }
            children.push(child);
        }
        Ok(children)
    }

    /// The child of a pattern by a choice, if it may be worth the cutoff.
    fn child(&mut self, pattern: &Pattern, hole: usize, choice: &Choice) -> Option<Pattern> {
        let child = self.builder.child(&mut self.stage, &self.chooser, pattern, hole, choice)?;
        let same = child.rows.is(&pattern.rows) && opened(choice.expansion) > 0;
        self.bounded(child, if same { Some(pattern) } else { None })
    }

    /// A pattern with its bound, if that reaches the cutoff; a parent with the same rows has the same bounds.
    fn bounded(&mut self, mut child: Pattern, alike: Option<&Pattern>) -> Option<Pattern> {
        let cutoff = self.cutoff();
        match alike {
            _ if self.plain => {}
            Some(parent) => child.bound = child.bound.min(parent.bound),
            None => self.bounds.lower(&self.stage, &mut child, cutoff),
        }
        (child.bound >= cutoff).then_some(child)
    }

    fn along_spine(&mut self, pattern: &Pattern) -> Result<Vec<Pattern>, Error> {
        let cutoff = self.cutoff();
        if let Some(choice) = self.chooser.new_parameter(&mut self.stage, pattern, 0, cutoff) {
            if let Some(child) = self.child(pattern, 0, &choice) {
                self.score_complete(&child)?;
            }
        }
        let cutoff = self.cutoff();
        let levels = self.spine.levels(&mut self.stage, pattern, cutoff);
        let mut children = Vec::with_capacity(levels.len());
        for level in levels {
            if let Some(child) = self.spine.child(&self.stage, &mut self.builder, pattern, &level) {
                children.extend(self.bounded(child, None));
            }
        }
        Ok(children)
    }

    fn score_complete(&mut self, pattern: &Pattern) -> Result<(), Error> {
        let before = self.path.len();
        self.path.extend(&pattern.steps);
        let scored = self.score(&pattern.rows, &pattern.parameters, pattern.body_cost, None);
        self.path.truncate(before);
        scored
    }

    /// Computes the exact utility of a complete pattern, whose body is that of the path if not given, and keeps it if it
    /// is the best and the caller accepts it.
    fn score(&mut self, rows: &Rows, parameters: &[Parameter], body_cost: i64, given: Option<Id>) -> Result<(), Error> {
        let saving = self.sweep.saving(&self.stage.corpus, rows, parameters);
        let utility = saving.cost - self.stage.penalty(body_cost);
        let full = self.runners_up.len() == self.reach.keep;
        let close = utility > 0 && (!full || self.runners_up.last().is_some_and(|it| it.utility < utility));
        if utility < self.known() && !close {
            return Ok(());
        }
        let body = given.or_else(|| body(self.stage.terms, self.path.iter().copied()));
        let body = body.ok_or_else(|| Error::internal("a complete pattern without a body"))?;
        // One with functions of bound variables is not found again by comparing.
        if close && parameters.iter().all(|it| it.over.is_empty()) {
            self.remember(RunnerUp { utility, body, arity: parameters.len() });
        }
        if utility < self.known() {
            return Ok(());
        }
        let numbered = number(self.stage.terms, body);
        let (body, numbers) = numbered.ok_or_else(|| Error::internal("a body that cannot be numbered"))?;
        let text = self.stage.terms.text(body);
        let (rows, parameters) = (rows.clone(), parameters.to_vec());
        let candidate = Candidate { rows, parameters, body, text, numbers, body_cost, utility, saving };
        if self.best.as_ref().is_some_and(|best| !candidate.beats(best)) {
            return Ok(());
        }
        if self.is_acceptable(body, candidate.arity())? {
            self.best = Some(candidate);
        }
        Ok(())
    }

    /// Whether the caller accepts a body, and the library lacks what it means.
    fn is_acceptable(&mut self, body: Id, arity: usize) -> Result<bool, Error> {
        let Some(library) = self.library else {
            let definition = self.stage.terms.definition(body, arity as u32);
            let definition = definition.ok_or_else(|| Error::internal("a body without a definition"))?;
            return self.limits.accept(&self.stage.terms.text(definition));
        };
        Ok(library.new_meaning(self.stage.terms, self.limits, body, arity)?.is_some())
    }

    /// Keeps the best runners-up, in order.
    fn remember(&mut self, it: RunnerUp) {
        if self.runners_up.iter().any(|known| known.body == it.body) {
            return;
        }
        let place = self.runners_up.partition_point(|known| known.utility >= it.utility);
        self.runners_up.insert(place, it);
        self.runners_up.truncate(self.reach.keep);
    }
}
