//! States of worlds as Python has them.

use karel::error::Error;
use karel::world::{World, HEADINGS};

/// A map, the agent's row and column, and its heading as N, E, S or W.
pub type Picture = (Vec<String>, (usize, usize), String);

pub fn picture(world: &World) -> Picture {
    (world.map(), world.row_and_column(world.agent), world.heading.letter().to_string())
}

pub fn world_of((map, agent, heading): &Picture) -> Result<World, Error> {
    let heading = HEADINGS
        .iter()
        .find(|each| heading.chars().eq([each.letter()]))
        .ok_or_else(|| Error::world(format!("a heading is N, E, S or W, not {heading:?}")))?;
    World::from_map(map, *agent, *heading)
}
