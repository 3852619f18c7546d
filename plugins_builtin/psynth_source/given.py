"""The method ``given`` of ``psynth sample``: every task gets the programs in files, to begin a search with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from psynth.core.errors import InputError, UsageError
from psynth.core.files import read_text
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record
from psynth.plugins.method import TASKS, Context, Method
from psynth.plugins.source_domain import PYTHON

NAME = "given"


@dataclass(frozen=True)
class Given(Method):
    """Give every task of a stream the programs in files, in addition to those that it has.

    A program is in the usual language of its domain; a file whose name ends with .py is Python source, one whose name
    ends with .json is JSON. This is how evolution in a language that is not sampled begins.

        psynth tasks function | psynth sample --method given --program point.py > started.jsonl
    """

    resumable = True

    program: tuple[Path, ...] = setting((), file="read", main=True, help="a file that is one program (repeatable)")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records, each frontier with further programs."""
        if not self.program:
            raise UsageError("--method given: no file with a program; --program names one")
        texts = [(path, read_text(path)) for path in self.program]
        context.progress.start(None, TASKS)
        for record in records:
            if isinstance(record, Frontier) and record.task is not None:
                try:
                    domain = context.domain(record.task.domain)
                except InputError as error:
                    if context.bad_input(record.error(error.message)):
                        yield record
                    continue
                [usual, *_] = domain.languages
                record = _with(record, [_program(path, text, usual) for path, text in texts])
                context.progress.advance()
            yield record


def _program(path: Path, text: str, usual: str) -> Program:
    language = {".py": PYTHON, ".json": "json"}.get(path.suffix, usual)
    return Program(text if language == PYTHON else text.strip(), language, origin=Origin(by=NAME))


def _with(frontier: Frontier, programs: list[Program]) -> Frontier:
    known = {(each.language, each.program) for each in frontier.programs}
    new = {(each.language, each.program): each for each in programs}
    return replace(frontier, programs=(*frontier.programs, *(new[key] for key in new if key not in known)))
