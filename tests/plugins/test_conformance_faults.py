"""The conformance kit names the contract that is broken: one toy for each fault."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import (
    Abstraction,
    Axis,
    Behavior,
    Budget,
    Context,
    Documentation,
    DocumentMethod,
    Domain,
    End,
    Evaluator,
    Example,
    Foreign,
    Format,
    Frontier,
    InputError,
    Job,
    Library,
    MadeTask,
    Method,
    Metric,
    Outcome,
    Production,
    ProgramError,
    Record,
    Syntax,
    Task,
    TaskMaker,
    Verdict,
    Views,
    VisibleTask,
)
from psynth.testing import check_domain, check_format, check_method
from tests.toys.good import Good

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")


# ---- domains --------------------------------------------------------------------------------------------------------


def evaluating(change: Any) -> Any:
    """A domain's method ``evaluator`` whose verdicts go through ``change(task, program, verdict, batch size)``."""

    class Changed(Evaluator):
        exact_match: ClassVar[bool] = True

        def __init__(self, inner: Evaluator) -> None:
            self._inner = inner

        def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
            return self._inner.run_all(jobs)

        def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
            return [
                [
                    change(task, program, verdict, len(verdicts))
                    for program, verdict in zip(programs, verdicts, strict=True)
                ]
                for (task, programs), verdicts in zip(jobs, self._inner.judge(jobs), strict=True)
            ]

    return lambda self, library, budget, **options: Changed(Good().evaluator(library, budget, **options))


def with_figures(**figures: Any) -> Any:
    """A change that sets figures of every verdict."""
    return lambda task, program, verdict, size: replace(verdict, **figures)


def raising(task: Task, program: str, verdict: Verdict, size: int) -> Verdict:
    return 1 / 0 if verdict.rejected and verdict.rejected.kind == "parse" else verdict  # type: ignore[return-value]


class Reading(Syntax):
    def read(self, text: str) -> str:
        return "(lambda one)"


class Silent(Views):
    def draw_task(self, task: Task) -> Any:
        raise ZeroDivisionError


class Flat(Behavior):
    axes = (Axis("sum", 0.0, 1.0), Axis("product", 0.0, 1.0))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        return (1.0,)


class Careless(TaskMaker):
    def tasks_for(self, programs: Any, library: Any, count: int, settings: Any, **options: Any) -> list[MadeTask | str]:
        return [MadeTask((Example([1], 10_000),)) for _ in programs]


def bad_types(self: Domain, primitive_set: str | None = None) -> Library:
    self.chosen_set(primitive_set)
    return Library("good", (Production("one", "int ->", 0.0),), 0.0)


COUNTER = itertools.count()
DOMAINS: dict[str, tuple[dict[str, Any], str]] = {
    "no help": ({"help": ""}, "the help of 'good' is one line"),
    "no language": ({"languages": {}}, "languages of 'good'"),
    "types": ({"library": bad_types}, "types and definitions that fit"),
    "any set": ({"library": lambda self, name=None: Good().library()}, "rejects an unknown primitive set"),
    "random tasks": (
        {"tasks": lambda self, settings, seed: iter([Task(f"good/{next(COUNTER)}", "good", "int")])},
        "same for the same settings and seed",
    ),
    "same ids": (
        {"tasks": lambda self, settings, seed: iter([Task("good/1", "good", "int")] * 2)},
        "ids of the tasks of 'good' are unique",
    ),
    "ids": ({"tasks": lambda self, settings, seed: iter([Task("1", "good", "int")])}, "begins with good/"),
    "requests": (
        {"tasks": lambda self, settings, seed: iter([Task("good/1", "good", "-> int")])},
        "parsing the request",
    ),
    "forgetful": (
        {"visible": lambda self, task: VisibleTask(task.id, task.domain, task.request, task.examples[:1], split="x")},
        "visible keeps the split",
    ),
    "nothing shown": (
        {"visible": lambda self, task: VisibleTask.of(replace(task, examples=()))},
        "visible keeps the examples",
    ),
    "hidden reward": (
        {"evaluator": evaluating(with_figures(held_out_reward=1.0))},
        "visible leaves nothing of 'good/0' held out",
    ),
    "junk": ({"evaluator": evaluating(raising)}, "takes any text as data, raises ZeroDivisionError"),
    "generous": (
        {
            "evaluator": evaluating(
                lambda task, program, verdict, size: replace(verdict, log_likelihood=0.0, rejected=None)
            )
        },
        "never accepts junk as a solution",
    ),
    "score": (
        {"evaluator": evaluating(with_figures(score=2.0))},
        "the score is from 0 to 1",
    ),
    "infinite reward": (
        {"evaluator": evaluating(with_figures(reward=float("inf")))},
        "a reward is a finite number",
    ),
    "no JSON": (
        {
            "evaluator": evaluating(
                lambda task, program, verdict, size: replace(verdict, outputs=(Outcome("ok", {1, 2}),))
            )
        },
        "an output is JSON",
    ),
    "NaN": (
        {
            "evaluator": evaluating(
                lambda task, program, verdict, size: replace(verdict, outputs=(Outcome("ok", 1e999),))
            )
        },
        "an output is the same after a round trip",
    ),
    "moody": (
        {"evaluator": evaluating(lambda task, program, verdict, size: replace(verdict, reward=float(next(COUNTER))))},
        "are the same each time",
    ),
    "neighborly": (
        {"evaluator": evaluating(lambda task, program, verdict, size: replace(verdict, reward=float(size)))},
        "do not depend on the rest of the batch",
    ),
    "syntax": ({"syntax": lambda self: Reading()}, "the syntax of 'good' prints what it reads"),
    "views": ({"views": lambda self: Silent()}, "drawing the task 'good/0' raises ZeroDivisionError"),
    "behavior": ({"behavior": lambda self: Flat()}, "one finite number an axis"),
    "task maker": ({"task_maker": lambda self: Careless()}, "makes a task that"),
}


