"""A toy grammar of two productions, tasks that one of them solves, and networks trained on these in a second."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from psynth_list.domain import List

from psynth.core.stream.records import (
    Contextual,
    End,
    Example,
    Frontier,
    Library,
    Production,
    Program,
    Record,
    Task,
    Weights,
)
from psynth.plugins.features import Features, ImageFeatures
from psynth.plugins.method import Context
from psynth.plugins.registry import Registry
from psynth.plugins.visible_task import VisibleTask

REQUEST = "list(int) -> list(int)"
TOY = Library(
    "list",
    (Production("cdr", "list(t0) -> list(t0)", 0.0), Production("reverse", "list(t0) -> list(t0)", 0.0)),
    0.0,
)
SMALL = {
    "hidden": 32,
    "steps": 100,
    "batch": 8,
    "rate": 1e-2,
    "report": 50,
    "validation": 0.2,
    "checkpoint": 0.0,
    "device": "cpu",
}
"""Settings of a network that trains in a second."""


class Pictures(ImageFeatures):
    """Values of the lists of a task as the rows of an image."""

    shape = (2, 8, 8)

    def image(self, task: VisibleTask) -> Any:
        """The inputs in one plane, the outputs in the other."""
        import numpy as np

        image = np.zeros(self.shape, dtype=np.float32)
        for row, example in enumerate(task.examples[:8]):
            for plane, value in enumerate((example.inputs[0], example.output)):
                image[plane, row, : len(value)] = value
        return image / 3


class Drawn(List):
    """Lists, with images of the tasks."""

    def features(self) -> Features:
        """The pictures."""
        return Pictures()


class Toys(Registry):
    """The installed plugins; the domain ``list`` has the features that a test asks for."""

    encoder = "tokens"

    def domain(self, name: str) -> Any:
        """The domain."""
        return super().domain(name) if name != "list" else Drawn() if self.encoder == "image" else List()


def toy_context(command: str, encoder: str = "tokens", **settings: Any) -> Context:
    """A context in which the domain ``list`` is seen by an encoder."""
    registry = Toys()
    registry.encoder = encoder
    return Context(command, registry=registry, **settings)


def task(number: int, name: str, seed: int = 0) -> Frontier:
    """A task that the production ``name`` solves, with its solution."""
    rng = random.Random(f"{seed} {number} {name}")
    examples = []
    for _ in range(4):
        values = [rng.randint(1, 3) for _ in range(4)]
        examples.append(Example([values], values[1:] if name == "cdr" else values[::-1]))
    program = Program(f"(lambda ({name} $0))", log_prior=-1.0, log_likelihood=0.0, score=1.0)
    origin = "dream" if number % 2 else None
    return Frontier(
        Task(f"list/{name}-{seed}-{number:03}", "list", REQUEST, examples=tuple(examples), origin=origin), (program,)
    )


def solved(count: int, seed: int = 0) -> list[Record]:
    """The toy library, and as many tasks of each production, half of them dreams."""
    return [TOY, *(task(number, name, seed) for number in range(count) for name in ("cdr", "reverse"))]


def train(
    folder: Path,
    records: Sequence[Record],
    *,
    seed: int = 0,
    sees: str = "tokens",
    jobs: int = 1,
    said: list[str] | None = None,
    **settings: Any,
) -> list[Record]:
    """The output of training on a stream; the warnings are added to ``said``."""
    pytest.importorskip("torch", reason="the extra neural is not installed")
    from psynth_recognition.recognition import Recognition

    method = Recognition(model=folder, **(SMALL | settings))
    warnings: list[str] = [] if said is None else said
    context = toy_context("train", sees, seed=seed, jobs=jobs, warn=warnings.append)
    return list(method.run(iter([*records, End("complete")]), context))


def guided(folder: Path | None, records: Sequence[Record], sees: str = "tokens") -> list[Record]:
    """The output of guiding a stream."""
    from psynth_recognition.guide import Guide

    return list(Guide(model=folder).run(iter([*records, End("complete")]), toy_context("guide", sees)))


def weights_in(records: Sequence[Record]) -> list[Weights | Contextual | None]:
    """The weights of the frontiers."""
    return [each.weights for each in records if isinstance(each, Frontier)]
