"""Client of the λ-machine: the only module that starts ``psynth/_bin/psynth-lambda`` and speaks its JSON lines.

A machine is one process that serves one request at a time. Its protocol is documented in ``native/ocaml/README.md``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from psynth.core.closing import Closing
from psynth.core.errors import EngineError, InputError, PsynthError
from psynth.core.evaluation_limits import fuel_setting, size_setting
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_MACHINE_MEMORY, DEFAULT_SIZE, LARGEST
from psynth.core.settings import setting
from psynth.core.work import Stop

JSON = Any
"""A value of a stream: None, bool, int, float, str, or a list or dict of those."""

EXECUTABLE = Path(__file__).resolve().parents[2] / "_bin" / "psynth-lambda"


LARGEST_SEED = (1 << 62) - 1
"""The largest seed of the machine's generator; only the last 62 bits of a longer seed count."""
DEFAULT_MUTANT_SIZE = 100
"""Default maximum number of nodes of a mutant."""
DEFAULT_MUTANT_DEPTH = 5
"""Depth in the new part of a mutant from which only the completions with the fewest nodes are sampled."""


@dataclass(frozen=True)
class SearchBudget:
    """The budget of an enumeration: the settings of every method that runs one.

    None means no limit; at least one of the first three should be set. ``max_cost`` is exclusive.
    """

    max_cost: float | None = setting(
        None, help="search all programs cheaper than this (−log prior)", unit="nats", minimum=0, main=True
    )
    max_programs: int | None = setting(
        None,
        help="stop a task's search after this many programs",
        unit="programs",
        minimum=1,
        maximum=LARGEST,
        main=True,
    )
    timeout: float | None = setting(
        None, help="stop a task's search after this long (wall clock)", unit="seconds", minimum=0, main=True
    )
    max_frontier: int = setting(
        5,
        help="solutions to keep for a task; its search stops once it has them",
        unit="programs",
        minimum=1,
        maximum=LARGEST,
    )
    exhaustive: bool = setting(False, help="keep searching up to the cost bound after a task is solved")
    step: float = setting(1.5, help="width of a window", unit="nats", minimum=0.01)
    fuel: int = fuel_setting()
    size: int = size_setting(was="--size")

    @property
    def is_bounded(self) -> bool:
        """Whether a limit on costs, programs or time is set."""
        return not (self.max_cost is None and self.max_programs is None and self.timeout is None)

    def fields(self) -> dict[str, JSON]:
        """The budget as the fields of a request."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(SearchBudget)}


@dataclass(frozen=True, slots=True)
class Batch:
    """Programs that the machine proposes, cheapest window first.

    ``programs`` holds (text, cost in nats); ``window_end`` is the cost below which all programs have been proposed, or
    None within a window. The last batch is empty and has the final status of the enumeration: ``exhausted`` or
    ``budget``.
    """

    programs: list[tuple[str, float]]
    window_end: float | None
    status: str | None = None


class UnencodableValue(InputError):
    """A value in a request that cannot be encoded for the machine."""


@dataclass
class LambdaMachine(Closing):
    """One running λ-machine, started on first use; a context manager that ends the process.

    The ``weights`` of a call replace the library's for that call only; the machine keeps its tables for the library.
    They are the JSON of weights, ``{"log_weights": [one for each production, in the library's order],
    "log_variable"}``, or of a library's ``contextual`` weights, ``{"start", "variable", "productions"}``; InputError if
    they do not fit the library.
    """

    executable: Path = field(default=EXECUTABLE)
    memory: int = DEFAULT_MACHINE_MEMORY
    """Mebibytes: a search ends once its heap has this size, and caches are dropped at half of it."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _answered: bool = field(default=True, init=False, repr=False)

    @property
    def is_idle(self) -> bool:
        """Whether no request is pending: an exception may have left a reply unread."""
        return self._answered

    def close(self) -> None:
        """End the process at once; the next request starts a new one."""
        process, self._process, self._answered = self._process, None, True
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()

    def interrupt(self) -> None:
        """Ask a running search to stop and report its results; does nothing to an idle machine."""
        process = self._process  # another thread may close the machine
        if process is not None and not self._answered and process.poll() is None:
            process.send_signal(signal.SIGINT)

    def version(self) -> str:
        """The version that the executable prints."""
        try:
            return (
                subprocess.run([self.executable, "--version"], capture_output=True, check=True, timeout=10)
                .stdout.decode()
                .strip()
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise _missing(self.executable, error) from error

    def primitives(self) -> dict[str, str]:
        """The type of every primitive that the machine implements, by name."""
        return {entry["name"]: entry["type"] for entry in self.described_primitives()}

    def described_primitives(self) -> list[dict[str, JSON]]:
        """Each primitive as ``{"name", "type", "doc", "example"}``, examples as ``{"program", "inputs", "value"}``."""
        described: list[dict[str, JSON]] = self._call("primitives")["primitives"]
        return described

    def infer(self, library: JSON, programs: Sequence[str]) -> list[dict[str, JSON]]:
        """``{"type": text}`` or ``{"error": …}`` for each program."""
        results: list[dict[str, JSON]] = self._call("infer", library=library, programs=list(programs))["results"]
        return results

    def evaluate(
        self, library: JSON, jobs: Sequence[dict[str, JSON]], *, fuel: int = DEFAULT_FUEL, size: int = DEFAULT_SIZE
    ) -> list[JSON]:
        """Run each job's program on each of its inputs.

        A job is ``{"program", "inputs": [[argument…]…], "request"?}``. Each result is a list with one
        ``{"status", "value"?, "message"?}`` for each input, or ``{"error": …}`` for a program that cannot be run.
        """
        results: list[JSON] = self._call("evaluate", library=library, jobs=list(jobs), fuel=fuel, size=size)["results"]
        return results

    def judge(
        self,
        library: JSON,
        request: str,
        programs: Sequence[str],
        tasks: Sequence[dict[str, JSON]],
        *,
        any: bool = False,
        fuel: int = DEFAULT_FUEL,
        size: int = DEFAULT_SIZE,
    ) -> dict[str, JSON]:
        """Run every program on every task, equal terms only once on each input.

        A task is ``{"id"?, "examples": [{"inputs", "output"}…]}``. Returns ``{"results", "evaluations",
        "cpu_seconds"}``. A program's result is ``{"right": [[task, count]…]}``: of the tasks, by position, that it
        gets right in part, how many examples from the smallest on are right before the first that is not; or
        ``{"error": …}`` for a program that does not fit the request. With ``any`` a task counts, with 1, if any of
        its examples is right.
        """
        return self._call(
            "judge",
            library=library,
            request=request,
            programs=list(programs),
            tasks=list(tasks),
            any=any,
            fuel=fuel,
            size=size,
        )

    def enumerate(
        self,
        library: JSON,
        request: str,
        tasks: Sequence[dict[str, JSON]],
        budget: SearchBudget,
        *,
        merge: bool = False,
        weights: object = None,
        stop: Stop | None = None,
    ) -> dict[str, JSON]:
        """Search for programs of type ``request`` that solve tasks ``{"id", "examples": [{"inputs", "output"}…]}``.

        With ``merge``, terms that the library's domain declares equivalent count as one.

        Returns ``{"programs", "max_cost", "status", "cpu_seconds", "tasks": [{"id", "status", "programs", "max_cost",
        "cpu_seconds", "hits": [{"program", "log_prior"}…]}…]}``. The seconds of the tasks are shares of those of the
        search. InputError names the task with data that the machine rejects. Once ``stop`` is set the search ends with
        what it has found; EngineError if it had not begun.
        """
        try:
            fields = {"library": library, "weights": weights, "request": request, "tasks": list(tasks), "merge": merge}
            self._send("enumerate", **fields, **budget.fields())
            return self._receive(stop)
        except UnencodableValue as error:
            for task in tasks:
                try:
                    orjson.dumps(task)
                except TypeError:
                    raise InputError(error.message, task=str(task["id"])) from error
            raise

    def solve(
        self,
        library: JSON,
        request: str,
        task: dict[str, JSON],
        budget: SearchBudget,
        *,
        goals: bool = True,
        refine: int = 0,
        weights: object = None,
        stop: Stop | None = None,
    ) -> dict[str, JSON]:
        """Search for programs of type ``request`` that solve one task, by cost levels.

        Returns ``{"status", "programs", "distinct", "cut": {"steps", "size", "memory"}, "max_cost", "cpu_seconds",
        "hits": [{"program", "log_prior"}…]}``, or ``{"contradiction": [i, j]}`` with the numbers, from 1, of two
        examples that no program can satisfy together. ``max_cost`` of None: there are no more programs. InputError for
        a request with type variables. A solution put together by goals is followed by
        ``refine`` programs more, as a cheaper one may be among them. ``stop`` as in ``enumerate``.
        """
        fields = {"library": library, "weights": weights, "request": request, "task": task}
        self._send("solve", **fields, goals=goals, refine=refine, **budget.fields())
        return self._receive(stop)

    def cover(
        self,
        library: JSON,
        request: str,
        task: dict[str, JSON],
        *,
        depth: int,
        max_frontier: int,
        max_programs: int | None = None,
        timeout: float | None = None,
        exhaustive: bool = False,
        fuel: int = DEFAULT_FUEL,
        size: int = DEFAULT_SIZE,
        weights: object = None,
        stop: Stop | None = None,
    ) -> dict[str, JSON]:
        """Search for programs that make grids of grids, from states of all examples and tests of one task at once.

        ``task`` is ``{"id", "examples", "tests"}``, with one list of inputs for each test; ``depth`` is a cost, at
        which a step usually costs 10. Returns ``{"status", "programs", "distinct", "unreproduced", "cpu_seconds",
        "hits": [{"program", "log_prior"}…]}``, best first: of programs with equal outputs on all tests one.
        InputError for another request than ``tgrid -> tgrid``, or a library without the primitives of the search.
        ``stop`` as in ``enumerate``.
        """
        self._send(
            "cover",
            library=library,
            weights=weights,
            request=request,
            task=task,
            depth=depth,
            max_frontier=max_frontier,
            max_programs=max_programs,
            timeout=timeout,
            exhaustive=exhaustive,
            fuel=fuel,
            size=size,
        )
        return self._receive(stop)

    def propose(
        self,
        library: JSON,
        request: str,
        budget: SearchBudget,
        *,
        batch: int = 4096,
        weights: object = None,
        stop: Stop | None = None,
    ) -> Generator[Batch, None, None]:
        """Yield programs of type ``request``, window by window, to run elsewhere; closing the generator stops it.

        Once ``stop`` is set the search ends as that of ``enumerate`` does.
        """
        self._send("propose", library=library, weights=weights, request=request, batch=batch, **budget.fields())
        finished = False
        try:
            while True:
                reply = self._receive(stop)
                if "batch" not in reply:
                    finished = True
                    yield Batch([], reply["max_cost"], reply["status"])
                    return
                self._answered = False  # the machine waits for a request for more
                yield Batch([(text, cost) for text, cost in reply["batch"]], reply.get("window_end"))
                self._write({"op": "next"})
        finally:
            if not finished:
                self.close()

    def sample(
        self,
        library: JSON,
        request: str,
        *,
        seed: int,
        count: int,
        max_depth: int = 12,
        max_size: int | None = None,
        weights: object = None,
    ) -> list[dict[str, JSON]]:
        """Sample ``count`` programs of type ``request`` from the grammar: ``{"program", "log_prior"}``.

        ``max_size`` is in nodes, as in ``mutate``; InputError if no program is that small.
        """
        reply = self._call(
            "sample",
            library=library,
            weights=weights,
            request=request,
            seed=seed & LARGEST_SEED,
            count=count,
            max_depth=max_depth,
            max_size=max_size,
        )
        programs: list[dict[str, JSON]] = reply["programs"]
        return programs

    def mutate(
        self,
        library: JSON,
        request: str,
        programs: Sequence[str],
        *,
        seeds: Sequence[int],
        count: int = 1,
        first: int = 0,
        max_size: int = DEFAULT_MUTANT_SIZE,
        max_depth: int = DEFAULT_MUTANT_DEPTH,
        weights: object = None,
    ) -> list[dict[str, JSON]]:
        """Replace a part of each program of type ``request`` by a sample from the grammar, ``count`` times.

        Each result is ``{"mutants": [{"program", "log_prior"}…]}`` or ``{"error": {"kind", "message"}}``. ``seeds`` has
        one seed for each program; mutant number ``first`` + i depends on the program, its seed and that number alone.
        ``max_size`` is in nodes of the mutant (occurrences of productions, literals and variables); from depth
        ``max_depth`` of the new part on, only completions with the fewest nodes are sampled. ``log_prior`` is None if
        the grammar cannot generate the program.
        """
        results: list[dict[str, JSON]] = self._call(
            "mutate",
            library=library,
            weights=weights,
            request=request,
            programs=list(programs),
            seeds=[seed & LARGEST_SEED for seed in seeds],
            count=count,
            first=first,
            max_size=max_size,
            max_depth=max_depth,
        )["results"]
        return results

    def mutate_lines(
        self,
        library: JSON,
        request: str,
        programs: Sequence[str],
        inputs: Sequence[Sequence[JSON]],
        *,
        seeds: Sequence[int],
        count: int,
        tries: int,
        any_depth: bool = False,
        chances: Mapping[str, float] | None = None,
        fuel: int = DEFAULT_FUEL,
        size: int = DEFAULT_SIZE,
    ) -> dict[str, JSON]:
        """Mutate programs line by line, up to ``count`` mutants of each that do something new on all ``inputs``.

        ``chances`` has the chances ``argument``, ``function`` and ``line``, relative to each other, and ``new_line``.
        Returns ``{"results", "counts", "cpu_seconds"}``: a result is ``{"mutants": [{"program", "parent"}…]}`` or
        ``{"error": …}`` for each program, and counts are ``{"tried", "unfit", "invalid", "identity", "duplicate"}``.
        With ``any_depth`` mutants are parents, too, and all are the first valid program's. InputError for wrong inputs.
        """
        given = zip(programs, seeds, strict=True)
        return self._call(
            "mutate_lines",
            library=library,
            request=request,
            programs=[{"program": program, "seed": seed & LARGEST_SEED} for program, seed in given],
            inputs=[list(each) for each in inputs],
            count=count,
            tries=tries,
            any_depth=any_depth,
            fuel=fuel,
            size=size,
            **(chances or {}),
        )

    def crossover(
        self,
        library: JSON,
        request: str,
        programs: Sequence[str],
        *,
        mates: Sequence[str],
        seeds: Sequence[int],
        count: int = 1,
        first: int = 0,
        max_size: int = DEFAULT_MUTANT_SIZE,
        weights: object = None,
    ) -> list[dict[str, JSON]]:
        """Replace a part of each program by a part of one of ``mates``, ``count`` times.

        As ``mutate``, and each mutant has ``"mate"``, the position in ``mates`` of the program that supplied the part.
        A program is never its own mate. An error of kind ``none`` says that no mate fits.
        """
        results: list[dict[str, JSON]] = self._call(
            "crossover",
            library=library,
            weights=weights,
            request=request,
            programs=list(programs),
            mates=list(mates),
            seeds=[seed & LARGEST_SEED for seed in seeds],
            count=count,
            first=first,
            max_size=max_size,
        )["results"]
        return results

    def improve(
        self,
        library: JSON,
        request: str,
        program: str,
        examples: JSON,
        *,
        right: int,
        seed: int,
        count: int,
        drift: bool = False,
        max_size: int = DEFAULT_MUTANT_SIZE,
        max_depth: int = DEFAULT_MUTANT_DEPTH,
        fuel: int = DEFAULT_FUEL,
        size: int = DEFAULT_SIZE,
        weights: object = None,
    ) -> dict[str, JSON]:
        """Examine the ``count`` mutants that ``mutate`` makes, up to the first that is right on more examples.

        ``examples`` are ``{"inputs", "output"}``; ``right`` is the number of them on which the program is right, −1 for
        a program that cannot be run. Returns ``{"found", "examined", "run"}``: ``found`` is ``{"program", "right"}`` or
        None, ``examined`` counts mutants up to that one and ``run`` the distinct programs among them. With ``drift`` an
        equally good mutant replaces the program at once. InputError if the program cannot be mutated.
        """
        return self._call(
            "improve",
            library=library,
            weights=weights,
            request=request,
            program=program,
            examples=examples,
            right=right,
            seed=seed & LARGEST_SEED,
            count=count,
            drift=drift,
            max_size=max_size,
            max_depth=max_depth,
            fuel=fuel,
            size=size,
        )

    def _call(self, operation: str, **fields: JSON) -> dict[str, JSON]:
        self._send(operation, **fields)
        return self._receive()

    def _send(self, operation: str, **fields: JSON) -> None:
        self._write({"id": 0, "op": operation, **fields})

    def _write(self, message: Mapping[str, JSON]) -> None:
        process = self._running()
        assert process.stdin is not None
        self._answered = False
        try:
            process.stdin.write(orjson.dumps(message) + b"\n")
            process.stdin.flush()
        except TypeError as error:  # orjson: an integer beyond 64 bit, or text that is not UTF-8; nothing was sent
            self._answered = True
            raise UnencodableValue(f"the λ-machine cannot take this value: {error}") from error
        except BrokenPipeError as error:
            raise self._died() from error

    def _receive(self, stop: Stop | None = None) -> dict[str, JSON]:
        process = self._running()
        assert process.stdout is not None
        # The request is in the machine's pipe: a stop that came before it was sent reaches the search as well.
        with contextlib.nullcontext() if stop is None else stop.calling(self.interrupt):
            line = process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._died()
        reply: dict[str, JSON] = orjson.loads(line)
        self._answered = True
        if "error" in reply:
            raise _refusal(reply["error"])
        ok: dict[str, JSON] = reply.get("ok", reply)
        return ok

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._answered and self._process.poll() is not None:
            self.close()  # the idle process was ended by others: a new one replaces it
        if self._process is None:
            try:
                # A process group of its own: Ctrl-C reaches only psynth, which then requests the machine's results.
                self._process = subprocess.Popen(
                    [os.fspath(self.executable), f"--memory={self.memory}"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    process_group=0,
                )
            except OSError as error:
                raise _missing(self.executable, error) from error
        return self._process

    def _died(self) -> EngineError:
        process = self._process
        status = None if process is None else process.wait()
        self.close()
        return EngineError(f"the λ-machine ended unexpectedly (exit status {status}); psynth doctor checks it")


def _missing(executable: Path, error: Exception) -> EngineError:
    return EngineError(
        f"the λ-machine {executable} cannot be run ({error}); "
        "reinstall psynth where dune and OCaml are (apt: ocaml-nox ocaml-dune)"
    )


def _refusal(error: Mapping[str, JSON]) -> PsynthError:
    message = str(error.get("message", error))
    if error.get("kind") == "internal":
        return EngineError(f"the λ-machine: {message}")
    task = error.get("task")
    if task is None:
        return InputError(message)
    return InputError(message.removeprefix(f"task {task}: "), task=str(task))
