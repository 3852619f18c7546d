//! The zygote's trusted half: takes jobs, makes the namespaces of each program, watches it, and reports its end.
//!
//! The interpreter forks the program itself, so that its own state is right in the child. With namespaces of its own a
//! program has a parent of its own, too, the first process of its process namespace: when that ends, all end.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sched::CloneFlags;
use nix::sys::signal::{kill, killpg, SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::WaitStatus;
use nix::time::{clock_gettime, ClockId};
use nix::unistd::Pid;
use serde::Deserialize;
use serde_json::Value;

use crate::confinement::{clear_capabilities, enter_own_namespaces, read_all, Bounds, Confinement, RESULT, SPARE};
use crate::layers::Layer;
use crate::plan::{Limits, Net, Plan};
use crate::sys::{self, Usage};
use crate::wire::{self, Ending, Order, Report, DESCRIPTORS};

/// Time between two looks at the CPU time of a program.
const TICK: Duration = Duration::from_millis(25);
/// The exit codes of shells for commands that cannot be executed.
const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;
/// How long the parent of a program may take to kill it.
const GRACE: Duration = Duration::from_millis(300);
/// How long the processes that a program left behind may take to die.
const PATIENCE: Duration = Duration::from_secs(2);

/// A job, as the client wrote it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Job {
    pub program: String,
    pub function: Option<String>,
    pub calls: Vec<Vec<Value>>,
    pub argv: Vec<String>,
}

/// A program that is about to be forked.
struct Pending {
    skip: usize,
    bounds: Bounds,
    descriptors: Vec<OwnedFd>,
    /// Where its process or its parent reports.
    report: File,
}

/// The state of the zygote.
pub struct Warden {
    plan: Plan,
    control: Option<OwnedFd>,
    confinement: Confinement,
    pending: Option<Pending>,
    /// The other end of the pending program's reports; None in the program's own parent.
    reports: Option<File>,
    /// In the program's own parent: a byte, or the end, is the order to kill it.
    orders: Option<File>,
}

