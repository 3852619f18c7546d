"""What a program can leave behind on the host: processes, files, mounts, control groups and System V objects."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/usr", "/usr/lib", "/etc")
PREFIX = "psynth-sandbox-"


def parents() -> dict[int, int]:
    """The parent of each process."""
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                text = Path(entry.path, "stat").read_text()
            except OSError:
                continue
            found[int(entry.name)] = int(text.rpartition(")")[2].split()[1])
    return found


def descendants(ancestor: int) -> set[int]:
    """The processes that a process, or its children, or theirs, have started."""
    above = parents()

    def is_below(pid: int) -> bool:
        while pid > 1:
            pid = above.get(pid, 0)
            if pid == ancestor:
                return True
        return False

    return {pid for pid in above if is_below(pid)}


def control_groups(supervisor: int) -> set[str]:
    """The control groups of a supervisor."""
    found = set()
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup"):
            for folder, inner, _ in os.walk(before.split()[4]):
                found |= {os.path.join(folder, name) for name in inner if name.startswith(f"{PREFIX}{supervisor}-")}
    return found


def marked_files(mark: str, *folders: Path) -> set[str]:
    """The files of the host with a mark in their names."""
    found = set()
    for folder in [*map(Path, FOLDERS), *folders]:
        if folder.is_dir():
            found |= {entry.path for entry in os.scandir(folder) if mark in entry.name}
    return found


def scratch_folders(supervisor: int) -> Iterator[Path]:
    """The folders of the host in which programs of a supervisor have their files, where there is no better place."""
    folder = Path(os.environ.get("TMPDIR", "/tmp"))
    yield from folder.glob(f"{PREFIX}{supervisor}-*")


@dataclass(frozen=True)
class Traces:
    """What there is of a sandbox and its programs at one moment."""

    processes: int
    files: frozenset[str]
    groups: int
    mounts: str
    objects: str

    @classmethod
    def of(cls, supervisor: int, mark: str, *folders: Path) -> Traces:
        scratch = {os.fspath(path) for folder in scratch_folders(supervisor) for path in folder.iterdir()}
        return cls(
            processes=len(descendants(supervisor)),
            files=frozenset(marked_files(mark, *folders) | scratch),
            groups=len(control_groups(supervisor)),
            mounts=Path("/proc/self/mountinfo").read_text(),
            objects="".join(Path("/proc/sysvipc", name).read_text() for name in ("shm", "sem", "msg")),
        )


def settles(condition: Callable[[], bool], seconds: float = 3.0) -> bool:
    """Whether a condition holds soon: what has been killed needs a moment to disappear."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
