"""A pool of processes that run third-party Python code with limits of time and memory, reused from task to task.

Answers are in the order of the items and do not depend on the number of workers. A worker that dies, hangs or has
changed its state is replaced; the items it has not answered run again one at a time, so that only the item at fault
gets a status, and no program affects the next.
"""

from __future__ import annotations

import contextlib
import functools
import mmap
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import orjson

from psynth.core.engines.python_worker import CLOSED, receive, send
from psynth.core.errors import EngineError
from psynth.core.work import Canceled

CHUNK: Final = range(64, 4096)
"""Bounds on the number of items sent to a worker at a time, which is otherwise an equal share."""
_POLL: Final = 0.1
"""Seconds between two checks of a worker's progress."""
_START: Final = 120.0
"""Maximum number of seconds for a worker's imports."""

_PROGRAM: Final = (
    "import sys; path, parent, progress = sys.argv[1:]; import json; sys.path[:] = json.loads(path); "
    "from psynth.core.engines.python_worker import main; main(int(parent), int(progress))"
)


@dataclass(frozen=True)
class Work:
    """The code to run: the import path of a factory of ``Runner``, the JSON it is called with, and the limits.

    Workers with the same ``code`` (their imports) serve any ``setup``. ``seconds`` (wall clock) and ``memory`` (bytes
    beyond those of a worker after its imports) bound one evaluation.
    """

    code: str
    factory: str
    setup: bytes
    seconds: float
    memory: int


@dataclass(frozen=True)
class Group:
    """Items with their common part, both JSON."""

    shared: Any
    items: Sequence[Any]


class _Lost(Exception):
    """A worker cannot continue: ``item`` is the current item, ``status`` and ``message`` describe the failure."""

    def __init__(self, item: int, status: str, message: str) -> None:
        self.item, self.status, self.message = item, status, message


class _Bloated(Exception):
    """A worker keeps so much memory that it must be replaced; no item is at fault."""


