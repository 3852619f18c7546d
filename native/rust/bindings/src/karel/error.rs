//! The exception for what the Karel machine refuses.

use karel::error::Error;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(
    _native,
    KarelError,
    PyException,
    "A program or a world that cannot be. `kind` is parse, type, unknown_primitive or world."
);

/// What a function of this module can fail with.
pub enum Failure {
    Refused(Error),
    Raised(PyErr),
}

/// The result of a function of this module.
pub type Answer<T> = Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Refused(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Failure {
        Failure::Raised(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> PyErr {
        match failure {
            Failure::Raised(error) => error,
            Failure::Refused(error) => Python::attach(|py| {
                let raised = KarelError::new_err(error.message);
                match raised.value(py).setattr("kind", error.kind.text()) {
                    Ok(()) => raised,
                    Err(other) => other,
                }
            }),
        }
    }
}
