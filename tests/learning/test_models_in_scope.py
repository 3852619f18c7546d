"""Which model a task search gets: the nearest before the frontier of its own kind and the task's domain, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import given
from hypothesis import strategies as st

from psynth.core.errors import InputError
from psynth.core.stream.records import End, Frontier, Library, Model, Production, Record, Task
from psynth.plugins.method import Context
from psynth.plugins.search import TaskSearchMethod

KINDS, DOMAINS = ("toy", "embedding"), ("ones", "twos")

handed_over: list[Model | None] = []
"""The models of the searches of one run, in the order of their frontiers."""


@dataclass(frozen=True)
class Toy(TaskSearchMethod):
    """A search that only notes its model."""

    name: ClassVar[str] = "toy-search"
    model_kind: ClassVar[str | None] = "toy"

    def search(self, frontier: Frontier, library: Library, model: Model | None, context: Context) -> Any:
        """Note the model, and refuse to search."""
        handed_over.append(model)
        raise InputError("not searched")


def model(kind: str, domain: str, number: int) -> Model:
    """A model whose path is its own."""
    return Model(kind=kind, path=f"{kind}-{domain}-{number}", domain=domain)


def frontier(domain: str, number: int) -> Frontier:
    """A frontier without programs."""
    return Frontier(task=Task(id=f"{domain}/{number}", domain=domain))


def handed(records: Sequence[Record]) -> list[Model | None]:
    """The model that each frontier's search gets."""
    handed_over.clear()
    libraries = [Library(domain, (Production("one", "int", 0.0),), 0.0) for domain in DOMAINS]
    context = Context("cem-search", bad_input=lambda error: True)
    passed = list(Toy().run(iter([*libraries, *records, End("complete")]), context))
    assert passed == [*libraries, *records, End("complete")]
    return list(handed_over)


def test_a_model_of_another_kind_or_domain_is_never_handed_over() -> None:
    right = model("toy", "ones", 0)
    others = [model("embedding", "ones", 1), model("toy", "twos", 2), model("embedding", "twos", 3)]
    assert handed([right, *others, frontier("ones", 0)]) == [right]
    assert handed([*others[::2], frontier("ones", 0), frontier("twos", 0)]) == [None, None]
    assert handed([frontier("ones", 0), right]) == [None]


entries = st.tuples(st.sampled_from(["model", "frontier"]), st.sampled_from(KINDS), st.sampled_from(DOMAINS))


@given(st.lists(entries, max_size=12))
def test_the_nearest_model_before_a_frontier_is_handed_over(drawn: list[tuple[str, str, str]]) -> None:
    records: list[Record] = [
        model(kind, domain, number) if what == "model" else frontier(domain, number)
        for number, (what, kind, domain) in enumerate(drawn)
    ]
    expected = []
    for place, record in enumerate(records):
        if isinstance(record, Frontier) and record.task is not None:
            before = [each for each in reversed(records[:place]) if isinstance(each, Model)]
            fit = [each for each in before if (each.kind, each.domain) == ("toy", record.task.domain)]
            expected.append(fit[0] if fit else None)
    assert handed(records) == expected
