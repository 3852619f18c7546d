"""Work side by side: results in order, a bounded number of pieces begun, and an orderly interruption."""

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
"""Items read ahead of the results, for each worker."""


class Stop:
    """A request to end early, which workers poll and engines are told of."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def is_set(self) -> bool:
        """Whether the work should end."""
        return self._event.is_set()

    def set(self) -> None:
        """Ask the work to end."""
        with self._lock:
            self._event.set()
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    @contextlib.contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """Have ``callback`` called by whoever asks for the end meanwhile; at once if that has happened."""
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


@dataclass(frozen=True)
class Work(Generic[R]):
    """A piece of work: ``do`` is called in another thread, and gives the results one by one.

    With ``at_once`` it is called in the caller's: for what takes no time.
    """

    do: Callable[[], Iterable[R]]
    at_once: bool = False

    @classmethod
    def done(cls, result: R) -> Work[R]:
        """A result that only has to keep its place."""
        return cls(lambda: (result,), at_once=True)


class _Results(Generic[R]):
    """The results of one piece of work, as they come."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[bool, R | BaseException | None]] = SimpleQueue()

    def run(self, work: Work[R]) -> None:
        try:
            for result in work.do():
                self._queue.put((True, result))
            self._queue.put((False, None))
        except BaseException as error:  # whatever it is belongs to whoever waits for the results
            self._queue.put((False, error))

    def __iter__(self) -> Iterator[R]:
        while True:
            more, result = self._queue.get()
            if more:
                yield result  # type: ignore[misc]
            elif isinstance(result, BaseException):
                raise result
            else:
                return


def in_order(items: Iterable[Work[R]], *, jobs: int, stop: Stop) -> Iterator[R]:
    """Yield the results of each piece of work, in order; ``jobs`` pieces are worked on at a time.

    Results do not wait for the work to be whole. At KeyboardInterrupt ``stop`` is set, what was begun comes to its end
    and is yielded, no more items are read, and the interrupt is raised again. An error among the items is raised after
    the results of all that stands before it. Closing the iterator sets ``stop``.
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
