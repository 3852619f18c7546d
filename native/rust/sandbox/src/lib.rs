//! Runs programs that nobody has read in isolated processes with limits.
//!
//! A *supervisor* reads jobs and writes results. For each concurrent job it starts a *keeper*, which makes the
//! namespaces and control groups and starts the *zygote*: a warm, single-threaded Python interpreter that forks once for
//! each program. The supervisor, the keeper and the zygote never run a program's code. A program is confined in its own
//! process; what it can reach there (standard output, its result) is treated as data.

pub mod attempt;
pub mod cgroups;
pub mod confinement;
pub mod filter;
pub mod frames;
pub mod keeper;
pub mod layers;
pub mod machine;
pub mod plan;
pub mod probe;
pub mod results;
pub mod root;
pub mod slot;
pub mod supervisor;
pub mod sys;
pub mod warden;
pub mod wire;