def test_a_good_domain_passes() -> None:
    check_domain(Good)
    check_domain(Good())


@pytest.mark.parametrize("fault", DOMAINS)
def test_a_faulty_domain_is_named(fault: str) -> None:
    changes, sentence = DOMAINS[fault]
    with pytest.raises(AssertionError) as raised:
        check_domain(type("Faulty", (Good,), {"__doc__": "Faulty.", **changes}))
    assert sentence in str(raised.value)


# ---- methods --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pass(Method):
    """Pass everything through."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from records


class NoHelp(Pass):
    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from records


class Strict(Pass):
    """Know no foreign records."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from (record for record in records if not isinstance(record, Foreign))


class Late(Pass):
    """Hold metrics back."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        *listed, end = records
        yield from sorted(listed, key=lambda record: isinstance(record, Metric))
        yield end


class Endless(Pass):
    """Forget the end."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from (record for record in records if not isinstance(record, End))


class Hopeful(Pass):
    """Say that all is complete."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from (End("complete") if isinstance(record, End) else record for record in records)


def with_reward(records: Iterator[Record], reward: Any) -> Iterator[Record]:
    """The records, with a reward for every program."""
    for record in records:
        if isinstance(record, Frontier):
            record = replace(record, programs=tuple(replace(each, reward=reward(record)) for each in record.programs))
        yield record


class Moody(Pass):
    """Write what nobody can repeat."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        return with_reward(records, lambda frontier: random.random())


class Crowded(Pass):
    """Let the number of jobs show."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from with_reward(records, lambda frontier: context.jobs)


class Seeded(Pass):
    """Draw random numbers in secret."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from with_reward(records, lambda frontier: context.rng("x").random())


class Timed(Pass):
    """Write times in secret."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from with_reward(records, lambda frontier: float(context.timing))


class Dropping(Pass):
    """Drop frontiers without a task."""

    resumable = True

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from (each for each in records if not (isinstance(each, Frontier) and each.task is None))


class Neighborly(Pass):
    """Count the frontiers."""

    resumable = True

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        counter = itertools.count()
        yield from with_reward(records, lambda frontier: next(counter))


class Threaded(Pass):
    """Leave a thread behind."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        stop = threading.Event()
        threading.Thread(target=stop.wait, args=(2,), name="left-behind").start()
        yield from records
        stop.set()


class Listed(Pass):
    """Give an iterator that cannot be closed."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        return iter(list(records))


class Peeping(Pass):
    """Look at what is held out."""

    resumable = True

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from with_reward(records, lambda frontier: str(frontier.task).count("split='test'"))


class Judging(Pass):
    """Judge a program that is not kept on whole tasks."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        for record in records:
            if isinstance(record, Frontier) and record.task is not None:
                domain = context.domain(record.task.domain)
                with domain.evaluator(domain.library(), Budget()) as evaluator:
                    evaluator.judge([(record.task, ["(lambda one)"])])
            yield record


