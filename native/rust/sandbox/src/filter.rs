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

/// What gives the signals of a descriptor's input to another process, which libc does not name.
const F_SETSIG: c_int = 10;
const F_SETOWN_EX: c_int = 15;
const FIOSETOWN: u64 = 0x8901;
const SIOCSPGRP: u64 = 0x8902;

/// The flags of clone that make namespaces.
const NAMESPACES: [c_int; 7] =
    [CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP];

/// System calls that only the zygote makes, to confine programs.
#[rustfmt::skip]
const OF_ZYGOTE: &[c_long] = &[
    SYS_mount, SYS_unshare, SYS_capset, SYS_seccomp, SYS_landlock_restrict_self, SYS_prctl,
];

/// The compiled filters. A list of permitted system calls takes the kernel long to install, so the zygote installs it once
/// for itself and its programs; the process of a program adds a short list of what only the zygote may do.
pub struct Filters {
    of_zygote: Vec<BpfProgram>,
    of_program: BpfProgram,
}

impl Filters {
    /// The filters for the programs of a plan.
    pub fn new(plan: &Plan) -> Result<Filters, String> {
        let refuse = || SeccompAction::Errno(EPERM as u32);
        let explain = |error: seccompiler::BackendError| error.to_string();
        let list = compile(permitted(plan).map_err(explain)?, refuse(), SeccompAction::Allow)?;
        // The C library falls back to clone, whose flags can be inspected.
        let clone3 = BTreeMap::from([(SYS_clone3, Vec::new())]);
        let absent = compile(clone3, SeccompAction::Allow, SeccompAction::Errno(ENOSYS as u32))?;
        let of_program = compile(refused(plan).map_err(explain)?, SeccompAction::Allow, refuse())?;
        Ok(Filters { of_zygote: vec![absent, list], of_program })
    }

    /// Apply the zygote's filters to this process; the no-new-privileges flag must be set.
    pub fn apply_to_zygote(&self) -> io::Result<()> {
        self.of_zygote.iter().try_for_each(apply)
    }

    /// Apply the filter of programs to this process.
    pub fn apply_to_program(&self) -> io::Result<()> {
        apply(&self.of_program)
    }
}

fn apply(filter: &BpfProgram) -> io::Result<()> {
    seccompiler::apply_filter(filter).map_err(io::Error::other)
}

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

fn compile(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<BpfProgram, String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(|error| error.to_string())?;
    filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())
}

/// What the zygote and its programs may do.
fn permitted(plan: &Plan) -> Result<Rules, seccompiler::BackendError> {
    let mut calls: Vec<c_long> = [PERMITTED, OLD, SIGNALS, GROUPS, OF_ZYGOTE].concat();
    // clone3 is permitted here, as another filter answers it.
    calls.extend([SYS_clone, SYS_clone3]);
    if plan.has(Layer::Ipc) {
        calls.extend(SYSTEM_V);
    }
    let mut rules: Rules = calls.into_iter().map(|call| (call, Vec::new())).collect();
    // Characters pushed into a terminal's input would be read by whoever uses the terminal next.
    let terminals = [TIOCSTI, TIOCLINUX].map(|request| SeccompCondition::new(1, Dword, Ne, request));
    rules.insert(SYS_ioctl, vec![SeccompRule::new(terminals.into_iter().collect::<Result<_, _>>()?)?]);
    // Where the host's files are in sight, so are its Unix sockets, which no rule on files governs.
    let mut families = if plan.has(Layer::Mount) { vec![AF_UNIX] } else { Vec::new() };
    if plan.settings.net == Net::Loopback {
        families.extend([AF_INET, AF_INET6]);
    }
    let kinds_only = MaskedEq(!(SOCK_CLOEXEC | SOCK_NONBLOCK) as u32 as u64);
    let mut sockets = Vec::new();
    for family in families {
        for kind in [SOCK_STREAM, SOCK_DGRAM] {
            let family = SeccompCondition::new(0, Dword, Eq, family as u64)?;
            let kind = SeccompCondition::new(1, Dword, kinds_only.clone(), kind as u64)?;
            sockets.push(SeccompRule::new(vec![family, kind])?);
        }
    }
    if !sockets.is_empty() {
        rules.insert(SYS_socket, sockets);
    }
    if !plan.has(Layer::Mount) {
        // A pair of datagram sockets could still be connected to another one.
        let kind = SeccompCondition::new(1, Dword, kinds_only, SOCK_STREAM as u64)?;
        rules.insert(SYS_socketpair, vec![SeccompRule::new(vec![kind])?]);
    }
    Ok(rules)
}

