"""The λ-machine's protocol from outside: every operation, every kind of error, and nothing that ends the process."""

import json
import os
import random
import re
import signal
import subprocess
import time

import pytest

from .conftest import untimed

REQUEST = "list(int) -> list(int)"


def error_of(machine, **request):
    answer = machine.ask(**request)
    assert "error" in answer, answer
    return answer["error"]


def test_says_its_version_and_helps(executable):
    import psynth

    version = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.strip() == psynth.__version__
    assert "JSON" in subprocess.run([executable, "--help=plain"], capture_output=True, text=True, check=True).stdout


def test_is_statically_linked(executable):
    listed = subprocess.run(["ldd", executable], capture_output=True, text=True)
    assert "not a dynamic executable" in listed.stdout + listed.stderr


def test_primitives_exist_once(machine):
    listed = machine.ok(id="p", op="primitives")["primitives"]
    names = [primitive["name"] for primitive in listed]
    assert len(names) == len(set(names))
    assert {"map", "is-prime", "_rsplit"} <= set(names)
    for primitive in listed:  # the value of one that draws would be a picture, and pieces have no JSON
        shown = set() if re.search("turtle$|tpiece", primitive["type"]) else {"example"}
        assert set(primitive) == {"name", "type", "doc"} | shown


def test_infer_answers_each_program(machine, library):
    programs = ["(lambda (map is-prime $0))", "(", "(+ empty 1)", "(mystery 1)"]
    results = machine.ok(id=1, op="infer", library=library(), programs=programs)["results"]
    assert results[0] == {"type": "list(int) -> list(bool)"}
    assert [result["error"]["kind"] for result in results[1:]] == ["parse", "type", "unknown_primitive"]


def test_evaluate_gives_a_status_an_input(machine, library):
    jobs = [
        {"program": "(lambda (index 1 $0))", "inputs": [[[4, 5]], [[]], [["x", "y"]], [[2**62]], [5]]},
        {"program": "(lambda (range $0))", "inputs": [[10**9]]},
        {"program": "(lambda $0)", "inputs": [["é"]], "request": "char -> char"},
        {"program": "(lambda (+ $0 1))", "inputs": [[1]], "request": "bool -> int"},
        {"program": "(lambda (lambda $0))", "inputs": [[1]]},
    ]
    results = machine.ok(id=1, op="evaluate", library=library(), jobs=jobs)["results"]
    assert [outcome["status"] for outcome in results[0]] == ["ok", "error", "ok", "error", "error"]
    assert results[0][0] == {"status": "ok", "value": 5}
    assert results[1][0]["status"] == "memory"
    assert results[2] == [{"status": "ok", "value": "é"}]
    assert results[3]["error"]["kind"] == "type"
    assert results[4] == [{"status": "error", "message": "the result is a function"}]


def test_abstractions_are_typed_and_run(machine, library):
    twice = library(twice=("(t0 -> t0) -> t0 -> t0", "(lambda (lambda ($1 ($1 $0))))"))
    jobs = [{"program": "(lambda (twice cdr $0))", "inputs": [[[1, 2, 3]]]}]
    assert machine.ok(id=1, op="evaluate", library=twice, jobs=jobs)["results"] == [[{"status": "ok", "value": [3]}]]
    wrong = library(twice=("int -> int", "(lambda (lambda ($1 ($1 $0))))"))
    error = error_of(machine, id=2, op="evaluate", library=wrong, jobs=[])
    assert error["kind"] == "type"
    assert "twice" in error["message"]


