//! The physics of walkers: rest, symmetry, bounded speed, repetition, the meaning of amplitude and phase.

use physics::batch::{run, Trial};
use physics::body::{Body, CONTRACTION, GRAVITY, RADIUS, STEP};
use physics::error::{Error, Kind};
use physics::simulation::{surroundings, Motion, Simulation, FASTEST};
use physics::terrain::{Terrain, TERRAINS};
use physics::walker::{Muscle, Walker, AMPLITUDE, DEGREE, JOINTS, MASS, MUSCLES, SIZE};
use proptest::prelude::*;

/// A connected walker with some bones, some muscles, and no connection twice.
#[derive(Clone, Debug)]
struct Plan {
    joints: Vec<(f64, f64)>,
    muscles: Vec<Muscle>,
}

impl Plan {
    fn walker(&self) -> Walker {
        Walker::new(self.joints.clone(), self.muscles.clone()).unwrap()
    }

    fn with_joints(&self, change: impl Fn((f64, f64)) -> (f64, f64)) -> Walker {
        Walker::new(self.joints.iter().map(|&joint| change(joint)).collect(), self.muscles.clone()).unwrap()
    }

    fn passive(&self) -> Walker {
        let still = |muscle: &Muscle| Muscle::elastic(muscle.from, muscle.to, 0.0, 0.3);
        Walker::new(self.joints.clone(), self.muscles.iter().map(still).collect()).unwrap()
    }
}

fn plans() -> impl Strategy<Value = Plan> {
    (2_usize..9).prop_flat_map(|count| {
        let joints = prop::collection::vec((0.0..12.0_f64, 0.0..12.0_f64), count);
        let links = prop::collection::vec((any::<bool>(), any::<bool>(), -10.0..10.0_f64, 0.0..1.0_f64), count * count);
        (joints, links).prop_filter_map("two joints in one place", move |(joints, links)| {
            let mut muscles = Vec::new();
            for from in 0..count {
                for to in from + 1..count {
                    let (wanted, bone, amplitude, phase) = links[from * count + to];
                    if to == from + 1 || wanted {
                        muscles.push(if bone {
                            Muscle::bone(from, to)
                        } else {
                            Muscle::elastic(from, to, amplitude, phase)
                        });
                    }
                }
            }
            Walker::new(joints.clone(), muscles.clone()).ok().map(|_| Plan { joints, muscles })
        })
    })
}

fn terrains() -> impl Strategy<Value = Terrain> {
    (0..TERRAINS.len()).prop_map(|place| TERRAINS[place].1)
}

/// A triangle that hobbles.
fn hobbler() -> Walker {
    let muscles = vec![Muscle::bone(0, 1), Muscle::bone(1, 2), Muscle::elastic(2, 0, 8.0, 0.25)];
    Walker::new(vec![(0.0, 0.0), (4.0, 0.0), (2.0, 3.0)], muscles).unwrap()
}

