//! The Karel part of `psynth._native`: converts arguments, releases the GIL and turns errors into exceptions.

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use super::batch::{self, Score, Trace};
use super::code::Code;
use super::demonstrations::{Demonstrator, Wanted};
use super::error::Error;
use super::generate;
use super::instance::Instance;
use super::machine::{Episode, Onlooker};
use super::neighbourhood_python::KarelNeighbourhood;
use super::rules::{Kind, Profile, KINDS, PROFILES};
use super::stepper::{channels, features, Stepper, NO_ACTION};
use super::syntax::{self, Block};
use super::tokens;
use super::world::{World, HEADINGS};

create_exception!(
    _native,
    KarelError,
    PyException,
    "A program or a world that cannot be. `kind` is parse, type, unknown_primitive or world."
);

impl From<Error> for PyErr {
    fn from(error: Error) -> PyErr {
        Python::attach(|py| {
            let raised = KarelError::new_err(error.message);
            match raised.value(py).setattr("kind", error.kind.text()) {
                Ok(()) => raised,
                Err(other) => other,
            }
        })
    }
}

/// A map, the agent's row and column, and its heading as N, E, S or W.
type Picture = (Vec<String>, (usize, usize), String);

fn picture(world: &World) -> Picture {
    (world.map(), world.row_and_column(world.agent), world.heading.letter().to_string())
}

fn world_of((map, agent, heading): &Picture) -> Result<World, Error> {
    let heading = HEADINGS
        .iter()
        .find(|each| heading.chars().eq([each.letter()]))
        .ok_or_else(|| Error::world(format!("a heading is N, E, S or W, not {heading:?}")))?;
    World::from_map(map, *agent, *heading)
}

fn compiled(text: &str, profile: Profile) -> Result<Code, Error> {
    Code::read(text, profile)
}

