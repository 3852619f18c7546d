//! The file system of the sandbox: a small root of read-only copies of the host's folders, and scratch space.

use std::ffi::CStr;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{symlink, DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::mount::{mount, umount2, MntFlags, MsFlags};
use nix::unistd::{chdir, pivot_root};

use crate::plan::{Plan, BOX, RUN, TOOLS};
use crate::sys;

/// Folders of the host that programs and the interpreter's libraries need.
const SYSTEM: [&str; 5] = ["/usr", "/lib", "/lib64", "/bin", "/sbin"];
/// Files of the host without which libraries work worse, or not at all.
const FILES: [&str; 3] = ["/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives"];
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
/// Where the new root is put together; any folder that every host has would do.
const STAGE: &str = "/tmp";
/// Number of files in the scratch folder for each of its megabytes, at most.
const FILES_PER_MEGABYTE: u64 = 256;

const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
const WRITABLE: u64 = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV | libc::MOUNT_ATTR_NOEXEC;
const DEVICE: u64 = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC;

/// A symbolic link and its target.
type Link = (PathBuf, PathBuf);

/// A part of the host's file system, on its way into the new root.
struct Part {
    tree: OwnedFd,
    target: PathBuf,
    is_folder: bool,
}

impl Part {
    fn open(source: &Path, target: &Path, attributes: u64) -> io::Result<Part> {
        let explained = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", source.display()));
        let is_folder = fs::metadata(source).map_err(explained)?.is_dir();
        let tree = sys::open_tree(&sys::c_string(source.as_os_str().as_encoded_bytes())?).map_err(explained)?;
        sys::set_mount_attributes(&tree, attributes, true).map_err(explained)?;
        Ok(Part { tree, target: target.to_path_buf(), is_folder })
    }

    /// Attach the part below the new root, which is the working directory.
    fn attach(&self) -> io::Result<()> {
        let target = Path::new(".").join(self.target.strip_prefix("/").unwrap_or(&self.target));
        if !target.exists() {
            make_folder(if self.is_folder { &target } else { target.parent().unwrap_or(&target) })?;
            if !self.is_folder {
                fs::write(&target, "")?;
            }
        }
        if !fs::canonicalize(&target)?.starts_with(STAGE) {
            let text = format!("{}: a link leads out of the sandbox; give its target", self.target.display());
            return Err(io::Error::other(text));
        }
        sys::attach(&self.tree, &sys::c_string(target.as_os_str().as_encoded_bytes())?)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.target.display())))
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o755).create(path)
}

/// Fail as making the root would on a kernel or in a container that does not let mounts be made.
pub fn try_mounts() -> io::Result<()> {
    detach_from_host()?;
    let part = Part::open(Path::new("/usr"), Path::new("/usr"), READ_ONLY)?;
    mount_memory(c"/tmp", "size=64k,mode=755")?;
    drop(part);
    Ok(())
}

fn detach_from_host() -> io::Result<()> {
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>).map_err(Into::into)
}

fn mount_memory(target: &CStr, options: &str) -> io::Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("tmpfs"), target, Some("tmpfs"), flags, Some(options)).map_err(Into::into)
}

/// Make the new root in this process's own mount namespace, and enter it.
pub fn enter(plan: &Plan) -> io::Result<()> {
    detach_from_host()?;
    let (links, parts) = parts(plan)?;
    mount_memory(&sys::c_string(STAGE)?, "size=1m,mode=755")?;
    chdir(STAGE)?;
    for folder in [&RUN[1..], &BOX[1..], "dev", "etc"] {
        make_folder(Path::new(folder))?;
    }
    for (link, target) in links {
        symlink(target, link.strip_prefix("/").unwrap_or(&link))?;
    }
    // Files of the host below /tmp take its place: the scratch folder is then known only by its other name.
    let mut of_host = plan.shared_paths().chain(&plan.settings.interpreter.folders);
    if !of_host.any(|path| path.starts_with("/tmp")) {
        symlink(Path::new(BOX).join("tmp"), "tmp")?;
    }
    symlink(Path::new(BOX).join("shm"), "dev/shm")?;
    for part in &parts {
        part.attach()?;
    }
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    chdir("/")?;
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(None::<&str>, "/", None::<&str>, flags, None::<&str>).map_err(Into::into)
}

/// The symbolic links at the top of the host's file system, and the parts of the new root.
fn parts(plan: &Plan) -> io::Result<(Vec<Link>, Vec<Part>)> {
    let (mut links, mut parts) = (Vec::new(), Vec::new());
    for path in SYSTEM.map(Path::new) {
        match fs::read_link(path) {
            Ok(target) => links.push((path.to_path_buf(), target)),
            Err(_) if path.exists() => parts.push(Part::open(path, path, READ_ONLY)?),
            Err(_) => {}
        }
    }
    let interpreter = &plan.settings.interpreter;
    // A folder comes before those below it, which would otherwise be hidden.
    let mut folders: Vec<&PathBuf> = interpreter.folders.iter().collect();
    folders.sort();
    folders.dedup();
    let mut last = Path::new("/usr");
    for folder in folders {
        if !folder.starts_with(last) && !folder.starts_with("/usr") {
            parts.push(Part::open(folder, folder, READ_ONLY)?);
            last = folder;
        }
    }
    for tool in [&interpreter.harness, &interpreter.extension] {
        let name = tool.file_name().ok_or_else(|| io::Error::other("a tool of the sandbox has no name"))?;
        parts.push(Part::open(tool, &Path::new(TOOLS).join(name), READ_ONLY)?);
    }
    for path in FILES.map(Path::new).into_iter().filter(|path| path.exists()) {
        parts.push(Part::open(path, path, READ_ONLY)?);
    }
    for path in DEVICES.map(Path::new).into_iter().filter(|path| path.exists()) {
        parts.push(Part::open(path, path, DEVICE)?);
    }
    for path in &plan.settings.read_only {
        parts.push(Part::open(path, path, READ_ONLY)?);
    }
    for path in &plan.settings.read_write {
        parts.push(Part::open(path, path, WRITABLE)?);
    }
    Ok((links, parts))
}

/// Mount a program's own file system, in its own mount namespace, and enter its scratch folder.
pub fn mount_box(plan: &Plan) -> io::Result<()> {
    let bytes = plan.settings.limits.scratch;
    let inodes = (bytes.div_ceil(1 << 20) * FILES_PER_MEGABYTE).max(64);
    mount_memory(&sys::c_string(BOX)?, &format!("size={bytes},nr_inodes={inodes},mode=755"))?;
    for name in ["tmp", "shm"] {
        fs::DirBuilder::new().mode(0o700).create(Path::new(BOX).join(name))?;
    }
    Ok(())
}

/// Remove what a program left in a scratch folder of the host.
pub fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_all(&entry.path());
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Give the owner all rights on the folders below a folder, so that they can be removed.
fn open_all(folder: &Path) {
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_all(&entry.path());
        }
    }
}
