//! A beam of libraries that grow by one abstraction at a time.

use crate::error::Error;
use crate::search::{Reach, RunnerUp};
use crate::term::FastSet;

use super::learner::Learner;
use super::state::State;

/// Libraries go on with any of so many abstractions, of different worth.
const BRANCHES: usize = 16;
/// No abstraction worth less than this share of the best is considered.
const SHARE: f64 = 0.8;
/// Good abstractions that a search keeps, of which many are worth the same.
const KEPT: usize = 400;

/// A library of the beam, and good abstractions beside it to start its search from.
struct Lane {
    state: State,
    known: Vec<RunnerUp>,
}

/// A lane and an abstraction to go on with.
struct Growth {
    cost: i64,
    lane: usize,
    it: RunnerUp,
}

impl Learner<'_, '_> {
    /// The best library found with a beam of some width, after about so many steps.
    pub fn beam(&mut self, width: usize, steps: u64) -> Result<State, Error> {
        let end = self.spent.saturating_add(steps);
        let start = self.start();
        let mut best = start.clone();
        let mut lanes = vec![Lane { state: start, known: Vec::new() }];
        for _ in 0..self.settings.iterations {
            let mut options = Vec::new();
            for (index, lane) in lanes.iter_mut().enumerate() {
                if self.is_stopped() || self.spent >= end {
                    break;
                }
                let reach = Reach { keep: KEPT, share: SHARE, steps: end - self.spent, floor: 1 };
                let outcome = self.search(&lane.state, reach, &lane.known)?;
                lane.known = outcome.runners_up;
                let chosen = of_different_worth(&lane.known);
                options.extend(chosen.map(|it| Growth { cost: lane.state.cost - it.utility, lane: index, it }));
            }
            lanes = self.best_lanes(&lanes, options, width)?;
            let Some(first) = lanes.first() else {
                break;
            };
            if first.state.cost < best.cost {
                best = first.state.clone();
            }
            if self.is_stopped() || self.spent >= end {
                break;
            }
            let (mut states, mut known): (Vec<_>, Vec<_>) =
                lanes.iter_mut().map(|lane| (&mut lane.state, &mut lane.known)).unzip();
            states.push(&mut best);
            self.tidy(&mut states, &mut known);
        }
        Ok(best)
    }

    /// The best libraries, best first, no two of the same cost: these are mostly one, learned in another order.
    fn best_lanes(&mut self, lanes: &[Lane], mut options: Vec<Growth>, width: usize) -> Result<Vec<Lane>, Error> {
        options.sort_by_key(|option| option.cost);
        let mut seen = FastSet::default();
        options.retain(|option| seen.insert(option.cost));
        options.truncate(width);
        let mut next = Vec::with_capacity(options.len());
        for (index, lane) in lanes.iter().enumerate() {
            let found: Vec<RunnerUp> = options.iter().filter(|it| it.lane == index).map(|it| it.it).collect();
            if !found.is_empty() {
                for state in self.with_each(&lane.state, &found)?.into_iter().flatten() {
                    next.push(Lane { state, known: lane.known.clone() });
                }
            }
        }
        next.sort_by_key(|lane| lane.state.cost);
        Ok(next)
    }
}

/// The first of each worth, best first.
fn of_different_worth(found: &[RunnerUp]) -> impl Iterator<Item = RunnerUp> + '_ {
    let first = |&(index, it): &(usize, &RunnerUp)| index == 0 || found[index - 1].utility != it.utility;
    found.iter().enumerate().filter(first).map(|(_, it)| *it).take(BRANCHES)
}
