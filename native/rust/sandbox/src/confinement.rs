//! Confines the process of one program: the last steps before its code runs.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::OwnedFd;
use std::path::Path;

use caps::{CapSet, Capability};
use landlock::{
    Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, Scope, ABI,
};
use nix::sched::{unshare, CloneFlags};
use nix::sys::resource::Resource;
use nix::sys::signal::Signal;
use nix::unistd::{chdir, setsid};

use crate::filter::Filters;
use crate::layers::Layer;
use crate::plan::{Net, Plan, RUN};
use crate::sys;

/// The number of the descriptor that a program's process returns values on.
pub const RESULT: i32 = 3;
/// The number of the descriptor with the job of a new interpreter; elsewhere, of what is closed before code runs.
pub const SPARE: i32 = 4;
/// The newest rules of Landlock that are used where the kernel has them.
const LANDLOCK: ABI = ABI::V6;
/// Folders of the host that are readable where there is no file system of the sandbox's own.
const READABLE: [&str; 7] = ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/localtime"];
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// What is prepared once, before the first program.
pub struct Confinement {
    filters: Option<Filters>,
    rules: Option<RulesetCreated>,
}

/// The limits of one program that depend on its worker.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of data of each process.
    pub data: u64,
    /// CPU seconds.
    pub cpu: Option<f64>,
}

impl Confinement {
    /// Prepare the rules on files, and filter the system calls of this process.
    pub fn new(plan: &Plan) -> io::Result<Confinement> {
        let rules = plan.has(Layer::Landlock).then(|| rules(plan).map_err(io::Error::other)).transpose()?;
        let filters = plan.has(Layer::Seccomp).then(|| Filters::new(plan).map_err(io::Error::other)).transpose()?;
        if let Some(filters) = &filters {
            filters.apply_to_zygote()?;
        }
        Ok(Confinement { filters, rules })
    }

    /// Confine this process, which has its standard streams; from here on it is treated as hostile.
    pub fn apply(&mut self, plan: &Plan, bounds: Bounds) -> io::Result<()> {
        setsid()?;
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
        chdir(&plan.scratch())?;
        if let Some(rules) = self.rules.take() {
            rules.restrict_self().map_err(io::Error::other)?;
        }
        if plan.has(Layer::Rlimits) {
            limit(plan, bounds)?;
        }
        clear_capabilities()?;
        nix::sys::prctl::set_no_new_privs()?;
        self.filters.as_ref().map_or(Ok(()), Filters::apply_to_program)
    }
}

/// Enter namespaces of the program's own within those that it shares, with a file system for its scratch folder.
pub fn enter_own_namespaces(plan: &Plan) -> io::Result<()> {
    let mut namespaces = CloneFlags::empty();
    if plan.has(Layer::Mount) {
        namespaces |= CloneFlags::CLONE_NEWNS;
    }
    if plan.has(Layer::Ipc) {
        namespaces |= CloneFlags::CLONE_NEWIPC;
    }
    if !namespaces.is_empty() {
        unshare(namespaces)?;
    }
    if plan.has(Layer::Mount) {
        crate::root::mount_box(plan)?;
    }
    Ok(())
}

fn limit(plan: &Plan, bounds: Bounds) -> io::Result<()> {
    let limits = &plan.settings.limits;
    sys::limit(Resource::RLIMIT_CORE, 0)?;
    sys::limit(Resource::RLIMIT_NOFILE, limits.files)?;
    sys::limit(Resource::RLIMIT_FSIZE, limits.scratch)?;
    sys::limit(Resource::RLIMIT_STACK, limits.stack)?;
    sys::limit(Resource::RLIMIT_DATA, bounds.data)?;
    sys::limit(Resource::RLIMIT_MSGQUEUE, 0)?;
    sys::limit(Resource::RLIMIT_MEMLOCK, 0)?;
    if let Some(cpu) = bounds.cpu {
        // Whole seconds: the worker's own watch is finer, and this one holds also if the worker is gone.
        sys::limit(Resource::RLIMIT_CPU, cpu.ceil() as u64 + 1)?;
    }
    sys::limit(Resource::RLIMIT_NPROC, plan.most_tasks())?;
    Ok(())
}