/// Rules for calls with one of these values as their argument.
fn any_of(argument: u8, values: &[u64]) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    values.iter().map(|&value| SeccompRule::new(vec![SeccompCondition::new(argument, Dword, Eq, value)?])).collect()
}

/// What programs may not do of that.
fn refused(plan: &Plan) -> Result<Rules, seccompiler::BackendError> {
    let mut calls = OF_ZYGOTE.to_vec();
    if !plan.has(Layer::Pid) {
        calls.extend(SIGNALS.iter().chain(GROUPS));
    }
    let mut rules: Rules = calls.into_iter().map(|call| (call, Vec::new())).collect();
    let namespaces: Result<Vec<_>, _> = NAMESPACES
        .iter()
        .map(|&flag| SeccompRule::new(vec![SeccompCondition::new(0, Qword, MaskedEq(flag as u64), flag as u64)?]))
        .collect();
    rules.insert(SYS_clone, namespaces?);
    // Limits, priorities and signals of input of another process of the same user, as the one that is its parent.
    for (call, argument) in [(SYS_prlimit64, 0), (SYS_sched_setaffinity, 0), (SYS_setpriority, 1)] {
        rules.insert(call, vec![SeccompRule::new(vec![SeccompCondition::new(argument, Dword, Ne, 0)?])?]);
    }
    rules.insert(SYS_fcntl, any_of(1, &[F_SETOWN, F_SETSIG, F_SETOWN_EX].map(|command| command as u64))?);
    rules.insert(SYS_ioctl, any_of(1, &[FIOSETOWN, SIOCSPGRP])?);
    let harmless = [PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS, PR_SET_VMA];
    let others = harmless.map(|option| SeccompCondition::new(0, Dword, Ne, option as u64));
    rules.insert(SYS_prctl, vec![SeccompRule::new(others.into_iter().collect::<Result<_, _>>()?)?]);
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Layers;
    use crate::plan::tests::plan;
    use proptest::prelude::*;

    /// Whether the filters let a system call with these arguments through.
    fn passes(plan: &Plan, call: c_long, arguments: &[u64]) -> bool {
        let matches = |rules: &Rules| match rules.get(&call) {
            None => false,
            Some(rules) if rules.is_empty() => true,
            Some(_) => !arguments.is_empty(),
        };
        matches(&permitted(plan).unwrap()) && !matches(&refused(plan).unwrap())
    }

    proptest! {
        #[test]
        fn the_filters_of_every_plan_compile(chosen in prop::sample::subsequence(Layer::ALL.to_vec(), 0..=10), loopback: bool) {
            let mut plan = plan(chosen.into_iter().collect());
            plan.settings.net = if loopback { Net::Loopback } else { Net::None };
            let filters = Filters::new(&plan).unwrap();
            prop_assert!(!filters.of_program.is_empty());
            prop_assert!(filters.of_zygote.iter().all(|filter| filter.len() <= 4096));
        }
    }

    #[test]
    fn signals_are_permitted_only_where_a_program_sees_only_its_own_processes() {
        for (layers, expected) in [(vec![Layer::Pid], true), (vec![], false)] {
            let plan = plan(layers.into_iter().collect());
            for &call in SIGNALS.iter().chain(GROUPS) {
                assert_eq!(passes(&plan, call, &[]), expected, "system call {call}");
            }
        }
    }

    #[test]
    fn sockets_of_the_host_s_files_are_refused_where_they_are_in_sight() {
        assert!(permitted(&plan(Layers::from([Layer::Mount]))).unwrap().contains_key(&SYS_socket));
        let without = permitted(&plan(Layers::new())).unwrap();
        assert!(!without.contains_key(&SYS_socket));
        assert!(!without[&SYS_socketpair].is_empty());
    }

    #[test]
    fn what_only_the_zygote_does_is_refused_to_programs() {
        let all = plan(Layer::ALL.into_iter().collect());
        for call in [SYS_mount, SYS_unshare, SYS_capset, SYS_seccomp, SYS_landlock_restrict_self] {
            assert!(!passes(&all, call, &[]), "system call {call}");
        }
        for call in [SYS_ptrace, SYS_bpf, SYS_io_uring_setup, SYS_keyctl, SYS_setns, SYS_pivot_root, SYS_init_module] {
            assert!(!permitted(&all).unwrap().contains_key(&call), "system call {call}");
        }
    }
}
