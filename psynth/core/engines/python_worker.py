"""The worker process of ``python_workers``, which runs third-party Python code item by item within limits.

This is isolation against accidents, not a sandbox against malice. Only the parent starts this module; their messages
are 8 bytes of length followed by JSON.
"""

from __future__ import annotations

import _thread
import functools
import gc
import importlib
import mmap
import os
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO, Final, NoReturn, Protocol

import orjson

PART: Final = 256
"""Maximum number of answers sent together, so that little is lost with a worker."""
PART_BYTES: Final = 1 << 20
"""Maximum number of bytes of answers sent together, except for the last answer."""
CLOSED: Final = 113
"""The exit status of a worker that cannot answer because its files were closed."""
SPARE_MEMORY: Final = 256 << 20
"""Bytes beyond the limit for data that a worker keeps between items."""


class OutOfTime(BaseException):
    """Raised in running code that is out of time; not an ``Exception``, so that the code does not catch it."""


class Runner(Protocol):
    """The base class of code that runs items; its factory is called with the JSON of ``setup`` and the watch."""

    def run(self, shared: Any, item: Any) -> bytes:
        """The answer to one item, as JSON text; ``shared`` is the common part of a group of items.

        Calls ``watch.begin()`` before and ``watch.end()`` after each evaluation. Only OutOfTime and errors of the
        program may be raised.
        """
        ...

    def forget(self) -> None:
        """Discard all data shared between items."""
        ...

    def failed(self, shared: Any, item: Any, status: str, message: str) -> bytes:
        """The answer to an item that failed with ``status`` (timeout, memory or error) outside of ``run``."""
        ...


class Watch:
    """Ends evaluations that exceed their time, and the process if its parent has ended."""

    def __init__(self, progress: memoryview, parent: int) -> None:
        self._progress, self._parent = progress, parent
        self.seconds = 1.0
        self.running = False
        self._seen, self._since = -1, 0.0

    def arm(self, seconds: float) -> None:
        """Allow each evaluation this many seconds of wall clock."""
        self.seconds = seconds
        period = max(0.01, min(seconds / 4, 1.0))
        signal.signal(signal.SIGALRM, self.tick)
        signal.setitimer(signal.ITIMER_REAL, period, period)

    def begin(self) -> None:
        """Start the clock of an evaluation."""
        self._progress[1] += 1
        self.running = True

    def end(self) -> None:
        """Stop the clock."""
        self.running = False

    def tick(self, *_: object) -> None:
        """Check the clock; called by a timer while Python code runs."""
        if os.getppid() != self._parent:
            die()
        # Code that never returns from C to Python does not run this handler. Then the parent ends the process or, if
        # the parent has ended, the kernel does so at this limit of CPU time.
        signal.setitimer(signal.ITIMER_PROF, 4 * self.seconds + 10)
        now, count = time.monotonic(), self._progress[1]
        if not self.running or count != self._seen:
            self._seen, self._since = count, now
        elif now - self._since >= self.seconds:
            raise OutOfTime


def die() -> NoReturn:
    """End this process and all processes that it has started."""
    os.killpg(0, signal.SIGKILL)
    os._exit(1)


class Surroundings:
    """The state of the process that no item may change, with methods to detect and to undo changes."""

    def __init__(self, watch: Watch, streams: tuple[BinaryIO, BinaryIO]) -> None:
        self._watch, self._streams = watch, streams
        self._files = [(stream.fileno(), _identity(stream.fileno())) for stream in streams]
        self._files += [(number, _identity(number)) for number in range(3)]
        self._directory, self._mask, self._environment = os.getcwd(), _mask(), dict(os.environ)
        self._objects = (sys.stdin, sys.stdout, sys.stderr)
        self._recursion, self._threads = sys.getrecursionlimit(), _thread._count()

    def restored(self) -> str | None:
        """Undo a change that can be undone, and return its description; None if there is none."""
        if not _is_directory(self._directory):
            os.chdir(self._directory)
            return "changed the working directory"
        if _mask() != self._mask:
            os.umask(self._mask)
            return "changed the umask"
        if os.environ != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
            return "changed the environment"
        if sys.getrecursionlimit() != self._recursion:
            sys.setrecursionlimit(self._recursion)
            return "changed the recursion limit"
        if (sys.stdin, sys.stdout, sys.stderr) != self._objects and not any(each.closed for each in self._objects):
            sys.stdin, sys.stdout, sys.stderr = self._objects
            return "changed the standard streams"
        return None

    def broken(self) -> str | None:
        """A description of a change that cannot be undone; None if there is none."""
        if any(_identity(number) != identity for number, identity in self._files):
            return "closed a file descriptor that it had not opened"
        if any(each.closed for each in self._objects):
            return "closed a standard stream"
        if _thread._count() != self._threads:
            return "started a thread and left it running"
        if signal.getsignal(signal.SIGALRM) != self._watch.tick or not signal.getitimer(signal.ITIMER_REAL)[1]:
            return "changed the timer"
        return None


