//! The state of an episode, and what a profile's rules are: how the state is judged after each action.

use crate::instance::Instance;
use crate::random::Random;
use crate::syntax::Action;
use crate::world::World;

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

/// A profile's rules, known when the machine is compiled.
pub trait Rules {
    /// Count visited nodes; otherwise calls, and guard loops.
    const VISITS: bool;

    /// Prepares what the task remembers at the start of an episode.
    fn begin(_episode: &mut Episode, _instance: &Instance) {}

    /// Judges the last action; true when it ends the episode.
    fn judge(episode: &mut Episode, instance: &Instance) -> bool;

    /// The reward so far, in the instance's units.
    fn earned(episode: &Episode, instance: &Instance) -> i32;
}

/// The state of an episode. One is used for many episodes, so that nothing is allocated in between.
pub struct Episode {
    pub world: World,
    pub markers: i32,
    /// Cells that are as they should be (`Instance::fits`).
    pub fitting: i32,
    /// The reward so far as far as the rules keep it up to date, in the instance's units.
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
    /// How often each action was done, in all episodes since this was last set to 0.
    pub tally: [u64; 5],
    /// Changes so far of anything that what follows depends on, but for the agent's place and heading and the counters of
    /// REPEATs without a WHILE in them.
    pub changes: u32,
    /// The hash of the world's markers (see `World::marker_key`), kept for the loop guard.
    pub(crate) marker_hash: u64,
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
        }
    }
}

impl Episode {
    /// Makes this the start of an episode under the rules `R`.
    pub(crate) fn begin_by<R: Rules>(&mut self, instance: &Instance) {
        self.world.copy_from(&instance.world);
        self.markers = instance.markers;
        self.fitting = instance.fitting;
        self.earned = 0;
        self.flag = false;
        self.actions = 0;
        self.changes = 0;
        self.marker_hash = 0;
        self.eaten = 0;
        R::begin(self, instance);
    }

    /// Does one action and lets the rules judge it: true when that ends the episode. With `collide` a move bumps.
    #[inline(always)]
    pub(crate) fn act_by<R: Rules>(&mut self, action: Action, collide: bool, instance: &Instance) -> bool {
        let from = self.world.agent;
        let mut step = Step { action, from, bumped: false, missed: false, markers_before: self.markers };
        self.actions += 1;
        self.tally[action as usize] += 1;
        match action {
            Action::Move => {
                let ahead = self.world.neighbor(from, self.world.heading);
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
        let heading = self.world.heading.turned(quarters_right);
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
