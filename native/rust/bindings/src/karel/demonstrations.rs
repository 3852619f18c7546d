//! Demonstrations of programs in worlds without a task.

use karel::batch;
use karel::demonstrations::{Demonstrator, Request};
use karel::rules::Profile;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use super::error::Answer;

/// For each program (with the seed of its first world) the seeds of the worlds it is demonstrated in and the actions
/// there, by number; or a few words on why it cannot be demonstrated so.
#[pyfunction]
#[pyo3(signature = (programs, *, profile, size, walls, markers, count, trials, shortest, longest, cover, most_tokens, threads))]
#[allow(clippy::too_many_arguments)]
pub fn karel_demonstrations<'py>(
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
) -> Answer<Bound<'py, PyList>> {
    let (profile, (height, width)) = (Profile::named(profile)?, size);
    let request =
        Request { profile, height, width, walls, markers, count, trials, shortest, longest, cover, most_tokens };
    Demonstrator::new(&request)?;
    let tool = || Demonstrator::new(&request).expect("it was made once");
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
            Err(why) => PyString::new(py, why.text()).into_any(),
        })?;
    }
    Ok(list)
}
