//! The layers of isolation, each of which stops some attack that no other layer stops.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One layer of isolation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Limits of memory, processes and CPU time for all processes of a program together.
    Cgroup,
    /// A user without privileges and without files.
    Uid,
    /// A user namespace.
    User,
    /// A process namespace: a program sees and signals only its own processes.
    Pid,
    /// A network namespace: no network but its own loopback.
    Net,
    /// A file system of its own, with a private scratch folder.
    Mount,
    /// System V shared memory and message queues of its own.
    Ipc,
    /// Limits of each process.
    Rlimits,
    /// Rules on files that may be read, written and executed.
    Landlock,
    /// A list of the permitted system calls.
    Seccomp,
}

impl Layer {
    pub const ALL: [Layer; 10] = [
        Layer::Cgroup,
        Layer::Uid,
        Layer::User,
        Layer::Pid,
        Layer::Net,
        Layer::Mount,
        Layer::Ipc,
        Layer::Rlimits,
        Layer::Landlock,
        Layer::Seccomp,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Layer::Cgroup => "cgroup",
            Layer::Uid => "uid",
            Layer::User => "user",
            Layer::Pid => "pid",
            Layer::Net => "net",
            Layer::Mount => "mount",
            Layer::Ipc => "ipc",
            Layer::Rlimits => "rlimits",
            Layer::Landlock => "landlock",
            Layer::Seccomp => "seccomp",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The layers in force.
pub type Layers = BTreeSet<Layer>;
