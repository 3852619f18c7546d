"""The format ``arc-dsl``: programs in the published straight-line Python form, in .py files or JSON lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar

from psynth.core.calculus.types import parse_type
from psynth.core.errors import InputError, PsynthError
from psynth.core.files import read_text
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Origin, Program, Record, Task, encode
from psynth.core.stream.scope import scoped
from psynth.core.wording import counted
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_arc.data_sets import VERSIONS, published_task
from psynth_arc.resolving import Resolver
from psynth_arc.straight_line import Function, definitions, read_function
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
        found: dict[str, list[Program]] = {}
        casts: Counter[bool] = Counter()
        for path in paths or ("-",):
            for function, (text, cast) in each_sound(
                _functions(path, context), lambda each: resolver.program(each.function), context
            ):
                program = Program(text, origin=Origin(by=self.name))
                known = found.setdefault(function.function.key, [])
                casts[cast] += 1
                if program not in known:
                    known.append(program)
        if casts[True]:
            context.warn(f"{counted(casts[True], 'program')} of {casts.total()} are ill typed, and have casts")
        lacking = 0
        for key, programs in found.items():
            task = None if self.version == NONE else published_task(self.version, key)
            lacking += task is None and self.version != NONE
            yield Frontier(task or Task(task_id(key), DOMAIN, REQUEST), tuple(programs))
        if lacking:
            context.warn(f"{counted(lacking, 'task is', 'tasks are')} not in {self.version}: without examples")
