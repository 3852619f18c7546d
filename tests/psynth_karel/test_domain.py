"""The domain karel through the interfaces that every domain has: tasks, judging, both notations, the pipeline."""

from __future__ import annotations

import json
import math
import random

import pytest
from psynth_karel.domain import Karel, KarelTaskSettings
from psynth_karel.environment import Environment

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.engines.lambda_machine import EXECUTABLE, LambdaMachine, SearchBudget
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Frontier, Library, Production, Task
from psynth.plugins.evaluator import Budget, Job, ProgramError
from psynth.plugins.method import Context
from tests.psynth_karel.programs import SOLVERS, random_program

KAREL = Karel()
needs_machine = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")


def tasks(**settings) -> dict[str, Task]:
    given = {"instances": 8, "held_out": 20} | settings
    return {task.id.split("/")[2]: task for task in KAREL.tasks(KarelTaskSettings(**given), seed=0)}


def judged(task: Task, *programs: str, library: Library | None = None):
    with KAREL.evaluator(library or KAREL.library(), Budget()) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    return verdicts


def test_each_profile_has_its_tasks_in_its_sizes() -> None:
    assert [*tasks(profile="leaps")] == [
        "stair-climber-12x12",
        "four-corners-12x12",
        "top-off-12x12",
        "maze-8x8",
        "clean-house-14x22",
        "harvester-8x8",
    ]
    assert len(tasks(profile="hprl")) == len(tasks()) == 10
    assert [*tasks(task=("maze",), rewards="dense", height=20, width=30)] == ["maze-dense-20x30"]
    with pytest.raises(UsageError, match="did you mean 'maze'"):
        tasks(task=("mase",))
    with pytest.raises(UsageError, match="leaps"):
        tasks(profile="leaps", task=("snake",))


def test_held_out_instances_are_others_and_can_be_tasks_of_their_own() -> None:
    [task] = tasks(task=("maze",)).values()
    [held_out] = tasks(task=("maze",), split="test").values()
    assert not {*task.environment["seeds"]} & {*task.environment["held_out_seeds"]}
    assert held_out.environment["seeds"] == task.environment["held_out_seeds"]
    assert "held_out_seeds" not in held_out.environment
    assert "held_out_seeds" not in KAREL.visible(task).environment
    assert len(tasks(task=("maze",), split="all")) == 2


def test_a_verdict_has_the_reward_on_both_sets_of_instances() -> None:
    task = tasks()["four-corners-12x12"]
    best, quarter, nothing, ill = judged(
        task,
        KAREL.syntax().read(SOLVERS["four-corners"]),
        "(karel_seq (karel_while frontIsClear move) putMarker)",
        "move",
        "(karel_seq move frontIsClear)",
    )
    assert (best.reward, best.held_out_reward, best.score, best.log_likelihood) == (1.0, 1.0, 1.0, 0.0)
    assert (quarter.reward, quarter.held_out_reward, quarter.log_likelihood) == (0.25, 0.25, -math.inf)
    assert (nothing.status, nothing.score) == ("ok", 0.0)
    assert (ill.status, ill.rejected.kind) == ("error", "type")
    assert best.outputs[0].value["actions"]["putMarker"] == 4 * 8


def test_the_best_possible_reward_solves_a_task_also_where_that_is_less_than_one() -> None:
    task = tasks(task=("one-stroke",), height=5, width=5)["one-stroke-5x5"]
    environment = {"task": "one-stroke", "profile": "prog-policies"} | {
        "worlds": [{"map": ["#####", "#...#", "#...#", "#...#", "#####"], "agent": [3, 1, "E"]}]
    }
    spiral = "(karel_repeat 5 (karel_seq (karel_while frontIsClear move) turnLeft))"
    [verdict] = judged(Task(task.id, "karel", "stmt", environment=environment), spiral)
    assert verdict.reward == pytest.approx(8 / 9)
    assert (verdict.log_likelihood, verdict.score) == (0.0, 1.0)


