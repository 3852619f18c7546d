"""A task folder of OpenEvolve: its initial program, evaluator and configuration, found by what they contain."""

from __future__ import annotations

import ast
import base64
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psynth.core.errors import InputError
from psynth.core.python_source import NotPython, parse
from psynth.core.stream.records import Task
from psynth_openevolve.configuration import Configuration
from psynth_openevolve.environment import EVALUATE, Environment
from psynth_openevolve.inside import DISTRIBUTION

MARKER = "EVOLVE-BLOCK-START"
STAGES = ("evaluate_stage1", "evaluate_stage2", "evaluate_stage3")
LARGEST = 8 << 20
"""Maximum size of all files of a folder together, in bytes."""
PROGRAMS, EVALUATORS, CONFIGURATIONS = (
    ("initial_program.py", "initial.py", "program.py"),
    ("evaluator.py", "evaluate.py", "evaluation.py"),
    ("config.yaml", "config.yml"),
)
"""The usual names, in the order in which they are looked for."""
LEFT_OUT = ("__pycache__", "openevolve_output", "node_modules")
"""Folders that belong to no task."""


@dataclass(frozen=True)
class Names:
    """The names of files in a folder, where they are not the usual ones."""

    program: str | None = None
    evaluator: str | None = None
    config: str | None = None


@dataclass(frozen=True)
class Folder:
    """What a folder has: the texts of the initial program and of the evaluator's files, and the configuration."""

    path: Path
    program: str
    evaluator: str
    files: Mapping[str, Any]
    configuration: Configuration
    links: Sequence[str] = ()
    """Symbolic links, which are left out."""

    @classmethod
    def of(cls, path: Path, names: Names = Names()) -> Folder:
        """Read a folder; InputError where a file is missing, ambiguous or not what it should be."""
        if not path.is_dir():
            raise InputError("expected the folder of a task, with a program and an evaluator", source=os.fspath(path))
        config = names.config or next((each for each in CONFIGURATIONS if (path / each).is_file()), None)
        if config is not None and not (path / config).is_file():
            raise InputError(f"there is no {config}", source=os.fspath(path))
        files, links = _files(path, {*CONFIGURATIONS, config})
        sources = {name: text for name, text in files.items() if name.endswith(".py") and isinstance(text, str)}
        top = {name: text for name, text in sources.items() if "/" not in name}
        evaluator = _chosen(path, "evaluator", names.evaluator, EVALUATORS, top, _has_evaluate)
        others = {name: text for name, text in top.items() if name != evaluator}
        program = _chosen(path, "program", names.program, PROGRAMS, others, lambda text: MARKER in text)
        configuration = Configuration() if config is None else Configuration.read(path / config)
        return cls(path, sources[program], evaluator, files, configuration, links)

    def task(self, task_id: str) -> Task:
        """The task that the folder states."""
        used = self.configuration
        found = _names_bound(self.files[self.evaluator])
        stages = [name for name in STAGES if name in found] if used.cascade and STAGES[0] in found else []
        stages = stages[: 1 + len(used.thresholds)]
        for number, (name, expected) in enumerate(zip(stages, STAGES, strict=False)):
            if name != expected:  # a later stage without the one before it is never reached
                stages = stages[:number]
                break
        *before, last = stages or [EVALUATE]
        environment = Environment(
            self.evaluator,
            self.files,
            last,
            tuple(zip(before, used.thresholds, strict=False)),
            used.arguments,
            used.features,
            tuple(self.packages()),
            used.timeout,
            used.memory,
        )
        return Task(
            id=task_id,
            domain="openevolve",
            environment=environment.to_json(),
            descriptions=() if used.description is None else (used.description,),
        )

    def packages(self) -> list[str]:
        """The packages that the files import, besides the standard library and each other."""
        own = {name.partition("/")[0].removesuffix(".py") for name in self.files}
        known = {*sys.stdlib_module_names, *own, DISTRIBUTION}
        texts = [text for name, text in self.files.items() if name.endswith(".py") and isinstance(text, str)]
        return sorted({name for text in texts for name in _imported(text)} - known)


def _files(path: Path, without: set[str | None]) -> tuple[dict[str, Any], list[str]]:
    """The contents of the files of a folder by name, and its symbolic links."""
    found: dict[str, Any] = {}
    links: list[str] = []
    size = 0
    for name in _names(path, links):
        if name in without:
            continue
        data = (path / name).read_bytes()
        size += len(data)
        if size > LARGEST:
            message = f"more than {LARGEST >> 20} megabytes of files, with {name}; a stream carries them all"
            raise InputError(message, source=os.fspath(path))
        try:
            found[name] = data.decode()
        except UnicodeDecodeError:
            found[name] = {"base64": base64.b64encode(data).decode()}
    return found, links


def _names(path: Path, links: list[str]) -> Iterator[str]:
    """The names of the files below a folder, sorted; hidden ones belong to no task."""
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in LEFT_OUT)
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_symlink():
                links.append(file.relative_to(path).as_posix())
            elif file.is_file() and not name.startswith(".") and file.suffix != ".pyc":
                yield file.relative_to(path).as_posix()


def _chosen(
    path: Path, what: str, named: str | None, usual: Sequence[str], sources: Mapping[str, str], fits: Any
) -> str:
    """The name of a file: the one that is named, has a usual name, or is the only one that fits."""
    if named is not None:
        if named not in sources:
            raise InputError(f"there is no file {named} that is Python and could be the {what}", source=os.fspath(path))
        return named
    for name in usual:
        if name in sources:
            return name
    fitting = [name for name, text in sources.items() if fits(text)]
    if len(fitting) != 1:
        seen = f"{', '.join(fitting)} could be it" if fitting else "no file looks like it"
        raise InputError(f"which file is the {what}? {seen}; name it with --{what}", source=os.fspath(path))
    return fitting[0]


def _has_evaluate(text: str) -> bool:
    return EVALUATE in _names_bound(text)


def _names_bound(text: str) -> set[str]:
    """The functions and imported names of a module; none of a text that is no Python."""
    try:
        tree = parse(text)
    except NotPython:
        return set()
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            found.update(each.asname or each.name for each in node.names)
        elif isinstance(node, ast.Assign):
            found.update(each.id for each in node.targets if isinstance(each, ast.Name))
    return found


def _imported(text: str) -> set[str]:
    """The packages that a module imports anywhere."""
    try:
        tree = parse(text)
    except NotPython:
        return set()
    names = [each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names]
    names += [
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level and node.module
    ]
    return {name.partition(".")[0] for name in names}
