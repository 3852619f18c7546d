"""The methods hill-climb and scheduled on all kinds of domains: rewards and examples, fast and general mutants."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import time
from pathlib import Path

import pytest
from psynth_search.climbing import HillClimb, Scheduled

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.errors import InputError
from psynth.core.stream.records import End, Frontier, Metric, Production, Program, Task
from psynth.core.stream.scope import Scope
from psynth.core.work import Stop
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context
from tests.pipeline_command import PSYNTH, psynth, records

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
KAREL = ("tasks", "karel", "--task", "maze", "--task", "harvester", "--task", "four-corners", "--held-out", "50")
SEARCH = ("search", "--max-evaluations", "3000", "--seed", "3")


def climbed(method, *given, **options):
    context = Context("search", **options)
    return list(method.run(iter([*given, End("complete")]), context))


def tasks(name: str, **settings) -> list[Frontier]:
    domain = Context("tasks").domain(name)
    return [Frontier(task) for task in domain.tasks(dataclasses.replace(domain.TaskSettings(), **settings), 0)]


def test_policies_are_found_and_judged_on_worlds_that_the_search_never_saw() -> None:
    given = tasks("karel", task=("maze", "harvester"))
    *found, end = climbed(HillClimb(max_evaluations=20_000), *given)
    frontiers = [record for record in found if isinstance(record, Frontier)]
    assert [frontier.task for frontier in frontiers] == [frontier.task for frontier in given]
    for frontier in frontiers:
        best = frontier.best
        assert (best.reward, frontier.search.reward, frontier.search.status) == (1.0, 1.0, "solved")
        assert best.held_out_reward > 0.9
        metrics = [
            record
            for record in found
            if isinstance(record, Metric) and record.labels["task"] == frontier.task.id and record.name == "reward"
        ]
        values, steps = [metric.value for metric in metrics], [metric.step for metric in metrics]
        assert (values, steps) == (sorted(values), sorted(steps))
        assert (values[-1], steps[-1]) == (1.0, frontier.search.programs)
    assert end == End("complete")


@pytest.mark.parametrize("method", [HillClimb(max_evaluations=4000), Scheduled(max_evaluations=4000)])
@pytest.mark.parametrize(("domain", "solved"), [("list", 3), ("regex", 0)])
def test_examples_are_climbed_by_score(method, domain: str, solved: int) -> None:
    given = tasks(domain, count=5)
    *found, end = climbed(method, *given)
    frontiers = [record for record in found if isinstance(record, Frontier)]
    assert sum(frontier.solved for frontier in frontiers) >= solved
    with Context("x").domain(domain).evaluator(Context("x").library_for(domain), Budget()) as evaluator:
        for frontier in frontiers:
            [verdicts] = evaluator.judge([(frontier.task, [program.program for program in frontier.programs])])
            assert [verdict.score for verdict in verdicts] == [program.score for program in frontier.programs]
            assert frontier.search.reward is None
            assert frontier.search.status == ("solved" if frontier.solved else "budget")
    assert end.status == ("complete" if all(frontier.solved for frontier in frontiers) else "budget")


def test_a_learned_library_is_searched_in_by_way_of_the_machine(recwarn) -> None:
    library = Context("x").library_for("karel")
    sweep = "(lambda (karel_while frontIsClear (karel_seq $0 move)))"
    learned = dataclasses.replace(
        library,
        productions=(*library.productions, Production("fn_0", "stmt -> stmt", -1.0, definition=sweep)),
        contextual=None,
    )
    warnings: list[str] = []
    [_, *found, _] = climbed(
        HillClimb(max_evaluations=1000), learned, *tasks("karel", task=("harvester",)), warn=warnings.append
    )
    [frontier] = [record for record in found if isinstance(record, Frontier)]
    assert frontier.best.reward > 0.3
    assert "λ-machine" in warnings[0]


def test_given_programs_are_where_it_begins() -> None:
    [frontier] = tasks("karel", task=("harvester",))
    solver = "(karel_while frontIsClear (karel_seq pickMarker move))"
    given = dataclasses.replace(frontier, programs=(Program(solver),))
    [metric, *_] = climbed(HillClimb(max_evaluations=1), given)
    assert metric.value > 0
    assert climbed(HillClimb(max_evaluations=1, start="grammar"), given)[0].value != metric.value


def test_what_is_wrong_with_a_task_is_said_of_that_task() -> None:
    wrong = Frontier(Task("karel/wrong", "karel", "stmt", environment={"task": "maze", "profile": "nobody"}))
    with pytest.raises(InputError, match="nobody"):
        climbed(HillClimb(), wrong)
    said: list[str] = []
    kept = climbed(HillClimb(), wrong, bad_input=lambda error: not said.append(str(error)))
    assert (kept, len(said)) == ([wrong, End("complete")], 1)


@pytest.mark.parametrize("method", ["hill-climb", "scheduled"])
def test_the_same_bytes_for_any_jobs_shards_and_hash_seed(tmp_path: Path, method: str) -> None:
    given = tmp_path / "tasks"
    psynth(*KAREL, "-o", given)
    words = (*SEARCH, "--method", method)
    whole = psynth(*words, given).stdout
    assert psynth(*words, "-j", "2", given, env={"PYTHONHASHSEED": "7"}).stdout == whole
    parts = [tmp_path / f"part-{shard}" for shard in (1, 2)]
    for shard, part in enumerate(parts, 1):
        psynth(*words, "--shard", f"{shard}/2", given, "-o", part)
    (tmp_path / "whole").write_bytes(whole)
    merged = psynth("merge", *parts).stdout
    assert merged == psynth("merge", tmp_path / "whole").stdout
    kinds = [(record["type"], (record.get("task") or record.get("labels"))) for record in records(merged)]
    frontiers = [place for place, (kind, _) in enumerate(kinds) if kind == "frontier"]
    assert len(frontiers) == 3
    for place in frontiers:
        kind, labels = kinds[place - 1]
        assert (kind, labels["task"]) == ("metric", kinds[place][1]["id"])


@pytest.mark.parametrize("jobs", [pytest.param("1", marks=pytest.mark.slow), "2"])
def test_an_interrupted_climb_keeps_what_it_has_and_resumes_to_the_same_bytes(tmp_path: Path, jobs: str) -> None:
    given, whole, torn = (tmp_path / name for name in ("tasks", "whole", "torn"))
    psynth("tasks", "karel", "--task", "maze", "--task", "snake", "--held-out", "0", "-o", given)
    words = ("search", "--max-evaluations", "150000", str(given), "-j", jobs)
    psynth(*words, "-o", whole)
    process = subprocess.Popen([*PSYNTH, *words, "--line-buffered", "-o", str(torn)], stderr=subprocess.PIPE)
    part = torn.with_name("torn.part")
    deadline = time.monotonic() + 60
    while process.poll() is None and not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    assert (errors == b"") == (process.returncode == 0)
    assert errors.count(b"\n") == errors.count(b"psynth search: interrupted after ")
    psynth(*words, "--resume", torn, "-o", torn)
    assert torn.read_bytes() == whole.read_bytes()


def test_threads_can_be_told_to_stop() -> None:
    stop = Stop()
    stop.set()
    [frontier] = tasks("karel", task=("snake",))
    context, method = Context("search"), HillClimb()
    problem = method.problem(frontier, Scope(context.library_for), context, stop)
    *_, last = method._search(frontier, problem, context)
    assert last.search.status == "interrupted"
    assert last.search.programs == 1
