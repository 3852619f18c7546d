"""Programs drawn from Karel's grammar with worlds to show them in, and a small model trained on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from psynth_karel.domain import Karel

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.stream.records import End, Frontier, Library, Program, Record, Task
from psynth.plugins.method import Context

SMALL = {
    "latent": 16,
    "hidden": 24,
    "executor": 16,
    "filters": 4,
    "batch": 32,
    "rate": 5e-3,
    "demonstrations": 1,
    "validation": 0.1,
    "checkpoint": 0.0,
    "device": "cpu",
}
"""Settings of a model that trains in a second or two."""


def drawn(count: int, seed: int = 0, domain: str = "karel") -> list[Record]:
    """A stream of Karel's library, ``count`` programs with three worlds each, and the end."""
    library: Library = Karel().library("base")
    with LambdaMachine() as machine:
        found = machine.sample(library.to_json(), "stmt", seed=seed, count=count, max_depth=4)
    frontiers = [
        Frontier(
            task=Task(
                id=f"{domain}/dream/{number:04}",
                domain=domain,
                request="stmt",
                environment={"profile": "leaps", "task": "free", "seeds": [3 * number + step for step in range(3)]},
            ),
            programs=(Program(each["program"]),),
        )
        for number, each in enumerate(found)
    ]
    return [library, *frontiers, End("complete")]


def train(folder: Path, records: Sequence[Record], seed: int = 0, **settings: object) -> list[Record]:
    """What the method makes of a stream."""
    from psynth_leaps.embedding import Embedding

    method = Embedding(model=folder, **(SMALL | settings))  # type: ignore[arg-type]
    return list(method.run(iter(records), Context("train", seed=seed)))


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    """The folder of a small model with all three losses, and what training it wrote."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("embedding") / "model"
    return folder, train(folder, drawn(400), epochs=6, losses="prl", reinforce_from=0.0)
