"""Reads P3's file of puzzles: each of its instances becomes a task of the domain ``puzzles``."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from psynth.core.errors import InputError, UsageError
from psynth.core.files import read_json
from psynth.core.python_source import NotPython, parse
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record, Task
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth.plugins.source_domain import PYTHON
from psynth_puzzles.answer_types import is_type
from psynth_puzzles.domain import Puzzles, with_own_libraries
from psynth_puzzles.literals import holds_in_json, with_short_integers
from psynth_puzzles.puzzle import Puzzle, with_typing

_TEXTS = ("name", "sat", "ans_type", "sol_header", "sol_docstring")


@dataclass(frozen=True)
class P3(Format):
    """The Python Programming Puzzles (P3): the file puzzles.json, compressed or not.

    Each entry, an instance of a problem, becomes a task: --limit and --shard count instances, not problems. The file of
    1,715 instances has 397 problems. Its usual split by problems (--split-file) puts 155 problems with 636 instances
    into train and 228 problems with 1,009 instances into test; 14 problems with 70 instances are in neither. The
    problem of a task is in its meta.problem.

    Checkers and solutions are only parsed here, never run; psynth evaluate runs them in the sandbox.
    """

    name: ClassVar[str] = "p3"
    help: ClassVar[str] = "the Python Programming Puzzles (P3)"

    solutions: bool = setting(False, only="import", help="also write the published solutions, as programs")
    split_file: Path | None = setting(
        None, only="import", file="read", help="file with the problems of each split, an object of lists of names"
    )
    split: str = setting(
        "all", only="import", choices=("train", "test", "all"), help="split of the tasks (needs --split-file)"
    )

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield a frontier for each instance, after the library with the constants of its checker."""
        yield from with_own_libraries(self._read(paths, context))

    def _read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        splits = self._splits()
        yield context.registry.domain(Puzzles.name).library()
        for path in paths or ("-",):
            source = "<stdin>" if path == "-" else path
            entries = read_json(path)
            if not isinstance(entries, list):
                raise InputError("expected a list of puzzles", source=source)
            for _, instance in each_sound(enumerate(entries), partial(_located, source), context):
                if self.split in ("all", splits.get(instance.problem)):
                    yield instance.frontier(splits.get(instance.problem), solutions=self.solutions)

    def _splits(self) -> Mapping[str, str]:
        """The split of each problem."""
        if self.split_file is None:
            if self.split != "all":
                raise UsageError(f"--split {self.split} needs --split-file, which says what problems are in it")
            return {}
        found = read_json(self.split_file)
        if not isinstance(found, dict) or not all(isinstance(names, list) for names in found.values()):
            raise InputError("expected an object with a list of problems for each split", source=str(self.split_file))
        return {name: split for split, names in found.items() for name in names if isinstance(name, str)}


def _located(source: str, numbered: tuple[int, Any]) -> _Instance:
    """The instance that an entry describes; InputError names the file, the place and the task."""
    number, entry = numbered
    name = entry.get("name") if isinstance(entry, dict) else None
    try:
        return _Instance.read(entry)
    except InputError as error:
        task = f"task {name}: " if isinstance(name, str) else ""
        raise InputError(f"[{number}]: {task}{error.message}", source=source) from error


@dataclass(frozen=True, slots=True)
class _Instance:
    """One entry of the file."""

    name: str
    puzzle: Puzzle
    description: str
    solutions: tuple[str, ...]

    @property
    def problem(self) -> str:
        """The name of the problem, which instances have in common."""
        return self.name.split(":")[0]

    @classmethod
    def read(cls, entry: Any) -> _Instance:
        """The instance that an entry describes; InputError if it is none."""
        if not isinstance(entry, dict):
            raise InputError("expected an object")
        for field in _TEXTS:
            if not isinstance(entry.get(field), str):
                raise InputError(f"{field}: expected a text")
        bodies = entry.get("sol_bodies")
        if not isinstance(bodies, list) or not all(isinstance(body, str) for body in bodies):
            raise InputError("sol_bodies: expected a list of texts")
        if not is_type(entry["ans_type"]):
            raise InputError(f"ans_type: {entry['ans_type']!r} is no type of answers")
        header = with_short_integers(entry["sol_header"])
        return cls(
            name=entry["name"],
            puzzle=_puzzle(with_short_integers(entry["sat"]), entry["ans_type"], header),
            description=_text(entry["sol_docstring"]),
            solutions=tuple(with_typing(with_short_integers(f"{header}\n{body}\n")) for body in bodies),
        )

    def frontier(self, split: str | None, *, solutions: bool) -> Frontier:
        """The task, and the published solutions if they are wanted."""
        task = Task(
            id=f"{Puzzles.name}/p3-{self.name}",
            domain=Puzzles.name,
            request=self.puzzle.request(),
            environment=self.puzzle.environment(),
            split=split,
            descriptions=(self.description,) if self.description else (),
            origin="given",
            meta={"problem": self.problem, "source": "P3"},
        )
        programs = [Program(text, PYTHON, origin=Origin(by="p3")) for text in self.solutions] if solutions else []
        return Frontier(task, tuple(programs))


def _puzzle(checker: str, answer: str, header: str) -> Puzzle:
    """The puzzle of a checker with the inputs as defaults, for programs with a header."""
    wanted = _function(checker, "sat").args
    names = [argument.arg for argument in wanted.args[1:]]
    if len(wanted.defaults) != len(names):
        raise InputError("sat: expected a default for each argument but the first")
    try:
        values = [ast.literal_eval(default) for default in wanted.defaults]
    except (ValueError, TypeError) as error:
        raise InputError("sat: expected literals as defaults") from error
    order = [argument.arg for argument in _function(f"{header} pass", "sol_header").args.args]
    if sorted(order) != sorted(names):
        raise InputError("sol_header: expected the arguments of sat but the first")
    # Programs may take the inputs in another order than the checker does.
    inputs = [dict(zip(names, values, strict=True))[name] for name in order]
    return Puzzle(with_typing(checker), answer, header, inputs if holds_in_json(inputs) else ())


def _function(source: str, field: str) -> ast.FunctionDef:
    try:
        body = parse(source).body
    except NotPython as error:
        raise InputError(f"{field}: not Python: {error}") from error
    match body:
        case [ast.FunctionDef() as function]:
            return function
    raise InputError(f"{field}: expected a function")


def _text(docstring: str) -> str:
    """The text of a docstring, without indentation; empty if there is none."""
    try:
        body = parse(docstring.strip()).body
    except NotPython:
        return ""
    match body:
        case [ast.Expr(ast.Constant(str() as text))]:
            return textwrap.dedent(text).strip()
    return ""
