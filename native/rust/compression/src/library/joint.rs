//! Library compression as a search over libraries: greedy, with a beam, and by taking out and learning again.

use crate::error::Error;
use crate::limits::{Caller, Limits};
use crate::settings::{Costs, Settings};
use crate::term::Terms;
use crate::Compression;

use super::learner::Learner;
use super::state::{Objective, State};

/// The widest beam.
const WIDEST: u64 = 16;
/// What a step of the beam takes, in steps of the greedy search.
const BEAM_STEP: u64 = 2;

/// Learns up to `settings.iterations` abstractions that together make the objective least, as far as it can be found within
/// about `effort` patterns visited. The greedy library, which is the start, is always completed.
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
        let mut best = self.completed(start)?;
        if effort == 0 || self.is_stopped() {
            return Ok(best);
        }
        let step = self.visited / best.library.len().max(1) as u64;
        if self.objective == Objective::DescriptionLength {
            best = better(best, self.without_bodies()?);
        }
        let left = effort.saturating_sub(self.visited);
        best = self.relearned(best, left / 2)?;
        let left = effort.saturating_sub(self.visited);
        let for_beam = left / 3 * 2;
        let steps = step.max(1).saturating_mul(BEAM_STEP).saturating_mul(self.settings.iterations.max(1) as u64);
        let width = (for_beam / steps).min(WIDEST);
        if width < 2 {
            return self.relearned(best, left);
        }
        let (best, other) = self.beside(best, |learner| {
            let found = learner.beam(width as usize, for_beam)?;
            let found = learner.completed(found)?;
            let left = effort.saturating_sub(learner.visited);
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

    /// A state made greedily as good as it gets.
    fn completed(&mut self, state: State) -> Result<State, Error> {
        let found = self.greedy(state.clone(), Vec::new(), state.cost, u64::MAX)?;
        Ok(found.unwrap_or(state))
    }

    /// The greedy library that is learned from the programs alone.
    fn without_bodies(&mut self) -> Result<State, Error> {
        let start = self.start();
        let objective = std::mem::replace(&mut self.objective, Objective::Utility);
        let found = self.completed(start);
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
