//! The evaluation of a walker: it settles, and then moves.

use crate::body::{Body, RADIUS, RHYTHM, STEP};
use crate::error::{Error, Kind};
use crate::terrain::{Surroundings, Terrain};
use crate::walker::Walker;

/// A walker is at rest once no joint has been faster than this, for so many steps.
const REST: (f64, u32) = (0.01, 30);
/// The steps in which a walker has to come to rest.
const SETTLING: u32 = 3600;
/// The seconds in which muscles reach their amplitude.
const START: f64 = 0.5;
/// The greatest speed of a joint.
pub const FASTEST: f64 = 500.0;
/// Steps between two frames of a trajectory: 30 frames a second.
pub const FRAME: u32 = 4;
/// The longest evaluation, in milliseconds.
pub const LONGEST: u32 = 600_000;

/// How a walker moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Motion {
    /// How far the center of mass moved to the right after it had come to rest; negative to the left.
    pub displacement: f64,
    /// The seconds until the walker came to rest.
    pub settled: f64,
    /// The places of the joints when the walker was placed, and then 30 times a second, if asked for.
    pub frames: Vec<Vec<(f64, f64)>>,
    /// The number of frames before the muscles began to move.
    pub passive: usize,
}

/// What evaluations have in common.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulation {
    /// Whether frames are wanted.
    pub traced: bool,
}

impl Simulation {
    /// Lets a walker settle on a terrain, and then move for a time.
    pub fn run(&self, walker: &Walker, terrain: Terrain, milliseconds: u32) -> Result<Motion, Error> {
        let mut run =
            Run { body: Body::new(walker, surroundings(walker, terrain)), traced: self.traced, frames: vec![] };
        run.frame(0);
        let settled = run.settle()?;
        let passive = run.frames.len();
        let start = run.body.center().0;
        // What is at rest and has no active muscle stays at rest.
        if walker.is_active() {
            run.walk(steps(milliseconds))?;
        }
        let displacement = run.body.center().0 - start;
        Ok(Motion { displacement, settled: f64::from(settled) * STEP, frames: run.frames, passive })
    }
}

/// The surroundings of a walker on a terrain.
pub fn surroundings(walker: &Walker, terrain: Terrain) -> Surroundings {
    Surroundings::new(terrain, RADIUS, walker.width(), walker.height())
}

/// The number of whole steps in a time of at most `LONGEST`.
fn steps(milliseconds: u32) -> u32 {
    (f64::from(milliseconds.min(LONGEST)) / (1000.0 * STEP)).round() as u32
}

struct Run {
    body: Body,
    traced: bool,
    frames: Vec<Vec<(f64, f64)>>,
}

impl Run {
    /// Waits until the walker is at rest, and returns the number of steps.
    fn settle(&mut self) -> Result<u32, Error> {
        let mut slow = 0;
        for step in 1..=SETTLING {
            self.body.step(0.0, 0.0);
            self.frame(step);
            let speed = self.body.speed();
            check(speed)?;
            slow = if speed < REST.0 { slow + 1 } else { 0 };
            if slow == REST.1 {
                self.body.stop();
                return Ok(step);
            }
        }
        let seconds = f64::from(SETTLING) * STEP;
        Err(Error { kind: Kind::Unsettled, message: format!("the walker does not come to rest in {seconds} seconds") })
    }

    /// Moves the muscles for so many steps.
    fn walk(&mut self, steps: u32) -> Result<(), Error> {
        for step in 1..=steps {
            let time = f64::from(step) * STEP;
            self.body.step(RHYTHM * time, (time / START).min(1.0));
            self.frame(step);
            check(self.body.speed())?;
        }
        Ok(())
    }

    fn frame(&mut self, step: u32) {
        if self.traced && step % FRAME == 0 {
            self.frames.push(self.body.places());
        }
    }
}

fn check(speed: f64) -> Result<(), Error> {
    if speed <= FASTEST {
        return Ok(());
    }
    Err(Error { kind: Kind::Exploded, message: format!("the walker explodes: a joint is faster than {FASTEST}") })
}
