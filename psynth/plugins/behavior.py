"""The part of a domain that describes the behavior of programs by named axes, for quality-diversity search."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psynth.core.python_source import NotPython, parse

if TYPE_CHECKING:
    from psynth.core.stream.records import Program
    from psynth.plugins.evaluator import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of behavior: its name, and the least and greatest value expected on it."""

    name: str
    low: float
    high: float


class Behavior(ABC):
    """A space of behaviors. ``axes`` are its dimensions, in the order of a descriptor's numbers."""

    axes: tuple[Axis, ...]

    @abstractmethod
    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The descriptor of a program from its outcomes on a task: one number per axis; None if it did nothing."""

    def describe(self, program: Program, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The descriptor of a program: by default, from its outcomes alone."""
        return self.of(outcomes)

    def of_verdict(self, program: Program, verdict: Verdict) -> tuple[float, ...] | None:
        """The descriptor of a judged program; None if it was not judged on the whole task."""
        return self.describe(program, verdict.outputs) if verdict.stage is None else None


class Shape(Behavior):
    """The size and depth of a program's text: the behavior space of domains that have no other.

    The size of a λ-term is its number of names, literals and variables, the depth that of its parentheses; of Python
    source they are those of the syntax tree, of other texts the number of words and lines.
    """

    axes = (Axis("size", 0.0, 60.0), Axis("depth", 0.0, 12.0))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """None: outcomes say nothing about the text."""
        return None

    def describe(self, program: Program, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The size and the depth; None if the program has no syntax tree, or ran without success everywhere."""
        if outcomes and not any(outcome.status == "ok" for outcome in outcomes):
            return None
        if program.language == "lambda":
            return _size_of_term(program.program), _depth_of_term(program.program)
        if program.language != "python":
            return float(len(program.program.split())), float(program.program.count("\n") + 1)
        try:
            tree = parse(program.program)
        except NotPython:
            return None
        return float(sum(1 for _ in ast.walk(tree))), float(_depth_of_tree(tree))


_WORD = re.compile(r"[^\s()]+")


def _size_of_term(text: str) -> float:
    return float(sum(word not in ("lambda", "#") for word in _WORD.findall(text)))


def _depth_of_term(text: str) -> float:
    depth = most = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        most = max(most, depth)
    return float(most)


def _depth_of_tree(tree: ast.AST) -> int:
    """The number of nodes on the longest way from the root; without recursion, as source may be deep."""
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth
