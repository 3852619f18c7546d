//! The initial states of a task, and programs run from them.

use karel::batch::{self, Score, Trace};
use karel::code::Code;
use karel::compile::compile;
use karel::error::Error;
use karel::generate;
use karel::instance::Instance;
use karel::machine::{Machine, WatchEveryStep};
use karel::rules::{Kind, Profile};
use karel::stepper::{channels, features, NO_ACTION};
use karel::world::World;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use super::error::Answer;
use super::pictures::{picture, world_of, Picture};

/// Instances of one task under one profile, all of one size.
#[pyclass(frozen, module = "psynth._native")]
pub struct KarelInstances {
    pub profile: Profile,
    pub instances: Vec<Instance>,
}

impl KarelInstances {
    fn new(profile: Profile, instances: Vec<Instance>) -> Result<KarelInstances, Error> {
        let size = |instance: &Instance| (instance.world.height(), instance.world.width());
        if instances.windows(2).any(|pair| size(&pair[0]) != size(&pair[1])) {
            return Err(Error::world("the worlds of one task are all of one size"));
        }
        Ok(KarelInstances { profile, instances })
    }

    fn instance(&self, index: usize) -> Result<&Instance, Error> {
        let count = self.instances.len();
        self.instances.get(index).ok_or_else(|| Error::world(format!("there is no instance {index} among {count}")))
    }
}

#[pymethods]
impl KarelInstances {
    /// Draws an instance for each seed.
    #[staticmethod]
    fn generate(
        task: &str,
        profile: &str,
        sparse: bool,
        height: usize,
        width: usize,
        seeds: Vec<u64>,
    ) -> Answer<KarelInstances> {
        let (kind, profile) = (Kind::named(task)?, Profile::named(profile)?);
        let instances = seeds.into_iter().map(|seed| generate::instance(profile, kind, sparse, (height, width), seed));
        Ok(KarelInstances::new(profile, instances.collect::<Result<_, _>>()?)?)
    }

    /// Instances whose initial states are given; Snake's further food comes from the instance's number.
    #[staticmethod]
    fn from_pictures(task: &str, profile: &str, sparse: bool, pictures: Vec<Picture>) -> Answer<KarelInstances> {
        let (kind, profile) = (Kind::named(task)?, Profile::named(profile)?);
        let made = pictures.iter().enumerate().map(|(number, picture)| {
            let instance =
                world_of(picture).and_then(|world| Instance::new(profile, kind, sparse, world, number as u64));
            instance.map_err(|error| Error::world(format!("world {number}: {error}")))
        });
        Ok(KarelInstances::new(profile, made.collect::<Result<_, _>>()?)?)
    }

    /// Worlds without a task: walls and markers with these probabilities.
    #[staticmethod]
    fn free(
        profile: &str,
        height: usize,
        width: usize,
        walls: f64,
        markers: f64,
        seeds: Vec<u64>,
    ) -> Answer<KarelInstances> {
        let profile = Profile::named(profile)?;
        let made = seeds.into_iter().map(|seed| {
            Instance::new(profile, Kind::Free, false, generate::free(height, width, walls, markers, seed)?, seed)
        });
        Ok(KarelInstances::new(profile, made.collect::<Result<_, _>>()?)?)
    }

    fn __len__(&self) -> usize {
        self.instances.len()
    }

    /// The initial states: a map, the agent's row and column and its heading.
    fn pictures(&self) -> Vec<Picture> {
        self.instances.iter().map(|instance| picture(&instance.world)).collect()
    }

    /// The greatest mean reward that a program can get.
    fn best_reward(&self) -> f64 {
        let sum: f64 = self.instances.iter().map(Instance::best_reward).sum();
        sum / self.instances.len().max(1) as f64
    }

