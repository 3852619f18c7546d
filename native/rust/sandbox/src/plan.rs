//! The settings of a sandbox, as its client sends them and as they travel to the keeper and the zygote.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::layers::{Layer, Layers};

/// The limits of one program, in seconds and bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Wall-clock seconds of a script, or of loading a program, or of each call of its function.
    pub wall: f64,
    /// CPU seconds of a program, for each call.
    pub cpu: Option<f64>,
    pub memory: u64,
    pub processes: u64,
    pub files: u64,
    /// Bytes of standard output, and of standard error.
    pub output: u64,
    /// Bytes of a returned value.
    pub result: u64,
    /// Bytes of the scratch folder.
    pub scratch: u64,
    pub stack: u64,
}

/// How much of the isolation each program has for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// Each program has namespaces of its own.
    Full,
    /// The programs of a worker share its process and network namespaces, one after another.
    Shared,
    /// No layer at all.
    None,
}

/// The network that a program sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Net {
    None,
    Loopback,
}

/// The interpreter and the files that it needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interpreter {
    pub executable: PathBuf,
    /// Folders that the interpreter reads: its prefix and, with packages, the folders they are installed in.
    pub folders: Vec<PathBuf>,
    /// Additions to the module search path.
    pub search_path: Vec<PathBuf>,
    /// The Python file that the zygote runs.
    pub harness: PathBuf,
    /// The extension module `_zygote`.
    pub extension: PathBuf,
}

/// The settings of a sandbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    pub interpreter: Interpreter,
    pub limits: Limits,
    pub isolation: Isolation,
    /// Layers without which nothing is run.
    pub require: Vec<Layer>,
    /// Layers to leave out.
    pub without: Vec<Layer>,
    pub packages: Vec<String>,
    /// Whether each program gets a new interpreter.
    pub fresh: bool,
    /// Whether jobs are commands, which may execute the programs of the host.
    pub command: bool,
    pub net: Net,
    pub read_only: Vec<PathBuf>,
    pub read_write: Vec<PathBuf>,
    pub environment: BTreeMap<String, String>,
    pub seed: u64,
    pub jobs: usize,
}

/// What one keeper and its zygote need to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub settings: Settings,
    pub layers: Layers,
    /// Whether namespaces are made by root, not through a user namespace.
    pub privileged: bool,
    /// The folders of the control groups that the zygote joins.
    pub groups: Vec<PathBuf>,
    /// A folder of the host for the files of programs, where the mount layer is missing.
    pub scratch: Option<PathBuf>,
    /// A folder of the host with copies of the harness and its extension module, where they cannot be mounted: their own
    /// place may be closed to the user that programs run as.
    pub tools: Option<PathBuf>,
    /// Number of processes and threads that the programs' user has beside them.
    pub other_tasks: u64,
}

/// Number of processes that the programs' user may start elsewhere before a program may start fewer than its limit.
const SPARE_TASKS: u64 = 64;

/// The folder in which each program's own file system is mounted; Landlock's rules are on this parent.
pub const RUN: &str = "/run";
/// The mount point of each program's own file system.
pub const BOX: &str = "/run/program";
/// The folder with the harness and its extension module, in the sandbox's root.
pub const TOOLS: &str = "/run/tools";
/// The host's user that programs run as, and the group.
pub const NOBODY: u32 = 65534;

impl Plan {
    pub fn has(&self, layer: Layer) -> bool {
        self.layers.contains(&layer)
    }

    /// Whether each program has its own namespace of this kind, where the layer is in force.
    pub fn own(&self, layer: Layer) -> bool {
        self.has(layer) && self.settings.isolation == Isolation::Full
    }

    /// Number of processes of the sandbox's own beside a program: the zygote, and the program's parent if it has one.
    pub fn own_processes(&self) -> u64 {
        if self.own(Layer::Pid) {
            2
        } else {
            1
        }
    }

