//! Environments for reinforcement learning: an episode in each of many worlds, moved by actions from outside, and begun
//! anew in a random world when it is over. What each action earns is told at once, as what the episode has earned more.

use crate::episode::{Episode, Rules};
use crate::error::Error;
use crate::generate;
use crate::hprl::Hprl;
use crate::instance::Instance;
use crate::leaps::Leaps;
use crate::prog_policies::ProgPolicies;
use crate::random::Random;
use crate::rules::{Kind, Profile};
use crate::stepper::{channels, features, perceptions};
use crate::syntax::{Action, ACTIONS, PERCEPTIONS};
use crate::world::World;

/// Where the worlds of new episodes come from.
pub enum Worlds {
    /// One of these, each equally likely.
    Given(Vec<Instance>),
    /// A world that was never seen before.
    New(Task),
}

/// A task without a world.
#[derive(Clone, Copy)]
pub struct Task {
    pub profile: Profile,
    pub kind: Kind,
    pub sparse: bool,
    /// Height and width.
    pub size: (usize, usize),
}

impl Task {
    fn instance(self, seed: u64) -> Result<Instance, Error> {
        generate::instance(self.profile, self.kind, self.sparse, self.size, seed)
    }
}

/// What is observed of a world.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// Planes of the whole world (see `stepper::features`).
    Planes,
    /// What the agent perceives, a byte for each perception.
    Perceptions,
}

/// When an episode that is over is begun anew.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// In the place of the next action, which is not done and earns nothing.
    NextStep,
    /// After the action that ended it; the last observation is kept apart.
    SameStep,
    /// Never: it is an error to act in it.
    Never,
}

/// What the planes of a world show, for the next action to change no more of them than it must.
#[derive(Clone, Copy, Default)]
struct Shown {
    agent: usize,
    heading: usize,
    changes: u32,
}

const REWARD_BYTES: usize = size_of::<f64>();

/// What the last action came to in each world. Flags are bytes, 0 or 1.
#[derive(Default)]
pub struct Outcomes {
    /// What the actions have earned: the bytes of a 64-bit float each, as this machine orders them.
    pub rewards: Vec<u8>,
    /// The task has ended the episode.
    pub terminated: Vec<u8>,
    /// The most steps were made.
    pub truncated: Vec<u8>,
    /// The episode has earned the most that it can.
    pub solved: Vec<u8>,
    /// One observation a world, one after the other.
    pub observations: Vec<u8>,
    /// Under `Renewal::SameStep`, the last observations of the episodes that are over, in the order of the worlds.
    pub last_observations: Vec<u8>,
}

/// One environment: its episode, and where it stands.
struct Place {
    episode: Episode,
    /// The number of its instance.
    instance: usize,
    random: Random,
    /// What the episode has earned so far, in the instance's units.
    earned: i32,
    steps: u32,
    over: bool,
    shown: Shown,
}

/// Environments of one task, all of one size.
pub struct Environments {
    /// Those given, or else one for each environment.
    instances: Vec<Instance>,
    /// The task, if each episode has a new world.
    task: Option<Task>,
    places: Vec<Place>,
    observation: Observation,
    renewal: Renewal,
    most_steps: u32,
    /// Height and width of a world.
    size: (usize, usize),
    /// The bytes of an observation.
    length: usize,
    outcomes: Outcomes,
}