impl Warden {
    /// Take over the control socket and the plan, which the keeper left at descriptors 3 and 4.
    pub fn new() -> io::Result<Warden> {
        let plan: Plan = serde_json::from_slice(&read_all(sys::inherited(SPARE)?)?)?;
        let control = sys::copy_beyond(&sys::inherited(RESULT)?, SPARE + 1)?;
        // The numbers stay taken: what a program gets there replaces them, and nothing else; nobody closes them.
        let null = sys::copy_beyond(&File::open("/dev/null")?, SPARE + 1)?;
        for number in [RESULT, SPARE] {
            sys::duplicate_to(&null, number)?;
        }
        let confinement = Confinement::new(&plan)?;
        // No process of the same user may look into this one.
        nix::sys::prctl::set_dumpable(false)?;
        Ok(Warden { plan, control: Some(control), confinement, pending: None, reports: None, orders: None })
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Tell the supervisor that the interpreter is ready, or why it cannot be used.
    pub fn say(&self, report: &Report) -> io::Result<()> {
        match &self.control {
            Some(control) => wire::send(control, report, &[]),
            None => Err(io::Error::other("this process has no supervisor")),
        }
    }

    /// Wait for a job, and return where it is to be forked: in the zygote, or in a new parent of the program's own.
    pub fn accept(&mut self) -> io::Result<()> {
        loop {
            let control = self.control.as_ref().ok_or_else(|| io::Error::other("no supervisor"))?;
            let Some((order, descriptors)) = wire::receive::<Order>(control)? else { sys::exit_now(0) };
            let Order::Run { skip, data, cpu } = order else { continue };
            if descriptors.len() != DESCRIPTORS {
                return Err(io::Error::other("an order without its descriptors"));
            }
            let (reports, report) = sys::pipe()?;
            self.pending = Some(Pending { skip, bounds: Bounds { data, cpu }, descriptors, report });
            self.reports = Some(reports);
            let Some(namespaces) = self.own_namespaces() else { return Ok(()) };
            let (orders, order) = sys::pipe()?;
            match sys::fork_into(namespaces)? {
                Some(parent) => self.oversee(parent, Some(order))?,
                None => {
                    self.orders = Some(orders);
                    drop(order);
                    self.become_parent();
                    return Ok(());
                }
            }
        }
    }

    fn own_namespaces(&self) -> Option<CloneFlags> {
        let own = crate::probe::NAMESPACES.iter().filter(|(layer, _)| self.plan.own(*layer));
        self.plan.own(Layer::Pid).then(|| own.fold(CloneFlags::empty(), |flags, (_, flag)| flags | *flag))
    }

    /// In the program's own parent: prepare its namespaces.
    fn become_parent(&mut self) {
        (self.control, self.reports) = (None, None);
        let prepared = || -> io::Result<()> {
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
            if self.plan.own(Layer::Mount) {
                crate::root::mount_box(&self.plan)?;
            }
            if self.plan.settings.net == Net::Loopback && self.plan.own(Layer::Net) {
                sys::raise_loopback()?;
            }
            clear_capabilities()
        };
        if let Err(error) = prepared() {
            self.fail(&error);
        }
    }

    /// Report that the isolation could not be made, and end.
    fn fail(&mut self, error: &io::Error) -> ! {
        if let Some(pending) = &mut self.pending {
            let is_input_bad = error.kind() == io::ErrorKind::InvalidInput;
            let failure = Some(error.to_string());
            write_report(&mut pending.report, &Ending { failure, is_input_bad, ..Ending::default() });
        }
        sys::exit_now(1)
    }

    /// In the process that forked the program: watch it. Returns only in the zygote.
    pub fn watch(&mut self, program: i32) -> io::Result<()> {
        let program = Pid::from_raw(program);
        if self.control.is_some() {
            return self.oversee(program, None);
        }
        let pending = self.pending.take().zip(self.orders.take());
        let Some((Pending { bounds, descriptors, mut report, .. }, orders)) = pending else { sys::exit_now(1) };
        drop(descriptors);
        // The zygote's standard streams are the program's output.
        for number in [0, 1, 2, RESULT] {
            let _ = File::open("/dev/null").and_then(|null| sys::duplicate_to(&null, number));
        }
        let ending = attend(program, &orders, bounds.cpu).unwrap_or_else(|error| Ending::failed(&error.to_string()));
        write_report(&mut report, &ending);
        sys::exit_now(0)
    }

    /// In the zygote: wait for the end of a program, or of its parent, and report it.
    /// The order to kill it goes to its parent, if it has one.
    fn oversee(&mut self, child: Pid, order: Option<File>) -> io::Result<()> {
        let cpu = self.pending.take().and_then(|pending| pending.bounds.cpu);
        let is_parent = order.is_some();
        let mut ending = self.waited(child, order, if is_parent { None } else { cpu })?;
        let swept = self.sweep(child);
        (ending.cpu, ending.max_rss) = (ending.cpu + swept.cpu.as_secs_f64(), ending.max_rss.max(swept.max_rss));
        let mut said = Vec::new();
        if let Some(mut reports) = self.reports.take() {
            reports.read_to_end(&mut said)?;
        }
        let reports: Result<Vec<Ending>, _> = serde_json::Deserializer::from_slice(&said).into_iter().collect();
        ending = match reports {
            // Only a parent that was killed, as its program ran out of time, says nothing.
            Ok(reports) if reports.is_empty() && is_parent && ending.signal.is_none() => {
                Ending::failed("the program's parent ended without a report")
            }
            Ok(reports) => reports.into_iter().rev().fold(ending, Ending::corrected),
            Err(error) => Ending::failed(&format!("the program's parent sent no report but {error}")),
        };
        if let (false, Some(scratch)) = (self.plan.has(Layer::Mount), &self.plan.scratch) {
            crate::root::empty(scratch)?;
        }
        self.say(&Report::Ended(ending))
    }

    fn waited(&self, child: Pid, mut order: Option<File>, cpu: Option<f64>) -> io::Result<Ending> {
        let mut children = Children::new(child)?;
        let control = self.control.as_ref().ok_or_else(|| io::Error::other("no supervisor"))?;
        let is_parent = order.is_some();
        let (mut cpu_exceeded, mut patience) = (false, None);
        loop {
            let mut waiting = [readable(&children.signals), readable(control)];
            patiently(&mut waiting, patience.or(cpu.map(|_| TICK)))?;
            let is_ordered = is_ready(&waiting[1]);
            if let Some(status) = children.reap() {
                return Ok(Ending { cpu_exceeded, ..ending(status, children.used) });
            }
            let mut is_to_die = patience.is_some();
            if is_ordered {
                is_to_die = true;
                if wire::receive::<Order>(control)?.is_none() {
                    kill_tree(child, is_parent);
                    self.sweep(child);
                    sys::exit_now(0);
                }
            }
            if cpu.is_some_and(|limit| cpu_time(child).as_secs_f64() > limit) {
                (cpu_exceeded, is_to_die) = (true, true);
            }
            if is_to_die {
                // A parent kills the program and says what it used; one that is too slow is killed with it.
                match order.take() {
                    Some(order) => drop(order),
                    None => kill_tree(child, is_parent),
                }
                patience = Some(GRACE);
            }
        }
    }

    /// End what a program left behind, where it had no process namespace of its own; what that had used.
    fn sweep(&self, program: Pid) -> Usage {
        let mut used = Usage::default();
        if self.plan.own(Layer::Pid) {
            return used;
        }
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            // The zygote is the first process of the shared namespace, which this does not reach.
            let _ = if self.plan.has(Layer::Pid) {
                kill(Pid::from_raw(-1), Signal::SIGKILL)
            } else {
                killpg(program, Signal::SIGKILL)
            };
            match sys::wait(None, false) {
                Ok((WaitStatus::StillAlive, _)) if std::time::Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Ok((WaitStatus::StillAlive, _)) | Err(_) => return used,
                Ok((_, more)) => used = used.with(more),
            }
        }
    }

