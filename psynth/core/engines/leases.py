"""Leases of engine processes, which keep running between leases."""

from __future__ import annotations

import atexit
import contextlib
import functools
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from psynth.core.closing import Closing
from psynth.core.limits import DEFAULT_MACHINE_MEMORY

if TYPE_CHECKING:
    from psynth.core.engines.lambda_machine import LambdaMachine
    from psynth.core.engines.python_workers import PythonWorkers


class Engines(Closing):
    """The engine processes of one run. ``close`` ends them; so does the end of this process."""

    def __init__(
        self, jobs: int = 1, warn: Callable[[str], None] = warnings.warn, memory: int = DEFAULT_MACHINE_MEMORY
    ) -> None:
        """``jobs`` is how many Python workers may work at a time; λ-machines are as many as are leased.

        ``memory`` is that of each λ-machine, in mebibytes.

        ``warn`` is called with what users should know of an engine, as that a sandbox lacks a layer of isolation.
        """
        self.warn = warn
        self._jobs, self._memory = jobs, memory
        self._idle: list[LambdaMachine] = []
        self._lock = threading.Lock()
        self._closed = False
        self._workers: PythonWorkers | None = None
        atexit.register(self.close)

    @contextlib.contextmanager
    def lambda_machine(self) -> Iterator[LambdaMachine]:
        """Lease a λ-machine for exclusive use until the lease ends."""
        # Imported here: many commands need no machine.
        from psynth.core.engines.lambda_machine import LambdaMachine

        with self._lock:
            machine = self._idle.pop() if self._idle else LambdaMachine(memory=self._memory)
        try:
            yield machine
        finally:
            with self._lock:
                keep = not self._closed and machine.is_idle
                if keep:
                    self._idle.append(machine)
            if not keep:
                machine.close()

    @property
    def python_workers(self) -> PythonWorkers:
        """The shared pool of processes that run third-party Python code."""
        with self._lock:
            if self._workers is None:
                from psynth.core.engines.python_workers import PythonWorkers

                self._workers = PythonWorkers(self._jobs)
            return self._workers

    def close(self) -> None:
        """End the engines that are not leased, and all Python workers; a leased engine ends with its lease."""
        if self._workers is not None:
            self._workers.close()
        with self._lock:
            self._closed, idle, self._idle = True, self._idle, []
        for machine in idle:
            machine.close()
        atexit.unregister(self.close)


@functools.cache
def default_engines() -> Engines:
    """The engines of this process, for callers that are not part of a command's run; they end with the process."""
    return Engines()