impl Environments {
    /// `count` environments, to be seeded and reset before the first step; `most_steps` bounds an episode.
    pub fn new(
        worlds: Worlds,
        count: usize,
        observation: Observation,
        renewal: Renewal,
        most_steps: Option<u32>,
    ) -> Result<Environments, Error> {
        let (instances, task) = match worlds {
            Worlds::Given(instances) => (instances, None),
            Worlds::New(task) => (vec![task.instance(0)?; count], Some(task)),
        };
        let first = instances.first().ok_or_else(|| Error::world("there are no worlds for environments"))?;
        let size = (first.world.height(), first.world.width());
        let place = |_| Place {
            episode: Episode::default(),
            instance: 0,
            random: Random::new(0),
            earned: 0,
            steps: 0,
            over: true,
            shown: Shown::default(),
        };
        let mut made = Environments {
            task,
            places: (0..count).map(place).collect(),
            observation,
            renewal,
            most_steps: most_steps.unwrap_or(u32::MAX),
            size,
            length: 0,
            outcomes: Outcomes::default(),
            instances,
        };
        made.length = made.observation_shape().iter().product();
        made.outcomes.observations.resize(made.length * count, 0);
        made.outcomes.rewards.resize(REWARD_BYTES * count, 0);
        for flags in [&mut made.outcomes.terminated, &mut made.outcomes.truncated, &mut made.outcomes.solved] {
            flags.resize(count, 0);
        }
        Ok(made)
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The planes, height and width of an observation, or how many perceptions it has.
    pub fn observation_shape(&self) -> Vec<usize> {
        match self.observation {
            Observation::Planes => vec![channels(self.instances[0].profile), self.size.0, self.size.1],
            Observation::Perceptions => vec![PERCEPTIONS.len()],
        }
    }

    pub fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// The state of a world.
    pub fn world(&self, index: usize) -> &World {
        &self.places[index].episode.world
    }

    /// Begins new episodes in some of the worlds; a seed begins a new sequence of random worlds there.
    pub fn reset(&mut self, chosen: &[(usize, Option<u64>)]) -> Result<(), Error> {
        for &(index, seed) in chosen {
            if index >= self.places.len() {
                return Err(Error::world(format!("there is no environment {index} among {}", self.places.len())));
            }
            if let Some(seed) = seed {
                self.places[index].random = Random::new(seed);
            }
            self.begin(index)?;
            self.tell(index, 0, false);
        }
        Ok(())
    }

    /// One action in each world, by number. Nothing is done if one of them cannot be.
    pub fn step(&mut self, actions: &[i64]) -> Result<(), Error> {
        if actions.len() != self.places.len() {
            return Err(Error::world(format!("{} actions for {} environments", actions.len(), self.places.len())));
        }
        if let Some(number) = actions.iter().find(|&&number| !(0..ACTIONS.len() as i64).contains(&number)) {
            return Err(Error::world(format!("an action is 0 to {}, not {number}", ACTIONS.len() - 1)));
        }
        if self.renewal == Renewal::Never {
            if let Some(index) = self.places.iter().position(|place| place.over) {
                return Err(Error::world(format!("the episode of environment {index} is over: reset it")));
            }
        }
        self.outcomes.last_observations.clear();
        match self.instances[0].profile {
            Profile::Leaps => self.step_by::<Leaps>(actions),
            Profile::Hprl => self.step_by::<Hprl>(actions),
            Profile::ProgPolicies => self.step_by::<ProgPolicies>(actions),
        }
    }

    fn step_by<R: Rules>(&mut self, actions: &[i64]) -> Result<(), Error> {
        for (index, &number) in actions.iter().enumerate() {
            if self.places[index].over {
                self.begin(index)?;
                self.tell(index, 0, false);
                continue;
            }
            let (reward, ended) = self.act::<R>(index, ACTIONS[number as usize]);
            self.tell(index, reward, ended);
            if self.renewal == Renewal::SameStep && self.places[index].over {
                let last = &self.outcomes.observations[index * self.length..][..self.length];
                self.outcomes.last_observations.extend_from_slice(last);
                self.begin(index)?;
            }
        }
        Ok(())
    }

    /// Does an action and observes: what it has earned, in units, and whether the task has ended the episode.
    #[inline(always)]
    fn act<R: Rules>(&mut self, index: usize, action: Action) -> (i32, bool) {
        let place = &mut self.places[index];
        let instance = &self.instances[place.instance];
        let ended = place.episode.act_by::<R>(action, false, instance);
        let earned = R::earned(&place.episode, instance);
        let reward = earned - place.earned;
        place.earned = earned;
        place.steps += 1;
        place.over = ended | (place.steps >= self.most_steps);
        let out = &mut self.outcomes.observations[index * self.length..][..self.length];
        match self.observation {
            Observation::Perceptions => out.copy_from_slice(&perceptions(&place.episode.world)),
            Observation::Planes => place.show_change(action, instance, out),
        }
        (reward, ended)
    }

    /// Writes down what an action came to; `reward` is in units.
    #[inline(always)]
    fn tell(&mut self, index: usize, reward: i32, ended: bool) {
        let place = &self.places[index];
        let instance = &self.instances[place.instance];
        // Most actions earn nothing, and a division takes longer than they do.
        let reward = if reward == 0 { 0.0 } else { f64::from(reward) / f64::from(instance.unit) };
        self.outcomes.rewards[index * REWARD_BYTES..][..REWARD_BYTES].copy_from_slice(&reward.to_ne_bytes());
        self.outcomes.terminated[index] = u8::from(ended);
        self.outcomes.truncated[index] = u8::from(place.steps >= self.most_steps);
        self.outcomes.solved[index] = u8::from(place.earned >= instance.best_units());
    }

    /// Begins a new episode in a random world.
    fn begin(&mut self, index: usize) -> Result<(), Error> {
        let place = &mut self.places[index];
        match self.task {
            Some(task) => {
                self.instances[index] = task.instance(place.random.draw())?;
                place.instance = index;
            }
            None => place.instance = place.random.below(self.instances.len()),
        }
        let instance = &self.instances[place.instance];
        place.episode.begin(instance);
        place.earned = place.episode.earned_units(instance);
        (place.steps, place.over) = (0, false);
        let out = &mut self.outcomes.observations[index * self.length..][..self.length];
        match self.observation {
            Observation::Perceptions => out.copy_from_slice(&perceptions(&place.episode.world)),
            Observation::Planes => place.show(instance.profile, out),
        }
        Ok(())
    }
}

impl Place {
    /// Writes all planes of the world.
    fn show(&mut self, profile: Profile, out: &mut [u8]) {
        features(&self.episode.world, profile, out);
        self.shown = self.showing();
    }

