"""The evaluator of Python source: programs run in the sandbox, and are judged outside of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from psynth.core.closing import Closing
from psynth.core.engines.sandbox import Sandbox, SandboxCall, SandboxJob, SandboxResult, SandboxSettings
from psynth.core.errors import EngineError, InputError
from psynth.core.python_source import unreadable
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Budget, Evaluator, Job, Outcome, ProgramError, Verdict

if TYPE_CHECKING:
    from psynth.plugins.source_domain import SourceDomain

STATUSES = {
    "ok": "ok",
    "error": "error",
    "timeout": "timeout",
    "cpu-limit": "timeout",
    "oom": "memory",
    "output-limit": "error",
    "signal": "error",
}
"""The status of an outcome by the sandbox's; all other statuses of the sandbox are no property of a program."""
MEGABYTE = 1 << 20

Answer: TypeAlias = list[Outcome] | ProgramError
"""The outcome of each call of a program, or why it cannot be run."""


class SourceRunner(Closing):
    """Runs functions of Python programs in the sandbox, equal programs on equal inputs once."""

    def __init__(self, budget: Budget, jobs: int = 1, packages: Sequence[str] = ()) -> None:
        memory = max(1, budget.memory // MEGABYTE)
        settings = SandboxSettings(wall=budget.seconds, cpu=None, memory=memory, packages=tuple(packages))
        self._sandbox = Sandbox(settings, jobs)

    def close(self) -> None:
        """End the sandbox."""
        self._sandbox.close()

    def cancel(self) -> None:
        """End, from another thread, the current and all later runs with ``Canceled``."""
        self._sandbox.cancel()

    def run(self, jobs: Sequence[SandboxJob]) -> list[Answer]:
        """One answer for each job, in order: the outcome of each call, or why the program cannot be run."""
        answers: dict[tuple[str, str | None, str], Answer] = {}
        waiting: dict[tuple[str, str | None, str], SandboxJob] = {}
        for job, key in (keyed := [(job, _key(job)) for job in jobs]):
            fault = unreadable(job.program)
            if fault is None:
                waiting[key] = job
            else:
                answers[key] = ProgramError("parse", fault)
        results = self._sandbox.run(waiting.values())
        for (key, job), result in zip(waiting.items(), results, strict=True):
            answers[key] = _answer(job, result)
        return [answers[key] for _, key in keyed]


def _key(job: SandboxJob) -> tuple[str, str | None, str]:
    """What jobs have in common that get the same answer; unlike JSON, ``repr`` distinguishes all values."""
    try:
        return job.program, job.function, repr(job.calls)
    except RecursionError as error:
        raise InputError("an input is nested too deeply") from error


def _answer(job: SandboxJob, result: SandboxResult) -> Answer:
    if result.status == "parse":
        return ProgramError("parse", result.message or "not Python")
    loaded = outcome_of(SandboxCall(result.status, None, result.message))
    if loaded.status == "error":
        return ProgramError("load", loaded.message)
    if loaded.status != "ok":
        return [loaded for _ in job.calls]
    if len(result.calls) != len(job.calls):
        raise EngineError(f"the sandbox answered {len(result.calls)} of {len(job.calls)} calls")
    return [outcome_of(call) for call in result.calls]


def outcome_of(call: SandboxCall) -> Outcome:
    """The outcome of a call in the sandbox; EngineError if the sandbox itself failed."""
    if call.status not in STATUSES:
        raise EngineError(f"the sandbox failed ({call.status}): {call.message or 'no reason given'}")
    if call.status == "ok":
        return Outcome("ok", call.value)
    return Outcome(STATUSES[call.status], message=call.message or f"the program ended with {call.status}")


class SourceEvaluator(Evaluator):
    """Judges Python programs by their domain's ``calls`` and ``verdict``.

    A program's process gets inputs and returns values: neither outputs of examples nor anything else that is compared
    with its values enters the process.
    """

    def __init__(self, domain: SourceDomain, budget: Budget, jobs: int = 1) -> None:
        self._domain = domain
        self._runner = SourceRunner(budget, jobs, domain.packages)

    def close(self) -> None:
        """End the sandbox."""
        self._runner.close()

    def cancel(self) -> None:
        """End, from another thread, the current and all later calls with ``Canceled``."""
        self._runner.cancel()

    def run_all(self, jobs: Sequence[Job]) -> list[Answer]:
        """One answer for each job, in order; a job's type has no meaning for Python source."""
        return self._runner.run([self._job(job.program, job.inputs) for job in jobs])

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program on the calls of its task, all in one batch, and judge the outcomes."""
        calls = [self._domain.calls(task) for task, _ in jobs]
        batch = [
            self._job(program, each) for (_, programs), each in zip(jobs, calls, strict=True) for program in programs
        ]
        answers = iter(self._runner.run(batch))
        return self._verdicts([(task, [next(answers) for _ in programs]) for task, programs in jobs])

    def _job(self, program: str, calls: Sequence[Sequence[Any]]) -> SandboxJob:
        return SandboxJob(program, self._domain.function, calls)

    def _verdicts(self, answered: Sequence[tuple[Task, Sequence[Answer]]]) -> list[list[Verdict]]:
        """The verdicts on the answers of programs, for each task."""
        return [[self._verdict(task, answer) for answer in answers] for task, answers in answered]

    def _verdict(self, task: Task, answer: Answer) -> Verdict:
        if isinstance(answer, ProgramError):
            return Verdict("error", -math.inf, 0.0, rejected=answer)
        return self._domain.verdict(task, answer)
