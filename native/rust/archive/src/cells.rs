//! The archive: the elites of each task by their cells.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::competition;
use crate::elite::{rank, Elite, Key};
use crate::kd_tree::squared_distance;
use crate::layout::{Layout, Outside};

/// What became of a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Not better than the elites of its cell.
    Rejected,
    /// It is one of the elites of its cell, which had some.
    Improved,
    /// It is the first elite of its cell.
    New,
    /// Outside the range of an axis, where that is not allowed.
    Outside,
}

/// The descriptor has another number of dimensions than the archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WrongDimensions;

/// A program offered to an archive; gain and descriptor are finite.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    pub gain: f64,
    pub language: &'a str,
    pub program: &'a str,
    pub descriptor: &'a [f64],
}

impl Candidate<'_> {
    fn key<'a>(&'a self, line: &'a [u8]) -> Key<'a> {
        Key { gain: self.gain, language: self.language, program: self.program, line }
    }

    fn elite(&self, line: &[u8]) -> Elite {
        Elite {
            gain: self.gain,
            language: self.language.into(),
            program: self.program.into(),
            descriptor: self.descriptor.into(),
            line: line.into(),
        }
    }
}

/// The elites of one task.
#[derive(Default, Debug)]
pub struct TaskCells {
    /// Where the elites of a cell stand in `cells`.
    places: HashMap<u64, u32>,
    /// The cells that are filled, in the order in which they were, each with its elites, best first.
    cells: Vec<(u64, Vec<Elite>)>,
    /// Of a layout without fixed cells: the descriptors in units of the axes, one for each of `cells`.
    scaled: Vec<Vec<f64>>,
    /// The number of the next elite of a layout without fixed cells.
    next: u64,
}

impl TaskCells {
    pub fn cells(&self) -> &[(u64, Vec<Elite>)] {
        &self.cells
    }

    /// The place of a cell among `cells`, if it is filled.
    pub fn place(&self, cell: u64) -> Option<usize> {
        self.places.get(&cell).map(|place| *place as usize)
    }
}

/// Archives of several tasks with one layout; up to `depth` elites a cell.
#[derive(Debug)]
pub struct Cells {
    layout: Layout,
    depth: usize,
    outside: Outside,
    numbers: HashMap<Box<str>, usize>,
    tasks: Vec<(Box<str>, TaskCells)>,
    /// The task of the last offer, which the next one has, too, as a rule.
    last: usize,
    clipped: u64,
}

