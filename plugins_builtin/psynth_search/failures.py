"""Says why proposed programs fail: a primitive with a defect looks like a hard task otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from psynth.core.wording import counted
from psynth.plugins.evaluator import Evaluator, Verdict
from psynth.plugins.visible_task import VisibleTask

SAMPLED = 100
"""Programs, the cheapest ones, that are judged once more to see how they fail: a batch says only what it solves."""


def failure_note(evaluator: Evaluator, task: VisibleTask, programs: Sequence[str]) -> str | None:
    """How many of ``programs`` fail on a task and the most frequent message with a program that shows it, or None."""
    [verdicts] = evaluator.judge([(task, programs)])
    failures = [(_message(verdict), program) for program, verdict in zip(programs, verdicts, strict=True)]
    counts = Counter(message for message, _ in failures if message is not None)
    if not counts:
        return None
    message, count = counts.most_common(1)[0]
    shown = next(program for failed, program in failures if failed == message)
    most = "" if len(counts) == 1 else f", {count} of them"
    return (
        f"{counts.total()} of the {counted(len(programs), 'cheapest program')} fail on {task.id}{most} "
        f"with {message}, such as {shown}"
    )


def _message(verdict: Verdict) -> str | None:
    """Why a program failed; None if it did not."""
    if verdict.rejected is not None:
        return verdict.rejected.message
    if verdict.status == "ok":
        return None
    outputs = (each.message for each in verdict.outputs if each.status != "ok")
    return verdict.message or next(filter(None, outputs), verdict.status)
