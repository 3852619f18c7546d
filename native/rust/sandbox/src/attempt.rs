//! One process for a job: gives it to the zygote, reads what comes of it within its limits, and says what happened.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::fcntl::{fcntl, FcntlArg, OFlag};
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sys::memfd::{memfd_create, MFdFlags};

use crate::cgroups::Group;
use crate::frames::{Decoder, Kind};
use crate::machine::{Machine, Request};
use crate::results::{CallResult, JobResult, Status};
use crate::sys;
use crate::wire::{self, Ending, Order, Report};

/// How long a killed program may take to end before its whole worker is replaced.
pub const KILL: Duration = Duration::from_secs(2);
/// How long a program may take to exit after it has returned its last value.
const EXIT: Duration = Duration::from_millis(200);
/// Time between two looks at the CPU time of all processes of a program.
const TICK: Duration = Duration::from_millis(50);
/// Bytes read from a program at a time.
const CHUNK: usize = 64 << 10;

/// A zygote that is ready for a job.
pub struct Worker<'a> {
    pub control: &'a OwnedFd,
    pub group: Option<&'a Group>,
    /// Bytes of data of the zygote itself.
    pub data: u64,
}

/// A stream of a program, of which at most `limit` bytes are kept.
struct Stream {
    pipe: Option<File>,
    limit: u64,
    kept: Vec<u8>,
    total: u64,
}

impl Stream {
    fn open(limit: u64) -> io::Result<(Stream, OwnedFd)> {
        let (reader, writer) = sys::pipe()?;
        fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok((Stream { pipe: Some(reader), limit, kept: Vec::new(), total: 0 }, writer.into()))
    }

