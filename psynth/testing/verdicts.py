"""Conformance of evaluators: junk is data, numbers are in range, and verdicts do not depend on one another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from psynth.core.errors import PsynthError
from psynth.core.stream.records import Library, Task, decode, encode
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget, Job, Outcome, ProgramError, Verdict, same_value
from psynth.testing.require import no_exception, require

STATUSES = ("ok", "error", "timeout", "fuel", "memory")
KINDS = ("parse", "type", "unknown_primitive", "load")
BUDGET = Budget(fuel=20_000, size=20_000, seconds=10.0)
"""A budget with ample time, so that a busy machine changes no verdict."""

JUNK = (
    "",
    "(",
    ")",
    "no-such-primitive-anywhere",
    "(no-such-primitive-anywhere $0)",
    "$7",
    "(lambda ($0 $0))",
    "(" * 3000 + ")" * 3000,
    "(lambda " * 3000 + "$0" + ")" * 3000,
    "x" * 100_000,
    "\x00\N{SNOWMAN} \t",
)
"""Texts that are not a program in any language, or have no type."""


def check_evaluator(
    domain: Domain, library: Library, tasks: Sequence[Task], language: str, programs: Sequence[str]
) -> None:
    """Check the evaluator of one language on tasks, with junk and with programs of the language."""
    what = f"the evaluator of {domain.name!r} for {language}"
    texts = [*JUNK, *programs]
    batch = [(task, texts) for task in tasks]
    judged = judge(domain, library, language, batch)
    for (task, _), verdicts in zip(batch, judged, strict=True):
        require(len(verdicts) == len(texts), f"{what} gives one verdict for each program")
        for text, verdict in zip(texts, verdicts, strict=True):
            check_verdict(verdict, f"{what} on {_short(text)} for {task.id!r}")
        if any(verdict.reward is not None and verdict.reward < 0 for verdict in verdicts):
            kept = all(verdict.score is None for verdict in verdicts if verdict.reward is None)
            require(kept, f"{what} gives no score without a reward where rewards are negative: failures would be best")
        for text, verdict in zip(JUNK, verdicts, strict=False):
            require(not verdict.solved, f"{what} never accepts junk as a solution of {task.id!r}, as {_short(text)}")
    _check_independence(domain, library, language, batch, judged)
    _check_visible(domain, library, language, tasks, texts)
    _check_running(domain, library, language, tasks, texts)


def judge(
    domain: Domain, library: Library, language: str, batch: Sequence[tuple[Task, Sequence[str]]], jobs: int = 1
) -> list[list[Verdict]]:
    """The verdicts of a new evaluator; AssertionError if it raises anything."""
    with (
        no_exception(f"the evaluator of {domain.name!r} for {language}, which takes any text as data,"),
        domain.evaluator(library, BUDGET, language=language, jobs=jobs) as evaluator,
    ):
        return evaluator.judge(batch)


def check_verdict(verdict: Verdict, what: str) -> None:
    """Check that every number of a verdict is in its range, and that outputs are JSON."""
    require(verdict.status in STATUSES, f"{what}: the status is one of {', '.join(STATUSES)}, not {verdict.status!r}")
    likelihood = verdict.log_likelihood
    require(likelihood is None or likelihood <= 0, f"{what}: the log-likelihood is at most 0, not {likelihood}")
    score = verdict.score
    require(score is None or 0 <= score <= 1, f"{what}: the score is from 0 to 1, not {score}")
    require(score is not None or verdict.status != "ok", f"{what}: a program that ran has a score")
    held_out = verdict.held_out
    require(held_out is None or 0 <= held_out <= 1, f"{what}: the share held out is from 0 to 1, not {held_out}")
    for reward in (verdict.reward, verdict.held_out_reward):
        require(reward is None or math.isfinite(reward), f"{what}: a reward is a finite number, not {reward}")
    for outcome in verdict.outputs:
        check_outcome(outcome, what)
    if verdict.rejected is not None:
        _check_rejection(verdict.rejected, what)
        require(not verdict.solved, f"{what}: a program that cannot be run solves nothing")


def check_outcome(outcome: Outcome, what: str) -> None:
    """Check that an outcome has a status and that its value is JSON."""
    require(outcome.status in STATUSES, f"{what}: an outcome's status is one of {', '.join(STATUSES)}")
    try:
        again = decode(encode({"value": outcome.value}))["value"]
    except PsynthError as error:
        raise AssertionError(f"{what}: an output is JSON: {error}") from error
    require(same_value(again, outcome.value), f"{what}: an output is the same after a round trip through JSON")


def _check_rejection(error: ProgramError, what: str) -> None:
    require(error.kind in KINDS, f"{what}: what is wrong with a program is one of {', '.join(KINDS)}")
    require(bool(error.message), f"{what}: a program that cannot be run gets a message that says why")


def _check_independence(
    domain: Domain,
    library: Library,
    language: str,
    batch: Sequence[tuple[Task, Sequence[str]]],
    judged: Sequence[Sequence[Verdict]],
) -> None:
    """Check that verdicts are the same when repeated, in parallel, in reverse order and one at a time."""
    what = f"verdicts of {domain.name!r} for {language}"
    require(judge(domain, library, language, batch) == judged, f"{what} are the same each time")
    require(judge(domain, library, language, batch, jobs=2) == judged, f"{what} are the same for any number of jobs")
    backwards = [(task, list(reversed(texts))) for task, texts in reversed(batch)]
    again = judge(domain, library, language, backwards)
    restored = [list(reversed(verdicts)) for verdicts in reversed(again)]
    require(restored == judged, f"{what} do not depend on the order of programs and tasks")
    with domain.evaluator(library, BUDGET, language=language) as evaluator:
        for (task, texts), verdicts in zip(batch, judged, strict=True):
            alone = [verdict for text in texts for [verdict] in evaluator.judge([(task, [text])])]
            require(alone == verdicts, f"{what} do not depend on the rest of the batch")
        require(evaluator.judge([]) == [], f"{what}: no jobs, no verdicts")


def _check_visible(
    domain: Domain, library: Library, language: str, tasks: Sequence[Task], texts: Sequence[str]
) -> None:
    visible: list[tuple[Task, Sequence[str]]] = [(domain.visible(task), texts) for task in tasks]
    for (task, _), verdicts in zip(visible, judge(domain, library, language, visible), strict=True):
        hidden = all(each.held_out is None and each.held_out_reward is None for each in verdicts)
        require(hidden, f"visible leaves nothing of {task.id!r} held out, and so no verdict on held-out data")


def _check_running(
    domain: Domain, library: Library, language: str, tasks: Sequence[Task], texts: Sequence[str]
) -> None:
    """Check ``run_all`` on the inputs of examples: the answer is the outcomes, or why the program cannot be run."""
    jobs = [Job(text, [example.inputs for example in task.examples], task.request) for task in tasks for text in texts]
    what = f"the evaluator of {domain.name!r} for {language}"
    with no_exception(f"run_all of {what}"), domain.evaluator(library, BUDGET, language=language) as evaluator:
        answers = evaluator.run_all(jobs)
    require(len(answers) == len(jobs), f"run_all of {what} gives one answer for each job")
    for job, answer in zip(jobs, answers, strict=True):
        if isinstance(answer, ProgramError):
            _check_rejection(answer, f"{what} on {_short(job.program)}")
            continue
        require(len(answer) == len(job.inputs), f"run_all of {what} gives one outcome for each input")
        for outcome in answer:
            check_outcome(outcome, f"{what} on {_short(job.program)}")
    for text, answer in zip(JUNK, answers, strict=False):
        ran = not isinstance(answer, ProgramError) and any(outcome.status == "ok" for outcome in answer)
        require(language != LAMBDA or not ran, f"{what} does not run a text that is no λ-term, as {_short(text)}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")
