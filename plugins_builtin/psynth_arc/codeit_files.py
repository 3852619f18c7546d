"""The format ``codeit``: a folder of CodeIt's data, or what a run of it has written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from psynth.core.errors import InputError
from psynth.core.files import read_json
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record, Task, quality
from psynth.core.wording import counted
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_arc.codeit_values import (
    VERSION,
    Splits,
    is_log,
    is_solutions,
    is_splits,
    is_task,
    key_of,
    program_lines,
    solution,
    task_of,
    whole_program,
)
from psynth_arc.codeit_writing import write_run
from psynth_arc.domain import PUBLISHED_SPLITS
from psynth_arc.resolving import Resolver
from psynth_arc.tasks import DOMAIN, REQUEST, task_id

POLICY = "policy"
"""The origin of programs that a run's model has sampled."""
LOG = re.compile(r"log_(\d+)\.json$")


@dataclass(frozen=True)
class CodeItFiles(Format):
    """CodeIt's folders: tasks with programs, mutated tasks, and the samples and solutions of a run.

        psynth import codeit data/ > tasks.jsonl
        psynth export codeit -o run found.jsonl

    Of a folder all files ending in .json are read: tasks (training/KEY.json, evaluation/KEY.json), files of mutated
    tasks, log_I.json, solutions_I.json and split_keys.json, each known by what it holds. Programs are read as text and
    never executed. A task's meta has the version of its data, codeit-2020 unless the file says another, and its part of
    the split; a derived one has its parent, score and distance there. Programs of logs and solutions have origin.by
    policy and the meta-iteration as step; equal samples of a log are one, and those that are no programs are counted
    and left out. Numbers of solutions are kept as the program's field codeit.

    Export writes a folder: tasks, derived tasks, split_keys.json, for each meta-iteration (the step of programs) log_I
    and solutions_I.json, and performance.csv. Solutions need the outputs of evaluate --outputs, or imported numbers. In
    performance.csv the column step is empty, as a stream does not say how often a model was updated.
    """

    name: ClassVar[str] = "codeit"
    help: ClassVar[str] = "CodeIt's tasks, mutated tasks, samples and solutions"
    folders: ClassVar[bool] = True

    version: str = setting(
        VERSION, value="NAME", only="import", help="version of the data that tasks are marked with if they say none"
    )

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the domain's library, the tasks, and a frontier for each task of a log or of solutions."""
        library = context.registry.domain(DOMAIN).library()
        yield library
        reading = _Reading(Resolver(library), context, self.version)
        files = [(file, Path(path)) for path in paths for file in _files(path)]
        # What other files refer to comes first: the keys of the splits, and then tasks.
        kinds: tuple[list[Any], ...] = ([], [], [])
        for (file, _), value in each_sound(files, lambda each: read_json(each[0]), context):
            place = 0 if is_splits(value) else 1 if not (is_solutions(value) or is_log(value)) else 2
            kinds[place].append((file, value))
        for (file, _), splits in each_sound(kinds[0], _splits, context):
            del file
            reading.splits = Splits({**reading.splits.part_of, **splits.part_of})
        for file, value in kinds[1]:
            yield from reading.tasks(file, value)
        for file, value in kinds[2]:
            yield from reading.solutions(file, value) if is_solutions(value) else reading.log(file, value)
        reading.tell()

    def write_folder(self, records: Iterator[Record], folder: Path, context: Context) -> None:
        """Write the tasks, and the samples, solutions and figures of each meta-iteration."""
        write_run(records, folder, context)


def _files(path: str) -> list[str]:
    """The files at a path: itself, or the JSON files in a folder in order; InputError if there are none."""
    if path == "-" or not Path(path).is_dir():
        return [path]
    found = sorted(str(each) for each in Path(path).rglob("*.json") if each.is_file())
    if not found:
        raise InputError("the folder has no files ending in .json", source=path)
    return found


def _splits(read: tuple[str, Any]) -> Splits:
    try:
        return Splits.of(read[1])
    except InputError as error:
        raise InputError(error.message, source=read[0]) from None


