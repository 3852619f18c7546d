//! Walkers on several threads. Each is simulated by itself: results depend neither on the threads nor on the batch.

use crate::error::Error;
use crate::simulation::{Motion, Simulation};
use crate::terrain::Terrain;
use crate::walker::Walker;

/// A walker and how long it may use its muscles on which terrain.
#[derive(Clone, Debug)]
pub struct Trial {
    pub walker: Walker,
    pub terrain: Terrain,
    pub milliseconds: u32,
}

/// The motion of each walker, in order.
pub fn run(trials: &[Trial], simulation: Simulation, threads: usize) -> Vec<Result<Motion, Error>> {
    let alone = |trial: &Trial| simulation.run(&trial.walker, trial.terrain, trial.milliseconds);
    let threads = threads.clamp(1, trials.len().max(1));
    if threads == 1 {
        return trials.iter().map(alone).collect();
    }
    // Neighbors in a batch are often alike, and take equally long: each thread runs every so-many-th.
    let mut parts: Vec<_> = std::thread::scope(|scope| {
        let part = |first| move || trials.iter().skip(first).step_by(threads).map(alone).collect::<Vec<_>>();
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(part(first))).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.map(|own| own.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).into_iter()).collect()
    });
    (0..trials.len()).filter_map(|place| parts[place % threads].next()).collect()
}