def test_unknown_primitives_are_proposed_and_not_run(machine):
    foreign = {"productions": [{"name": "spin", "type": "top -> top", "log_weight": 0}], "log_variable": 0}
    task = {"id": "a", "examples": [{"inputs": [], "output": 1}]}
    for request in (
        {"op": "evaluate", "jobs": []},
        {"op": "enumerate", "request": "int", "tasks": [task], "max_cost": 5},
    ):
        assert error_of(machine, id=1, library=foreign, **request)["kind"] == "unknown_primitive"
    assert machine.ok(id=1, op="infer", library=foreign, programs=["spin"])["results"] == [{"type": "top -> top"}]
    drawn = machine.ok(id=1, op="sample", library=foreign, request="top -> top", count=5, seed=4)["programs"]
    assert len(drawn) == 5
    machine.send(
        json.dumps({"id": 2, "op": "propose", "library": foreign, "request": "top -> top", "max_cost": 3}).encode()
    )
    proposed = []
    while "batch" in (answer := machine.receive()):
        proposed += answer["batch"]
        machine.send(b'{"op":"next"}')
    assert [program for program, _ in proposed[:2]] == ["(lambda $0)", "(lambda (spin $0))"]
    assert answer["ok"] == {"programs": len(proposed), "max_cost": 3.0, "status": "budget"}


def test_batches_never_cross_a_window(machine, library):
    request = {"id": 1, "op": "propose", "library": library(), "request": REQUEST, "max_cost": 13.5, "batch": 40}
    machine.send(json.dumps(request).encode())
    start, costs, ends = 0.0, [], []
    while "batch" in (answer := machine.receive()):
        assert len(answer["batch"]) <= 40
        assert all(cost >= start for _, cost in answer["batch"])
        costs += [cost for _, cost in answer["batch"]]
        if answer["window_end"] is not None:
            assert all(cost < answer["window_end"] for cost in costs)
            start = answer["window_end"]
            ends.append(start)
        machine.send(b'{"op":"next"}')
    assert ends == sorted(ends)
    assert len(costs) == answer["ok"]["programs"]


def test_a_proposal_can_be_stopped(machine, library):
    request = {"id": 1, "op": "propose", "library": library(), "request": REQUEST, "batch": 10}
    machine.send(json.dumps(request).encode())
    machine.receive()
    machine.send(b'{"op":"stop"}')
    assert machine.receive()["ok"]["status"] == "stopped"


def test_max_programs_is_exact(machine, library):
    result = machine.ok(id=1, op="enumerate", library=library(), request=REQUEST, max_programs=777, exhaustive=True)
    assert (result["programs"], result["status"]) == (777, "budget")


def test_frontiers_hold_the_best_k(machine, library):
    task = {"id": "same", "examples": [{"inputs": [[3, 1]], "output": [3, 1]}]}
    settings = {"request": REQUEST, "tasks": [task], "max_cost": 15, "exhaustive": True}
    few, many = (
        machine.ok(id=1, op="enumerate", library=library(), max_frontier=k, **settings)["tasks"][0]["hits"]
        for k in (3, 50)
    )
    assert few == many[:3]
    assert len(many) > 3
    assert [hit["log_prior"] for hit in many] == sorted((hit["log_prior"] for hit in many), reverse=True)


def test_a_finite_language_is_exhausted(machine, library):
    request = {"request": "bool", "tasks": [{"id": 0, "examples": [{"inputs": [], "output": False}]}]}
    result = machine.ok(
        id=1, op="enumerate", library=library("true not and").copy() | {"log_variable": None}, max_cost=9, **request
    )
    assert result["tasks"][0]["status"] == "solved"
    result = machine.ok(id=1, op="enumerate", library=library("true"), max_cost=None, **request)
    assert result["status"] == "exhausted"
    assert untimed(result["tasks"][0]) == {
        "id": 0,
        "status": "exhausted",
        "programs": 1,
        "max_cost": result["max_cost"],
        "hits": [],
    }


def test_requests_of_several_arguments_and_contradictions(machine, library):
    tasks = [
        {"id": "add", "examples": [{"inputs": [1, 2], "output": 3}, {"inputs": [5, 5], "output": 10}]},
        {"id": "never", "examples": [{"inputs": [1, 2], "output": 3}, {"inputs": [1, 2], "output": 4}]},
    ]
    result = machine.ok(id=1, op="enumerate", library=library(), request="int -> int -> int", max_cost=9, tasks=tasks)
    assert result["tasks"][0]["hits"][0]["program"] in ("(lambda (lambda (+ $0 $1)))", "(lambda (lambda (+ $1 $0)))")
    assert result["tasks"][1]["status"] == "budget"


