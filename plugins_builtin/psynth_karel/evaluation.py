"""Runs and judges policies in the Karel machine, with abstractions expanded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from psynth.core.calculus.normal_forms import beta_normal, expand, expanded_definitions, replace_names
from psynth.core.calculus.terms import Term, parse_term
from psynth.core.errors import InputError, PsynthError
from psynth.core.limits import ROUNDING
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import Library, Task
from psynth.plugins.evaluator import Evaluator, Job, Outcome, ProgramError, Verdict
from psynth_karel.environment import Environment
from psynth_karel.language import REQUEST
from psynth_karel.machine import Instances, Picture, Score, Trace, actions

CACHED = 64
"""Maximum number of tasks whose instances are cached."""
BATCH = 4096
"""Programs run between two checks for an interrupt."""
WORLD_FIELDS = (
    *("task", "profile", "seed", "map", "agent", "sparse", "height", "width", "walls", "markers"),
    *("seeds", "held_out_seeds", "worlds", "held_out_worlds"),
)
"""Fields of a world given on the command line."""


class KarelEvaluator(Evaluator):
    """Judges a policy by its mean reward on a task's instances and, separately, on the held-out instances.

    ``log_likelihood`` is 0 for the best possible reward; ``score`` is the reward divided by the best possible reward,
    clipped to [0, 1]. Under the task ``free`` every program that can be run is right, and there is no reward. Programs
    are λ-terms in ``library`` or Karel tokens.
    """

    def __init__(self, library: Library) -> None:
        self._definitions = expanded_definitions(
            {
                production.name: parse_term(production.definition)
                for production in library.productions
                if production.definition is not None
            }
        )
        self._instances: dict[bytes, tuple[Instances, Instances | None]] = {}

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """One verdict for each program; its one output holds the reward and the count of each action."""
        return [self._judge(task, programs) for task, programs in jobs]

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """Run each program on each world; an outcome's value describes the episode.

        A world is ``{"map", "agent"}`` as in `Picture`, or a task's environment; either may name a profile, a task and
        a seed. Without arguments, a world is generated.
        """
        return [self._run(job) for job in jobs]

    def plain(self, program: str) -> str:
        """The program with its abstractions expanded; PsynthError if the text is not a term."""
        if not self._definitions and "#(" not in program and "(lam" not in program:
            return program
        return program if program.lstrip().startswith("DEF") else expanded(program, self._definitions)

    def _judge(self, task: Task, programs: Sequence[str]) -> list[Verdict]:
        instances, held_out = self._instances_of(task)
        scores = self._evaluate(instances, programs)
        unseen = [None] * len(programs) if held_out is None else self._evaluate(held_out, programs)
        return [_verdict(score, later, instances.best_reward) for score, later in zip(scores, unseen, strict=True)]

    def _evaluate(self, instances: Instances, programs: Sequence[str]) -> list[Score | ProgramError]:
        results: list[Score | ProgramError] = []
        for start in range(0, len(programs), BATCH):
            texts: list[str] = []
            refused: dict[int, ProgramError] = {}
            for index, program in enumerate(programs[start : start + BATCH]):
                try:
                    texts.append(self.plain(program))
                except PsynthError as error:
                    refused[index] = ProgramError("parse", str(error))
                    texts.append("")
            scored = instances.evaluate(texts)
            results += [refused.get(index, score) for index, score in enumerate(scored)]
        return results

    def _instances_of(self, task: Task) -> tuple[Instances, Instances | None]:
        key = orjson.dumps(task.environment)
        if key not in self._instances:
            try:
                environment = Environment.from_json(task.environment)
                instances = environment.instances()
                if instances is None:
                    raise InputError("the environment has neither seeds nor worlds")
                found = instances, environment.held_out()
            except InputError as error:
                raise InputError(error.message, task=task.id) from error
            if len(self._instances) >= CACHED:
                self._instances.pop(next(iter(self._instances)))
            self._instances[key] = found
        return self._instances[key]

    def _run(self, job: Job) -> list[Outcome] | ProgramError:
        if job.request not in (None, REQUEST):
            return ProgramError("type", f"programs of karel have type {REQUEST}, not {job.request}")
        try:
            program = self.plain(job.program)
        except PsynthError as error:
            return ProgramError("parse", str(error))
        outcomes: list[Outcome] = []
        for arguments in job.inputs:
            if len(arguments) > 1:
                return ProgramError("type", "a policy takes one world")
            try:
                instances = _world(arguments[0] if arguments else {})
            except InputError as error:
                outcomes.append(Outcome("error", message=str(error)))
                continue
            [checked] = instances.evaluate([program])
            if isinstance(checked, ProgramError):
                return checked
            outcomes.append(Outcome("ok", _episode(instances.trace(program, states=True))))
        return outcomes


def expanded(program: str, definitions: Mapping[str, Term]) -> str:
    """A λ-term with its abstractions expanded, in β-normal form; PsynthError if the text is not a term."""
    named = replace_names(parse_term(program), lambda name: definitions.get(name.text, name))
    return str(beta_normal(expand(named, {})))


def _verdict(score: Score | ProgramError, held_out: Score | ProgramError | None, best: float) -> Verdict:
    if isinstance(score, ProgramError):
        return Verdict("error", -math.inf, None, rejected=score)
    output = {"reward": score.reward, "actions": dict(zip(actions(), score.actions, strict=True))}
    return Verdict(
        "ok",
        log_likelihood=0.0 if score.reward >= best - ROUNDING else -math.inf,
        score=min(1.0, max(0.0, score.reward / best)) if best > 0 else float(score.reward >= best),
        reward=score.reward if best > 0 else None,
        outputs=(Outcome("ok", output),),
        held_out_reward=held_out.reward if isinstance(held_out, Score) else None,
    )


def _world(data: Any) -> Instances:
    """The one instance that an argument of ``psynth evaluate -e`` describes."""
    if not isinstance(data, Mapping):
        raise InputError('a world is an object such as {"task": "maze", "profile": "leaps", "seed": 3} or {"map": …}')
    unknown = [name for name in data if name not in WORLD_FIELDS]
    if unknown:
        hint = did_you_mean(unknown[0], WORLD_FIELDS)
        raise InputError(f"a world has no {unknown[0]!r}{hint}; it may have {', '.join(WORLD_FIELDS)}")
    described = {"profile": "prog-policies", "seeds": [data.get("seed", 0)]} | dict(data)
    if "map" in data:
        if "task" not in data:
            return Instances.from_pictures("free", described["profile"], [Picture.from_json(data)])
        described["worlds"] = [data]
    elif "task" not in data:
        described["task"] = "harvester"
    environment = Environment.from_json(described)
    instances = environment.instances()
    assert instances is not None
    return instances


def _episode(trace: Trace) -> dict[str, Any]:
    """One episode as JSON: its reward, end, actions and last state."""
    names = actions()
    return {
        "reward": trace.reward,
        "end": trace.end,
        "actions": [names[action] for action in trace.actions],
        **trace.states[-1].to_json(),
    }
