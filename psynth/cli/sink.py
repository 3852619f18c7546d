"""Where a run's records go, and what its exit says about them: the writer, the ``end`` record, ``--strict``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from psynth.cli.options import OutputOptions, StrictOption
from psynth.cli.run import Run
from psynth.core.errors import IncompleteError
from psynth.core.stream.records import EndStatus, Record, worst
from psynth.core.stream.writing import open_writer


class Sink:
    """The output of a run, as its options name it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._status: EndStatus = "complete"

    def write(self, records: Iterable[Record]) -> None:
        """Write records and the ``end``; on an interruption what there is, with an ``end`` that says so."""
        options = self._run.parsed.of(OutputOptions)
        target = "-" if options.output is None else os.fspath(options.output)
        flush_each = options.line_buffered or (target == "-" and sys.stdout.isatty())
        with open_writer(target, flush_each=flush_each) as writer:
            try:
                for record in records:
                    writer.write(record)
            except KeyboardInterrupt:
                if target == "-":
                    writer.finish("interrupted")
                raise
            self._status = writer.finish(self._run.report.status)

    def conclude(self) -> None:
        """Report what was wrong with the input; IncompleteError with ``--strict`` if the work is incomplete."""
        run = self._run
        run.complain()
        status = worst(self._status, run.report.status)
        if run.parsed.of(StrictOption).strict and status != "complete":
            why = "the input was cut short" if run.report.truncated else f"the stream's end says {status}"
            raise IncompleteError(f"incomplete: {why} (--strict)")
