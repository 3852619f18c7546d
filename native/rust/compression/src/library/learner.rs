//! One step of learning from a library under way: the search beside it, and its programs rewritten.

use crate::columns::Rows;
use crate::corpus::Corpus;
use crate::error::Error;
use crate::limits::{Limits, Stop};
use crate::matching;
use crate::pattern::{number, Parameter};
use crate::rewrite::{self, Macro};
use crate::search::{Candidate, Outcome, Reach, RunnerUp, Search};
use crate::settings::{Costs, Settings};
use crate::stage::Stage;
use crate::term::{Id, Terms};
use crate::utility::Sweep;

use super::meaning::{Known, Meaning};
use super::state::{Entry, Objective, Sizes, State};

/// Terms are dropped when there are so many times more than are in use, and at least so many more.
const GROWTH: usize = 8;
const LEAST_GROWTH: usize = 200_000;

/// A charge above this is not counted by repeating bodies in the corpus.
const LARGEST_SHARE: f64 = 10_000.0;

/// What a greedy search may take.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub steps: u64,
    /// The search for one abstraction takes at most one of so many parts of what is left.
    pub part: u64,
}

/// Learns abstractions, and counts what it takes.
pub struct Learner<'a, 'b> {
    pub terms: Terms,
    pub costs: Costs,
    pub settings: &'a Settings,
    pub limits: &'a mut Limits<'b>,
    pub objective: Objective,
    pub sizes: Sizes,
    /// The programs before compression.
    pub originals: Vec<Vec<Id>>,
    /// States that wait for their turn: their terms are in use.
    pub waiting: Vec<State>,
    /// Patterns that were split.
    pub visited: u64,
    /// Steps that this took.
    pub spent: u64,
    /// Terms in use when they were counted last.
    in_use: usize,
}

impl<'a, 'b> Learner<'a, 'b> {
    pub fn new(
        terms: Terms,
        costs: Costs,
        settings: &'a Settings,
        limits: &'a mut Limits<'b>,
        objective: Objective,
        originals: Vec<Vec<Id>>,
    ) -> Self {
        let in_use = terms.len();
        let sizes = Sizes::default();
        Learner {
            terms,
            costs,
            settings,
            limits,
            objective,
            sizes,
            originals,
            waiting: Vec::new(),
            visited: 0,
            spent: 0,
            in_use,
        }
    }

    /// The programs without a library.
    pub fn start(&mut self) -> State {
        self.state(self.originals.clone(), Vec::new())
    }

    pub fn is_stopped(&self) -> bool {
        self.limits.stopped() != Stop::Proven
    }

    /// Whether what a search says that an abstraction saves is what the objective falls by.
    pub fn utility_is_exact(&self) -> bool {
        self.objective == Objective::Utility || self.settings.structure_penalty == f64::from(self.body_share())
    }

    /// How often a body counts in the corpus: as its charge says, where that is a whole number.
    fn body_share(&self) -> u32 {
        let penalty = self.settings.structure_penalty;
        if penalty.fract() == 0.0 && (1.0..=LARGEST_SHARE).contains(&penalty) {
            penalty as u32
        } else {
            1
        }
    }

    pub fn state(&mut self, tasks: Vec<Vec<Id>>, library: Vec<Entry>) -> State {
        self.sizes.update(&self.terms, &self.costs);
        let charge = |entry: &Entry| self.settings.penalty(self.sizes.of(entry.body));
        let cost = self.sizes.of_tasks(&tasks, &self.costs.shares) + library.iter().map(charge).sum::<i64>();
        State { tasks, library, cost }
    }

    /// The bodies that are part of the corpus.
    fn bodies(&self, state: &State) -> Vec<Id> {
        match self.objective {
            Objective::DescriptionLength if self.settings.structure_penalty > 0.0 => state.bodies(),
            _ => Vec::new(),
        }
    }

    pub fn macros(&mut self, library: &[Entry]) -> Result<Vec<Macro>, Error> {
        let terms = &mut self.terms;
        let opened = |entry: &Entry| {
            let body = terms.opened_up(entry.body).ok_or_else(|| Error::internal("a body that cannot be opened"))?;
            Ok(Macro { name: entry.name, arity: entry.arity, body, up_to_beta: None })
        };
        library.iter().map(opened).collect()
    }

    /// The abstraction that is best beside those that the state has.
    pub fn search(&mut self, state: &State, reach: Reach, known: &[RunnerUp]) -> Result<Outcome, Error> {
        let bodies = self.bodies(state);
        let corpus = Corpus::with_bodies(&self.terms, &state.tasks, &bodies, self.body_share(), &self.costs);
        let macros = self.macros(&state.library)?;
        let meanings: Vec<Meaning> = state.library.iter().map(|entry| entry.meaning).collect();
        let stage = Stage::new(corpus, &mut self.terms, &self.costs, self.settings);
        let library = Known { macros: &macros, meanings: &meanings };
        let outcome = Search::new(stage, self.limits).beside(library, reach).run(known)?;
        self.visited += outcome.visited;
        self.spent += outcome.spent;
        self.limits.spent(self.spent)?;
        Ok(outcome)
    }

    /// The state with the best abstraction that a search beside it found.
    pub fn with_best(&mut self, state: &State, outcome: Outcome) -> Result<Option<State>, Error> {
        let Outcome { best, corpus, mut sweep, .. } = outcome;
        match best {
            Some(best) => self.with(state, &corpus, &mut sweep, &best),
            None => Ok(None),
        }
    }

