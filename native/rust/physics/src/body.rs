//! The state of a walker in motion, and one step of time.
//!
//! All joints have mass 1 and collide with the terrain only. A step is semi-implicit: forces change velocities, then the
//! velocities move the joints. Each connection is a damped spring whose impulse is that of an implicit step of the spring
//! alone, hence it never adds energy, however stiff it is (Catto, *Soft Constraints*, GDC 2011). Connections are solved
//! one after the other, in the order in which the walker has them.

use crate::terrain::{Contact, Surroundings};
use crate::walker::{Kind, Walker};

/// Seconds of a step.
pub const STEP: f64 = 1.0 / 120.0;
/// The radius of a joint.
pub const RADIUS: f64 = 0.25;
/// The acceleration by gravity, in units per second squared.
pub const GRAVITY: f64 = 10.0;
/// The share of a muscle's length by which it contracts and stretches, for an amplitude of 1.
pub const CONTRACTION: f64 = 0.03;
/// The speed of the rhythm of all muscles, in radians per second: a period takes a second.
pub const RHYTHM: f64 = TURN;
/// The resistance of the air: the share of its speed that a joint loses in a second.
const RESISTANCE: f64 = 1.1;
/// The coefficient of friction of joints on the terrain.
const FRICTION: f64 = 1.0;
/// The share of a penetration that a step takes back, and the greatest speed for that.
const PUSH: (f64, f64) = (0.1, 5.0);

const TURN: f64 = 2.0 * std::f64::consts::PI;
/// Frequency (Hz) and damping ratio of muscles and bones.
const MUSCLE: Spring = Spring::new(3.0, 0.3);
const BONE: Spring = Spring::new(20.0, 1.0);

/// The coefficients of an implicit step of a damped spring between two joints.
#[derive(Clone, Copy, Debug)]
struct Spring {
    /// What the speed of stretching is multiplied by.
    damping: f64,
    /// What the stretch is multiplied by.
    stiffness: f64,
}

impl Spring {
    const fn new(frequency: f64, damping: f64) -> Spring {
        let speed = TURN * frequency;
        let whole = 2.0 * damping + STEP * speed;
        let share = STEP * speed * whole / (1.0 + STEP * speed * whole);
        // Two joints of mass 1 move against each other like one of mass 1/2.
        Spring { damping: share / 2.0, stiffness: share * speed / whole / 2.0 }
    }
}

/// A connection in motion: its length at rest is `length` + `cosine`·cos + `sine`·sin of the rhythm.
#[derive(Clone, Copy, Debug)]
struct Link {
    from: usize,
    to: usize,
    spring: Spring,
    length: f64,
    cosine: f64,
    sine: f64,
}

/// A joint in motion.
#[derive(Clone, Copy, Debug)]
struct Joint {
    x: f64,
    y: f64,
    vx: f64,
    vy: f64,
}

/// A walker on a terrain.
#[derive(Clone, Debug)]
pub struct Body {
    joints: Vec<Joint>,
    links: Vec<Link>,
    surroundings: Surroundings,
}

impl Body {
    /// A walker placed on the terrain: the joint nearest to the ground touches it.
    pub fn new(walker: &Walker, surroundings: Surroundings) -> Body {
        let mut joints: Vec<Joint> = walker.joints().iter().map(|&(x, y)| Joint { x, y, vx: 0.0, vy: 0.0 }).collect();
        let nearest = joints.iter().map(|joint| joint.y - surroundings.ground(joint.x).0).fold(f64::INFINITY, f64::min);
        let links = walker.muscles().iter().map(|muscle| {
            let (from, to) = (walker.joints()[muscle.from], walker.joints()[muscle.to]);
            let (x, y) = (to.0 - from.0, to.1 - from.1);
            let length = (x * x + y * y).sqrt();
            let (spring, swing, phase) = match muscle.kind {
                Kind::Bone => (BONE, 0.0, 0.0),
                Kind::Muscle { amplitude, phase } => (MUSCLE, CONTRACTION * amplitude * length, phase),
            };
            let angle = TURN * (phase - phase.floor());
            let (cosine, sine) = (swing * libm::cos(angle), -swing * libm::sin(angle));
            Link { from: muscle.from, to: muscle.to, spring, length, cosine, sine }
        });
        let links = links.collect();
        for joint in &mut joints {
            joint.y += RADIUS - nearest;
        }
        Body { joints, links, surroundings }
    }

