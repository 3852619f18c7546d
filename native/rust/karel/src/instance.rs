//! A task on one world: where its goals are and what counts towards them, worked out once.

use crate::error::Error;
use crate::rules::{Kind, Limits, Profile};
use crate::world::World;

/// A set of cells.
#[derive(Clone, Debug, Default)]
pub struct Cells(Vec<u64>);

impl Cells {
    fn insert(&mut self, cell: usize) {
        if self.0.len() <= cell >> 6 {
            self.0.resize((cell >> 6) + 1, 0);
        }
        self.0[cell >> 6] |= 1 << (cell & 63);
    }

    fn of(cells: impl IntoIterator<Item = usize>) -> Cells {
        let mut set = Cells::default();
        cells.into_iter().for_each(|cell| set.insert(cell));
        set
    }

    #[inline]
    pub fn contains(&self, cell: usize) -> bool {
        self.0.get(cell >> 6).is_some_and(|word| word >> (cell & 63) & 1 == 1)
    }

    fn len(&self) -> i32 {
        self.0.iter().map(|word| word.count_ones() as i32).sum()
    }
}

/// Which cells count as being as they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Nothing,
    /// The task's cells that hold a marker.
    Occupied,
    /// The task's cells that hold exactly two.
    Doubled,
    /// Cells of the bottom row: the task's that hold exactly two, others that hold none.
    BottomRow,
    /// The task's cells that are empty.
    Emptied,
    /// All cells that hold exactly one.
    Single,
}

/// A task on one world.
#[derive(Clone, Debug)]
pub struct Instance {
    pub profile: Profile,
    pub kind: Kind,
    /// Reward success and a broken rule alone.
    pub sparse: bool,
    pub limits: Limits,
    pub marker_cap: u8,
    pub world: World,
    /// Rewards are counted in units of 1 / `unit`, so that they add up exactly.
    pub unit: i32,
    /// The marker to reach, the marker behind the door, or the first food.
    pub goal: usize,
    /// The key.
    pub key: usize,
    /// The cells that matter: corners, marked cells, cells to be cleaned, cells that may be walked.
    pub cells: Cells,
    /// How many cells must be as they should be (see `fits`).
    pub wanted: i32,
    /// Where Snake's further food comes from.
    pub seed: u64,
    /// The first body of HPRL's snake, tail first.
    pub body: Vec<u16>,
    /// Markers and fitting cells of the initial state.
    pub markers: i32,
    pub fitting: i32,
    fit: Fit,
}

/// Where CleanHouse's dustbin stands, which LEAPS and HPRL do not count.
pub const DUSTBIN: (usize, usize) = (2, 12);
/// The rows of DoorKey's door.
pub const DOOR_ROWS: [usize; 2] = [2, 3];
/// How much food Snake's agent eats at most.
pub const MOST_FOOD: i32 = 20;

impl Instance {
    /// Works out a task's goals from its initial state; `seed` only matters to Snake.
    pub fn new(profile: Profile, kind: Kind, sparse: bool, world: World, seed: u64) -> Result<Instance, Error> {
        if !kind.is_in(profile) {
            return Err(Error::world(format!("the profile {} has no task {}", profile.name(), kind.name())));
        }
        if sparse && !(profile == Profile::ProgPolicies && kind.has_sparse_twin()) {
            return Err(Error::world(format!(
                "the profile {} has no sparse rewards for {}",
                profile.name(),
                kind.name()
            )));
        }
        let mut instance = Instance {
            profile,
            kind,
            sparse,
            limits: profile.limits(),
            marker_cap: profile.marker_cap(kind),
            unit: 1,
            goal: 0,
            key: 0,
            cells: Cells::default(),
            wanted: 0,
            seed,
            body: Vec::new(),
            markers: world.total_markers(),
            fitting: 0,
            fit: Fit::Nothing,
            world,
        };
        instance.find_goals()?;
        instance.fitting =
            instance.world.inside().filter(|&cell| instance.fits(cell, instance.world.markers(cell))).count() as i32;
        Ok(instance)
    }