class Naming(DocumentMethod):
    """Name abstractions in order."""

    def document(self, abstraction: Abstraction, context: Context) -> Documentation | None:
        return Documentation(name="named")


class Forgetful(Naming):
    """Rename abstractions in libraries, but not in programs."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        given = list(records)
        for old, new in zip(given, super().run(iter(given), context), strict=True):
            yield old if isinstance(old, Frontier) else new


class Restless(Naming):
    """Rename again what is documented."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        yield from Restless.documenting(records, context)

    @staticmethod
    def documenting(records: Iterator[Record], context: Context) -> Iterator[Record]:
        class Once(Naming):
            def document(self, abstraction: Abstraction, context: Context) -> Documentation | None:
                return Documentation(name=f"{abstraction.name}_again")

        yield from Once(again=True).run(records, context)


METHODS: dict[type[Method], str] = {
    Forgetful: "keeps what programs return",
    Restless: "leaves documented abstractions as they are",
    NoHelp: "has a docstring",
    Strict: "passes records of other types through",
    Late: "passes records of other types through",
    Endless: "ends its output with the one End",
    Hopeful: "does not improve an end",
    Moody: "the same bytes each time",
    Crowded: "any number of jobs",
    Seeded: "declares random = True",
    Timed: "declares timed = True",
    Dropping: "for each record there is one",
    Neighborly: "depends on no other frontier",
    Threaded: "ends its threads",
    Listed: "which can be closed",
    Peeping: "sees nothing of what a task holds out",
    Judging: "only programs that it keeps",
}


def test_a_good_method_passes() -> None:
    check_method(Naming)
    check_method(Pass)
    check_method(Pass())


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
def test_a_faulty_method_is_named(method: type[Method]) -> None:
    with pytest.raises(AssertionError) as raised:
        check_method(method)
    assert METHODS[method] in str(raised.value)


# ---- formats --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ids(Format):
    """Task ids, one a line."""

    name: ClassVar[str] = "ids"
    help: ClassVar[str] = "task ids, one a line"

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        for path in paths:
            try:
                lines = Path(path).read_text().splitlines()
            except ValueError as error:
                raise InputError(str(error), source=path) from error
            yield from (Frontier(Task(line, "ids")) for line in lines)

    def write(self, records: Iterator[Record], stream: Any, context: Context) -> None:
        for record in records:
            if isinstance(record, Frontier) and record.task is not None:
                stream.write(record.task.id.encode() + b"\n")


class Crashing(Ids):
    """Know no other encoding."""

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        return (Frontier(Task(line, "ids")) for path in paths for line in Path(path).read_text().splitlines())


class Placeless(Ids):
    """Forget which file it was."""

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        try:
            yield from super().read(paths, context)
        except InputError as error:
            raise InputError(error.message) from error


class Trusting(Ids):
    """Read anything."""

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        for path in paths:
            yield from (Frontier(Task(line, "ids")) for line in Path(path).read_text("latin-1").splitlines())


class Shouting(Ids):
    """Read ids in capitals."""

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        for record in super().read(paths, context):
            assert isinstance(record, Frontier)
            assert record.task is not None
            yield replace(record, task=replace(record.task, id=record.task.id.upper()))


class Counting(Ids):
    """Count the files written."""

    def write(self, records: Iterator[Record], stream: Any, context: Context) -> None:
        stream.write(b"%d\n" % next(COUNTER))


class Useless(Format):
    """Do nothing."""

    name: ClassVar[str] = "useless"
    help: ClassVar[str] = "nothing"


FORMATS: dict[type[Format], str] = {
    Crashing: "rejects junk with an InputError, not UnicodeDecodeError",
    Placeless: "which file is wrong",
    Trusting: "rejects junk with an InputError",
    Shouting: "writes the same records as it read",
    Counting: "writes the same bytes each time",
    Useless: "defines read, write or both",
}


def test_a_good_format_passes() -> None:
    check_format(Ids)


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.__name__)
def test_a_faulty_format_is_named(format: type[Format]) -> None:
    with pytest.raises(AssertionError) as raised:
        check_format(format)
    assert FORMATS[format] in str(raised.value)