def test_abstractions_are_written_out_before_a_program_runs() -> None:
    plain = KAREL.library()
    twice = Production("fn_0", "stmt -> stmt", 0.0, definition="(lambda (karel_seq $0 $0))")
    far = Production("fn_1", "stmt", 0.0, definition="(fn_0 (karel_while frontIsClear move))")
    library = Library("karel", (*plain.productions, twice, far), 0.0)
    [task] = tasks(task=("maze",)).values()
    short, inlined, long = judged(
        task,
        "(fn_0 fn_1)",
        "(#(lambda (karel_seq $0 $0)) fn_1)",
        "(karel_repeat 4 (karel_while frontIsClear move))",
        library=library,
    )
    assert (short.outputs, short.reward) == (inlined.outputs, inlined.reward) == (long.outputs, long.reward)


def test_one_program_on_one_world_tells_what_it_did() -> None:
    world = {"map": ["#####", "#.1.#", "#####"], "agent": [1, 1, "E"], "profile": "leaps"}
    with KAREL.evaluator(KAREL.library(), Budget()) as evaluator:
        [outcome] = evaluator.run("DEF run m( move pickMarker m)", None, [[world]])
        bad, ill = evaluator.run_all([Job("move", [[{"map": "no"}]]), Job("frontIsClear", [[world]])])
    assert outcome.value == {
        "reward": 0.0,
        "end": "finished",
        "actions": ["move", "pickMarker"],
        "map": ["#####", "#...#", "#####"],
        "agent": [1, 2, "E"],
    }
    assert bad[0].status == "error"
    assert isinstance(ill, ProgramError)
    assert KAREL.behavior().of([outcome]) == (0.0, 0.5)
    assert KAREL.behavior().of([]) is None


@pytest.mark.parametrize("name", Karel.primitive_sets)
def test_random_programs_are_terms_of_the_library_with_a_prior(name) -> None:
    library = KAREL.library(name)
    types = {production.name: parse_type(production.type) for production in library.productions}
    grammar, request, rng = grammar_of(library), parse_type("stmt"), random.Random(5)
    nested_not = parse_term("(karel_if (karel_not (karel_not frontIsClear)) move)")
    assert grammar.log_prior(nested_not, request) == -math.inf
    left = parse_term("(karel_seq (karel_seq move move) move)")
    assert (grammar.log_prior(left, request) == -math.inf) == (name == "base")
    for _ in range(100):
        tokens = random_program(rng)
        term = parse_term(KAREL.syntax().read(tokens))
        assert infer(term, types) == request
        assert KAREL.syntax().print(str(term)) == tokens
        if name != "hprl":
            assert grammar.log_prior(term, request) > -math.inf


def test_states_are_read_from_a_file_and_faults_are_placed(tmp_path) -> None:
    [task] = tasks(task=("maze",), instances=2).values()
    pictures = KAREL.evaluator(KAREL.library(), Budget())._instances_of(task)[0].pictures()
    path = tmp_path / "states.json"
    described = {"profile": "prog-policies", "task": "maze", "worlds": [each.to_json() for each in pictures]}
    path.write_text(json.dumps(described))
    [imported] = KAREL.tasks(KarelTaskSettings(worlds=path), seed=0)
    solver = KAREL.syntax().read(SOLVERS["maze"])
    assert judged(imported, solver)[0].reward == judged(task, solver)[0].reward == 1.0
    described["worlds"][1]["map"][4] = "#" * 12
    described["worlds"][1]["map"][0] = "#..........#"
    path.write_text(json.dumps(described))
    with pytest.raises(InputError, match=r"states.json: world 1: row 0, column 1: the border"):
        next(KAREL.tasks(KarelTaskSettings(worlds=path), seed=0))