    /// In the program's process: confine it, and return its job. Executes a command, or a new interpreter.
    pub fn confine(&mut self) -> io::Result<Job> {
        match self.confined() {
            Ok(job) => Ok(job),
            Err(error) => self.fail(&error),
        }
    }

    fn confined(&mut self) -> io::Result<Job> {
        sys::take_signals()?;
        let is_direct = self.control.is_some();
        if is_direct {
            enter_own_namespaces(&self.plan)?;
        }
        let pending = self.pending.as_mut().ok_or_else(|| io::Error::other("there is no job"))?;
        let descriptors: [OwnedFd; DESCRIPTORS] = std::mem::take(&mut pending.descriptors)
            .try_into()
            .map_err(|_| io::Error::other("an order without its descriptors"))?;
        let [job, input, output, errors, result] = descriptors;
        let bytes = read_all(job.try_clone()?)?;
        for (source, number) in [(&input, 0), (&output, 1), (&errors, 2), (&result, RESULT)] {
            sys::duplicate_to(source, number)?;
        }
        let bounds = pending.bounds;
        let unreadable = |error| io::Error::new(io::ErrorKind::InvalidInput, format!("the job: {error}"));
        let mut parsed: Job = serde_json::from_slice(&bytes).map_err(unreadable)?;
        parsed.calls.drain(..pending.skip.min(parsed.calls.len()));
        let fresh = self.plan.settings.fresh && !self.plan.settings.command;
        // Reports of failures go through a descriptor that is closed, by its flag or by hand, before code runs.
        pending.report = File::from(sys::copy_beyond(&pending.report, SPARE + 1)?);
        if fresh {
            rewrite(&job, pending.skip, &bytes)?;
            sys::duplicate_to(&job, SPARE)?;
        }
        for descriptor in [job, input, output, errors, result] {
            drop(descriptor);
        }
        (self.control, self.reports) = (None, None);
        self.confinement.apply(&self.plan, bounds)?;
        if fresh || self.plan.settings.command {
            sys::reset_signals();
        }
        if fresh {
            return Err(execute(&interpreter_command(&self.plan, true)?, &self.plan));
        }
        if self.plan.settings.command {
            let argv: Result<Vec<_>, _> = parsed.argv.iter().map(|word| sys::c_string(word.as_str())).collect();
            let error = execute(&argv?, &self.plan);
            eprintln!("{error}");
            sys::exit_now(if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE });
        }
        self.pending = None;
        sys::close_from(RESULT + 1)?;
        Ok(parsed)
    }
}

