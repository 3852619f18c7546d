//! Initial states: each is a function of the task, the profile, the size and a seed.

use crate::error::Error;
use crate::instance::{door_column, Instance, DOOR_ROWS, DUSTBIN};
use crate::random::Random;
use crate::rules::{Kind, Profile};
use crate::world::{Heading, World, HEADINGS};

/// LEAPS' probability that a cell of TopOff's row is marked.
const TOP_OFF_MARKS: f64 = 0.25;
/// Markers to clean up, the dustbin's apart.
const DIRT: usize = 10;

/// The plan of CleanHouse, the same in all three systems.
const HOUSE: [&str; 14] = [
    "######################",
    "#..##########.#......#",
    "#..#..........#####.##",
    "##.#................##",
    "##........#.........##",
    "###.#.###.#..###.#.###",
    "#...#...#....#...#..##",
    "#...#...#....#...#...#",
    "#...#...#....#...#...#",
    "#...#...#....#...##..#",
    "#...#...##..##...##.##",
    "#...#...##..##...#..##",
    "#...#...##..##...#..##",
    "######################",
];

/// Cells of the house that are never dirty.
const CLEAN: [(usize, usize); 6] = [(1, 13), (2, 12), (3, 10), (4, 11), (5, 11), (6, 10)];

/// One instance of a task.
pub fn instance(
    profile: Profile,
    kind: Kind,
    sparse: bool,
    size: (usize, usize),
    seed: u64,
) -> Result<Instance, Error> {
    Instance::new(profile, kind, sparse, world(profile, kind, size, seed)?, seed)
}

/// The initial state of a task.
pub fn world(profile: Profile, kind: Kind, (height, width): (usize, usize), seed: u64) -> Result<World, Error> {
    let smallest = match kind {
        Kind::DoorKey => 6,
        Kind::Snake => 6,
        Kind::Maze => 4,
        _ => 5,
    };
    if height < smallest || width < smallest {
        return Err(Error::world(format!(
            "{} needs {smallest} by {smallest} cells or more, not {height} by {width}",
            kind.name()
        )));
    }
    let mut world = World::room(height, width)?;
    let mut random = Random::new(seed);
    let random = &mut random;
    match kind {
        Kind::StairClimber => build_stairs(&mut world, profile, random)?,
        Kind::FourCorners => stand_near_corner(&mut world, profile, random),
        Kind::TopOff => mark_bottom_row(&mut world, profile, random),
        Kind::Maze => carve_maze(&mut world, profile, random),
        Kind::CleanHouse => furnish_house(&mut world, profile, random)?,
        Kind::Harvester => {
            world.inside().collect::<Vec<_>>().into_iter().for_each(|cell| world.set_markers(cell, 1));
            let column = if profile == Profile::ProgPolicies { random.between(2, width - 3) } else { 1 };
            world.agent = world.at(height - 2, column);
        }
        Kind::DoorKey => lock_door(&mut world, profile, random),
        Kind::OneStroke => world.agent = anywhere(&world, random),
        Kind::Seeder => {
            world.agent = if profile == Profile::ProgPolicies {
                world.at(random.between(1, height - 2), random.between(2, width - 3))
            } else {
                world.at(height - 2, 1)
            };
        }
        Kind::Snake => release_snake(&mut world, profile, random),
        Kind::Free => return free(height, width, 0.1, 0.1, seed),
    }
    Ok(world)
}

/// A world as LEAPS demonstrates programs in: walls and markers anywhere, the agent on a free cell.
pub fn free(height: usize, width: usize, walls: f64, markers: f64, seed: u64) -> Result<World, Error> {
    let mut world = World::room(height, width)?;
    scatter(&mut world, &mut Vec::new(), walls, markers, seed);
    Ok(world)
}

