//! What HPRL counts: an episode earns the progress it has made when it ends, and success or a mistake ends it.
//!
//! HPRL adds up the differences of a progress ratio; since they telescope, only the last ratio is kept here.

use crate::episode::{Episode, Rules};
use crate::instance::{open_door, Instance, MOST_FOOD};
use crate::random::Random;
use crate::rules::Kind;
use crate::world::World;

/// Food that HPRL's snake finds after the first, taken in this order; those on the snake are skipped.
const FOOD_PLACES: usize = 35;

pub struct Hprl;

impl Rules for Hprl {
    const VISITS: bool = true;

    fn begin(episode: &mut Episode, instance: &Instance) {
        begin(episode, instance);
    }

    #[inline(always)]
    fn judge(episode: &mut Episode, instance: &Instance) -> bool {
        judge(episode, instance)
    }

    fn earned(episode: &Episode, instance: &Instance) -> i32 {
        earned(episode, instance)
    }
}

fn begin(episode: &mut Episode, instance: &Instance) {
    episode.previous = 0;
    if instance.kind == Kind::Snake {
        episode.body.clear();
        episode.body.extend_from_slice(&instance.body);
        episode.food = instance.goal;
    }
}

/// Judges the last action; true when it ends the episode.
#[inline(always)]
fn judge(episode: &mut Episode, instance: &Instance) -> bool {
    let at_goal = episode.world.agent == instance.goal;
    match instance.kind {
        Kind::StairClimber | Kind::Maze => {
            episode.earned = i32::from(at_goal);
            at_goal
        }
        Kind::FourCorners => {
            let stray = episode.markers > episode.fitting;
            // With a stray marker about, what would have been gained is not; what was lost stays lost.
            episode.earned = if stray { episode.earned.min(episode.fitting) } else { episode.fitting };
            stray || episode.fitting == instance.wanted
        }
        Kind::TopOff => {
            let world = &episode.world;
            episode.fitting == instance.wanted && world.agent == world.at(world.height() - 2, world.width() - 2)
        }
        Kind::CleanHouse => {
            episode.earned = episode.fitting;
            episode.fitting == instance.wanted
        }
        Kind::Harvester => {
            // What was picked is counted one action late.
            episode.earned = instance.wanted - episode.last.markers_before;
            episode.earned == instance.wanted
        }
        Kind::DoorKey => unlock(episode, instance),
        Kind::OneStroke => {
            if episode.actions == 1 {
                episode.earned = 1; // the cell where the agent began
            }
            if let Some(cell) = episode.left() {
                episode.earned += 1;
                episode.build_wall(cell);
            }
            episode.last.bumped || episode.earned == instance.wanted
        }
        Kind::Seeder => {
            episode.earned = episode.fitting;
            episode.markers > episode.fitting || episode.fitting == instance.wanted
        }
        Kind::Snake => crawl(episode, instance),
        Kind::Free => false,
    }
}

#[inline(never)]
fn unlock(episode: &mut Episode, instance: &Instance) -> bool {
    let world = &mut episode.world;
    let picked = world.markers(instance.key) == 0;
    if picked && !episode.flag {
        episode.flag = true;
        episode.changes += 1;
        open_door(world);
    }
    let brought = picked && world.markers(instance.goal) == 2;
    episode.earned = 5000 * i32::from(picked) + 5000 * i32::from(brought) - (episode.markers - 2).max(0);
    episode.earned == instance.unit
}

/// Moves the body after the head; both body (two markers a cell) and food (one) can be perceived.
#[inline(never)]
fn crawl(episode: &mut Episode, instance: &Instance) -> bool {
    let Some(left) = episode.left() else {
        return false;
    };
    let head = episode.world.agent;
    if episode.body.contains(&(head as u16)) {
        return true;
    }
    episode.body.push(left as u16);
    episode.set_markers(left, 2, instance);
    if head == episode.food {
        episode.eaten += 1;
        episode.earned = episode.eaten;
        episode.set_markers(head, 0, instance);
        place_food(episode, instance);
    } else {
        let tail = usize::from(episode.body.remove(0));
        episode.set_markers(tail, 0, instance);
    }
    episode.eaten == MOST_FOOD
}

fn place_food(episode: &mut Episode, instance: &Instance) {
    let world = &episode.world;
    let places = food_places(world);
    let free = |&cell: &usize| !world.is_wall(cell) && cell != world.agent && !episode.body.contains(&(cell as u16));
    let start = episode.previous as usize;
    match places.iter().skip(start).position(free) {
        Some(skipped) => {
            episode.food = places[start + skipped];
            episode.previous += skipped as i32 + 1;
            let food = episode.food;
            episode.set_markers(food, 1, instance);
        }
        None => episode.food = 0, // none left
    }
}

/// The fixed list of food, the same in every episode on worlds of one size.
fn food_places(world: &World) -> Vec<usize> {
    let mut random = Random::new(0);
    (0..FOOD_PLACES)
        .map(|_| world.at(random.between(1, world.height() - 2), random.between(1, world.width() - 2)))
        .collect()
}

/// The progress of the last state, in the instance's units.
fn earned(episode: &Episode, instance: &Instance) -> i32 {
    match instance.kind {
        Kind::TopOff if episode.actions > 0 => instance.row_progress(&episode.world),
        _ => episode.earned,
    }
}
