//! The Karel machine: a robot on a grid, programs that steer it, and the ten tasks that reward it.
//!
//! The world and language are those of Karel as LEAPS (Trivedi et al., NeurIPS 2021), HPRL (Liu et al., ICML 2023) and
//! the work on programmatic policies (Carvalho et al., ICLR 2024) use them; their rules differ, and each set of rules is
//! a [`rules::Profile`]. To be read in this order:
//!
//! `syntax` (programs as trees, both notations), `world` (the grid), `rules` (what a profile and a task are), `generate`
//! (initial states), `instance` (a task on one world), `code` (programs compiled), `terms` (λ-terms compiled in one pass),
//! `machine` (one episode), `leaps`, `hprl` and `prog_policies` (what an action earns), `batch` (programs × worlds on all
//! cores), `demonstrations` (programs shown in worlds that suit them), `stepper` (worlds moved by somebody else, a neural
//! network say), `grammar` (programs drawn), `mutation` (programs changed), `liveness` (what may be changed without
//! effect), `climb` (local search), `python` and `neighbourhood_python` (the doors).

pub mod batch;
pub mod climb;
pub mod code;
pub mod demonstrations;
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
#[cfg(feature = "python")]
mod neighbourhood_python;
mod prog_policies;
#[cfg(test)]
mod programs;
#[cfg(feature = "python")]
pub mod python;
pub mod random;
pub mod rules;
pub mod stepper;
pub mod syntax;
mod terms;
pub mod tokens;
pub mod world;
