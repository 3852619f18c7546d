"""Conformance of methods: pass-through, determinism, independence of other frontiers, and held-out data."""

from __future__ import annotations

import dataclasses
import inspect
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from psynth.core.engines.leases import Engines
from psynth.core.settings import fields_of
from psynth.core.stream.records import (
    END_STATUSES,
    End,
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Model,
    Program,
    Record,
    decode,
)
from psynth.core.stream.scope import with_libraries
from psynth.plugins.documenting import DocumentMethod
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.method import Context, Method
from psynth.plugins.registry import Registry, default_registry
from psynth.testing.documenting import check_documenting
from psynth.testing.numbers import HeldOut, Numbers, WithDomain, holding_out
from psynth.testing.require import no_exception, require, require_text


def check_method(
    method: str | Method | type[Method],
    *,
    command: str = "testing",
    frontiers: Sequence[Frontier] | None = None,
    domain: Domain | None = None,
    before: Sequence[Record] = (),
    registry: Registry | None = None,
) -> None:
    """Raise AssertionError, with one sentence, if a method breaks a contract.

    ``method`` is ``"SUBCOMMAND NAME"`` (as ``"enumerate windows"``), the name of a plugin's own subcommand, a class, or
    an instance for a method that needs settings. It is run on ``frontiers``, by default tasks on numbers with one
    program each; frontiers of an unregistered domain need ``domain``. ``before`` are records required before them, such
    as a model.
    """
    known = registry or default_registry()
    made, name = _made(method, known)
    if isinstance(method, str):
        command = method.split()[0]
    numbers = Numbers()
    trial = _Trial(
        made,
        f"the method {name}",
        command,
        WithDomain(known, numbers if domain is None else domain),
        list(numbers.frontiers() if frontiers is None else frontiers),
        list(before),
    )
    output = trial.check_one_run()
    trial.check_repeatability(output)
    if made.resumable:
        trial.check_places(output)
        trial.check_neighbors(output)
    trial.check_closing()
    trial.check_held_out(output, numbers)
    if isinstance(made, DocumentMethod):
        check_documenting(trial.run, trial.name, numbers)


def _made(method: str | Method | type[Method], registry: Registry) -> tuple[Method, str]:
    """The given instance or one with the defaults, and the name of the method."""
    if isinstance(method, str):
        words = method.split()
        if len(words) == 2:
            registration = registry.registration("method", words[1], words[0])
        else:
            registration = registry.registration("command", method)
        require_text(registration.help, f"the help of the method {method!r}")
        found: type[Method] = registry.load(registration)
    else:
        found = type(method) if isinstance(method, Method) else method
    name = repr(method) if isinstance(method, str) else found.__name__
    require(bool(inspect.cleandoc(found.__dict__.get("__doc__") or "")), f"the method {name} has a docstring, its help")
    for setting in fields_of(found):
        require(bool(setting.help), f"the setting {setting.flag} of the method {name} has a help")
    if isinstance(method, Method):
        return method, name
    with no_exception(f"the method {name} without settings (give an instance if it needs some)"):
        return found(), name


