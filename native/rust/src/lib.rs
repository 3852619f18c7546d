//! psynth's engines in Rust. `compression` and `karel` are pure Rust, but for Karel's own door; `python` is the module
//! that Python sees.

pub mod compression;
pub mod karel;
#[cfg(feature = "python")]
mod python;