/// Makes an empty room such a world; `open` holds the free cells afterwards, and is there so that it can be used again.
pub fn scatter(world: &mut World, open: &mut Vec<usize>, walls: f64, markers: f64, seed: u64) {
    let mut random = Random::new(seed);
    open.clear();
    open.extend(world.inside());
    open.retain(|&cell| {
        let wall = random.chance(walls);
        if wall {
            world.build_wall(cell);
        }
        !wall
    });
    if open.is_empty() {
        let (row, column) = (world.height() - 2, world.width() - 2);
        let place = random.below(row * column);
        let cell = world.at(1 + place / column, 1 + place % column);
        world.open(cell);
        open.push(cell);
    }
    world.agent = open[random.below(open.len())];
    world.heading = HEADINGS[random.below(4)];
    for &cell in open.iter() {
        if random.chance(markers) {
            world.set_markers(cell, 1);
        }
    }
}

fn anywhere(world: &World, random: &mut Random) -> usize {
    world.at(random.between(1, world.height() - 2), random.between(1, world.width() - 2))
}

/// A staircase to the upper right; the agent stands on it, the marker lies further up.
fn build_stairs(world: &mut World, profile: Profile, random: &mut Random) -> Result<(), Error> {
    let (height, width) = (world.height(), world.width());
    if height < width {
        return Err(Error::world(format!("stairs {width} cells wide need at least as many rows, not {height}")));
    }
    for step in 1..=width - 3 {
        world.build_wall(world.at(height - step - 1, step + 1));
        world.build_wall(world.at(height - step - 1, step + 2));
    }
    let last = width - 2;
    let (agent, marker) = if profile == Profile::ProgPolicies {
        let agent = random.between(1, last - 1);
        (agent, random.between(agent + 1, last))
    } else {
        let (one, other) = (random.between(1, last), random.between(1, last - 1));
        let other = if other >= one { other + 1 } else { other };
        (one.min(other), one.max(other))
    };
    world.agent = world.at(height - agent - 1, agent);
    world.set_markers(world.at(height - marker - 1, marker), 1);
    Ok(())
}

fn stand_near_corner(world: &mut World, profile: Profile, random: &mut Random) {
    let (height, width) = (world.height(), world.width());
    let (row, column, heading) = match profile {
        Profile::Leaps => (height - 2, 2, Heading::East),
        Profile::ProgPolicies => (height - 2, random.between(2, width - 3), Heading::East),
        // Beside a corner along its row, looking along that row.
        Profile::Hprl => (
            [1, height - 2][random.below(2)],
            [2, width - 3][random.below(2)],
            [Heading::East, Heading::West][random.below(2)],
        ),
    };
    world.agent = world.at(row, column);
    world.heading = heading;
}

fn mark_bottom_row(world: &mut World, profile: Profile, random: &mut Random) {
    let (row, last) = (world.height() - 2, world.width() - 2);
    world.agent = world.at(row, 1);
    if profile == Profile::ProgPolicies {
        let mut columns: Vec<usize> = (2..=last).collect();
        random.shuffle(&mut columns);
        let count = random.between(1, columns.len() - 1);
        for column in &columns[..count] {
            world.set_markers(world.at(row, *column), 1);
        }
        return;
    }
    for column in 1..last {
        if random.chance(TOP_OFF_MARKS) {
            world.set_markers(world.at(row, column), 1);
        }
    }
    // The last cell is always marked where LEAPS resets its world, and never in HPRL.
    if profile == Profile::Leaps {
        world.set_markers(world.at(row, last), 1);
    }
}

fn carve_maze(world: &mut World, profile: Profile, random: &mut Random) {
    let (height, width) = (world.height(), world.width());
    world.inside().collect::<Vec<_>>().into_iter().for_each(|cell| world.build_wall(cell));
    let start = (height - 2, 1);
    world.open(world.at(start.0, start.1));
    let mut stack = vec![start];
    while let Some((row, column)) = stack.pop() {
        let mut ways = [(-2i64, 0i64), (0, 2), (2, 0), (0, -2)];
        random.shuffle(&mut ways);
        for (down, right) in ways {
            let (to_row, to_column) = (row as i64 + down, column as i64 + right);
            if to_row < 1 || to_column < 1 || to_row > height as i64 - 2 || to_column > width as i64 - 2 {
                continue;
            }
            let to = world.at(to_row as usize, to_column as usize);
            if world.is_wall(to) {
                world.open(to);
                world.open(world.at((row as i64 + down / 2) as usize, (column as i64 + right / 2) as usize));
                stack.push((to_row as usize, to_column as usize));
            }
        }
    }
    world.agent = world.at(start.0, start.1);
    let free: Vec<usize> = world
        .inside()
        // In LEAPS the marker may lie under the agent, and nothing can be earned then.
        .filter(|&cell| !world.is_wall(cell) && (profile == Profile::Leaps || cell != world.agent))
        .collect();
    world.set_markers(free[random.below(free.len())], 1);
}