    /// Read what is there; the new bytes, of which those within the limit are kept.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(pipe) = &mut self.pipe else { return Ok(0) };
        match pipe.read(buffer) {
            Ok(0) => {
                self.pipe = None;
                Ok(0)
            }
            Ok(length) => {
                self.total += length as u64;
                let room = (self.limit as usize).saturating_sub(self.kept.len());
                self.kept.extend_from_slice(&buffer[..length.min(room)]);
                Ok(length)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn is_over(&self) -> bool {
        self.total > self.limit
    }

    /// The pipe to wait for. One that has said too much is not read while its program lives, which so has to wait.
    fn awaited(&self) -> Option<&File> {
        self.pipe.as_ref().filter(|_| !self.is_over())
    }
}

/// One process for a job, from its call `skip` on.
pub struct Attempt<'a> {
    machine: &'a Machine,
    request: &'a Request,
    skip: usize,
    output: Stream,
    errors: Stream,
    result: Stream,
    decoder: Decoder,
    theirs: Vec<OwnedFd>,
    loaded: bool,
    calls: Vec<CallResult>,
    /// What the program's process said of a script, or of loading.
    said: Option<(Kind, String)>,
    ending: Ending,
    /// Why it was killed.
    killed: Option<Status>,
    wall: Duration,
    out_of_memory: bool,
    /// Whether the worker ended before it reported.
    is_lost: bool,
}

fn content(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create(c"content", MFdFlags::MFD_CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

impl<'a> Attempt<'a> {
    pub fn new(machine: &'a Machine, request: &'a Request, skip: usize) -> io::Result<Attempt<'a>> {
        let limits = &machine.settings.limits;
        let (output, their_output) = Stream::open(limits.output)?;
        let (errors, their_errors) = Stream::open(limits.output)?;
        // The values pass through the decoder, which bounds them.
        let (result, their_result) = Stream::open(0)?;
        let theirs =
            vec![content(&request.line)?, content(request.stdin.as_bytes())?, their_output, their_errors, their_result];
        Ok(Attempt {
            machine,
            request,
            skip,
            output,
            errors,
            result,
            decoder: Decoder::default(),
            theirs,
            loaded: false,
            calls: Vec::new(),
            said: None,
            ending: Ending::default(),
            killed: None,
            wall: Duration::ZERO,
            out_of_memory: false,
            is_lost: false,
        })
    }

    fn remaining(&self) -> usize {
        self.request.calls - self.skip
    }

    fn is_finished(&self) -> bool {
        self.request.function.is_some() && self.loaded && self.calls.len() >= self.remaining()
    }

    /// Run until the program has ended; false if its worker must be replaced.
    pub fn run(&mut self, worker: &Worker<'_>) -> io::Result<bool> {
        let limits = &self.machine.settings.limits;
        let cpu = limits.cpu.map(|cpu| cpu * self.remaining().max(1) as f64);
        let (kills, cpu_before) = match worker.group {
            Some(group) => (group.kills()?, group.cpu_time()),
            None => (0, None),
        };
        let data = worker.data + limits.memory;
        let descriptors: Vec<i32> = self.theirs.iter().map(AsRawFd::as_raw_fd).collect();
        let started = Instant::now();
        wire::send(worker.control, &Order::Run { skip: self.skip, data, cpu }, &descriptors)?;
        self.theirs.clear();
        let wall = Duration::try_from_secs_f64(limits.wall).unwrap_or(Duration::MAX);
        let mut deadline = started.checked_add(wall);
        let mut is_sound = true;
        let mut buffer = vec![0; CHUNK];
        loop {
            if self.wait(worker, deadline, cpu.is_some() && cpu_before.is_some())? {
                match wire::receive::<Report>(worker.control)? {
                    Some((Report::Ended(ending), _)) => self.ending = ending,
                    _ => (is_sound, self.is_lost) = (false, true),
                }
                break;
            }
            let before = self.calls.len() + usize::from(self.loaded);
            self.read(&mut buffer, false)?;
            if self.killed.is_none() && self.calls.len() + usize::from(self.loaded) != before {
                deadline = Instant::now().checked_add(if self.is_finished() { EXIT } else { wall });
            }
            let now = Instant::now();
            let is_late = deadline.is_some_and(|deadline| now >= deadline);
            let is_greedy = || -> Option<bool> { Some((worker.group?.cpu_time()? - cpu_before?).as_secs_f64() > cpu?) };
            let reason = if self.output.is_over() || self.errors.is_over() {
                Some(Status::OutputLimit)
            } else if is_late {
                Some(if self.is_finished() { Status::Ok } else { Status::Timeout })
            } else if is_greedy() == Some(true) {
                Some(Status::CpuLimit)
            } else {
                None
            };
            match (reason, self.killed) {
                (Some(reason), None) => {
                    self.killed = Some(reason);
                    wire::send(worker.control, &Order::Kill, &[])?;
                    deadline = now.checked_add(KILL);
                }
                (Some(_), Some(_)) if is_late => {
                    is_sound = false;
                    break;
                }
                _ => {}
            }
        }
        self.wall = started.elapsed();
        while self.read(&mut buffer, true)? > 0 {}
        // A stream that has not ended is held by a process that should not exist.
        is_sound &= self.output.pipe.is_none() && self.errors.pipe.is_none() && self.result.pipe.is_none();
        self.out_of_memory = worker.group.is_some_and(|group| group.kills().is_ok_and(|now| now > kills));
        Ok(is_sound)
    }

    /// Wait for something to do; whether the zygote has a report.
    fn wait(&self, worker: &Worker<'_>, deadline: Option<Instant>, ticking: bool) -> io::Result<bool> {
        let left =
            deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()) + Duration::from_millis(1));
        let time = if ticking { Some(left.map_or(TICK, |left| left.min(TICK))) } else { left };
        let timeout = time.map_or(PollTimeout::NONE, |time| PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX));
        let mut waiting = vec![PollFd::new(worker.control.as_fd(), PollFlags::POLLIN)];
        waiting.push(PollFd::new(self.machine.stop.as_fd(), PollFlags::POLLIN));
        let pipes = [self.output.awaited(), self.errors.awaited(), self.result.pipe.as_ref()];
        waiting.extend(pipes.into_iter().flatten().map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN)));
        match poll(&mut waiting, timeout) {
            Err(nix::errno::Errno::EINTR) => Ok(false),
            other => {
                other?;
                if waiting[1].any().unwrap_or(true) {
                    return Err(io::Error::other("the client has gone"));
                }
                // What was written before the end is read before the end is noticed.
                Ok(waiting[0].any().unwrap_or(false)
                    && !waiting[2..].iter().any(|each| each.revents().is_some_and(|it| it.contains(PollFlags::POLLIN))))
            }
        }
    }

    /// Read what is there on all streams, `at_end` also what is too much; the number of bytes.
    fn read(&mut self, buffer: &mut [u8], at_end: bool) -> io::Result<usize> {
        let mut length = 0;
        for stream in [&mut self.output, &mut self.errors] {
            if at_end || !stream.is_over() {
                length += stream.read(buffer)?;
            }
        }
        let of_result = self.result.read(buffer)?;
        length += of_result;
        self.decoder.feed(&buffer[..of_result]);
        let longest = self.machine.settings.limits.result + MESSAGE;
        loop {
            match self.decoder.next(longest) {
                Ok(Some((kind, payload))) => self.take(kind, payload),
                Ok(None) => return Ok(length),
                Err(_) => {
                    // Only a program that writes to the descriptor itself sends what is no frame.
                    self.result.pipe = None;
                    return Ok(length);
                }
            }
        }
    }

    fn take(&mut self, kind: Kind, payload: Vec<u8>) {
        if self.request.function.is_none() || !self.loaded {
            match kind {
                // A script that claims it gets no more time for that.
                Kind::Loaded => self.loaded = self.request.function.is_some(),
                _ => self.said = Some((kind, text(&payload))),
            }
        } else if self.calls.len() < self.remaining() {
            self.calls.push(CallResult::from_frame(kind, payload, self.machine.settings.limits.result));
        }
    }

    /// Add what came of the attempt to the result of the job.
    pub fn settle(self, result: &mut JobResult, request: &Request) {
        let Ending { exit_code, signal, cpu, max_rss, cpu_exceeded, failure, is_input_bad } = self.ending;
        result.wall += self.wall.as_secs_f64();
        result.cpu += cpu;
        result.max_rss = result.max_rss.max(max_rss);
        let settings = &self.machine.settings;
        let (output, errors) = ((&self.output.kept[..], self.output.total), (&self.errors.kept[..], self.errors.total));
        result.append(output, errors, settings.limits.output, settings.command);
        let finished = request.function.is_some() && self.loaded && self.skip + self.calls.len() >= request.calls;
        result.calls.extend(self.calls);
        if let Some(reason) = failure {
            let status = if is_input_bad { Status::BadInput } else { Status::SandboxError };
            (result.status, result.message) = (status, reason);
            return;
        }
        if self.is_lost && self.killed.is_none() && !self.out_of_memory {
            (result.status, result.message) = (Status::SandboxError, "its worker was killed".to_owned());
            return;
        }
        (result.exit_code, result.signal) = (exit_code, signal.clone());
        let (status, message) = if let Some(reason) = self.killed.filter(|reason| *reason != Status::Ok) {
            (reason, String::new())
        } else if cpu_exceeded || matches!(signal.as_deref(), Some("SIGXCPU" | "SIGPROF")) {
            (Status::CpuLimit, String::new())
        } else if finished {
            (Status::Ok, String::new())
        } else if self.out_of_memory || matches!(self.said, Some((Kind::Memory, _))) {
            (Status::Oom, String::new())
        } else if let Some(signal) = signal {
            (Status::Signal, format!("ended by {signal}"))
        } else if let Some((kind, said)) = self.said {
            (if kind == Kind::Parse { Status::Parse } else { Status::Error }, said)
        } else if exit_code != Some(0) {
            (
                Status::Error,
                exit_code.map_or("ended without a status".to_owned(), |code| format!("exited with code {code}")),
            )
        } else if request.function.is_some() {
            (Status::Error, "exited before it returned".to_owned())
        } else {
            (Status::Ok, String::new())
        };
        if self.loaded && request.function.is_some() && !finished {
            // The program is sound; the call that was running is not.
            result.calls.push(CallResult { status, value: None, message });
            result.status = Status::Ok;
        } else {
            (result.status, result.message) = (status, message);
        }
    }
}

/// The longest message of a frame, beyond the longest value.
const MESSAGE: u64 = 64 << 10;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
