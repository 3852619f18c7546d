"""What a language model has tried on one task: its samples, the rung at which each ended, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from psynth.core.stream.records import Frontier, Origin, Program
from psynth.plugins.language_model import Answer, Message, Usage
from psynth.plugins.search import Problem
from psynth_llm.notation import Notation, Refused
from psynth_llm.retrieval import Examples

LADDER = (
    *("withheld", "parse", "closed", "infer", "request", "eta_long", "prior", "run", "unsolved", "solved"),
    "repeated",
)
"""Where a sample may end: at the rung that did not hold, or at one of the last three."""


@dataclass
class Sample:
    """A completion: what it ended as, and the conversation that it answers."""

    text: str
    conversation: Sequence[Message]
    end: str = ""
    program: Program | None = None
    refused: Refused | None = None

    @property
    def rank(self) -> tuple[int, float]:
        """How far it got: the rung, then the score or reward."""
        gain = None if self.program is None else self.program.gain
        return LADDER.index(self.end) if self.end else -1, float("-inf") if gain is None else gain


@dataclass
class Attempt:
    """A task that a model works on."""

    frontier: Frontier
    problem: Problem
    notation: Notation
    examples: Examples
    shots: int
    """Maximum number of solved tasks in a prompt, which is less once a prompt was too long."""
    by: str
    """The method in the origin of programs."""
    samples: list[Sample] = field(default_factory=list)
    known: dict[tuple[str, str], Program] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    ended: bool = False
    """Whether nothing more can be asked, as the budget is spent."""

    @property
    def solved(self) -> bool:
        """Whether a sample solves the task."""
        return any(each.end == "solved" for each in self.samples)

    @property
    def programs(self) -> list[Program]:
        """The distinct programs that could be judged, in the order of their samples."""
        return list(self.known.values())

    def take(self, answer: Answer, conversation: Sequence[Message]) -> list[Sample]:
        """Take in an answer; returns the samples with a program that has not been judged."""
        self.usage += answer.usage
        origin = Origin(by=self.by, extra={"model": answer.model})
        new: list[Sample] = []
        for completion in answer.completions:
            sample = Sample(completion.text, conversation)
            self.samples.append(sample)
            if completion.finish == "filter":
                sample.end = "withheld"
                sample.refused = Refused("withheld", "it was withheld")
                continue
            try:
                program = self.notation.read(completion.text, self.problem.task.request)
            except Refused as refused:
                sample.end, sample.refused = refused.rung, refused
                continue
            key = (program.language, program.program)
            if key in self.known:
                sample.end = "repeated"
                continue
            self.known[key] = sample.program = replace(program, origin=origin)
            new.append(sample)
        return new

    def judge(self, samples: Sequence[Sample], programs: Sequence[Program]) -> None:
        """Note the verdicts on the programs of samples."""
        for sample, program in zip(samples, programs, strict=True):
            sample.program = program
            sample.end = "solved" if program.solves else "run" if program.status not in ("ok", None) else "unsolved"
            self.known[program.language, program.program] = program

    def best_failure(self) -> Sample | None:
        """The sample to repair: the one that got farthest, of several the first."""
        failed = [each for each in self.samples if each.end not in ("solved", "repeated", "withheld")]
        return max(failed, key=lambda each: each.rank, default=None)

    def account(self) -> dict[str, Any]:
        """Where the samples ended, and what they took, as fields of the search's record."""
        ends = Counter(each.end for each in self.samples)
        cost = {} if self.usage.cost is None else {"cost_usd": self.usage.cost}
        tokens = {"prompt_tokens": self.usage.prompt_tokens, "completion_tokens": self.usage.completion_tokens}
        return {"samples": {rung: ends[rung] for rung in LADDER if ends[rung]}, **tokens, **cost}