def _identity(number: int) -> tuple[int, int] | None:
    try:
        found = os.fstat(number)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _is_directory(path: str) -> bool:
    try:
        return os.getcwd() == path
    except OSError:
        return False


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message."""
    body = orjson.dumps(message)
    stream.write(struct.pack("=Q", len(body)) + body)
    stream.flush()


def receive(read: Callable[[int], bytes]) -> Any:
    """Read one message with ``read``, which returns at most the given number of bytes; ``EOFError`` at its end."""
    [length] = struct.unpack("=Q", _exactly(8, read))
    return orjson.loads(_exactly(length, read))


def _exactly(count: int, read: Callable[[int], bytes]) -> bytes:
    pieces: list[bytes] = []
    while count:
        piece = read(count)
        if not piece:
            raise EOFError
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def found(path: str) -> Any:
    """The object at a path such as ``package.module:Class.attribute``; exceptions of its import propagate."""
    module, _, attribute = path.partition(":")
    return functools.reduce(getattr, attribute.split("."), importlib.import_module(module))


def used_memory() -> int:
    """The bytes of address space of this process; 0 if the system does not report them."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * mmap.PAGESIZE
    except OSError:
        return 0


class _Worker:
    """The request loop of a worker."""

    def __init__(self, streams: tuple[BinaryIO, BinaryIO], progress: memoryview, parent: int) -> None:
        self.requests, self.replies = streams
        self.progress = progress
        self.watch = Watch(progress, parent)
        self.surroundings: Surroundings | None = None
        self.runner: Runner | None = None
        self.memory = 0

    def serve(self) -> None:
        while True:
            request = receive(self.requests.read)
            if "setup" in request:
                self._set_up(request)
            else:
                self._run(request)

    def _set_up(self, request: Any) -> None:
        try:
            self.runner = found(request["factory"])(request["setup"], self.watch)
        except BaseException as error:
            send(self.replies, {"failed": f"{type(error).__name__}: {error}"})
            return
        if self.surroundings is None:
            gc.collect()
            gc.freeze()
            gc.set_threshold(100_000, 20, 100)
            os.register_at_fork(after_in_child=lambda: os._exit(1))
            self.memory = used_memory()
        self.watch.arm(request["seconds"])
        self.surroundings = Surroundings(self.watch, (self.requests, self.replies))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = self.memory + request["memory"] + SPARE_MEMORY
        if self.memory and (hard == resource.RLIM_INFINITY or limit < hard):
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        send(self.replies, {"ready": True})

    def _run(self, request: Any) -> None:
        """Answer the items in parts; a part is sent only if the state of the process has not changed."""
        assert self.runner is not None
        assert self.surroundings is not None
        careful, groups = request["careful"], request["groups"]
        answers: list[bytes] = []
        size = 0
        items = [(group["shared"], item) for group in groups for item in group["items"]]
        for index, (shared, item) in enumerate(items):
            self.progress[0] = index
            answer = self._answer(shared, item)
            changed = self.surroundings.restored() if careful else None
            if changed is not None:
                # Otherwise the next program with the same part would not run it again, and its fault would be missed.
                self.runner.forget()
                answer = self.runner.failed(shared, item, "error", f"the program {changed}, which no primitive may")
            answers.append(answer)
            size += len(answer)
            if careful or len(answers) >= PART or size > PART_BYTES or index == len(items) - 1:
                problem = self.surroundings.broken() or (None if careful else self.surroundings.restored())
                if problem is not None:
                    send(self.replies, {"changed": problem})
                    return
                bloated = used_memory() > self.memory + SPARE_MEMORY // 2
                last = index == len(items) - 1
                send(self.replies, {"answers": [orjson.Fragment(each) for each in answers], "bloated": bloated})
                if bloated and not last:
                    return
                answers, size = [], 0

    def _answer(self, shared: Any, item: Any) -> bytes:
        assert self.runner is not None
        try:
            return self.runner.run(shared, item)
        except OutOfTime:
            status, message = "timeout", f"more than {self.watch.seconds:g} seconds"
        except MemoryError:
            status, message = "memory", "MemoryError"
        except BaseException as error:
            status, message = "error", described(error)
        finally:
            self.watch.end()
        return self.runner.failed(shared, item, status, message)


def described(error: BaseException) -> str:
    """The type and the message of an error, even if its message cannot be computed."""
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:
        return type(error).__name__


def main(parent: int, progress_file: int) -> None:
    """Serve the parent until it ends. Output of the code is discarded, and its standard input is empty."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    streams = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    os.close(nowhere)
    progress = memoryview(mmap.mmap(progress_file, 16)).cast("Q")
    os.close(progress_file)
    serve: Callable[[], None] = _Worker(streams, progress, parent).serve
    try:
        serve()
    except BaseException:
        if not all(_identity(stream.fileno()) for stream in streams):
            os._exit(CLOSED)
        # The parent has ended or cannot be reached: end all processes that items have started, too.
        die()
