//! Runs programs that nobody has read in isolated processes with limits.
//!
//! A *supervisor* reads jobs and writes results. For each concurrent job it starts a *keeper*, which makes the
//! namespaces and control groups and starts the *zygote*: a warm, single-threaded Python interpreter that forks once for
//! each program. The supervisor, the keeper and the zygote never run a program's code. A program is confined in its own
//! process; what it can reach there (standard output, its result) is treated as data.
//!
//! All of this is Linux's. Elsewhere the sandbox names the layers that are missing, and refuses to run.

#[cfg(target_os = "linux")]
pub mod attempt;
#[cfg(target_os = "linux")]
pub mod cgroups;
#[cfg(target_os = "linux")]
pub mod confinement;
pub mod elsewhere;
#[cfg(target_os = "linux")]
pub mod filter;
#[cfg(target_os = "linux")]
pub mod frames;
#[cfg(target_os = "linux")]
pub mod keeper;
pub mod layers;
#[cfg(target_os = "linux")]
pub mod machine;
#[cfg(target_os = "linux")]
pub mod plan;
#[cfg(target_os = "linux")]
pub mod probe;
#[cfg(target_os = "linux")]
pub mod results;
#[cfg(target_os = "linux")]
pub mod root;
#[cfg(target_os = "linux")]
pub mod slot;
#[cfg(target_os = "linux")]
pub mod supervisor;
#[cfg(target_os = "linux")]
pub mod sys;
#[cfg(target_os = "linux")]
pub mod warden;
#[cfg(target_os = "linux")]
pub mod wire;
