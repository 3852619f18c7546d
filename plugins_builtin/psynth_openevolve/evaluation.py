"""Evaluates programs by the evaluators of task folders, each call in a process of its own in the sandbox."""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from psynth.core.engines.sandbox import SandboxJob
from psynth.core.engines.sandbox_settings import MEGABYTE, SandboxSettings
from psynth.core.python_source import syntax_fault
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Budget, Evaluator, Job, Outcome, ProgramError, Verdict
from psynth.plugins.source_runner import LARGEST_VALUE, Answer, SourceRunner, recordable
from psynth_openevolve.environment import EVALUATE, Environment

INSIDE = Path(__file__).with_name("inside.py")
FUNCTION = "judge"
COMBINED = "combined_score"
"""The metric that is the fitness, where there is one."""
ERROR = "error"
"""A metric that is not part of the mean."""
SCRATCH = 256
"""Megabytes of files that a call may write, its task's files among them."""
PROCESSES = 64
"""Processes and threads of a call: evaluators start some of their own."""
FILES = 256


class FolderEvaluator(Evaluator):
    """Judges programs by one function of their task's evaluator: metrics, of which one or the mean is the reward."""

    def __init__(self, budget: Budget, jobs: int, warn: Callable[[str], None]) -> None:
        self._budget, self._jobs, self._warn = budget, jobs, warn
        self._inside = INSIDE.read_text(encoding="utf-8")
        self._runners: dict[SandboxSettings, SourceRunner] = {}
        self._canceled = threading.Event()

    def close(self) -> None:
        """End the sandboxes."""
        for runner in self._runners.values():
            runner.close()

    def cancel(self) -> None:
        """End, from another thread, the current and all later calls with ``Canceled``."""
        self._canceled.set()
        for runner in list(self._runners.values()):
            runner.cancel()

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """An error for each input: only the evaluator of a task calls its programs."""
        why = "programs of the domain 'openevolve' are called by the evaluator of their task alone"
        return [[Outcome("error", message=why) for _ in job.inputs] for job in jobs]

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Call the evaluator of each task for its programs, all with the same limits in one batch."""
        environments = [Environment.of(task) for task, _ in jobs]
        verdicts: list[list[Verdict | None]] = [[_unparsed(program) for program in programs] for _, programs in jobs]
        batches: dict[SandboxSettings, list[tuple[int, int]]] = {}
        for place, environment in enumerate(environments):
            for number, verdict in enumerate(verdicts[place]):
                if verdict is None:
                    batches.setdefault(self._settings(environment), []).append((place, number))
        requests = [_request(each) for each in environments]
        for settings, places in batches.items():
            calls = [
                SandboxJob(self._inside, FUNCTION, [[jobs[place][1][number], requests[place]]])
                for place, number in places
            ]
            for (place, number), answer in zip(places, self._runner(settings).run(calls), strict=True):
                verdicts[place][number] = _verdict(answer, environments[place])
        return [[verdict for verdict in each if verdict is not None] for each in verdicts]

    def _settings(self, environment: Environment) -> SandboxSettings:
        memory = max(1, self._budget.memory // MEGABYTE)
        return SandboxSettings(
            wall=environment.timeout,
            cpu=None,
            memory=memory if environment.memory is None else min(memory, environment.memory),
            processes=PROCESSES,
            files=FILES,
            result=LARGEST_VALUE,
            scratch=SCRATCH,
            packages=tuple(each for each in environment.packages if is_installed(each)),
        )

    def _runner(self, settings: SandboxSettings) -> SourceRunner:
        if settings not in self._runners:
            self._runners[settings] = SourceRunner(settings, self._jobs, self._warn)
            if self._canceled.is_set():
                self._runners[settings].cancel()
        return self._runners[settings]


def is_installed(package: str) -> bool:
    """Whether a package can be imported; it is not."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _unparsed(program: str) -> Verdict | None:
    """The verdict on a text that is no Python."""
    fault = syntax_fault(program)
    return None if fault is None else Verdict("error", -math.inf, None, rejected=ProgramError("parse", fault))


def _request(environment: Environment) -> dict[str, Any]:
    """What the code in the sandbox is told of a task."""
    arguments = environment.arguments if environment.function == EVALUATE else {}
    return {
        "files": dict(environment.files),
        "evaluator": environment.evaluator,
        "function": environment.function,
        "arguments": dict(arguments),
    }


def _verdict(answer: Answer, environment: Environment) -> Verdict:
    if isinstance(answer, ProgramError):
        return Verdict("error", -math.inf, None, message=answer.message)
    [outcome] = map(recordable, answer)
    if outcome.status != "ok":
        return Verdict(outcome.status, -math.inf, None, outputs=(outcome,), message=outcome.message)
    value = outcome.value
    # The program may have answered in place of the evaluator: whatever came back is read as data.
    figures, artifacts = (_entries(value, name, kind) for name, kind in (("figures", float), ("artifacts", str)))
    outcome = dataclasses.replace(outcome, value=figures)
    return verdict_of(figures, artifacts, environment.features, (outcome,))


def _entries(value: Any, name: str, kind: type) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return {key: each for key, each in found.items() if type(each) is kind} if isinstance(found, dict) else {}


def verdict_of(
    figures: Mapping[str, float], artifacts: Mapping[str, str], features: Sequence[str], outputs: tuple[Outcome, ...]
) -> Verdict:
    """The verdict on metrics: the reward is `fitness`, the score is the reward within 0 and 1."""
    reward = fitness(figures, features)
    if reward is None:
        message = f"the metrics have no finite {COMBINED} or other number"
        return Verdict("error", -math.inf, None, None, outputs, message=message, figures=figures, artifacts=artifacts)
    score = min(1.0, max(0.0, reward))
    return Verdict("ok", None, score, reward, outputs, figures=figures, artifacts=artifacts)


def fitness(figures: Mapping[str, float], features: Sequence[str]) -> float | None:
    """The fitness in metrics, as OpenEvolve has it: ``combined_score``, else the mean of those that are no features.

    Without any such, the mean of all; None without any number.
    """
    if COMBINED in figures:
        return figures[COMBINED]
    numbers = {name: value for name, value in figures.items() if name != ERROR}
    counted = [value for name, value in numbers.items() if name not in features] or list(numbers.values())
    return sum(counted) / len(counted) if counted else None