/// Instances of one task under one profile, all of one size.
#[pyclass(frozen, module = "psynth._native")]
pub(super) struct KarelInstances {
    pub(super) profile: Profile,
    pub(super) instances: Vec<Instance>,
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
    ) -> PyResult<KarelInstances> {
        let (kind, profile) = (Kind::named(task)?, Profile::named(profile)?);
        let instances = seeds.into_iter().map(|seed| generate::instance(profile, kind, sparse, (height, width), seed));
        Ok(KarelInstances::new(profile, instances.collect::<Result<_, _>>()?)?)
    }

    /// Instances whose initial states are given; Snake's further food comes from the instance's number.
    #[staticmethod]
    fn from_pictures(task: &str, profile: &str, sparse: bool, pictures: Vec<Picture>) -> PyResult<KarelInstances> {
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
    ) -> PyResult<KarelInstances> {
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
    #[pyo3(signature = (programs, *, incumbent=None, threads=1, every_step=false))]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        programs: Vec<PyBackedStr>,
        incumbent: Option<f64>,
        threads: usize,
        every_step: bool,
    ) -> PyResult<Bound<'py, PyList>> {
        let answers = py.detach(|| {
            let best = batch::remaining_best(&self.instances);
            batch::in_parallel(programs.len(), threads, Episode::default, |episode, index| {
                let code = compiled(&programs[index], self.profile)?;
                Ok::<_, Error>(if every_step {
                    batch::score_watched(&code, &self.instances, &best, incumbent, episode, &mut Onlooker)
                } else {
                    batch::score(&code, &self.instances, &best, incumbent, episode)
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
    #[pyo3(signature = (program, index=0, *, states=false))]
    fn trace<'py>(&self, py: Python<'py>, program: &str, index: usize, states: bool) -> PyResult<Bound<'py, PyDict>> {
        let code = compiled(program, self.profile)?;
        let instance = self.instance(index)?;
        let traced = py.detach(|| batch::trace(&code, instance, states, usize::MAX, &mut Episode::default()));
        let dict = trace_dict(py, &traced)?;
        if states {
            dict.set_item("states", traced.states.iter().map(picture).collect::<Vec<_>>())?;
        }
        Ok(dict)
    }

    /// The instances of several sets, one after the other.
    #[staticmethod]
    fn joined(py: Python<'_>, parts: Vec<Py<KarelInstances>>) -> PyResult<KarelInstances> {
        let first = parts.first().ok_or_else(|| Error::world("there are no instances to join"))?;
        let profile = first.get().profile;
        if parts.iter().any(|part| part.get().profile != profile) {
            return Err(Error::world("instances of different profiles cannot be joined").into());
        }
        let instances = py.detach(|| parts.iter().flat_map(|part| part.get().instances.iter().cloned()).collect());
        Ok(KarelInstances::new(profile, instances)?)
    }

    /// Some of the instances, in the order of their numbers here.
    fn selected(&self, numbers: Vec<usize>) -> PyResult<KarelInstances> {
        let chosen = numbers.into_iter().map(|number| self.instance(number).cloned()).collect::<Result<_, _>>()?;
        Ok(KarelInstances { profile: self.profile, instances: chosen })
    }

    /// Pairs of a program and an instance, by their numbers, each run once: how many actions each episode had (4 bytes,
    /// little endian), the first `most_actions` of them (padded with 5), and with `with_features` the features of the
    /// states before each of those and after the last.
    #[pyo3(signature = (programs, pairs, *, most_actions, with_features=false, threads=1))]
    fn episodes<'py>(
        &self,
        py: Python<'py>,
        programs: Vec<String>,
        pairs: Vec<(usize, usize)>,
        most_actions: usize,
        with_features: bool,
        threads: usize,
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let codes: Vec<Code> = programs.iter().map(|text| compiled(text, self.profile)).collect::<Result<_, _>>()?;
        for &(program, instance) in &pairs {
            self.instance(instance)?;
            if program >= codes.len() {
                return Err(Error::world(format!("there is no program {program} among {}", codes.len())).into());
            }
        }
        let episodes = py.detach(|| {
            batch::in_parallel(pairs.len(), threads, Episode::default, |episode, index| {
                let (program, instance) = pairs[index];
                let instance = &self.instances[instance];
                let traced = batch::trace(&codes[program], instance, with_features, most_actions + 1, episode);
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
    #[pyo3(signature = (programs, *, most_states=0, threads=1))]
    fn demonstrate<'py>(
        &self,
        py: Python<'py>,
        programs: Vec<String>,
        most_states: usize,
        threads: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        let codes: Vec<Code> = programs.iter().map(|text| compiled(text, self.profile)).collect::<Result<_, _>>()?;
        let traces = py.detach(|| {
            batch::in_parallel(codes.len(), threads, Episode::default, |episode, index| {
                let of = |instance| {
                    let traced = batch::trace(&codes[index], instance, most_states > 0, most_states, episode);
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

fn trace_dict<'py>(py: Python<'py>, traced: &Trace) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("reward", traced.outcome.reward)?;
    dict.set_item("end", traced.outcome.end.name())?;
    let actions: Vec<u8> = traced.actions.iter().map(|&action| action as u8).collect();
    dict.set_item("actions", PyBytes::new(py, &actions))?;
    dict.set_item("mistakes", traced.mistakes)?;
    dict.set_item("coverage", PyBytes::new(py, &traced.coverage))?;
    Ok(dict)
}

/// Episodes in all instances at once, moved by actions from outside.
#[pyclass(module = "psynth._native")]
struct KarelStepper {
    stepper: Stepper,
}

#[pymethods]
impl KarelStepper {
    #[new]
    fn new(instances: &KarelInstances) -> KarelStepper {
        KarelStepper { stepper: Stepper::new(instances.instances.clone()) }
    }

    fn __len__(&self) -> usize {
        self.stepper.len()
    }

    /// Back to the initial states.
    fn reset(&mut self) {
        self.stepper.reset();
    }

    /// One action a world, as bytes: 0 to 4 in the order of the vocabulary, 5 for none.
    fn step(&mut self, py: Python<'_>, actions: &[u8]) -> PyResult<()> {
        if actions.len() != self.stepper.len() {
            let message = format!("{} actions for {} worlds", actions.len(), self.stepper.len());
            return Err(Error::world(message).into());
        }
        py.detach(|| self.stepper.step(actions));
        Ok(())
    }

    /// (worlds, channels, height, width), and one byte for each: see native/rust/src/karel/stepper.rs.
    fn features<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let bytes = py.detach(|| self.stepper.features());
        let (height, width) = self.stepper.worlds().next().map_or((0, 0), |world| (world.height(), world.width()));
        let planes = self.stepper.profile().map_or(0, channels);
        ((self.stepper.len(), planes, height, width), PyBytes::new(py, &bytes)).into_pyobject(py)
    }

    /// Five bytes a world, in the order of the vocabulary.
    fn perceptions<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.stepper.perceptions())
    }

    /// What each episode has earned so far.
    fn rewards(&self) -> Vec<f64> {
        self.stepper.rewards()
    }

    /// A byte a world: 1 if its task has ended the episode.
    fn ended<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes: Vec<u8> = self.stepper.ended().iter().map(|&ended| u8::from(ended)).collect();
        PyBytes::new(py, &bytes)
    }

    fn pictures(&self) -> Vec<Picture> {
        self.stepper.worlds().map(picture).collect()
    }
}

pub(super) fn one_program(text: &str) -> Result<Block, Error> {
    let mut programs = syntax::read(text)?;
    match (programs.pop(), programs.is_empty()) {
        (Some(program), true) => Ok(program),
        _ => Err(Error::parse("several programs where one is asked for")),
    }
}

/// A program in tokens (or as a λ-term) as a λ-term.
#[pyfunction]
fn karel_term(text: &str) -> PyResult<String> {
    Ok(syntax::term(&one_program(text)?))
}

/// A program as a λ-term (or in tokens) in tokens.
#[pyfunction]
fn karel_tokens(text: &str) -> PyResult<String> {
    Ok(tokens::print(&one_program(text)?))
}

/// Why a profile's own search would not write this program, None if it could.
#[pyfunction]
fn karel_outside(text: &str, profile: &str) -> PyResult<Option<String>> {
    Ok(syntax::outside(&one_program(text)?, Profile::named(profile)?))
}

/// For each program (with the seed of its first world) the seeds of the worlds it is demonstrated in and the actions
/// there, by number; or a few words on why it cannot be demonstrated so.
#[pyfunction]
#[pyo3(signature = (programs, *, profile, size, walls, markers, count, trials, shortest, longest, cover, most_tokens, threads=1))]
#[allow(clippy::too_many_arguments)]
fn karel_demonstrations<'py>(
    py: Python<'py>,
    programs: Vec<(String, u64)>,
    profile: &str,
    size: (usize, usize),
    walls: f64,
    markers: f64,
    count: usize,
    trials: u64,
    shortest: usize,
    longest: usize,
    cover: bool,
    most_tokens: usize,
    threads: usize,
) -> PyResult<Bound<'py, PyList>> {
    let (profile, (height, width)) = (Profile::named(profile)?, size);
    let wanted =
        Wanted { profile, height, width, walls, markers, count, trials, shortest, longest, cover, most_tokens };
    Demonstrator::new(&wanted)?;
    let tool = || Demonstrator::new(&wanted).expect("it was made once");
    let found = py.detach(|| {
        batch::in_parallel(programs.len(), threads, tool, |demonstrator, index| {
            let (text, seed) = &programs[index];
            demonstrator.demonstrate(text, *seed)
        })
    });
    let list = PyList::empty(py);
    for each in found {
        list.append(match each {
            Ok(shown) => {
                let actions = shown.actions.iter().map(|of_world| {
                    PyBytes::new(py, &of_world.iter().map(|&action| action as u8).collect::<Vec<u8>>())
                });
                (shown.seeds, PyList::new(py, actions)?).into_pyobject(py)?.into_any()
            }
            Err(why) => why.text().into_pyobject(py)?.into_any(),
        })?;
    }
    Ok(list)
}

/// Actions and perceptions in the order of their numbers.
#[pyfunction]
fn karel_vocabulary() -> (Vec<&'static str>, Vec<&'static str>) {
    (
        syntax::ACTIONS.iter().map(|action| action.name()).collect(),
        syntax::PERCEPTIONS.iter().map(|perception| perception.name()).collect(),
    )
}

/// Every task of every profile: (profile, task, height, width, whether sparse by default, whether it can be sparse).
#[pyfunction]
fn karel_tasks() -> Vec<(&'static str, &'static str, usize, usize, bool, bool)> {
    let of = |profile: Profile| {
        KINDS.into_iter().filter(move |kind| *kind != Kind::Free && kind.is_in(profile)).map(move |kind| {
            let (height, width) = kind.size(profile);
            let twin = profile == Profile::ProgPolicies && kind.has_sparse_twin();
            (profile.name(), kind.name(), height, width, kind.is_sparse_by_default(profile), twin)
        })
    };
    PROFILES.into_iter().flat_map(of).collect()
}

/// Adds the Karel part to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("KarelError", module.py().get_type::<KarelError>())?;
    module.add_class::<KarelInstances>()?;
    module.add_class::<KarelStepper>()?;
    module.add_class::<KarelNeighbourhood>()?;
    module.add_function(wrap_pyfunction!(karel_term, module)?)?;
    module.add_function(wrap_pyfunction!(karel_tokens, module)?)?;
    module.add_function(wrap_pyfunction!(karel_outside, module)?)?;
    module.add_function(wrap_pyfunction!(karel_demonstrations, module)?)?;
    module.add_function(wrap_pyfunction!(karel_vocabulary, module)?)?;
    module.add_function(wrap_pyfunction!(karel_tasks, module)?)
}
