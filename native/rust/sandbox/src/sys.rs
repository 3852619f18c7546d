//! The system calls that no crate wraps safely: the only module of the sandbox with unsafe code.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::sys::signal::SigSet;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

fn checked(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// Forks into new namespaces: the child's process id, or None in the child.
///
/// The C library does not know of this fork, so the child must not create threads or raise signals to itself. The
/// process must have a single thread.
pub fn fork_into(namespaces: CloneFlags) -> io::Result<Option<Pid>> {
    let flags = libc::c_long::from(namespaces.bits()) | libc::c_long::from(libc::SIGCHLD);
    // SAFETY: with a null stack, clone copies the address space as fork does; there is no other thread whose state the
    // child could find half changed.
    let pid = checked(unsafe { libc::syscall(libc::SYS_clone, flags, 0usize, 0usize, 0usize, 0usize) })?;
    Ok((pid != 0).then(|| Pid::from_raw(pid as libc::pid_t)))
}

/// Resources that a process and the children it waited for have used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub cpu: Duration,
    /// Bytes.
    pub max_rss: u64,
}

impl Usage {
    /// What two processes used together.
    pub fn with(self, other: Usage) -> Usage {
        Usage { cpu: self.cpu + other.cpu, max_rss: self.max_rss.max(other.max_rss) }
    }
}

/// Waits for a child (None: any); the status is `StillAlive` if `blocking` is false and no child has ended.
pub fn wait(child: Option<Pid>, blocking: bool) -> nix::Result<(WaitStatus, Usage)> {
    let mut status = 0;
    // SAFETY: an all-zero rusage is valid, and both pointers are to live locals.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let options = if blocking { 0 } else { libc::WNOHANG };
    let target = child.map_or(-1, Pid::as_raw);
    // SAFETY: as above.
    let pid = Errno::result(unsafe { libc::wait4(target, &mut status, options, &mut usage) })?;
    if pid == 0 {
        return Ok((WaitStatus::StillAlive, Usage::default()));
    }
    let cpu = duration(usage.ru_utime) + duration(usage.ru_stime);
    let max_rss = usage.ru_maxrss.max(0) as u64 * 1024;
    Ok((WaitStatus::from_raw(Pid::from_raw(pid), status)?, Usage { cpu, max_rss }))
}

fn duration(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec.max(0) as u64, time.tv_usec.max(0) as u32 * 1000)
}

/// A descriptor that becomes readable when the process ends.
pub fn pidfd(process: Pid) -> io::Result<OwnedFd> {
    // SAFETY: the kernel returns a new descriptor that nobody else owns.
    unsafe {
        let fd = checked(libc::syscall(libc::SYS_pidfd_open, process.as_raw(), 0))?;
        Ok(OwnedFd::from_raw_fd(fd as RawFd))
    }
}

/// The descriptor with this number, inherited from the process that started this one.
pub fn inherited(number: RawFd) -> io::Result<OwnedFd> {
    nix::fcntl::fcntl(borrowed(number), nix::fcntl::FcntlArg::F_GETFD)?;
    // SAFETY: the descriptor is open, and callers take each inherited number once.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

fn borrowed(number: RawFd) -> BorrowedFd<'static> {
    // SAFETY: only used for calls that fail cleanly on a closed descriptor.
    unsafe { BorrowedFd::borrow_raw(number) }
}

/// Makes `target` a copy of the descriptor, inherited by programs that this process executes.
pub fn duplicate_to(source: &impl AsRawFd, target: RawFd) -> io::Result<()> {
    if source.as_raw_fd() == target {
        return nix::fcntl::fcntl(borrowed(target), nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty()))
            .map(drop)
            .map_err(Into::into);
    }
    // SAFETY: dup2 has no memory preconditions.
    checked(libc::c_long::from(unsafe { libc::dup2(source.as_raw_fd(), target) })).map(drop)
}

