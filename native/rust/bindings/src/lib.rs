//! The module `psynth._native`: each engine's bindings convert arguments, release the GIL and turn errors into exceptions.

mod archive;
mod compression;
mod karel;
mod packing;
mod physics;

use pyo3::prelude::*;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    archive::register(module)?;
    compression::register(module)?;
    karel::register(module)?;
    packing::register(module)?;
    physics::register(module)
}
