//! Runs a compiled program in an instance until the program, the task or a budget ends the episode.

use std::convert::Infallible;

use crate::code::{Code, Operation, Test};
use crate::episode::{Episode, Rules, Step};
use crate::guard::Guard;
use crate::hprl::Hprl;
use crate::instance::Instance;
use crate::leaps::Leaps;
use crate::prog_policies::ProgPolicies;
use crate::rules::Profile;
use crate::syntax::Action;
use crate::world::World;

/// Why an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The program ended.
    Finished,
    /// The task ended it: the task is done, or a rule was broken.
    Terminated,
    /// The node visits or calls ran out.
    Budget,
    /// The loop guard found a state repeated.
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

/// The result of an episode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub reward: f64,
    pub actions: u32,
    pub end: End,
}

/// Watches an episode; a method that is not overridden costs nothing.
pub trait Observer {
    /// Whether every step must be run. Otherwise rounds of an endless loop may be counted without being run; an observer
    /// that only notes whether something happens at all misses nothing, since such a round has been run once.
    const WATCHES: bool = true;

    fn start(&mut self, _world: &World) {}
    /// The operation at this place is about to be done.
    #[inline(always)]
    fn at(&mut self, _place: usize) {}
    fn step(&mut self, _step: &Step, _world: &World) {}
    fn branch(&mut self, _branch: u16, _taken: bool) {}

    /// Whether the rest of the episode does not matter, asked after each step. The episode then ends as by a budget.
    fn has_seen_enough(&self) -> bool {
        false
    }
}

/// Watches nothing.
pub struct NoObserver;

impl Observer for NoObserver {
    const WATCHES: bool = false;
}

/// Makes the machine run every step; notes nothing.
pub struct WatchEveryStep;

impl Observer for WatchEveryStep {}

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

/// The machine: an episode under way and what it counts. One is used for many episodes, so that nothing is allocated in
/// between.
pub struct Machine {
    pub episode: Episode,
    visits: u32,
    calls: u32,
    mark: Mark,
    guard: Guard,
    counters: Vec<u8>,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine {
            episode: Episode::default(),
            visits: 0,
            calls: 0,
            mark: Mark { place: 0, changes: 0, visits: 0, actions: 0, tally: [0; 5], passes: 0, next: 0, gap: 0 },
            guard: Guard::new(),
            counters: Vec::new(),
        }
    }
}

/// Each calls the function of the profile whose rules hold.
impl Episode {
    /// Makes this the start of an episode.
    pub fn begin(&mut self, instance: &Instance) {
        match instance.profile {
            Profile::Leaps => self.begin_by::<Leaps>(instance),
            Profile::Hprl => self.begin_by::<Hprl>(instance),
            Profile::ProgPolicies => self.begin_by::<ProgPolicies>(instance),
        }
    }

    /// Does one action and lets the task judge it: true when that ends the episode.
    pub fn act(&mut self, action: Action, instance: &Instance) -> bool {
        match instance.profile {
            Profile::Leaps => self.act_by::<Leaps>(action, false, instance),
            Profile::Hprl => self.act_by::<Hprl>(action, false, instance),
            Profile::ProgPolicies => self.act_by::<ProgPolicies>(action, false, instance),
        }
    }

    /// The reward so far, in the instance's units.
    pub fn earned_units(&self, instance: &Instance) -> i32 {
        match instance.profile {
            Profile::Leaps => Leaps::earned(self, instance),
            Profile::Hprl => Hprl::earned(self, instance),
            Profile::ProgPolicies => ProgPolicies::earned(self, instance),
        }
    }

    /// The reward so far.
    pub fn reward(&self, instance: &Instance) -> f64 {
        f64::from(self.earned_units(instance)) / f64::from(instance.unit)
    }
}

impl Machine {
    /// Runs a program from the initial state of an instance.
    pub fn run<O: Observer>(&mut self, code: &Code, instance: &Instance, observer: &mut O) -> Outcome {
        match instance.profile {
            Profile::Leaps => self.run_by::<Leaps, O>(code, instance, observer),
            Profile::Hprl => self.run_by::<Hprl, O>(code, instance, observer),
            Profile::ProgPolicies => self.run_by::<ProgPolicies, O>(code, instance, observer),
        }
    }

    fn run_by<R: Rules, O: Observer>(&mut self, code: &Code, instance: &Instance, observer: &mut O) -> Outcome {
        self.episode.begin_by::<R>(instance);
        self.calls = 0;
        self.guard.clear();
        self.counters.resize(usize::from(code.slots), 0);
        observer.start(&self.episode.world);
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
        Outcome { reward: self.episode.reward(instance), actions: self.episode.actions, end }
    }

    fn run_program<R: Rules, O: Observer>(
        &mut self,
        code: &Code,
        start: usize,
        instance: &Instance,
        observer: &mut O,
    ) -> End {
        match self.execute::<R, O>(code, start, instance, observer) {
            Err(end) => end,
            Ok(never) => match never {},
        }
    }

