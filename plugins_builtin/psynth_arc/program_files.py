"""The format ``arc-dsl``: programs in the published straight-line Python form, in .py files or JSON lines."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, ClassVar

from psynth.core.calculus.terms import Term, names_in, print_term
from psynth.core.errors import InputError, PsynthError
from psynth.core.files import read_text
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Origin, Program, Record, Task, encode
from psynth.core.stream.scope import scoped
from psynth.core.wording import counted
from psynth.plugins.domain import LAMBDA
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_arc.data_sets import VERSIONS, published_task
from psynth_arc.language import CAST
from psynth_arc.resolving import Resolver
from psynth_arc.straight_line import Function, definitions, key_of, read_function
from psynth_arc.tasks import DOMAIN, REQUEST, task_id
from psynth_arc.unparsing import function_of

NONE = "none"


@dataclass(frozen=True)
class ProgramFiles(Format):
    """Programs as Python functions in the form of arc-dsl's solvers: def solve_KEY(I): x1 = f(I, ONE) … return O.

        psynth import arc-dsl solvers.py | psynth evaluate

    Each line calls a primitive of the language, or a variable, with names; calls within calls are read too. A file is
    read as text and never executed: whatever is not in this form is an error with its line. In JSON lines a line has
    the fields program and, if it is not that of the function's name, task. Programs of one task make one frontier, with
    the task of the version of the data that is given.

    A variable that is used once is written where it is used; one that is used more often becomes ((lambda rest) value),
    and is evaluated once. Overloaded primitives become the productions whose types fit; where none fit, (cast NAME)
    gives a name any type, and the program still runs.
    """

    name: ClassVar[str] = "arc-dsl"
    help: ClassVar[str] = "programs of the domain arc as straight-line Python functions"

    version: str = setting(
        "arc-agi-1",
        choices=(*VERSIONS, NONE),
        only="import",
        help="version of the data whose tasks the programs are for; none: tasks without examples",
    )
    what: str = setting(
        "python", choices=("python", "jsonl"), only="export", help="Python functions, or JSON lines with one each"
    )

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the domain's library, and a frontier for each task, in the order of the files."""
        library = context.registry.domain(DOMAIN).library()
        yield library
        resolver = Resolver(library)
        found: dict[str, dict[str, Program]] = {}
        cast = 0
        for path in paths or ("-",):
            for each, term in each_sound(_functions(path, context), lambda each: each.term(resolver), context):
                text = print_term(term)
                cast += CAST in names_in(term)
                found.setdefault(each.key, {}).setdefault(text, Program(text, origin=Origin(by=self.name)))
        if cast:
            context.warn(
                f"{counted(cast, 'program is', 'programs are')} ill typed: (cast NAME) stands where no type fits"
            )
        lacking = 0
        for key, programs in found.items():
            task = None if self.version == NONE else published_task(self.version, key)
            lacking += task is None
            yield Frontier(task or Task(task_id(key), DOMAIN, REQUEST), tuple(programs.values()))
        if lacking and self.version != NONE:
            context.warn(f"{counted(lacking, 'task is', 'tasks are')} not in {self.version}, and have no examples")

    def write(self, records: Iterator[Record], stream: BinaryIO, context: Context) -> None:
        """Write a function for each program; InputError for one that has no straight-line form."""
        for record, scope in scoped(records, context.library_for):
            if not isinstance(record, Frontier):
                continue
            try:
                written = _functions_of(record, scope.library(record))
            except InputError as error:
                context.bad_input(error if error.source else record.error(error.message))
                continue
            for function in written:
                if self.what == "python":
                    stream.write(f"{function}\n\n".encode())
                else:
                    stream.write(encode({"task": function.key, "program": str(function)}) + b"\n")


@dataclass(frozen=True)
class _Program:
    """A function of a file, with the key of its task; ``line`` is the line of a file of JSON lines."""

    definition: ast.FunctionDef
    source: str
    line: int | None
    task: str | None

    @property
    def key(self) -> str:
        """The key of its task: that given beside it, or that in its name."""
        return self.task or key_of(self.definition)

    def term(self, resolver: Resolver) -> Term:
        """Its λ-term; InputError with its place."""
        try:
            return resolver.program(read_function(self.definition))
        except InputError as error:
            raise _placed(error, self.source, self.line) from None


def _placed(error: InputError, source: str, line: int | None) -> InputError:
    """An error in a program with its place: the line of a Python file, or of JSON lines and then of the program."""
    if line is None:
        return InputError(error.message, source=source, line=error.line)
    within = "" if error.line is None else f"line {error.line} of the program: "
    return InputError(f"{within}{error.message}", source=source, line=line)


def _functions(path: str, context: Context) -> Iterator[_Program]:
    """The functions in a file, yet to be read; a text that begins with { is JSON lines."""
    source = "<stdin>" if path == "-" else path
    text = read_text(path)
    if not text.lstrip().startswith("{"):
        yield from _defined(text, source, None, None)
        return
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    for (number, _), (program, task) in each_sound(lines, partial(_fields, source), context):
        try:
            yield from list(_defined(program, source, number, task))
        except InputError as error:
            context.bad_input(error)


def _defined(text: str, source: str, line: int | None, task: str | None) -> Iterator[_Program]:
    try:
        found = list(definitions(text))
    except InputError as error:
        raise _placed(error, source, line) from None
    if not found:
        raise InputError("there is no function", source=source, line=line)
    if task is not None and len(found) > 1:
        raise InputError("there are several functions for one task", source=source, line=line)
    for definition in found:
        yield _Program(definition, source, line, task)


def _fields(source: str, numbered: tuple[int, str]) -> tuple[str, str | None]:
    """The text of a program in a JSON line, and the key of its task, if given."""
    number, line = numbered
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError("the line is not JSON", source=source, line=number) from None
    program, task = (value.get("program"), value.get("task")) if isinstance(value, dict) else (None, None)
    if not isinstance(program, str) or not (task is None or (isinstance(task, str) and task.isprintable() and task)):
        raise InputError("expected an object with the texts program and, if given, task", source=source, line=number)
    return program, task


def _functions_of(frontier: Frontier, library: Library) -> list[Function]:
    """The programs of a frontier in the published form."""
    if frontier.task is None or frontier.task.domain != DOMAIN or frontier.task.request != REQUEST:
        raise frontier.error(f"this format cannot hold programs that are not of a task of {DOMAIN}, {REQUEST}")
    key = frontier.task.id.removeprefix(task_id(""))
    written = []
    for program in frontier.programs:
        if program.language != LAMBDA:
            raise frontier.error(f"this format cannot hold {program.language} programs")
        try:
            written.append(function_of(key, program.program, library))
        except PsynthError as error:
            raise frontier.error(f"this format cannot hold {program.program[:80]}: {error}") from error
    return written
