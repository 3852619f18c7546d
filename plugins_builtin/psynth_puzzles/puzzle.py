"""A puzzle as the environment of a task: a checker that states it, the type of its answer, and inputs."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psynth.core.errors import InputError
from psynth.core.python_source import NotPython, parse
from psynth.core.stream.records import Task
from psynth_puzzles.answer_types import fits, is_type, term_type, type_of

_SIMPLEST = {"int": 0, "bool": True, "float": 0.0, "str": ""}
PROGRAM, CHECKER = "sol", "sat"
"""The names of the function that a program defines, and of the one that a checker does."""


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A puzzle: its ``checker`` is Python source with a function ``sat``, which must return True for an answer.

    ``header`` is the first line of a program. ``inputs`` are its arguments, which the checker has as defaults; without
    inputs, a program is called without arguments.
    """

    checker: str
    answer: str
    header: str
    inputs: Sequence[Any] = ()

    def environment(self) -> dict[str, Any]:
        """The environment of the puzzle's task."""
        return {"checker": self.checker, "answer": self.answer, "header": self.header, "inputs": list(self.inputs)}

    def request(self) -> str | None:
        """The type of λ-terms that answer the puzzle: functions of its inputs; None if terms lack one of the types."""
        types = [*map(type_of, self.inputs), term_type(self.answer)]
        return None if None in types else " -> ".join(map(str, types))

    def first_programs(self) -> Sequence[str]:
        """Programs to begin with: one returns the simplest answer of the type, others an input of that type."""
        simplest = "[]" if self.answer.startswith("List[") else repr(_SIMPLEST[self.answer])
        try:
            names = [each.arg for each in _arguments(self.header)]
        except NotPython:
            names = []
        same = [name for name, value in zip(names, self.inputs, strict=False) if fits(value, self.answer)]
        return [with_typing(f"{self.header}\n    return {value}\n") for value in (simplest, *same)]

    @classmethod
    def of(cls, task: Task) -> Puzzle:
        """The puzzle of a task; InputError if the task has none."""
        given = task.environment or {}
        for name in ("checker", "answer", "header"):
            if not isinstance(given.get(name), str):
                raise InputError(f"environment.{name}: expected a text", task=task.id)
        inputs = given.get("inputs", [])
        if not isinstance(inputs, list):
            raise InputError("environment.inputs: expected a list", task=task.id)
        if not is_type(given["answer"]):
            raise InputError(f"environment.answer: {given['answer']!r} is no type of answers", task=task.id)
        return cls(given["checker"], given["answer"], given["header"], inputs)


def _arguments(header: str) -> list[ast.arg]:
    """The arguments of a program; NotPython for a header that is none."""
    match parse(f"{header} pass").body:
        case [ast.FunctionDef() as function]:
            return function.args.args
    return []


def with_typing(source: str) -> str:
    """The source with the import that the notation of types takes for granted, if it is needed."""
    return f"from typing import List\n\n\n{source}" if "List[" in source else source
