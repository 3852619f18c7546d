//! The three sets of rules and the ten tasks, as tables.

use crate::error::Error;

/// Whose rules hold: they differ in marker caps, budgets, when an episode ends and what an action earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// LEAPS: 220 node visits, nine markers a cell; the state after the last action is all that counts.
    Leaps,
    /// HPRL: 500 node visits a program, one or two markers a cell; progress counts, and success ends the episode.
    Hprl,
    /// Programmatic policies: 10,000 calls, ten markers a cell, a loop guard; rewards add up, a broken rule costs 1.
    ProgPolicies,
}

pub const PROFILES: [Profile; 3] = [Profile::Leaps, Profile::Hprl, Profile::ProgPolicies];

impl Profile {
    pub fn name(self) -> &'static str {
        match self {
            Profile::Leaps => "leaps",
            Profile::Hprl => "hprl",
            Profile::ProgPolicies => "prog-policies",
        }
    }

    pub fn named(name: &str) -> Result<Profile, Error> {
        named(name, &PROFILES, Profile::name, "profile")
    }

    /// How much a program may do.
    pub fn limits(self) -> Limits {
        match self {
            Profile::Leaps => Limits { visits: 220, calls: u32::MAX, guard: false },
            Profile::Hprl => Limits { visits: 500, calls: u32::MAX, guard: false },
            Profile::ProgPolicies => Limits { visits: u32::MAX, calls: 10_000, guard: true },
        }
    }

    /// The most markers that putMarker piles up on a cell.
    pub fn marker_cap(self, kind: Kind) -> u8 {
        match (self, kind) {
            (Profile::Leaps, _) => 9,
            (Profile::Hprl, Kind::TopOff | Kind::DoorKey | Kind::Seeder) => 2,
            (Profile::Hprl, _) => 1,
            (Profile::ProgPolicies, _) => 10,
        }
    }
}

/// The budget of a program. A node visit is counted by LEAPS and HPRL, a call (an action or a perception) by the
/// programmatic policies; `guard` ends an episode that comes back to a state it has had at the same WHILE.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub visits: u32,
    pub calls: u32,
    pub guard: bool,
}

/// The tasks: LEAPS' six, HPRL's four, and worlds without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    StairClimber,
    FourCorners,
    TopOff,
    Maze,
    CleanHouse,
    Harvester,
    DoorKey,
    OneStroke,
    Seeder,
    Snake,
    /// A world without a goal: every action earns nothing.
    Free,
}

pub const KINDS: [Kind; 11] = [
    Kind::StairClimber,
    Kind::FourCorners,
    Kind::TopOff,
    Kind::Maze,
    Kind::CleanHouse,
    Kind::Harvester,
    Kind::DoorKey,
    Kind::OneStroke,
    Kind::Seeder,
    Kind::Snake,
    Kind::Free,
];

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::StairClimber => "stair-climber",
            Kind::FourCorners => "four-corners",
            Kind::TopOff => "top-off",
            Kind::Maze => "maze",
            Kind::CleanHouse => "clean-house",
            Kind::Harvester => "harvester",
            Kind::DoorKey => "door-key",
            Kind::OneStroke => "one-stroke",
            Kind::Seeder => "seeder",
            Kind::Snake => "snake",
            Kind::Free => "free",
        }
    }

    pub fn named(name: &str) -> Result<Kind, Error> {
        named(name, &KINDS, Kind::name, "task")
    }

    /// Whether a profile has rules for this task.
    pub fn is_in(self, profile: Profile) -> bool {
        profile != Profile::Leaps || !matches!(self, Kind::DoorKey | Kind::OneStroke | Kind::Seeder | Kind::Snake)
    }

    /// Whether the programmatic policies have a twin of this task that rewards success alone.
    pub fn has_sparse_twin(self) -> bool {
        matches!(
            self,
            Kind::StairClimber | Kind::FourCorners | Kind::TopOff | Kind::Maze | Kind::CleanHouse | Kind::Harvester
        )
    }

    /// Whether an episode of the published runs is rewarded for success alone.
    pub fn is_sparse_by_default(self, profile: Profile) -> bool {
        profile == Profile::ProgPolicies && matches!(self, Kind::StairClimber | Kind::Maze)
    }

    /// The published size under a profile, as height and width.
    pub fn size(self, profile: Profile) -> (usize, usize) {
        match self {
            Kind::CleanHouse => (14, 22),
            Kind::StairClimber | Kind::FourCorners | Kind::TopOff if profile != Profile::Hprl => (12, 12),
            Kind::Maze if profile == Profile::ProgPolicies => (12, 12),
            _ => (8, 8),
        }
    }
}

fn named<T: Copy>(name: &str, all: &[T], name_of: fn(T) -> &'static str, what: &str) -> Result<T, Error> {
    all.iter().copied().find(|&each| name_of(each) == name).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|&each| name_of(each)).collect();
        Error::world(format!("there is no {what} {name:?}; there is {}", known.join(", ")))
    })
}
