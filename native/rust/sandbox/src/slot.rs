//! One worker of the supervisor: a keeper with its zygote, to which it gives one job at a time.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sys::memfd::{memfd_create, MFdFlags};
use nix::sys::socket::{socketpair, AddressFamily, SockFlag, SockType};
use nix::unistd::mkdtemp;

use crate::attempt::{Attempt, Worker, KILL};
use crate::cgroups::Group;
use crate::layers::Layer;
use crate::machine::{Machine, Request};
use crate::plan::{Plan, NOBODY};
use crate::results::{JobResult, Status};
use crate::wire::{self, Report};

/// How long an interpreter may take to start, with its packages.
const START: Duration = Duration::from_secs(120);

/// A worker.
pub struct Slot<'a> {
    machine: &'a Machine,
    number: usize,
    running: Option<Running>,
}

/// A keeper with a zygote that is ready.
struct Running {
    keeper: Child,
    /// Its end tells the keeper to end.
    lifeline: Option<ChildStdin>,
    control: OwnedFd,
    group: Option<Group>,
    /// Bytes of data of the zygote itself.
    data: u64,
    /// Folders for temporary files, which the keeper removes unless it is killed.
    folders: Vec<PathBuf>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        for folder in self.folders.iter().filter(|folder| folder.exists()) {
            let _ = crate::root::empty(folder);
            let _ = fs::remove_dir(folder);
        }
    }
}

impl<'a> Slot<'a> {
    pub fn new(machine: &'a Machine, number: usize) -> Slot<'a> {
        Slot { machine, number, running: None }
    }

    /// Start the worker unless it is running; the reason if it cannot be started.
    pub fn start(&mut self) -> Result<(), String> {
        // Nobody but the user of the sandbox, or the kernel where memory is short, ends a worker that waits.
        if !self.running.as_ref().is_some_and(Running::is_waiting) {
            self.running = None;
            self.running = Some(self.started()?);
        }
        Ok(())
    }

    fn started(&self) -> Result<Running, String> {
        let failed = |what: &str| {
            let what = what.to_owned();
            move |error: io::Error| format!("{what}: {error}")
        };
        let group = match &self.machine.homes {
            Some(homes) if self.machine.layers.contains(&Layer::Cgroup) => {
                Some(Group::create(homes, self.number).map_err(failed("control group"))?)
            }
            _ => None,
        };
        let plan = Plan {
            settings: self.machine.settings.clone(),
            layers: self.machine.layers.clone(),
            privileged: self.machine.privileged,
            groups: group.as_ref().map(Group::folders).unwrap_or_default(),
            scratch: self.scratch().map_err(failed("scratch folder"))?,
            tools: self.tools().map_err(failed("tools"))?,
            other_tasks: self.other_tasks(),
        };
        let kinds = (AddressFamily::Unix, SockType::SeqPacket, SockFlag::SOCK_CLOEXEC);
        let (control, theirs) = socketpair(kinds.0, kinds.1, None, kinds.2).map_err(|error| error.to_string())?;
        let errors = File::from(memfd_create(c"errors", MFdFlags::MFD_CLOEXEC).map_err(|error| error.to_string())?);
        let executable = std::env::current_exe().map_err(failed("/proc/self/exe"))?;
        let mut keeper = Command::new(executable)
            .arg("keeper")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::from(theirs))
            .stderr(errors.try_clone().map_err(failed("keeper"))?)
            .spawn()
            .map_err(failed("keeper"))?;
        let lifeline = keeper.stdin.take();
        let folders = [&plan.scratch, &plan.tools].into_iter().flatten().cloned().collect();
        let mut running = Running { keeper, lifeline, control, group, data: 0, folders };
        if let Some(mut pipe) = running.lifeline.as_ref() {
            let line = serde_json::to_string(&plan).map_err(|error| error.to_string())?;
            pipe.write_all(line.as_bytes()).and_then(|()| pipe.write_all(b"\n")).map_err(failed("keeper"))?;
        }
        match running.first_report() {
            Some(Report::Ready) => {
                running.measure(&plan).map_err(failed("limits"))?;
                Ok(running)
            }
            Some(Report::Unusable(reason)) => Err(reason),
            _ => Err(format!("the interpreter did not start: {}", last_line(errors))),
        }
    }

    /// Number of processes and threads of the user that programs run as, where there is no user namespace.
    fn other_tasks(&self) -> u64 {
        if self.machine.layers.contains(&Layer::User) {
            return 0;
        }
        let is_dropped = self.machine.layers.contains(&Layer::Uid);
        let user = if is_dropped { NOBODY } else { nix::unistd::geteuid().as_raw() };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let of_user = processes.filter(|entry| entry.metadata().is_ok_and(|found| found.uid() == user));
        of_user.map(|entry| fs::read_dir(entry.path().join("task")).map_or(0, |tasks| tasks.count() as u64)).sum()
    }

