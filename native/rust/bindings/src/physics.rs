//! Walkers: converts arguments, releases the GIL and turns errors into values, one for each walker.

use physics::batch::{run, Trial};
use physics::body::{RADIUS, STEP};
use physics::error::{Error, Kind};
use physics::simulation::{surroundings, Motion, Simulation, FRAME, LONGEST};
use physics::terrain::{Surroundings, Terrain, TERRAINS};
use physics::walker::{Muscle, Walker, AMPLITUDE, DEGREE, JOINTS, MASS, MUSCLES, SIZE};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Joints, and for each connection its two joints and, for a muscle, its amplitude and phase.
type Plan = (Vec<(f64, f64)>, Vec<(usize, usize, Option<(f64, f64)>)>);
/// Displacement, height, width, mass, and the seconds until the walker had come to rest.
type Measures = (f64, f64, f64, f64, f64);
/// What is wrong with a walker: invalid, unsettled or exploded, and a message.
type Fault = (&'static str, String);

/// What Python gets for a walker.
#[derive(IntoPyObject)]
enum Answer<T> {
    Found(T),
    Refused(Fault),
}

/// Adds walkers to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(physics_run, module)?)?;
    module.add_function(wrap_pyfunction!(physics_trace, module)?)?;
    module.add_function(wrap_pyfunction!(physics_ground, module)?)?;
    module.add_function(wrap_pyfunction!(physics_constants, module)?)
}

/// The measures of each walker, or what is wrong with it.
#[pyfunction]
fn physics_run(
    py: Python<'_>,
    plans: Vec<Plan>,
    terrain: &str,
    milliseconds: u32,
    threads: usize,
) -> PyResult<Vec<Answer<Measures>>> {
    let terrain = terrain_named(terrain)?;
    Ok(py.detach(|| evaluate(plans, terrain, milliseconds, threads)))
}

/// One walker's motion frame by frame, or what is wrong with it.
#[pyfunction]
fn physics_trace<'py>(
    py: Python<'py>,
    plan: Plan,
    terrain: &str,
    milliseconds: u32,
) -> PyResult<Answer<Bound<'py, PyDict>>> {
    let terrain = terrain_named(terrain)?;
    let traced = py.detach(|| {
        let walker = walker(plan)?;
        let motion = Simulation { traced: true }.run(&walker, terrain, milliseconds)?;
        Ok::<_, Error>((walker, motion))
    });
    let (walker, motion) = match traced {
        Ok(found) => found,
        Err(error) => return Ok(Answer::Refused(fault(error))),
    };
    let found = PyDict::new(py);
    found.set_item("measures", measures(&walker, &motion))?;
    found.set_item("frames", motion.frames)?;
    found.set_item("passive", motion.passive)?;
    found.set_item("limit", surroundings(&walker, terrain).limit())?;
    Ok(Answer::Found(found))
}

/// The height of a terrain's ground at each of several places.
#[pyfunction]
fn physics_ground(terrain: &str, places: Vec<f64>) -> PyResult<Vec<f64>> {
    let around = Surroundings::new(terrain_named(terrain)?, RADIUS, 0.0, 0.0);
    Ok(places.into_iter().map(|x| around.ground(x).0).collect())
}

/// The names of the terrains, the rules of walkers, and what animations need to know.
#[pyfunction]
fn physics_constants(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let found = PyDict::new(py);
    found.set_item("terrains", TERRAINS.map(|(name, _)| name))?;
    found.set_item("joints", JOINTS)?;
    found.set_item("muscles", MUSCLES)?;
    found.set_item("degree", DEGREE)?;
    found.set_item("size", SIZE)?;
    found.set_item("mass", MASS)?;
    found.set_item("amplitude", AMPLITUDE)?;
    found.set_item("radius", RADIUS)?;
    found.set_item("frame", f64::from(FRAME) * STEP)?;
    found.set_item("longest", LONGEST)?;
    Ok(found)
}

fn evaluate(plans: Vec<Plan>, terrain: Terrain, milliseconds: u32, threads: usize) -> Vec<Answer<Measures>> {
    let walkers: Vec<Result<Walker, Error>> = plans.into_iter().map(walker).collect();
    let sound = walkers.iter().flatten().cloned();
    let trials: Vec<Trial> = sound.map(|walker| Trial { walker, terrain, milliseconds }).collect();
    let mut motions = trials.iter().zip(run(&trials, Simulation::default(), threads));
    let judged = walkers.into_iter().map(|walker| match walker.map(|_| motions.next()) {
        Ok(Some((trial, Ok(motion)))) => Answer::Found(measures(&trial.walker, &motion)),
        Ok(Some((_, Err(error)))) | Err(error) => Answer::Refused(fault(error)),
        Ok(None) => unreachable!("one motion for each walker"),
    });
    judged.collect()
}

fn walker((joints, muscles): Plan) -> Result<Walker, Error> {
    let muscles = muscles.into_iter().map(|(from, to, rhythm)| match rhythm {
        None => Muscle::bone(from, to),
        Some((amplitude, phase)) => Muscle::elastic(from, to, amplitude, phase),
    });
    Walker::new(joints, muscles.collect())
}

fn measures(walker: &Walker, motion: &Motion) -> Measures {
    (motion.displacement, walker.height(), walker.width(), walker.mass(), motion.settled)
}

fn fault(error: Error) -> Fault {
    let kind = match error.kind {
        Kind::Invalid => "invalid",
        Kind::Unsettled => "unsettled",
        Kind::Exploded => "exploded",
    };
    (kind, error.message)
}

fn terrain_named(name: &str) -> PyResult<Terrain> {
    Terrain::named(name).ok_or_else(|| PyValueError::new_err(format!("there is no terrain {name:?}")))
}
