//! Environments for reinforcement learning.

use karel::environments::{Environments, Observation, Renewal, Task, Worlds};
use karel::error::Error;
use karel::rules::{Kind, Profile};
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyTuple};

use super::error::Answer;
use super::instances::KarelInstances;
use super::pictures::{picture, Picture};

/// Episodes in many worlds at once, moved by actions from outside and begun anew when they are over.
#[pyclass(module = "psynth._native")]
pub struct KarelEnvironments {
    environments: Environments,
}

#[pymethods]
impl KarelEnvironments {
    /// Environments whose episodes begin in given instances.
    #[staticmethod]
    #[pyo3(signature = (instances, count, *, planes, renewal, most_steps))]
    fn given(
        instances: &KarelInstances,
        count: usize,
        planes: bool,
        renewal: &str,
        most_steps: Option<u32>,
    ) -> Answer<KarelEnvironments> {
        made(Worlds::Given(instances.instances.clone()), count, planes, renewal, most_steps)
    }

    /// Environments with a new world for each episode.
    #[staticmethod]
    #[pyo3(signature = (task, profile, sparse, height, width, count, *, planes, renewal, most_steps))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords to Python")]
    fn of_new_worlds(
        task: &str,
        profile: &str,
        sparse: bool,
        height: usize,
        width: usize,
        count: usize,
        planes: bool,
        renewal: &str,
        most_steps: Option<u32>,
    ) -> Answer<KarelEnvironments> {
        let (kind, profile) = (Kind::named(task)?, Profile::named(profile)?);
        let task = Task { profile, kind, sparse, size: (height, width) };
        made(Worlds::New(task), count, planes, renewal, most_steps)
    }

    fn __len__(&self) -> usize {
        self.environments.len()
    }

    fn observation_shape(&self) -> Vec<usize> {
        self.environments.observation_shape()
    }

    /// New episodes in some of the environments: pairs of a number and a seed, or None to go on as seeded before.
    fn reset<'py>(&mut self, py: Python<'py>, chosen: Vec<(usize, Option<u64>)>) -> Answer<Bound<'py, PyByteArray>> {
        self.environments.reset(&chosen)?;
        Ok(PyByteArray::new(py, &self.environments.outcomes().observations))
    }

    /// One action an environment, as a buffer of 64-bit integers: the observations, rewards (8 bytes each), flags for
    /// terminated, truncated and solved (one byte each), and the last observations of episodes that were renewed.
    fn step<'py>(&mut self, py: Python<'py>, actions: PyBuffer<i64>) -> Answer<Bound<'py, PyTuple>> {
        self.environments.step(&actions.to_vec(py)?)?;
        let outcomes = self.environments.outcomes();
        let parts: [&[u8]; 6] = [
            &outcomes.observations,
            &outcomes.rewards,
            &outcomes.terminated,
            &outcomes.truncated,
            &outcomes.solved,
            &outcomes.last_observations,
        ];
        Ok(PyTuple::new(py, parts.map(|part| PyByteArray::new(py, part)))?)
    }

    /// The states of the worlds.
    fn pictures(&self) -> Vec<Picture> {
        (0..self.environments.len()).map(|index| picture(self.environments.world(index))).collect()
    }
}

fn made(
    worlds: Worlds,
    count: usize,
    planes: bool,
    renewal: &str,
    most_steps: Option<u32>,
) -> Answer<KarelEnvironments> {
    let observation = if planes { Observation::Planes } else { Observation::Perceptions };
    let renewal = match renewal {
        "next-step" => Renewal::NextStep,
        "same-step" => Renewal::SameStep,
        "never" => Renewal::Never,
        other => return Err(Error::world(format!("there is no renewal {other:?}")).into()),
    };
    Ok(KarelEnvironments { environments: Environments::new(worlds, count, observation, renewal, most_steps)? })
}
