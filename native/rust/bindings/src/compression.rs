//! Library compression: the function `compress`, whose panics become exceptions too, and its callbacks into Python.

use std::collections::BTreeMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyKeyboardInterrupt};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use compression::error::{Error, Kind};
use compression::given::{self, Given};
use compression::library::joint::compress_jointly;
use compression::library::state::Objective;
use compression::limits::{Caller, Stop};
use compression::settings::{Prices, Settings, Shares};
use compression::{Abstraction, Compression};

create_exception!(
    _native,
    CompressionError,
    PyException,
    "A program or a setting that compression cannot take. `kind` is parse, setting or internal; `task` and `program` \
     are indices or None."
);

/// Answers the engine's questions from Python; keeps an exception that Python raised meanwhile.
struct PythonCaller {
    accept: Option<Py<PyAny>>,
    meaning: Option<Py<PyAny>>,
    misfit: Option<Py<PyAny>>,
    spent: Option<Py<PyAny>>,
    learned: Option<Py<PyAny>>,
    raised: Raised,
}

/// What Python raised meanwhile.
#[derive(Default)]
struct Raised {
    error: Option<PyErr>,
    interrupted: bool,
}

impl Raised {
    fn keep(&mut self, error: PyErr) -> Error {
        self.error = Some(error);
        Error::new(Kind::Callback, "a callback raised an exception")
    }

    /// Asks Python. An interrupt that comes meanwhile ends the run with the best so far, so the question is asked again.
    fn ask<T>(&mut self, question: impl Fn(Python<'_>) -> PyResult<T>) -> Result<T, Error> {
        let answer = Python::attach(|py| match question(py) {
            Err(error) if error.is_instance_of::<PyKeyboardInterrupt>(py) => {
                self.interrupted = true;
                question(py)
            }
            answer => answer,
        });
        answer.map_err(|error| self.keep(error))
    }
}

impl Caller for PythonCaller {
    fn interrupted(&mut self) -> Result<bool, Error> {
        Python::attach(|py| match py.check_signals() {
            Ok(()) => Ok(self.raised.interrupted),
            Err(error) if error.is_instance_of::<PyKeyboardInterrupt>(py) => Ok(true),
            Err(error) => Err(self.raised.keep(error)),
        })
    }

    fn accepts(&mut self, definition: &str) -> Result<bool, Error> {
        let Some(accept) = &self.accept else {
            return Ok(true);
        };
        self.raised.ask(|py| accept.bind(py).call1((definition,))?.is_truthy())
    }

    fn meaning(&mut self, definition: &str) -> Result<Option<String>, Error> {
        let Some(meaning) = &self.meaning else {
            return Ok(self.accepts(definition)?.then(|| definition.to_owned()));
        };
        self.raised.ask(|py| meaning.bind(py).call1((definition,))?.extract())
    }

    fn misfit(&mut self, definitions: &[(String, String)]) -> Result<Option<usize>, Error> {
        let Some(misfit) = &self.misfit else {
            return Ok(None);
        };
        self.raised.ask(|py| misfit.bind(py).call1((definitions,))?.extract())
    }

    fn spent(&mut self, steps: u64) -> Result<(), Error> {
        let Some(spent) = &self.spent else {
            return Ok(());
        };
        self.raised.ask(|py| spent.bind(py).call1((steps,)).map(drop))
    }

    fn learned(&mut self, name: &str, definition: &str) -> Result<(), Error> {
        let Some(learned) = &self.learned else {
            return Ok(());
        };
        self.raised.ask(|py| learned.bind(py).call1((name, definition)).map(drop))
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let raised = CompressionError::new_err(error.to_string());
    let value = raised.value(py);
    let set = || -> PyResult<()> {
        value.setattr("kind", error.kind.text())?;
        value.setattr("message", &error.message)?;
        value.setattr("task", error.task)?;
        value.setattr("program", error.program)
    };
    match set() {
        Ok(()) => raised,
        Err(other) => other,
    }
}

/// Runs the engine without the GIL; a panic becomes an internal error.
fn guarded<T: Send>(
    py: Python<'_>,
    caller: PythonCaller,
    work: impl FnOnce(&mut PythonCaller) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let mut caller = caller;
    let result = py.detach(|| {
        catch_unwind(AssertUnwindSafe(|| work(&mut caller))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Error::internal(format!("the engine panicked: {text}")))
        })
    });
    result.map_err(|error| caller.raised.error.take().unwrap_or_else(|| exception(py, &error)))
}

fn stop_text(stop: Stop) -> &'static str {
    match stop {
        Stop::Proven => "complete",
        Stop::Budget => "budget",
        Stop::Interrupted => "interrupted",
    }
}

fn abstraction_dict<'py>(py: Python<'py>, it: &Abstraction) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("name", &it.name)?;
    dict.set_item("body", &it.body)?;
    dict.set_item("definition", &it.definition)?;
    dict.set_item("arity", it.arity)?;
    dict.set_item("utility", it.utility)?;
    dict.set_item("uses", it.uses)?;
    dict.set_item("cost_before", it.cost_before)?;
    dict.set_item("cost_after", it.cost_after)?;
    dict.set_item("proven", it.proven)?;
    dict.set_item("visited", it.visited)?;
    Ok(dict)
}

fn compression_dict<'py>(py: Python<'py>, found: &Compression) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let abstractions = PyList::empty(py);
    for it in &found.abstractions {
        abstractions.append(abstraction_dict(py, it)?)?;
    }
    dict.set_item("abstractions", abstractions)?;
    dict.set_item("rewritten", &found.rewritten)?;
    dict.set_item("cost_before", found.cost_before)?;
    dict.set_item("cost_after", found.cost_after)?;
    dict.set_item("description_length", found.description_length)?;
    dict.set_item("visited", found.visited)?;
    dict.set_item("status", stop_text(found.stop))?;
    Ok(dict)
}

