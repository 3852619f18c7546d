"""Every program on every task: what is written is what evaluating each on each finds right in part, at any -j."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import encode
from psynth.plugins import Budget, Context, End, Example, Frontier, Metric, Program, Record, Task, all_tasks
from psynth.plugins.evaluation import Evaluate
from psynth.plugins.registry import default_registry
from tests.psynth_command import Psynth

PROGRAMS = (
    "(lambda $0)",
    "(lambda empty)",
    "(lambda (map (+ 1) $0))",
    "(lambda (cons 1 $0))",
    "(lambda (cdr $0))",
    "(lambda (car $0))",
    "(lambda (length $0))",
    "(lambda (nonsense $0))",
    "(lambda (cdr",
)
REQUESTS = ("list(int) -> list(int)", "list(int) -> int")


def tasks(count: int, seed: int) -> list[Task]:
    """Tasks whose examples come of several of the programs, so that many are right in part; some held out."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        request = draw.choice(REQUESTS)
        examples = []
        for place in range(draw.randint(1, 5)):
            given = [draw.randint(0, 3) for _ in range(draw.randint(1, 6))]
            lists = [given, [], [each + 1 for each in given], [1, *given], given[1:]]
            output = draw.choice(lists) if request == REQUESTS[0] else draw.choice([given[0], len(given)])
            examples.append(Example([given], output, "test" if place == 4 else None))
        made.append(Task(f"list/made-{number}", "list", request, tuple(examples)))
    return made


def stream(tasks: Sequence[Task], programs: Sequence[str], batch: int = 3) -> list[Record]:
    """A library, frontiers with the programs a few at a time, and an end."""
    groups = [programs[start : start + batch] for start in range(0, len(programs), batch)]
    frontiers = [
        Frontier(task, tuple(map(Program, group)))
        for task, group in itertools.zip_longest(tasks, groups, fillvalue=())
        if isinstance(task, Task)
    ]
    return [default_registry().domain("list").library(), *frontiers, End("complete")]


def run(records: Sequence[Record], method: Evaluate, jobs: int = 1) -> list[Record]:
    return list(method.run(iter(records), Context("evaluate", jobs=jobs)))


def by_task(records: Sequence[Record]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in records:
        if isinstance(each, Frontier) and each.task is not None:
            assert each.programs
            found.setdefault(each.task.id, set()).update(program.program for program in each.programs)
    return found


def one_by_one(given: Sequence[Task], *, smallest: bool) -> dict[str, set[str]]:
    """The same by the ordinary way of judging a program on a task."""
    domain, found = default_registry().domain("list"), {}
    with domain.evaluator(domain.library(), Budget()) as evaluator:
        for task in given:
            shown = [each for each in task.examples if each.split != "test"]
            shown = sorted(shown, key=lambda each: len(each.inputs[0]))[: 1 if smallest else None]
            [verdicts] = evaluator.judge([(dataclasses.replace(task, examples=tuple(shown)), PROGRAMS)])
            found[task.id] = {text for text, each in zip(PROGRAMS, verdicts, strict=True) if each.score}
    return {name: texts for name, texts in found.items() if texts}


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("programs", [2, 1024])
def test_each_program_is_judged_on_each_task(
    quick: bool, programs: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(all_tasks, "PROGRAMS", programs)
    monkeypatch.setattr(all_tasks, "TASKS", 7)
    made = tasks(60, 1)
    wanted = one_by_one(made, smallest=quick)
    assert wanted != one_by_one(made, smallest=not quick)
    found = run(stream(made, PROGRAMS), Evaluate(all_tasks=True, quick=quick))
    assert by_task(found) == wanted
    path = tmp_path / "tasks.jsonl"
    path.write_bytes(b"".join(encode(each.to_json()) + b"\n" for each in stream(made, ())))
    separate = run(stream(made[:3], PROGRAMS), Evaluate(all_tasks=True, quick=quick, tasks=path))
    assert by_task(separate) == wanted
    solved = {each.task.id for each in found if isinstance(each, Frontier) and each.task is not None and each.solved}
    last = {each.name: (each.value, each.step) for each in found if isinstance(each, Metric)}
    assert last == {
        all_tasks.SOLVED: (len(solved), len(PROGRAMS)),
        all_tasks.PARTLY: (len(wanted), len(PROGRAMS)),
    }
    numbers = {
        program.program: program.origin.evaluations
        for each in found
        if isinstance(each, Frontier)
        for program in each.programs
        if program.origin is not None
    }
    assert numbers
    assert all(PROGRAMS.index(text) + 1 == number for text, number in numbers.items())


def test_verdicts_are_those_of_evaluating_and_bytes_the_same_at_any_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psynth.plugins.lambda_evaluator.WORTHWHILE", 1)
    made = tasks(40, 2)
    method = Evaluate(all_tasks=True, outputs=True)
    once, thrice = ([each.encode() for each in run(stream(made, PROGRAMS), method, jobs)] for jobs in (1, 3))
    assert once == thrice
    frontiers = [each for each in run(stream(made, PROGRAMS), method) if isinstance(each, Frontier)]
    assert any(program.held_out is not None for each in frontiers for program in each.programs)
    again = run([default_registry().domain("list").library(), *frontiers, End("complete")], Evaluate(outputs=True))
    assert [each for each in again if isinstance(each, Frontier)] == frontiers


def test_a_wrong_task_is_named_or_left_out() -> None:
    made = tasks(5, 3)
    wrong = dataclasses.replace(made[1], examples=(Example([["a"]], 3),))
    records = stream([made[0], wrong, *made[2:]], PROGRAMS)
    with pytest.raises(InputError) as error:
        run(records, Evaluate(all_tasks=True))
    assert error.value.task == made[1].id
    told: list[InputError] = []

    def skip(error: InputError) -> bool:
        told.append(error)
        return False

    found = Evaluate(all_tasks=True).run(iter(records), Context("evaluate", bad_input=skip))
    assert by_task(list(found)) == one_by_one([made[0], *made[2:]], smallest=False)
    assert [each.task for each in told] == [made[1].id]


def test_what_does_not_fit_together_is_refused(tmp_path: Path) -> None:
    psynth = Psynth(tmp_path)
    for method, message in (
        ({"tasks": Path("x")}, "--tasks"),
        ({"quick": True}, "--quick"),
        ({"all_tasks": True, "rank": "vote"}, "--rank"),
    ):
        with pytest.raises(UsageError, match=message):
            Evaluate(**method)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="--timing"):
        list(Evaluate().run(iter(()), Context("evaluate", timing=True)))
    path = tmp_path / "some.jsonl"
    done = psynth("evaluate", "--all-tasks", "--resume", str(path), "-o", str(path), input="")
    assert (done.returncode, "--resume" in done.stderr) == (2, True)
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"type":"end","status":"complete"}\n')
    done = psynth("evaluate", "--all-tasks", "--tasks", str(empty), input='{"type":"end","status":"complete"}\n')
    assert (done.returncode, "no task" in done.stderr) == (3, True)


def test_programs_of_a_domain_without_tasks_are_counted() -> None:
    told: list[str] = []
    path_less = [default_registry().domain("list").library(), Frontier(None, (Program(PROGRAMS[0]),)), End("complete")]
    found = Evaluate(all_tasks=True).run(iter(path_less), Context("evaluate", warn=told.append))
    assert not any(isinstance(each, Frontier) for each in found)
    assert "1 program of list, of which there is no task" in told