@pytest.mark.parametrize(
    ("examples", "why"),
    [
        ([], "no examples"),
        (None, "no examples"),
        ([{"inputs": [[1]], "output": ["x"]}], "output"),
        ([{"inputs": [[2**70]], "output": []}], "63 bits"),
        ([{"inputs": [], "output": []}], "0 inputs"),
        ([{"output": []}], "no inputs"),
        ([{"inputs": [[1]]}], "no output"),
    ],
)
def test_a_task_that_does_not_fit_is_named(machine, library, examples, why):
    tasks = [{"id": "list/bad", "examples": examples}]
    error = error_of(machine, id=1, op="enumerate", library=library(), request=REQUEST, tasks=tasks, max_cost=5)
    assert error["kind"] == "bad_request"
    assert error["task"] == "list/bad"
    assert why in error["message"]


def test_contextual_weights_and_weights_of_nothing(machine):
    listed = {"0": "int", "1": "int", "mod": "int -> int -> int"}
    productions = [{"name": name, "type": type_, "log_weight": 0} for name, type_ in listed.items()]
    only_0 = {"log_weights": [0, None, None], "log_variable": None}
    only_1 = {"log_weights": [None, 0, None], "log_variable": None}
    start = {"log_weights": [None, 0, 0], "log_variable": None}
    task = {"id": 1, "examples": [{"inputs": [], "output": 0}]}

    def search(*arguments):
        contextual = {"start": start, "variable": start, "productions": {"mod": arguments}}
        library = {"productions": productions, "log_variable": 0, "contextual": contextual}
        request = {"request": "int", "tasks": [task], "exhaustive": True}
        result = machine.ok(id=1, op="enumerate", library=library, **request)
        return result["programs"], result["status"], result["tasks"][0]["hits"]

    hit = {"program": "(mod 0 1)", "log_prior": pytest.approx(-0.693147180560)}
    assert search(only_0, only_1) == (2, "exhausted", [hit])
    assert search(only_1, only_0) == (2, "exhausted", [])


def test_samples_follow_their_seed(machine, library):
    def draw(seed):
        drawn = machine.ok(id=1, op="sample", library=library(), request=REQUEST, seed=seed, count=50, max_depth=6)
        return drawn["programs"]

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)
    inferred = machine.ok(id=2, op="infer", library=library(), programs=[drawn["program"] for drawn in draw(5)])
    assert all("type" in result for result in inferred["results"])


NONSENSE = [
    b"",
    b"nonsense",
    b"{",
    b"[]",
    b"5",
    b'"op"',
    b"{}",
    b'{"id":7}',
    b'{"op":5}',
    b'{"op":"dance"}',
    b"\xff\xfe",
    b'{"op":"primitives\x00"}',
    b"[" * 100_000,
    b'{"op":"infer","library":{"productions":[{"name":"","type":"int"}]},"programs":[]}',
    b'{"op":"infer","library":{"productions":[{"name":"f","type":"int ->"}]},"programs":[]}',
    b'{"op":"infer","library":{"productions":7},"programs":[]}',
    b'{"op":"sample","library":{"productions":[]},"request":"int"}',
    b'{"op":"sample","library":{"productions":[]},"request":"int","count":-1}',
    b'{"op":"enumerate","library":{"productions":[]},"request":"int","step":0}',
    b'{"op":"enumerate","library":{"productions":[]},"request":"int","max_cost":"much"}',
    b'{"id":"\\ud800","op":"dance"}',
]


@pytest.mark.parametrize("line", NONSENSE[1:])
def test_nonsense_is_answered(machine, line):
    machine.send(b"\n" + line)
    assert machine.receive()["error"]["kind"] in ("bad_request", "parse")
    assert "ok" in machine.ask(id=1, op="primitives")


