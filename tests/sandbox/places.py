"""Runs a command in another place: as root, as an ordinary user, or in what looks like a container.

In each place other users can read the interpreter and psynth, also where only root can enter their folders.

``python -m tests.sandbox.places PLACE COMMAND ...`` must be started as root with the right to make namespaces.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

PLACES = ("root", "user", "container", "container-user")
USER = 23456
"""An ordinary user; that nobody has this number does not matter."""

NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000
RECURSIVE, PRIVATE, BIND, READ_ONLY, REMOUNT = 0x4000, 0x40000, 0x1000, 0x1, 0x20
CONTAINER = "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod"
"""The capabilities that root usually has in a container."""

_libc = ctypes.CDLL(None, use_errno=True)


def command(place: str, words: Sequence[str]) -> list[str]:
    """The command line that runs a command in a place."""
    return [sys.executable, "-m", __name__, place, *words]


def why_not(place: str) -> str | None:
    """The reason for which a place cannot be made here; None if it can."""
    if os.geteuid() != 0:
        return "only root can go elsewhere"
    tried = subprocess.run(command(place, ["true"]), capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else (tried.stderr.strip().splitlines() or ["it failed"])[-1]


def enter(place: str, words: Sequence[str]) -> None:
    """Become the command, in the place."""
    if place.startswith("container"):
        _enter_user_namespace()
        _mount(None, "/", RECURSIVE | PRIVATE)
        _open_roots()
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
        for folder in _control_groups():
            _mount(None, folder, REMOUNT | BIND | READ_ONLY)
    else:
        _check(_libc.unshare(NEW_MOUNTS))
        _mount(None, "/", RECURSIVE | PRIVATE)
        _open_roots()
    if place == "root":
        os.execvp(words[0], list(words))
    user = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if place.endswith("user") else []
    kept = ["-all", *(f"+{name}" for name in CONTAINER.split())] if place == "container" else ["-all"]
    bounds = [f"--bounding-set={','.join(kept)}", "--inh-caps=-all"]
    os.environ["HOME"] = "/tmp"
    os.execvp("setpriv", ["setpriv", *user, *bounds, *words])


def _enter_user_namespace() -> None:
    """Enter a new user namespace in which every user of the host is the same user."""
    ready, written = os.pipe(), os.pipe()
    parent = os.getpid()
    if (helper := os.fork()) == 0:
        # Without its own copy of the other end the helper sees when the parent gives up.
        os.close(ready[1])
        if os.read(ready[0], 1) != b"x":
            os._exit(1)
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{parent}/{name}").write_text(f"0 0 {(1 << 32) - 1}\n")
        os.write(written[1], b"x")
        os._exit(0)
    _check(_libc.unshare(NEW_USER | NEW_MOUNTS))
    os.write(ready[1], b"x")
    os.close(written[1])
    if os.read(written[0], 1) != b"x":
        raise OSError("the user namespace has no users")
    os.waitpid(helper, 0)


def _open_roots() -> None:
    """Put the folders of the interpreter and of psynth, where only root can reach them, into an open folder instead."""
    needed = {Path(os.path.realpath(path)) for path in (sys.base_prefix, sys.prefix, *filter(None, sys.path))}
    needed = {path for path in needed if path.is_dir()}
    for closed in sorted({top for path in needed if (top := _closed(path)) is not None}):
        below = sorted(path for path in needed if path.is_relative_to(closed))
        stage = Path(tempfile.mkdtemp())
        held: list[tuple[Path, Path]] = []
        for number, path in enumerate(below):
            if not any(path.is_relative_to(other) for _, other in held):
                (stage / str(number)).mkdir()
                _mount(path, stage / str(number), BIND | RECURSIVE)
                held.append((stage / str(number), path))
        _mount(Path("tmpfs"), closed, 0, kind="tmpfs", options="mode=755")
        for staged, path in held:
            path.mkdir(parents=True)
            _mount(staged, path, BIND | RECURSIVE)
            _check(_libc.umount2(os.fsencode(staged), 2))
            staged.rmdir()
        stage.rmdir()


def _closed(path: Path) -> Path | None:
    """The topmost folder above a path that other users cannot enter."""
    return next((top for top in reversed([path, *path.parents]) if not top.stat().st_mode & 0o001), None)


def _control_groups() -> Iterable[Path]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup"):
            yield Path(before.split()[4])


def _mount(source: Path | None, target: Path | str, flags: int, kind: str | None = None, options: str = "") -> None:
    texts = [text.encode() if text else None for text in (source and os.fspath(source), os.fspath(target), kind)]
    _check(_libc.mount(*texts, ctypes.c_ulong(flags), options.encode() or None), os.fspath(target))


def _check(answer: int, what: str = "") -> None:
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


if __name__ == "__main__":
    enter(sys.argv[1], sys.argv[2:])
