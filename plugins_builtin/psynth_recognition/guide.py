"""The guide method ``recognition``, which writes the weights that a trained network predicts onto frontiers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from psynth.core.errors import InputError
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Model, Record
from psynth.core.stream.scope import Scope, scoped
from psynth.learning.extras import require
from psynth.learning.model_folder import ModelFolder
from psynth.plugins.method import TASKS, Context, Method
from psynth_recognition.settings import KIND

if TYPE_CHECKING:
    from psynth_recognition.trained import Recognizer


@dataclass(frozen=True)
class Guide(Method):
    """Write onto each frontier the weights that a recognition network predicts for its task.

    The model is that of --model or of the nearest model record of the task's domain. psynth enumerate and every other
    search use the weights of a frontier instead of the library's, weights by context (--grammar bigram), too. A model
    is refused with another library than the one that it was trained with. The bound up to which an earlier search
    tried all programs (search.max_cost) is removed, as it holds for the weights of that search.
    """

    resumable = True
    replaces_weights = True

    model: Path | None = setting(
        None,
        file="read",
        value="DIR",
        main=True,
        help="the model's folder (default: that of the stream's model record)",
    )

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield all records, each frontier with the weights for its task."""
        require("--method recognition", "torch", "safetensors")
        import torch

        # One task at a time: more threads do not pay, and would change the order of sums.
        torch.set_num_threads(1)
        opened: dict[str, Recognizer] = {}
        context.progress.start(None, TASKS)
        for record, scope in scoped(records, context.library_for):
            if not isinstance(record, Frontier) or record.task is None:
                yield record
                continue
            try:
                guided = self._guided(record, scope, opened, context)
            except InputError as error:
                if error.source is not None:
                    raise  # What is wrong with the model's files is not the frontier's fault.
                if context.bad_input(record.error(error.message)):
                    yield record
                continue
            context.progress.passed(guided)
            yield guided

    def found(self, record: Record) -> bool:
        """Whether a record is a frontier with weights."""
        return isinstance(record, Frontier) and record.weights is not None

    def _guided(self, frontier: Frontier, scope: Scope, opened: dict[str, Recognizer], context: Context) -> Frontier:
        assert frontier.task is not None
        domain = context.domain(frontier.task.domain)
        record = scope.model(KIND, domain.name)
        key = f"{domain.name} {'' if record is None else record.sha256}"
        if key not in opened:
            from psynth_recognition.trained import Recognizer

            opened[key] = Recognizer(self._folder(record, domain.name, context), domain)
        weights = opened[key].weights(domain.visible(frontier.task), scope.library(frontier))
        search = None if frontier.search is None else replace(frontier.search, max_cost=None)
        return replace(frontier, weights=weights, search=search)

    def _folder(self, record: Model | None, domain: str, context: Context) -> ModelFolder:
        if self.model is not None:
            return ModelFolder(self.model)
        if record is None:
            raise InputError(f"no recognition model of {domain} in the stream: name a model's folder with --model")
        return ModelFolder.open(record, context.warn)
