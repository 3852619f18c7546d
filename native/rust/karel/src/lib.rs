//! The Karel machine: a robot on a grid, programs that steer it, and the ten tasks that reward it.
//!
//! The world and language are those of Karel as LEAPS (Trivedi et al., NeurIPS 2021), HPRL (Liu et al., ICML 2023) and
//! the work on programmatic policies (Carvalho et al., ICLR 2024) use them; their rules differ, and each set of rules is
//! a [`rules::Profile`]. In reading order:
//!
//! - programs: [`syntax`] (trees), [`terms`] and [`tokens`] (the two notations), [`notation`] (either of them),
//!   [`search_space`] (which programs a published search may write);
//! - worlds: [`world`] (the grid), [`rules`] (profiles and tasks), [`instance`] (a task in one world), [`generate`]
//!   (initial states);
//! - running: [`code`] (compiled programs), [`compile`] (from text), [`episode`] (the state of one), `leaps`, `hprl` and
//!   `prog_policies` (the reward of an action), [`machine`] (one program in one world), `guard` (the loop guard);
//! - uses: [`batch`] (programs × worlds on all cores), [`demonstrations`] (programs in worlds that suit them), [`stepper`]
//!   (worlds moved by actions from outside, those of a neural network for instance), [`environments`] (the same for
//!   reinforcement learning, with a new world after each episode);
//! - search: [`grammar`] (random programs), [`mutation`] (changed programs), `liveness` (what may be changed without
//!   effect), [`climb`] (local search).
//!
//! ```
//! use karel::compile::compile;
//! use karel::generate::instance;
//! use karel::machine::{End, Machine, NoObserver};
//! use karel::rules::{Kind, Profile};
//!
//! // HPRL's Seeder: a marker on each of the 36 cells inside the walls.
//! let profile = Profile::Hprl;
//! let world = instance(profile, Kind::Seeder, false, (8, 8), 0)?;
//! let program = compile("(karel_while frontIsClear (karel_seq putMarker move))", profile)?;
//! let outcome = Machine::default().run(&program, &world, &mut NoObserver);
//! // Five cells of the bottom row, before the wall.
//! assert_eq!((outcome.reward, outcome.actions, outcome.end), (5.0 / 36.0, 10, End::Finished));
//! # Ok::<(), karel::error::Error>(())
//! ```

pub mod batch;
pub mod climb;
pub mod code;
pub mod compile;
pub mod demonstrations;
pub mod environments;
pub mod episode;
pub mod error;
pub mod generate;
pub mod grammar;
mod guard;
mod hprl;
pub mod instance;
mod leaps;
mod liveness;
pub mod machine;
pub mod mutation;
pub mod notation;
mod prog_policies;
#[cfg(test)]
mod programs;
pub mod random;
pub mod rules;
pub mod search_space;
pub mod stepper;
pub mod syntax;
pub mod terms;
pub mod tokens;
pub mod world;
