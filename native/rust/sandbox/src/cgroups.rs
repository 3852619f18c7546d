//! Control groups, version 1 or 2: limits on memory and processes, and accounts of CPU time, for a worker's programs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;

/// The start of the names of this sandbox's groups; the supervisor's process id follows.
const PREFIX: &str = "psynth-sandbox-";
/// Memory beyond a program's limit for what the kernel charges to the group: page tables, pipes, namespaces.
const SLACK: u64 = 8 << 20;

/// The version of a hierarchy, which decides the names of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// A folder in which groups with one controller can be made.
#[derive(Clone, Debug)]
struct Home {
    version: Version,
    folder: PathBuf,
}

/// The folders in which groups can be made, by controller.
#[derive(Clone, Debug)]
pub struct Homes {
    memory: Home,
    pids: Home,
    cpu: Option<Home>,
}

impl Homes {
    /// The homes below this process's own groups; the reason if there are none.
    pub fn find() -> Result<Homes, String> {
        let mounts =
            fs::read_to_string("/proc/self/mountinfo").map_err(|error| format!("/proc/self/mountinfo: {error}"))?;
        let groups = fs::read_to_string("/proc/self/cgroup").map_err(|error| format!("/proc/self/cgroup: {error}"))?;
        let hierarchies = hierarchies(&mounts, &groups);
        let home = |controller: &str| {
            let mut reason = None;
            for hierarchy in hierarchies.iter().filter(|it| it.has(controller)) {
                for folder in &hierarchy.folders {
                    match hierarchy.try_home(folder, controller) {
                        Ok(()) => return Ok(Home { version: hierarchy.version, folder: folder.clone() }),
                        // The first folder, this process's own group, is where groups are usually made.
                        Err(error) => reason = reason.or_else(|| Some(format!("{}: {error}", folder.display()))),
                    }
                }
            }
            Err(reason.unwrap_or_else(|| format!("no control group has the controller {controller}")))
        };
        Ok(Homes { memory: home("memory")?, pids: home("pids")?, cpu: home("cpuacct").or_else(|_| home("cpu")).ok() })
    }

    fn all(&self) -> impl Iterator<Item = &Home> {
        [&self.memory, &self.pids].into_iter().chain(self.cpu.as_ref())
    }

    /// Remove the groups of supervisors that have ended without doing so.
    pub fn sweep(&self) {
        for home in self.all() {
            for entry in fs::read_dir(&home.folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let owner =
                    name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse::<u32>().ok());
                if owner.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
                    remove(&entry.path());
                }
            }
        }
    }
}

/// One mounted hierarchy of control groups.
struct Hierarchy {
    version: Version,
    /// The controllers; of version 2, which has them in a file, empty.
    controllers: Vec<String>,
    /// This process's group, and the root of the mount.
    folders: Vec<PathBuf>,
}

impl Hierarchy {
    fn has(&self, controller: &str) -> bool {
        match self.version {
            Version::One => self.controllers.iter().any(|each| each == controller),
            Version::Two => controller != "cpuacct",
        }
    }

    /// Try to make a group with the controller in a folder.
    fn try_home(&self, folder: &Path, controller: &str) -> io::Result<()> {
        if self.version == Version::Two {
            delegate(folder, controller)?;
        }
        let trial = folder.join(format!("{PREFIX}{}-trial", std::process::id()));
        fs::create_dir(&trial)?;
        let usable = match controller {
            "memory" if self.version == Version::One => trial.join("memory.limit_in_bytes").exists(),
            "memory" => trial.join("memory.max").exists(),
            "pids" => trial.join("pids.max").exists(),
            _ => true,
        };
        remove(&trial);
        if usable {
            Ok(())
        } else {
            Err(io::Error::other(format!("a new group lacks the controller {controller}")))
        }
    }
}

/// Let the groups below a folder of version 2 have a controller.
fn delegate(folder: &Path, controller: &str) -> io::Result<()> {
    let offered = fs::read_to_string(folder.join("cgroup.controllers"))?;
    if !offered.split_whitespace().any(|each| each == controller) {
        return Err(io::Error::other(format!("no controller {controller}")));
    }
    let enabled = fs::read_to_string(folder.join("cgroup.subtree_control"))?;
    if !enabled.split_whitespace().any(|each| each == controller) {
        fs::write(folder.join("cgroup.subtree_control"), format!("+{controller}"))?;
    }
    Ok(())
}

