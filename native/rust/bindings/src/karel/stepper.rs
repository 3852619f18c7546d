//! Episodes that Python moves action by action.

use karel::error::Error;
use karel::stepper::{channels, Stepper};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use super::error::Answer;
use super::instances::KarelInstances;
use super::pictures::{picture, Picture};

/// Episodes in all instances at once, moved by actions from outside.
#[pyclass(module = "psynth._native")]
pub struct KarelStepper {
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
    fn step(&mut self, py: Python<'_>, actions: &[u8]) -> Answer<()> {
        if actions.len() != self.stepper.len() {
            let message = format!("{} actions for {} worlds", actions.len(), self.stepper.len());
            return Err(Error::world(message).into());
        }
        py.detach(|| self.stepper.step(actions));
        Ok(())
    }

    /// (worlds, channels, height, width), and one byte for each: see `karel::stepper`.
    fn features<'py>(&self, py: Python<'py>) -> Answer<Bound<'py, PyTuple>> {
        let bytes = py.detach(|| self.stepper.features());
        let (height, width) = self.stepper.worlds().next().map_or((0, 0), |world| (world.height(), world.width()));
        let planes = self.stepper.profile().map_or(0, channels);
        Ok(((self.stepper.len(), planes, height, width), PyBytes::new(py, &bytes)).into_pyobject(py)?)
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
