"""Concurrent work: results in order, a bounded number of running pieces, and an orderly interruption."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

R = TypeVar("R")

AHEAD = 4
"""Number of items read ahead of the results, for each worker."""


class Stop:
    """A request to end early, which workers poll and engines receive by a callback."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def is_set(self) -> bool:
        """Whether the work should end."""
        return self._event.is_set()

    def set(self) -> None:
        """Request that the work end."""
        with self._lock:
            self._event.set()
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    @contextlib.contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """Register ``callback`` for a request to end within the block; call it at once if there was one already."""
        with self._lock:
            self._callbacks.append(callback)
            already = self._event.is_set()
        if already:
            callback()
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)


class Canceled(Exception):
    """The work was canceled from another thread."""


@contextlib.contextmanager
def canceling(cancel: Callable[[], None], stop: Stop, seconds: float | None) -> Iterator[None]:
    """Within the block, call ``cancel`` when ``stop`` is set or after ``seconds`` (wall clock; None: never)."""
    timer = None if seconds is None else threading.Timer(seconds, cancel)
    with stop.calling(cancel):
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()


@dataclass(frozen=True)
class Work(Generic[R]):
    """A piece of work: ``do`` is called in another thread and yields the results.

    With ``at_once`` it is called in the caller's thread, for work that takes no time.
    """

    do: Callable[[], Iterable[R]]
    at_once: bool = False

    @classmethod
    def done(cls, result: R) -> Work[R]:
        """A known result that keeps its place in the order."""
        return cls(lambda: (result,), at_once=True)


class _Results(Generic[R]):
    """The results of one piece of work, as they arrive.

    Iteration goes on where an earlier one was interrupted: a result counts as taken in the same step that yields it, so
    that a KeyboardInterrupt, which may come after any call, loses none.
    """

    def __init__(self) -> None:
        self._arrived: list[tuple[bool, R | BaseException | None]] = []
        self._taken = 0
        self._wake: SimpleQueue[None] = SimpleQueue()

    def run(self, work: Work[R]) -> None:
        try:
            for result in work.do():
                self._put(True, result)
            self._put(False, None)
        except BaseException as error:  # raised again in the thread that waits for the results
            self._put(False, error)

    def _put(self, more: bool, result: R | BaseException | None) -> None:
        self._arrived.append((more, result))
        self._wake.put(None)

    def __iter__(self) -> Iterator[R]:
        while True:
            while self._taken >= len(self._arrived):
                self._wake.get()
            place = self._taken
            more, result = self._arrived[place]
            if not more:
                if isinstance(result, BaseException):
                    raise result
                return
            # No call between these two.
            self._taken = place + 1
            yield result  # type: ignore[misc]
            self._arrived[place] = (True, None)


def in_order(items: Iterable[Work[R]], *, jobs: int, stop: Stop) -> Iterator[R]:
    """Yield the results of each piece of work, in order; ``jobs`` pieces run at a time.

    Results are yielded before their piece is complete. On KeyboardInterrupt ``stop`` is set, the results of running
    pieces are yielded, no more items are read, and the interrupt is raised again. An error among the items is raised
    after the results of all items before it. Closing the iterator sets ``stop``.
    """
    source = iter(items)
    waiting: deque[_Results[R]] = deque()
    failure: BaseException | None = None
    exhausted = False
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            while True:
                while not exhausted and failure is None and len(waiting) < jobs * AHEAD:
                    try:
                        waiting.append(_begun(next(source), pool))
                    except StopIteration:
                        exhausted = True
                    except BaseException as error:
                        failure = error
                if isinstance(failure, KeyboardInterrupt):
                    stop.set()
                if not waiting:
                    break
                try:
                    yield from waiting[0]
                    waiting.popleft()
                except KeyboardInterrupt as interrupt:
                    stop.set()
                    failure = interrupt
                except GeneratorExit:  # the iterator is closed
                    raise
                except BaseException:
                    # After an interrupt, an engine that was ended by it is no failure of its own.
                    if not isinstance(failure, KeyboardInterrupt):
                        raise
                    waiting.popleft()
        finally:
            stop.set()
    if failure is not None:
        raise failure


def _begun(work: Work[R], pool: ThreadPoolExecutor) -> _Results[R]:
    results: _Results[R] = _Results()
    if work.at_once:
        results.run(work)
    else:
        pool.submit(results.run, work)
    return results
