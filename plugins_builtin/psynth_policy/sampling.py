"""The sample method ``policy``: programs that a trained policy writes for each task, judged by the frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Origin, Program, Record
from psynth.core.wording import counted
from psynth.learning.extras import require
from psynth.plugins.method import Context
from psynth.plugins.proposals import ProposalMethod
from psynth.plugins.search import Problem
from psynth_policy.settings import KIND, WIDEST

if TYPE_CHECKING:
    from psynth_policy.decoding import Sampling
    from psynth_policy.notation import NotAProgram
    from psynth_policy.trained import Policies, Policy

CONSTRAINTS = ("type", "vocabulary", "none")


@dataclass(frozen=True)
class Draws:
    """The settings of drawing words, which sample and mutate share, and a language model."""

    temperature: float = setting(1.0, minimum=0, maximum=100, help="divide logits by this; 0 takes the likeliest word")
    top_k: int = setting(0, minimum=0, maximum=LARGEST, unit="words", help="draw from the likeliest words (0: all)")
    top_p: float = setting(1.0, minimum=0, maximum=1, help="draw from the likeliest words of this probability together")
    max_words: int | None = setting(
        None, minimum=1, maximum=WIDEST, unit="words", help="words of a program, at most (default: the model's)"
    )
    constrain: str = setting(
        "type",
        choices=CONSTRAINTS,
        main=True,
        help="draw words that fit by type; or end at a word that is none of programs; or where the model ends",
    )

    @property
    def draws(self) -> Sampling:
        """How words are drawn."""
        from psynth_policy.decoding import Sampling

        return Sampling(self.temperature, self.top_k, self.top_p, self.max_words, self.constrain)  # type: ignore[arg-type]


@dataclass(frozen=True)
class SamplePolicy(Draws, ProposalMethod):
    """Draw programs for each task from a trained policy, p(program | task).

    The model is that of --model or of the nearest model record of the task's domain. A task is read once, and --count
    programs are written side by side. By default each word is drawn from those that fit by type and leave a program
    that can be finished within --max-words, so that every sample parses, is closed and has the type that the task
    requests. With --constrain vocabulary a sample ends at the first word that is no word of programs, as in CodeIt, and
    with none where the model ends it: samples that are no programs are counted on standard error, and dropped.

    Distinct samples are judged, and the best kept: all of them by default, for psynth relabel to make tasks of those
    that solve none. search.programs counts samples, and a program's log_policy is its log-probability under the model.

        psynth tasks list --split test | psynth sample --method policy --model policy
        psynth sample --method policy --count 96 --temperature 0.95 tasks.jsonl | psynth relabel --method hindsight
    """

    name: ClassVar[str] = "policy"
    model_kind: ClassVar[str | None] = KIND
    parallel = "threads"

    model: Path | None = setting(
        None, file="read", value="DIR", main=True, help="the model's folder (default: that of the stream's record)"
    )
    count: int = setting(24, minimum=1, maximum=10_000_000, unit="programs", main=True, help="samples for each task")
    max_frontier: int = setting(
        LARGEST, minimum=1, maximum=LARGEST, unit="programs", help="best programs to keep for a task"
    )
    device: str = setting("cpu", choices=("auto", "cpu", "cuda"), help="device to draw on")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the programs drawn for its task."""
        require("--method policy", "torch", "safetensors", "transformers")
        import torch

        # Threads are for tasks: more of them in one operation would change the order of sums.
        torch.set_num_threads(1)
        try:
            yield from super().run(records, context)
        finally:
            told = ", ".join(f"{count:,} by {rung}" for rung, count in sorted(self._refused.items()))
            if told:
                context.warn(f"{counted(self._refused.total(), 'sample')} of {self._drawn.total():,} dropped: {told}")
            self._refused.clear()
            self._drawn.clear()

    @cached_property
    def _policies(self) -> Policies:
        from psynth_policy.trained import Policies

        return Policies(self.model, self.device)

    @cached_property
    def _refused(self) -> Counter[str]:
        return Counter()

    @cached_property
    def _drawn(self) -> Counter[str]:
        return Counter()

    def propose(self, problems: Sequence[Problem]) -> list[list[Program]]:
        """The programs drawn for each problem, some of them equal."""
        policies = [self._policies.of(each.domain, each.model, each.warn) for each in problems]
        threads = max(1, problems[0].threads) if problems else 1
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self._draw, problems, policies))

    def _draw(self, problem: Problem, policy: Policy) -> list[Program]:
        found = policy.draw(problem.task, problem.library, self.count, self.draws, problem.seed)
        return kept(found, Origin(by=self.name), self._drawn, self._refused)


def kept(
    found: Sequence[Program | NotAProgram], origin: Origin, drawn: Counter[str], refused: Counter[str]
) -> list[Program]:
    """The programs among samples, with where they come from; counts what is none."""
    from dataclasses import replace

    programs = []
    for each in found:
        drawn["samples"] += 1
        if isinstance(each, Program):
            programs.append(replace(each, origin=origin))
        else:
            refused[each.rung] += 1
    return programs
