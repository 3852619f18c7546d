//! The system calls that programs may make.
//!
//! What is not listed fails with EPERM, as in a process without privileges. Programs need files, memory, threads,
//! processes and pipes; they need no mounts, no namespaces, no keys, no tracing, no kernel modules and no io_uring.

use std::collections::BTreeMap;
use std::io;

use libc::*;
use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{Eq, MaskedEq, Ne};
use seccompiler::{BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule, TargetArch};

use crate::layers::Layer;
use crate::plan::{Net, Plan};

/// System calls that are permitted with any arguments.
#[rustfmt::skip]
const PERMITTED: &[c_long] = &[
    // Files.
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_preadv2,
    SYS_pwritev2, SYS_openat, SYS_openat2, SYS_close, SYS_close_range, SYS_lseek, SYS_fstat, SYS_newfstatat, SYS_statx,
    SYS_statfs, SYS_fstatfs, SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_getdents64, SYS_getcwd, SYS_chdir,
    SYS_fchdir, SYS_mkdirat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_fchmod,
    SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_truncate, SYS_ftruncate, SYS_fallocate, SYS_fsync, SYS_fdatasync,
    SYS_sync_file_range, SYS_fadvise64, SYS_readahead, SYS_copy_file_range, SYS_sendfile, SYS_splice, SYS_tee, SYS_vmsplice,
    SYS_utimensat, SYS_umask, SYS_flock, SYS_fcntl, SYS_dup, SYS_dup3, SYS_pipe2, SYS_getxattr, SYS_lgetxattr,
    SYS_fgetxattr, SYS_listxattr, SYS_llistxattr, SYS_flistxattr, SYS_memfd_create, SYS_inotify_init1,
    SYS_inotify_add_watch, SYS_inotify_rm_watch, SYS_mknodat,
    // Memory.
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_msync, SYS_mincore, SYS_mlock, SYS_mlock2,
    SYS_munlock, SYS_membarrier, SYS_rseq,
    // Waiting.
    SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_eventfd2,
    SYS_futex, SYS_nanosleep, SYS_clock_nanosleep, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime,
    SYS_signalfd4, SYS_futex_waitv,
    // Processes and threads.
    SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid, SYS_getpid, SYS_getppid, SYS_gettid,
    SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_getpgid,
    SYS_getsid, SYS_set_tid_address, SYS_set_robust_list, SYS_get_robust_list, SYS_sched_yield, SYS_sched_getaffinity,
    SYS_sched_setaffinity, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_get_priority_max,
    SYS_sched_get_priority_min, SYS_getpriority, SYS_setpriority, SYS_getrlimit, SYS_setrlimit, SYS_prlimit64,
    SYS_getrusage, SYS_times, SYS_pidfd_open, SYS_getcpu, SYS_capget,
    // Signals to the process itself, and timers.
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigsuspend, SYS_rt_sigtimedwait,
    SYS_sigaltstack, SYS_restart_syscall, SYS_getitimer, SYS_setitimer, SYS_timer_create, SYS_timer_settime,
    SYS_timer_gettime, SYS_timer_getoverrun, SYS_timer_delete,
    // Time, and the machine.
    SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_getrandom, SYS_uname, SYS_sysinfo,
    // Sockets that exist; creating one depends on its kind.
    SYS_socketpair, SYS_bind, SYS_connect, SYS_listen, SYS_accept, SYS_accept4, SYS_getsockname, SYS_getpeername,
    SYS_getsockopt, SYS_setsockopt, SYS_shutdown, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_sendmmsg,
    SYS_recvmmsg,
];

/// System calls of x86-64 that newer architectures no longer have.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const OLD: &[c_long] = &[
    SYS_open, SYS_creat, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_getdents, SYS_mkdir, SYS_rmdir, SYS_unlink,
    SYS_rename, SYS_link, SYS_symlink, SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_dup2,
    SYS_pipe, SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd, SYS_signalfd, SYS_inotify_init,
    SYS_fork, SYS_vfork, SYS_getpgrp, SYS_pause, SYS_alarm, SYS_arch_prctl, SYS_time, SYS_mknod,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[c_long] = &[];

