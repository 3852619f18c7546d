"""Evolution of the programs of one task: rounds of parents, children, verdicts, and elites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from psynth.core.engines.archive import TAKEN, Elite, Elites, gain_of, range_of
from psynth.core.errors import InputError
from psynth.core.seeds import derive, generator
from psynth.core.stream.records import Frontier, Library, Origin, Program
from psynth.core.stream.resuming import parents_of
from psynth.plugins.evaluator import STAGE
from psynth.plugins.method import Context
from psynth_elites.cma_me import Learned, Strategy
from psynth_elites.judging import Judge
from psynth_elites.novelty import fingerprint
from psynth_elites.operators import AnyOperator, Bandit, LearningOperator
from psynth_elites.selection import SELECTIONS, Credits, Selected

Policy: TypeAlias = Literal["elites", "independent", "sequential"]
"""Where children come from: from selected elites; from the initial programs alone; from the best program so far.

The last two are the baselines: independent and sequential sampling.
"""
BASELINES: dict[str, Policy] = {"independent": "independent", "sequential": "sequential"}
"""The policies of the option --baseline, by its values."""
FRUITLESS = 200
"""Rounds without a program that is new, one after the other, after which a search has nothing left to try.

In steady state, where a round is one program, as many children in the place of one program.
"""
NOT_OFFERED = ("no objective", "no descriptor")
"""The statuses of programs without what an archive compares."""
SAMPLED = "sample"
"""The origin of programs that were sampled from the grammar."""
SAMPLE_DEPTH = 6
"""Below this depth samples are completed in the shortest way, as those of ``psynth sample`` are."""


@dataclass(frozen=True)
class Plan:
    """How a task's programs evolve."""

    batch: int
    initial: int
    select: str
    parents: int
    operators: Sequence[AnyOperator]
    policy: Policy = "elites"


@dataclass(frozen=True)
class Round:
    """Judged programs that one round offers to the archive of an island, in the order of proposal."""

    number: int
    island: int
    programs: Sequence[Program]


