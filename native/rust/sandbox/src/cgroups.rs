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

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION_1: &str = "\
        30 24 0:25 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
        31 30 0:26 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory\n\
        32 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
        33 30 0:28 /docker/7f /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";
    const GROUPS_1: &str = "4:memory:/user/a b\n3:cpu,cpuacct:/\n2:pids:/docker/7f/inner\n1:name=systemd:/x\n";
    const VERSION_2: &str = "31 30 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

    fn folders(found: &[Hierarchy], controller: &str) -> Vec<(Version, Vec<String>)> {
        let texts = |it: &Hierarchy| it.folders.iter().map(|path| path.display().to_string()).collect();
        found.iter().filter(|it| it.has(controller)).map(|it| (it.version, texts(it))).collect()
    }

    fn texts(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    #[test]
    fn each_controller_of_version_1_has_a_hierarchy_with_this_process_s_group() {
        let found = hierarchies(VERSION_1, GROUPS_1);
        let expected = ["/sys/fs/cgroup/memory/user/a b", "/sys/fs/cgroup/memory"];
        assert_eq!(folders(&found, "memory"), vec![(Version::One, texts(&expected))]);
        assert_eq!(folders(&found, "cpuacct"), vec![(Version::One, texts(&["/sys/fs/cgroup/cpu,cpuacct/"]))]);
        // In a container the mount shows only the container's own groups.
        let expected = ["/sys/fs/cgroup/pids/inner", "/sys/fs/cgroup/pids"];
        assert_eq!(folders(&found, "pids"), vec![(Version::One, texts(&expected))]);
    }

    #[test]
    fn all_controllers_of_version_2_share_a_hierarchy() {
        let found = hierarchies(VERSION_2, "0::/user.slice/a.scope\n");
        let expected = ["/sys/fs/cgroup/user.slice/a.scope", "/sys/fs/cgroup"];
        for controller in ["memory", "pids", "cpu"] {
            assert_eq!(folders(&found, controller), vec![(Version::Two, texts(&expected))]);
        }
        // It accounts for CPU time under another name.
        assert_eq!(folders(&found, "cpuacct"), vec![]);
    }

    #[test]
    fn both_versions_can_be_mounted() {
        let mounts = format!("{VERSION_1}40 30 0:40 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
        let found = hierarchies(&mounts, &format!("{GROUPS_1}0::/\n"));
        let versions: Vec<_> = folders(&found, "memory").into_iter().map(|(version, _)| version).collect();
        assert_eq!(versions, vec![Version::One, Version::Two]);
    }

    /// A folder with files as of a group of version 2, as a test machine may have no such groups.
    struct Fake(PathBuf);

    impl Fake {
        fn new(name: &str) -> Fake {
            let folder = std::env::temp_dir().join(format!("{PREFIX}test-{}-{name}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Fake(folder)
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.0.join(name), text).unwrap();
        }

        fn read(&self, name: &str) -> String {
            fs::read_to_string(self.0.join(name)).unwrap()
        }

        fn group(&self) -> Group {
            let place = (Version::Two, self.0.clone());
            Group { memory: place.clone(), pids: self.0.clone(), cpu: Some(place) }
        }
    }

    impl Drop for Fake {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn limits_of_version_2_count_from_what_is_used() {
        let fake = Fake::new("limits");
        fake.write("memory.current", "5000000\n");
        fake.write("memory.swap.max", "max\n");
        fake.group().limit(100 << 20, 16, 2).unwrap();
        assert_eq!(fake.read("memory.max"), (5_000_000 + (100 << 20) + SLACK).to_string());
        assert_eq!(fake.read("memory.swap.max"), "0");
        assert_eq!(fake.read("pids.max"), "18");
        assert_eq!(fake.group().folders(), vec![fake.0.clone()]);
    }

    #[test]
    fn accounts_of_version_2_are_read() {
        let fake = Fake::new("accounts");
        fake.write("memory.events", "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n");
        fake.write("cpu.stat", "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n");
        assert_eq!(fake.group().kills().unwrap(), 2);
        assert_eq!(fake.group().cpu_time(), Some(Duration::from_millis(1500)));
    }

    #[test]
    fn a_controller_of_version_2_is_delegated_only_where_it_is_offered() {
        let fake = Fake::new("delegation");
        fake.write("cgroup.controllers", "cpu memory\n");
        fake.write("cgroup.subtree_control", "cpu\n");
        delegate(&fake.0, "memory").unwrap();
        assert_eq!(fake.read("cgroup.subtree_control"), "+memory");
        assert!(delegate(&fake.0, "pids").is_err());
    }
}