    /// One step; muscles are at `angle` of their rhythm, with `strength` (0 to 1) of their amplitude.
    pub fn step(&mut self, angle: f64, strength: f64) {
        let (cosine, sine) =
            if strength == 0.0 { (0.0, 0.0) } else { (strength * libm::cos(angle), strength * libm::sin(angle)) };
        let kept = 1.0 / (1.0 + STEP * RESISTANCE);
        for joint in &mut self.joints {
            joint.vx *= kept;
            joint.vy = (joint.vy - STEP * GRAVITY) * kept;
        }
        for link in &self.links {
            let (from, to) = (self.joints[link.from], self.joints[link.to]);
            let (x, y) = (to.x - from.x, to.y - from.y);
            let length = (x * x + y * y).sqrt();
            // Joints in the same place are pushed apart upright, so that a mirrored walker is mirrored.
            let (x, y) = if length > 1e-9 { (x / length, y / length) } else { (0.0, 1.0) };
            let speed = (to.vx - from.vx) * x + (to.vy - from.vy) * y;
            let stretch = length - (link.length + link.cosine * cosine + link.sine * sine);
            let impulse = link.spring.damping * speed + link.spring.stiffness * stretch;
            let (x, y) = (impulse * x, impulse * y);
            let from = &mut self.joints[link.from];
            from.vx += x;
            from.vy += y;
            let to = &mut self.joints[link.to];
            to.vx -= x;
            to.vy -= y;
        }
        for joint in &mut self.joints {
            collide(joint, &self.surroundings.below(joint.x, joint.y));
            if let Some(contact) = self.surroundings.beside(joint.x, joint.y) {
                collide(joint, &contact);
            }
            joint.x += STEP * joint.vx;
            joint.y += STEP * joint.vy;
        }
    }

    /// The greatest speed of a joint; not a number if one is not.
    pub fn speed(&self) -> f64 {
        let square = |joint: &Joint| joint.vx * joint.vx + joint.vy * joint.vy;
        // Unlike the greatest, the sum is not a number if any is not.
        let sum: f64 = self.joints.iter().map(square).sum();
        if sum.is_nan() {
            return sum;
        }
        self.joints.iter().map(square).fold(0.0, f64::max).sqrt()
    }

    /// Stops all joints.
    pub fn stop(&mut self) {
        for joint in &mut self.joints {
            (joint.vx, joint.vy) = (0.0, 0.0);
        }
    }

    /// The center of mass.
    pub fn center(&self) -> (f64, f64) {
        let count = self.joints.len() as f64;
        let sum = self.joints.iter().fold((0.0, 0.0), |(x, y), joint| (x + joint.x, y + joint.y));
        (sum.0 / count, sum.1 / count)
    }

    /// The places of the joints.
    pub fn places(&self) -> Vec<(f64, f64)> {
        self.joints.iter().map(|joint| (joint.x, joint.y)).collect()
    }
}

/// Keeps a joint from passing a plane: it may come as near in this step as there is room, and friction slows it along the
/// plane.
fn collide(joint: &mut Joint, contact: &Contact) {
    let (x, y) = contact.normal;
    let wanted =
        if contact.distance > 0.0 { -contact.distance / STEP } else { (-PUSH.0 / STEP * contact.distance).min(PUSH.1) };
    let impulse = wanted - (joint.vx * x + joint.vy * y);
    if impulse <= 0.0 {
        return;
    }
    joint.vx += impulse * x;
    joint.vy += impulse * y;
    let along = joint.vy * x - joint.vx * y;
    let stopped = along.clamp(-FRICTION * impulse, FRICTION * impulse);
    joint.vx += stopped * y;
    joint.vy -= stopped * x;
}
