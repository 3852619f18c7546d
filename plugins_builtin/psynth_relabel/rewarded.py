"""Relabeling where tasks are environments: programs get environments of their own, in which they do what they do."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.core.errors import InputError
from psynth.core.seeds import derive
from psynth.core.stream.records import Library, Program
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Verdict
from psynth.plugins.method import Context
from psynth.plugins.task_maker import MadeTask
from psynth_relabel.relabeled import FAILED, Relabeled


def in_own_environments(
    domain: Domain,
    judged: Sequence[tuple[Program, Verdict]],
    library: Library,
    context: Context,
    count: int,
) -> list[Relabeled | str]:
    """For each program the task that the domain's task maker makes for it, with ``count`` inputs, or why there is none.

    InputError for a domain without a task maker: its programs cannot be relabeled.
    """
    maker = domain.task_maker()
    if maker is None:
        raise InputError(
            f"programs of {domain.name} make no tasks in hindsight: its tasks have no examples, "
            "and the domain makes no tasks for programs"
        )
    seeds = [(program.program, derive(context.seed, context.command, program.program)) for program, _ in judged]
    made = maker.tasks_for(seeds, library, count, maker.Settings(), threads=context.jobs)
    return [_relabeled(program, verdict, content) for (program, verdict), content in zip(judged, made, strict=True)]


def _relabeled(program: Program, verdict: Verdict, content: MadeTask | str) -> Relabeled | str:
    if verdict.rejected is not None:
        return FAILED
    if isinstance(content, str):
        return content
    figures = {"score": verdict.score, "reward": verdict.reward}
    known = {name: value for name, value in figures.items() if value is not None}
    return Relabeled(program, content.examples, known, content.environment)
