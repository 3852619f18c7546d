//! The keeper: makes the namespaces and control groups of one worker, starts its zygote, and cleans up after both.
//!
//! It reads a plan from standard input, which then stays open as long as the supervisor lives: at its end the keeper kills
//! the zygote and with it every program, and removes the control groups and the scratch folder.

use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{self, BufRead, Seek};
use std::os::fd::{AsFd, OwnedFd};

use caps::Capability;
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sched::{unshare, CloneFlags};
use nix::sys::memfd::{memfd_create, MFdFlags};
use nix::sys::resource::Resource;
use nix::sys::signal::{kill, Signal};
use nix::sys::stat::{umask, Mode};
use nix::unistd::{getegid, geteuid, setsid, Gid, Pid, Uid};

use crate::cgroups;
use crate::confinement::{keep_capabilities, RESULT, SPARE};
use crate::layers::Layer;
use crate::plan::{Isolation, Net, Plan, NOBODY};
use crate::probe::{drop_user, map_user, NAMESPACES};
use crate::sys;
use crate::warden::{execute, interpreter_command};
use crate::wire::{self, Report};

/// What makes namespaces and mounts, and brings up a network interface.
const CAPABILITIES: [Capability; 2] = [Capability::CAP_SYS_ADMIN, Capability::CAP_NET_ADMIN];

/// How the zygote comes into its namespaces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Root makes them.
    Root,
    /// A user makes a user namespace first, which owns the others.
    User,
    /// Root without the right to make namespaces becomes a user first.
    RootAsUser,
    /// There are none.
    Nowhere,
}

fn way(plan: &Plan) -> Way {
    match (plan.privileged, plan.has(Layer::User), plan.has(Layer::Uid)) {
        (true, ..) => Way::Root,
        (false, true, false) => Way::User,
        (false, true, true) => Way::RootAsUser,
        (false, false, _) => Way::Nowhere,
    }
}

fn namespaces(plan: &Plan, with_user: bool) -> CloneFlags {
    let flags = if with_user { CloneFlags::CLONE_NEWUSER } else { CloneFlags::empty() };
    NAMESPACES.iter().filter(|(layer, _)| plan.has(*layer)).fold(flags, |flags, (_, flag)| flags | *flag)
}

/// Run the keeper of one worker: standard input has the plan, standard output is the control socket.
pub fn run() -> io::Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let plan: Plan = serde_json::from_str(&line)?;
    // Ctrl-C reaches the client, which ends the supervisor, which ends the keeper.
    let _ = setsid();
    let control = io::stdout().as_fd().try_clone_to_owned()?;
    let user = (geteuid(), getegid());
    let first = match way(&plan) {
        Way::Root => namespaces(&plan, false),
        Way::User => namespaces(&plan, true),
        Way::RootAsUser | Way::Nowhere => CloneFlags::empty(),
    };
    match sys::fork_into(first)? {
        None => {
            let Err(error) = enter(&plan, &control, user);
            let _ = wire::send(&control, &Report::Unusable(error.to_string()), &[]);
            sys::exit_now(1)
        }
        Some(zygote) => {
            drop(control);
            sys::duplicate_to(&File::open("/dev/null")?, 1)?;
            keep(&plan, zygote)
        }
    }
}

/// Wait for the end of the zygote or of the supervisor, and clean up.
fn keep(plan: &Plan, zygote: Pid) -> io::Result<()> {
    let ended = sys::pidfd(zygote)?;
    let input = io::stdin();
    loop {
        let mut waiting =
            [PollFd::new(ended.as_fd(), PollFlags::POLLIN), PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        match poll(&mut waiting, PollTimeout::NONE) {
            Err(nix::errno::Errno::EINTR) => continue,
            other => other?,
        };
        break;
    }
    let _ = kill(zygote, Signal::SIGKILL);
    let _ = sys::wait(Some(zygote), true);
    for folder in &plan.groups {
        cgroups::kill_all(folder);
    }
    for folder in &plan.groups {
        cgroups::remove(folder);
    }
    for folder in [&plan.scratch, &plan.tools].into_iter().flatten() {
        let _ = crate::root::empty(folder);
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// In the zygote's process: enter the sandbox and become the interpreter.
fn enter(plan: &Plan, control: &OwnedFd, user: (Uid, Gid)) -> io::Result<Infallible> {
    umask(Mode::from_bits_truncate(0o022));
    for folder in &plan.groups {
        fs::write(folder.join("cgroup.procs"), "0").map_err(|error| explained("control group", &error))?;
    }
    // The host's /proc is out of reach once the root is another one.
    let processes = File::open("/proc")?;
    match way(plan) {
        Way::Root => {
            enter_root(plan)?;
            nix::sys::prctl::set_keepcaps(true)?;
            let user = if plan.has(Layer::Uid) {
                drop_user()?;
                (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY))
            } else {
                user
            };
            if plan.has(Layer::User) {
                unshare(CloneFlags::CLONE_NEWUSER)?;
                map_user(&processes, user).map_err(|error| explained("user namespace", &error))?;
            }
        }
        Way::User => {
            map_user(&processes, user).map_err(|error| explained("user namespace", &error))?;
            enter_root(plan)?;
        }
        Way::RootAsUser => {
            drop_user()?;
            if let Some(zygote) = sys::fork_into(namespaces(plan, true))? {
                nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
                sys::wait(Some(zygote), true)?;
                sys::exit_now(0)
            }
            map_user(&processes, (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY)))?;
            enter_root(plan)?;
        }
        Way::Nowhere if plan.has(Layer::Uid) => drop_user()?,
        Way::Nowhere => {}
    }
    if plan.has(Layer::Net) && plan.settings.isolation == Isolation::Shared && plan.settings.net == Net::Loopback {
        sys::raise_loopback()?;
    }
    let kept: &[Capability] = if plan.has_capabilities() { &CAPABILITIES } else { &[] };
    keep_capabilities(kept).map_err(|error| explained("capabilities", &error))?;
    nix::sys::prctl::set_no_new_privs()?;
    nix::sys::prctl::set_child_subreaper(true)?;
    sys::limit(Resource::RLIMIT_CORE, 0)?;
    become_interpreter(plan, control)
}

fn enter_root(plan: &Plan) -> io::Result<()> {
    if plan.has(Layer::Mount) {
        crate::root::enter(plan).map_err(|error| explained("file system", &error))?;
    }
    Ok(())
}

/// Execute the interpreter, with the control socket and the plan at the numbers where it looks for them.
fn become_interpreter(plan: &Plan, control: &OwnedFd) -> io::Result<Infallible> {
    let mut file = File::from(memfd_create(c"plan", MFdFlags::MFD_CLOEXEC)?);
    serde_json::to_writer(&file, plan)?;
    file.rewind()?;
    let null = fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    // Copies beyond the numbers that they replace.
    let control = sys::copy_beyond(control, SPARE + 1)?;
    let file = sys::copy_beyond(&file, SPARE + 1)?;
    for (source, number) in [(null.as_fd(), 0), (null.as_fd(), 1), (control.as_fd(), RESULT), (file.as_fd(), SPARE)] {
        sys::duplicate_to(&source, number)?;
    }
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    sys::reset_signals();
    sys::hold_signals()?;
    Err(execute(&interpreter_command(plan, false)?, plan))
}

fn explained(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}
