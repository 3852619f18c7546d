"""Messages on standard error while a command runs: warnings, notes, and progress as a bar or as lines."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from psynth.core import standard
from psynth.core.printable import one_line
from psynth.core.status_lines import lines_of
from psynth.plugins.method import TASKS, Progress

INTERVAL = 30.0
"""Seconds between two lines of progress if standard error is not a terminal."""
REPAINTED = 0.2
"""Seconds between two paintings of the line on a terminal."""
LEAST_BAR, MOST_BAR = 10, 30
"""Minimum and maximum width of a bar."""


class Messages:
    """Writes messages with the subcommand's name to standard error; with ``quiet`` none."""

    def __init__(self, command: str, *, quiet: bool = False, verbose: bool = False) -> None:
        self.command, self.quiet, self.verbose = command, quiet, verbose
        self._warned: set[str] = set()
        self._shown = Progress()

    def warn(self, message: str) -> None:
        """Write a warning, each one once."""
        if message not in self._warned:
            self._warned.add(message)
            self._write(f"warning: {message}")

    def tell(self, message: str) -> None:
        """Write a message that is no warning."""
        self._write(message)

    def note(self, message: str) -> None:
        """Write a message for ``-v``."""
        if self.verbose:
            self._write(message)

    def progress(self, tasks: Callable[[], int | None] = lambda: None) -> Progress:
        """The progress of a method: a line on a terminal, lines at intervals elsewhere, nothing with ``-q``.

        ``tasks`` returns the number of tasks in the input, if it can be known.
        """
        if not self.quiet:
            self._shown = (
                Bar(self.command, tasks=tasks) if standard.err().isatty() else Lines(self.command, tasks=tasks)
            )
        return self._shown

    def finish(self) -> None:
        """Remove what `progress` displays."""
        self._shown.finish()

    def _write(self, message: str) -> None:
        if not self.quiet:
            print(f"psynth {self.command}: {one_line(message)}", file=standard.err())


class Counting(Progress):
    """Counts what a method reports, for a display; subclasses show it.

    ``tasks`` returns the number of tasks in the input, or None if it cannot be known.
    """

    def __init__(self, command: str, tasks: Callable[[], int | None] = lambda: None) -> None:
        self.command, self._tasks = command, tasks
        self.total: int | None = None
        self.what = "records"
        self.done = self.solved = 0
        self.note = ""
        self._counts_solved = False
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """The time since the count was started."""
        return time.monotonic() - self._begun

    def start(self, total: int | None, what: str) -> None:
        """Start counting; the number of tasks is that of the input if the method does not know it."""
        self.total, self.what = self._tasks() if total is None and what == TASKS else total, what
        self.done = self.solved = 0
        self.note = ""
        self._counts_solved = False
        self._begun = time.monotonic()
        self.started()

    def started(self) -> None:
        """Begin to display."""

    def advance(self, steps: int = 1, note: str = "", solved: int | None = None) -> None:
        """Count."""
        self.done += steps
        self.note = note or self.note
        if solved is not None:
            self._counts_solved = True
            self.solved += solved

    def counts(self) -> str:
        """What was counted so far, as in ``63/122 tasks, 48 solved``."""
        done = f"{self.done:,}/{self.total:,}" if self.total is not None else f"{self.done:,}"
        return f"{done} {self.what}" + (f", {self.solved:,} solved" if self._counts_solved else "")


class Lines(Counting):
    """Progress as one line every 30 seconds."""

    def __init__(
        self, command: str, interval: float = INTERVAL, tasks: Callable[[], int | None] = lambda: None
    ) -> None:
        super().__init__(command, tasks)
        self._interval = interval
        self._next = 0.0

    def started(self) -> None:
        """The first line comes after the interval."""
        self._next = self._begun + self._interval

    def advance(self, steps: int = 1, note: str = "", solved: int | None = None) -> None:
        """Count, and write a line if the interval is over."""
        super().advance(steps, note, solved)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._interval
            tail = f", {note}" if note else ""
            print(f"psynth {self.command}: {self.counts()}, {self.seconds:.0f} s{tail}", file=standard.err())


class Bar(Counting):
    """Progress as a line at the bottom of the terminal, which is removed at the end."""

    def __init__(
        self, command: str, interval: float = REPAINTED, tasks: Callable[[], int | None] = lambda: None
    ) -> None:
        super().__init__(command, tasks)
        self._interval = interval
        self._ended = threading.Event()
        self._painter: threading.Thread | None = None

    def started(self) -> None:
        """Begin to paint the line again and again, as time passes."""
        if self._painter is None:
            self._ended.clear()
            self._lines = lines_of(standard.err())
            self._painter = threading.Thread(target=self._paint, daemon=True)
            self._painter.start()

    def finish(self) -> None:
        """Remove the line."""
        if self._painter is not None:
            self._ended.set()
            self._painter.join()
            self._painter = None
            with contextlib.suppress(OSError):
                self._lines.remove()

    def _paint(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ended.wait(self._interval):
                columns = standard.columns(standard.err()) or standard.DEFAULT_COLUMNS
                self._lines.show(self.line(columns), columns)

    def line(self, columns: int) -> str:
        """The line on a terminal with this many columns: the most important first, and a bar if there is room."""
        minutes, seconds = divmod(int(self.seconds), 60)
        parts = [self.command, self.counts(), f"{minutes}:{seconds:02}"]
        room = columns - len("  ".join(parts)) - 3
        if self.total and room >= LEAST_BAR:
            width = min(MOST_BAR, room)
            full = width * min(self.done, self.total) // self.total
            parts.insert(1, "━" * full + "─" * (width - full))
        if self.note:
            parts.append(self.note)
        return "  ".join(parts)
