"""The settings of the sandbox: limits of programs, layers of isolation, and how they are told to the supervisor."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from psynth.core.errors import UsageError
from psynth.core.settings import did_you_mean, setting

EXECUTABLE = Path(__file__).resolve().parents[2] / "_bin" / "psynth-sandbox"
EXTENSION = EXECUTABLE.with_name("_zygote.abi3.so")
HARNESS = Path(__file__).with_name("sandbox_harness.py")

LAYERS: Mapping[str, str] = {
    "cgroup": "limits of memory, processes and CPU time for all processes of a program together",
    "uid": "a user without privileges",
    "user": "a user namespace",
    "pid": "a process namespace: a program sees and signals only its own processes",
    "net": "a network namespace: no network but a loopback of its own",
    "mount": "a file system of its own",
    "ipc": "System V shared memory and message queues of its own",
    "rlimits": "limits of each process",
    "landlock": "rules on the files that may be read, written and executed",
    "seccomp": "a list of permitted system calls",
}
"""The layers of isolation, with what each is."""

SWITCHED_OFF = "switched off"
"""The reason for the absence of a layer that ``without`` names."""
KILOBYTE, MEGABYTE = 1 << 10, 1 << 20


@dataclass(frozen=True)
class SandboxLimits:
    """The limits of one program in the sandbox."""

    wall: float = setting(
        5.0, minimum=0.001, unit="seconds", help="maximum wall-clock time of a script, or of loading and of each call"
    )
    cpu: float | None = setting(
        2.0, minimum=0.001, unit="seconds", help="maximum CPU time of a program and its processes, for each call"
    )
    memory: int = setting(256, minimum=1, maximum=1 << 20, unit="megabytes", help="maximum memory of a program")
    processes: int = setting(
        16, minimum=1, maximum=4096, unit="processes", help="maximum number of processes and threads of a program"
    )
    files: int = setting(64, minimum=8, maximum=1 << 20, unit="files", help="maximum number of open files of a process")
    output: int = setting(
        64,
        flag="--output-limit",
        minimum=0,
        maximum=1 << 20,
        unit="kilobytes",
        help="maximum length of standard output, and of standard error",
    )
    result: int = setting(
        1024,
        flag="--result-limit",
        minimum=1,
        maximum=1 << 20,
        unit="kilobytes",
        help="maximum length of a returned value as JSON",
    )
    scratch: int = setting(
        16, flag="--tmp", minimum=1, maximum=1 << 20, unit="megabytes", help="maximum size of a program's files in /tmp"
    )
    stack: int = setting(8, minimum=1, maximum=4096, unit="megabytes", help="maximum stack of a process")


@dataclass(frozen=True)
class SandboxSettings(SandboxLimits):
    """The limits of programs, their isolation and their surroundings."""

    isolation: Literal["full", "shared", "none"] = setting(
        "full",
        help="full: all layers for each program; shared: programs share the pid and net namespaces; none: no layer",
    )
    require: tuple[str, ...] = setting(
        (), unit="layers", help="refuse to run without these layers, as pid,net (repeatable)"
    )
    without: tuple[str, ...] = setting((), unit="layers", help="leave out these layers (repeatable)")
    packages: tuple[str, ...] = setting(
        (), unit="packages", help="import these packages before programs run, as numpy,scipy (repeatable)"
    )
    fresh: bool = setting(False, help="start a new interpreter for each program")
    net: Literal["none", "loopback"] = setting("none", help="the network that programs have")
    read_only: tuple[Path, ...] = setting(
        (), flag="--ro", file="read", unit="path", help="let programs read this path (repeatable)"
    )
    read_write: tuple[Path, ...] = setting(
        (), flag="--rw", file="write", unit="path", help="let programs read and write this path (repeatable)"
    )
    env: tuple[str, ...] = setting((), unit="name=value", help="an environment variable of programs (repeatable)")
    seed: int = setting(0, minimum=0, maximum=(1 << 63) - 1, help="seed of hashes and of random numbers in programs")


def plan(settings: SandboxSettings, jobs: int, commands: bool) -> dict[str, Any]:
    """The settings as the sandbox reads them."""
    require, without, packages = map(_names, (settings.require, settings.without, settings.packages))
    for name in (*require, *without):
        if name not in LAYERS:
            raise UsageError(f"there is no layer {name!r}{did_you_mean(name, LAYERS)}; the layers: {', '.join(LAYERS)}")
    return {
        "interpreter": {
            "executable": os.path.realpath(sys.executable),
            "folders": _folders(packages),
            "search_path": _site_folders() if packages else [],
            "harness": os.fspath(HARNESS),
            "extension": os.fspath(EXTENSION),
        },
        "limits": {
            "wall": settings.wall,
            "cpu": settings.cpu,
            "memory": settings.memory * MEGABYTE,
            "processes": settings.processes,
            "files": settings.files,
            "output": settings.output * KILOBYTE,
            "result": settings.result * KILOBYTE,
            "scratch": settings.scratch * MEGABYTE,
            "stack": settings.stack * MEGABYTE,
        },
        "isolation": settings.isolation,
        "require": require,
        "without": without,
        "packages": packages,
        "fresh": settings.fresh,
        "command": commands,
        "net": settings.net,
        "read_only": [_shared(path) for path in settings.read_only],
        "read_write": [_shared(path) for path in settings.read_write],
        "environment": dict(_variable(text) for text in settings.env),
        "seed": settings.seed,
        "jobs": jobs,
    }


def _names(texts: Sequence[str]) -> list[str]:
    """The names in the values of a repeatable option, each of which may be several, separated by commas."""
    return [name for text in texts for name in text.split(",") if name]


def _folders(packages: Sequence[str]) -> list[str]:
    """The folders that the interpreter reads."""
    folders = {os.path.realpath(sys.base_prefix), os.path.realpath(sys.base_exec_prefix)}
    return sorted(folders | set(_site_folders() if packages else ()))


def _site_folders() -> list[str]:
    """The folders that packages are installed in, without those of sources that are installed in place."""
    return [
        os.path.realpath(folder)
        for folder in dict.fromkeys(sys.path)
        if folder and os.path.isdir(folder) and any(Path(folder).glob("*.dist-info"))
    ]


_RESERVED = ("/dev", "/proc", "/sys", "/run/program", "/run/tools")


def _shared(path: Path) -> str:
    """A path of the host, for programs; UsageError if there is no such file or it cannot be offered."""
    absolute = os.path.abspath(path)
    if not os.path.exists(absolute):
        raise UsageError(f"--ro and --rw: there is no {path}")
    if absolute == "/" or any(absolute == place or absolute.startswith(f"{place}/") for place in _RESERVED):
        raise UsageError(f"--ro and --rw: {path} cannot be offered; the sandbox has its own")
    return absolute


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--env {text}: expected NAME=VALUE")
    return name, value
