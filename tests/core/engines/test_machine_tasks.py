"""The λ-machine on real tasks: the published counts, the tasks solved, the work it takes."""

import json
from typing import Any

from tests.shared_data import shared_data

from .conftest import untimed

REQUEST = "list(int) -> list(int)"


def list_tasks() -> list[dict[str, Any]]:
    lines = shared_data("tasks/list.jsonl").read_text().splitlines()
    tasks = [json.loads(line)["task"] for line in lines]
    return [{"id": t["id"], "examples": t["examples"]} for t in tasks if t["request"] == REQUEST]


def search(machine, library, tasks: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    return machine.ok(id=1, op="enumerate", library=library(), request=REQUEST, tasks=tasks, **settings)


def test_solves_the_list_tasks_in_one_enumeration(machine, library):
    tasks = list_tasks()
    assert len(tasks) == 150
    result = search(machine, library, tasks, max_cost=16.5, exhaustive=True, max_frontier=5)
    solved = [task for task in result["tasks"] if task["status"] == "solved"]
    assert result["programs"] == 3121
    assert {task["programs"] for task in result["tasks"]} == {3121}
    assert len(solved) >= 30
    # Searched one after the other, 150 tasks would take 150 times the expansions of one.
    assert result["expansions"] < 3 * result["programs"]


def test_dup_in_few_expansions(machine, library):
    dup = [task for task in list_tasks() if task["id"].endswith("dup")]
    result = search(machine, library, dup, max_cost=21, exhaustive=True)
    assert result["programs"] == 125660
    hit = result["tasks"][0]["hits"][0]["program"]
    assert hit == "(lambda (fold $0 empty (lambda (lambda (cons $1 (cons $1 $0))))))"
    assert result["expansions"] < 3 * result["programs"]


def test_enumerating_expands_few_holes_in_vain(machine, library):
    result = search(machine, library, [], max_cost=16.5, exhaustive=True)
    assert result["programs"] == 3121
    assert result["expansions"] < 3 * result["programs"]


def test_a_task_is_told_the_same_whatever_else_is_asked(machine, library):
    tasks = list_tasks()[:40]
    for settings in ({"max_cost": 15}, {"max_cost": 15, "exhaustive": True}, {"max_programs": 700}):
        together = search(machine, library, tasks, max_frontier=3, **settings)
        for task, answer in list(zip(tasks, untimed(together)["tasks"], strict=True))[::4]:
            alone = search(machine, library, [task], max_frontier=3, **settings)
            assert untimed(alone)["tasks"] == [answer]


def test_hits_evaluate_to_the_outputs(machine, library):
    tasks = list_tasks()
    answers = search(machine, library, tasks, max_cost=13.5, exhaustive=True, max_frontier=4)["tasks"]
    jobs, expected = [], []
    for task, answer in zip(tasks, answers, strict=True):
        for hit in answer["hits"]:
            inputs = [example["inputs"] for example in task["examples"]]
            jobs.append({"program": hit["program"], "inputs": inputs, "request": REQUEST})
            expected.append([{"status": "ok", "value": example["output"]} for example in task["examples"]])
    assert len(jobs) > 50
    assert machine.ok(id=2, op="evaluate", library=library(), jobs=jobs)["results"] == expected
