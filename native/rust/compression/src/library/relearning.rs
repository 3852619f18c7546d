//! Takes abstractions out of a library and learns others in their place.

use crate::error::Error;
use crate::search::RunnerUp;
use crate::term::{FastSet, Symbol};

use super::learner::{Allowance, Learner};
use super::state::State;

impl Learner<'_, '_> {
    /// A library that no exchange of one or two abstractions makes better, as far as `steps` go.
    pub fn relearned(&mut self, mut best: State, steps: u64) -> Result<State, Error> {
        let end = self.spent.saturating_add(steps);
        let mut tried: FastSet<Vec<Symbol>> = FastSet::default();
        loop {
            let before = best.cost;
            for group in self.groups(&best)? {
                if self.is_stopped() || self.spent >= end {
                    return Ok(best);
                }
                if group.iter().all(|name| best.library.iter().any(|entry| entry.name == *name)) {
                    if let Some(better) = self.exchanged(&best, &group, &mut tried, end)? {
                        best = better;
                    }
                    self.tidy(&mut [&mut best], &mut []);
                }
            }
            if best.cost >= before {
                return Ok(best);
            }
        }
    }

    /// Each abstraction and each pair, those that would be missed least first.
    fn groups(&mut self, state: &State) -> Result<Vec<Vec<Symbol>>, Error> {
        let mut loss = Vec::with_capacity(state.library.len());
        for entry in &state.library {
            loss.push(self.without(state, &[entry.name])?.cost - state.cost);
        }
        let names: Vec<Symbol> = state.library.iter().map(|entry| entry.name).collect();
        let mut singles: Vec<usize> = (0..names.len()).collect();
        singles.sort_by_key(|&one| loss[one]);
        let mut pairs: Vec<(usize, usize)> =
            (0..names.len()).flat_map(|one| (one + 1..names.len()).map(move |other| (one, other))).collect();
        pairs.sort_by_key(|&(one, other)| loss[one] + loss[other]);
        let singles = singles.into_iter().map(|one| vec![names[one]]);
        Ok(singles.chain(pairs.into_iter().map(|(one, other)| vec![names[one], names[other]])).collect())
    }

    /// A better state without the group, if learning again finds one.
    fn exchanged(
        &mut self,
        state: &State,
        group: &[Symbol],
        tried: &mut FastSet<Vec<Symbol>>,
        end: u64,
    ) -> Result<Option<State>, Error> {
        let less = self.without(state, group)?;
        if !tried.insert(less.names()) {
            return Ok(None);
        }
        let out: Vec<_> = state.library.iter().filter(|entry| group.contains(&entry.name)).cloned().collect();
        let known = self.macros(&out)?.into_iter();
        let known = known.map(|it| RunnerUp { utility: 0, body: it.body, arity: it.arity }).collect();
        let allowance = Allowance { steps: end.saturating_sub(self.spent), part: 1 };
        self.greedy(less, known, state.cost, allowance)
    }
}