@dataclasses.dataclass(frozen=True)
class _Trial:
    """A method, and the records to test it on."""

    method: Method
    name: str
    command: str
    registry: Registry
    frontiers: list[Frontier]
    before: list[Record]

    def check_one_run(self) -> list[Record]:
        """Check the pass-through and the end of the output, and return the output."""
        given = self._stream(self.frontiers)
        output = self._run(given)
        passing = [record for record in given if not isinstance(record, Library | Frontier | End)]
        passed = [record for record in output if any(record == each for each in passing)]
        require(passed == passing, f"{self.name} passes records of other types through, in order and unchanged")
        ends = [record for record in output if isinstance(record, End)]
        require(len(ends) == 1 and output[-1] is ends[0], f"{self.name} ends its output with the one End of its input")
        for status in END_STATUSES:
            [*_, end] = self._run([*given[:-1], End(status)])
            kept = isinstance(end, End) and END_STATUSES.index(end.status) >= END_STATUSES.index(status)
            require(kept, f"{self.name} does not improve an end with the status {status!r}")
        return output

    def check_repeatability(self, output: Sequence[Record]) -> None:
        """Check that the output is the same each time, for any number of jobs and, unless declared random, any seed."""
        given = self._stream(self.frontiers)
        lines = _lines(output)
        require(_lines(self._run(given)) == lines, f"{self.name} writes the same bytes each time")
        require(_lines(self._run(given, jobs=2)) == lines, f"{self.name} writes the same bytes for any number of jobs")
        if not self.method.random:
            same = _lines(self._run(given, seed=1)) == lines
            require(same, f"{self.name} declares random = True, for the seed changes its output")
        if not self.method.timed:
            same = _lines(self._run(given, timing=True)) == lines
            require(same, f"{self.name} declares timed = True, for it writes times")

    def check_places(self, output: Sequence[Record]) -> None:
        """Check that there is one output frontier for each input frontier, in its place among the other records."""
        given = self._stream(self.frontiers)
        added = [record for record in output if isinstance(record, Metric) and record not in given]
        places = [record for record in output if record not in added]
        broken = f"{self.name} is resumable: for each record there is one, in its place, and besides at most metrics"
        require(len(places) == len(given), broken)
        for before, after in zip(given, places, strict=True):
            if isinstance(before, Frontier):
                require(isinstance(after, Frontier) and after.task == before.task, broken)
            elif not isinstance(before, End):
                require(after == before, broken)

    def check_neighbors(self, output: Sequence[Record]) -> None:
        """Check that the result of a frontier is the same alone and among others in any order."""
        expected = {each.task.id: each for each in output if isinstance(each, Frontier) and each.task is not None}
        backwards = self._run(self._stream(list(reversed(self.frontiers))))
        alone = [record for frontier in self.frontiers for record in self._run(self._stream([frontier]))]
        for record in (*backwards, *alone):
            if isinstance(record, Frontier) and record.task is not None:
                same = _lines([record]) == _lines([expected[record.task.id]])
                require(same, f"{self.name} is resumable: what {record.task.id!r} gets depends on no other frontier")

    def check_closing(self) -> None:
        """Check that closing the output early ends the work."""
        threads = set(threading.enumerate())
        with Engines() as engines:
            records = self.method.run(iter(self._stream(self.frontiers)), self._context(engines, jobs=2))
            for record in records:
                if isinstance(record, Frontier):
                    break
            close = getattr(records, "close", None)
            require(close is not None, f"{self.name} runs as a generator, which can be closed")
            assert close is not None
            with no_exception(f"closing the output of {self.name} early"):
                close()
        left = [each.name for each in threading.enumerate() if each not in threads and not each.daemon]
        require(not left, f"{self.name} ends its threads when its output is closed, not {', '.join(left)}")

    def check_held_out(self, output: Sequence[Record], numbers: Numbers) -> None:
        """Check that the output does not depend on held-out data, on which only kept programs are judged."""
        outputs: dict[HeldOut, list[dict[str, Any]]] = {}
        variants: tuple[HeldOut, ...] = ("nothing", "same", "other")
        for what in variants:
            numbers.judged_whole.clear()
            found = self._run(self._stream([holding_out(frontier, what) for frontier in self.frontiers]))
            outputs[what] = [_without_held_out(record) for record in found]
            kept = {
                (record.task.id, program.program)
                for record in found
                if isinstance(record, Frontier) and record.task is not None
                for program in record.programs
            }
            leaked = numbers.judged_whole - kept
            require(not leaked, f"{self.name} judges on what is held out only programs that it keeps, not {leaked}")
        same = outputs["nothing"] == outputs["same"] == outputs["other"]
        require(same, f"{self.name} sees nothing of what a task holds out: its output does not depend on that")

    def _stream(self, frontiers: Sequence[Frontier]) -> list[Record]:
        """A stream with frontiers, and all types of records that the method must pass through around them."""
        first, *rest = with_libraries(frontiers, lambda name: self.registry.domain(name).library())
        middle = len(rest) // 2
        domain = first.domain if isinstance(first, Library) else ""
        return [
            Header(),
            Foreign("testing-note", b'{"type":"testing-note","text":"of a later version"}'),
            *self.before,
            first,
            Metric("testing.before", 1.0, labels={"of": "another stage"}),
            *rest[:middle],
            Foreign(None, b"a bad line that was kept"),
            Model("testing-unknown", "nowhere", domain=domain),
            *rest[middle:],
            self._without_task(),
            Foreign("testing-note", b'{"type":"testing-note","text":"the last one"}'),
            End("complete"),
        ]

    def _without_task(self) -> Frontier:
        """A frontier of programs that are tied to no task, in the language of the others."""
        given = next((each.programs for each in self.frontiers if each.programs), ())
        return Frontier(None, (Program("(lambda $0)"),) if not given or given[0].language == LAMBDA else given)

    def run(self, given: Sequence[Record]) -> list[Record]:
        """The output of the method for some records."""
        return self._run(given)

    def _run(self, given: Sequence[Record], *, seed: int = 0, jobs: int = 1, timing: bool = False) -> list[Record]:
        with no_exception(self.name), Engines() as engines:
            context = self._context(engines, seed=seed, jobs=jobs, timing=timing)
            return list(self.method.run(_one_by_one(given), context))

    def _context(self, engines: Engines, **settings: Any) -> Context:
        return Context(self.command, registry=self.registry, engines=engines, **settings)


def _one_by_one(records: Sequence[Record]) -> Iterator[Record]:
    yield from records


def _lines(records: Sequence[Record]) -> list[bytes]:
    return [record.encode() for record in records]


def _without_held_out(record: Record) -> dict[str, Any]:
    """A record as JSON, without held-out data and the results on them."""
    if not isinstance(record, Frontier):
        return {"line": record.encode()}
    data = decode(record.encode())
    if data["task"] is not None and "examples" in data["task"]:
        data["task"]["examples"] = [each for each in data["task"]["examples"] if each.get("split") != "test"]
    for program in data["programs"]:
        program.pop("held_out", None)
        program.pop("held_out_reward", None)
    return data