class _Process:
    """One worker."""

    def __init__(self, work: Work) -> None:
        self.code = work.code
        self.work: Work | None = None
        with tempfile.TemporaryFile() as progress:
            progress.write(bytes(16))
            progress.flush()
            self._memory = mmap.mmap(progress.fileno(), 16)
            self._progress = memoryview(self._memory).cast("Q")
            arguments = (orjson.dumps(sys.path).decode(), str(os.getpid()), str(progress.fileno()))
            # A session of its own: Ctrl-C reaches only psynth, and processes that programs start end with the worker.
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=[progress.fileno()],
                start_new_session=True,
            )

    def kill(self) -> int:
        """End the worker and all processes that it started, and return its exit status."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()
        return self._process.wait()

    def adopt(self, work: Work) -> None:
        """Prepare the worker for ``work`` unless it is ready."""
        if self.work == work:
            return
        self._send(
            {
                "factory": work.factory,
                "setup": orjson.Fragment(work.setup),
                "seconds": work.seconds,
                "memory": work.memory,
            }
        )
        self.work = work
        reply = self._receive(_START)
        if "failed" in reply:
            raise EngineError(f"{work.code} cannot be used in a worker process: {reply['failed']}")

    def run(self, groups: Sequence[Group], *, careful: bool, canceled: Callable[[], bool]) -> Iterator[list[Any]]:
        """Yield answers in parts; ``Canceled`` once ``canceled`` returns true."""
        assert self.work is not None
        self._progress[0] = 0
        self._send({"careful": careful, "groups": [{"shared": each.shared, "items": each.items} for each in groups]})
        left = sum(len(each.items) for each in groups)
        while left:
            reply = self._receive(2 * self.work.seconds + 1, canceled)
            if "changed" in reply:
                raise _Lost(self._progress[0], "error", f"the program {reply['changed']}, which no primitive may")
            left -= len(reply["answers"])
            yield reply["answers"]
            if reply["bloated"]:
                raise _Bloated

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        try:
            send(self._process.stdin, message)  # type: ignore[arg-type]
        except OSError:
            raise self._lost() from None

    def _receive(self, patience: float, canceled: Callable[[], bool] = lambda: False) -> Any:
        """The next message; ``_Lost`` if the worker ends, or makes no progress for ``patience`` seconds."""
        stream = self._process.stdout
        assert stream is not None
        seen, since = self._progress[1], time.monotonic()
        while not select.select([stream], [], [], _POLL)[0]:
            if canceled():
                raise Canceled
            now = time.monotonic()
            if self._progress[1] != seen:
                seen, since = self._progress[1], now
            elif now - since > patience:
                item = self._progress[0]
                self.kill()
                seconds = self.work.seconds if self.work else patience
                raise _Lost(item, "timeout", f"more than {seconds:g} seconds")
        try:
            return receive(functools.partial(os.read, stream.fileno()))
        except (EOFError, OSError):
            raise self._lost() from None

    def _lost(self) -> _Lost:
        item = self._progress[0]
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        status = self.kill()
        if status == CLOSED:
            return _Lost(item, "error", "the program closed the files of its process, which no primitive may")
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        return _Lost(item, "error", f"the program ended its process ({how})")


class PythonWorkers:
    """A pool of at most ``jobs`` concurrent workers; ``close`` ends them all."""

    def __init__(self, jobs: int = 1) -> None:
        self._jobs, self._busy = jobs, 0
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._changed = threading.Condition()
        self.started = 0
        """The number of workers started so far."""

    def allow(self, jobs: int) -> None:
        """Allow at least ``jobs`` concurrent workers."""
        with self._changed:
            self._jobs = max(self._jobs, jobs)
            self._changed.notify_all()

    def close(self) -> None:
        """End all workers."""
        with self._changed:
            ending, self._all, self._idle = self._all, set(), []
        for worker in ending:
            worker.kill()

    def run(
        self,
        work: Work,
        groups: Sequence[Group],
        failed: Callable[[Any, Any, str, str], Any],
        *,
        jobs: int = 1,
        canceled: Callable[[], bool] = lambda: False,
    ) -> list[Any]:
        """One answer for each item, in order.

        ``failed(shared, item, status, message)`` returns the answer to an item that ends or outlasts its worker.
        Once ``canceled`` returns true, which is checked every 0.1 s, the workers are ended and ``Canceled`` is raised.
        """
        items = [(group.shared, item) for group in groups for item in group.items]
        size = max(CHUNK.start, min(CHUNK.stop, -(-len(items) // jobs)))
        chunks = [items[start : start + size] for start in range(0, len(items), size)]

        abandoned = threading.Event()

        def answered(chunk: list[tuple[Any, Any]]) -> list[Any]:
            return self._answers(work, chunk, failed, lambda: abandoned.is_set() or canceled())

        if jobs == 1 or len(chunks) <= 1:
            return [answer for chunk in chunks for answer in answered(chunk)]
        with ThreadPoolExecutor(min(jobs, len(chunks))) as threads:
            try:
                return [answer for answers in threads.map(answered, chunks) for answer in answers]
            except BaseException:  # Ctrl-C in this thread, say: the pool waits for the others before it goes on
                abandoned.set()
                raise

    def _answers(
        self,
        work: Work,
        items: list[tuple[Any, Any]],
        failed: Callable[[Any, Any, str, str], Any],
        canceled: Callable[[], bool],
    ) -> list[Any]:
        answers: list[Any] = []
        careful_until = 0
        while len(answers) < len(items):
            if canceled():
                raise Canceled
            careful = len(answers) < careful_until
            left = items[len(answers) : careful_until if careful else len(items)]
            done = len(answers)
            try:
                with self._worker(work) as worker:
                    for part in worker.run(_grouped(left), careful=careful, canceled=canceled):
                        answers += part
            except _Bloated:
                continue
            except _Lost as lost:
                if careful:
                    # All items before it have been answered, and the worker's state was verified after each.
                    answers.append(failed(*items[len(answers)], lost.status, lost.message))
                else:
                    careful_until = min(len(items), done + lost.item + 1)
        return answers

    @contextlib.contextmanager
    def _worker(self, work: Work) -> Iterator[_Process]:
        """Lease a worker that is ready for ``work``; an error ends the worker."""
        with self._changed:
            while self._busy >= self._jobs:
                self._changed.wait()
            self._busy += 1
            worker = self._taken(work)
        try:
            if worker is None:
                worker = _Process(work)
                self.started += 1
                self._all.add(worker)
            try:
                worker.adopt(work)
            except _Lost as lost:
                raise EngineError(f"{work.code} cannot be used in a worker process: {lost.message}") from lost
            yield worker
        except BaseException:
            if worker is not None:
                worker.kill()
                self._all.discard(worker)
                worker = None
            raise
        finally:
            with self._changed:
                self._busy -= 1
                if worker is not None:
                    self._idle.append(worker)
                self._changed.notify()

    def _taken(self, work: Work) -> _Process | None:
        """Take an idle worker for the same code, preferably a ready one; if there is none, end the oldest if needed."""
        fitting = [worker for worker in self._idle if worker.code == work.code]
        ready = [worker for worker in fitting if worker.work == work] or fitting
        if ready:
            self._idle.remove(ready[-1])
            return ready[-1]
        if len(self._idle) + self._busy > self._jobs:
            old = self._idle.pop(0)
            self._all.discard(old)
            old.kill()
        return None


def _grouped(items: Sequence[tuple[Any, Any]]) -> list[Group]:
    """The items grouped with their common part: consecutive items with the same object form a group."""
    groups: list[tuple[Any, list[Any]]] = []
    for shared, item in items:
        if not groups or groups[-1][0] is not shared:
            groups.append((shared, []))
        groups[-1][1].append(item)
    return [Group(shared, members) for shared, members in groups]