    /// A folder of the host for the files of programs, where there is no file system of their own.
    fn scratch(&self) -> io::Result<Option<PathBuf>> {
        if self.machine.layers.contains(&Layer::Mount) {
            return Ok(None);
        }
        let folder = self.folder("files", 0o700)?;
        if self.machine.layers.contains(&Layer::Uid) {
            std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY))?;
        }
        Ok(Some(folder))
    }

    /// Copies of the harness and its extension module, where they cannot be mounted and the user is another one.
    fn tools(&self) -> io::Result<Option<PathBuf>> {
        let layers = &self.machine.layers;
        if layers.contains(&Layer::Mount) || !layers.contains(&Layer::Uid) {
            return Ok(None);
        }
        let folder = self.folder("tools", 0o755)?;
        let interpreter = &self.machine.settings.interpreter;
        for file in [&interpreter.harness, &interpreter.extension] {
            let copy = folder.join(file.file_name().unwrap_or_default());
            fs::copy(file, &copy)?;
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o644))?;
        }
        Ok(Some(folder))
    }

    /// A new folder of this worker's own for temporary files, which its keeper removes.
    fn folder(&self, purpose: &str, mode: u32) -> io::Result<PathBuf> {
        let name = format!("psynth-sandbox-{}-{}-{purpose}-XXXXXX", std::process::id(), self.number);
        let folder = mkdtemp(&std::env::temp_dir().join(name))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode))?;
        Ok(folder)
    }

    /// Run a job to its end, with a new process for the calls after one that ended or outlasted the first.
    pub fn run(&mut self, request: &Request) -> JobResult {
        let mut result = JobResult::default();
        loop {
            let skip = result.calls.len();
            if let Err(reason) = self.start() {
                return JobResult::failed(reason);
            }
            let Some(running) = &self.running else { return result };
            let worker = running.worker();
            let attempt = Attempt::new(self.machine, request, skip);
            match attempt.and_then(|mut attempt| attempt.run(&worker).map(|is_sound| (attempt, is_sound))) {
                Err(error) => {
                    self.running = None;
                    return JobResult::failed(error.to_string());
                }
                Ok((attempt, is_sound)) => {
                    if !is_sound {
                        self.running = None;
                    }
                    attempt.settle(&mut result, request);
                }
            }
            if request.function.is_none() || result.status != Status::Ok || result.calls.len() >= request.calls {
                return result;
            }
        }
    }
}

impl Running {
    /// End the keeper, and with it everything that it keeps.
    fn end(&mut self) {
        drop(self.lifeline.take());
        let deadline = Instant::now() + KILL;
        while let Ok(None) = self.keeper.try_wait() {
            if Instant::now() > deadline {
                if let Some(group) = &self.group {
                    group.kill();
                }
                let _ = self.keeper.kill();
                let _ = self.keeper.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn worker(&self) -> Worker<'_> {
        Worker { control: &self.control, group: self.group.as_ref(), data: self.data }
    }

    /// Whether the zygote is there and has nothing to say.
    fn is_waiting(&self) -> bool {
        let mut control = [PollFd::new(self.control.as_fd(), PollFlags::POLLIN)];
        poll(&mut control, PollTimeout::ZERO) == Ok(0)
    }

    fn first_report(&self) -> Option<Report> {
        let mut waiting = [PollFd::new(self.control.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(START).unwrap_or(PollTimeout::MAX);
        match poll(&mut waiting, timeout) {
            Ok(1..) => wire::receive(&self.control).ok().flatten().map(|(report, _)| report),
            _ => None,
        }
    }

    /// Set the limits that count from what the zygote itself uses.
    fn measure(&mut self, plan: &Plan) -> io::Result<()> {
        let limits = &plan.settings.limits;
        if let Some(group) = &self.group {
            group.limit(limits.memory, limits.processes, plan.own_processes())?;
        }
        self.data = self.zygote_data()?;
        Ok(())
    }

    /// Bytes of data of the zygote, as the kernel counts them for RLIMIT_DATA.
    fn zygote_data(&self) -> io::Result<u64> {
        let keeper = self.keeper.id();
        let children = fs::read_to_string(format!("/proc/{keeper}/task/{keeper}/children"))?;
        let mut pid = children.split_whitespace().next().unwrap_or("self").to_owned();
        // Root without the right to make namespaces has one process more in between.
        if let Ok(text) = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")) {
            pid = text.split_whitespace().next().map_or(pid, str::to_owned);
        }
        let sizes = fs::read_to_string(format!("/proc/{pid}/statm"))?;
        let pages = sizes.split(' ').nth(5).and_then(|field| field.parse::<u64>().ok());
        Ok(pages.unwrap_or(0) * 4096)
    }
}

/// The last line of what the keeper or the interpreter wrote to standard error.
fn last_line(mut file: File) -> String {
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    match (read, text.lines().rev().find(|line| !line.trim().is_empty())) {
        (Ok(_), Some(line)) => line.to_owned(),
        _ => "it said nothing".to_owned(),
    }
}
