"""A domain that a stranger wrote, without worlds: what can be learned of its programs, and searched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

pytest.importorskip("torch")

from psynth_leaps.embedding import Embedding
from psynth_leaps.latent import Cebs, Cem

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import InputError
from psynth.core.stream.records import End, Example, Frontier, Library, Metric, Program, Record, Task
from psynth.plugins.domain import Domain
from psynth.plugins.method import Context
from psynth.plugins.python_domain import Primitive, PythonDomain
from psynth.plugins.registry import Registry
from tests.psynth_leaps.conftest import SMALL

pytestmark = pytest.mark.neural


class Sums(PythonDomain):
    """Numbers made of ones."""

    name = "sums"
    help = "numbers"
    primitive_sets: ClassVar = {"all": "everything"}
    primitives: ClassVar = [
        Primitive("one", "int", 1),
        Primitive("add", "int -> int -> int", lambda left, right: left + right),
        Primitive("twice", "int -> int", lambda number: 2 * number),
    ]

    def tasks(self, settings: Any, seed: int) -> Iterator[Task]:
        """The number six."""
        yield Task("sums/6", "sums", "int", (Example([], 6),))


class Known(Registry):
    """The installed plugins, and the domain ``sums``."""

    def domain(self, name: str) -> Domain:
        return Sums() if name == "sums" else super().domain(name)


def programs() -> list[Record]:
    """The library and programs drawn from it."""
    library: Library = Sums().library()
    with LambdaMachine() as machine:
        drawn = machine.sample(library.to_json(), "int", seed=0, count=400, max_depth=4)
    task = Task("sums/drawn", "sums", "int")
    return [library, *[Frontier(task=task, programs=(Program(each["program"]),)) for each in drawn], End("complete")]


def test_its_programs_are_embedded_and_searched(tmp_path: Path) -> None:
    warned: list[str] = []
    context = Context("train", registry=Known(), warn=warned.append)
    trained = list(Embedding(model=tmp_path, epochs=8, **SMALL).run(iter(programs()), context))  # type: ignore[arg-type]
    assert any("--losses p" in line for line in warned)
    assert any("duplicate programs" in line for line in warned)
    assert not any(isinstance(each, Metric) and each.name == "executor_loss" for each in trained)
    [task] = Sums().tasks(None, 0)
    stream: list[Record] = [each for each in trained if not isinstance(each, Metric | End)]
    stream += [Frontier(task=task), End("complete")]
    for method in (
        Cem(max_evaluations=4000, sigma=1.0, iterations=10, restarts=50),
        Cebs(max_evaluations=2000, sigma=1.0),
    ):
        found = list(method.run(iter(stream), Context("search", registry=Known())))
        [frontier] = [each for each in found if isinstance(each, Frontier)]
        assert frontier.solved
        assert frontier.search is not None
        assert frontier.search.status == "solved"
        assert frontier.search.reward is None


def test_losses_that_need_demonstrations_are_refused(tmp_path: Path) -> None:
    context = Context("train", registry=Known())
    with pytest.raises(InputError, match="use --losses p"):
        list(Embedding(model=tmp_path, losses="pl").run(iter(programs()), context))