/// Leave only the calls that have not been made in the job of a new interpreter.
fn rewrite(job: &OwnedFd, skip: usize, bytes: &[u8]) -> io::Result<()> {
    if skip == 0 {
        return Ok(());
    }
    let mut value: Value = serde_json::from_slice(bytes)?;
    if let Some(calls) = value.get_mut("calls").and_then(Value::as_array_mut) {
        calls.drain(..skip.min(calls.len()));
    }
    let mut file = File::from(job.try_clone()?);
    file.set_len(0)?;
    io::Seek::rewind(&mut file)?;
    serde_json::to_writer(file, &value)?;
    Ok(())
}

/// The command line of an interpreter: the zygote's, or that of a single program.
pub fn interpreter_command(plan: &Plan, once: bool) -> io::Result<Vec<CString>> {
    // Isolated as by -I, but with a fixed seed of hashes from the environment, which -I would ignore.
    let mut words = vec![plan.settings.interpreter.executable.as_os_str().as_encoded_bytes().to_vec()];
    words.extend(["-s", "-S", "-P", "-B", "-X", "utf8"].map(|word| word.as_bytes().to_vec()));
    words.push(plan.harness().as_os_str().as_encoded_bytes().to_vec());
    words.push(plan.tools().as_os_str().as_encoded_bytes().to_vec());
    if once {
        // The plan is not there any more: the maximum size of a value and CPU time of a call, the seed, the packages,
        // and the module search path.
        let Limits { result, cpu, .. } = plan.settings.limits;
        let numbers = [result.to_string(), cpu.unwrap_or(0.0).to_string(), plan.settings.seed.to_string()];
        words.extend(numbers.map(String::into_bytes));
        words.push(plan.settings.packages.join(",").into_bytes());
        let paths = plan.settings.interpreter.search_path.iter();
        words.extend(paths.map(|path| path.as_os_str().as_encoded_bytes().to_vec()));
    }
    words.into_iter().map(sys::c_string).collect()
}

/// The environment of programs.
pub fn environment(plan: &Plan) -> io::Result<Vec<CString>> {
    let scratch = plan.scratch().display().to_string();
    let mut variables = vec![
        ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("HOME".to_owned(), scratch.clone()),
        ("TMPDIR".to_owned(), scratch),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ("PYTHONHASHSEED".to_owned(), (plan.settings.seed % (1 << 32)).to_string()),
        ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()),
    ];
    // One thread each: programs run side by side, and results do not depend on the number of cores.
    variables.extend(
        ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"].map(|name| (name.to_owned(), "1".to_owned())),
    );
    variables.extend(plan.settings.environment.clone());
    variables.into_iter().map(|(name, value)| sys::c_string(format!("{name}={value}"))).collect()
}

/// Execute a command; the error if that fails.
pub fn execute(command: &[CString], plan: &Plan) -> io::Error {
    let Some(program) = command.first() else { return io::Error::other("there is no command") };
    match environment(plan) {
        Ok(environment) => match nix::unistd::execvpe(program, command, &environment) {
            Err(error) => {
                let kind = io::Error::from(error).kind();
                io::Error::new(kind, format!("{}: {}", program.to_string_lossy(), error.desc()))
            }
        },
        Err(error) => error,
    }
}

fn write_report(report: &mut File, ending: &Ending) {
    // Whoever reads this notices when it is missing.
    let _ = serde_json::to_vec(ending).map(|bytes| report.write_all(&bytes));
}

