"""Which model a task search gets: the nearest before the frontier of its own kind and the task's domain, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import given
from hypothesis import strategies as st

from psynth.core.errors import InputError
from psynth.core.stream.records import End, Frontier, Model, Record, Task
from psynth.plugins.domain import Domain
from psynth.plugins.method import Context
from psynth.plugins.python_domain import Primitive, PythonDomain
from psynth.plugins.registry import Registry
from psynth.plugins.search import Problem
from psynth.plugins.task_search import TaskSearch, TaskSearchMethod

KINDS, DOMAINS = ("toy", "embedding"), ("ones", "twos")


class Ones(PythonDomain):
    """A domain of one number."""

    name = DOMAINS[0]
    help = "ones"
    primitive_sets: ClassVar = {"all": "everything"}
    primitives: ClassVar = [Primitive("one", "int", 1)]

    def tasks(self, settings: Any, seed: int) -> Iterator[Task]:
        """No tasks."""
        yield from ()


class Twos(Ones):
    """Another domain of one number."""

    name = DOMAINS[1]


class Known(Registry):
    """Both domains."""

    def domain(self, name: str) -> Domain:
        """The domain of a name."""
        return {"ones": Ones(), "twos": Twos()}[name]


handed_over: list[Model | None] = []
"""The models of the searches of one run, in the order of their frontiers."""


@dataclass(frozen=True)
class Toy(TaskSearchMethod):
    """A search that only notes its model."""

    name: ClassVar[str] = "toy-search"
    model_kind: ClassVar[str | None] = "toy"

    def search(self, problem: Problem) -> TaskSearch:
        """Note the model, and refuse to search."""
        handed_over.append(problem.model)
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
    libraries: list[Record] = [Ones().library(), Twos().library()]
    context = Context("search", registry=Known(), bad_input=lambda error: True)
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
