"""The domain of puzzles: the answers of Python programs, each accepted by the code that states the puzzle or not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.calculus.text_literals import text_of
from psynth.core.calculus.types import Type, parse_type
from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Production, Program, Record, Task
from psynth.plugins.checked_domain import CheckedDomain, Checker
from psynth.plugins.domain import LAMBDA, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator
from psynth.plugins.python_domain import PythonSyntax
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.syntax import Syntax
from psynth.plugins.two_languages import TwoLanguageDomain
from psynth.plugins.views import Views
from psynth_puzzles.answer_types import fits
from psynth_puzzles.constants import constants_of, token
from psynth_puzzles.families import EACH, FAMILIES, Family
from psynth_puzzles.primitives import OWN, PRIMITIVES, WEIGHTS
from psynth_puzzles.puzzle import CHECKER, PROGRAM, Puzzle
from psynth_puzzles.terms import TermEvaluator

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines

TEXT = parse_type("str")


@dataclass(frozen=True)
class PuzzleTaskSettings(TaskSettings):
    """The settings of ``psynth tasks puzzles``."""

    count: int | None = setting(None, minimum=1, unit="tasks", help="puzzles of each split (default: 70 and 30)")


class Puzzles(TwoLanguageDomain, CheckedDomain):
    """Puzzles as in P3: a program returns an answer, and the puzzle's checker must return True for it."""

    name = "puzzles"
    help = "puzzles that Python code states, for Python programs and λ-terms"
    languages: ClassVar[Mapping[str, str]] = {
        PYTHON: f"Python source that defines {PROGRAM}, run in the sandbox",
        LAMBDA: "typed λ-terms over integers, texts and lists, for puzzles without fractions",
    }
    TaskSettings = PuzzleTaskSettings
    primitives = PRIMITIVES
    weights = WEIGHTS
    function = PROGRAM

    def tasks(self, settings: PuzzleTaskSettings, seed: int) -> Iterator[Task]:
        """Yield generated puzzles, one of each family before the second of any; the seed changes their inputs."""
        for split in settings.splits:
            order = [(rank, family) for rank in range(EACH) for family in FAMILIES[split]]
            for number, (rank, family) in enumerate(order[: settings.count]):
                yield _task(f"{self.name}/{split}-{number:03}-{family.name}", split, family, rank, seed)

    def records(
        self, settings: Any, seed: int, primitive_set: str | None = None, *, seeds: str | None = None
    ) -> Iterator[Record]:
        """The stream of ``psynth tasks``: before each puzzle, its own library."""
        return with_own_libraries(super().records(settings, seed, primitive_set, seeds=seeds))

    def literal_type(self, text: str) -> Type | None:
        """The type of texts in quotes."""
        return TEXT if text_of(text) is not None else None

    def literal_value(self, text: str) -> str | None:
        """The text that a token in quotes denotes."""
        return text_of(text)

    def _term_evaluator(self, library: Library, budget: Budget, engines: Engines, jobs: int) -> Evaluator:
        return TermEvaluator(type(self), self, library, budget, engines, jobs)

    def seeds(self, task: Task) -> Sequence[Program]:
        """Programs in Python that return the simplest answer of the puzzle's type, or an input of that type."""
        return [Program(text, PYTHON) for text in Puzzle.of(task).first_programs()]

    def calls(self, task: Task) -> Sequence[Sequence[Any]]:
        """One call, with the puzzle's inputs."""
        return [Puzzle.of(task).inputs]

    def checker(self, task: Task) -> Checker:
        """The puzzle's own, called with the answer alone: it has the inputs as defaults."""
        return Checker(Puzzle.of(task).checker, CHECKER)

    def objection(self, task: Task, answer: Any) -> str | None:
        """That an answer has the wrong type, as checkers rely on it."""
        expected = Puzzle.of(task).answer
        return None if fits(answer, expected) else f"the answer is not of type {expected}"

    def syntax(self) -> Syntax:
        """Both languages, described for people and prompts."""
        return PythonSyntax(
            f"Programs in Python define {PROGRAM}, whose arguments are a puzzle's inputs, and return an answer for "
            f"which the puzzle's function {CHECKER} returns True. λ-terms are functions of the inputs; their texts are "
            "JSON, with escapes for spaces and parentheses.",
            self.literal_type,
        )

    def views(self) -> Views:
        """The display of puzzles."""
        from psynth_puzzles.views import PuzzleViews

        return PuzzleViews()


def _task(task_id: str, split: str, family: Family, rank: int, seed: int) -> Task:
    puzzle = family.puzzle(generator(seed, "tasks", task_id), rank)
    return Task(
        id=task_id,
        domain=Puzzles.name,
        request=puzzle.request(),
        environment=puzzle.environment(),
        split=split,
        descriptions=(family.description,),
        meta={"problem": family.name, "instance": rank},
    )


def with_own_libraries(records: Iterable[Record]) -> Iterator[Record]:
    """A stream of puzzles in which each puzzle for λ-terms follows a library with its own constants."""
    plain = current = None
    for record in records:
        if isinstance(record, Library):
            plain = record
        elif isinstance(record, Frontier) and record.task is not None and plain is not None:
            wanted = _with_constants(plain, record.task) if record.task.request is not None else current or plain
            if wanted != current:
                yield (current := wanted)
            yield record
        else:
            yield record


def _with_constants(library: Library, task: Task) -> Library:
    """A library with the constants of a puzzle's checker."""
    known = {each.name for each in library.productions}
    own = [
        Production(token(value), "int" if isinstance(value, int) else "str", OWN)
        for value in constants_of(Puzzle.of(task).checker)
    ]
    return dataclasses.replace(
        library, productions=(*library.productions, *(each for each in own if each.name not in known))
    )
