"""Runs Python programs in the sandbox, many at once, and turns its results into outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from psynth.core.closing import Closing
from psynth.core.engines.sandbox import Sandbox, SandboxCall, SandboxJob, SandboxResult, SandboxSettings
from psynth.core.errors import EngineError, InputError
from psynth.core.python_source import unreadable
from psynth.plugins.evaluator import Budget, Outcome, ProgramError

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