@dataclass
class _Reading:
    """Makes records of values, and remembers the tasks for what refers to them."""

    resolver: Resolver
    context: Context
    version: str
    splits: Splits = field(default_factory=lambda: Splits({}))
    known: dict[str, Task] = field(default_factory=dict)
    lacking: set[str] = field(default_factory=set)
    samples: Counter[bool] = field(default_factory=Counter)
    """How many samples are programs, and how many are not."""
    why: str = ""

    def tasks(self, source: str, value: Any) -> Iterator[Frontier]:
        """Yield the frontiers of a task, or of an object of tasks by key."""
        if not isinstance(value, dict):
            self.context.bad_input(InputError("no file of CodeIt holds this", source=source))
            return
        listed = [(None, value)] if is_task(value) else list(value.items())
        if not listed or not all(is_task(each) for _, each in listed):
            self.context.bad_input(InputError("expected a task, or an object of tasks by key", source=source))
            return
        for _, frontier in each_sound(listed, lambda each: self._task(source, *each), self.context):
            yield frontier

    def _task(self, source: str, key: str | None, value: Mapping[str, Any]) -> Frontier:
        name = key
        try:
            name = key_of(value)
            if key not in (None, name):
                raise InputError(f"its key in the file is {key}")
            task = task_of(value, self.splits, PUBLISHED_SPLITS.get(Path(source).parent.name), self.version)
            text = value.get("program")
            program = None if text is None else whole_program(text, self.resolver)
            if task.id in self.known:
                raise InputError("a second task of this key")
        except InputError as error:
            raise InputError(error.message, source=source, task=name) from None
        self.known[task.id] = task
        made_by = "codeit" if task.origin == "given" else POLICY if task.origin == "hindsight" else "mutation"
        return Frontier(task, () if program is None else (Program(program, origin=Origin(by=made_by)),))

    def solutions(self, source: str, value: Mapping[str, Any]) -> Iterator[Frontier]:
        """Yield a frontier for each task of which some demonstration is solved."""
        by_task = value["policy"]["seen_example"]
        if not isinstance(by_task, dict):
            self.context.bad_input(InputError("policy.seen_example: expected solutions by task", source=source))
            return
        for key, found in by_task.items():
            listed = list(found.values()) if isinstance(found, dict) else [found]
            made = each_sound(listed, partial(self._solution, source, key), self.context)
            yield from self._frontier(key, [program for _, program in made])

    def _solution(self, source: str, key: str, value: Any) -> Program:
        try:
            return replace(solution(value, self.resolver), origin=Origin(by=POLICY))
        except InputError as error:
            raise InputError(error.message, source=source, task=key) from None

    def log(self, source: str, value: Mapping[str, Any]) -> Iterator[Frontier]:
        """Yield a frontier for each task, with the samples that are programs."""
        numbered = LOG.search(source)
        step = int(numbered[1]) if numbered else None
        for key, samples in value.items():
            made = []
            for sample in samples:
                try:
                    text = program_lines(sample, self.resolver)
                except InputError as error:
                    self.samples[False] += 1
                    self.why = self.why or error.message
                    continue
                self.samples[True] += 1
                made.append(Program(text, origin=Origin(by=POLICY), step=step))
            yield from self._frontier(key, made)

    def _frontier(self, key: str, programs: Sequence[Program]) -> Iterator[Frontier]:
        distinct: dict[str, Program] = {}
        for program in programs:
            distinct.setdefault(program.program, program)
        ranked = sorted(distinct.values(), key=quality, reverse=True)
        if not ranked:
            return
        task = self.known.get(task_id(key))
        if task is None:
            self.lacking.add(key)
        yield Frontier(task or Task(task_id(key), DOMAIN, REQUEST), tuple(ranked))

    def tell(self) -> None:
        """Say what was left out, and what is lacking."""
        if self.samples[False]:
            wrong, all_of_them = self.samples[False], self.samples.total()
            self.context.warn(f"{wrong:,} of {counted(all_of_them, 'sample')} are no programs; the first: {self.why}")
        if self.lacking:
            self.context.warn(
                f"{counted(len(self.lacking), 'task is', 'tasks are')} not among the files, and have no examples"
            )
