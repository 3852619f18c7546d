"""The format ``openevolve``: a task folder of OpenEvolve as a task of the domain of the same name."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth.plugins.source_domain import PYTHON
from psynth_openevolve.environment import LARGEST, LONGEST
from psynth_openevolve.evaluation import is_installed
from psynth_openevolve.folder import Folder, Names


@dataclass(frozen=True)
class OpenEvolveFolder(Format):
    """A task folder of OpenEvolve: an initial program, an evaluator, and config.yaml.

    Each folder becomes one task with its initial program. The stream holds all files of the folder but hidden ones and
    the configuration, so that it is evaluated anywhere, unchanged, and always in the sandbox. Of the configuration are
    used: evaluator.timeout, memory_limit_mb, cascade_evaluation, cascade_thresholds and evaluator_args,
    database.feature_dimensions (the mean of metrics leaves them out) and prompt.system_message (the task's
    description). A warning names the settings that are not.

        psynth import openevolve my_task/ | psynth elites --method map-elites --max-evaluations 100 -o archive.jsonl
    """

    name: ClassVar[str] = "openevolve"
    help: ClassVar[str] = "a task folder of OpenEvolve"
    folders: ClassVar[bool] = True

    program: str | None = setting(
        None, value="NAME", only="import", help="the initial program in the folder (initial_program.py)"
    )
    evaluator: str | None = setting(
        None, value="NAME", only="import", help="the evaluator in the folder (evaluator.py)"
    )
    config: str | None = setting(
        None, value="NAME", only="import", help="the configuration in the folder (config.yaml)"
    )
    timeout: float | None = setting(
        None,
        minimum=0.001,
        maximum=LONGEST,
        unit="seconds",
        only="import",
        help="maximum time of a call of the evaluator (wall clock), instead of the configuration's",
    )
    memory: int | None = setting(
        None,
        minimum=1,
        maximum=LARGEST,
        unit="megabytes",
        only="import",
        help="maximum memory of a call, instead of the configuration's",
    )

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield one library, then the task of each folder with its initial program."""
        yield context.registry.domain(self.name).library()
        taken: set[str] = set()
        for path, folder in each_sound(paths, self._read, context):
            self._say(path, folder, context)
            task = folder.task(_id(self.name, folder.path, taken))
            program = Program(folder.program, PYTHON, origin=Origin(by="given"))
            yield Frontier(task=task, programs=(program,))

    def _read(self, path: str) -> Folder:
        folder = Folder.of(Path(path), Names(self.program, self.evaluator, self.config))
        used = folder.configuration
        limited = dataclasses.replace(used, timeout=self.timeout or used.timeout, memory=self.memory or used.memory)
        return dataclasses.replace(folder, configuration=limited)

    def _say(self, path: str, folder: Folder, context: Context) -> None:
        """Warn of what is in the folder and has no effect, and of what is needed and missing."""
        if unused := folder.configuration.unused:
            context.warn(f"{path}: settings that psynth does not use: {', '.join(unused)}")
        if folder.links:
            context.warn(f"{path}: symbolic links are left out: {', '.join(folder.links)}")
        if missing := [each for each in folder.packages() if not is_installed(each)]:
            context.warn(f"{path}: the files import packages that are not installed: {', '.join(missing)}")


def _id(domain: str, path: Path, taken: set[str]) -> str:
    """The id of a folder's task, by its name, with a number where another has it."""
    name = re.sub(r"[^\w.-]+", "-", os.path.basename(os.path.abspath(path))) or "task"
    found, number = f"{domain}/{name}", 2
    while found in taken:
        found, number = f"{domain}/{name}-{number}", number + 1
    taken.add(found)
    return found