@pytest.mark.parametrize(
    "environment",
    [
        None,
        {},
        {"task": "maze", "profile": "leaps"},
        {"task": "maze", "profile": "leaps", "seeds": [-1]},
        {"task": "maze", "profile": "leaps", "seeds": [1], "height": 9999},
        {"task": "maze", "profile": "leaps", "worlds": [{"map": ["###", "#.#", "###"], "agent": [1, 1, "E"]}]},
        {"task": "snake", "profile": "leaps", "seeds": [1]},
        {"task": "clean-house", "profile": "leaps", "seeds": [1], "width": 10},
    ],
)
def test_an_environment_that_cannot_be_names_its_task(environment) -> None:
    with pytest.raises(PsynthError, match="karel/odd"):
        judged(Task("karel/odd", "karel", "stmt", environment=environment), "move")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seeds": [1, -1]}, r"environment.seeds\[1\]: expected an integer of 64 bits, not negative, not -1"),
        ({"held_out_seeds": 3}, "environment.held_out_seeds: expected a list, not an integer"),
        ({"height": "8"}, "environment.height: expected an integer, not a string"),
        ({"sparse": 1}, "environment.sparse: expected true or false, not an integer"),
        ({"worlds": [{"map": []}]}, r'environment.worlds\[0\]: a world is {"map"'),
        ({"task": 3}, "environment.task: expected a string, not an integer"),
    ],
)
def test_a_wrong_field_of_an_environment_is_named_with_its_path(fields, message) -> None:
    with pytest.raises(InputError, match=message):
        Environment.from_json({"task": "maze", "profile": "leaps", **fields})


@pytest.mark.parametrize("name", ["maze", "free"])
def test_an_environment_survives_writing_and_reading(name) -> None:
    read = Environment.from_json({"task": name, "profile": "leaps", "seeds": [1.0], "walls": 0.5, "note": "mine"})
    assert (read.walls, read.markers) == ((0.5, 0.1) if name == "free" else (None, None))
    assert read.to_json()["note"] == "mine"
    assert Environment.from_json(read.to_json()) == read


def test_a_task_is_drawn_with_its_agent_and_markers() -> None:
    from rich.console import Console

    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(KAREL.views().draw_task(tasks()["maze-12x12"]))
    text = console.export_text()
    assert text.count("▶") == text.count("●") >= 2
    assert "██" in text


@needs_machine
def test_enumeration_keeps_what_earns_most_and_judges_it_on_what_was_held_out() -> None:
    from psynth_search.windows import Windows

    chosen = tasks(task=("stair-climber", "four-corners"))
    found = [
        record
        for record in Windows(max_programs=1500, max_frontier=3).run(
            iter([KAREL.library(), *(Frontier(task) for task in chosen.values())]), Context("enumerate")
        )
        if isinstance(record, Frontier)
    ]
    solved, best = found
    assert solved.search.status == "solved"
    assert {program.reward for program in solved.programs} == {1.0}
    assert all(program.held_out_reward is not None for program in solved.programs)
    assert best.search.status == "budget"
    assert [program.reward for program in best.programs] == [0.25] * 3
    assert all(program.log_likelihood == -math.inf for program in best.programs)


@needs_machine
def test_each_program_is_proposed_once() -> None:
    with LambdaMachine() as machine:
        budget = SearchBudget(max_programs=4000)
        batches = machine.propose(KAREL.library().to_json(), "stmt", budget)
        proposed = [text for batch in batches for text, _ in batch.programs]
    assert len(proposed) == 4000
    assert len({KAREL.syntax().print(text) for text in proposed}) == 4000


def test_settings_and_worlds_that_cannot_be_are_refused_before_anything_is_written() -> None:
    for settings in ({"task": ("mazee",)}, {"profile": "leaps", "rewards": "sparse"}):
        records = KAREL.records(KarelTaskSettings(**settings), 0)
        with pytest.raises(UsageError):
            next(records)
    with KAREL.evaluator(KAREL.library(), Budget()) as evaluator:
        [[outcome]] = evaluator.run_all([Job("move", [[{"task": "maze", "heigth": 9}]])])
    assert (outcome.status, "did you mean 'height'" in outcome.message) == ("error", True)


def test_every_seed_gives_tasks_and_different_ones() -> None:
    found = [next(KAREL.tasks(KarelTaskSettings(task=("maze",)), seed)) for seed in (0, 1, -1, 1 << 40, 1 << 70)]
    assert len({task.environment["seeds"][0] for task in found}) == 5
    assert max(task.environment["held_out_seeds"][-1] for task in found) < 1 << 64