@dataclass
class Evolving:
    """The evolution of the programs of one task in one archive: an island, or the only one.

    Everything that it does depends on the seed, the task and the number of the round: it goes on after `recall` has
    taken in the rounds of an earlier run as if it had made them itself.
    """

    frontier: Frontier
    library: Library
    elites: Elites
    plan: Plan
    context: Context
    judge: Judge
    island: int = 0
    credits: Credits = field(default_factory=Credits)
    statuses: Counter[str] = field(default_factory=Counter)
    evaluations: int = 0
    next_round: int = 0

    def __post_init__(self) -> None:
        assert self.frontier.task is not None
        self.task = self.frontier.task
        self._bandit = Bandit(self.plan.operators)
        self._seen: set[bytes] = set()
        self._name = self.task.id if not self.island else f"{self.task.id} island {self.island}"
        self._name += "" if self.plan.policy == "elites" else f" {self.plan.policy}"
        self._starts = self._initial()
        self._strategies = {
            each.name: self._strategy(each) for each in self.plan.operators if isinstance(each, LearningOperator)
        }
        self._asked: Strategy | None = None
        self._next_start = 0
        self._proposals = 0
        self.best: Elite | None = None

    def _initial(self) -> list[Program]:
        """The programs to begin with: the frontier's or, without any, samples from the grammar."""
        given = [replace(each, descriptor=None) for each in self.frontier.programs]
        if given:
            return given
        return self._sampled(self.plan.initial, 0)

    def _sampled(self, count: int, number: int) -> list[Program]:
        request = self.task.request
        if request is None:
            raise InputError("a task without a type: programs cannot be sampled for it")
        seed = derive(self.context.seed, "elites sample", f"{self._name} {number}")
        with self.context.engines.lambda_machine() as machine:
            drawn = machine.sample(self.library.to_json(), request, seed=seed, count=count, max_depth=SAMPLE_DEPTH)
        return [
            Program(str(each["program"]), log_prior=float(each["log_prior"]), origin=Origin(by=SAMPLED))
            for each in drawn
        ]

    def rounds(self, is_over: Callable[[], bool], most: Callable[[], int]) -> Iterator[Round]:
        """Yield the next rounds until ``is_over``, with up to ``most`` programs each; the caller absorbs each at once.

        The end of the iterator without ``is_over`` means that there is nothing new to try.
        """
        fruitless = 0
        while not is_over() and fruitless < FRUITLESS:
            number = self.next_round
            self.next_round += 1
            self._asked = None
            proposed = self._proposed(number)
            # A strategy learns from all that it proposed, whether or not it is new.
            fresh = self._fresh(proposed, most()) if self._asked is None else proposed[: most()]
            fruitless = 0 if fresh else fruitless + 1
            if fresh:
                yield Round(number, self.island, self.judge.judge(fresh))

    def propose(self) -> tuple[int, Program] | None:
        """The number and the text of the next program in steady state, new up to the names of variables.

        None if what was absorbed so far leads to none: it may after more was.
        """
        number = self._proposals
        program = next(self._candidates(number), None)
        if program is None:
            return None
        self._proposals += 1
        return number, program

    def _candidates(self, number: int) -> Iterator[Program]:
        """Programs that are new: what is left to begin with, then children of what is known."""
        while self._next_start < len(self._starts):
            self._next_start += 1
            yield from self._fresh([self._starts[self._next_start - 1]], 1)
        for attempt in range(FRUITLESS):
            yield from self._fresh(self._children(number * FRUITLESS + attempt, 1), 1)

    def recall_proposal(self, found: Round) -> None:
        """Take in a proposal of an earlier run, whose verdict is absorbed when its turn comes."""
        self._seen.update(map(fingerprint, found.programs))
        self._proposals = found.number + 1

    def _proposed(self, number: int) -> list[Program]:
        batch = self.plan.batch
        starts = self._starts[number * batch : (number + 1) * batch]
        return starts or self._children(number, batch)

    def _children(self, number: int, count: int) -> list[Program]:
        """Programs made from ``count`` choices of parents or, where there are none, samples."""
        if self.plan.policy == "independent" and not self.frontier.programs:
            return self._sampled(count, number)
        parents = self._parents(number, count)
        if not parents:
            return [] if self.frontier.programs else self._sampled(count, number)
        operator = self._bandit.choose()
        if isinstance(operator, LearningOperator):
            return self._ask(self._strategies[operator.name])
        children = operator.children(self.frontier, self.library, parents, self._seeded(), number)
        return [program for of_parents in children for program in of_parents]

    def _strategy(self, operator: LearningOperator) -> Strategy:
        return Strategy(
            operator.settings,
            operator.name,
            self.plan.batch,
            derive(self.context.seed, "elites", self._name),
            [range_of(each) for each in self.elites.archive.dimensions],
            lambda: self.elites.all(self.task.id),
            self.judge.domain.bounds(self.task),
        )

    def _ask(self, strategy: Strategy) -> list[Program]:
        """The programs of a strategy, which is told what becomes of them once they are absorbed."""
        assert self.best is not None
        self._asked = strategy
        return strategy.ask(self.best.frontier.programs[0])

    def _seeded(self) -> Context:
        """The context with the seed of this island and policy."""
        return replace(self.context, seed=derive(self.context.seed, "elites", self._name))

    def _parents(self, number: int, count: int) -> list[Selected]:
        rng = generator(self.context.seed, "elites select", f"{self._name} {number}")
        if self.plan.policy == "sequential":
            return [] if self.best is None else [[self.best]] * count
        if self.plan.policy == "independent":
            starts = [_as_elite(self.frontier, program) for program in self._starts]
            return [[rng.choice(starts)] for _ in range(count)]
        selection = SELECTIONS[self.plan.select](self.elites, self.task.id, self.credits)
        return selection.select(count, self.plan.parents, rng)

    def _fresh(self, programs: Sequence[Program], most: int) -> list[Program]:
        """The first programs, up to ``most``, that are not the same as an earlier one up to the names of variables."""
        fresh: list[Program] = []
        for program in programs:
            if len(fresh) == most:
                break
            mark = fingerprint(program)
            if mark not in self._seen:
                self._seen.add(mark)
                fresh.append(program)
        return fresh

    def recall(self, found: Round) -> None:
        """Take in a round of an earlier run."""
        origin = found.programs[0].origin if found.programs else None
        self._asked = self._strategies.get("" if origin is None else origin.by or "")
        if self._asked is not None:
            self._ask(self._asked)
        self._seen.update(map(fingerprint, found.programs))
        self.absorb(found)

    def absorb(self, found: Round) -> None:
        """Take in the programs of a round that it has just made."""
        self.next_round = max(self.next_round, found.number + 1)
        strategy, self._asked = self._asked, None
        if strategy is None:
            for program in found.programs:
                self._absorb(program)
        else:
            # All are compared with the archive before the round, as they come from one distribution.
            before = [self._best_of_cell(program) for program in found.programs]
            statuses = [self._absorb(program) for program in found.programs]
            strategy.tell(list(map(self._learned, found.programs, before, statuses)))

    def _absorb(self, program: Program) -> str:
        """Take in one program; its status in the archive."""
        self.evaluations += 1
        frontier = Frontier(self.task, (program,))
        [(status, _)] = self.elites.offer(frontier) or []
        self.statuses[_what_became(program, status)] += 1
        accepted = status in TAKEN
        for parent in parents_of(program):
            self.credits.add((program.language, parent), accepted=accepted)
        self._bandit.add(None if program.origin is None else program.origin.by, accepted=accepted)
        self._note_best(frontier, program)
        return status

    def _best_of_cell(self, program: Program) -> float | None:
        """The gain of the best elite in the cell of a program; None if it is empty, or there are no fixed cells."""
        place = None if program.descriptor is None else self.elites.place(self.task.id, program.descriptor)
        return None if place is None else self.elites.best(self.task.id, place).gain

    def _learned(self, program: Program, before: float | None, status: str) -> Learned:
        """What the strategy that proposed a program is told of it."""
        gain = gain_of(program, self.elites.archive)
        if gain is not None and status in (*TAKEN, "rejected") and self.elites.cells is not None:
            status = "new" if before is None else "improved" if gain > before else "rejected"
        return Learned(status, gain, program.descriptor, before)

    def _note_best(self, frontier: Frontier, program: Program) -> None:
        gain = gain_of(program, self.elites.archive)
        if gain is not None and (self.best is None or gain > self.best.gain):
            self.best = _as_elite(frontier, program)._replace(gain=gain)

    def immigrate(self, elites: Sequence[Elite]) -> None:
        """Take in elites of another island, which are not evaluated again."""
        for elite in elites:
            self.elites.offer(elite.frontier)
            self._seen.add(fingerprint(elite.frontier.programs[0]))


def _what_became(program: Program, status: str) -> str:
    """What is counted of a program: that it did not pass a stage, that it failed, or its status in the archive."""
    if STAGE in program.extra:
        return f"{STAGE} {program.extra[STAGE]}"
    failed = status in NOT_OFFERED and program.status not in (None, "ok")
    return str(program.status) if failed else status


def _as_elite(frontier: Frontier, program: Program) -> Elite:
    """A program as a parent, whether or not it is in an archive."""
    line = replace(frontier, search=None, programs=(program,)).encode()
    return Elite(0, 0, 0.0, list(program.descriptor or ()), program.language, program.program, line)