impl Cells {
    pub fn new(layout: Layout, depth: usize, outside: Outside) -> Self {
        assert!(depth > 0);
        Self { layout, depth, outside, numbers: HashMap::new(), tasks: Vec::new(), last: 0, clipped: 0 }
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How many candidates were outside the range of an axis, and taken into the nearest cell.
    pub fn clipped(&self) -> u64 {
        self.clipped
    }

    /// The tasks in the order of their first offers.
    pub fn tasks(&self) -> impl Iterator<Item = (&str, &TaskCells)> {
        self.tasks.iter().map(|(id, cells)| (&**id, cells))
    }

    pub fn task(&self, id: &str) -> Option<&TaskCells> {
        self.numbers.get(id).map(|number| &self.tasks[*number].1)
    }

    /// Offers a program of a task to the archive; `line` is its record.
    pub fn offer(&mut self, task: &str, candidate: &Candidate<'_>, line: &[u8]) -> Result<Status, WrongDimensions> {
        if candidate.descriptor.len() != self.layout.axes().len() {
            return Err(WrongDimensions);
        }
        if !self.layout.contains(candidate.descriptor) {
            match self.outside {
                Outside::Drop => return Ok(Status::Outside),
                Outside::Clip => self.clipped += 1,
            }
        }
        let number = self.number(task);
        let cells = &mut self.tasks[number].1;
        Ok(match &self.layout {
            Layout::Grid(_) | Layout::Centroids { .. } => {
                let cell = self.layout.cell(candidate.descriptor).unwrap_or_default();
                into_cell(cells, cell, self.depth, candidate, line)
            }
            Layout::Unstructured { radius, .. } => {
                let point = self.layout.scaled(candidate.descriptor);
                by_distance(cells, point, *radius, candidate, line)
            }
            Layout::Dominated { capacity, neighbors, .. } => {
                let point = self.layout.scaled(candidate.descriptor);
                let status = beside_others(cells, point, candidate, line);
                if cells.cells.len() >= 2 * capacity {
                    settle(cells, *capacity, *neighbors);
                }
                status
            }
        })
    }

    /// Lets the elites compete, where more are held than the layout's capacity; otherwise without effect.
    pub fn settle(&mut self) {
        if let Layout::Dominated { capacity, neighbors, .. } = self.layout {
            for (_, cells) in &mut self.tasks {
                settle(cells, capacity, neighbors);
            }
        }
    }

    fn number(&mut self, task: &str) -> usize {
        if self.tasks.get(self.last).is_some_and(|(id, _)| **id == *task) {
            return self.last;
        }
        self.last = match self.numbers.get(task) {
            Some(number) => *number,
            None => {
                self.numbers.insert(task.into(), self.tasks.len());
                self.tasks.push((task.into(), TaskCells::default()));
                self.tasks.len() - 1
            }
        };
        self.last
    }
}

/// Takes a candidate into its cell, if it is better than the worst of `depth` elites there.
///
/// A program has one place in a cell, that of its best record. The elites are then the best of all programs that were
/// offered, whatever their order.
fn into_cell(task: &mut TaskCells, cell: u64, depth: usize, candidate: &Candidate<'_>, line: &[u8]) -> Status {
    let Some(place) = task.places.get(&cell) else {
        task.places.insert(cell, task.cells.len() as u32);
        task.cells.push((cell, vec![candidate.elite(line)]));
        return Status::New;
    };
    let elites = &mut task.cells[*place as usize].1;
    let key = candidate.key(line);
    if elites.len() == depth && rank(&key, &elites[depth - 1].key()) != Ordering::Less {
        return Status::Rejected;
    }
    if let Some(same) = elites.iter().position(|elite| elite.is_program(candidate.language, candidate.program)) {
        if rank(&key, &elites[same].key()) != Ordering::Less {
            return Status::Rejected;
        }
        elites.remove(same);
    }
    let place = elites.partition_point(|elite| rank(&elite.key(), &key) == Ordering::Less);
    elites.insert(place, candidate.elite(line));
    elites.truncate(depth);
    Status::Improved
}

/// Takes a candidate far from all elites beside them, and one near to some in place of the nearest, if it is better.
fn by_distance(task: &mut TaskCells, point: Vec<f64>, radius: f64, candidate: &Candidate<'_>, line: &[u8]) -> Status {
    let nearest = task
        .scaled
        .iter()
        .enumerate()
        .map(|(place, other)| (squared_distance(&point, other), place))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    match nearest {
        Some((distance, place)) if distance < radius * radius => {
            let elites = &mut task.cells[place].1;
            if rank(&candidate.key(line), &elites[0].key()) != Ordering::Less {
                return Status::Rejected;
            }
            elites[0] = candidate.elite(line);
            task.scaled[place] = point;
            Status::Improved
        }
        _ => append(task, point, candidate, line),
    }
}

/// Takes a candidate beside all others, unless its program is there already with a better record.
fn beside_others(task: &mut TaskCells, point: Vec<f64>, candidate: &Candidate<'_>, line: &[u8]) -> Status {
    let known = task.cells.iter().position(|(_, elites)| elites[0].is_program(candidate.language, candidate.program));
    let Some(place) = known else {
        return append(task, point, candidate, line);
    };
    if rank(&candidate.key(line), &task.cells[place].1[0].key()) != Ordering::Less {
        return Status::Rejected;
    }
    task.cells[place].1[0] = candidate.elite(line);
    task.scaled[place] = point;
    Status::Improved
}

fn append(task: &mut TaskCells, point: Vec<f64>, candidate: &Candidate<'_>, line: &[u8]) -> Status {
    task.places.insert(task.next, task.cells.len() as u32);
    task.cells.push((task.next, vec![candidate.elite(line)]));
    task.scaled.push(point);
    task.next += 1;
    Status::New
}

fn settle(task: &mut TaskCells, capacity: usize, neighbors: usize) {
    if task.cells.len() <= capacity {
        return;
    }
    let elites: Vec<(&Elite, &[f64])> =
        task.cells.iter().zip(&task.scaled).map(|((_, elites), point)| (&elites[0], &**point)).collect();
    let kept = competition::survivors(&elites, capacity, neighbors);
    let mut keep = kept.iter();
    task.cells.retain(|_| *keep.next().unwrap_or(&false));
    let mut keep = kept.iter();
    task.scaled.retain(|_| *keep.next().unwrap_or(&false));
    task.places = task.cells.iter().enumerate().map(|(place, (cell, _))| (*cell, place as u32)).collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::Axis;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Offer = (f64, String, Vec<f64>, u8);

    fn offers() -> impl Strategy<Value = Vec<Offer>> {
        let offer = (
            (0..4_i32).prop_map(f64::from),
            "[ab]{1,2}",
            prop::collection::vec((0..5_i32).prop_map(f64::from), 2),
            0..2_u8,
        );
        prop::collection::vec(offer, 0..60)
    }

    /// A record says all that is known of a program.
    fn line((gain, program, descriptor, other): &Offer) -> Vec<u8> {
        format!("{gain} {program} {descriptor:?} {other}").into_bytes()
    }

    fn grid() -> Layout {
        let axis = || Axis::even(0.0, 4.0, 2, false).unwrap();
        Layout::Grid(vec![axis(), axis()])
    }

    fn filled(offers: &[Offer], depth: usize) -> Cells {
        let mut cells = Cells::new(grid(), depth, Outside::Clip);
        for offer in offers {
            let (gain, program, descriptor, _) = offer;
            let candidate = Candidate { gain: *gain, language: "lambda", program, descriptor };
            cells.offer("task", &candidate, &line(offer)).unwrap();
        }
        cells
    }

    /// The elites by cell, whatever the order in which the cells were filled.
    fn contents(cells: &Cells) -> BTreeMap<u64, Vec<Elite>> {
        cells.task("task").map(|task| task.cells().iter().cloned().collect()).unwrap_or_default()
    }

    proptest! {
        #[test]
        fn the_elites_are_the_best_of_each_cell(offers in offers(), depth in 1..4_usize) {
            let mut best: BTreeMap<u64, BTreeMap<String, Elite>> = BTreeMap::new();
            for offer in &offers {
                let (gain, program, descriptor, _) = offer;
                let elite = Candidate { gain: *gain, language: "lambda", program, descriptor }.elite(&line(offer));
                let of_cell = best.entry(grid().cell(descriptor).unwrap()).or_default();
                let known = of_cell.entry(program.clone()).or_insert_with(|| elite.clone());
                if elite.order(known) == Ordering::Less {
                    *known = elite;
                }
            }
            let plain: BTreeMap<u64, Vec<Elite>> = best
                .into_iter()
                .map(|(cell, programs)| {
                    let mut elites: Vec<Elite> = programs.into_values().collect();
                    elites.sort_by(Elite::order);
                    elites.truncate(depth);
                    (cell, elites)
                })
                .collect();
            prop_assert_eq!(contents(&filled(&offers, depth)), plain);
        }

        #[test]
        fn archives_merge_in_any_order(offers in offers(), cut in 0..60_usize, depth in 1..4_usize) {
            let (first, second) = offers.split_at(cut.min(offers.len()));
            let mut swapped = second.to_vec();
            swapped.extend_from_slice(first);
            let whole = contents(&filled(&offers, depth));
            prop_assert_eq!(&contents(&filled(&swapped, depth)), &whole);
            // What is left of each half suffices.
            let mut merged = Cells::new(grid(), depth, Outside::Clip);
            for elite in [second, first].iter().flat_map(|half| contents(&filled(half, depth)).into_values().flatten()) {
                let Elite { gain, language, program, descriptor, line } = &elite;
                let candidate = Candidate { gain: *gain, language, program, descriptor };
                merged.offer("task", &candidate, line).unwrap();
            }
            prop_assert_eq!(&contents(&merged), &whole);
        }

        #[test]
        fn an_unstructured_archive_keeps_the_best(offers in offers(), radius in 0.1..0.9) {
            let axis = || Axis::even(0.0, 4.0, 1, false).unwrap();
            let layout = Layout::Unstructured { axes: vec![axis(), axis()], radius };
            let mut cells = Cells::new(layout, 1, Outside::Clip);
            for offer in &offers {
                let (gain, program, descriptor, _) = offer;
                let candidate = Candidate { gain: *gain, language: "lambda", program, descriptor };
                let before: Vec<Vec<f64>> = cells.task("task").map(|task| task.scaled.clone()).unwrap_or_default();
                let point = cells.layout().scaled(descriptor);
                let far = before.iter().all(|other| squared_distance(&point, other) >= radius * radius);
                let status = cells.offer("task", &candidate, &line(offer)).unwrap();
                prop_assert_eq!(far, status == Status::New);
            }
            let kept = cells.task("task").map(TaskCells::cells).unwrap_or_default();
            let best = |gains: Vec<f64>| gains.into_iter().fold(f64::NEG_INFINITY, f64::max);
            prop_assert_eq!(
                best(kept.iter().map(|(_, elites)| elites[0].gain).collect()),
                best(offers.iter().map(|(gain, ..)| *gain).collect())
            );
        }
    }

    #[test]
    fn what_is_outside_is_clipped_or_dropped() {
        let candidate = Candidate { gain: 1.0, language: "lambda", program: "p", descriptor: &[9.0, 0.0] };
        let mut clipping = Cells::new(grid(), 1, Outside::Clip);
        assert_eq!(clipping.offer("task", &candidate, b""), Ok(Status::New));
        assert_eq!((clipping.clipped(), contents(&clipping).keys().copied().collect::<Vec<_>>()), (1, vec![2]));
        let mut dropping = Cells::new(grid(), 1, Outside::Drop);
        assert_eq!(dropping.offer("task", &candidate, b""), Ok(Status::Outside));
        assert!(dropping.tasks().next().is_none());
        let short = Candidate { descriptor: &[1.0], ..candidate };
        assert_eq!(dropping.offer("task", &short, b""), Err(WrongDimensions));
    }
}
