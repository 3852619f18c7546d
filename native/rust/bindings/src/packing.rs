//! Online bin packing: converts arguments, releases the GIL and turns errors into exceptions.

use packing::{Packing, Priorities};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Adds bin packing to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(packing_run, module)?)
}

/// For each sequence of items its bins, those without space left, and the items that opened one before they had to.
#[pyfunction]
fn packing_run(
    py: Python<'_>,
    capacity: usize,
    table: Vec<f64>,
    instances: Vec<Vec<u16>>,
) -> PyResult<Vec<(usize, usize, usize)>> {
    py.detach(|| {
        let priorities = Priorities::new(capacity, table)?;
        let packed = instances.iter().map(|items| priorities.pack(items).map(counts));
        packed.collect::<Result<Vec<_>, _>>()
    })
    .map_err(|error| PyValueError::new_err(error.to_string()))
}

fn counts(packing: Packing) -> (usize, usize, usize) {
    (packing.bins, packing.full, packing.early)
}