    fn find_goals(&mut self) -> Result<(), Error> {
        let (height, width) = (self.world.height(), self.world.width());
        let inner = self.world.inner() as i32;
        let counts = self.profile == Profile::ProgPolicies;
        match self.kind {
            Kind::Free => {}
            Kind::StairClimber => {
                self.goal = self.only_marker()?;
                self.cells = stairs(&self.world)?;
                self.unit = self.distance_unit();
            }
            Kind::Maze => {
                self.goal = self.only_marker()?;
                self.unit = self.distance_unit();
            }
            Kind::FourCorners => {
                let corner = |row, column| self.world.at(row, column);
                let (bottom, right) = (height - 2, width - 2);
                self.cells = Cells::of([corner(1, 1), corner(1, right), corner(bottom, 1), corner(bottom, right)]);
                (self.fit, self.unit, self.wanted) = (Fit::Occupied, 4, 4);
            }
            Kind::TopOff => {
                self.cells = Cells::of(self.marked());
                if counts {
                    self.wanted = self.cells.len();
                    if self.wanted == 0 {
                        return Err(self.lacks("a marker to top off"));
                    }
                    (self.fit, self.unit) = (Fit::Doubled, self.wanted);
                } else {
                    (self.fit, self.unit, self.wanted) = (Fit::BottomRow, width as i32 - 1, width as i32 - 2);
                }
            }
            Kind::CleanHouse => {
                let (row, column) = DUSTBIN;
                let marked = self.marked().into_iter();
                self.cells = if counts {
                    Cells::of(marked)
                } else {
                    Cells::of(marked.filter(|&cell| self.world.row_and_column(cell) != (row, column)))
                };
                self.wanted = if counts { self.markers } else { self.cells.len() };
                if self.wanted == 0 {
                    return Err(self.lacks("a marker to pick up"));
                }
                (self.fit, self.unit) = (Fit::Emptied, self.wanted);
            }
            Kind::Harvester | Kind::OneStroke => (self.unit, self.wanted) = (inner, inner),
            Kind::Seeder => (self.fit, self.unit, self.wanted) = (Fit::Single, inner, inner),
            Kind::DoorKey => self.find_key()?,
            Kind::Snake => self.find_food()?,
        }
        if self.sparse {
            self.unit = 1;
        }
        Ok(())
    }

    fn find_key(&mut self) -> Result<(), Error> {
        let wall = door_column(&self.world);
        let (left, right): (Vec<usize>, Vec<usize>) =
            self.marked().into_iter().partition(|&cell| self.world.row_and_column(cell).1 < wall);
        match (&left[..], &right[..]) {
            (&[key], &[goal]) if self.markers == 2 => (self.key, self.goal) = (key, goal),
            _ => return Err(self.lacks("one marker on either side of its wall")),
        }
        self.unit = if self.profile == Profile::ProgPolicies { 2 } else { 10_000 };
        Ok(())
    }

    fn find_food(&mut self) -> Result<(), Error> {
        self.unit = MOST_FOOD;
        let food: Vec<usize> = self.marked().into_iter().filter(|&cell| self.world.markers(cell) == 1).collect();
        match food[..] {
            [food] if food != self.world.agent => self.goal = food,
            _ => return Err(self.lacks("one piece of food (one marker) away from the agent")),
        }
        if self.profile == Profile::Hprl {
            self.body = self
                .marked()
                .into_iter()
                .filter(|&cell| self.world.markers(cell) == 2)
                .map(|cell| cell as u16)
                .collect();
            if self.body.len() != 2 {
                return Err(self.lacks("a body of two cells (two markers each)"));
            }
        }
        Ok(())
    }

    fn lacks(&self, what: &str) -> Error {
        Error::world(format!("a world for {} needs {what}", self.kind.name()))
    }

