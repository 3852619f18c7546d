//! Demonstrations of programs in worlds without a task, chosen as LEAPS chooses those of its data set.
//!
//! A program is run in one random world after the other. What it does there is a demonstration if it makes no mistake
//! (moves into no wall, picks no marker where there is none), ends by itself and is neither too short nor too long.
//! With `cover`, only those are kept that show a condition come out in a way not seen before, until each was seen to
//! hold and to fail; such may be too short, and once all is seen half of the too short ones are kept as well
//! (Trivedi et al., NeurIPS 2021, and the generator published with it).

use crate::code::Code;
use crate::episode::Step;
use crate::error::Error;
use crate::generate;
use crate::instance::Instance;
use crate::machine::{End, Machine, Observer};
use crate::random::{mix, Random};
use crate::rules::{Kind, Profile};
use crate::syntax::Action;
use crate::world::World;
use crate::{notation, tokens};

/// What is asked of all programs. Lengths of demonstrations are in states: one more than there are actions.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub profile: Profile,
    pub height: usize,
    pub width: usize,
    /// The probabilities of a wall, and of a marker on a free cell.
    pub walls: f64,
    pub markers: f64,
    /// Demonstrations a program, and worlds tried at most to get them.
    pub count: usize,
    pub trials: u64,
    pub shortest: usize,
    pub longest: usize,
    /// Every condition has to be seen to hold and to fail.
    pub cover: bool,
    pub most_tokens: usize,
}

/// The worlds (their seeds) that a program is demonstrated in, and what it does in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demonstrations {
    pub seeds: Vec<u64>,
    pub actions: Vec<Vec<Action>>,
}

/// Why a program cannot be demonstrated as requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// The text is no program.
    Unreadable,
    TooLong,
    TooFew,
    NotCovered,
}

impl Dropped {
    pub fn text(self) -> &'static str {
        match self {
            Dropped::Unreadable => "no programs",
            Dropped::TooLong => "too long",
            Dropped::TooFew => "with too few demonstrations",
            Dropped::NotCovered => "with branches never taken",
        }
    }
}

/// What an episode shows.
#[derive(Default)]
struct Watcher {
    actions: Vec<Action>,
    mistaken: bool,
    /// A demonstration with more actions than this is too long.
    most_actions: usize,
    /// For each condition whether it failed (bit 0) and held (bit 1).
    seen: Vec<u8>,
}

impl Observer for Watcher {
    fn step(&mut self, step: &Step, _world: &World) {
        self.actions.push(step.action);
        self.mistaken |= step.bumped || step.missed;
    }

    fn branch(&mut self, branch: u16, taken: bool) {
        self.seen[usize::from(branch)] |= 1 << u8::from(taken);
    }

    fn has_seen_enough(&self) -> bool {
        self.mistaken || self.actions.len() > self.most_actions
    }
}

/// Demonstrates one program after the other; one a thread.
pub struct Demonstrator {
    request: Request,
    room: World,
    instance: Instance,
    open: Vec<usize>,
    machine: Machine,
    watcher: Watcher,
}

impl Demonstrator {
    /// An error where there are no such worlds.
    pub fn new(request: &Request) -> Result<Demonstrator, Error> {
        let room = World::room(request.height, request.width)?;
        Ok(Demonstrator {
            request: *request,
            instance: Instance::new(request.profile, Kind::Free, false, room.clone(), 0)?,
            room,
            open: Vec::new(),
            machine: Machine::default(),
            watcher: Watcher { most_actions: request.longest.saturating_sub(1), ..Watcher::default() },
        })
    }

    /// Demonstrates a program (in either notation); its worlds have the seeds `seed`, `seed` + 1 and so on.
    pub fn demonstrate(&mut self, text: &str, seed: u64) -> Result<Demonstrations, Dropped> {
        let programs = notation::read(text).map_err(|_| Dropped::Unreadable)?;
        if programs.iter().map(tokens::length).sum::<usize>() > self.request.most_tokens {
            return Err(Dropped::TooLong);
        }
        let code = Code::compile(&programs, self.request.profile).map_err(|_| Dropped::Unreadable)?;
        let mut found = Demonstrations::default();
        let mut seen = vec![0u8; usize::from(code.branches)];
        for trial in 0..self.request.trials {
            let left = self.request.trials - trial;
            if (self.request.count - found.seeds.len()) as u64 > left {
                break;
            }
            let seed = seed.wrapping_add(trial);
            if !self.shows(&code, seed) || !self.is_welcome(&seen, seed) {
                continue;
            }
            for (all, now) in seen.iter_mut().zip(&self.watcher.seen) {
                *all |= now;
            }
            found.seeds.push(seed);
            found.actions.push(self.watcher.actions.clone());
            if found.seeds.len() == self.request.count {
                break;
            }
        }
        if self.request.cover && !is_full(&seen) {
            Err(Dropped::NotCovered)
        } else if found.seeds.len() < self.request.count || found.actions.iter().all(Vec::is_empty) {
            Err(Dropped::TooFew)
        } else {
            Ok(found)
        }
    }

