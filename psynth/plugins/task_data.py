"""Checks the data of tasks as searches and evaluations would, without running a program."""

from __future__ import annotations

from psynth.core.closing import Closing
from psynth.core.errors import InputError
from psynth.core.stream.records import Contextual, Frontier, Library, Task, Weights
from psynth.core.stream.scope import OTHER_WEIGHTS, Scope
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget, Evaluator
from psynth.plugins.method import Context


class TaskData(Closing):
    """Checks tasks by the evaluators of their domains, one for each domain and library."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open: dict[str, tuple[Library, Evaluator]] = {}

    def close(self) -> None:
        """Close the evaluators."""
        while self._open:
            self._open.popitem()[1][1].close()

    def fault(self, frontier: Frontier, scope: Scope) -> str | None:
        """Why a search for a frontier's task would refuse it; None if nothing is wrong or nothing can be judged."""
        task = frontier.task
        if task is None or not has_criterion(task):
            return None
        try:
            domain, library = self._context.domain(task.domain), scope.library(frontier)
        except InputError:  # an unknown domain, which is reported elsewhere
            return None
        if LAMBDA in domain.languages and task.request is None:
            return "a task with something to judge programs by needs a request"
        fault = None if frontier.weights is None else weights_fault(frontier.weights, library)
        if fault is not None:
            return fault
        try:
            domain.visible(task)
            self._evaluator(domain, library).check_task(task)
        except InputError as error:
            return error.message
        return None

    def _evaluator(self, domain: Domain, library: Library) -> Evaluator:
        known = self._open.get(domain.name)
        if known is not None and known[0] is library:
            return known[1]
        if known is not None:
            known[1].close()
        language = LAMBDA if LAMBDA in domain.languages else next(iter(domain.languages))
        evaluator = domain.evaluator(library, Budget(), language=language, engines=self._context.engines)
        self._open[domain.name] = library, evaluator
        return evaluator


def has_criterion(task: Task) -> bool:
    """Whether a task has anything to judge programs by: examples or an environment."""
    return bool(task.examples or task.environment)


def weights_fault(weights: Weights | Contextual, library: Library) -> str | None:
    """Why weights do not fit a library: a wrong number of them, or of productions; None if they fit."""
    size = len(library.productions)
    if isinstance(weights, Weights):
        count = len(weights.log_weights)
        return None if count == size else f"{OTHER_WEIGHTS} ({count} weights for {size} productions)"
    unknown = weights.productions.keys() - {each.name for each in library.productions}
    if unknown:
        return f"{OTHER_WEIGHTS} (weights for {min(unknown)}, which the library lacks)"
    everywhere = [weights.start, weights.variable, *(each for part in weights.productions.values() for each in part)]
    return next(filter(None, (weights_fault(each, library) for each in everywhere)), None)