    /// The states with one each of some abstractions that a search beside the state found; none for one that may not be used.
    pub fn with_each(&mut self, state: &State, found: &[RunnerUp]) -> Result<Vec<Option<State>>, Error> {
        let bodies = self.bodies(state);
        let corpus = Corpus::with_bodies(&self.terms, &state.tasks, &bodies, self.body_share(), &self.costs);
        let mut sweep = Sweep::new(&corpus);
        let mut stage = Stage::new(corpus, &mut self.terms, &self.costs, self.settings);
        let mut candidates = Vec::with_capacity(found.len());
        for it in found {
            let places = matching::places(&mut stage, it.body, it.arity);
            let Some(places) = places else {
                candidates.push(None);
                continue;
            };
            let made = candidate(&mut stage, &mut sweep, it.body, places.rows, places.parameters)?;
            candidates.push(Some(made));
        }
        let corpus = stage.corpus;
        let with = |it: Option<Candidate>| it.map_or(Ok(None), |it| self.with(state, &corpus, &mut sweep, &it));
        candidates.into_iter().map(with).collect()
    }

    fn with(
        &mut self,
        state: &State,
        corpus: &Corpus,
        sweep: &mut Sweep,
        it: &Candidate,
    ) -> Result<Option<State>, Error> {
        let macros = self.macros(&state.library)?;
        let meanings: Vec<Meaning> = state.library.iter().map(|entry| entry.meaning).collect();
        let library = Known { macros: &macros, meanings: &meanings };
        let Some(meaning) = library.new_meaning(&mut self.terms, self.limits, it.body, it.arity())? else {
            return Ok(None);
        };
        // No name that is read begins with a control character.
        let name = self.terms.symbol(&format!("\u{1}{meaning}"));
        let mut tasks = rewrite::rewrite(&mut self.terms, corpus, sweep, it, name)?;
        let bodies = tasks.split_off(state.tasks.len());
        let mut library = state.library.clone();
        for (entry, body) in library.iter_mut().zip(bodies.into_iter().flatten()) {
            entry.body = body;
        }
        let body = self.terms.closed_off(it.body).ok_or_else(|| Error::internal("a body that cannot be closed"))?;
        library.push(Entry { name, arity: it.arity(), body, meaning });
        Ok(Some(self.state(tasks, library)))
    }

    /// Learns the best abstraction again and again, as long as that helps; `known` are abstractions to start from. Gives the
    /// state only if it costs less than `target`, within an allowance.
    pub fn greedy(
        &mut self,
        mut state: State,
        known: Vec<RunnerUp>,
        target: i64,
        allowance: Allowance,
    ) -> Result<Option<State>, Error> {
        let end = self.spent.saturating_add(allowance.steps);
        let mut known = known;
        while state.library.len() < self.settings.iterations && !self.is_stopped() && self.spent < end {
            let last = state.library.len() + 1 == self.settings.iterations && self.utility_is_exact();
            let floor = if last { state.cost.saturating_sub(target).saturating_add(1).max(1) } else { 1 };
            let steps = (end - self.spent).div_ceil(allowance.part);
            let reach = Reach { steps, floor, ..Reach::BEST };
            let mut outcome = self.search(&state, reach, &known)?;
            known = std::mem::take(&mut outcome.runners_up);
            match self.with_best(&state, outcome)? {
                Some(next) if next.cost < state.cost => state = next,
                _ => break,
            }
        }
        Ok((state.cost < target).then_some(state))
    }

    /// Forgets the terms that neither the states nor the runners-up have, if it is worth it.
    pub fn tidy(&mut self, states: &mut [&mut State], known: &mut [&mut Vec<RunnerUp>]) {
        if self.terms.len() < self.in_use.saturating_mul(GROWTH).max(self.in_use + LEAST_GROWTH) {
            return;
        }
        let of_states = states.iter().map(|state| &**state).chain(&self.waiting).flat_map(State::roots);
        let of_known = known.iter().flat_map(|known| known.iter().map(|it| &it.body));
        let roots = of_states.chain(of_known).chain(self.originals.iter().flatten()).copied();
        let (terms, moved) = self.terms.compacted(roots);
        let states = states.iter_mut().map(|state| &mut **state);
        for root in states.chain(&mut self.waiting).flat_map(State::roots_mut) {
            *root = moved[root];
        }
        for it in known.iter_mut().flat_map(|known| known.iter_mut()) {
            it.body = moved[&it.body];
        }
        for root in self.originals.iter_mut().flatten() {
            *root = moved[root];
        }
        self.in_use = terms.len();
        self.terms = terms;
        self.sizes = Sizes::default();
        self.sizes.update(&self.terms, &self.costs);
    }
}

/// An abstraction as a search would have found it at these places.
fn candidate(
    stage: &mut Stage<'_>,
    sweep: &mut Sweep,
    body: Id,
    rows: Rows,
    parameters: Vec<Parameter>,
) -> Result<Candidate, Error> {
    let saving = sweep.saving(&stage.corpus, &rows, &parameters);
    let body_cost = stage.costs.body(stage.terms, body);
    let numbered = number(stage.terms, body);
    let (body, numbers) = numbered.ok_or_else(|| Error::internal("a body that cannot be numbered"))?;
    let utility = saving.cost - stage.penalty(body_cost);
    Ok(Candidate { rows, parameters, body, text: stage.terms.text(body), numbers, body_cost, utility, saving })
}
