"""Runs Python programs in the sandbox, many at once, and turns its results into outcomes."""

from __future__ import annotations

import marshal
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from psynth.core.closing import Closing
from psynth.core.engines.sandbox import Sandbox, SandboxCall, SandboxJob, SandboxResult
from psynth.core.engines.sandbox_settings import SandboxSettings
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
PATIENCE = 5
"""Wall-clock seconds for each CPU second of the budget: results should not depend on what else the machine does."""
LARGEST_VALUE = 16 << 10
"""Maximum length of a value as JSON, in kilobytes; published puzzles have answers of 5 megabytes."""
LONGEST = 300
"""Maximum length of a message in characters."""
LARGEST = 10**308
"""The least integer that a stream cannot hold exactly."""
DEEPEST = 500
"""Maximum nesting of a value."""
TOO_DEEP = f"returned a value with more than {DEEPEST} levels of nesting"

Answer: TypeAlias = list[Outcome] | ProgramError
"""The outcome of each call of a program, or why it cannot be run."""


def settings_of(budget: Budget, packages: Sequence[str] = ()) -> SandboxSettings:
    """The settings of a sandbox for calls within a budget."""
    return SandboxSettings(
        wall=PATIENCE * budget.seconds,
        cpu=budget.seconds,
        memory=max(1, budget.memory // MEGABYTE),
        packages=tuple(packages),
        result=LARGEST_VALUE,
    )


class SourceRunner(Closing):
    """Runs functions of Python programs in the sandbox, equal programs on equal inputs once."""

    def __init__(self, settings: SandboxSettings, jobs: int = 1, warn: Callable[[str], None] = warnings.warn) -> None:
        self._sandbox = Sandbox(settings, jobs)
        self._warn = warn

    def close(self) -> None:
        """End the sandbox."""
        self._sandbox.close()

    def cancel(self) -> None:
        """End, from another thread, the current and all later runs with ``Canceled``."""
        self._sandbox.cancel()

    def run(self, jobs: Sequence[SandboxJob]) -> list[Answer]:
        """One answer for each job, in order: the outcome of each call, or why the program cannot be run."""
        answers: dict[tuple[str, str | None, bytes], Answer] = {}
        waiting: dict[tuple[str, str | None, bytes], SandboxJob] = {}
        for job, key in (keyed := [(job, _key(job)) for job in jobs]):
            fault = unreadable(job.program)
            if fault is None:
                waiting[key] = job
            else:
                answers[key] = ProgramError("parse", fault)
        if not waiting:
            return [answers[key] for _, key in keyed]
        if missing := self._sandbox.start().missing:
            self._warn(f"programs run without these layers of isolation: {', '.join(missing)} (psynth doctor says why)")
        results = self._sandbox.run(waiting.values())
        for (key, job), result in zip(waiting.items(), results, strict=True):
            answers[key] = _answer(job, result)
        return [answers[key] for _, key in keyed]


def _key(job: SandboxJob) -> tuple[str, str | None, bytes]:
    """What jobs have in common that get the same answer; unlike ==, the bytes distinguish 1, 1.0 and True."""
    try:
        return job.program, job.function, marshal.dumps([list(arguments) for arguments in job.calls], 2)
    except ValueError as error:
        raise InputError(f"the inputs of a program cannot be written as JSON: {error}") from error


def _answer(job: SandboxJob, result: SandboxResult) -> Answer:
    if result.status == "parse":
        return ProgramError("parse", _one_line(result.message) or "not Python")
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
        # Deeper values would exceed Python's recursion limit here or there, and are nobody's answer.
        return Outcome("ok", call.value) if _depth(call.value) <= DEEPEST else Outcome("error", message=TOO_DEEP)
    return Outcome(STATUSES[call.status], message=_one_line(call.message) or f"the program ended with {call.status}")


def _one_line(message: str) -> str:
    """A message of the program's own making as one line of bounded length that cannot control a terminal."""
    line = " ".join(message[: 2 * LONGEST].split())
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def recordable(outcome: Outcome) -> Outcome:
    """The outcome, or in its place an error if a stream cannot hold the value exactly."""
    reason = _reason(outcome.value)
    return outcome if reason is None else Outcome("error", message=f"the value has {reason}, which streams cannot hold")


def _reason(value: Any) -> str | None:
    """What a value has that streams cannot hold; None if they hold it."""
    for item, _ in _parts(value):
        if isinstance(item, int) and abs(item) >= LARGEST:
            return "an integer of more than 308 digits"
        if isinstance(item, str) and not _is_encodable(item):
            return "half of a surrogate pair"
    return None


def _depth(value: Any) -> int:
    return max(depth for _, depth in _parts(value))


def _parts(value: Any) -> Iterator[tuple[Any, int]]:
    """A JSON value and everything in it, each with its depth; depth costs no recursion."""
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        yield item, depth
        if isinstance(item, dict):
            pending += [(each, depth + 1) for pair in item.items() for each in pair]
        elif isinstance(item, list):
            pending += [(each, depth + 1) for each in item]


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
