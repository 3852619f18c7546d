"""A method, ``psynth enumerate --method random``: programs drawn from the library's grammar, for the frame to judge."""

from collections.abc import Sequence
from dataclasses import dataclass

from psynth.plugins import Problem, Program, ProposalMethod, setting


@dataclass(frozen=True)
class Random(ProposalMethod):
    """Draw programs at random from the library's grammar and keep the best.

    Simple and fair: a program is drawn about as often as the grammar finds it probable. What a task gets depends on the
    seed and the task alone, not on the other tasks.
    """

    name = "random"

    max_programs: int = setting(2000, minimum=1, unit="programs", help="number of programs to draw per task")
    max_depth: int = setting(6, minimum=1, help="below this depth, choose only the shortest completions")

    def propose(self, problems: Sequence[Problem]) -> list[list[Program]]:
        """The draws for each problem."""
        return [self._draw(problem) for problem in problems]

    def _draw(self, problem: Problem) -> list[Program]:
        with problem.engines.lambda_machine() as machine:
            drawn = machine.sample(
                problem.library.to_json(),
                problem.task.request or "",
                seed=problem.seed,
                count=self.max_programs,
                max_depth=self.max_depth,
            )
        return [Program(each["program"], log_prior=each["log_prior"]) for each in drawn]
