"""The solver and mutation work on every domain with what it says of itself, also on those of third parties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from psynth_llm.mutation import Mutate
from psynth_llm.notation import notation_of
from psynth_llm.solver import Solver

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Context, Domain, End, Frontier, Program, Record, Task
from psynth.plugins.domain import LAMBDA
from psynth.plugins.registry import default_registry
from tests.fake_endpoint import FakeEndpoint, saying
from tests.toys.registered import all_installed, everything

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")


@pytest.fixture(autouse=True, scope="module")
def registered() -> Iterator[None]:
    """The built-in plugins, the example and the toys, as installed ones are found."""
    with all_installed():
        yield


def given(domain: Domain) -> list[Record]:
    """The library and two tasks."""
    tasks = domain.tasks(replace(domain.TaskSettings(), count=2), 0)
    return [domain.library(), *(Frontier(task) for task in tasks), End("complete")]


def answer(domain: Domain, task: Task, seed: int = 0) -> str:
    """A program for a task as a model may write it; another one for another seed."""
    notation = notation_of(domain, domain.library(), None)
    if notation.language != LAMBDA:
        text = f"[1, {seed}]\n" if notation.language == "json" else f"def f(*x): return {seed}\n"
        return f"```{notation.language}\n{text}```"
    with Context("sample").engines.lambda_machine() as machine:
        library = domain.library().to_json()
        [drawn] = machine.sample(library, task.request or "", seed=seed, count=1, max_depth=3)
    shown = notation.shown(Program(str(drawn["program"])))
    assert shown is not None
    return shown


DOMAINS = [name for name in everything().offers("domain") if name != "untyped"]
"""All but the one that has no tasks of its own."""


@pytest.mark.parametrize("name", DOMAINS)
def test_a_domain_is_described_and_its_programs_are_read(name: str) -> None:
    domain = default_registry().domain(name)
    records = given(domain)
    task = next(each.task for each in records if isinstance(each, Frontier))
    assert task is not None
    with FakeEndpoint(saying(answer(domain, task), "nothing of the kind (")) as endpoint:
        method = Solver(model=(endpoint.model(),), queries=1, samples=2, keep_unsolved=True)
        made = list(method.run(iter(records), Context("sample")))
    [first, *_] = [each for each in made if isinstance(each, Frontier)]
    assert first.search is not None
    ends = first.search.extra["samples"]
    assert sum(ends.values()) == 2
    assert ends["parse"] == 1
    assert ends.keys() & {"run", "unsolved", "solved"}, "a program of the domain is read and judged"
    system, *_, last = endpoint.asked[0]["messages"]
    syntax = domain.syntax()
    assert (syntax.notation or syntax.description) in system["content"]
    assert not task.descriptions or task.descriptions[0] in last["content"]


@pytest.mark.parametrize("name", DOMAINS)
def test_a_program_of_a_domain_is_changed(name: str) -> None:
    domain = default_registry().domain(name)
    [library, first, *_] = given(domain)
    assert isinstance(first, Frontier)
    assert first.task is not None
    notation = notation_of(domain, domain.library(), None)
    parent = notation.read(answer(domain, first.task), first.task.request)
    others = [answer(domain, first.task, seed) for seed in range(1, 9)]
    with FakeEndpoint(saying(*others)) as endpoint:
        records: list[Record] = [library, replace(first, programs=(parent,)), End("complete")]
        made = list(Mutate(model=(endpoint.model(),), count=8, distinct=True).run(iter(records), Context("mutate")))
    [frontier] = [each for each in made if isinstance(each, Frontier)]
    assert frontier.programs
    assert parent.program not in {each.program for each in frontier.programs}
    assert all(each.origin is not None and each.origin.from_ == (parent.program,) for each in frontier.programs)
    shown = notation.shown(parent)
    assert shown is not None
    assert shown in endpoint.asked[0]["messages"][-1]["content"]
