"""The programs of a batch of records to mutate, each with its library, type and seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psynth.core.calculus.types import parse_type
from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Frontier, Library, Record
from psynth.core.stream.scope import Scope
from psynth.plugins.domain import LAMBDA
from psynth.plugins.method import Context
from psynth.plugins.variation import Parent, Work, seeds_of


@dataclass(eq=False, kw_only=True)
class TermParent(Parent):
    """A λ-term to mutate, with its library and its type: None, if it is yet to be inferred."""

    library: Library
    request: str | None


def works(pairs: Iterable[tuple[Record, Scope]], context: Context) -> Iterator[Record | Work[TermParent]]:
    """Yield the records, with ``Work`` in place of each frontier that has programs."""
    for record, scope in pairs:
        yield _work(record, scope, context) if isinstance(record, Frontier) and record.programs else record


def _work(frontier: Frontier, scope: Scope, context: Context) -> Work[TermParent]:
    task = frontier.task
    try:
        library = scope.library(frontier)
        request = None if task is None or task.request is None else str(parse_type(task.request))
    except InputError as error:
        return Work(frontier, [], error)
    except PsynthError as error:
        return Work(frontier, [], frontier.error(str(error)))
    parents = [
        TermParent(program, seed, library=library, request=request)
        for program, seed in zip(frontier.programs, seeds_of(frontier, context), strict=True)
    ]
    for parent in parents:
        if parent.program.language != LAMBDA:
            parent.wrong = f"only λ-terms can be mutated; this program is in {parent.program.language}"
    return Work(frontier, parents)


def groups(works: Iterable[Work[TermParent]], machine: LambdaMachine) -> list[list[TermParent]]:
    """The parents that can be mutated, grouped by library and type: the requested type, or else the program's own."""
    fit = [parent for work in works for parent in work.parents if parent.wrong is None]
    _infer_requests([parent for parent in fit if parent.request is None], machine)
    found: dict[tuple[int, str], list[TermParent]] = {}
    for parent in fit:
        if parent.request is not None:
            found.setdefault((id(parent.library), parent.request), []).append(parent)
    return list(found.values())


def _infer_requests(parents: list[TermParent], machine: LambdaMachine) -> None:
    of_library: dict[int, list[TermParent]] = {}
    for parent in parents:
        of_library.setdefault(id(parent.library), []).append(parent)
    for each in of_library.values():
        try:
            answers = machine.infer(each[0].library.to_json(), [parent.program.program for parent in each])
        except InputError as error:  # the library's fault, and so of all its programs
            refuse(each, error)
            continue
        for parent, answer in zip(each, answers, strict=True):
            parent.request = answer.get("type")
            if parent.request is None:
                parent.wrong = str(answer["error"]["message"])


def refuse(parents: Iterable[TermParent], error: InputError) -> None:
    """Mark programs as invalid, all for the same reason."""
    for parent in parents:
        parent.wrong = error.message