    /// Writes what the last action has changed in the planes.
    fn show_change(&mut self, action: Action, instance: &Instance, out: &mut [u8]) {
        let changed = self.episode.changes != self.shown.changes;
        // The door opens when the key is picked up; no other action on markers has an effect elsewhere.
        let own_cell = matches!(action, Action::PickMarker | Action::PutMarker) && instance.kind != Kind::DoorKey;
        if changed && !own_cell {
            return self.show(instance.profile, out);
        }
        let (world, now) = (&self.episode.world, self.showing());
        let area = world.height() * world.width();
        if changed {
            let last = out.len() / area - 1;
            (5..=last).for_each(|plane| out[plane * area + world.agent] = 0);
            out[(5 + usize::from(world.markers(world.agent))).min(last) * area + world.agent] = 1;
        }
        out[self.shown.heading * area + self.shown.agent] = 0;
        out[now.heading * area + now.agent] = 1;
        self.shown = now;
    }

    fn showing(&self) -> Shown {
        let world = &self.episode.world;
        Shown { agent: world.agent, heading: world.heading as usize, changes: self.episode.changes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{KINDS, PROFILES};

    fn reward(made: &Environments, index: usize) -> f64 {
        f64::from_ne_bytes(made.outcomes.rewards[index * REWARD_BYTES..][..REWARD_BYTES].try_into().unwrap())
    }

    fn environments(task: Task, renewal: Renewal) -> Environments {
        let mut made = Environments::new(Worlds::New(task), 3, Observation::Planes, renewal, Some(60)).unwrap();
        made.reset(&[(0, Some(1)), (1, Some(2)), (2, Some(3))]).unwrap();
        made
    }

    #[test]
    fn observations_follow_the_worlds_and_rewards_add_up() {
        let mut random = Random::new(5);
        for profile in PROFILES {
            for kind in KINDS.into_iter().filter(|&kind| kind.is_in(profile) && kind != Kind::Free) {
                let task = Task { profile, kind, sparse: false, size: kind.size(profile) };
                let mut made = environments(task, Renewal::NextStep);
                let mut earned = [0.0; 3];
                for _ in 0..400 {
                    let actions: Vec<i64> = (0..3).map(|_| random.below(5) as i64).collect();
                    made.step(&actions).unwrap();
                    let length = made.length;
                    for (index, place) in made.places.iter().enumerate() {
                        let mut wanted = vec![0; length];
                        features(&place.episode.world, profile, &mut wanted);
                        assert_eq!(made.outcomes.observations[index * length..][..length], wanted, "{}", kind.name());
                        earned[index] += reward(&made, index);
                        let total = place.episode.reward(&made.instances[place.instance]);
                        assert!((earned[index] - total).abs() < 1e-9, "{} {}", profile.name(), kind.name());
                        if place.over {
                            earned[index] = 0.0;
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_episode_that_is_over_is_renewed_as_asked() {
        let task = Task { profile: Profile::Leaps, kind: Kind::Maze, sparse: false, size: (8, 8) };
        let turn = |made: &mut Environments| made.step(&[1, 1, 1]);
        for renewal in [Renewal::NextStep, Renewal::SameStep, Renewal::Never] {
            let mut made = environments(task, renewal);
            (0..59).for_each(|_| turn(&mut made).unwrap());
            assert_eq!(made.outcomes.truncated, [0, 0, 0]);
            let before = made.outcomes.observations.clone();
            turn(&mut made).unwrap();
            assert_eq!(made.outcomes.truncated, [1, 1, 1]);
            assert_eq!(made.outcomes.last_observations.len(), usize::from(renewal == Renewal::SameStep) * before.len());
            if renewal == Renewal::Never {
                assert!(turn(&mut made).unwrap_err().message.contains("is over"));
                continue;
            }
            turn(&mut made).unwrap();
            assert_eq!(made.places[0].steps, u32::from(renewal == Renewal::SameStep));
            assert_eq!(made.outcomes.truncated, [0, 0, 0]);
        }
        assert!(environments(task, Renewal::Never).step(&[5, 0, 0]).is_err());
        assert!(environments(task, Renewal::Never).step(&[0]).is_err());
    }
}