/// System calls that signal any process: permitted where a program sees only its own.
const SIGNALS: &[c_long] =
    &[SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal];
/// System calls that leave the process group, by which a program is killed where there is no process namespace.
const GROUPS: &[c_long] = &[SYS_setsid, SYS_setpgid];
/// System calls for System V objects, which outlive a program where there is no namespace for them.
#[rustfmt::skip]
const SYSTEM_V: &[c_long] = &[
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_shmdt, SYS_semget, SYS_semop, SYS_semctl, SYS_semtimedop, SYS_msgget,
    SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend, SYS_mq_timedreceive, SYS_mq_notify,
    SYS_mq_getsetattr,
];

/// The flags of clone that make namespaces.
const NAMESPACES: u64 =
    (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP) as u64;

/// The compiled filters, to be applied in order.
pub struct Filters(Vec<BpfProgram>);

impl Filters {
    /// The filters for the programs of a plan.
    pub fn new(plan: &Plan) -> Result<Filters, String> {
        let list = compile(rules(plan).map_err(|error| error.to_string())?, SeccompAction::Errno(EPERM as u32), SeccompAction::Allow)?;
        // The C library falls back to clone, whose flags can be inspected.
        let clone3 = BTreeMap::from([(SYS_clone3, Vec::new())]);
        let absent = compile(clone3, SeccompAction::Allow, SeccompAction::Errno(ENOSYS as u32))?;
        Ok(Filters(vec![absent, list]))
    }

    /// Apply the filters to this process; the no-new-privileges flag must be set.
    pub fn apply(&self) -> io::Result<()> {
        self.0.iter().try_for_each(|filter| seccompiler::apply_filter(filter).map_err(io::Error::other))
    }
}

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

fn compile(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<BpfProgram, String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(|error| error.to_string())?;
    filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())
}

fn rules(plan: &Plan) -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = PERMITTED.iter().chain(OLD).map(|&call| (call, Vec::new())).collect();
    let mut permit = |calls: &[c_long]| rules.extend(calls.iter().map(|&call| (call, Vec::new())));
    // clone3 is permitted here, as the other filter answers it.
    permit(&[SYS_clone3]);
    if plan.has(Layer::Pid) {
        permit(SIGNALS);
        permit(GROUPS);
    }
    if plan.has(Layer::Ipc) {
        permit(SYSTEM_V);
    }
    let condition = SeccompCondition::new;
    let rule = |conditions| SeccompRule::new(conditions);
    rules.insert(SYS_clone, vec![rule(vec![condition(0, Qword, MaskedEq(NAMESPACES), 0)?])?]);
    // Characters pushed into a terminal's input would be read by whoever uses the terminal next.
    let terminals = [TIOCSTI, TIOCLINUX].map(|request| condition(1, Dword, Ne, request as u64));
    rules.insert(SYS_ioctl, vec![rule(terminals.into_iter().collect::<Result<_, _>>()?)?]);
    let names = [PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS, PR_SET_VMA];
    let named = names.iter().map(|&option| rule(vec![condition(0, Dword, Eq, option as u64)?]));
    rules.insert(SYS_prctl, named.collect::<Result<_, _>>()?);
    let mut families = vec![AF_UNIX];
    if plan.settings.net == Net::Loopback {
        families.extend([AF_INET, AF_INET6]);
    }
    let mut sockets = Vec::new();
    for family in families {
        for kind in [SOCK_STREAM, SOCK_DGRAM] {
            let of_kind = MaskedEq(!(SOCK_CLOEXEC | SOCK_NONBLOCK) as u32 as u64);
            sockets.push(rule(vec![condition(0, Dword, Eq, family as u64)?, condition(1, Dword, of_kind, kind as u64)?])?);
        }
    }
    rules.insert(SYS_socket, sockets);
    Ok(rules)
}