fn motion(walker: &Walker, terrain: Terrain, milliseconds: u32) -> Result<Motion, Error> {
    Simulation { traced: true }.run(walker, terrain, milliseconds)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_active_muscles_nothing_moves(plan in plans(), terrain in terrains()) {
        if let Ok(motion) = motion(&plan.passive(), terrain, 3000) {
            prop_assert_eq!(motion.displacement, 0.0);
            prop_assert_eq!(motion.frames.len(), motion.passive);
        }
    }

    #[test]
    fn where_a_walker_stands_changes_no_bit(plan in plans(), terrain in terrains(), x in -1e4..1e4_f64, y in -1e4..1e4_f64) {
        // On the grid of the walker, so that moving it is exact.
        let (x, y) = (x.round() / 64.0, y.round() / 64.0);
        let moved = plan.with_joints(|(joint_x, joint_y)| (joint_x + x, joint_y + y));
        prop_assert_eq!(motion(&moved, terrain, 1000), motion(&plan.walker(), terrain, 1000));
    }

    #[test]
    fn a_mirrored_walker_moves_as_far_the_other_way(plan in plans(), bumpy in any::<bool>()) {
        let mirrored = plan.with_joints(|(x, y)| (-x, y));
        let (near, far) = if bumpy { (Terrain::Bumpy, Terrain::Bumpy) } else { (Terrain::LeftWall, Terrain::RightWall) };
        for (one, other) in [(near, far), (Terrain::Flat, Terrain::Flat), (Terrain::Tunnel, Terrain::Tunnel)] {
            match (motion(&plan.walker(), one, 2000), motion(&mirrored, other, 2000)) {
                (Ok(right), Ok(left)) => prop_assert_eq!(right.displacement, -left.displacement),
                (Err(right), Err(left)) => prop_assert_eq!(right.kind, left.kind),
                different => prop_assert!(false, "{:?}", different),
            }
        }
    }

    #[test]
    fn speed_is_bounded_and_joints_stay_above_the_ground(plan in plans(), terrain in terrains()) {
        let walker = plan.walker();
        let around = surroundings(&walker, terrain);
        let mut body = Body::new(&walker, around);
        for step in 0..1200 {
            body.step(std::f64::consts::TAU * f64::from(step) * STEP, 1.0);
            // Much less than what counts as an explosion.
            prop_assert!(body.speed() < FASTEST / 4.0, "{} in step {step}", body.speed());
            for (x, y) in body.places() {
                prop_assert!(around.below(x, y).distance > -RADIUS, "a joint at {x}, {y} in step {step}");
            }
        }
    }

    #[test]
    fn a_passive_walker_loses_energy(plan in plans()) {
        let walker = plan.passive();
        let mut body = Body::new(&walker, surroundings(&walker, Terrain::Flat));
        let start = body.center().1;
        for _ in 0..1200 {
            body.step(0.0, 0.0);
            let fallen = start - body.center().1;
            // Per joint, the kinetic energy of the center is at most what it has fallen by; 0.05 for the springs.
            prop_assert!(GRAVITY * fallen > -0.05 * GRAVITY, "it rises by {}", -fallen);
        }
    }

    #[test]
    fn threads_and_batches_change_no_bit(plans in prop::collection::vec(plans(), 1..7), terrain in terrains()) {
        let trials: Vec<_> =
            plans.iter().map(|plan| Trial { walker: plan.walker(), terrain, milliseconds: 500 }).collect();
        let alone: Vec<_> = trials.iter().map(|trial| motion(&trial.walker, terrain, 500)).collect();
        for threads in [1, 2, 5, 64] {
            prop_assert_eq!(&run(&trials, Simulation { traced: true }, threads), &alone);
        }
    }
}

#[test]
fn a_walker_of_width_6_8_without_muscles_scores_nothing() {
    for terrain in TERRAINS {
        let walker = Walker::new(vec![(0.0, 0.0), (6.8, 0.0)], vec![Muscle::bone(0, 1)]).unwrap();
        let motion = motion(&walker, terrain.1, 10_000).unwrap();
        assert!((walker.width() - 6.8).abs() < 1e-6);
        assert_eq!(motion.displacement, 0.0);
    }
}

/// The length of a muscle that pulls at a joint over another, over the seconds after its start.
fn lengths(amplitude: f64, phase: f64) -> Vec<f64> {
    let walker = Walker::new(vec![(0.0, 0.0), (0.0, 4.0)], vec![Muscle::elastic(0, 1, amplitude, phase)]).unwrap();
    let mut body = Body::new(&walker, surroundings(&walker, Terrain::Flat));
    let seconds = 3.0;
    let angle = |step: u32| std::f64::consts::TAU * f64::from(step) * STEP;
    (0..(seconds / STEP) as u32)
        .map(|step| {
            body.step(angle(step), 1.0);
            let places = body.places();
            places[1].1 - places[0].1
        })
        .collect()
}

#[test]
fn amplitude_scales_the_contraction_and_phase_shifts_it() {
    let swing = |lengths: &[f64]| {
        let last = &lengths[240..];
        let (least, greatest) =
            last.iter().fold((f64::MAX, f64::MIN), |(low, high), &each| (low.min(each), high.max(each)));
        let longest = last.iter().position(|&each| each == greatest).unwrap() as f64 * STEP;
        (greatest - least, longest)
    };
    let (still, _) = swing(&lengths(0.0, 0.25));
    let (small, start) = swing(&lengths(2.0, 0.0));
    let (twice, _) = swing(&lengths(4.0, 0.0));
    let (shifted_size, shifted) = swing(&lengths(2.0, 0.25));
    let (_, opposite) = swing(&lengths(-2.0, 0.0));
    assert!(still < 1e-3, "{still}");
    assert!((small / (2.0 * CONTRACTION * 2.0 * 4.0) - 1.0).abs() < 0.3, "{small}");
    assert!((twice / small - 2.0).abs() < 0.05, "{twice} {small}");
    assert!((shifted_size / small - 1.0).abs() < 0.02, "{shifted_size} {small}");
    let later = |time: f64| (time - start).rem_euclid(1.0);
    // cos(t + 2π·phase) is greatest a quarter of a period earlier, or three quarters later.
    assert!((later(shifted) - 0.75).abs() < 0.02, "{start} {shifted}");
    assert!((later(opposite) - 0.5).abs() < 0.02, "{start} {opposite}");
}

