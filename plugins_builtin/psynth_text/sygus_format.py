"""The format ``sygus``: problems of programming by example as tasks, and programs as definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO, ClassVar

from psynth.core.calculus.terms import Term, parse_term
from psynth.core.errors import InputError, PsynthError
from psynth.core.files import read_text
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Record, encode
from psynth.core.stream.scope import scoped
from psynth.plugins.format import Format
from psynth.plugins.method import Context
from psynth_text.definitions import definition
from psynth_text.sygus import Problem, read_problem


@dataclass(frozen=True)
class Sygus(Format):
    """Programming by example in SyGuS syntax, versions 1 and 2, over texts, integers and truth values.

    Each file is a task; its grammar and constants become its library. Equal examples are read once. Examples that
    contradict each other are reported, and stay in the task. Export writes for each task the best program that
    solves it as define-fun, or (fail).
    """

    name: ClassVar[str] = "sygus"
    help: ClassVar[str] = "programming-by-example problems in SyGuS syntax"

    answers: ClassVar[bool] = True

    domain: str = setting("text", flag="-d/--domain", value="DOMAIN", only="import", help="domain of the tasks read")

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield for each file its library, unless it is that of the file before, and a frontier without programs."""
        default = context.registry.domain(self.domain).library()
        last: bytes | None = None
        for path in paths:
            source = "<stdin>" if path == "-" else path
            try:
                problem = read_problem(read_text(path))
                library = problem.library(self.domain, default)
            except InputError as error:
                context.bad_input(InputError(error.message, source=error.source or source, line=error.line))
                continue
            _warn_of_contradictions(problem, source, context)
            if encode(library.to_json()) != last:
                last = encode(library.to_json())
                yield library
            stem = problem.name if path == "-" else PurePath(path).stem
            yield Frontier(problem.task(f"{self.domain}/{stem}", self.domain))

    def write(self, records: Iterator[Record], stream: BinaryIO, context: Context) -> None:
        """Write a definition for each task, after its id in a comment."""
        for record, scope in scoped(records, context.library_for):
            if isinstance(record, Frontier) and record.task is not None:
                try:
                    answer = _answer(record, scope.library(record))
                except InputError as error:
                    context.bad_input(error if error.source else record.error(error.message))
                    continue
                stream.write(f"; {record.task.id}\n{answer}\n".encode())


def _warn_of_contradictions(problem: Problem, source: str, context: Context) -> None:
    for inputs, first, other in problem.contradictions:
        given = ", ".join(encode(each).decode() for each in inputs)
        outputs = f"{encode(first).decode()} and {encode(other).decode()}"
        context.warn(f"{source}: no program solves this task: the outputs of {given} are {outputs}")


def _answer(frontier: Frontier, library: Library) -> str:
    """The definition of the first program that solves a task, as SyGuS answers; (fail) without one."""
    assert frontier.task is not None
    solution = next((each for each in frontier.programs if each.solves and each.language == "lambda"), None)
    if solution is None:
        return "(fail)"
    if frontier.task.request is None:
        raise frontier.error("its task has no request, the type of the function")
    meta: Any = (frontier.task.meta or {}).get("sygus")
    known: dict[str, Any] = meta if isinstance(meta, dict) else {}
    name, parameters = known.get("function", "f"), known.get("parameters", [])
    if not isinstance(name, str) or not isinstance(parameters, list) or not all(isinstance(p, str) for p in parameters):
        raise frontier.error("meta.sygus is no function with its parameters")
    try:
        abstractions: dict[str, Term] = {
            each.name: parse_term(each.definition) for each in library.productions if each.definition is not None
        }
        return definition(name, parameters, frontier.task.request, parse_term(solution.program), abstractions)
    except PsynthError as error:
        raise frontier.error(str(error)) from error
