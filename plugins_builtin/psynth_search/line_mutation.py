"""The method ``codeit`` of mutate: lines of programs are replaced, and mutants kept that do something new."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import InputError
from psynth.core.evaluation_limits import fuel_setting, size_setting
from psynth.core.seeds import derive
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record, Search
from psynth.core.stream.scope import batches, scoped
from psynth.core.wording import counted
from psynth.plugins.method import Context
from psynth.plugins.variation import Variation, Work
from psynth_search.changed_inputs import with_changed_inputs
from psynth_search.parents import TermParent, groups, refuse, works

BATCH = 64
"""Records read together."""
NOTHING_NEW = "no mutant was tried that does something new"


def _chance(default: float, what: str, *, maximum: float | None = None) -> Any:
    return setting(default, minimum=0, maximum=maximum, help=what)


@dataclass(frozen=True)
class LineMutation(Variation):
    """Replace a line of a program or a part of it, as in CodeIt (Butt et al., 2024), and keep what does something new.

    A line is a part of a program that applies something: a primitive, a variable, a function. One line is drawn, each
    as likely, and an argument of it becomes another value of the same type, or a new line, or what is applied becomes
    something else of the same type, or the line a new one. Values are those of variables, of lines before it, of
    constants and, as functions, of primitives. All types are those of the library, so mutants are well typed.

    A mutant is kept if it has a valid output for each input of the task, held-out ones included where the domain gives
    them, if it does not give back each input, and if no program before it has the same outputs. Outputs of tasks are
    not used. --count mutants are looked for with --tries tries for each. With --depth any all mutants of a frontier are
    parents, too. A mutant may take four times the steps of its parent, as most that take more do not end.

    With --mutate-inputs the mutants are those of another task: its inputs are changed with that probability, and its
    outputs are what the first program of the frontier does on them. In an input two values are exchanged wherever they
    are, as colors of a grid, or one value at one place becomes another of the task.
    """

    depth: str = setting(
        "one", choices=("one", "any"), help="parents: the given programs, or all programs of the frontier so far"
    )
    argument: float = _chance(0.5, "chance to replace an argument, relative to --function and --line")
    function: float = _chance(0.25, "chance to replace what a line applies")
    line: float = _chance(0.25, "chance to replace all of a line")
    new_line: float = _chance(0.5, "probability that an argument is replaced by a new line", maximum=1)
    tries: int = setting(20, minimum=1, maximum=10_000_000, unit="tries", help="tries for each mutant of --count")
    mutate_inputs: float = _chance(0.0, "probability to change each input of the task, too", maximum=1)
    fuel: int = fuel_setting()
    size: int = size_setting()

    def __post_init__(self) -> None:
        """InputError if no kind of mutation has a chance."""
        if self.argument + self.function + self.line <= 0:
            raise InputError("one of --argument, --function and --line must be positive")

    def varied(self, records: Iterator[Record], context: Context) -> Iterator[Record | Work[TermParent]]:
        """Yield the records in order; a frontier's mutants depend on nothing but the frontier."""
        counts: Counter[str] = Counter()
        with context.engines.lambda_machine() as machine:
            for batch in batches(scoped(records, context.library_for), BATCH):
                for item in works(batch, context):
                    if isinstance(item, Work) and item.wrong is None:
                        self._vary(item, machine, context, counts)
                    yield item
        if counts["tried"]:
            context.warn(_told(counts))

    def _vary(self, work: Work[TermParent], machine: LambdaMachine, context: Context, counts: Counter[str]) -> None:
        try:
            groups([work], machine)  # says which programs are none
            parents = [each for each in work.parents if each.wrong is None]
            if self.mutate_inputs and parents:
                work.frontier = self._on_changed_inputs(work.frontier, parents[0], machine, context)
            inputs = _inputs(work.frontier, context)
            if parents:
                self._take(work, parents, inputs, machine, counts)
        except InputError as error:
            refuse(work.parents, error)

    def _on_changed_inputs(
        self, frontier: Frontier, parent: TermParent, machine: LambdaMachine, context: Context
    ) -> Frontier:
        if frontier.task is None:
            return frontier
        seed = derive(context.seed, "inputs", frontier.task.id)
        task = with_changed_inputs(
            frontier.task, parent.program.program, parent.library, machine, chance=self.mutate_inputs, seed=seed
        )
        return dataclasses.replace(frontier, task=task)

    def _take(
        self,
        work: Work[TermParent],
        parents: Sequence[TermParent],
        inputs: Sequence[list[Any]],
        machine: LambdaMachine,
        counts: Counter[str],
    ) -> None:
        """Give the parents their mutants, and the frontier the record of the search."""
        answer = machine.mutate_lines(
            parents[0].library.to_json(),
            parents[0].request or "",
            [parent.program.program for parent in parents],
            inputs,
            seeds=[parent.seed for parent in parents],
            count=self.count,
            tries=self.tries,
            any_depth=self.depth == "any",
            chances={name: getattr(self, name) for name in ("argument", "function", "line", "new_line")},
            fuel=self.fuel,
            size=self.size,
        )
        for parent, result in zip(parents, answer["results"], strict=True):
            if "error" in result:
                parent.wrong = result["error"]["message"]
                continue
            parent.mutants += [
                Program(program=each["program"], origin=Origin(by="codeit", from_=each["parent"]))
                for each in result["mutants"]
            ]
            parent.none = NOTHING_NEW
        accepted = sum(len(parent.mutants) for parent in parents)
        counts.update(answer["counts"] | {"accepted": accepted})
        tried = answer["counts"]["tried"]
        status = "exhausted" if accepted < self.count * len(parents) else "budget"
        search = Search(method="codeit", programs=tried, distinct=accepted, status=status)
        work.frontier = dataclasses.replace(work.frontier, search=search)

    def _finished(self, work: Work[Any], context: Context, lacking: Any) -> Frontier | None:
        frontier = super()._finished(work, context, lacking)
        return None if frontier is None else dataclasses.replace(frontier, search=work.frontier.search)


def _inputs(frontier: Frontier, context: Context) -> list[list[Any]]:
    """All inputs of a frontier's task that a search may see; InputError if there are none."""
    task = frontier.task
    if task is not None:
        visible = context.domain(task.domain).visible(task)
        inputs = [*(each.inputs for each in visible.examples), *visible.test_inputs]
        if inputs:
            return inputs
    raise InputError("lines are mutated on the inputs of a task, and there are none")


def _told(counts: Counter[str]) -> str:
    rejected = ", ".join(
        f"{counts[key]:,} {what}"
        for key, what in (
            ("unfit", "without anything else that fits"),
            ("invalid", "invalid on an input"),
            ("identity", "that give back the inputs"),
            ("duplicate", "duplicates"),
        )
    )
    return f"{counted(counts['accepted'], 'mutant')} of {counted(counts['tried'], 'try', 'tries')}; {rejected}"
