"""Writes streams as CodeIt writes its runs: tasks, samples and solutions by meta-iteration, and performance.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Frontier, Library, Program, Record, Task, encode
from psynth.core.stream.scope import scoped
from psynth.plugins.answers import MOST
from psynth.plugins.domain import LAMBDA
from psynth.plugins.method import Context
from psynth_arc.codeit_values import DERIVED_FIGURES, FIGURES, SEEN, SHOWN, TESTS
from psynth_arc.straight_line import Function, Line
from psynth_arc.tasks import DOMAIN, REQUEST, task_id
from psynth_arc.unparsing import function_of

COLUMNS = ("meta_iteration", "cumulative_performance", "performance", "step", "num_mutated_tasks", "num_policy_tasks")
"""The columns of performance.csv."""
FOLDERS: Mapping[str, str] = {"train": "training", "test": "evaluation"}
DERIVED = ("mutation", "hindsight", "dream")
"""The origins of tasks that were made for their programs."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A program of a meta-iteration: its lines, and its figures on the task, if it was judged."""

    step: int
    lines: str
    figures: dict[str, list[float]] | None
    key: str | None

    def json(self, key: str, place: int) -> dict[str, Any]:
        """The solution as CodeIt writes it."""
        assert self.figures is not None
        named = {"program": self.lines, "new_task_key": self.key or f"{key}_it{self.step}__{place}"}
        truth = {name: [each == 1 for each in self.figures[name]] for name in (TESTS, SHOWN)}
        return {**named, SEEN: self.figures[SEEN], **truth}


@dataclass
class _Run:
    """What is gathered of a stream."""

    tasks: dict[str, Task] = field(default_factory=dict)
    derived: dict[str, dict[str, Any]] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    """The meta-iteration of each derived task that has one."""
    programs: dict[str, str] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def add(self, frontier: Frontier, library: Library) -> None:
        """Add a frontier; InputError for one that CodeIt has no place for."""
        task = frontier.task
        if task is None or task.domain != DOMAIN or task.request != REQUEST:
            raise frontier.error(f"this format cannot hold programs that are not of a task of {DOMAIN}, {REQUEST}")
        key = task.id.removeprefix(task_id("")).replace("/", "-")
        written = [(program, _written(frontier, key, program, library)) for program in frontier.programs]
        if task.origin in DERIVED:
            text = str(written[0][1]) if written else None
            self.derived[key] = _json(key, task, text)
            step = written[0][0].step if written else None
            if step is not None:
                self.steps[key] = step
            return
        self.tasks[key] = task
        for program, function in written:
            if program.step is None:
                self.programs.setdefault(key, str(function))
                continue
            lines = "\n".join(f"{each.name} = {each.function}({', '.join(each.arguments)})" for each in function.lines)
            known = (program.extra.get("codeit") or {}).get("new_task_key")
            figures = _figures(frontier, task, program)
            self.samples.setdefault(key, []).append(Sample(program.step, lines, figures, known))


def write_run(records: Iterator[Record], folder: Path, context: Context) -> None:
    """Write the files of a stream; a frontier without a place in them is bad input."""
    run = _Run()
    for record, scope in scoped(records, context.library_for):
        if isinstance(record, Frontier):
            try:
                run.add(record, scope.library(record))
            except InputError as error:
                context.bad_input(error if error.source else record.error(error.message))
    _write_tasks(run, folder)
    steps = sorted({each.step for samples in run.samples.values() for each in samples})
    for step in steps:
        log = {key: [each.lines for each in samples if each.step == step] for key, samples in run.samples.items()}
        _write(folder / f"log_{step}.json", {key: lines for key, lines in log.items() if lines})
        _write(folder / f"solutions_{step}.json", {"policy": _solutions(run, step)})
    if steps:
        (folder / "performance.csv").write_text(_performance(run, steps))


def _write_tasks(run: _Run, folder: Path) -> None:
    parts: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for key, task in run.tasks.items():
        if not task.examples:
            continue
        part = (task.meta or {}).get("part")
        split = task.split or "train"
        if split in FOLDERS:
            parts[part if part in parts else split].append(key)
        path = folder / FOLDERS.get(split, split)
        path.mkdir(exist_ok=True)
        _write(path / f"{key}.json", _json(key, task, run.programs.get(key)))
    if any(parts.values()):
        _write(folder / "split_keys.json", parts)
    if run.derived:
        _write(folder / f"mutated_tasks_train_{len(run.derived)}.json", run.derived)


def _write(path: Path, value: Any) -> None:
    path.write_bytes(encode(value) + b"\n")


