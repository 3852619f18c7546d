"""The status lines at the bottom of a terminal, which all psynth processes on it share: one line for each process.

The processes of a pipe draw on the same terminal. What they draw is in a small file for that terminal, and whoever
writes to the terminal holds the file's lock: a status line is painted with those of the others below what was printed,
and is erased before anything else is printed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import io
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from psynth.core.printable import ENCODING_ERRORS, printable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_ERASE_LINE, _LINE_UP = b"\r\x1b[2K", b"\x1b[1A"


@dataclass
class _State:
    """What is on the terminal: the lines by process, how many of them are painted, and whether a line is unfinished."""

    lines: dict[int, str] = field(default_factory=dict)
    painted: int = 0
    unfinished: bool = False


class StatusLines:
    """The status lines of the terminal that a file descriptor leads to."""

    def __init__(self, descriptor: int, encoding: str = "utf-8") -> None:
        self._descriptor, self._encoding = descriptor, encoding
        self._thread_lock = threading.RLock()
        self._path = _state_file(descriptor)

    def show(self, text: str, columns: int) -> None:
        """Paint the line of this process, cut to the width of the terminal, with those of the others."""
        with self._locked(create=True) as (state, file):
            state.lines[os.getpid()] = printable(text).replace("\n", " ")[: columns - 1]
            self._repaint(state)
            _store(state, file)

    def remove(self) -> None:
        """Erase the line of this process; those of the others remain."""
        with self._locked(create=False) as (state, file):
            if state.lines.pop(os.getpid(), None) is not None or state.painted:
                self._repaint(state)
            _store(state, file)

    def write(self, data: bytes) -> int:
        """Write to the terminal in the place of the status lines, which are painted again later."""
        with self._locked(create=False) as (state, file):
            if state.painted:
                self._put(_erasing(state.painted))
                state.painted = 0
            self._put(data)
            state.unfinished = not data.endswith(b"\n")
            _store(state, file)
        return len(data)

    def _repaint(self, state: _State) -> None:
        parts = [_erasing(state.painted)] if state.painted else []
        state.painted = 0
        if state.lines and not state.unfinished:
            lines = [state.lines[process] for process in sorted(state.lines)]
            parts.append("\n".join(lines).encode(self._encoding, ENCODING_ERRORS))
            state.painted = len(lines)
        self._put(b"".join(parts))

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    @contextlib.contextmanager
    def _locked(self, *, create: bool) -> Iterator[tuple[_State, io.FileIO | None]]:
        """The state while nobody else writes; without a file that others can see, an empty one."""
        with self._thread_lock, contextlib.ExitStack() as stack:
            file = None if self._path is None else _opened(self._path, create=create)
            if file is None:
                yield _State(), None
                return
            stack.enter_context(file)
            fcntl.flock(file, fcntl.LOCK_EX)
            yield _stored(file), file


class TerminalFile(io.RawIOBase):
    """A terminal to write to, in the place of its status lines."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._lines = descriptor, StatusLines(descriptor)

    def writable(self) -> bool:
        """A terminal can be written to."""
        return True

    def isatty(self) -> bool:
        """A terminal is one."""
        return True

    def fileno(self) -> int:
        """The file descriptor."""
        return self._descriptor

    def write(self, data: ReadableBuffer, /) -> int:
        """Write all of the data."""
        return self._lines.write(bytes(data))


def open_binary(descriptor: int, *, buffered: bool = True) -> BinaryIO:
    """A binary file on a descriptor, which remains open when the file is closed; a terminal with its status lines."""
    if not os.isatty(descriptor):
        return open(descriptor, "wb", buffering=-1 if buffered else 0, closefd=False)
    terminal = TerminalFile(descriptor)
    return cast(BinaryIO, io.BufferedWriter(terminal) if buffered else terminal)


def lines_of(stream: TextIO) -> StatusLines:
    """The status lines of the terminal that a stream leads to."""
    return StatusLines(stream.fileno(), stream.encoding)


def _erasing(lines: int) -> bytes:
    return _ERASE_LINE + (_LINE_UP + _ERASE_LINE) * (lines - 1)


def _state_file(descriptor: int) -> Path | None:
    """The file for a terminal, in a folder that only this user can write to; None if there can be none."""
    try:
        terminal = os.fstat(descriptor)
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        folder = Path(runtime or tempfile.gettempdir()) / (f"psynth-{os.getuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = folder.lstat()
    except OSError:
        return None
    if owner.st_uid != os.getuid() or owner.st_mode & 0o077:
        return None
    return folder / f"terminal-{terminal.st_dev}-{terminal.st_rdev}"


def _opened(path: Path, *, create: bool) -> io.FileIO | None:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    try:
        return open(os.open(path, flags, 0o600), "r+b", buffering=0)
    except OSError:
        return None


def _stored(file: io.FileIO) -> _State:
    """The state in a file, without processes that are gone; if all are, nothing of it is on the terminal any more."""
    try:
        data = json.loads(file.read() or b"{}")
        lines = {int(process): str(line) for process, line in data.get("lines", {}).items() if _lives(int(process))}
        state = _State(lines, int(data.get("painted", 0)), bool(data.get("unfinished", False)))
    except (ValueError, AttributeError, TypeError):
        return _State()
    return state if state.lines else _State()


def _store(state: _State, file: io.FileIO | None) -> None:
    if file is not None:
        file.seek(0)
        file.truncate()
        file.write(json.dumps(dataclasses.asdict(state)).encode())


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
