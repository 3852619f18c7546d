//! Library compression as a search over libraries: greedy, with a beam, and by taking out and learning again.

use crate::error::Error;
use crate::limits::{Caller, Limits};
use crate::settings::{Costs, Settings};
use crate::term::Terms;
use crate::Compression;

use super::learner::{Allowance, Learner};
use super::state::{Objective, State};

/// The widest beam.
const WIDEST: u64 = 16;
/// What a step of the beam takes, in steps of the greedy search.
const BEAM_STEP: u64 = 2;
/// Steps that the greedy search may take whatever the effort: half a minute at most.
const ENOUGH: u64 = 20_000_000;
/// The greedy search takes at most one of so many parts of the effort left for one abstraction, so that a corpus for which the
/// effort does not suffice gets several too.
const PARTS: u64 = 4;
const UNLIMITED: Allowance = Allowance { steps: u64::MAX, part: 1 };

/// Learns up to `settings.iterations` abstractions that together make the objective least, as far as it can be found within
/// about `effort` steps; see `search`. The greedy library, which is the start, is completed if `effort` or [`ENOUGH`] steps suffice;
/// without effort it is the result, however much it takes.
pub fn compress_jointly(
    tasks: &[Vec<String>],
    settings: &Settings,
    objective: Objective,
    effort: u64,
    caller: &mut dyn Caller,
) -> Result<Compression, Error> {
    settings.check()?;
    if settings.binding {
        return Err(Error::setting("functions of bound variables are learned greedily only".to_owned()));
    }
    let mut terms = Terms::default();
    let tasks = crate::read(&mut terms, tasks)?;
    let costs = Costs::new(&settings.prices, &mut terms);
    crate::check_shares(&terms, &tasks, &costs.shares)?;
    let mut limits = Limits::new(caller, settings.timeout, settings.memory_limit);
    let mut learner = Learner::new(terms, costs, settings, &mut limits, objective, tasks);
    let best = learner.best_library(effort)?;
    learner.settled(best)
}

impl Learner<'_, '_> {
    fn best_library(&mut self, effort: u64) -> Result<State, Error> {
        let start = self.start();
        if effort == 0 {
            return self.completed(start, UNLIMITED);
        }
        let mut best = self.completed(start, Allowance { steps: effort.max(ENOUGH), part: PARTS })?;
        let greedy = self.spent;
        if self.objective == Objective::DescriptionLength && effort.saturating_sub(greedy) >= greedy {
            best = better(best, self.without_bodies(greedy)?);
        }
        let left = effort.saturating_sub(self.spent);
        best = self.relearned(best, left / 2)?;
        let left = effort.saturating_sub(self.spent);
        let for_beam = left / 3 * 2;
        let step = greedy / best.library.len().max(1) as u64;
        let steps = step.max(1).saturating_mul(BEAM_STEP).saturating_mul(self.settings.iterations.max(1) as u64);
        let width = (for_beam / steps).min(WIDEST);
        if width < 2 {
            return self.relearned(best, left);
        }
        let (best, other) = self.beside(best, |learner| {
            let found = learner.beam(width as usize, for_beam)?;
            let left = effort.saturating_sub(learner.spent);
            let found = learner.completed(found, Allowance { steps: left, part: PARTS })?;
            let left = effort.saturating_sub(learner.spent);
            learner.relearned(found, left)
        })?;
        Ok(better(best, other))
    }

    /// Works while a state waits, whose terms are in use.
    fn beside(
        &mut self,
        waiting: State,
        work: impl FnOnce(&mut Self) -> Result<State, Error>,
    ) -> Result<(State, State), Error> {
        self.waiting.push(waiting);
        let other = work(self)?;
        let waiting = self.waiting.pop().ok_or_else(|| Error::internal("a state that did not wait"))?;
        Ok((waiting, other))
    }

    /// A state made greedily as good as it gets within an allowance.
    fn completed(&mut self, state: State, allowance: Allowance) -> Result<State, Error> {
        let found = self.greedy(state.clone(), Vec::new(), state.cost, allowance)?;
        Ok(found.unwrap_or(state))
    }

    /// The greedy library that is learned from the programs alone, in about so many steps.
    fn without_bodies(&mut self, steps: u64) -> Result<State, Error> {
        let start = self.start();
        let objective = std::mem::replace(&mut self.objective, Objective::Utility);
        let found = self.completed(start, Allowance { steps: steps.saturating_mul(2), part: 1 });
        self.objective = objective;
        found
    }
}

fn better(one: State, other: State) -> State {
    if other.cost < one.cost {
        other
    } else {
        one
    }
}
