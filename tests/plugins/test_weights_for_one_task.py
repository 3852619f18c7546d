"""Weights that travel with a frontier guide its search, and leave sharing and compression as they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from psynth_library.stitch import Stitch
from psynth_search.climbing import HillClimb
from psynth_search.windows import Windows

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.stream.records import End, Frontier, Library, Record, Task, Weights
from psynth.plugins.method import Context, Method

pytestmark = pytest.mark.usefixtures("lambda_machine")


@dataclass(frozen=True)
class Guide(Method):
    """A toy of what a recognition network does: productions that a task's solution needs become likelier."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records, each frontier with weights of its own."""
        library: Library | None = None
        for record in records:
            if isinstance(record, Library):
                library = record
            if isinstance(record, Frontier) and library is not None:
                record = dataclasses.replace(
                    record, weights=favor(library, "reverse" if "rev" in str(record) else "cdr")
                )
            yield record


def reverses(task: Task | None) -> bool:
    return task is not None and "rev" in task.id


def favor(library: Library, name: str) -> Weights:
    return Weights(tuple(3.0 if each.name == name else 0.0 for each in library.productions), 0.0)


def stream(count: int | None = 6) -> list[Record]:
    domain = Context("tasks").domain("list")
    return list(domain.records(domain.TaskSettings(count=count), 0))


def run(method: Method, records: list[Record], command: str = "enumerate") -> list[Record]:
    return [
        each for each in method.run(iter([*records, End("complete")]), Context(command)) if not isinstance(each, End)
    ]


def with_weights(library: Library, weights: Weights) -> Library:
    productions = zip(library.productions, weights.log_weights, strict=True)
    new = tuple(dataclasses.replace(each, log_weight=weight) for each, weight in productions)
    return dataclasses.replace(library, productions=new, log_variable=weights.log_variable)


def found(record: Record) -> tuple[object, object]:
    assert isinstance(record, Frontier)
    return record.programs, record.search


@pytest.mark.parametrize(
    ("command", "method"),
    [
        ("enumerate", Windows(max_programs=20_000)),
        ("search", HillClimb(max_evaluations=400, start="grammar")),
    ],
)
def test_a_search_with_weights_is_one_in_a_library_with_these_weights(command: str, method: Method) -> None:
    library, *frontiers = stream()
    assert isinstance(library, Library)
    weights = favor(library, "cdr")
    guided = [dataclasses.replace(each, weights=weights) for each in frontiers if isinstance(each, Frontier)]
    ours = run(method, [library, *guided], command)
    theirs = run(method, [with_weights(library, weights), *frontiers], command)
    assert [found(each) for each in ours if isinstance(each, Frontier)] == [
        found(each) for each in theirs if isinstance(each, Frontier)
    ]
    plain = run(method, [library, *frontiers], command)
    assert [found(each) for each in ours if isinstance(each, Frontier)] != [
        found(each) for each in plain if isinstance(each, Frontier)
    ]


def test_tasks_with_the_same_weights_share_an_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    enumerate_ = LambdaMachine.enumerate

    def counted(self: LambdaMachine, library: object, request: str, tasks: list[object], *rest: object, **more: object):  # type: ignore[no-untyped-def]
        calls.append(len(tasks))
        return enumerate_(self, library, request, tasks, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(LambdaMachine, "enumerate", counted)
    records = stream(12)
    tasks = [each.task for each in records if isinstance(each, Frontier) and each.task is not None]
    guided = run(Guide(), records)
    run(Windows(max_programs=500), guided)
    kinds = {(task.request, reverses(task)) for task in tasks}
    assert sorted(calls) == sorted(sum((task.request, reverses(task)) == kind for task in tasks) for kind in kinds)


def test_compression_sees_one_library_and_drops_weights_that_no_longer_fit() -> None:
    solved = run(Windows(max_programs=20_000), run(Guide(), stream(None)))
    compressed = run(Stitch(iterations=2), solved, "compress")
    [library] = [each for each in compressed if isinstance(each, Library)]
    assert any(each.definition is not None for each in library.productions)
    assert all(each.weights is None for each in compressed if isinstance(each, Frontier))
    again = run(Windows(max_programs=2_000), compressed)
    assert len(again) == len(compressed)