    /// Runs the program in one world; false if it made a mistake there, took too long or did not end by itself.
    fn shows(&mut self, code: &Code, seed: u64) -> bool {
        self.instance.world.copy_from(&self.room);
        generate::scatter(&mut self.instance.world, &mut self.open, self.request.walls, self.request.markers, seed);
        self.instance.markers = self.instance.world.total_markers();
        self.watcher.actions.clear();
        self.watcher.mistaken = false;
        self.watcher.seen.clear();
        self.watcher.seen.resize(usize::from(code.branches), 0);
        let outcome = self.machine.run(code, &self.instance, &mut self.watcher);
        outcome.end == End::Finished && !self.watcher.has_seen_enough()
    }

    /// Whether what the last world showed is to be kept, after `seen` in those before.
    fn is_welcome(&self, seen: &[u8], seed: u64) -> bool {
        let long_enough = self.watcher.actions.len() + 1 >= self.request.shortest;
        if !self.request.cover || seen.is_empty() {
            return long_enough;
        }
        if !is_full(seen) {
            return seen.iter().zip(&self.watcher.seen).any(|(all, now)| now & !all != 0);
        }
        // The world's own numbers come from its seed as it is.
        long_enough || Random::new(mix(seed)).chance(0.5)
    }
}

fn is_full(seen: &[u8]) -> bool {
    seen.iter().all(|&ways| ways == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch;

    const REQUEST: Request = Request {
        profile: Profile::Leaps,
        height: 8,
        width: 8,
        walls: 0.1,
        markers: 0.1,
        count: 10,
        trials: 100,
        shortest: 4,
        longest: 20,
        cover: false,
        most_tokens: 44,
    };

    fn of(text: &str, request: &Request) -> Result<Demonstrations, Dropped> {
        Demonstrator::new(request).unwrap().demonstrate(text, 7_000)
    }

    #[test]
    fn what_is_kept_makes_no_mistake_and_is_reproduced_from_its_seed() {
        let text = "(karel_while frontIsClear move)";
        let found = of(text, &REQUEST).unwrap();
        assert_eq!((found.seeds.len(), found.actions.len()), (10, 10));
        assert!(found.seeds.windows(2).all(|pair| pair[0] < pair[1]));
        let code = Code::compile(&notation::read(text).unwrap(), Profile::Leaps).unwrap();
        for (&seed, actions) in found.seeds.iter().zip(&found.actions) {
            let world = generate::free(8, 8, 0.1, 0.1, seed).unwrap();
            let instance = Instance::new(Profile::Leaps, Kind::Free, false, world, seed).unwrap();
            let trace = batch::trace(&code, &instance, false, 0, &mut Machine::default());
            assert_eq!((&trace.actions, trace.mistakes), (actions, 0));
            assert!((3..=19).contains(&actions.len()));
        }
    }

    #[test]
    fn why_a_program_is_dropped() {
        let long = "(karel_seq move ".repeat(50) + "move" + &")".repeat(50);
        assert_eq!(of(&long, &REQUEST), Err(Dropped::TooLong));
        assert_eq!(of("(karel_seq move", &REQUEST), Err(Dropped::Unreadable));
        assert_eq!(of("move", &REQUEST), Err(Dropped::TooFew));
        assert_eq!(of("(karel_repeat 19 move)", &REQUEST), Err(Dropped::TooFew));
        let endless = "(karel_while frontIsClear (karel_if frontIsClear turnLeft))";
        assert!(of(endless, &REQUEST).is_err());
        let never = "(karel_if markersPresent (karel_if noMarkersPresent move))";
        assert_eq!(of(never, &Request { cover: true, ..REQUEST }), Err(Dropped::NotCovered));
        assert_eq!(of("(karel_repeat 0 move)", &Request { shortest: 1, ..REQUEST }), Err(Dropped::TooFew));
    }

    #[test]
    fn covering_keeps_what_shows_something_new_however_short() {
        let request = Request { cover: true, ..REQUEST };
        let found = of("(karel_if markersPresent (karel_seq pickMarker (karel_while frontIsClear move)))", &request);
        assert!(found.unwrap().actions.iter().any(Vec::is_empty));
        assert!(Demonstrator::new(&Request { height: 1, ..REQUEST }).is_err());
    }
}