    /// Does one operation after the other; the error is why the episode ended.
    #[inline(always)]
    fn execute<R: Rules, O: Observer>(
        &mut self,
        code: &Code,
        start: usize,
        instance: &Instance,
        observer: &mut O,
    ) -> Result<Infallible, End> {
        let operations = &code.operations[..];
        let mut place = start;
        loop {
            let operation = operations[place];
            observer.at(place);
            place += 1;
            match operation {
                Operation::Move { charge } => self.act::<R, O>(Action::Move, charge, instance, observer)?,
                Operation::Turn { quarters_right, charge } => {
                    let action = if quarters_right == 3 { Action::TurnLeft } else { Action::TurnRight };
                    self.act::<R, O>(action, charge, instance, observer)?;
                }
                Operation::Pick { charge } => self.act::<R, O>(Action::PickMarker, charge, instance, observer)?,
                Operation::Put { charge } => self.act::<R, O>(Action::PutMarker, charge, instance, observer)?,
                Operation::Enter { charge } => self.charge::<R>(charge, instance)?,
                Operation::Loop { test, branch, exit } => {
                    if self.ask::<R, O>(test, branch, instance, observer)? {
                        self.repeat_while::<R, O>(branch, instance)?;
                    } else {
                        place = exit as usize;
                    }
                }
                Operation::Next { test, branch, body } => {
                    if self.ask::<R, O>(test, branch, instance, observer)? {
                        place = body as usize;
                        self.repeat_while::<R, O>(branch, instance)?;
                    }
                }
                Operation::If { test, charge, branch, otherwise } => {
                    self.charge::<R>(charge, instance)?;
                    if !self.ask::<R, O>(test, branch, instance, observer)? {
                        place = otherwise as usize;
                    }
                }
                Operation::Repeat { times, charge, slot, exit } => {
                    self.charge::<R>(charge, instance)?;
                    if times == 0 {
                        place = exit as usize;
                    } else {
                        self.counters[usize::from(slot)] = times;
                    }
                }
                Operation::Again { slot, around_while, body } => {
                    let left = &mut self.counters[usize::from(slot)];
                    *left -= 1;
                    self.episode.changes += u32::from(around_while);
                    if *left > 0 {
                        place = body as usize;
                    }
                }
                Operation::Jump { target } => place = target as usize,
                Operation::Halt => return Err(End::Finished),
            }
        }
    }

    /// Counts visited nodes, where the rules do.
    #[inline(always)]
    fn charge<R: Rules>(&mut self, charge: u16, instance: &Instance) -> Result<(), End> {
        if R::VISITS {
            self.visits = self.visits.saturating_add(u32::from(charge));
            if self.visits > instance.limits.visits {
                return Err(End::Budget);
            }
        }
        Ok(())
    }

    /// Whether a condition holds; asking is a call, where the rules count calls.
    #[inline(always)]
    fn ask<R: Rules, O: Observer>(
        &mut self,
        test: Test,
        branch: u16,
        instance: &Instance,
        observer: &mut O,
    ) -> Result<bool, End> {
        if !R::VISITS {
            self.calls += 1;
            if self.calls > instance.limits.calls {
                return Err(End::Budget);
            }
        }
        let holds = self.episode.world.looks(test.side, test.wall) == test.positive;
        observer.branch(branch, holds);
        Ok(holds)
    }

    #[inline(always)]
    fn act<R: Rules, O: Observer>(
        &mut self,
        action: Action,
        charge: u16,
        instance: &Instance,
        observer: &mut O,
    ) -> Result<(), End> {
        self.charge::<R>(charge, instance)?;
        self.calls += 1;
        // The call past the budget still happens, but as a collision.
        let over = !R::VISITS && self.calls > instance.limits.calls;
        let done = self.episode.act_by::<R>(action, over, instance);
        observer.step(&self.episode.last, &self.episode.world);
        if done {
            return Err(End::Terminated);
        }
        if over || observer.has_seen_enough() {
            return Err(End::Budget);
        }
        Ok(())
    }

    /// Called where a WHILE goes on: the loop guard may end the episode. Without a guard, rounds that are bound to follow
    /// are counted here.
    #[inline(always)]
    fn repeat_while<R: Rules, O: Observer>(&mut self, branch: u16, instance: &Instance) -> Result<(), End> {
        let place = self.place(branch);
        if !R::VISITS {
            let fresh = self.guard.insert(self.episode.marker_hash ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            return if fresh { Ok(()) } else { Err(End::Loop) };
        }
        if !O::WATCHES {
            self.mark.passes += 1;
            if place == self.mark.place && self.episode.changes == self.mark.changes {
                self.skip_rounds(instance.limits.visits);
            } else if self.mark.passes == self.mark.next {
                self.move_mark(place);
            }
        }
        Ok(())
    }

    fn move_mark(&mut self, place: u64) {
        self.mark.place = place;
        self.mark.changes = self.episode.changes;
        self.mark.visits = self.visits;
        self.mark.actions = self.episode.actions;
        self.mark.tally = self.episode.tally;
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
        self.episode.actions += rounds * (self.episode.actions - self.mark.actions);
        for (now, then) in self.episode.tally.iter_mut().zip(self.mark.tally) {
            *now += u64::from(rounds) * (*now - then);
        }
        self.mark.place = u64::MAX;
        self.mark.next = 0;
    }

    /// A WHILE, the agent's position and heading as one number.
    #[inline(always)]
    fn place(&self, branch: u16) -> u64 {
        (self.episode.world.agent as u64) << 32 | u64::from(branch) << 8 | self.episode.world.heading as u64
    }
}