    fn marked(&self) -> Vec<usize> {
        self.world.inside().filter(|&cell| self.world.markers(cell) > 0).collect()
    }

    fn only_marker(&self) -> Result<usize, Error> {
        match self.marked()[..] {
            [marker] => Ok(marker),
            _ => Err(self.lacks("exactly one marked cell")),
        }
    }

    /// The distance to the goal at the start, by which progress towards it is divided.
    fn distance_unit(&self) -> i32 {
        if self.profile == Profile::ProgPolicies && !self.sparse {
            self.distance(self.world.agent).max(1)
        } else {
            1
        }
    }

    /// Steps to the goal if there were no walls.
    #[inline]
    pub fn distance(&self, cell: usize) -> i32 {
        let (row, column) = self.world.row_and_column(cell);
        let (goal_row, goal_column) = self.world.row_and_column(self.goal);
        (row.abs_diff(goal_row) + column.abs_diff(goal_column)) as i32
    }

    /// What makes it differ from others of its task: every program does the same where this is equal.
    pub fn identity(&self) -> (World, u64) {
        (self.world.clone(), if self.kind == Kind::Snake { self.seed } else { 0 })
    }

    /// Whether a cell with so many markers is as it should be.
    #[inline]
    pub fn fits(&self, cell: usize, markers: u8) -> bool {
        match self.fit {
            Fit::Nothing => false,
            Fit::Occupied => markers > 0 && self.cells.contains(cell),
            Fit::Doubled => markers == 2 && self.cells.contains(cell),
            Fit::BottomRow => {
                self.world.row_and_column(cell).0 == self.world.height() - 2
                    && markers == if self.cells.contains(cell) { 2 } else { 0 }
            }
            Fit::Emptied => markers == 0 && self.cells.contains(cell),
            Fit::Single => markers == 1,
        }
    }

    /// TopOff's progress as LEAPS and HPRL see it: the right cells of the bottom row from the left up to the agent's
    /// column, as far as there is no wrong one, and one more when all are right and the agent stands at the end.
    pub fn row_progress(&self, world: &World) -> i32 {
        let (_, column) = world.row_and_column(world.agent);
        let row = world.height() - 2;
        let right = (1..=column).take_while(|&column| {
            let cell = world.at(row, column);
            self.fits(cell, world.markers(cell))
        });
        let right = right.count() as i32;
        let at_end = world.agent == world.at(row, world.width() - 2);
        right + i32::from(at_end && right == self.wanted)
    }

    /// The most that an episode can earn.
    pub fn best_reward(&self) -> f64 {
        f64::from(self.best_units()) / f64::from(self.unit)
    }

    /// The same in units.
    #[inline]
    pub fn best_units(&self) -> i32 {
        match (self.profile, self.kind) {
            (_, Kind::Free) => 0,
            // The cell where the agent starts is never entered.
            (Profile::ProgPolicies, Kind::OneStroke) => self.unit - 1,
            _ => self.unit,
        }
    }
}

/// The column of the wall between DoorKey's rooms.
pub fn door_column(world: &World) -> usize {
    world.width().div_ceil(2)
}

/// Opens the door between DoorKey's rooms.
pub fn open_door(world: &mut World) {
    let column = door_column(world);
    for row in DOOR_ROWS {
        world.open(world.at(row, column));
    }
}

/// The cells of StairClimber that may be walked: those on the stairs and, but for the last, those above them.
fn stairs(world: &World) -> Result<Cells, Error> {
    let (height, width) = (world.height(), world.width());
    if height < width {
        return Err(Error::world(format!("stairs {width} cells wide need at least as many rows, not {height}")));
    }
    let on = (1..=width - 2).map(|step| world.at(height - step - 1, step));
    let above = (1..=width - 3).map(|step| world.at(height - step - 2, step));
    Ok(Cells::of(on.chain(above)))
}