fn furnish_house(world: &mut World, profile: Profile, random: &mut Random) -> Result<(), Error> {
    if (world.height(), world.width()) != (HOUSE.len(), HOUSE[0].len()) {
        return Err(Error::world(format!("the house of clean-house is {} by {}", HOUSE.len(), HOUSE[0].len())));
    }
    let rows: Vec<String> = HOUSE.iter().map(|row| (*row).to_owned()).collect();
    *world = World::from_map(&rows, (1, 13), Heading::South)?;
    let counts = profile == Profile::ProgPolicies;
    let mut places: Vec<usize> = world
        .inside()
        .filter(|&cell| {
            let (row, column) = world.row_and_column(cell);
            !world.is_wall(cell)
                && world.touches_wall(cell)
                && !CLEAN.contains(&(row, column))
                && (counts || column < DUSTBIN.1 + 1)
        })
        .collect();
    random.shuffle(&mut places);
    for &cell in &places[..DIRT] {
        world.set_markers(cell, 1);
    }
    world.set_markers(world.at(DUSTBIN.0, DUSTBIN.1), if counts { 1 } else { 2 });
    Ok(())
}

fn lock_door(world: &mut World, profile: Profile, random: &mut Random) {
    let (height, width) = (world.height(), world.width());
    let wall = door_column(world);
    for row in 1..height - 1 {
        world.build_wall(world.at(row, wall));
    }
    debug_assert!(DOOR_ROWS.iter().all(|&row| row < height - 1));
    let left =
        |random: &mut Random, world: &World| world.at(random.between(1, height - 2), random.between(1, wall - 1));
    let key = left(random, world);
    world.set_markers(key, 1);
    world.set_markers(world.at(random.between(1, height - 2), random.between(wall + 1, width - 2)), 1);
    world.agent = left(random, world);
    while profile == Profile::ProgPolicies && world.agent == key {
        world.agent = left(random, world);
    }
}

fn release_snake(world: &mut World, profile: Profile, random: &mut Random) {
    let (height, width) = (world.height(), world.width());
    if profile == Profile::Hprl {
        world.agent = world.at(1, 3);
        world.set_markers(world.at(1, 1), 2);
        world.set_markers(world.at(1, 2), 2);
        world.set_markers(world.at(1, width - 2), 1);
        return;
    }
    world.agent = world.at(random.between(1, height - 2), random.between(2, width - 3));
    let mut food = world.agent;
    while food == world.agent {
        food = anywhere(world, random);
    }
    world.set_markers(food, 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{KINDS, PROFILES};

    #[test]
    fn every_task_of_every_profile_has_instances_that_depend_on_the_seed_alone() {
        for profile in PROFILES {
            for kind in KINDS.into_iter().filter(|kind| kind.is_in(profile)) {
                for seed in 0..50 {
                    let size = kind.size(profile);
                    let made = instance(profile, kind, kind.is_sparse_by_default(profile), size, seed).unwrap();
                    assert_eq!(made.world, world(profile, kind, size, seed).unwrap());
                    assert!(!made.world.is_wall(made.world.agent), "{} {} {seed}", profile.name(), kind.name());
                }
            }
        }
    }

    #[test]
    fn large_worlds_can_be_made() {
        for kind in KINDS.into_iter().filter(|&kind| kind != Kind::CleanHouse) {
            let made = instance(Profile::ProgPolicies, kind, false, (100, 100), 3).unwrap();
            assert_eq!((made.world.height(), made.world.width()), (100, 100));
        }
        assert!(instance(Profile::ProgPolicies, Kind::Maze, false, (2, 900), 3).is_err());
    }
}