/// A copy of a descriptor with at least this number, closed when a program is executed.
pub fn copy_beyond(source: &impl std::os::fd::AsFd, least: RawFd) -> io::Result<OwnedFd> {
    let number = nix::fcntl::fcntl(source.as_fd(), nix::fcntl::FcntlArg::F_DUPFD_CLOEXEC(least))?;
    // SAFETY: the kernel has just made this descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// The reading and the writing end of a pipe, closed when a program is executed.
pub fn pipe() -> io::Result<(File, File)> {
    let (reader, writer) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    Ok((reader.into(), writer.into()))
}

/// Closes all descriptors from `first` on. Owners of such descriptors must never be dropped afterwards.
pub fn close_from(first: RawFd) -> io::Result<()> {
    // SAFETY: close_range has no memory preconditions.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first as libc::c_uint, libc::c_uint::MAX, 0) }).map(drop)
}

/// A detached copy of the mounts at and below a path (Linux 5.2).
pub fn open_tree(path: &CStr) -> io::Result<OwnedFd> {
    let flags = libc::OPEN_TREE_CLONE | libc::OPEN_TREE_CLOEXEC | libc::AT_RECURSIVE as libc::c_uint;
    // SAFETY: the path is a valid C string, and the kernel returns a new descriptor.
    unsafe {
        let fd = checked(libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, path.as_ptr(), flags))?;
        Ok(OwnedFd::from_raw_fd(fd as RawFd))
    }
}

/// Sets attributes (`MOUNT_ATTR_…`) of a mount, `recursive` also of those below it (Linux 5.12).
pub fn set_mount_attributes(tree: &impl AsRawFd, attributes: u64, recursive: bool) -> io::Result<()> {
    let wanted = libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: libc::MS_PRIVATE, userns_fd: 0 };
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the empty path and the attributes are valid for the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &wanted,
            std::mem::size_of::<libc::mount_attr>(),
        )
    };
    checked(result).map(drop)
}

/// Attaches a detached mount to a path.
pub fn attach(tree: &impl AsRawFd, target: &CStr) -> io::Result<()> {
    let flags = libc::MOVE_MOUNT_F_EMPTY_PATH;
    // SAFETY: both paths are valid C strings.
    let result = unsafe {
        libc::syscall(libc::SYS_move_mount, tree.as_raw_fd(), c"".as_ptr(), libc::AT_FDCWD, target.as_ptr(), flags)
    };
    checked(result).map(drop)
}

/// The Landlock version of the kernel, 0 if it has none or Landlock is disabled.
pub fn landlock_version() -> i64 {
    // SAFETY: a null attribute with size 0 asks for the version only.
    let version = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<libc::c_void>(), 0, 1 as libc::c_uint)
    };
    version.max(0)
}

/// Ends the process at once, without running destructors or exit handlers.
pub fn exit_now(status: i32) -> ! {
    // SAFETY: _exit has no preconditions.
    unsafe { libc::_exit(status) }
}

/// Sets a limit on a resource of this process, lowering the hard limit with it.
pub fn limit(resource: nix::sys::resource::Resource, value: u64) -> nix::Result<()> {
    let (_, hard) = nix::sys::resource::getrlimit(resource)?;
    let value = value.min(hard);
    nix::sys::resource::setrlimit(resource, value, value)
}

/// Whether the kernel has seccomp filters.
pub fn has_seccomp() -> bool {
    let action = libc::SECCOMP_RET_ERRNO;
    // SAFETY: the action is a live local.
    unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 }
}

/// Brings up the loopback interface of this network namespace.
pub fn raise_loopback() -> io::Result<()> {
    use nix::sys::socket::{socket, AddressFamily, SockFlag, SockType};
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    // SAFETY: an all-zero ifreq is valid; the kernel reads the name and the flags.
    unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        request.ifr_name[0] = b'l' as libc::c_char;
        request.ifr_name[1] = b'o' as libc::c_char;
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        checked(libc::c_long::from(libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &request)))?;
    }
    Ok(())
}

/// The highest number of a signal.
const LAST_SIGNAL: libc::c_int = 64;

/// Gives all signals their default effect: what the client ignores, programs need not ignore.
pub fn reset_signals() {
    for signal in 1..=LAST_SIGNAL {
        // SAFETY: no handler is installed. That of SIGKILL, SIGSTOP and the C library's own cannot be changed.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Keeps all signals from this process, for whose interpreter they would be an exception: a program could send them.
pub fn hold_signals() -> nix::Result<()> {
    SigSet::all().thread_set_mask()
}

/// Lets this process have signals again.
pub fn take_signals() -> nix::Result<()> {
    SigSet::empty().thread_set_mask()
}

/// Text as a C string; InvalidInput if it contains NUL.
pub fn c_string(text: impl Into<Vec<u8>>) -> io::Result<CString> {
    CString::new(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}
