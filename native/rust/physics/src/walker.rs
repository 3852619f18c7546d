//! Walkers, the rules that they keep, and their measures.

use std::collections::HashSet;

use crate::error::Error;

/// Fewest and most joints.
pub const JOINTS: (usize, usize) = (2, 64);
/// Fewest and most connections.
pub const MUSCLES: (usize, usize) = (1, 256);
/// Most connections of one joint.
pub const DEGREE: usize = 10;
/// Greatest width and height.
pub const SIZE: f64 = 20.0;
/// Greatest mass.
pub const MASS: f64 = 240.0;
/// Shortest connection.
pub const SHORTEST: f64 = 0.01;
/// Greatest amplitude of a muscle.
pub const AMPLITUDE: f64 = 10.0;
/// Greatest distance of a coordinate from 0. Where a walker stands in the plane has no effect.
pub const FARTHEST: f64 = 1e6;

/// Coordinates relative to the center are multiples of 1/GRID, so that moving a walker changes no bit of its motion.
const GRID: f64 = 1_048_576.0;

/// A connection of two joints.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Muscle {
    pub from: usize,
    pub to: usize,
    pub kind: Kind,
}

/// What a connection does with its length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It keeps its length.
    Bone,
    /// An elastic muscle, whose length at rest swings: `amplitude` scales the contraction, and `phase` shifts it, in
    /// periods.
    Muscle { amplitude: f64, phase: f64 },
}

impl Muscle {
    pub fn bone(from: usize, to: usize) -> Muscle {
        Muscle { from, to, kind: Kind::Bone }
    }

    pub fn elastic(from: usize, to: usize, amplitude: f64, phase: f64) -> Muscle {
        Muscle { from, to, kind: Kind::Muscle { amplitude, phase } }
    }

    /// Whether the muscle moves by itself.
    pub fn is_active(&self) -> bool {
        matches!(self.kind, Kind::Muscle { amplitude, .. } if amplitude != 0.0)
    }
}

/// A walker that keeps the rules; its joints are relative to the center of its bounding box.
#[derive(Clone, Debug, PartialEq)]
pub struct Walker {
    joints: Vec<(f64, f64)>,
    muscles: Vec<Muscle>,
    height: f64,
    width: f64,
    mass: f64,
}

impl Walker {
    /// A walker from joints anywhere in the plane; an error names the first rule that it breaks.
    pub fn new(joints: Vec<(f64, f64)>, muscles: Vec<Muscle>) -> Result<Walker, Error> {
        check_count("joints", joints.len(), JOINTS)?;
        check_count("muscles", muscles.len(), MUSCLES)?;
        for (place, &(x, y)) in joints.iter().enumerate() {
            if !(x.abs() <= FARTHEST && y.abs() <= FARTHEST) {
                return Err(Error::invalid(format!(
                    "joint {place} is at ({x}, {y}), not between −{FARTHEST:.0} and {FARTHEST:.0}"
                )));
            }
        }
        let (joints, width, height) = centered(&joints);
        for (what, size) in [("wide", width), ("high", height)] {
            if size > SIZE {
                return Err(Error::invalid(format!("the walker is {size:.2} {what}, more than {SIZE}")));
            }
        }
        let mass = check_muscles(&joints, &muscles)?;
        if mass > MASS {
            return Err(Error::invalid(format!("the walker has a mass of {mass:.2}, more than {MASS}")));
        }
        check_connected(joints.len(), &muscles)?;
        Ok(Walker { joints, muscles, height, width, mass })
    }

    pub fn joints(&self) -> &[(f64, f64)] {
        &self.joints
    }

    pub fn muscles(&self) -> &[Muscle] {
        &self.muscles
    }

    /// The height of the bounding box of the joints' centers.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// The width of the bounding box of the joints' centers.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// The number of joints and half the length of all connections.
    pub fn mass(&self) -> f64 {
        self.mass
    }

    /// Whether any muscle moves by itself.
    pub fn is_active(&self) -> bool {
        self.muscles.iter().any(Muscle::is_active)
    }
}