/// The mounted hierarchies, from the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`.
fn hierarchies(mounts: &str, groups: &str) -> Vec<Hierarchy> {
    let mut found = Vec::new();
    for line in mounts.lines() {
        let Some((before, after)) = line.split_once(" - ") else { continue };
        let (before, after): (Vec<_>, Vec<_>) = (before.split(' ').collect(), after.split(' ').collect());
        let (Some(root), Some(mount), Some(kind)) = (before.get(3), before.get(4), after.first()) else { continue };
        let version = match *kind {
            "cgroup" => Version::One,
            "cgroup2" => Version::Two,
            _ => continue,
        };
        let options: Vec<String> = after.get(2).map_or(Vec::new(), |text| text.split(',').map(str::to_owned).collect());
        let own = groups.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            let matches = match version {
                Version::Two => controllers.is_empty(),
                Version::One => controllers.split(',').any(|each| options.iter().any(|option| option == each)),
            };
            matches.then(|| path.strip_prefix(root.trim_end_matches('/')).unwrap_or(path).trim_start_matches('/'))
        });
        let top = PathBuf::from(mount);
        let mut folders: Vec<PathBuf> = own.map(|path| top.join(path)).into_iter().collect();
        if !folders.contains(&top) {
            folders.push(top);
        }
        found.push(Hierarchy { version, controllers: options, folders });
    }
    found
}

/// The control groups of one worker: its zygote and the program that runs.
pub struct Group {
    memory: (Version, PathBuf),
    pids: PathBuf,
    cpu: Option<(Version, PathBuf)>,
}

impl Group {
    /// Make the groups of the worker with this number.
    pub fn create(homes: &Homes, worker: usize) -> io::Result<Group> {
        let name = format!("{PREFIX}{}-{worker}", std::process::id());
        let make = |home: &Home| -> io::Result<PathBuf> {
            let folder = home.folder.join(&name);
            if folder.exists() {
                // A keeper that was killed leaves it behind, with limits that the new ones may contradict.
                kill_all(&folder);
                remove(&folder);
            }
            fs::create_dir(&folder).map(|()| folder)
        };
        Ok(Group {
            memory: (homes.memory.version, make(&homes.memory)?),
            pids: make(&homes.pids)?,
            cpu: homes.cpu.as_ref().map(|home| Ok::<_, io::Error>((home.version, make(home)?))).transpose()?,
        })
    }

    /// The folders, each once.
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.memory.1.clone(), self.pids.clone()];
        folders.extend(self.cpu.iter().map(|(_, folder)| folder.clone()));
        folders.sort();
        folders.dedup();
        folders
    }

    /// Limit a program to `memory` bytes beyond what the group uses now, and to `processes` beyond `own`.
    pub fn limit(&self, memory: u64, processes: u64, own: u64) -> io::Result<()> {
        let (version, folder) = &self.memory;
        match version {
            Version::One => {
                let limit = number(&folder.join("memory.usage_in_bytes"))? + memory + SLACK;
                fs::write(folder.join("memory.limit_in_bytes"), limit.to_string())?;
                // Only kernels that account for swap have this file.
                let with_swap = folder.join("memory.memsw.limit_in_bytes");
                if with_swap.exists() {
                    fs::write(with_swap, limit.to_string())?;
                }
            }
            Version::Two => {
                let limit = number(&folder.join("memory.current"))? + memory + SLACK;
                fs::write(folder.join("memory.max"), limit.to_string())?;
                let swap = folder.join("memory.swap.max");
                if swap.exists() {
                    fs::write(swap, "0")?;
                }
            }
        }
        fs::write(self.pids.join("pids.max"), (processes + own).to_string())
    }

    /// The number of processes that were killed because the group was out of memory.
    pub fn kills(&self) -> io::Result<u64> {
        let (version, folder) = &self.memory;
        let file = if *version == Version::One { "memory.oom_control" } else { "memory.events" };
        let text = fs::read_to_string(folder.join(file))?;
        let count = text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok());
        Ok(count.unwrap_or(0))
    }

    /// The CPU time of all processes that ever were in the group.
    pub fn cpu_time(&self) -> Option<Duration> {
        let (version, folder) = self.cpu.as_ref()?;
        match version {
            Version::One => number(&folder.join("cpuacct.usage")).ok().map(Duration::from_nanos),
            Version::Two => {
                let text = fs::read_to_string(folder.join("cpu.stat")).ok()?;
                let micros = text.lines().find_map(|line| line.strip_prefix("usage_usec ")?.parse().ok())?;
                Some(Duration::from_micros(micros))
            }
        }
    }

    /// Kill all processes of the group.
    pub fn kill(&self) {
        kill_all(&self.pids);
    }
}

fn number(file: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(file)?;
    text.trim().parse().map_err(|_| io::Error::other(format!("{}: {text:?} is not a number", file.display())))
}

/// Kill all processes in the group of this folder.
pub fn kill_all(folder: &Path) {
    if fs::write(folder.join("cgroup.kill"), "1").is_ok() {
        return;
    }
    // A process that forks meanwhile is found in the next round; pids.max bounds how many there are.
    for _ in 0..1000 {
        let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
        let pids: Vec<i32> = text.lines().filter_map(|line| line.parse().ok()).collect();
        if pids.is_empty() {
            return;
        }
        for pid in pids {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Remove the group of this folder, for which its processes must end first.
pub fn remove(folder: &Path) {
    for _ in 0..200 {
        match fs::remove_dir(folder) {
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) => std::thread::sleep(Duration::from_millis(5)),
            _ => return,
        }
    }
}
