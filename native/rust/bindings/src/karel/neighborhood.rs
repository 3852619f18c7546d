//! Local search: the neighbors of programs for one task.

use std::collections::HashMap;

use karel::climb::{Candidate, Climber, StepOptions};
use karel::error::Error;
use karel::grammar::{Grammar, Library};
use karel::notation::read_one;
use karel::syntax::Block;
use karel::terms;
use pyo3::prelude::*;

use super::error::Answer;
use super::instances::KarelInstances;

/// Mutants tried between two checks for an interrupt.
const BETWEEN_SIGNALS: usize = 4096;

/// A program's λ-term and its mean reward.
type Scored = (String, f64);

/// Programs drawn from a library, mutated, and evaluated on the instances of one task.
#[pyclass(module = "psynth._native")]
pub struct KarelNeighborhood {
    climber: Climber,
}

fn scored(found: Candidate) -> Scored {
    (terms::print(&found.program), found.reward)
}

#[pymethods]
impl KarelNeighborhood {
    /// `names` are productions, `start` their log-weights at the start; `arguments` has those at each argument of each
    /// production. Without `max_size` programs are what the profile's own search may write.
    #[new]
    #[pyo3(signature = (instances, names, start, arguments, *, max_size, threads))]
    fn new(
        instances: &KarelInstances,
        names: Vec<String>,
        start: Vec<f64>,
        arguments: HashMap<String, Vec<Vec<f64>>>,
        max_size: Option<usize>,
        threads: usize,
    ) -> Answer<KarelNeighborhood> {
        let nothing = vec![f64::NEG_INFINITY; names.len()];
        let argument =
            |name: &str, place: usize| arguments.get(name).and_then(|each| each.get(place)).unwrap_or(&nothing).clone();
        let library = Library { names: &names, start: &start, argument: &argument };
        let grammar = Grammar::new(&library, instances.profile, max_size)?;
        let climber = Climber::new(grammar, instances.profile, instances.instances.clone(), threads);
        Ok(KarelNeighborhood { climber })
    }

    /// The greatest mean reward that any program can get.
    fn ceiling(&self) -> f64 {
        self.climber.ceiling()
    }

    /// Each program as a λ-term with its mean reward; None for a text that is no program.
    fn judge(&self, py: Python<'_>, programs: Vec<String>) -> Vec<Option<Scored>> {
        py.detach(|| {
            let read: Vec<Option<Block>> = programs.iter().map(|text| read_one(text).ok()).collect();
            let mut judged = self.climber.judge(read.iter().flatten().cloned().collect()).into_iter();
            let next = |each: Option<Block>| each.and_then(|_| judged.next()?.ok()).map(scored);
            read.into_iter().map(next).collect()
        })
    }

    /// Programs drawn from the grammar, with their mean rewards.
    fn draw(&self, py: Python<'_>, count: usize, seed: u64) -> Answer<Vec<Scored>> {
        let judged = py.detach(|| self.climber.judge(self.climber.draw(count, seed)));
        Ok(judged.into_iter().map(|each| each.map(scored)).collect::<Result<_, Error>>()?)
    }

    /// Tries up to `most` mutants: the first better one, how many were tried, and how many of these were run.
    /// With `drift` each that is as good takes the program's place.
    #[pyo3(signature = (program, reward, most, seed, *, drift))]
    fn step(
        &mut self,
        py: Python<'_>,
        program: &str,
        reward: f64,
        most: usize,
        seed: u64,
        drift: bool,
    ) -> Answer<(Option<Scored>, usize, usize)> {
        let mut parent = Candidate { program: read_one(program)?, reward };
        let (mut examined, mut run) = (0, 0);
        while examined < most {
            let until = most.min(examined + BETWEEN_SIGNALS);
            let step = py.detach(|| self.climber.step(&parent, &StepOptions { from: examined, until, seed, drift }));
            examined += step.examined;
            run += step.run;
            if let Some(found) = step.found {
                return Ok((Some(scored(found)), examined, run));
            }
            parent.program = step.drifted_to.unwrap_or(parent.program);
            py.check_signals()?;
        }
        Ok((None, examined, run))
    }
}