#[test]
fn a_reference_trajectory() {
    let found = motion(&hobbler(), Terrain::Flat, 2000).unwrap();
    let again = motion(&hobbler(), Terrain::Flat, 2000).unwrap();
    assert_eq!(found, again);
    let last = found.frames.last().unwrap();
    assert_eq!(found.frames.len() - found.passive, 60);
    assert_eq!((found.displacement, found.settled), REFERENCE);
    assert_eq!(last, &REFERENCE_JOINTS);
}

/// The displacement of the hobbler in two seconds, and when it had come to rest.
const REFERENCE: (f64, f64) = (0.32606416573627306, 1.3);
/// Where its joints are then.
const REFERENCE_JOINTS: [(f64, f64); 3] =
    [(-1.9029039522448439, 0.6711342807117697), (2.0645557982468365, 0.25), (0.7845016663387752, 3.6058567801616914)];

#[test]
fn walls_and_ceilings_hold() {
    let jumper = Walker::new(
        vec![(0.0, 0.0), (0.0, 4.0), (3.0, 0.0)],
        vec![Muscle::elastic(0, 1, 10.0, 0.5), Muscle::elastic(1, 2, 10.0, 0.0), Muscle::elastic(2, 0, 10.0, 0.25)],
    )
    .unwrap();
    let reach = |terrain: Terrain| {
        let frames = motion(&jumper, terrain, 20_000).unwrap().frames;
        let places = frames.into_iter().flatten();
        places
            .fold([f64::MAX, f64::MIN, f64::MIN], |[left, right, top], (x, y)| [left.min(x), right.max(x), top.max(y)])
    };
    let free = reach(Terrain::Flat);
    for (terrain, place, sign) in
        [(Terrain::LeftWall, 0, 1.0), (Terrain::RightWall, 1, -1.0), (Terrain::Tunnel, 2, -1.0)]
    {
        let limit = surroundings(&jumper, terrain).limit().unwrap();
        let room = |reached: [f64; 3]| sign * (reached[place] - limit) - RADIUS;
        assert!(room(free) < -0.05, "{terrain:?}: it would not get there: {}", room(free));
        assert!(room(reach(terrain)) > -0.05, "{terrain:?}: {}", room(reach(terrain)));
    }
}

