"""Evolution without rounds: a program is proposed for each result, and results are taken in the order of proposal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from psynth.core.closing import Closing
from psynth.core.stream.records import Program
from psynth_elites.evolving import Evolving, Round
from psynth_elites.judging import Judge


class Judges(Closing):
    """Judges programs one by one in threads, each with a judge of its own."""

    def __init__(self, make: Callable[[], Judge], jobs: int) -> None:
        self._all = [make() for _ in range(jobs)]
        self._idle: SimpleQueue[Judge] = SimpleQueue()
        for judge in self._all:
            self._idle.put(judge)
        self._threads = ThreadPoolExecutor(jobs)

    def close(self) -> None:
        """End what is under way, and the judges."""
        for judge in self._all:
            judge.cancel()
        self._threads.shutdown(cancel_futures=True)
        for judge in self._all:
            judge.close()

    def submit(self, program: Program) -> Future[Program]:
        """The program with its verdict, once there is one."""
        return self._threads.submit(self._judged, program)

    def _judged(self, program: Program) -> Program:
        judge = self._idle.get()
        try:
            [judged] = judge.judge([program])
        finally:
            self._idle.put(judge)
        return judged


class Steady:
    """The programs of islands in steady state, each as a round of its own.

    Program n is proposed when the results of all but the ``ahead`` programs before it are in, whichever results come
    first and however many are judged at a time; so the order of proposal decides everything. ``known`` are the rounds
    of an earlier run, whose programs are not proposed and judged again.
    """

    def __init__(self, islands: Sequence[Evolving], judges: Judges, ahead: int, known: Sequence[Round]) -> None:
        self._islands, self._judges, self._ahead = islands, judges, ahead
        self._known = deque(known)
        self._waiting: deque[tuple[int, int, Program | Future[Program]]] = deque()
        self._last = -1

    def rounds(self, is_over: Callable[[], bool], most: int) -> Iterator[tuple[Round, bool]]:
        """Yield up to ``most`` rounds until ``is_over``, and whether each was known; the caller absorbs each at once.

        The end of the iterator before means that there is nothing new to try.
        """
        proposed = 0
        while not is_over():
            while len(self._waiting) < self._ahead and proposed < most and self._propose():
                proposed += 1
            if not self._waiting:
                return
            number, island, program = self._waiting.popleft()
            known = isinstance(program, Program)
            yield Round(number, island, [program if isinstance(program, Program) else program.result()]), known

    def _propose(self) -> bool:
        """Propose a program of the next island that has one; False if none has."""
        if self._known:
            found = self._known.popleft()
            self._islands[found.island].recall_proposal(found)
            self._last = found.island
            self._waiting.append((found.number, found.island, found.programs[0]))
            return True
        for step in range(1, len(self._islands) + 1):
            place = (self._last + step) % len(self._islands)
            proposal = self._islands[place].propose()
            if proposal is not None:
                number, program = proposal
                self._last = place
                self._waiting.append((number, place, self._judges.submit(program)))
                return True
        return False
