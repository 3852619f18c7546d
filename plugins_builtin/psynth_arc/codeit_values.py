"""What CodeIt's JSON files hold, checked: tasks, samples of a policy, and solutions; programs are read as text."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from psynth.core.calculus.terms import print_term
from psynth.core.errors import InputError
from psynth.core.stream.records import Example, Program, Task
from psynth_arc.grids import checked_grid, shaped_grid
from psynth_arc.resolving import Resolver
from psynth_arc.straight_line import definitions, read_function
from psynth_arc.tasks import DOMAIN, REQUEST, task_id

VERSION, COMMIT = "codeit-2020", "5d9066d"
"""The data that CodeIt has tasks of: those of ARC-AGI-1 as they were in April 2020, at this commit."""
COLORS: Final = 10
ITERATION = re.compile(r"_it(\d+)__")
"""Where a derived task's key has the meta-iteration that a policy's sample was drawn in."""
SPECIAL = re.compile(r"<(?:pad|s|/s|mask|unk)>")
"""Tokens that the samples in a log have kept."""
FIGURES = SEEN, TESTS, SHOWN = "seen_example_performance", "test_performance", "task_demonstration_performance"
"""Of a solution: how alike each output is to that of a demonstration, from 0 to 1, and whether tests and demonstrations
are right."""
DERIVED_FIGURES: Mapping[str, str] = {"distance": "distance", SHOWN: "score"}
"""What CodeIt calls the figures of a derived task on its parent, and what psynth does."""


@dataclass(frozen=True)
class Splits:
    """The keys of each part of the data: ``train`` and ``val`` of the training tasks, ``test``."""

    part_of: Mapping[str, str]

    @classmethod
    def of(cls, value: Any) -> Splits:
        """The splits in the JSON of split_keys.json; InputError if it is something else."""
        part_of: dict[str, str] = {}
        for part, keys in value.items():
            if not isinstance(keys, list) or not all(_is_key(key) for key in keys):
                raise InputError(f"{part}: expected a list of keys")
            for key in keys:
                if part_of.setdefault(key, part) != part:
                    raise InputError(f"the key {key} is in {part_of[key]} and in {part}")
        return cls(part_of)


def is_splits(value: Any) -> bool:
    """Whether a JSON value looks like the keys of the splits."""
    return isinstance(value, dict) and {"train", "test"} <= set(value) <= {"train", "val", "test"}


def is_task(value: Any) -> bool:
    """Whether a JSON value looks like a task."""
    return isinstance(value, dict) and "training_examples" in value


def is_solutions(value: Any) -> bool:
    """Whether a JSON value looks like the solutions of a run."""
    return isinstance(value, dict) and isinstance(value.get("policy"), dict) and "seen_example" in value["policy"]


def is_log(value: Any) -> bool:
    """Whether a JSON value looks like a log: samples for each task."""
    return isinstance(value, dict) and bool(value) and all(isinstance(samples, list) for samples in value.values())


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value.isprintable()


def key_of(value: Mapping[str, Any]) -> str:
    """The key of a task; InputError without one."""
    key = value.get("task_key")
    if not _is_key(key):
        raise InputError("task_key: expected printable text")
    return str(key)


def task_of(value: Mapping[str, Any], splits: Splits, folder: str | None, version: str) -> Task:
    """The task in CodeIt's JSON; InputError names what is wrong with another value.

    ``folder`` is the split that the name of its folder says. A derived task has a parent.
    """
    key, parent, extra = key_of(value), value.get("parent_key"), value.get("extra_info") or {}
    if not (parent is None or _is_key(parent)) or not isinstance(extra, dict):
        raise InputError("parent_key is text or null, extra_info an object or empty")
    examples = [*_examples(value, "training_examples", parent), *_examples(value, "test_examples", parent)]
    if not any(each.split is None for each in examples):
        raise InputError("there are no demonstrations: training_examples is empty")
    data = {name: extra[name] for name in ("version", "data") if isinstance(extra.get(name), str)}
    meta: dict[str, Any] = data or {"version": version, **({"data": COMMIT} if version == VERSION else {})}
    if parent is not None:
        figures = {ours: extra[name] for name, ours in DERIVED_FIGURES.items() if _is_number(extra.get(name))}
        meta |= {"parent": task_id(parent), **figures}
    part = splits.part_of.get(key)
    meta |= {} if part is None else {"part": part}
    split = folder if part is None else "test" if part == "test" else "train"
    origin = "given" if parent is None else "hindsight" if ITERATION.search(key) else "mutation"
    split = None if parent is not None else split
    return Task(task_id(key), DOMAIN, REQUEST, tuple(examples), split=split, origin=origin, meta=meta)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _examples(value: Mapping[str, Any], name: str, parent: object) -> Iterator[Example]:
    pairs = value.get(name)
    if not isinstance(pairs, list):
        raise InputError(f"{name}: expected a list of pairs")
    for number, pair in enumerate(pairs):
        if not isinstance(pair, dict):
            raise InputError(f"{name}[{number}]: expected an object with input and output")
        grids = [_grid(f"{name}[{number}].{part}", pair.get(part), derived=parent is not None) for part in PARTS]
        yield Example([grids[0]], grids[1], "test" if name == "test_examples" else None)


PARTS = ("input", "output")


def _grid(place: str, value: Any, *, derived: bool) -> list[list[int]]:
    """A grid; that of a derived task may be greater than ARC's, but has no other colors."""
    try:
        grid = shaped_grid(value) if derived else checked_grid(value)
        if any(not 0 <= color < COLORS for row in grid for color in row):
            raise InputError("a color is not from 0 to 9")
    except InputError as error:
        raise InputError(f"{place}: {error.message}") from None
    return grid