#[test]
fn rules_are_checked_and_named() {
    let two = || vec![(0.0, 0.0), (1.0, 0.0)];
    let bone = || vec![Muscle::bone(0, 1)];
    let row = |count: usize| (0..count).map(|place| (place as f64 / 64.0, 0.0)).collect::<Vec<_>>();
    let star = |count: usize| (1..=count).map(|place| Muscle::bone(0, place)).collect::<Vec<_>>();
    type Case = (Vec<(f64, f64)>, Vec<Muscle>, &'static str);
    let cases: Vec<Case> = vec![
        (vec![], vec![], "0 joints"),
        (row(65), bone(), "65 joints"),
        (two(), vec![], "0 muscles"),
        (two(), vec![Muscle::bone(0, 1); 257], "257 muscles"),
        (vec![(0.0, f64::NAN), (1.0, 0.0)], bone(), "joint 0 is at"),
        (vec![(0.0, 0.0), (f64::INFINITY, 0.0)], bone(), "joint 1 is at"),
        (vec![(0.0, 0.0), (0.0, 2e6)], bone(), "joint 1 is at"),
        (vec![(0.0, 0.0), (SIZE + 0.1, 0.0)], bone(), "20.10 wide"),
        (vec![(0.0, 0.0), (0.0, SIZE + 0.1)], bone(), "20.10 high"),
        (two(), vec![Muscle::bone(0, 2)], "connects joint 2"),
        (two(), vec![Muscle::bone(1, 1)], "with itself"),
        (two(), vec![Muscle::bone(0, 1), Muscle::elastic(1, 0, 1.0, 0.0)], "once more"),
        (row(DEGREE + 2), star(DEGREE + 1), "one more than 10 at joint 0"),
        (vec![(0.0, 0.0), (0.001, 0.0)], bone(), "shorter"),
        (two(), vec![Muscle::elastic(0, 1, AMPLITUDE + 0.5, 0.0)], "amplitude"),
        (two(), vec![Muscle::elastic(0, 1, f64::NAN, 0.0)], "amplitude"),
        (two(), vec![Muscle::elastic(0, 1, -1e9, 0.0)], "amplitude"),
        (two(), vec![Muscle::elastic(0, 1, 1.0, f64::INFINITY)], "phase"),
        (row(3), bone(), "joint 2 with joint 0"),
    ];
    for (joints, muscles, message) in cases {
        let error = Walker::new(joints, muscles).unwrap_err();
        assert_eq!(error.kind, Kind::Invalid);
        assert!(error.message.contains(message), "{}: {message}", error.message);
    }
    let far = |joint: usize| (f64::from(u8::from(joint % 2 == 1)) * SIZE, joint as f64 / 64.0);
    let long = (0..30).flat_map(|from| [1, 3].map(|by| Muscle::bone(from, (from + by) % 30))).collect();
    let error = Walker::new((0..30).map(far).collect(), long).unwrap_err();
    assert!(error.message.contains("a mass of 630."), "{}, more than {MASS}", error.message);
}

#[test]
fn measures() {
    let walker = hobbler();
    let length = 4.0 + 2.0 * (4.0_f64 + 9.0).sqrt();
    assert_eq!((walker.width(), walker.height()), (4.0, 3.0));
    assert!((walker.mass() - (3.0 + length / 2.0)).abs() < 1e-12);
}

/// Joints along the diagonal of a box, so many that the walker has a given mass.
fn chain(width: f64, height: f64, mass: (f64, f64)) -> Option<Walker> {
    let length = (width * width + height * height).sqrt();
    let count = (JOINTS.0..=JOINTS.1).find(|&count| (mass.0..mass.1).contains(&(count as f64 + length / 2.0)))?;
    let share = |joint: usize| joint as f64 / (count - 1) as f64;
    let joints = (0..count).map(|joint| (width * share(joint), height * share(joint)));
    Walker::new(joints.collect(), (1..count).map(|joint| Muscle::bone(joint - 1, joint)).collect()).ok()
}

/// Bones between joints in two opposite corners of a box, so many that the walker has a given mass.
fn filling(width: f64, height: f64, mass: (f64, f64)) -> Option<Walker> {
    let length = (width * width + height * height).sqrt();
    (1..=JOINTS.1 / 2).find_map(|half| {
        let joints = (0..2 * half).map(|joint| if joint % 2 == 0 { (0.0, 0.0) } else { (width, height) }).collect();
        // A path through all joints, and then round after round of further bones.
        let mut bones: Vec<_> = (0..DEGREE.min(half)).flat_map(|by| (0..half).map(move |from| (from, by))).collect();
        bones.sort_by_key(|&(from, by)| (from + by >= half || by > 1, by));
        let count = (2 * half - 1..=bones.len().min(MUSCLES.1))
            .find(|&count| (mass.0..mass.1).contains(&(2.0 * half as f64 + count as f64 * length / 2.0)))?;
        let bones = bones[..count].iter().map(|&(from, by)| Muscle::bone(2 * from, 2 * ((from + by) % half) + 1));
        Walker::new(joints, bones.collect()).ok()
    })
}

#[test]
fn a_walker_exists_in_each_of_12_by_12_by_12_cells() {
    let cells = 12;
    let (side, share) = (SIZE / f64::from(cells), MASS / f64::from(cells));
    let inside =
        |cell: i32, size: f64| [f64::from(cell) * size + 0.02 * size, f64::from(cell + 1) * size - 0.02 * size];
    for (high, wide, heavy) in (0..cells).flat_map(|a| (0..cells).flat_map(move |b| (0..cells).map(move |c| (a, b, c))))
    {
        let mass = (f64::from(heavy) * share, f64::from(heavy + 1) * share);
        let sizes = inside(wide, side).into_iter().flat_map(|w| inside(high, side).map(move |h| (w, h)));
        let found = sizes.into_iter().find_map(|(w, h)| chain(w, h, mass).or_else(|| filling(w, h, mass)));
        let walker = found.unwrap_or_else(|| panic!("no walker in cell {high}, {wide}, {heavy}"));
        let cell = [walker.height() / side, walker.width() / side, walker.mass() / share].map(|place| place as i32);
        assert_eq!(cell, [high, wide, heavy]);
    }
}
