//! One episode: a compiled program steers the agent through an instance until it, the task or a budget ends it.

use super::code::{Code, Operation, Test};
use super::guard::Guard;
use super::hprl::{self, Hprl};
use super::instance::Instance;
use super::leaps::{self, Leaps};
use super::prog_policies::{self, ProgPolicies};
use super::random::Random;
use super::rules::Profile;
use super::syntax::{Action, Perception};
use super::world::{Heading, World};

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
    /// Whether it is to see every step. Otherwise rounds of an endless loop may be counted without being run: who only
    /// notes what is ever done misses nothing by that, since such a round has been run once.
    const WATCHES: bool = true;

    fn start(&mut self, _world: &World) {}
    /// The operation at this place is about to be done.
    #[inline(always)]
    fn at(&mut self, _place: usize) {}
    fn step(&mut self, _step: &Step, _world: &World) {}
    fn branch(&mut self, _branch: u16, _taken: bool) {}

    /// Asked after each step: whether the rest does not matter. The episode then ends as by a budget.
    fn has_seen_enough(&self) -> bool {
        false
    }
}

/// Watches nothing.
pub struct Nobody;

impl Observer for Nobody {
    const WATCHES: bool = false;
}

/// Watches nothing either, but insists on every step.
pub struct Onlooker;

impl Observer for Onlooker {}

/// A profile's rules, known when the machine is compiled.
pub trait Rules {
    /// Count visited nodes; otherwise calls, and guard loops.
    const VISITS: bool;

    /// Judges the last action; true when it ends the episode.
    fn judge(episode: &mut Episode, instance: &Instance) -> bool;
}

/// A state at a WHILE that an endless loop will come back to, and what had been done by then.
struct Mark {
    /// The place (see `Episode::place`) and all changes until then.
    place: u64,
    changes: u32,
    visits: u32,
    actions: u32,
    tally: [u64; 5],
    /// Passes through heads of WHILEs so far, and at which the mark moves on, after twice as many each time (Brent's
    /// cycle finding, BIT 20, 1980).
    passes: u32,
    next: u32,
    gap: u32,
}