fn seconds(timeout: Option<f64>) -> Result<Option<Duration>, Error> {
    let Some(timeout) = timeout else {
        return Ok(None);
    };
    let duration = Duration::try_from_secs_f64(timeout);
    duration.map(Some).map_err(|_| Error::setting(format!("timeout is a number of seconds, not {timeout}")))
}

fn objective_of(name: &str) -> Result<Objective, Error> {
    match name {
        "description-length" => Ok(Objective::DescriptionLength),
        "utility" => Ok(Objective::Utility),
        other => Err(Error::setting(format!("`{other}` is no objective"))),
    }
}

/// Learns abstractions from tasks, each a list of programs (λ-terms as text).
///
/// Greedily, or, with an objective, by a search over libraries of so much effort, which asks `meaning` where the greedy one
/// asks `accept`. psynth/core/engines/compression.py declares the settings with their defaults, and the fields of the result. Raises
/// CompressionError.
#[pyfunction]
#[pyo3(signature = (
    tasks, *, iterations, max_arity, structure_penalty, cost_app, cost_lambda, cost_variable, cost_primitive,
    cost_overrides, allow_single_task, eta_long, first_order, binding, weights, handicaps, prefix, first_index, reserved,
    timeout, memory_limit, accept, learned, objective, effort, meaning, misfit, spent,
))]
#[allow(clippy::too_many_arguments)]
fn compress<'py>(
    py: Python<'py>,
    tasks: Vec<Vec<String>>,
    iterations: usize,
    max_arity: usize,
    structure_penalty: f64,
    cost_app: i64,
    cost_lambda: i64,
    cost_variable: i64,
    cost_primitive: i64,
    cost_overrides: BTreeMap<String, i64>,
    allow_single_task: bool,
    eta_long: bool,
    first_order: bool,
    binding: bool,
    weights: Vec<u32>,
    handicaps: Vec<Vec<i64>>,
    prefix: String,
    first_index: u64,
    reserved: Vec<String>,
    timeout: Option<f64>,
    memory_limit: Option<usize>,
    accept: Option<Py<PyAny>>,
    learned: Option<Py<PyAny>>,
    objective: Option<&str>,
    effort: u64,
    meaning: Option<Py<PyAny>>,
    misfit: Option<Py<PyAny>>,
    spent: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let prices = Prices {
        apply: cost_app,
        lambda: cost_lambda,
        variable: cost_variable,
        primitive: cost_primitive,
        overrides: cost_overrides,
        shares: Shares { weights, handicaps },
    };
    let settings = Settings {
        iterations,
        max_arity,
        structure_penalty,
        prices,
        allow_single_task,
        eta_long,
        first_order,
        binding,
        prefix,
        first_index,
        reserved: reserved.into_iter().collect(),
        timeout: seconds(timeout).map_err(|error| exception(py, &error))?,
        memory_limit,
    };
    let objective = objective.map(objective_of).transpose().map_err(|error| exception(py, &error))?;
    let caller = PythonCaller { accept, meaning, misfit, spent, learned, raised: Raised::default() };
    let found = guarded(py, caller, |caller| match objective {
        None => compression::compress(&tasks, &settings, caller),
        Some(objective) => compress_jointly(&tasks, &settings, objective, effort, caller),
    })?;
    compression_dict(py, &found)
}

/// Rewrites the programs of tasks with a library, pairs of name and definition, at least cost.
///
/// psynth/core/engines/compression.py declares the settings with their defaults, and the fields of the result. Raises
/// CompressionError.
#[pyfunction]
#[pyo3(signature = (
    tasks, library, *, cost_app, cost_lambda, cost_variable, cost_primitive, cost_overrides, weights, handicaps, eta_long,
    timeout, memory_limit,
))]
#[allow(clippy::too_many_arguments)]
fn rewrite<'py>(
    py: Python<'py>,
    tasks: Vec<Vec<String>>,
    library: Vec<(String, String)>,
    cost_app: i64,
    cost_lambda: i64,
    cost_variable: i64,
    cost_primitive: i64,
    cost_overrides: BTreeMap<String, i64>,
    weights: Vec<u32>,
    handicaps: Vec<Vec<i64>>,
    eta_long: bool,
    timeout: Option<f64>,
    memory_limit: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let prices = Prices {
        apply: cost_app,
        lambda: cost_lambda,
        variable: cost_variable,
        primitive: cost_primitive,
        overrides: cost_overrides,
        shares: Shares { weights, handicaps },
    };
    let timeout = seconds(timeout).map_err(|error| exception(py, &error))?;
    let settings = given::Settings { prices, eta_long, timeout, memory_limit };
    let library: Vec<Given> = library.into_iter().map(|(name, definition)| Given { name, definition }).collect();
    let caller = PythonCaller {
        accept: None,
        meaning: None,
        misfit: None,
        spent: None,
        learned: None,
        raised: Raised::default(),
    };
    let found = guarded(py, caller, |caller| given::rewrite(&tasks, &library, &settings, caller))?;
    let dict = PyDict::new(py);
    dict.set_item("rewritten", &found.rewritten)?;
    dict.set_item("uses", &found.uses)?;
    dict.set_item("cost_before", found.cost_before)?;
    dict.set_item("cost_after", found.cost_after)?;
    dict.set_item("unexpanded", found.unexpanded)?;
    dict.set_item("status", stop_text(found.stop))?;
    Ok(dict)
}

/// Adds compression to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("CompressionError", module.py().get_type::<CompressionError>())?;
    module.add_function(wrap_pyfunction!(rewrite, module)?)?;
    module.add_function(wrap_pyfunction!(compress, module)?)
}
