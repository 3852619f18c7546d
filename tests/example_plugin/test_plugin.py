"""The example plugin in this process: its domain and its method do what its README says."""

import tomllib
from dataclasses import replace

import pytest
from rich.console import Console

from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Frontier, Metric
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context
from tests.example_plugin.example_plugin import PLUGIN

REQUEST = "tile -> tile"


def run(tiles, program, *arguments):
    with tiles.evaluator(tiles.library(), Budget()) as evaluator:
        [outcome] = evaluator.run(program, None, [list(arguments)])
    return outcome


def test_the_package_is_complete_and_named_as_the_documentation_says():
    manifest = tomllib.loads((PLUGIN / "pyproject.toml").read_text())
    assert manifest["project"]["name"] == "psynth-example-tiles"
    assert manifest["project"]["entry-points"] == {"psynth": {"tiles": "psynth_example_tiles.plugin"}}
    assert (PLUGIN / "README.md").read_text().startswith("# psynth-example-tiles")


def test_it_is_registered_beside_the_built_in_plugins(registry):
    assert {"tiles", "list", "regex"} <= registry.offers("domain").keys()
    assert "random" in registry.offers("method", "enumerate")
    assert registry.conflicts() == []


@pytest.mark.parametrize(
    ("program", "argument", "result"),
    [
        ("(lambda (beside $0 (flip $0)))", ["#.", "##"], ["#..#", "####"]),
        ("(lambda (above $0 (invert $0)))", ["#."], ["#.", ".#"]),
        ("(lambda (turn $0))", ["#..", "##."], ["##", "#.", ".."]),
        ("(lambda (again 2 (lambda (beside $0 $0)) $0))", ["#"], ["####"]),
        ("(lambda (again 3 turn $0))", ["#."], [".", "#"]),
        ("(lambda (if-square $0 (turn $0) (flip $0)))", ["#."], [".#"]),
        ("(lambda (if-square $0 $0 (beside $0 (turn (above $0 $0)))))", ["##", ".."], ["##", ".."]),
    ],
)
def test_programs_draw(tiles, program, argument, result):
    outcome = run(tiles, program, argument)
    assert (outcome.status, outcome.value) == ("ok", result)


def test_what_does_not_fit_is_an_error_as_data(tiles):
    outcome = run(tiles, "(lambda (beside $0 (turn $0)))", ["#", "#"])
    assert outcome.status == "error"
    assert "differ in height" in outcome.message
    doubled = "$0"
    for _ in range(30):
        doubled = f"(again 3 (lambda (beside $0 $0)) {doubled})"
    huge = run(tiles, f"(lambda {doubled})", ["#"])
    assert (huge.status, huge.message) == ("memory", "MemoryError: a tile of more than 4096 cells")


def test_tasks_are_deterministic_solvable_and_split_cleanly(tiles):
    settings = tiles.TaskSettings(split="all")
    tasks = list(tiles.tasks(settings, 0))
    assert tasks == list(tiles.tasks(settings, 0))
    assert tasks[0].examples != next(tiles.tasks(settings, 1)).examples
    assert len({task.id for task in tasks}) == len(tasks) == 13
    assert [len(task.examples) for task in tiles.tasks(replace(settings, examples=7, count=1), 0)] == [7, 7]
    from psynth_example_tiles.domain import TARGETS

    programs = [program for split in ("train", "test") for _, _, program in TARGETS[split]]
    with tiles.evaluator(tiles.library(), Budget()) as evaluator:
        verdicts = evaluator.judge([(task, programs) for task in tasks])
    assert all(verdict.score == 1.0 for number, row in enumerate(verdicts) for verdict in row[number : number + 1])
    solved_by = [[n for n, verdict in enumerate(row) if verdict.score == 1.0] for row in verdicts]
    assert solved_by == [[n] for n in range(len(tasks))], "the examples must tell the tasks apart"


def test_tiles_are_drawn(tiles):
    task = next(tiles.tasks(tiles.TaskSettings(), 0))
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(tiles.views().draw_task(task))
    assert console.export_text().count("↓") == len(task.examples)
    assert tiles.views().format_value(["#.", "##"]) == "██··\n████"
    assert tiles.views().format_value(3) == "3"


def test_random_enumeration_finds_solutions_and_passes_the_rest_through(registry, tiles):
    from psynth_example_tiles.method import Random

    records = [Metric(name="x", value=1.0), tiles.library()]
    records += [Frontier(task=task) for task in tiles.tasks(tiles.TaskSettings(count=3), 0)]
    context = Context("enumerate", seed=3, registry=registry)
    method = Random(max_programs=3000)
    first, library, *frontiers = list(method.run(iter(records), context))
    assert [first, library] == records[:2]
    assert [frontier.task for frontier in frontiers] == [record.task for record in records[2:]]
    solved = [frontier for frontier in frontiers if frontier.solved]
    assert solved[0].programs[0].program == "(lambda (beside $0 $0))"
    grammar = grammar_of(library)
    for frontier in frontiers:
        assert (frontier.search.method, frontier.search.status) == (
            "random",
            "solved" if frontier.solved else "budget",
        )
        ranks = [(program.score, program.log_prior) for program in frontier.programs]
        assert ranks == sorted(ranks, reverse=True)
        for program in frontier.programs:
            prior = grammar.log_prior(parse_term(program.program), parse_type(REQUEST))
            assert program.log_prior == pytest.approx(prior)
    again = list(method.run(iter(records[3:]), context))
    assert again == frontiers[1:], "a task's result must not depend on the other tasks"
