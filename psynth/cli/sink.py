"""The output of a run: the writer, the ``end`` record and ``--strict``."""

from __future__ import annotations

import os
import shlex
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from psynth.cli.options import OutputOptions, ResumeOption, StrictOption
from psynth.cli.run import Run, type_of
from psynth.core import standard
from psynth.core.errors import EngineError, IncompleteError
from psynth.core.files import part_of
from psynth.core.stream.records import EndStatus, Frontier, Record
from psynth.core.stream.resuming import was_interrupted
from psynth.core.stream.writing import open_writer
from psynth.core.wording import counted


class Sink:
    """The output of a run, as its options specify it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._status: EndStatus | None = None
        self.written: Counter[str] = Counter()
        """The number of records written so far, by type."""
        self._unsearched = 0
        """The number of frontiers among them whose search was interrupted."""
        self._begun = time.monotonic()

    def write(self, records: Iterable[Record]) -> None:
        """Write records including an ``end``; after an interruption, the results so far and an ``end`` that says so.

        Raises `EngineError` if there is no ``end``: without it the status of the input would be lost.
        """
        options = self._run.parsed.of(OutputOptions)
        target = "-" if options.output is None else os.fspath(options.output)
        flush_each = options.line_buffered or (standard.names_output(target) and standard.out().isatty())
        with open_writer(target, flush_each=flush_each) as writer:
            try:
                for record in records:
                    self.written[type_of(record)] += 1
                    self._unsearched += isinstance(record, Frontier) and was_interrupted(record)
                    writer.write(record)
            except KeyboardInterrupt:
                if standard.names_output(target):
                    writer.finish("interrupted")
                self._say_how_to_continue(target)
                raise
            if not writer.ended:
                raise EngineError(f"psynth {self._run.command} lost the end record; a method has to pass it on")
            self._status = writer.finish()

    def _say_how_to_continue(self, target: str) -> None:
        """Say where the results of an interrupted run are, and with which command it goes on."""
        run = self._run
        results = counted(self.written[Frontier.TYPE] - self._unsearched, "frontier")
        resumes = any(issubclass(each, ResumeOption) for each in run.parsed.values)
        run.messages.finish()
        if standard.names_output(target):
            how = "; to be able to go on, write to -o FILE and continue with --resume FILE" if resumes else ""
            run.messages.tell(f"interrupted after {results}; the stream ends with status interrupted{how}")
        elif not resumes:
            run.messages.tell(f"interrupted after {results}, which are in {part_of(target)}; {target} is unchanged")
        else:
            again = shlex.join(["psynth", run.command, *_without_resume(run.parsed.words), "--resume", target])
            run.messages.tell(f"interrupted after {results}, which are in {part_of(target)}; continue with: {again}")

    def conclude(self) -> None:
        """Report errors in the input; IncompleteError with ``--strict`` if the work is incomplete."""
        run = self._run
        run.messages.finish()
        run.complain()
        run.messages.note(self._summary())
        status = run.report.status if self._status is None else self._status
        if run.parsed.of(StrictOption).strict and (status != "complete" or run.report.missing):
            why = f"the stream's end says {status}"
            if run.report.truncated:
                why = "the input was cut short"
            elif run.report.missing:
                why = "shards are missing"
            raise IncompleteError(f"incomplete: {why} (--strict)")

    def _summary(self) -> str:
        """What was read and written, and the time that it took, for ``-v``."""
        parts = [
            f"{verb} {', '.join(counted(number, name, _PLURALS.get(name)) for name, number in counts.items())}"
            for verb, counts in (("read", self._run.read), ("wrote", self.written))
            if counts
        ]
        seconds = time.monotonic() - self._begun
        return "; ".join([*parts, f"{seconds:.1f} s, {time.process_time():.1f} s of CPU in this process"])


_PLURALS = {"library": "libraries"}


def _without_resume(words: Sequence[str]) -> list[str]:
    """The words of a command line without --resume FILE."""
    kept: list[str] = []
    for word in words:
        if kept and kept[-1] == "--resume":
            kept.pop()
        elif not word.startswith("--resume="):
            kept.append(word)
    return kept