def whole_program(text: Any, resolver: Resolver) -> str:
    """The λ-term of a program that is a function; InputError with the reason, and the line of the program."""
    if not isinstance(text, str):
        raise InputError("program: expected the text of a function, or null")
    try:
        found = list(definitions(text))
        if len(found) != 1:
            raise InputError("expected one function")
        return print_term(resolver.program(read_function(found[0])))
    except InputError as error:
        place = "" if error.line is None else f"line {error.line}: "
        raise InputError(f"program: {place}{error.message}") from None


def program_lines(text: Any, resolver: Resolver) -> str:
    """The λ-term of the lines of a program, up to one that assigns ``O``, its result."""
    if not isinstance(text, str):
        raise InputError("expected the lines of a program")
    lines = SPECIAL.sub("", text).partition("#")[0].strip().splitlines()
    body = "".join(f"    {line.strip()}\n" for line in lines if line.strip())
    return whole_program(f"def solve_program(I):\n{body}    return O\n", resolver)


def solution(value: Any, resolver: Resolver) -> Program:
    """A program with the figures that a run recorded, which stay in its field ``codeit``."""
    if not isinstance(value, dict):
        raise InputError("expected a solution, an object")
    figures = {name: _figures(name, value.get(name)) for name in FIGURES}
    key = value.get("new_task_key")
    found = ITERATION.search(key) if isinstance(key, str) else None
    score = statistics.fmean(figures[SHOWN]) if figures[SHOWN] else 0.0
    return Program(
        program_lines(value.get("program"), resolver),
        log_likelihood=0.0 if score == 1 else float("-inf"),
        score=score,
        held_out=statistics.fmean(figures[TESTS]) if figures[TESTS] else None,
        step=int(found[1]) if found else None,
        extra={"codeit": {**figures, **({"new_task_key": key} if isinstance(key, str) else {})}},
    )


def _figures(name: str, value: Any) -> list[float]:
    if not isinstance(value, list) or not all(isinstance(each, int | float) and 0 <= each <= 1 for each in value):
        raise InputError(f"{name}: expected a list of numbers from 0 to 1")
    return [float(each) for each in value]