def _json(key: str, task: Task, program: str | None) -> dict[str, Any]:
    """A task as CodeIt writes it."""
    meta = task.meta or {}
    pairs: dict[bool, list[Any]] = {False: [], True: []}
    for example in task.examples:
        pairs[example.split == "test"].append({"input": example.inputs[0], "output": example.output})
    parent = meta.get("parent")
    extra: dict[str, Any] = {name: meta[name] for name in ("version", "data") if name in meta}
    extra |= {name: meta[ours] for name, ours in DERIVED_FIGURES.items() if ours in meta}
    return {
        "program": program,
        "training_examples": pairs[False],
        "test_examples": pairs[True],
        "task_key": key,
        "parent_key": parent.removeprefix(task_id("")) if isinstance(parent, str) else None,
        "extra_info": extra or "",
    }


def _written(frontier: Frontier, key: str, program: Program, library: Library) -> Function:
    """A program in the published form, with a last line that names its result O."""
    if program.language != LAMBDA:
        raise frontier.error(f"this format cannot hold {program.language} programs")
    try:
        function = function_of(key, program.program, library)
    except PsynthError as error:
        raise frontier.error(f"this format cannot hold {program.program[:80]}: {error}") from error
    if function.result == "O":
        return function
    last = Line("O", "identity", (function.result,))
    return Function(key, function.parameter, (*function.lines, last), "O")


def _figures(frontier: Frontier, task: Task, program: Program) -> dict[str, list[float]] | None:
    """The figures of a judged program: those imported, or by its outputs; None for one that was not judged."""
    imported = program.extra.get("codeit")
    if isinstance(imported, dict) and all(isinstance(imported.get(name), list) for name in FIGURES):
        return {name: imported[name] for name in FIGURES}
    if program.score is None:
        return None
    if program.outputs is None or len(program.outputs) != len(task.examples):
        raise frontier.error("solutions are written from outputs: psynth evaluate --outputs")
    alike: dict[bool, list[float]] = {False: [], True: []}
    for example, output in zip(task.examples, program.outputs, strict=True):
        alike[example.split == "test"].append(_likeness(output, example.output))
    right = {held_out: [float(each == 1) for each in values] for held_out, values in alike.items()}
    return {SEEN: alike[False], TESTS: right[True], SHOWN: right[False]}


def _likeness(output: Any, wanted: Any) -> float:
    """The share of cells that are right; 0 for an output of another shape, or none."""
    if output == wanted:
        return 1.0
    try:
        pairs = [
            (found, cell)
            for row, other in zip(output, wanted, strict=True)
            for found, cell in zip(row, other, strict=True)
        ]
    except (TypeError, ValueError):
        return 0.0
    return sum(bool(found == cell) for found, cell in pairs) / len(pairs)


# ---- solutions and performance --------------------------------------------------------------------------------------


def _until(samples: Sequence[Sample], step: int, first: int = 0) -> list[Sample]:
    """The samples up to a meta-iteration that are right on a demonstration, each program once."""
    found = [each for each in samples if first <= each.step <= step and each.figures and max(each.figures[SEEN]) == 1]
    return list({each.lines: each for each in found}.values())


def _solutions(run: _Run, step: int) -> dict[str, dict[str, Any]]:
    """Solutions of all meta-iterations up to one, by what they solve."""
    solved: dict[str, dict[str, Any]] = {"seen_example": {}, "task_demonstration": {}, "test": {}}
    for key, samples in run.samples.items():
        for place, each in enumerate(_until(samples, step)):
            assert each.figures is not None
            found = each.json(key, place)
            kinds = {"seen_example": True, "task_demonstration": _all(each.figures[SHOWN])}
            for kind, holds in (kinds | {"test": _all(each.figures[TESTS])}).items():
                if holds:
                    solved[kind].setdefault(key, {})[each.lines] = found
    return solved


def _all(figures: Sequence[float]) -> bool:
    return bool(figures) and all(each == 1 for each in figures)


def _is_solved(samples: Sequence[Sample]) -> bool:
    """Whether one of the three best is right on all tests: by demonstrations solved, then by length."""

    def order(each: Sample) -> tuple[float, int]:
        assert each.figures is not None
        return -sum(each.figures[SHOWN]), len(each.lines)

    best = sorted(samples, key=order)[:MOST]
    return any(each.figures is not None and _all(each.figures[TESTS]) for each in best)


def _performance(run: _Run, steps: Sequence[int]) -> str:
    """The shares of tasks solved, of those that have samples or else tests and no program of their own."""
    asked = [key for key, task in run.tasks.items() if key in run.samples or task.split == "test"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for step in steps:
        shares = [
            sum(_is_solved(_until(run.samples.get(key, ()), step, first)) for key in asked) / len(asked)
            for first in (0, step)
        ]
        mutated = sum(key not in run.steps for key in run.derived)
        sampled = sum(made <= step for made in run.steps.values())
        writer.writerow([step, *shares, "", mutated, sampled])
    return out.getvalue()
