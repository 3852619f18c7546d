//! Episodes in many worlds at once, moved by actions from outside: those of a neural network, for instance.

use crate::episode::Episode;
use crate::instance::Instance;
use crate::rules::Profile;
use crate::syntax::{Perception, ACTIONS, PERCEPTIONS};
use crate::world::World;

/// The planes of a world's features: four headings, walls, and one for each number of markers up to a most.
pub fn channels(profile: Profile) -> usize {
    if profile == Profile::Hprl {
        8
    } else {
        16
    }
}

/// Writes a world's features, plane by plane and row by row, one byte a cell: the agent's heading (0 north to 3 west) at
/// its cell, 4 wall, then 5 for no marker, 6 for one, and so on; more markers than there are planes for show in the last.
pub fn features(world: &World, profile: Profile, out: &mut [u8]) {
    let area = world.height() * world.width();
    let last = channels(profile) - 1;
    debug_assert_eq!(out.len(), area * (last + 1));
    out.fill(0);
    out[world.heading as usize * area + world.agent] = 1;
    for cell in 0..area {
        if world.is_wall(cell) {
            out[4 * area + cell] = 1;
        }
        out[(5 + usize::from(world.markers(cell))).min(last) * area + cell] = 1;
    }
}

/// Whether the agent perceives each of the perceptions, in their order, a byte for each.
#[inline]
pub fn perceptions(world: &World) -> [u8; PERCEPTIONS.len()] {
    PERCEPTIONS.map(|perception| {
        u8::from(match perception {
            Perception::FrontIsClear => !world.looks(0, true),
            Perception::LeftIsClear => !world.looks(3, true),
            Perception::RightIsClear => !world.looks(1, true),
            Perception::MarkersPresent => !world.looks(4, false),
            Perception::NoMarkersPresent => world.looks(4, false),
        })
    })
}

/// An episode in each of a set of instances of one size.
pub struct Stepper {
    instances: Vec<Instance>,
    episodes: Vec<Episode>,
    ended: Vec<bool>,
}

/// The number of the action that does nothing.
pub const NO_ACTION: u8 = 5;

impl Stepper {
    pub fn new(instances: Vec<Instance>) -> Stepper {
        let episodes = instances.iter().map(|_| Episode::default()).collect();
        let ended = vec![false; instances.len()];
        let mut stepper = Stepper { instances, episodes, ended };
        stepper.reset();
        stepper
    }

    pub fn len(&self) -> usize {
        self.instances.len()
    }

    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    pub fn profile(&self) -> Option<Profile> {
        self.instances.first().map(|instance| instance.profile)
    }

    /// Back to the initial states.
    pub fn reset(&mut self) {
        for (episode, instance) in self.episodes.iter_mut().zip(&self.instances) {
            episode.begin(instance);
        }
        self.ended.fill(false);
    }

    /// One action in each world, by number; `NO_ACTION` does nothing. A world whose episode has ended stays as it is.
    pub fn step(&mut self, actions: &[u8]) {
        for (index, &number) in actions.iter().enumerate() {
            if let (Some(&action), false) = (ACTIONS.get(usize::from(number)), self.ended[index]) {
                self.ended[index] = self.episodes[index].act(action, &self.instances[index]);
            }
        }
    }

    pub fn ended(&self) -> &[bool] {
        &self.ended
    }

    pub fn rewards(&self) -> Vec<f64> {
        self.episodes.iter().zip(&self.instances).map(|(episode, instance)| episode.reward(instance)).collect()
    }

    pub fn worlds(&self) -> impl Iterator<Item = &World> {
        self.episodes.iter().map(|episode| &episode.world)
    }

    /// The features of all worlds, one after the other.
    pub fn features(&self) -> Vec<u8> {
        let Some(first) = self.instances.first() else {
            return Vec::new();
        };
        let size = first.world.height() * first.world.width() * channels(first.profile);
        let mut out = vec![0; size * self.episodes.len()];
        for (world, part) in self.worlds().zip(out.chunks_exact_mut(size)) {
            features(world, first.profile, part);
        }
        out
    }

    /// Five bytes a world: whether it perceives each of the perceptions, in their order.
    pub fn perceptions(&self) -> Vec<u8> {
        self.worlds().flat_map(perceptions).collect()
    }
}
