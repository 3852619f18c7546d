//! One episode: a compiled program steers the agent through an instance until it, the task or a budget ends it.

use super::code::{Code, Operation, Test};
use super::guard::Guard;
use super::instance::Instance;
use super::random::{mix, Random};
use super::rules::Profile;
use super::syntax::{Action, Perception};
use super::world::{Heading, World};
use super::{hprl, leaps, prog_policies};

/// Why an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The program came to its end.
    Finished,
    /// The task said so: it is done, or a rule of it was broken.
    Terminated,
    /// The node visits or calls ran out.
    Budget,
    /// The loop guard saw a state again.
    Loop,
}

impl End {
    pub fn name(self) -> &'static str {
        match self {
            End::Finished => "finished",
            End::Terminated => "terminated",
            End::Budget => "budget",
            End::Loop => "loop",
        }
    }
}

/// What an episode came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub reward: f64,
    pub actions: u32,
    pub end: End,
}

/// What an action was and what it changed.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub action: Action,
    /// The cell it was done on.
    pub from: usize,
    /// A move into a wall, which turns the agent round instead.
    pub bumped: bool,
    /// A pickMarker where there was none.
    pub missed: bool,
    /// All markers before.
    pub markers_before: i32,
}

/// Watches an episode; what a method does not care for costs nothing.
pub trait Observer {
    fn start(&mut self, _world: &World) {}
    /// The operation at this place is about to be done.
    #[inline(always)]
    fn at(&mut self, _place: usize) {}
    fn step(&mut self, _step: &Step, _world: &World) {}
    fn branch(&mut self, _branch: u16, _taken: bool) {}
}

/// Watches nothing.
pub struct Nobody;

impl Observer for Nobody {}

/// The state of an episode. One is used for many episodes, so that nothing is allocated in between.
pub struct Episode {
    pub world: World,
    pub markers: i32,
    /// Cells that are as they should be (`Instance::fits`).
    pub fitting: i32,
    /// What was earned, in the instance's units.
    pub earned: i32,
    /// What the task remembers: a distance, a count, a flag.
    pub previous: i32,
    pub flag: bool,
    pub food: usize,
    pub food_source: Random,
    pub eaten: i32,
    /// Snake's body, tail first.
    pub body: Vec<u16>,
    pub last: Step,
    pub actions: u32,
    /// How often each action was done in all episodes since somebody last set this to 0.
    pub tally: [u64; 5],
    marker_hash: u64,
    visits: u32,
    calls: u32,
    guard: Guard,
    counters: Vec<u8>,
}

impl Default for Episode {
    fn default() -> Episode {
        Episode {
            world: World::room(3, 3).expect("the smallest room"),
            markers: 0,
            fitting: 0,
            earned: 0,
            previous: 0,
            flag: false,
            food: 0,
            food_source: Random::new(0),
            eaten: 0,
            body: Vec::new(),
            last: Step { action: Action::Move, from: 0, bumped: false, missed: false, markers_before: 0 },
            actions: 0,
            tally: [0; 5],
            marker_hash: 0,
            visits: 0,
            calls: 0,
            guard: Guard::new(),
            counters: Vec::new(),
        }
    }
}

/// Whether the agent perceives something.
#[inline(always)]
pub fn perceives(world: &World, perception: Perception) -> bool {
    match perception {
        Perception::FrontIsClear => world.is_clear(world.heading),
        Perception::LeftIsClear => world.is_clear(world.heading.turned(3)),
        Perception::RightIsClear => world.is_clear(world.heading.turned(1)),
        Perception::MarkersPresent => world.markers(world.agent) > 0,
        Perception::NoMarkersPresent => world.markers(world.agent) == 0,
    }
}

impl Episode {
    /// Makes this the start of an episode.
    pub fn begin(&mut self, instance: &Instance) {
        self.world.copy_from(&instance.world);
        self.markers = instance.markers;
        self.fitting = instance.fitting;
        self.earned = 0;
        self.flag = false;
        self.actions = 0;
        self.marker_hash = 0;
        self.calls = 0;
        self.eaten = 0;
        match instance.profile {
            Profile::Leaps => {}
            Profile::Hprl => hprl::begin(self, instance),
            Profile::ProgPolicies => prog_policies::begin(self, instance),
        }
    }

    /// Runs a program from the initial state of an instance.
    pub fn run<O: Observer>(&mut self, code: &Code, instance: &Instance, observer: &mut O) -> Outcome {
        self.begin(instance);
        self.guard.clear();
        self.counters.resize(usize::from(code.slots), 0);
        observer.start(&self.world);
        let mut end = End::Finished;
        for &start in &code.starts {
            self.visits = 1;
            end = self.run_program(code, start as usize, instance, observer);
            if matches!(end, End::Terminated | End::Loop) {
                break;
            }
        }
        Outcome { reward: self.reward(instance), actions: self.actions, end }
    }

    /// What the episode has earned so far.
    pub fn reward(&self, instance: &Instance) -> f64 {
        let units = match instance.profile {
            Profile::Leaps => leaps::earned(self, instance),
            Profile::Hprl => hprl::earned(self, instance),
            Profile::ProgPolicies => self.earned,
        };
        f64::from(units) / f64::from(instance.unit)
    }

