"""What the toy plugin registers: a domain of sums, methods that guess and fail, two subcommands and a format."""

import dataclasses
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from psynth.core.calculus.terms import Application, Lambda, Name, Variable, parse_term
from psynth.core.errors import InputError, PsynthError
from psynth.core.settings import Argument, setting
from psynth.core.stream.records import End, Example, Frontier, Library, Production, Program, Search, Task
from psynth.plugins.command import Command
from psynth.plugins.domain import Domain, TaskSettings
from psynth.plugins.evaluator import ExampleEvaluator, Outcome, ProgramError
from psynth.plugins.format import Format
from psynth.plugins.method import Method


@dataclass(frozen=True)
class ToySettings(TaskSettings):
    """Settings of the toy's tasks."""

    count: int = setting(3, minimum=1, unit="tasks", help="how many tasks")


class Toy(Domain):
    """Functions that add a constant."""

    name = "toy"
    help = "sums of ones"
    TaskSettings = ToySettings
    primitive_sets: ClassVar = {"small": "zero and inc", "large": "double too"}

    def library(self, primitive_set=None):
        """The primitives."""
        names = {"zero": "int", "inc": "int -> int"}
        if self.chosen_set(primitive_set) == "large":
            names["double"] = "int -> int"
        return Library(self.name, tuple(Production(name, type, 0.0) for name, type in names.items()), 0.0)

    def tasks(self, settings, seed):
        """Task n wants n added."""
        for number in range(1, settings.count + 1):
            examples = tuple(Example([value], value + number) for value in (seed, 5))
            yield Task(f"toy/{number:03}", self.name, "int -> int", examples)

    def evaluator(self, library, budget, **options):
        """Walks the term."""
        return ToyEvaluator({production.name for production in library.productions}, budget)


class ToyEvaluator(ExampleEvaluator):
    """Interprets sums."""

    def __init__(self, names, budget):
        self.names, self.budget = names, budget

    def run_all(self, jobs):
        """One answer a job."""
        return [self._run(job) for job in jobs]

    def _run(self, job):
        try:
            term = parse_term(job.program)
        except PsynthError as error:
            return ProgramError("parse", str(error))
        try:
            return [self._apply(term, arguments) for arguments in job.inputs]
        except KeyError as error:
            return ProgramError("unknown_primitive", f"unknown primitive {error.args[0]}")

    def _apply(self, term, arguments):
        for _ in arguments:
            if not isinstance(term, Lambda):
                return Outcome("error", message="no function")
            term = term.body
        if job_fuel_spent(term, self.budget.fuel):
            return Outcome("fuel")
        return Outcome("ok", self._value(term, arguments))

    def _value(self, term, arguments):
        if isinstance(term, Variable):
            return arguments[-1 - term.index]
        if isinstance(term, Name):
            if term.text != "zero":
                raise KeyError(term.text)
            return 0
        assert isinstance(term, Application)
        assert isinstance(term.function, Name)
        if term.function.text not in self.names:
            raise KeyError(term.function.text)
        value = self._value(term.argument, arguments)
        return value + 1 if term.function.text == "inc" else 2 * value


def job_fuel_spent(term, fuel):
    """Whether a term has more nodes than there is fuel."""
    return term.size > fuel


@dataclass(frozen=True)
class Guess(Method):
    """Try sums of few ones. It is no clever method.

    It only serves tests.
    """

    resumable = True

    depth: int = setting(2, minimum=0, unit="ones", help="how many ones to try")
    pause: float = setting(0.0, minimum=0, unit="seconds", help="how long to sleep before a frontier", provenance=False)
    starve: bool = setting(False, help="end with the status budget")
    log: Path | None = setting(None, file="write", help="a file to write worked task ids to", provenance=False)
    hints: Path | None = setting(None, file="read", help="a file that changes nothing")

    def run(self, records, context):
        """Yield frontiers with what was found."""
        context.progress.start(None, "tasks")
        for record in records:
            if isinstance(record, Frontier) and record.task is not None:
                time.sleep(self.pause)
                record = self.guess(record)
                if self.log is not None:
                    with self.log.open("a") as log:
                        print(record.task.id, file=log)
                context.progress.advance()
            yield record
        if self.starve:
            yield End("budget")

    def guess(self, frontier):
        """Try each depth."""
        for depth in range(self.depth + 1):
            if all(example.output == example.inputs[0] + depth for example in frontier.task.examples):
                text = "(lambda " + "(inc " * depth + "$0" + ")" * depth + ")"
                program = Program(text, log_prior=-float(depth), log_likelihood=0.0, score=1.0, status="ok")
                search = Search("guess", programs=depth + 1, status="solved")
                return dataclasses.replace(frontier, programs=(program,), search=search)
        return dataclasses.replace(frontier, search=Search("guess", programs=self.depth + 1, status="budget"))


@dataclass(frozen=True)
class Dice(Method):
    """Add as many ones as a dice shows, right or wrong."""

    resumable = random = timed = True
    parallel = "threads"

    sides: int = setting(6, minimum=1, unit="sides", help="sides of the dice")

    def run(self, records, context):
        """Yield frontiers with one program each."""
        for record in records:
            if isinstance(record, Frontier):
                ones = context.rng(record.task.id).randrange(self.sides)
                text = "(lambda " + "(inc " * ones + "$0" + ")" * ones + ")"
                record = dataclasses.replace(record, programs=(Program(text),), search=Search("dice", programs=1))
            yield record


@dataclass(frozen=True)
class Broken(Method):
    """Raise an exception at the first frontier."""

    def run(self, records, context):
        """Yield until a frontier comes."""
        for record in records:
            if isinstance(record, Frontier):
                raise ZeroDivisionError("the method is broken")
            yield record


@dataclass(frozen=True)
class Nothing(Method):
    """Pass everything through."""

    def run(self, records, context):
        """Yield the records."""
        yield from records

    def found(self, record):
        """Nothing is ever found."""
        return False


@dataclass(frozen=True)
class Solved(Method):
    """Pass solved frontiers only."""

    def run(self, records, context):
        """Yield what is solved."""
        for record in records:
            if not isinstance(record, Frontier) or record.solved:
                yield record


@dataclass(frozen=True)
class Launch(Command):
    """Print a command line as often as there are shards."""

    arguments = (Argument("words", "WORD", "the command line, after --", repeated=True, required=True),)

    shards: int = setting(2, minimum=1, unit="jobs", help="number of shards")

    def run(self, arguments, context):
        """Print the command line of each shard."""
        for shard in range(1, self.shards + 1):
            print(context.command, *arguments["words"], f"--shard {shard}/{self.shards}")
        context.warn("nothing was launched")
        return 7


@dataclass(frozen=True)
class Ids(Format):
    """Task ids, one a line. Tasks read from it want nothing."""

    name = "ids"
    help = "task ids, one a line"

    upper: bool = setting(False, help="write ids in capitals")

    def read(self, paths, context):
        """Yield an empty frontier for each line."""
        yield context.library_for("toy")
        for path in paths:
            for number, line in enumerate(Path(path).read_text().splitlines(), 1):
                if " " in line:
                    raise InputError("a space in an id", source=path, line=number)
                yield Frontier(Task(line, "toy", "int -> int"))

    def write(self, records, stream, context):
        """Write the ids."""
        for record in records:
            if isinstance(record, Frontier) and record.task is not None:
                text = record.task.id.upper() if self.upper else record.task.id
                stream.write(text.encode() + b"\n")
