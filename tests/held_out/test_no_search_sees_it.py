"""No search sees what is held out: over every registered search method and every kind of domain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.stream.records import decode
from psynth.plugins import (
    Context,
    End,
    Engines,
    Frontier,
    Model,
    Program,
    Record,
    Scope,
    SearchMethod,
    Stop,
    VisibleTask,
)
from tests.held_out.cases import CASES, PIECES, Case, as_plain
from tests.psynth_leaps.conftest import model
from tests.toys.registered import everything, methods

__all__ = ["model"]

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

KNOWN = everything()
SETTINGS: dict[str, dict[str, Any]] = {
    "windows": {"max_programs": 3000},
    "levels": {"max_programs": 3000},
    "random": {"max_programs": 1500},
    "hill-climb": {"max_evaluations": 20_000},
    "scheduled": {"max_evaluations": 20_000},
    "cem": {"max_evaluations": 150, "population": 16, "iterations": 5, "restarts": 2},
    "cebs": {"max_evaluations": 150, "population": 16},
}
"""Budgets that keep the tests short; a method that has none here runs with its defaults."""
LATENT = ("cem", "cebs")
"""Methods that search with a model of Karel's programs, too small to solve much."""
POLICY = "policy"
"""The method that samples from a model of a task's programs, likewise small, in every domain."""


ASKING = "llm"
"""The method that searches with a language model."""
COVERING = "grid"
"""The method that covers grids by pieces of them, which no other has primitives for."""

OTHERS = {"grammar", "subterm", "crossover", "joint", "stitch", "template", "embedding"} | {
    "given",
    "cheapest",
    "dreams",
    "recognition",
    "hindsight",
    "priority",
    "python-ast",
    "python-crossover",
    "vector",
    "diff",
    "archive",
    "lineage",
    "codeit",
}
"""Methods that search for no programs of tasks: they draw, vary, learn, name, keep."""
EVOLVING = {"map-elites", "genetic", "islands"}
"""Searches with a frame of their own, which judges on `Domain.visible`; `check_method` holds them to the same."""


def searches() -> list[str]:
    """The registered search methods, by the frame that they are built on."""
    return [name for name in methods(KNOWN) if issubclass(KNOWN.method(*name.split()), SearchMethod)]


def test_every_search_is_built_on_the_frame() -> None:
    assert {name.split()[1] for name in searches()} | OTHERS | EVOLVING == {name.split()[1] for name in methods(KNOWN)}
    assert SETTINGS.keys() <= {name.split()[1] for name in searches()}


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("name", searches())
def test_what_is_held_out_changes_nothing_and_is_judged_at_the_end(
    name: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    before: list[Record] = []
    latent = name.split()[1] in LATENT
    if latent:
        if kind != "karel":
            pytest.skip("its model is one of Karel's programs")
        before = [each for each in trained(request) if isinstance(each, Model)]
    if (name.split()[1] == COVERING) != (kind == PIECES):
        pytest.skip("grids are covered by pieces, and pieces are for nothing else")
    if name.split()[1] == ASKING:
        pytest.skip("it asks a language model; its problem, from which prompts are made, is checked below")
    case = CASES[kind](KNOWN)
    if name.split()[1] == POLICY:
        before, latent = policy(case, tmp_path), True
    found = searched(name, case, before, held_out=True)
    for frontier in found:
        assert frontier.task is not None
        assert frontier.search is not None
        assert frontier.search.programs, "it searched"
        solutions = [each for each in frontier.programs if each.log_likelihood == 0]
        assert solutions or latent, "what is shown can be solved"
        for program in frontier.programs:
            if program.program not in case.starts or program.status is not None:
                share, reward = case.truth(frontier.task, program.program)
                assert (program.held_out, program.held_out_reward) == (share, reward)
        for program in solutions:
            unseen = [each for each in (program.held_out, program.held_out_reward) if each is not None]
            assert unseen
            assert max(unseen) < 1, "the halves contradict"
            assert program.score == 1.0
            assert program.reward in (None, 1.0)
    noted = getattr(case.domain, "judged_whole", set())
    kept = {(each.task.id, program.program) for each in found if each.task for program in each.programs}
    assert noted <= kept, "only what is kept is judged on what is held out"
    unaware = searched(name, case, before, held_out=False)
    assert [shown(each) for each in found] == [shown(each) for each in unaware]


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("name", searches())
def test_the_problem_that_a_search_gets_shows_what_the_domain_shows(name: str, kind: str) -> None:
    case = CASES[kind](KNOWN)
    method = cast(SearchMethod, KNOWN.method(*name.split())())
    with Engines() as engines:
        context = Context("testing", registry=case.registry, engines=engines)
        for frontier in case.frontiers(held_out=True):
            problem = method.problem(frontier, Scope(context.library_for), context, Stop())
            assert type(problem.task) is VisibleTask
            assert as_plain(problem.task) == as_plain(case.domain.visible(frontier.task or problem.task))
            assert "held_out" not in str(problem.task.environment)
            assert "test" not in {example.split for example in problem.task.examples}


def trained(request: pytest.FixtureRequest) -> Sequence[Record]:
    """The records that training a small model writes; skips without torch."""
    pytest.importorskip("torch")
    fixture: tuple[Path, list[Record]] = request.getfixturevalue("model")
    return fixture[1]


def policy(case: Case, folder: Path) -> list[Record]:
    """The record of a small policy trained on drawn programs, as if these solved the tasks; skips without torch."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    given: list[Record] = [case.library]
    with Engines() as engines:
        for frontier in case.frontiers(held_out=False):
            assert frontier.task is not None
            with engines.lambda_machine() as machine:
                drawn = machine.sample(
                    case.library.to_json(), frontier.task.request or "", seed=1, count=4, max_depth=3
                )
            programs = tuple(Program(str(each["program"]), log_likelihood=0.0) for each in drawn)
            given.append(Frontier(frontier.task, programs))
        train = KNOWN.method("train", POLICY)(model=folder / "model", hidden=16, layers=1, heads=2, epochs=1)
        context = Context("train", registry=case.registry, engines=engines)
        made = list(train.run(iter([*given, End("complete")]), context))
    return [each for each in made if isinstance(each, Model)]


def searched(name: str, case: Case, before: Sequence[Record], *, held_out: bool) -> list[Frontier]:
    """The frontiers that a method makes of a case's tasks."""
    command, method = name.split()
    made = KNOWN.method(command, method)(**SETTINGS.get(method, {}))
    records = [*before, case.library, *case.frontiers(held_out=held_out), End("complete")]
    with Engines() as engines:
        context = Context(command, seed=1, registry=case.registry, engines=engines)
        return [record for record in made.run(iter(records), context) if isinstance(record, Frontier)]


def shown(frontier: Frontier) -> Any:
    """A frontier without its task and without what is said of held-out data."""
    data = decode(frontier.encode())
    for program in data["programs"]:
        program.pop("held_out", None)
        program.pop("held_out_reward", None)
    return data["task"]["id"], data["programs"], data["search"]