def test_mutated_requests_are_answered(machine, library):
    small = library("map car cons 0 1 + if empty")
    requests = [
        {"id": 1, "op": "infer", "library": small, "programs": ["(lambda (map (lambda (+ 1 $0)) $0))"]},
        {
            "id": 2,
            "op": "evaluate",
            "library": small,
            "jobs": [{"program": "(car $0)", "inputs": [[[1]]]}],
            "fuel": 100,
        },
        {"id": 3, "op": "sample", "library": small, "request": "int", "count": 2, "max_depth": 3},
        {
            "id": 4,
            "op": "enumerate",
            "library": small,
            "request": "int -> int",
            "max_cost": 4,
            "max_programs": 50,
            "tasks": [{"id": 1, "examples": [{"inputs": [1], "output": 2}]}],
        },
        {
            "id": 5,
            "op": "improve",
            "library": small,
            "request": "int -> int",
            "program": "(lambda (+ $0 (if empty 1 0)))",
            "examples": [{"inputs": [1], "output": 2}],
            "right": 0,
            "drift": True,
        },
    ]
    rng = random.Random(11)
    for _ in range(1500):
        line = bytearray(json.dumps(rng.choice(requests)).encode())
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(line))
            match rng.randrange(4):
                case 0:
                    line[at] = rng.choice(b'{}[]",:0-9$()ae \\')
                case 1:
                    del line[at : at + rng.randint(1, 8)]
                case 2:
                    line[at:at] = bytes(rng.choice(b'{}[]",:019$()-> ') for _ in range(3))
                case _:
                    line[at] = rng.randrange(256)
        line = bytes(line).replace(b"\n", b" ").replace(b"propose", b"")
        if line.strip():
            machine.send(line)
            answer = machine.receive()
            assert answer.get("error", {}).get("kind") != "internal", (line, answer)


def test_deep_and_long_input_is_answered(machine, library):
    deep = {"program": "(" * 100_000 + "car" + ")" * 100_000, "inputs": [[]]}
    long = {"program": "(lambda (length $0))", "inputs": [[list(range(10**6))]]}
    results = machine.ok(id=1, op="evaluate", library=library(), jobs=[deep, long], fuel=10**6)["results"]
    assert results[0]["error"]["kind"] == "parse"
    assert results[1] == [{"status": "ok", "value": 10**6}]


def test_the_end_of_input_ends_it(executable):
    finished = subprocess.run([executable], input=b'{"id":1,"op":"primitives"}', capture_output=True, timeout=10)
    assert finished.returncode == 0
    assert json.loads(finished.stdout)["id"] == 1
    assert subprocess.run([executable], input=b"", capture_output=True, timeout=10).returncode == 0


def test_a_reader_that_is_gone_ends_it_quietly(executable):
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = subprocess.Popen([executable], stdin=subprocess.PIPE, stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    _, complaint = process.communicate(b'{"op":"primitives"}\n' * 10, timeout=10)
    assert process.returncode in (0, -signal.SIGPIPE)
    assert complaint == b""


def test_an_interrupt_ends_it_or_its_search(machine, library):
    task = {"id": "t", "examples": [{"inputs": [[1, 2]], "output": [7, 7, 9]}]}
    search = {"id": 1, "op": "enumerate", "library": library(), "request": REQUEST, "tasks": [task]}
    machine.send(json.dumps(search).encode())
    time.sleep(0.5)
    machine.process.send_signal(signal.SIGINT)
    result = machine.receive()["ok"]
    assert (result["status"], result["tasks"][0]["status"]) == ("budget", "budget")
    assert result["programs"] > 0
    assert "ok" in machine.ask(id=1, op="primitives")
    machine.process.send_signal(signal.SIGINT)
    assert machine.process.wait(timeout=10) == 130


def test_a_wall_clock_limit_ends_a_search(machine, library):
    started = time.monotonic()
    result = machine.ok(id=1, op="enumerate", library=library(), request=REQUEST, timeout=0.2, exhaustive=True)
    assert result["status"] == "budget"
    assert 0.1 < time.monotonic() - started < 5