/// Give up all capabilities.
pub fn clear_capabilities() -> io::Result<()> {
    for set in [CapSet::Ambient, CapSet::Effective, CapSet::Inheritable, CapSet::Permitted] {
        caps::clear(None, set).map_err(io::Error::other)?;
    }
    Ok(())
}

/// Keep only these capabilities, also in the program that this process executes.
pub fn keep_capabilities(capabilities: &[Capability]) -> io::Result<()> {
    let kept = capabilities.iter().copied().collect();
    for set in [CapSet::Effective, CapSet::Permitted, CapSet::Inheritable] {
        caps::set(None, set, &kept).map_err(io::Error::other)?;
    }
    caps::set(None, CapSet::Ambient, &kept).map_err(io::Error::other)
}

/// The rules on files and networks; the parts that an older kernel does not know are left out, its version is reported.
fn rules(plan: &Plan) -> Result<RulesetCreated, landlock::RulesetError> {
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?;
    if plan.settings.net == Net::None {
        ruleset = ruleset.handle_access(AccessNet::from_all(LANDLOCK))?;
    }
    let mut rules = ruleset.create()?.set_compatibility(CompatLevel::BestEffort);
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let write = AccessFs::from_all(LANDLOCK) & !(AccessFs::Execute | AccessFs::MakeChar | AccessFs::MakeBlock);
    let interpreter = &plan.settings.interpreter;
    let mut allow = |path: &Path, access: BitFlags<AccessFs>| -> Result<(), landlock::RulesetError> {
        // What does not exist needs no rule. A file has none of the rights of folders.
        let Ok(file) = PathFd::new(path) else { return Ok(()) };
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(LANDLOCK) };
        let taken = std::mem::replace(&mut rules, Ruleset::default().handle_access(AccessFs::Execute)?.create()?);
        rules = taken.add_rule(PathBeneath::new(file, access))?;
        Ok(())
    };
    if plan.has(Layer::Mount) {
        allow(Path::new("/"), read)?;
        allow(Path::new(RUN), write)?;
    } else {
        READABLE.iter().try_for_each(|path| allow(Path::new(path), read))?;
        interpreter.folders.iter().try_for_each(|path| allow(path, read))?;
        allow(&plan.harness(), read)?;
        allow(&plan.tools(), read)?;
        allow(&plan.scratch(), write)?;
    }
    DEVICES.iter().try_for_each(|path| allow(Path::new(path), read | AccessFs::WriteFile))?;
    plan.settings.read_only.iter().try_for_each(|path| allow(path, read))?;
    plan.settings.read_write.iter().try_for_each(|path| allow(path, write))?;
    if plan.settings.command {
        let runs = ["/usr", "/bin", "/sbin", "/lib", "/lib64"].map(Path::new);
        runs.into_iter().try_for_each(|path| allow(path, read | AccessFs::Execute))?;
        interpreter.folders.iter().try_for_each(|path| allow(path, read | AccessFs::Execute))?;
        plan.settings.read_only.iter().try_for_each(|path| allow(path, read | AccessFs::Execute))?;
    } else {
        allow(&interpreter.executable, read | AccessFs::Execute)?;
        for loader in loaders() {
            allow(&loader, read | AccessFs::Execute)?;
        }
    }
    Ok(rules)
}

/// The dynamic loaders, which the kernel executes with the interpreter.
fn loaders() -> Vec<std::path::PathBuf> {
    let folders = ["/lib64", "/lib", "/usr/lib64", "/usr/lib"].map(Path::new);
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
    entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-")))
        .collect()
}

/// The whole content of a file that another process has written.
pub fn read_all(descriptor: OwnedFd) -> io::Result<Vec<u8>> {
    let mut file = File::from(descriptor);
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