    /// For each program (reward, episodes, how often each action was done, episodes cut short), or (kind, message) if it is none.
    /// With `every_step` no round of an endless loop is only counted.
    #[pyo3(signature = (programs, *, incumbent, threads, every_step))]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        programs: Vec<PyBackedStr>,
        incumbent: Option<f64>,
        threads: usize,
        every_step: bool,
    ) -> Answer<Bound<'py, PyList>> {
        let answers = py.detach(|| {
            let best = batch::remaining_best(&self.instances);
            batch::in_parallel(programs.len(), threads, Machine::default, |machine, index| {
                let code = compile(&programs[index], self.profile)?;
                Ok::<_, Error>(if every_step {
                    batch::score_watched(&code, &self.instances, &best, incumbent, machine, &mut WatchEveryStep)
                } else {
                    batch::score(&code, &self.instances, &best, incumbent, machine)
                })
            })
        });
        let list = PyList::empty(py);
        for answer in answers {
            list.append(match answer {
                Err(error) => (error.kind.text(), error.message).into_pyobject(py)?,
                Ok(Score { reward, episodes, actions, cut_short }) => {
                    (reward, episodes, PyTuple::new(py, actions)?, cut_short).into_pyobject(py)?
                }
            })?;
        }
        Ok(list)
    }

    /// What one program does on one instance.
    #[pyo3(signature = (program, index, *, states))]
    fn trace<'py>(&self, py: Python<'py>, program: &str, index: usize, states: bool) -> Answer<Bound<'py, PyDict>> {
        let code = compile(program, self.profile)?;
        let instance = self.instance(index)?;
        let traced = py.detach(|| batch::trace(&code, instance, states, usize::MAX, &mut Machine::default()));
        let dict = trace_dict(py, &traced)?;
        if states {
            dict.set_item("states", traced.states.iter().map(picture).collect::<Vec<_>>())?;
        }
        Ok(dict)
    }

    /// The instances of several sets, one after the other.
    #[staticmethod]
    fn joined(py: Python<'_>, parts: Vec<Py<KarelInstances>>) -> Answer<KarelInstances> {
        let first = parts.first().ok_or_else(|| Error::world("there are no instances to join"))?;
        let profile = first.get().profile;
        if parts.iter().any(|part| part.get().profile != profile) {
            return Err(Error::world("instances of different profiles cannot be joined").into());
        }
        let instances = py.detach(|| parts.iter().flat_map(|part| part.get().instances.iter().cloned()).collect());
        Ok(KarelInstances::new(profile, instances)?)
    }

    /// Some of the instances, in the order of their numbers here.
    fn selected(&self, numbers: Vec<usize>) -> Answer<KarelInstances> {
        let chosen = numbers.into_iter().map(|number| self.instance(number).cloned()).collect::<Result<_, _>>()?;
        Ok(KarelInstances { profile: self.profile, instances: chosen })
    }

    /// Pairs of a program and an instance, by their numbers, each run once: how many actions each episode had (4 bytes,
    /// little endian), the first `most_actions` of them (padded with 5), and with `with_features` the features of the
    /// states before each of those and after the last.
    #[pyo3(signature = (programs, pairs, *, most_actions, with_features, threads))]
    fn episodes<'py>(
        &self,
        py: Python<'py>,
        programs: Vec<String>,
        pairs: Vec<(usize, usize)>,
        most_actions: usize,
        with_features: bool,
        threads: usize,
    ) -> Answer<(Bound<'py, PyBytes>, Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let codes: Vec<Code> = programs.iter().map(|text| compile(text, self.profile)).collect::<Result<_, _>>()?;
        for &(program, instance) in &pairs {
            self.instance(instance)?;
            if program >= codes.len() {
                return Err(Error::world(format!("there is no program {program} among {}", codes.len())).into());
            }
        }
        let episodes = py.detach(|| {
            batch::in_parallel(pairs.len(), threads, Machine::default, |machine, index| {
                let (program, instance) = pairs[index];
                let instance = &self.instances[instance];
                let traced = batch::trace(&codes[program], instance, with_features, most_actions + 1, machine);
                let bytes = packed(&traced.states, self.profile);
                (traced.actions, bytes)
            })
        });
        let (mut lengths, mut actions, mut features) = (Vec::new(), Vec::new(), Vec::new());
        for (done, bytes) in &episodes {
            lengths.extend_from_slice(&(done.len() as u32).to_le_bytes());
            actions.extend(done.iter().take(most_actions).map(|&action| action as u8));
            actions.resize(lengths.len() / 4 * most_actions, NO_ACTION);
            features.extend_from_slice(bytes);
        }
        Ok((PyBytes::new(py, &lengths), PyBytes::new(py, &actions), PyBytes::new(py, &features)))
    }

    /// What each program does on every instance: a list of traces a program. With `most_states` the features of the
    /// initial state and of those after the first actions, as bytes.
    #[pyo3(signature = (programs, *, most_states, threads))]
    fn demonstrate<'py>(
        &self,
        py: Python<'py>,
        programs: Vec<String>,
        most_states: usize,
        threads: usize,
    ) -> Answer<Bound<'py, PyList>> {
        let codes: Vec<Code> = programs.iter().map(|text| compile(text, self.profile)).collect::<Result<_, _>>()?;
        let traces = py.detach(|| {
            batch::in_parallel(codes.len(), threads, Machine::default, |machine, index| {
                let of = |instance| {
                    let traced = batch::trace(&codes[index], instance, most_states > 0, most_states, machine);
                    let bytes = packed(&traced.states, self.profile);
                    (Trace { states: Vec::new(), ..traced }, bytes)
                };
                self.instances.iter().map(of).collect::<Vec<_>>()
            })
        });
        let list = PyList::empty(py);
        for of_program in traces {
            let inner = PyList::empty(py);
            for (traced, bytes) in of_program {
                let dict = trace_dict(py, &traced)?;
                if most_states > 0 {
                    dict.set_item("features", PyBytes::new(py, &bytes))?;
                }
                inner.append(dict)?;
            }
            list.append(inner)?;
        }
        Ok(list)
    }
}

fn packed(states: &[World], profile: Profile) -> Vec<u8> {
    let mut bytes = Vec::new();
    for world in states {
        let from = bytes.len();
        bytes.resize(from + world.height() * world.width() * channels(profile), 0);
        features(world, profile, &mut bytes[from..]);
    }
    bytes
}

fn trace_dict<'py>(py: Python<'py>, traced: &Trace) -> Answer<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("reward", traced.outcome.reward)?;
    dict.set_item("end", traced.outcome.end.name())?;
    let actions: Vec<u8> = traced.actions.iter().map(|&action| action as u8).collect();
    dict.set_item("actions", PyBytes::new(py, &actions))?;
    dict.set_item("mistakes", traced.mistakes)?;
    dict.set_item("coverage", PyBytes::new(py, &traced.coverage))?;
    Ok(dict)
}
