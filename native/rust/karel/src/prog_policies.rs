//! What the programmatic policies count: rewards of all actions until success or a broken rule, which costs 1.

use crate::episode::{Episode, Rules};
use crate::instance::{open_door, Instance, MOST_FOOD};
use crate::random::Random;
use crate::rules::Kind;
use crate::world::{Heading, World};

/// What an action comes to.
enum Verdict {
    /// It earns so many units.
    Gain(i32),
    /// It earns so many and the task is done.
    Success(i32),
    /// A rule is broken: minus one, whatever else it would earn.
    Broken,
}

use Verdict::{Broken, Gain, Success};

pub struct ProgPolicies;

impl Rules for ProgPolicies {
    const VISITS: bool = false;

    fn begin(episode: &mut Episode, instance: &Instance) {
        begin(episode, instance);
    }

    #[inline(always)]
    fn judge(episode: &mut Episode, instance: &Instance) -> bool {
        judge(episode, instance)
    }

    #[inline]
    fn earned(episode: &Episode, _instance: &Instance) -> i32 {
        episode.earned
    }
}

fn begin(episode: &mut Episode, instance: &Instance) {
    episode.previous = match instance.kind {
        Kind::StairClimber | Kind::Maze => instance.distance(instance.world.agent),
        _ => episode.fitting,
    };
    if instance.kind == Kind::Snake {
        episode.body.clear();
        episode.body.push(instance.world.agent as u16);
        episode.food = instance.goal;
        episode.food_source = Random::new(instance.seed);
    }
}

/// Judges the last action; true when it ends the episode.
#[inline(always)]
fn judge(episode: &mut Episode, instance: &Instance) -> bool {
    let verdict = match instance.kind {
        Kind::StairClimber if !instance.cells.contains(episode.world.agent) => Broken,
        Kind::StairClimber | Kind::Maze => approach(episode, instance),
        Kind::FourCorners if episode.markers > episode.fitting => Broken,
        Kind::TopOff if topped_wrongly(episode, instance) => Broken,
        Kind::Seeder if episode.markers > episode.fitting || episode.markers < episode.last.markers_before => Broken,
        Kind::FourCorners | Kind::TopOff | Kind::Seeder => {
            let gain = episode.fitting - episode.previous;
            episode.previous = episode.fitting;
            if episode.fitting == instance.wanted {
                Success(gain)
            } else {
                Gain(gain)
            }
        }
        Kind::CleanHouse | Kind::Harvester => {
            let picked = episode.last.markers_before - episode.markers;
            match (picked, episode.markers) {
                (..0, _) => Broken,
                (_, 0) => Success(picked),
                _ => Gain(picked),
            }
        }
        Kind::DoorKey => unlock(episode, instance),
        Kind::OneStroke => match episode.left() {
            Some(cell) => {
                episode.build_wall(cell);
                Gain(1)
            }
            None => Gain(0),
        },
        Kind::Snake => crawl(episode),
        Kind::Free => Gain(0),
    };
    let (gain, ended) = match verdict {
        Gain(_) if instance.sparse => return false,
        Gain(gain) => (gain, false),
        Success(gain) => (if instance.sparse { 1 } else { gain }, true),
        Broken => (-instance.unit, true),
    };
    episode.earned += gain;
    ended
}

#[inline]
fn approach(episode: &mut Episode, instance: &Instance) -> Verdict {
    if episode.left().is_none() {
        // Where the marker is the agent's own cell, staying on it counts.
        return if episode.world.agent == instance.goal { Success(0) } else { Gain(0) };
    }
    let distance = instance.distance(episode.world.agent);
    let gain = episode.previous - distance;
    episode.previous = distance;
    if distance == 0 {
        Success(gain)
    } else {
        Gain(gain)
    }
}

/// Whether a marked cell was emptied, or there are more markers than topping off can explain.
fn topped_wrongly(episode: &Episode, instance: &Instance) -> bool {
    let cell = episode.last.from;
    let emptied = episode.markers < episode.last.markers_before
        && episode.world.markers(cell) == 0
        && instance.cells.contains(cell);
    emptied || episode.markers > episode.fitting + instance.wanted
}

#[inline(never)]
fn unlock(episode: &mut Episode, instance: &Instance) -> Verdict {
    if !episode.flag {
        if episode.markers > 2 {
            return Broken;
        }
        if episode.world.markers(instance.key) > 0 {
            return Gain(0);
        }
        episode.flag = true;
        open_door(&mut episode.world);
        return Gain(1);
    }
    match episode.markers {
        0 => Broken,
        1 => Gain(0),
        _ if episode.world.markers(instance.goal) == 2 => Success(1),
        _ => Broken,
    }
}

/// Eats and moves the body after the head. Only the first food can be perceived: the food that follows and the body are
/// no markers.
#[inline(never)]
fn crawl(episode: &mut Episode) -> Verdict {
    let head = episode.world.agent;
    let mut gain = 0;
    if head == episode.food {
        episode.eaten += 1;
        gain = 1;
        episode.food = next_food(&mut episode.food_source, &episode.world);
    }
    if episode.left().is_some() {
        if episode.body.contains(&(head as u16)) {
            return Broken;
        }
        episode.body.push(head as u16);
        if episode.body.len() > 2 + episode.eaten as usize {
            episode.body.remove(0);
        }
    }
    if episode.eaten == MOST_FOOD {
        Success(gain)
    } else {
        Gain(gain)
    }
}

/// A random free cell; it is the agent's own only if that does not face east.
fn next_food(source: &mut Random, world: &World) -> usize {
    loop {
        let cell = world.at(source.between(1, world.height() - 2), source.between(1, world.width() - 2));
        let on_agent = cell == world.agent && world.heading == Heading::East;
        if !world.is_wall(cell) && !on_agent {
            return cell;
        }
    }
}
