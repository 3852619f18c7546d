"""The list domain: its task generator is deterministic, telling and split cleanly, and its tasks can be solved."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from psynth_list.domain import List, ListTaskSettings
from psynth_list.families import FAMILIES
from psynth_list.tasks import instances

from psynth.core.calculus.types import parse_type
from psynth.core.errors import UsageError
from psynth.plugins.evaluator import Budget

ALL = ListTaskSettings(split="all")

# What a person would write with the common set: one program a family that is meant to be easy, keyed by slug.
SOLUTIONS = {
    "head": "(lambda (car $0))",
    "length": "(lambda (length $0))",
    "tail": "(lambda (cdr $0))",
    "prepend-k-0": "(lambda (cons 0 $0))",
    "prepend-k-1": "(lambda (cons 1 $0))",
    "index-k-1": "(lambda (index 1 $0))",
    "index-k-2": "(lambda (car (cdr (cdr $0))))",
    "add-k-1": "(lambda (map (lambda (+ 1 $0)) $0))",
    "mult-k-0": "(lambda (map (lambda 0) $0))",
    "mult-k-2": "(lambda (map (lambda (+ $0 $0)) $0))",
    "sum": "(lambda (fold $0 0 (lambda (lambda (+ $0 $1)))))",
    "product": "(lambda (fold $0 1 (lambda (lambda (* $0 $1)))))",
    "last": "(lambda (index (length (cdr $0)) $0))",
    "square": "(lambda (map (lambda (* $0 $0)) $0))",
    "double-head": "(lambda (+ (car $0) (car $0)))",
    "head-is-k-0": "(lambda (eq? 0 (car $0)))",
    "head-is-prime": "(lambda (is-prime (car $0)))",
    "length-is-k-1": "(lambda (eq? 1 (length $0)))",
    "range-head": "(lambda (range (car $0)))",
    "range-length": "(lambda (range (length $0)))",
    "drop-k-2": "(lambda (cdr (cdr $0)))",
    "take-k-1": "(lambda (cons (car $0) empty))",
    "append-k-0": "(lambda (fold $0 (cons 0 empty) (lambda (lambda (cons $1 $0)))))",
    "prepend-index-k-0": "(lambda (cons (car $0) $0))",
    "fill-index-k-0": "(lambda (map (lambda (car $1)) $0))",
    "keep-primes": "(lambda (fold $0 empty (lambda (lambda (if (is-prime $1) (cons $1 $0) $0)))))",
    "dup": "(lambda (fold $0 empty (lambda (lambda (cons $1 (cons $1 $0))))))",
    "twice": "(lambda (fold $0 $0 (lambda (lambda (cons $1 $0)))))",
    "reverse": "(lambda (fold $0 empty (lambda (lambda (fold $0 (cons $1 empty) (lambda (lambda (cons $1 $0))))))))",
    "countdown": "(lambda (unfold (car $0) (lambda (eq? 0 $0)) (lambda $0) (lambda (- $0 1))))",
    "repeat-head": "(lambda (map (lambda (car $1)) (range (car $0))))",
    "max": "(lambda (fold $0 0 (lambda (lambda (if (gt? $1 $0) $1 $0)))))",
    "sum-tail": "(lambda (fold (cdr $0) 0 (lambda (lambda (+ $0 $1)))))",
    "count-primes": "(lambda (fold $0 0 (lambda (lambda (if (is-prime $1) (+ 1 $0) $0)))))",
    "has-k-0": "(lambda (eq? 0 (fold $0 1 (lambda (lambda (* $0 $1))))))",
    "longer-than-k-1": "(lambda (gt? (length $0) 1))",
    "sum-greater-than-k-4": "(lambda (gt? (fold $0 0 (lambda (lambda (+ $0 $1)))) 4))",
    "add-place": "(lambda (map (lambda (+ $0 (index $0 $1))) (range (length $0))))",
    "swap-first-two": "(lambda (cons (car (cdr $0)) (cons (car $0) (cdr (cdr $0)))))",
}


def slug(task_id: str) -> str:
    """Return ``add-k-1`` for ``list/train-005-add-k-1``."""
    return task_id.split("-", 2)[2]


def numbers(value) -> list[int]:
    return [int(n) for n in (value if isinstance(value, list) else [value])]


def test_the_same_seed_gives_the_same_tasks_and_another_seed_other_examples():
    first, again, other = (list(List().tasks(ALL, seed)) for seed in (0, 0, 1))
    assert first == again
    assert [task.id for task in first] == [task.id for task in other]
    assert all(a.examples != b.examples for a, b in zip(first, other, strict=True))


def test_a_count_is_a_prefix_and_begins_with_one_instance_of_every_family():
    families = len([family for family in FAMILIES if family.train])
    some = list(List().tasks(ListTaskSettings(count=families), 0))
    assert some == list(List().tasks(ListTaskSettings(), 0))[:families]
    assert len({task.meta["family"] for task in some}) == families


def test_tasks_do_not_depend_on_the_hash_seed():
    script = (
        "import json; from psynth_list.domain import List, ListTaskSettings as S;"
        "print(json.dumps([t.to_json() for t in List().tasks(S(count=30), 7)]))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert len(json.loads(runs.pop())) == 30


def test_there_are_as_many_tasks_as_the_readme_says():
    assert (len(instances("train")), len(instances("test"))) == (122, 72)


def test_no_two_instances_are_the_same_function():
    rng = random.Random(0)
    probes = [[rng.randint(0, 9) for _ in range(rng.randint(0, 7))] for _ in range(400)]
    meanings: dict[str, str] = {}
    for split in ("train", "test"):
        for slug, family, parameters in instances(split):
            meaning = repr([family.function(xs, *parameters) for xs in probes])
            assert meanings.setdefault(meaning, slug) == slug


def test_every_task_is_well_formed():
    tasks = list(List().tasks(ALL, 3))
    assert len({task.id for task in tasks}) == len(tasks)
    assert [task.id for task in tasks if task.split == "train"] == sorted(
        task.id for task in tasks if task.split == "train"
    )
    for task in tasks:
        assert str(parse_type(task.request)) == task.request
        assert task.id.startswith("list/")
        assert task.descriptions
        assert "{" not in task.descriptions[0]
        assert len(task.examples) == 15
        assert len({repr(example.inputs) for example in task.examples}) == 15


def test_values_stay_small_and_of_the_requested_type():
    kinds = {"int": int, "bool": bool, "list(int)": list}
    for task in List().tasks(ALL, 4):
        wanted = kinds[task.request.split(" -> ")[1]]
        for example in task.examples:
            assert type(example.output) is wanted
            assert len(numbers(example.output)) <= 28
            assert all(0 <= n < 10**7 for n in numbers(example.output))
            assert all(0 <= n <= 9 for n in example.inputs[0])


def test_no_output_and_no_unchanged_input_makes_up_more_than_half():
    for task in List().tasks(ALL, 5):
        outcomes = ["as it was" if [e.output] == list(e.inputs) else repr(e.output) for e in task.examples]
        assert max(map(outcomes.count, outcomes)) <= 8, task.id


def test_settings_shape_the_examples():
    settings = ListTaskSettings(count=5, examples=4, held_out=2, max_length=5, max_value=30)
    for task in List().tasks(settings, 0):
        assert [example.split for example in task.examples] == [None] * 4 + ["test"] * 2
        assert all(len(example.inputs[0]) <= 5 for example in task.examples)


def test_bounds_that_leave_too_few_inputs_are_a_usage_error_that_names_the_task():
    with pytest.raises(UsageError, match=r"head: .*--max-length"):
        list(List().tasks(ListTaskSettings(examples=50, max_length=1), 0))


def test_primitive_sets_have_the_documented_sizes_and_no_repetition():
    for name, summary in List.primitive_sets.items():
        names = List.primitives[name]
        assert len(set(names)) == len(names)
        assert f"({len(names)} primitives)" in summary


@pytest.mark.usefixtures("lambda_machine")
class TestInTheLambdaMachine:
    """What needs the λ-machine: types of primitives, and programs that solve tasks."""

    @pytest.mark.parametrize("primitive_set", List.primitive_sets)
    def test_the_machine_knows_every_primitive(self, primitive_set):
        library = List().library(primitive_set)
        assert [production.name for production in library.productions] == list(List.primitives[primitive_set])
        for production in library.productions:
            assert str(parse_type(production.type)) == production.type

    def test_hand_written_programs_solve_their_tasks(self):
        tasks = {slug(task.id): task for task in List().tasks(ListTaskSettings(held_out=5), 11)}
        with List().evaluator(List().library(), Budget()) as evaluator:
            verdicts = evaluator.judge([(tasks[name], [program]) for name, program in SOLUTIONS.items()])
        failed = {name: v for name, [v] in zip(SOLUTIONS, verdicts, strict=True) if v.score < 1 or v.held_out != 1}
        assert failed == {}

    def test_a_wrong_program_does_not_solve(self):
        task = next(List().tasks(ListTaskSettings(count=1), 0))
        with List().evaluator(List().library(), Budget()) as evaluator:
            [[right, wrong, broken]] = evaluator.judge(
                [(task, ["(lambda (car $0))", "(lambda (length $0))", "(lambda (car 1))"])]
            )
        assert right.score == 1
        assert 0 <= wrong.score < 1
        assert broken.rejected is not None

    def test_the_evaluator_accepts_every_task_of_every_split(self):
        tasks = list(List().tasks(replace(ALL, examples=3), 2))
        constants = {"int": "(lambda 0)", "bool": "(lambda (eq? 0 1))", "list(int)": "(lambda empty)"}
        with List().evaluator(List().library(), Budget()) as evaluator:
            verdicts = evaluator.judge([(task, [constants[task.request.split(" -> ")[1]]]) for task in tasks])
        assert {verdict.status for [verdict] in verdicts} == {"ok"}
