//! The module `_zygote`: the sandbox as the interpreter inside it sees it. Where there is no Linux it is empty.

#![cfg(target_os = "linux")]

mod values;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use sandbox::confinement::{read_all, SPARE};
use sandbox::frames::{self, Kind};
use sandbox::sys;
use sandbox::warden::{send_frame, Job, Warden};
use sandbox::wire::Report;

use values::{decode, encode, Unsayable};

/// The zygote's trusted half. Its methods are called in a fixed order by the harness.
#[pyclass(unsendable)]
struct Zygote {
    warden: Warden,
}

/// A program, the name of its function if it has one, and the arguments of each call.
type Task<'py> = (String, Option<String>, Bound<'py, PyList>);

#[pymethods]
impl Zygote {
    #[new]
    fn new() -> PyResult<Zygote> {
        Ok(Zygote { warden: Warden::new()? })
    }

    /// The packages to import before the first program.
    fn packages(&self) -> Vec<String> {
        self.warden.plan().settings.packages.clone()
    }

    /// Folders to add to the module search path.
    fn search_path(&self) -> Vec<String> {
        let paths = &self.warden.plan().settings.interpreter.search_path;
        paths.iter().map(|path| path.display().to_string()).collect()
    }

    /// The seed of programs.
    fn seed(&self) -> u64 {
        self.warden.plan().settings.seed
    }

    /// The maximum CPU time of a call, in seconds; 0 without a limit.
    fn cpu_limit(&self) -> f64 {
        self.warden.plan().settings.limits.cpu.unwrap_or(0.0)
    }

    /// The maximum size of a returned value, in bytes.
    fn result_limit(&self) -> u64 {
        self.warden.plan().settings.limits.result
    }

    /// Tell the supervisor that jobs can come.
    fn ready(&self) -> PyResult<()> {
        Ok(self.warden.say(&Report::Ready)?)
    }

    /// Tell the supervisor why this interpreter cannot be used.
    fn unusable(&self, reason: String) -> PyResult<()> {
        Ok(self.warden.say(&Report::Unusable(reason))?)
    }

    /// Wait for a job, and return in the process that must fork the program.
    fn accept(&mut self) -> PyResult<()> {
        Ok(self.warden.accept()?)
    }

    /// Watch the program that was forked.
    fn watch(&mut self, program: i32) -> PyResult<()> {
        Ok(self.warden.watch(program)?)
    }

    /// Confine the process of a program, and return its job.
    fn confine<'py>(&mut self, py: Python<'py>) -> PyResult<Task<'py>> {
        task(py, self.warden.confine()?)
    }
}

fn task(py: Python<'_>, job: Job) -> PyResult<Task<'_>> {
    let calls: PyResult<Vec<_>> = job
        .calls
        .iter()
        .map(|arguments| arguments.iter().map(|value| decode(py, value)).collect::<PyResult<Vec<_>>>())
        .map(|arguments| PyList::new(py, arguments?))
        .collect();
    Ok((job.program, job.function, PyList::new(py, calls?)?))
}

/// The job that the zygote left for this new interpreter, which is already confined.
#[pyfunction]
fn only_job(py: Python<'_>) -> PyResult<Task<'_>> {
    let bytes = read_all(sys::inherited(SPARE)?)?;
    let job: Job = serde_json::from_slice(&bytes).map_err(|error| PyValueError::new_err(error.to_string()))?;
    task(py, job)
}

/// Send a frame: its kind is one of the letters of `frames.rs`.
#[pyfunction]
fn send(kind: char, payload: &Bound<'_, PyBytes>) -> PyResult<()> {
    let kind = u8::try_from(kind).ok().and_then(Kind::from_byte);
    let kind = kind.ok_or_else(|| PyValueError::new_err("there is no such kind of frame"))?;
    Ok(send_frame(&frames::encode(kind, payload.as_bytes()))?)
}

/// Send the value that a call returned, of at most `limit` bytes as JSON.
#[pyfunction]
fn send_value(value: &Bound<'_, PyAny>, limit: usize) -> PyResult<()> {
    let frame = match encode(value, limit) {
        Ok(text) => frames::encode(Kind::Value, text.as_bytes()),
        Err(Unsayable::TooLong) => frames::encode(Kind::TooLong, b""),
        Err(Unsayable::NotJson(what)) => {
            frames::encode(Kind::Error, format!("returned {what}, which is not JSON").as_bytes())
        }
        Err(Unsayable::Raised(error)) => return Err(error),
    };
    send_frame(&frame).map_err(|error| PyOSError::new_err(error.to_string()))
}

#[pymodule]
fn _zygote(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Zygote>()?;
    module.add_function(wrap_pyfunction!(only_job, module)?)?;
    module.add_function(wrap_pyfunction!(send, module)?)?;
    module.add_function(wrap_pyfunction!(send_value, module)?)
}