    /// The limit on the processes and threads of a program as the kernel counts them: by user, in a user namespace.
    pub fn most_tasks(&self) -> u64 {
        let of_worker = self.settings.limits.processes + self.own_processes();
        if self.has(Layer::User) {
            // The programs of one worker share the namespace.
            of_worker
        } else {
            // A coarse limit, as all programs share it with whatever the user does: it only bounds what a program can start.
            of_worker * self.settings.jobs.max(1) as u64 + self.other_tasks + SPARE_TASKS
        }
    }

    /// Whether the zygote makes namespaces or mounts, for which it needs capabilities.
    pub fn has_capabilities(&self) -> bool {
        // Each program has its own of the latter, also where it shares the former.
        [Layer::Pid, Layer::Net].iter().any(|&layer| self.own(layer))
            || [Layer::Mount, Layer::Ipc].iter().any(|&layer| self.has(layer))
    }

    /// The paths of the host that programs may use.
    pub fn shared_paths(&self) -> impl Iterator<Item = &PathBuf> {
        let Settings { read_only, read_write, .. } = &self.settings;
        read_only.iter().chain(read_write)
    }

    /// The folder of the files of a program.
    pub fn scratch(&self) -> PathBuf {
        match &self.scratch {
            Some(folder) if !self.has(Layer::Mount) => folder.clone(),
            _ => Path::new(BOX).join("tmp"),
        }
    }

    /// The harness, as seen by the zygote.
    pub fn harness(&self) -> PathBuf {
        self.tool(&self.settings.interpreter.harness)
    }

    /// The folder of the extension module, as seen by the zygote.
    pub fn tools(&self) -> PathBuf {
        let extension = self.tool(&self.settings.interpreter.extension);
        extension.parent().map(Path::to_path_buf).unwrap_or_default()
    }

    fn tool(&self, host: &Path) -> PathBuf {
        match host.file_name() {
            Some(name) if self.has(Layer::Mount) => Path::new(TOOLS).join(name),
            Some(name) => self.tools.as_ref().map_or_else(|| host.to_path_buf(), |folder| folder.join(name)),
            None => host.to_path_buf(),
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A plan with these layers.
    pub fn plan(layers: Layers) -> Plan {
        let settings = serde_json::json!({
            "interpreter": {
                "executable": "/usr/bin/python3",
                "folders": ["/usr"],
                "search_path": [],
                "harness": "/opt/psynth/harness.py",
                "extension": "/opt/psynth/_zygote.so"
            },
            "limits": {
                "wall": 1.0, "cpu": null, "memory": 1 << 20, "processes": 16, "files": 64, "output": 1, "result": 1,
                "scratch": 1, "stack": 1
            },
            "isolation": "full", "require": [], "without": [], "packages": [], "fresh": false, "command": false,
            "net": "none", "read_only": [], "read_write": [], "environment": {}, "seed": 0, "jobs": 3
        });
        let settings = serde_json::from_value(settings).unwrap();
        Plan { settings, layers, privileged: true, groups: Vec::new(), scratch: None, tools: None, other_tasks: 100 }
    }

    #[test]
    fn a_program_may_start_as_many_processes_as_its_limit_says() {
        let mut full = plan(Layers::from([Layer::User, Layer::Pid]));
        assert_eq!(full.most_tasks(), 16 + 2);
        full.settings.isolation = Isolation::Shared;
        assert_eq!(full.most_tasks(), 16 + 1);
    }

    #[test]
    fn without_a_user_namespace_the_user_s_other_processes_count_too() {
        let shared = plan(Layers::new());
        assert_eq!(shared.most_tasks(), 3 * (16 + 1) + 100 + SPARE_TASKS);
    }

    #[test]
    fn the_sandbox_s_tools_are_where_its_root_has_them() {
        assert_eq!(plan(Layers::from([Layer::Mount])).harness(), Path::new("/run/tools/harness.py"));
        assert_eq!(plan(Layers::new()).harness(), Path::new("/opt/psynth/harness.py"));
        assert_eq!(plan(Layers::new()).tools(), Path::new("/opt/psynth"));
        let copied = Plan { tools: Some("/tmp/tools".into()), ..plan(Layers::new()) };
        assert_eq!(copied.harness(), Path::new("/tmp/tools/harness.py"));
    }
}
