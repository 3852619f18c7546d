"""Standard output and standard error of the command: the only way to them, so that nothing else gets there.

While psynth runs, ``sys.stdout`` and file descriptor 1 lead to standard error: what a plugin prints cannot get between
the records. Everything written as text is neutralized on the way: data cannot control a terminal, and a character that
the encoding lacks is spelled.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TextIO

from psynth.core.printable import ENCODING_ERRORS, printable

if TYPE_CHECKING:
    from rich.console import Console


_PADDING = re.compile(r" +(?=\n)")
UNLIMITED = 1_000_000
"""Columns of what is no terminal: nothing is wrapped, shortened or cut there."""
DEFAULT_COLUMNS = 80
"""Columns of a terminal that does not say how many it has."""


class Screen(io.TextIOWrapper):
    """A text stream for people on a file descriptor, flushed at each line if it is a terminal or for messages."""

    def __init__(self, descriptor: int, like: TextIO, *, messages: bool = False) -> None:
        """``like`` determines the encoding."""
        file = _binary(descriptor)
        lines = messages or file.isatty()
        encoding = getattr(like, "encoding", None) or "utf-8"
        super().__init__(file, encoding=encoding, errors=ENCODING_ERRORS, line_buffering=lines, write_through=True)

    def write(self, text: str) -> int:
        """Write text without what would control the terminal."""
        return super().write(printable(text))

    def write_styled(self, text: str) -> int:
        """Write text with colors and cursor movements, whose other parts are neutralized already."""
        return super().write(text)

    def silence(self) -> None:
        """Lead to the null device from now on, so that no later flush can fail."""
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), self.fileno())


def _binary(descriptor: int) -> Any:
    """A binary file on a descriptor; a terminal shares it with the status lines of other processes."""
    if not os.isatty(descriptor):
        return open(descriptor, "wb", closefd=False)
    from psynth.core.status_lines import open_binary

    return open_binary(descriptor)


class _Styled:
    """The side of a stream for those who write colors and cursor movements, as rich does.

    What does not go to a terminal has no blanks at the end of a line.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._write = stream.write_styled if isinstance(stream, Screen) else stream.write
        self._padded = stream.isatty()

    def write(self, text: str) -> int:
        """Write text."""
        return self._write(text if self._padded else _PADDING.sub("", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Streams:
    """The two streams of the command, while it has claimed them."""

    out: Screen | None = None
    err: Screen | None = None


def out() -> TextIO:
    """Standard output, for results; its ``buffer`` takes records."""
    return sys.stdout if _Streams.out is None else _Streams.out


def err() -> TextIO:
    """Standard error, for messages."""
    return sys.stderr if _Streams.err is None else _Streams.err


@contextlib.contextmanager
def claimed() -> Iterator[None]:
    """Keep the two streams for psynth within the block; others who print write to standard error."""
    stdout, stderr = sys.stdout, sys.stderr
    with contextlib.suppress(OSError, ValueError):
        stdout.flush()
    records, messages = os.dup(1), _second()
    others = os.dup(messages)
    os.dup2(messages, 1)
    screen = Screen(records, stdout)
    _Streams.out, _Streams.err = screen, Screen(messages, stderr, messages=True)
    # Not the stream for messages: others may close theirs.
    sys.stdout = sys.stderr = Screen(others, stderr, messages=True)
    try:
        yield
    finally:
        _Streams.out = _Streams.err = None
        sys.stdout, sys.stderr = stdout, stderr
        try:
            screen.flush()
        except (OSError, ValueError):
            screen.silence()
            screen.flush()
        os.dup2(records, 1)
        for descriptor in (records, messages, others):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def width() -> int | None:
    """The columns of the terminal that standard output is; None if it is none, where nothing is wrapped or cut."""
    return columns(out())


def columns(stream: TextIO) -> int | None:
    """The columns of the terminal that a stream leads to, None if it leads elsewhere; COLUMNS takes precedence."""
    if not stream.isatty():
        return None
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT_COLUMNS
    except (OSError, ValueError):
        return DEFAULT_COLUMNS


def names_output(path: str | os.PathLike[str]) -> bool:
    """Whether a path means standard output: ``-``, or a name of file descriptor 1, which leads elsewhere meanwhile."""
    return os.fspath(path) in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def silence() -> None:
    """Give up standard output, whose reader is gone or whose disk is full: no later flush fails."""
    if _Streams.out is not None:
        _Streams.out.silence()


@contextlib.contextmanager
def lent() -> Iterator[None]:
    """Lend ``sys.stdout`` within the block to code that prints results, in colors of its own."""
    before, stream = sys.stdout, out()
    sys.stdout = _Styled(stream) if isinstance(stream, Screen) else stream
    try:
        yield
    finally:
        sys.stdout = before


def console(**options: Any) -> Console:
    """A rich console on standard output, as wide as the terminal if it is one."""
    from rich.console import Console

    class Neutral(Console):
        """A console that neutralizes all text, but not the colors and movements of its own."""

        def render(self, renderable: Any, options: Any = None) -> Iterable[Any]:
            from rich.segment import Segment

            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else printable(text), style, control)

    stream = err() if options.get("stderr") else out()
    return Neutral(file=_Styled(stream), width=columns(stream) or UNLIMITED, **options)  # type: ignore[arg-type]


def _second() -> int:
    """A copy of the descriptor of standard error, or of the null device if it is closed."""
    try:
        return os.dup(2)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
