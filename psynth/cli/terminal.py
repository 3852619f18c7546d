"""Messages on standard error while a command runs: warnings, and progress as a bar or as lines."""

from __future__ import annotations

import time
from typing import Any

from psynth.core import standard
from psynth.core.printable import one_line
from psynth.plugins.method import Progress

INTERVAL = 30.0
"""Seconds between two lines of progress if standard error is not a terminal."""


class Messages:
    """Writes messages with the subcommand's name to standard error; with ``quiet`` none."""

    def __init__(self, command: str, *, quiet: bool = False, verbose: bool = False) -> None:
        self.command, self.quiet, self.verbose = command, quiet, verbose
        self._warned: set[str] = set()

    def warn(self, message: str) -> None:
        """Write a warning, each one once."""
        if message not in self._warned:
            self._warned.add(message)
            self._write(f"warning: {message}")

    def note(self, message: str) -> None:
        """Write a message for ``-v``."""
        if self.verbose:
            self._write(message)

    def progress(self) -> Progress:
        """The progress of a method: a bar on a terminal, lines elsewhere, nothing with ``-q``."""
        if self.quiet:
            return Progress()
        return Bar() if standard.err().isatty() else Lines(self.command)

    def _write(self, message: str) -> None:
        if not self.quiet:
            print(f"psynth {self.command}: {one_line(message)}", file=standard.err())


class Lines(Progress):
    """Progress as one line every 30 seconds."""

    def __init__(self, command: str, interval: float = INTERVAL) -> None:
        self._command, self._interval = command, interval
        self._total: int | None = None
        self._what = "records"
        self._done = 0
        self._started = self._next = 0.0

    def start(self, total: int | None, what: str) -> None:
        """Start counting."""
        self._total, self._what, self._done = total, what, 0
        self._started = time.monotonic()
        self._next = self._started + self._interval

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Count, and write a line if the interval is over."""
        self._done += steps
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._interval
            done = (
                f"{self._done} of {self._total} {self._what}"
                if self._total is not None
                else f"{self._what}: {self._done}"
            )
            tail = f", {note}" if note else ""
            seconds = f"{now - self._started:.0f} s"
            print(f"psynth {self._command}: {done}, {seconds}{tail}", file=standard.err())


class Bar(Progress):
    """Progress as a rich bar, which is removed at the end."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def start(self, total: int | None, what: str) -> None:
        """Draw the bar; without a total it only counts."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self.finish()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        note = TextColumn("{task.fields[note]}")
        # Records are written to standard output, which the bar must not touch.
        self._bar = Progress(
            *columns,
            note,
            console=standard.console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task(what, total=total, note="")
        self._bar.start()

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Advance the bar."""
        if self._bar is not None:
            self._bar.update(self._task, advance=steps, **({"note": note} if note else {}))

    def finish(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