    fn run_program<O: Observer>(&mut self, code: &Code, start: usize, instance: &Instance, observer: &mut O) -> End {
        let limits = instance.limits;
        let mut place = start;
        loop {
            let operation = code.operations[place];
            observer.at(place);
            place += 1;
            match operation {
                Operation::Act { action, charge } => {
                    if self.visit(charge, limits.visits) {
                        return End::Budget;
                    }
                    self.calls += 1;
                    // The call past the budget still happens, but as a collision.
                    let over = self.calls > limits.calls;
                    let done = self.act(action, over, instance);
                    observer.step(&self.last, &self.world);
                    if done {
                        return End::Terminated;
                    }
                    if over {
                        return End::Budget;
                    }
                }
                Operation::Enter { charge } => {
                    if self.visit(charge, limits.visits) {
                        return End::Budget;
                    }
                }
                Operation::Loop { test, branch, exit } => {
                    self.calls += 1;
                    if self.calls > limits.calls {
                        return End::Budget;
                    }
                    let holds = self.holds(test);
                    observer.branch(branch, holds);
                    if !holds {
                        place = exit as usize;
                    } else if limits.guard && !self.guard.insert(self.key(branch)) {
                        return End::Loop;
                    }
                }
                Operation::If { test, charge, branch, otherwise } => {
                    if self.visit(charge, limits.visits) {
                        return End::Budget;
                    }
                    self.calls += 1;
                    if self.calls > limits.calls {
                        return End::Budget;
                    }
                    let holds = self.holds(test);
                    observer.branch(branch, holds);
                    if !holds {
                        place = otherwise as usize;
                    }
                }
                Operation::Repeat { times, charge, slot, exit } => {
                    if self.visit(charge, limits.visits) {
                        return End::Budget;
                    }
                    if times == 0 {
                        place = exit as usize;
                    } else {
                        self.counters[usize::from(slot)] = times;
                    }
                }
                Operation::Again { slot, body } => {
                    let left = &mut self.counters[usize::from(slot)];
                    *left -= 1;
                    if *left > 0 {
                        place = body as usize;
                    }
                }
                Operation::Jump { target } => place = target as usize,
                Operation::Halt => return End::Finished,
            }
        }
    }

    #[inline]
    fn holds(&self, test: Test) -> bool {
        perceives(&self.world, test.perception) != test.negated
    }

    #[inline]
    fn visit(&mut self, charge: u16, budget: u32) -> bool {
        self.visits = self.visits.saturating_add(u32::from(charge));
        self.visits > budget
    }

    /// What the loop guard knows a state by: position, heading, markers and the WHILE that asks.
    #[inline]
    fn key(&self, branch: u16) -> u64 {
        let place = (self.world.agent as u64) << 32 | u64::from(branch) << 8 | self.world.heading as u64;
        mix(self.marker_hash ^ mix(place.wrapping_add(0x9E37_79B9_7F4A_7C15)))
    }

    /// Does one action and lets the task judge it: true when that ends the episode. With `collide` a move bumps.
    #[inline(always)]
    pub fn act(&mut self, action: Action, collide: bool, instance: &Instance) -> bool {
        let from = self.world.agent;
        let mut step = Step { action, from, bumped: false, missed: false, markers_before: self.markers };
        self.actions += 1;
        self.tally[action as usize] += 1;
        match action {
            Action::Move => {
                let ahead = self.world.neighbour(from, self.world.heading);
                if collide || self.world.is_wall(ahead) {
                    self.turn(2);
                    step.bumped = true;
                } else {
                    self.world.agent = ahead;
                }
            }
            Action::TurnLeft => self.turn(3),
            Action::TurnRight => self.turn(1),
            Action::PickMarker => match self.world.markers(from) {
                0 => step.missed = true,
                markers => self.set_markers(from, markers - 1, instance),
            },
            Action::PutMarker => {
                let markers = self.world.markers(from);
                if markers < instance.marker_cap {
                    self.set_markers(from, markers + 1, instance);
                }
            }
        }
        self.last = step;
        match instance.profile {
            Profile::Leaps => {
                leaps::judge(self, instance);
                false
            }
            Profile::Hprl => hprl::judge(self, instance),
            Profile::ProgPolicies => prog_policies::judge(self, instance),
        }
    }

    #[inline]
    fn turn(&mut self, quarters_right: u8) {
        let heading: Heading = self.world.heading.turned(quarters_right);
        self.world.heading = heading;
    }

    /// Changes the markers of a cell and everything that is counted about them.
    #[inline]
    pub fn set_markers(&mut self, cell: usize, markers: u8, instance: &Instance) {
        let old = self.world.markers(cell);
        self.world.set_markers(cell, markers);
        self.markers += i32::from(markers) - i32::from(old);
        self.fitting += i32::from(instance.fits(cell, markers)) - i32::from(instance.fits(cell, old));
        self.marker_hash ^= World::marker_key(cell, old) ^ World::marker_key(cell, markers);
    }

    /// The agent's cell when the last action began, if it is another one now.
    #[inline]
    pub fn left(&self) -> Option<usize> {
        (self.world.agent != self.last.from).then_some(self.last.from)
    }
}