fn check_count(what: &str, count: usize, (least, most): (usize, usize)) -> Result<(), Error> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(Error::invalid(format!("the walker has {count} {what}, not {least} to {most}")))
}

/// The joints relative to the center of their bounding box, its width and its height.
fn centered(joints: &[(f64, f64)]) -> (Vec<(f64, f64)>, f64, f64) {
    let (x, width) = on_grid(joints.iter().map(|joint| joint.0));
    let (y, height) = on_grid(joints.iter().map(|joint| joint.1));
    (x.into_iter().zip(y).collect(), width, height)
}

/// Numbers relative to the middle between the least and the greatest, rounded, and the distance of these two.
fn on_grid(numbers: impl Iterator<Item = f64> + Clone) -> (Vec<f64>, f64) {
    let least = numbers.clone().fold(f64::INFINITY, f64::min);
    let greatest = numbers.clone().fold(f64::NEG_INFINITY, f64::max);
    let middle = (least + greatest) / 2.0;
    // `round` rounds halves away from 0, so that a mirrored walker is mirrored exactly.
    let round = |number: f64| (number * GRID).round() / GRID;
    (numbers.map(|number| round(number - middle)).collect(), round(greatest - least))
}

/// Checks each connection, and returns the mass.
fn check_muscles(joints: &[(f64, f64)], muscles: &[Muscle]) -> Result<f64, Error> {
    let mut degrees = vec![0; joints.len()];
    let mut seen = HashSet::new();
    let mut length = 0.0;
    for (place, muscle) in muscles.iter().enumerate() {
        let (from, to) = (muscle.from, muscle.to);
        let wrong = |why: String| Err(Error::invalid(format!("muscle {place} {why}")));
        if from.max(to) >= joints.len() {
            return wrong(format!("connects joint {}, but the joints are 0 to {}", from.max(to), joints.len() - 1));
        }
        if from == to {
            return wrong(format!("connects joint {from} with itself"));
        }
        if !seen.insert((from.min(to), from.max(to))) {
            return wrong(format!("connects joints {from} and {to} once more"));
        }
        for joint in [from, to] {
            degrees[joint] += 1;
            if degrees[joint] > DEGREE {
                return wrong(format!("is one more than {DEGREE} at joint {joint}"));
            }
        }
        let own = distance(joints[from], joints[to]);
        if own < SHORTEST {
            return wrong(format!("is shorter than {SHORTEST}"));
        }
        if let Kind::Muscle { amplitude, phase } = muscle.kind {
            if amplitude.is_nan() || amplitude.abs() > AMPLITUDE {
                return wrong(format!("has an amplitude of {amplitude}, not −{AMPLITUDE} to {AMPLITUDE}"));
            }
            if !phase.is_finite() {
                return wrong("has a phase that is not finite".into());
            }
        }
        length += own;
    }
    Ok(joints.len() as f64 + length / 2.0)
}

fn distance(first: (f64, f64), second: (f64, f64)) -> f64 {
    let (x, y) = (second.0 - first.0, second.1 - first.1);
    (x * x + y * y).sqrt()
}

/// Checks that muscles connect all joints, by joining sets of connected joints.
fn check_connected(joints: usize, muscles: &[Muscle]) -> Result<(), Error> {
    let mut leader: Vec<usize> = (0..joints).collect();
    fn find(leader: &mut [usize], mut joint: usize) -> usize {
        while leader[joint] != joint {
            leader[joint] = leader[leader[joint]];
            joint = leader[joint];
        }
        joint
    }
    for muscle in muscles {
        let (from, to) = (find(&mut leader, muscle.from), find(&mut leader, muscle.to));
        leader[from] = to;
    }
    let first = find(&mut leader, 0);
    match (1..joints).find(|&joint| find(&mut leader, joint) != first) {
        None => Ok(()),
        Some(joint) => Err(Error::invalid(format!("no muscles connect joint {joint} with joint 0"))),
    }
}
