//! Which layers this machine has, found by trying each.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use caps::{CapSet, Capability};
use nix::fcntl::{openat, OFlag};
use nix::sched::{unshare, CloneFlags};
use nix::sys::stat::Mode;
use nix::sys::wait::WaitStatus;
use nix::unistd::{getegid, geteuid, setgid, setgroups, setuid, Gid, Uid};

use crate::cgroups::Homes;
use crate::layers::{Layer, Layers};
use crate::plan::NOBODY;
use crate::sys;

/// The namespaces of the layers.
pub const NAMESPACES: [(Layer, CloneFlags); 4] = [
    (Layer::Pid, CloneFlags::CLONE_NEWPID),
    (Layer::Net, CloneFlags::CLONE_NEWNET),
    (Layer::Mount, CloneFlags::CLONE_NEWNS),
    (Layer::Ipc, CloneFlags::CLONE_NEWIPC),
];

/// What this machine offers.
pub struct Probe {
    /// The layers that work, with a detail.
    pub present: BTreeMap<Layer, String>,
    /// The layers that do not, with the reason.
    pub missing: BTreeMap<Layer, String>,
    /// Whether namespaces are made by root, not through a user namespace.
    pub privileged: bool,
    /// Where control groups can be made.
    pub homes: Option<Homes>,
}

/// Try every layer. The calling process must have a single thread, as it forks.
pub fn probe() -> Probe {
    let mut probe = Probe {
        present: BTreeMap::new(),
        missing: BTreeMap::new(),
        privileged: has_capability(Capability::CAP_SYS_ADMIN)
            && geteuid().is_root()
            && attempt(|| unshare(CloneFlags::CLONE_NEWNS).map_err(Into::into)).is_ok(),
        homes: None,
    };
    match Homes::find() {
        Ok(homes) => {
            probe.homes = Some(homes);
            probe.note(Layer::Cgroup, Ok(String::new()));
        }
        Err(reason) => probe.note(Layer::Cgroup, Err(reason)),
    }
    let uid = if geteuid().is_root() {
        attempt(drop_user).map(|()| format!("user {NOBODY}"))
    } else {
        Err(format!("only root can change the user; programs run as user {}", geteuid()))
    };
    let drops = uid.is_ok();
    probe.note(Layer::Uid, uid);
    let enter = || if drops { drop_user() } else { Ok(()) };
    let user = attempt(|| {
        enter()?;
        enter_user_namespace()
    });
    let nested = user.is_ok();
    probe.note(Layer::User, user.map(|()| String::new()));
    for (layer, flag) in NAMESPACES {
        let privileged = probe.privileged;
        let tried = attempt(|| {
            if !privileged {
                enter()?;
                enter_user_namespace()?;
            }
            unshare(flag)?;
            if layer == Layer::Mount {
                crate::root::try_mounts()?;
            }
            Ok(())
        });
        let why = |reason: String| if privileged || nested { reason } else { format!("no user namespace ({reason})") };
        probe.note(layer, tried.map(|()| String::new()).map_err(why));
    }
    probe.note(Layer::Rlimits, Ok(String::new()));
    let landlock = sys::landlock_version();
    probe.note(
        Layer::Landlock,
        if landlock > 0 {
            Ok(format!("version {landlock}"))
        } else {
            Err("the kernel has no Landlock, or it is disabled".to_owned())
        },
    );
    probe.note(
        Layer::Seccomp,
        if sys::has_seccomp() { Ok(String::new()) } else { Err("the kernel has no seccomp filters".to_owned()) },
    );
    probe
}

impl Probe {
    fn note(&mut self, layer: Layer, result: Result<String, String>) {
        match result {
            Ok(detail) => self.present.insert(layer, detail),
            Err(reason) => self.missing.insert(layer, reason),
        };
    }

    /// The layers to use, without those in `without` and what depends on them.
    pub fn layers(&self, without: &[Layer]) -> Layers {
        let user_off = without.contains(&Layer::User) && !self.privileged;
        let is_off = |layer: Layer| {
            let is_namespace = NAMESPACES.iter().any(|&(each, _)| each == layer);
            without.contains(&layer) || (user_off && is_namespace)
        };
        self.present.keys().copied().filter(|&layer| !is_off(layer)).collect()
    }
}

/// Write the layers that work and those that do not as JSON.
pub fn print() -> io::Result<()> {
    let Probe { present, missing, .. } = probe();
    println!("{}", serde_json::json!({ "present": present, "missing": missing }));
    Ok(())
}

fn has_capability(capability: Capability) -> bool {
    caps::has_cap(None, CapSet::Effective, capability).unwrap_or(false)
}

/// Become the user that programs run as; keeps no capabilities unless the caller asked the kernel to.
pub fn drop_user() -> io::Result<()> {
    setgroups(&[])?;
    setgid(Gid::from_raw(NOBODY))?;
    setuid(Uid::from_raw(NOBODY))?;
    // A process that changed its user may not write its own files in /proc until it is made dumpable again.
    nix::sys::prctl::set_dumpable(true)?;
    Ok(())
}

/// Enter a new user namespace with only this user in it.
fn enter_user_namespace() -> io::Result<()> {
    let user = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER)?;
    map_user(&File::open("/proc")?, user)
}

/// Map a user and group of the parent's namespace into the user namespace of this process, by the folder `/proc`.
pub fn map_user(processes: &File, (user, group): (Uid, Gid)) -> io::Result<()> {
    let write = |name: &str, text: String| -> io::Result<()> {
        let file = openat(processes, Path::new("self").join(name).as_path(), OFlag::O_WRONLY, Mode::empty())?;
        File::from(file).write_all(text.as_bytes())
    };
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("{NOBODY} {user} 1"))?;
    write("gid_map", format!("{NOBODY} {group} 1"))
}

/// Run `trial` in a child process; the reason if it fails.
fn attempt(trial: impl FnOnce() -> io::Result<()>) -> Result<(), String> {
    let child = match sys::fork_into(CloneFlags::empty()) {
        Ok(Some(child)) => child,
        Ok(None) => sys::exit_now(match trial() {
            Ok(()) => 0,
            Err(error) => error.raw_os_error().unwrap_or(255).clamp(1, 255),
        }),
        Err(error) => return Err(error.to_string()),
    };
    match sys::wait(Some(child), true) {
        Ok((WaitStatus::Exited(_, 0), _)) => Ok(()),
        Ok((WaitStatus::Exited(_, 255), _)) => Err("not supported".to_owned()),
        Ok((WaitStatus::Exited(_, code), _)) => Err(io::Error::from_raw_os_error(code).to_string()),
        Ok((status, _)) => Err(format!("{status:?}")),
        Err(error) => Err(error.to_string()),
    }
}