/// Where the first mark is and when it moves on: a turn on the spot comes round in four passes.
const FIRST_MARK: u32 = 1;
const FIRST_GAP: u32 = 4;

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
    /// Changes so far of anything that what follows depends on, but for the agent's place and heading and the counters of
    /// REPEATs without a WHILE in them.
    pub changes: u32,
    marker_hash: u64,
    visits: u32,
    calls: u32,
    mark: Mark,
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
            changes: 0,
            marker_hash: 0,
            visits: 0,
            calls: 0,
            mark: Mark { place: 0, changes: 0, visits: 0, actions: 0, tally: [0; 5], passes: 0, next: 0, gap: 0 },
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
        self.changes = 0;
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
        match instance.profile {
            Profile::Leaps => self.run_by::<Leaps, O>(code, instance, observer),
            Profile::Hprl => self.run_by::<Hprl, O>(code, instance, observer),
            Profile::ProgPolicies => self.run_by::<ProgPolicies, O>(code, instance, observer),
        }
    }

    fn run_by<R: Rules, O: Observer>(&mut self, code: &Code, instance: &Instance, observer: &mut O) -> Outcome {
        self.begin(instance);
        self.guard.clear();
        self.counters.resize(usize::from(code.slots), 0);
        observer.start(&self.world);
        let mut end = End::Finished;
        for &start in &code.starts {
            self.visits = 1;
            self.mark.place = u64::MAX;
            self.mark.passes = 0;
            self.mark.next = FIRST_MARK;
            self.mark.gap = FIRST_GAP / 2;
            end = self.run_program::<R, O>(code, start as usize, instance, observer);
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

    fn run_program<R: Rules, O: Observer>(
        &mut self,
        code: &Code,
        start: usize,
        instance: &Instance,
        observer: &mut O,
    ) -> End {
        let operations = &code.operations[..];
        let limits = instance.limits;
        let mut place = start;
        macro_rules! charge {
            ($charge:expr) => {
                if R::VISITS && self.visit($charge, limits.visits) {
                    return End::Budget;
                }
            };
        }
        macro_rules! ask {
            ($test:expr, $branch:expr) => {{
                if !R::VISITS {
                    self.calls += 1;
                    if self.calls > limits.calls {
                        return End::Budget;
                    }
                }
                let holds = self.holds($test);
                observer.branch($branch, holds);
                holds
            }};
        }
        macro_rules! act {
            ($action:expr, $charge:expr) => {{
                charge!($charge);
                self.calls += 1;
                // The call past the budget still happens, but as a collision.
                let over = !R::VISITS && self.calls > limits.calls;
                let done = self.act_by::<R>($action, over, instance);
                observer.step(&self.last, &self.world);
                if done {
                    return End::Terminated;
                }
                if over || observer.has_seen_enough() {
                    return End::Budget;
                }
            }};
        }
        loop {
            let operation = operations[place];
            observer.at(place);
            place += 1;
            match operation {
                Operation::Move { charge } => act!(Action::Move, charge),
                Operation::Turn { quarters_right, charge } => {
                    act!(if quarters_right == 3 { Action::TurnLeft } else { Action::TurnRight }, charge);
                }
                Operation::Pick { charge } => act!(Action::PickMarker, charge),
                Operation::Put { charge } => act!(Action::PutMarker, charge),
                Operation::Enter { charge } => charge!(charge),
                Operation::Loop { test, branch, exit } => {
                    if !ask!(test, branch) {
                        place = exit as usize;
                    } else if self.goes_round::<R, O>(branch, instance) {
                        return End::Loop;
                    }
                }
                Operation::Next { test, branch, body } => {
                    if ask!(test, branch) {
                        place = body as usize;
                        if self.goes_round::<R, O>(branch, instance) {
                            return End::Loop;
                        }
                    }
                }
                Operation::If { test, charge, branch, otherwise } => {
                    charge!(charge);
                    if !ask!(test, branch) {
                        place = otherwise as usize;
                    }
                }
                Operation::Repeat { times, charge, slot, exit } => {
                    charge!(charge);
                    if times == 0 {
                        place = exit as usize;
                    } else {
                        self.counters[usize::from(slot)] = times;
                    }
                }
                Operation::Again { slot, around_while, body } => {
                    let left = &mut self.counters[usize::from(slot)];
                    *left -= 1;
                    self.changes += u32::from(around_while);
                    if *left > 0 {
                        place = body as usize;
                    }
                }
                Operation::Jump { target } => place = target as usize,
                Operation::Halt => return End::Finished,
            }
        }
    }

    /// Called where a WHILE goes on: true if the loop guard ends the episode. Without a guard, rounds that are bound to
    /// follow are counted here.
    #[inline(always)]
    fn goes_round<R: Rules, O: Observer>(&mut self, branch: u16, instance: &Instance) -> bool {
        let place = self.place(branch);
        if !R::VISITS {
            return !self.guard.insert(self.marker_hash ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        }
        if !O::WATCHES {
            self.mark.passes += 1;
            if place == self.mark.place && self.changes == self.mark.changes {
                self.skip_rounds(instance.limits.visits);
            } else if self.mark.passes == self.mark.next {
                self.move_mark(place);
            }
        }
        false
    }

    fn move_mark(&mut self, place: u64) {
        self.mark.place = place;
        self.mark.changes = self.changes;
        self.mark.visits = self.visits;
        self.mark.actions = self.actions;
        self.mark.tally = self.tally;
        self.mark.gap *= 2;
        self.mark.next += self.mark.gap;
    }

    /// The state is that of the mark, so what has been done since will be done again and again: counts as many rounds of
    /// it as the budget has whole ones. What is left is run, and ends as if all had been.
    #[cold]
    fn skip_rounds(&mut self, budget: u32) {
        // A round costs something: each statement does.
        let round = self.visits - self.mark.visits;
        let rounds = (budget - self.visits) / round;
        self.visits += rounds * round;
        self.actions += rounds * (self.actions - self.mark.actions);
        for (now, then) in self.tally.iter_mut().zip(self.mark.tally) {
            *now += u64::from(rounds) * (*now - then);
        }
        self.mark.place = u64::MAX;
        self.mark.next = 0;
    }

    /// A WHILE, the agent's position and heading as one number.
    #[inline(always)]
    fn place(&self, branch: u16) -> u64 {
        (self.world.agent as u64) << 32 | u64::from(branch) << 8 | self.world.heading as u64
    }

    #[inline]
    fn holds(&self, test: Test) -> bool {
        self.world.looks(test.side, test.wall) == test.positive
    }

    #[inline]
    fn visit(&mut self, charge: u16, budget: u32) -> bool {
        self.visits = self.visits.saturating_add(u32::from(charge));
        self.visits > budget
    }

    /// Does one action and lets the task judge it: true when that ends the episode. With `collide` a move bumps.
    pub fn act(&mut self, action: Action, collide: bool, instance: &Instance) -> bool {
        match instance.profile {
            Profile::Leaps => self.act_by::<Leaps>(action, collide, instance),
            Profile::Hprl => self.act_by::<Hprl>(action, collide, instance),
            Profile::ProgPolicies => self.act_by::<ProgPolicies>(action, collide, instance),
        }
    }

    #[inline(always)]
    fn act_by<R: Rules>(&mut self, action: Action, collide: bool, instance: &Instance) -> bool {
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
        R::judge(self, instance)
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
        self.changes += 1;
        let more = i32::from(markers) - i32::from(old);
        self.markers += more;
        self.fitting += i32::from(instance.fits(cell, markers)) - i32::from(instance.fits(cell, old));
        if instance.limits.guard {
            self.marker_hash =
                self.marker_hash.wrapping_add(World::marker_key(cell).wrapping_mul(i64::from(more) as u64));
        }
    }

    /// Makes a cell a wall.
    #[inline]
    pub fn build_wall(&mut self, cell: usize) {
        self.world.build_wall(cell);
        self.changes += 1;
    }

    /// The agent's cell when the last action began, if it is another one now.
    #[inline]
    pub fn left(&self) -> Option<usize> {
        (self.world.agent != self.last.from).then_some(self.last.from)
    }
}
