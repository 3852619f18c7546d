//! What LEAPS counts: the state after the last action of an episode, which no success and no mistake ends early.

use crate::episode::{Episode, Rules};
use crate::instance::Instance;
use crate::rules::Kind;

pub struct Leaps;

impl Rules for Leaps {
    const VISITS: bool = true;

    #[inline(always)]
    fn judge(episode: &mut Episode, instance: &Instance) -> bool {
        judge(episode, instance);
        false
    }

    #[inline]
    fn earned(episode: &Episode, instance: &Instance) -> i32 {
        earned(episode, instance)
    }
}

/// Remembers what the last action alone does not show: whether it is the first to reach StairClimber's marker.
#[inline(always)]
fn judge(episode: &mut Episode, instance: &Instance) {
    if instance.kind == Kind::StairClimber {
        let reached = !episode.flag && episode.world.agent == instance.goal;
        if reached {
            episode.flag = true;
            episode.changes += 1;
        }
        episode.earned = i32::from(reached);
    }
}

/// What the last action leaves, in the instance's units; an episode of fewer than two actions earns nothing.
fn earned(episode: &Episode, instance: &Instance) -> i32 {
    if episode.actions < 2 {
        return 0;
    }
    match instance.kind {
        Kind::StairClimber => episode.earned,
        Kind::Maze => i32::from(episode.world.agent == instance.goal),
        // A marker that is no corner's is noticed one action late.
        Kind::FourCorners if episode.last.markers_before > episode.fitting => 0,
        Kind::FourCorners | Kind::CleanHouse => episode.fitting,
        Kind::TopOff => instance.row_progress(&episode.world),
        // So is what was harvested last.
        Kind::Harvester => instance.wanted - episode.last.markers_before,
        Kind::DoorKey | Kind::OneStroke | Kind::Seeder | Kind::Snake | Kind::Free => 0,
    }
}
