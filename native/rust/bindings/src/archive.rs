//! Archives of elites: converts arguments, and reads the lines of frontiers.

use ::archive::axis::Axis;
use ::archive::cells::{Candidate, Cells, Status, WrongDimensions};
use ::archive::centroids;
use ::archive::elite::Elite;
use ::archive::layout::{Layout, Outside};
use ::archive::record::{self, Objective};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Adds the archive's part to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Archive>()?;
    module.add_function(wrap_pyfunction!(archive_centroids, module)?)
}

/// An axis as Python gives it: its edges or, for bins of equal width or ratio, its ends, their number and whether the
/// bins are of equal ratio.
#[derive(FromPyObject)]
enum AxisArguments {
    Even(f64, f64, usize, bool),
    Edges(Vec<f64>),
}

impl AxisArguments {
    fn axis(self) -> Option<Axis> {
        match self {
            Self::Even(low, high, bins, logarithmic) => Axis::even(low, high, bins, logarithmic),
            Self::Edges(edges) => Axis::between(edges),
        }
    }
}

/// What the archive answers beside the statuses of the engine.
const NO_OBJECTIVE: &str = "no objective";
const NO_DESCRIPTOR: &str = "no descriptor";
const WRONG_DIMENSIONS: &str = "wrong dimensions";
const UNREAD: &str = "unread";

fn name(status: Result<Status, WrongDimensions>) -> &'static str {
    match status {
        Ok(Status::Rejected) => "rejected",
        Ok(Status::Improved) => "improved",
        Ok(Status::New) => "new",
        Ok(Status::Outside) => "outside",
        Err(WrongDimensions) => WRONG_DIMENSIONS,
    }
}

/// (cell, rank in the cell, gain, descriptor, language, program, line)
type EliteTuple<'py> = (u64, usize, f64, Vec<f64>, String, String, Bound<'py, PyBytes>);

/// Elites of several tasks.
#[pyclass]
struct Archive {
    cells: Cells,
    objective: Objective,
    sign: f64,
}

#[pymethods]
impl Archive {
    #[new]
    #[pyo3(signature = (axes, *, kind, depth, drop_outside, objective, minimize, centroids, radius, capacity, neighbors))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of one Python class")]
    fn new(
        axes: Vec<AxisArguments>,
        kind: &str,
        depth: usize,
        drop_outside: bool,
        objective: &str,
        minimize: bool,
        centroids: Vec<f64>,
        radius: f64,
        capacity: usize,
        neighbors: usize,
    ) -> PyResult<Self> {
        let axes: Option<Vec<Axis>> = axes.into_iter().map(AxisArguments::axis).collect();
        let axes = axes.filter(|axes| !axes.is_empty()).ok_or_else(|| PyValueError::new_err("impossible axes"))?;
        let layout = match kind {
            "grid" => Layout::Grid(axes),
            "cvt" => Layout::centroids(axes, &centroids),
            "unstructured" => Layout::Unstructured { axes, radius },
            "dominated-novelty" => Layout::Dominated { axes, capacity, neighbors },
            _ => return Err(PyValueError::new_err("unknown layout")),
        };
        let objective = match objective {
            "gain" => Objective::Gain,
            "reward" => Objective::Reward,
            "score" => Objective::Score,
            "log-likelihood" => Objective::LogLikelihood,
            "log-prior" => Objective::LogPrior,
            _ => return Err(PyValueError::new_err("unknown objective")),
        };
        let outside = if drop_outside { Outside::Drop } else { Outside::Clip };
        let cells = Cells::new(layout, depth, outside);
        Ok(Self { cells, objective, sign: if minimize { -1.0 } else { 1.0 } })
    }

    /// Offers the program of a frontier's line.
    fn offer_line(&mut self, line: &[u8]) -> &'static str {
        let Some(read) = record::read(line, self.objective) else {
            return UNREAD;
        };
        let Some(objective) = read.objective else {
            return NO_OBJECTIVE;
        };
        let Some(descriptor) = read.descriptor else {
            return NO_DESCRIPTOR;
        };
        let candidate = Candidate {
            gain: self.sign * objective,
            language: read.language,
            program: &read.program,
            descriptor: &descriptor,
        };
        name(self.cells.offer(&read.task, &candidate, line))
    }

    /// Offers a program whose figures are known and finite.
    fn offer(
        &mut self,
        task: &str,
        language: &str,
        program: &str,
        objective: f64,
        descriptor: Vec<f64>,
        line: &[u8],
    ) -> PyResult<&'static str> {
        if !objective.is_finite() || descriptor.iter().any(|number| !number.is_finite()) {
            return Err(PyValueError::new_err("a figure that is not finite"));
        }
        let candidate = Candidate { gain: self.sign * objective, language, program, descriptor: &descriptor };
        Ok(name(self.cells.offer(task, &candidate, line)))
    }

    /// Brings the archive to its capacity.
    fn settle(&mut self, py: Python<'_>) {
        py.detach(|| self.cells.settle());
    }

    fn tasks(&self) -> Vec<&str> {
        self.cells.tasks().map(|(id, _)| id).collect()
    }

    /// The number of cells of a task that are filled.
    fn filled(&self, task: &str) -> usize {
        self.cells.task(task).map_or(0, |cells| cells.cells().len())
    }

    /// The elites of the cell that was filled as number `place` of a task.
    fn elites<'py>(&self, py: Python<'py>, task: &str, place: usize) -> PyResult<Vec<EliteTuple<'py>>> {
        let cells = self.cells.task(task).map(|cells| cells.cells()).unwrap_or_default();
        let (cell, elites) = cells.get(place).ok_or_else(|| PyIndexError::new_err(place))?;
        Ok(elites.iter().enumerate().map(|(rank, elite)| self.tuple(py, *cell, rank, elite)).collect())
    }

    /// The greatest gain of each filled cell of a task, with its cell, in the order of filling.
    fn gains(&self, task: &str) -> Vec<(u64, f64)> {
        let cells = self.cells.task(task).map(|cells| cells.cells()).unwrap_or_default();
        cells.iter().map(|(cell, elites)| (*cell, elites[0].gain)).collect()
    }

    /// The place, in the order of filling, of the cell that a descriptor falls into; None if it is empty or not fixed.
    fn place(&self, task: &str, descriptor: Vec<f64>) -> Option<usize> {
        self.cells.task(task)?.place(self.cells.layout().cell(&descriptor)?)
    }

    /// The number of cells; None if it is not fixed.
    fn cells(&self) -> Option<u64> {
        self.cells.layout().cells()
    }

    fn clipped(&self) -> u64 {
        self.cells.clipped()
    }
}

impl Archive {
    fn tuple<'py>(&self, py: Python<'py>, cell: u64, rank: usize, elite: &Elite) -> EliteTuple<'py> {
        (
            cell,
            rank,
            elite.gain,
            elite.descriptor.to_vec(),
            elite.language.to_string(),
            elite.program.to_string(),
            PyBytes::new(py, &elite.line),
        )
    }
}

/// `count` centroids in the unit box, one after the other.
#[pyfunction]
fn archive_centroids(py: Python<'_>, count: usize, dimensions: usize, seed: u64) -> Vec<f64> {
    py.detach(|| centroids::centroids(count, dimensions, seed))
}
