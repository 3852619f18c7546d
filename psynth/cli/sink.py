"""The output of a run: the writer, the ``end`` record and ``--strict``."""

from __future__ import annotations

import os
from collections.abc import Iterable

from psynth.cli.options import OutputOptions, StrictOption
from psynth.cli.run import Run
from psynth.core import standard
from psynth.core.errors import EngineError, IncompleteError
from psynth.core.stream.records import EndStatus, Record
from psynth.core.stream.writing import open_writer


class Sink:
    """The output of a run, as its options specify it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._status: EndStatus | None = None

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
                    writer.write(record)
            except KeyboardInterrupt:
                if standard.names_output(target):
                    writer.finish("interrupted")
                raise
            if not writer.ended:
                raise EngineError(f"psynth {self._run.command} lost the end record; a method has to pass it on")
            self._status = writer.finish()

    def conclude(self) -> None:
        """Report errors in the input; IncompleteError with ``--strict`` if the work is incomplete."""
        run = self._run
        run.complain()
        status = run.report.status if self._status is None else self._status
        if run.parsed.of(StrictOption).strict and (status != "complete" or run.report.missing):
            why = f"the stream's end says {status}"
            if run.report.truncated:
                why = "the input was cut short"
            elif run.report.missing:
                why = "shards are missing"
            raise IncompleteError(f"incomplete: {why} (--strict)")
