"""The door to the λ-machine: only this module starts ``psynth/_bin/psynth-lambda`` and speaks its JSON lines.

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
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_SIZE, LARGEST
from psynth.core.settings import setting

JSON = Any
"""A value as it stands in a stream: None, bool, int, float, str, list or dict of those."""

EXECUTABLE = Path(__file__).resolve().parents[2] / "_bin" / "psynth-lambda"


LARGEST_SEED = (1 << 62) - 1
"""The largest seed of the machine's generator; of a longer seed the last 62 bits count."""
DEFAULT_MUTANT_SIZE = 100
"""Nodes of a mutant at most."""
DEFAULT_MUTANT_DEPTH = 5
"""From this depth on within what is put into a mutant, only what can be completed in fewest nodes is drawn."""


@dataclass(frozen=True)
class SearchBudget:
    """How far an enumeration goes: the settings of every method that runs one.

    None is no limit, and at least one of the first three should be set. ``max_cost`` is exclusive.
    """

    max_cost: float | None = setting(
        None, help="search all programs cheaper than this (−log prior)", unit="nats", minimum=0
    )
    max_programs: int | None = setting(
        None, help="stop a task's search after this many programs", unit="programs", minimum=1, maximum=LARGEST
    )
    timeout: float | None = setting(
        None, help="stop a task's search after this long (wall clock)", unit="seconds", minimum=0
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
    fuel: int = setting(DEFAULT_FUEL, help="maximum steps of one evaluation", unit="steps", minimum=1, maximum=LARGEST)
    size: int = setting(
        DEFAULT_SIZE,
        help="maximum list cells and characters that one evaluation allocates",
        unit="cells",
        minimum=1,
        maximum=LARGEST,
    )

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

    ``programs`` holds (text, cost in nats); ``window_end`` is the cost below which everything has now been proposed, or
    None while a window is under way. The last batch is empty and carries how the enumeration ended: ``exhausted`` or
    ``budget``.
    """

    programs: list[tuple[str, float]]
    window_end: float | None
    status: str | None = None


class UnencodableValue(InputError):
    """A value in a request cannot even be written for the machine."""


@dataclass
class LambdaMachine(Closing):
    """One running λ-machine, started on first use; a context manager that ends the process.

    Where a method takes ``weights``, they hold in the place of the library's own for this call only, and what the
    machine has worked out for the library is kept. They are the JSON of weights, ``{"log_weights": [one a production,
    in the library's order], "log_variable"}``, or of a library's ``contextual`` ones, ``{"start", "variable",
    "productions"}``; InputError if they do not fit the library.
    """

    executable: Path = field(default=EXECUTABLE)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _answered: bool = field(default=True, init=False, repr=False)

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way: an exception may have left one without its answer read."""
        return self._answered

    def close(self) -> None:
        """End the process at once. A machine that is used again starts another."""
        process, self._process, self._answered = self._process, None, True
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()

    def interrupt(self) -> None:
        """Ask a search under way to stop and report what it has found; an idle machine is left alone."""
        if self._process is not None and not self._answered and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)

    def version(self) -> str:
        """Return the version that the executable prints."""
        try:
            return (
                subprocess.run([self.executable, "--version"], capture_output=True, check=True, timeout=10)
                .stdout.decode()
                .strip()
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise _missing(self.executable, error) from error

    def primitives(self) -> dict[str, str]:
        """Return the type of every primitive that the machine implements, by name."""
        return {entry["name"]: entry["type"] for entry in self._call("primitives")["primitives"]}

    def infer(self, library: JSON, programs: Sequence[str]) -> list[dict[str, JSON]]:
        """Return ``{"type": text}`` or ``{"error": …}`` for each program."""
        results: list[dict[str, JSON]] = self._call("infer", library=library, programs=list(programs))["results"]
        return results

    def evaluate(
        self, library: JSON, jobs: Sequence[dict[str, JSON]], *, fuel: int = DEFAULT_FUEL, size: int = DEFAULT_SIZE
    ) -> list[JSON]:
        """Run each job's program on each of its inputs.

        A job is ``{"program", "inputs": [[argument…]…], "request"?}``. Each result is a list of
        ``{"status", "value"?, "message"?}``, one an input, or ``{"error": …}`` for a program that cannot be run at all.
        """
        results: list[JSON] = self._call("evaluate", library=library, jobs=list(jobs), fuel=fuel, size=size)["results"]
        return results

    def enumerate(
        self,
        library: JSON,
        request: str,
        tasks: Sequence[dict[str, JSON]],
        budget: SearchBudget,
        *,
        weights: object = None,
    ) -> dict[str, JSON]:
        """Search programs of type ``request`` for tasks ``{"id", "examples": [{"inputs", "output"}…]}``.

        Returns ``{"programs", "max_cost", "status", "cpu_seconds", "tasks": [{"id", "status", "programs", "max_cost",
        "hits": [{"program", "log_prior"}…]}…]}``. InputError names the task whose data the machine cannot take.
        """
        try:
            return self._call(
                "enumerate", library=library, weights=weights, request=request, tasks=list(tasks), **budget.fields()
            )
        except UnencodableValue as error:
            for task in tasks:
                try:
                    orjson.dumps(task)
                except TypeError:
                    raise InputError(error.message, task=str(task["id"])) from error
            raise

    def propose(
        self, library: JSON, request: str, budget: SearchBudget, *, batch: int = 4096, weights: object = None
    ) -> Generator[Batch, None, None]:
        """Yield programs of type ``request`` in order of windows, for programs that run elsewhere; close it to stop."""
        self._send("propose", library=library, weights=weights, request=request, batch=batch, **budget.fields())
        finished = False
        try:
            while True:
                reply = self._receive()
                if "batch" not in reply:
                    finished = True
                    yield Batch([], reply["max_cost"], reply["status"])
                    return
                self._answered = False  # the machine waits to be asked for more
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
        """Draw ``count`` programs of type ``request`` from the grammar: ``{"program", "log_prior"}``.

        ``max_size`` is in nodes, as in ``mutate``; InputError where no program is so small.
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
        """Replace a part of each program of type ``request`` by a draw from the grammar, ``count`` times.

        Each result is ``{"mutants": [{"program", "log_prior"}…]}`` or ``{"error": {"kind", "message"}}``. ``seeds`` has
        one seed a program; mutant number ``first`` + i depends on the program, its seed and that number alone.
        ``max_size`` is in nodes of the mutant (productions, literals and variables where they stand); from depth
        ``max_depth`` on within what is drawn, only what can be completed in fewest nodes is drawn. A ``log_prior`` of
        None: the grammar never makes that program.
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

        As ``mutate``, and each mutant has ``"mate"``, the position in ``mates`` of the program that gave the part. Of
        a mate that is the program itself no part is taken. An error of kind ``none`` says that no mate fits.
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
        """Go through the ``count`` mutants that ``mutate`` makes, up to the first that is right on more examples.

        ``examples`` are ``{"inputs", "output"}``, ``right`` says on how many of them the program is right, −1 for one
        that cannot be run at all. Returns ``{"found", "examined", "run"}``: ``found`` is ``{"program", "right"}`` or
        None, ``examined`` counts mutants up to that one and ``run`` the different programs among them. With
        ``drift`` a mutant that is as good takes the program's place at once. InputError if the program cannot be
        changed.
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

    def _receive(self) -> dict[str, JSON]:
        process = self._running()
        assert process.stdout is not None
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
            self.close()  # something ended the idle process: another one serves as well
        if self._process is None:
            try:
                # A process group of its own: Ctrl-C reaches psynth, which then asks the machine for what it has found.
                self._process = subprocess.Popen(
                    [os.fspath(self.executable)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
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