/// In a program's own parent: wait for its end, reap what it leaves, and kill it on an order or if it takes too much CPU
/// time. What all its processes used is in the answer.
fn attend(program: Pid, orders: &File, cpu: Option<f64>) -> io::Result<Ending> {
    let mut children = Children::new(program)?;
    let mut cpu_exceeded = false;
    loop {
        let mut waiting = [readable(&children.signals), readable(orders)];
        patiently(&mut waiting, cpu.map(|_| TICK))?;
        let is_ordered = is_ready(&waiting[1]);
        if let Some(status) = children.reap() {
            return Ok(Ending { cpu_exceeded, ..ending(status, children.used.with(kill_rest())) });
        }
        if cpu.is_some_and(|limit| (cpu_time(program) + children.used.cpu).as_secs_f64() > limit) {
            cpu_exceeded = true;
        }
        if is_ordered || cpu_exceeded {
            // This process, the first of its namespace, is not reached.
            let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
        }
    }
}

/// A program and the orphans it leaves, which count among its processes until they are reaped.
struct Children {
    program: Pid,
    /// Readable when a child has ended. The signal is held in this process.
    signals: SignalFd,
    used: Usage,
}

impl Children {
    fn new(program: Pid) -> io::Result<Children> {
        let mut ends = SigSet::empty();
        ends.add(Signal::SIGCHLD);
        let signals = SignalFd::with_flags(&ends, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        Ok(Children { program, signals, used: Usage::default() })
    }

    /// Reap all that have ended; how the program did if it is among them.
    fn reap(&mut self) -> Option<WaitStatus> {
        let _ = self.signals.read_signal();
        while let Ok((status, usage)) = sys::wait(None, false) {
            if status == WaitStatus::StillAlive {
                break;
            }
            self.used = self.used.with(usage);
            if status.pid() == Some(self.program) {
                return Some(status);
            }
        }
        None
    }
}

/// Kill and reap all other processes of this namespace; what they used.
fn kill_rest() -> Usage {
    let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
    let mut used = Usage::default();
    while let Ok((_, usage)) = sys::wait(None, true) {
        used = used.with(usage);
    }
    used
}

fn ending(status: WaitStatus, usage: Usage) -> Ending {
    let (exit_code, signal) = match status {
        WaitStatus::Exited(_, code) => (Some(code), None),
        WaitStatus::Signaled(_, signal, _) => (None, Some(signal.as_str().to_owned())),
        _ => (None, None),
    };
    Ending { exit_code, signal, cpu: usage.cpu.as_secs_f64(), max_rss: usage.max_rss, ..Ending::default() }
}

/// Kill a program with its process group, or the parent and so the whole namespace of a program.
fn kill_tree(child: Pid, is_parent: bool) {
    if !is_parent {
        let _ = killpg(child, Signal::SIGKILL);
    }
    let _ = kill(child, Signal::SIGKILL);
}

/// The CPU time of all threads of a process.
fn cpu_time(process: Pid) -> Duration {
    let clock = ClockId::pid_cpu_clock_id(process).and_then(clock_gettime);
    clock.map(Duration::from).unwrap_or_default()
}

fn readable(descriptor: &impl AsFd) -> PollFd<'_> {
    PollFd::new(descriptor.as_fd(), PollFlags::POLLIN)
}

fn is_ready(waiting: &PollFd<'_>) -> bool {
    waiting.any().unwrap_or(true)
}

/// Wait until a descriptor is ready, or for a time (None: for ever).
fn patiently(waiting: &mut [PollFd<'_>], time: Option<Duration>) -> io::Result<()> {
    let timeout = time.map_or(PollTimeout::NONE, |time| PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX));
    match poll(waiting, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Send a frame to the supervisor, from a program's process.
pub fn send_frame(frame: &[u8]) -> io::Result<()> {
    let mut file = File::from(sys::inherited(RESULT)?);
    let sent = send_all(&mut file, frame);
    // The number stays open for the next frame.
    let _ = std::os::fd::IntoRawFd::into_raw_fd(file);
    sent
}

/// Write all bytes, also where the program has made the descriptor one that does not wait.
fn send_all(file: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let _ = poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
