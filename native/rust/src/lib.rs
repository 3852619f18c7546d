//! psynth's engines in Rust. `compression` is pure Rust; `python` is the one door to Python.

pub mod compression;
#[cfg(feature = "python")]
mod python;
