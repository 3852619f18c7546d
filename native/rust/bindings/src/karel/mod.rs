//! The Karel machine: converts arguments, releases the GIL and turns errors into exceptions.

mod demonstrations;
mod environments;
mod error;
mod instances;
mod neighborhood;
mod pictures;
mod programs;
mod stepper;

use pyo3::prelude::*;

/// Adds the Karel part to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("KarelError", module.py().get_type::<error::KarelError>())?;
    module.add_class::<instances::KarelInstances>()?;
    module.add_class::<stepper::KarelStepper>()?;
    module.add_class::<environments::KarelEnvironments>()?;
    module.add_class::<neighborhood::KarelNeighborhood>()?;
    module.add_function(wrap_pyfunction!(programs::karel_term, module)?)?;
    module.add_function(wrap_pyfunction!(programs::karel_tokens, module)?)?;
    module.add_function(wrap_pyfunction!(programs::karel_outside, module)?)?;
    module.add_function(wrap_pyfunction!(demonstrations::karel_demonstrations, module)?)?;
    module.add_function(wrap_pyfunction!(programs::karel_vocabulary, module)?)?;
    module.add_function(wrap_pyfunction!(programs::karel_tasks, module)?)
}
