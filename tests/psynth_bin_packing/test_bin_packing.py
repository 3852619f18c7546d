"""The domain ``bin-packing``: against a plain simulator, by hand, in both languages, held-out instances, any ``-j``."""

from __future__ import annotations

import ast
import dataclasses
import itertools
import json
import math
from pathlib import Path
from random import Random

import pytest
from psynth_bin_packing.domain import REQUEST, BinPacking, BinPackingTaskSettings, Style
from psynth_bin_packing.instances import CLASSES, Lot, bound, drawn
from psynth_bin_packing.machine import run
from psynth_bin_packing.seeds import BEST_FIT, FIRST_FIT, SEEDS, WEIGHTS

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Budget, InputError, Task, Verdict
from tests.psynth_command import Psynth

DOMAIN = BinPacking()
LAMBDA_BEST, LAMBDA_FIRST = (each.program for each in SEEDS if each.language == "lambda")
MIXED = "(lambda (lambda (if (less (sub $0 $1) 3.0) 10.0 (div (mul $0 0.5) (sub $1 30.0)))))"
"""A priority with a condition, a division by 0 for items of size 30, and many ties."""
MIXED_PYTHON = """\
def priority(item, bins):
    return [10 if space - item < 3 else space * 0.5 / (item - 30) if item != 30 else 0 for space in bins]
"""


def task_of(kind: str, instances: int = 1, held_out: int = 0, seed: int = 0) -> Task:
    """A task for training."""
    settings = BinPackingTaskSettings(kind=(kind,), instances=instances, held_out=held_out)
    [task] = DOMAIN.tasks(settings, seed)
    return task


def judged(task: Task, *programs: str, language: str = "python") -> list[Verdict]:
    """The verdicts on programs."""
    with DOMAIN.evaluator(DOMAIN.library(), Budget(seconds=10.0), language=language) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    return verdicts


def plain(source: str, items: list[int], capacity: int) -> int:
    """The number of bins by a simulator that looks at every bin with a program that is asked for each item."""
    program: dict[str, object] = {}
    exec(compile(ast.parse(source), "<test>", "exec"), program)
    priority = program["priority"]
    assert callable(priority)
    bins: list[int] = []
    for item in items:
        ranked = dict(zip(range(item, capacity + 1), priority(item, list(range(item, capacity + 1))), strict=True))
        open_or_new = [*bins, capacity]
        # max takes the first of several.
        chosen = max((n for n, space in enumerate(open_or_new) if space >= item), key=lambda n: ranked[open_or_new[n]])
        if chosen == len(bins):
            bins.append(capacity)
        bins[chosen] -= item
    return len(bins)


@pytest.mark.parametrize("kind", ["or1", "weibull-1k"])
@pytest.mark.parametrize("source", [BEST_FIT, FIRST_FIT, WEIGHTS, MIXED_PYTHON])
def test_packings_are_those_of_a_plain_simulator(kind: str, source: str) -> None:
    task = task_of(kind, instances=2)
    [verdict] = judged(task, source)
    lot = Lot.of(task)
    bins = [plain(source, list(items), lot.of_class.capacity) for items in lot.shown()]
    least = sum(bound(items, lot.of_class.capacity) for items in lot.shown())
    assert verdict.outputs[0].value["bins"] == sum(bins)
    assert verdict.reward == pytest.approx(-100 * (sum(bins) - least) / least)
    assert verdict.score == pytest.approx(least / sum(bins))


def test_first_fit_and_best_fit_by_hand() -> None:
    def packed(items: list[int], rank: str) -> tuple[int, int, int]:
        side = range(11)
        table = [
            float({"first": 0, "best": -space, "worst": space}[rank]) for _, space in itertools.product(side, side)
        ]
        [found] = run(10, table, [items])
        return found

    # First fit: 5+4, 7, 6. Best fit puts 3 on top of 7.
    assert packed([5, 7, 3, 6, 5], "first") == (4, 0, 0)  # 5+3, 7, 6, 5
    assert packed([5, 7, 3, 6, 5], "best") == (3, 2, 0)  # 5+5, 7+3, 6
    assert packed([5, 5], "worst") == (2, 0, 1)
    assert packed([10, 10], "best") == (2, 2, 0)
    assert packed([], "best") == (0, 0, 0)
    assert bound([5, 7, 3, 6, 5], 10) == 3


@pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
@pytest.mark.parametrize("kind", ["or2", "weibull-1k"])
def test_both_languages_agree(kind: str) -> None:
    task = task_of(kind, instances=2, held_out=1)
    terms = judged(task, LAMBDA_BEST, LAMBDA_FIRST, MIXED, language="lambda")
    sources = judged(task, BEST_FIT, FIRST_FIT, MIXED_PYTHON)
    assert [each.status for each in terms] == ["ok"] * 3
    assert [dataclasses.replace(each, versions=None) for each in terms] == sources
    assert judged(task, WEIGHTS)[0].reward == sources[0].reward, "the weights begin as best fit"
    assert terms[0].reward is not None
    assert terms[1].reward is not None
    assert 0 > terms[0].reward > terms[1].reward, "best fit is better than first fit"


def test_classes_have_the_published_distributions() -> None:
    """Best fit's excess is near the published one: 5.37 % on OR3 and 3.98 % on Weibull with 5,000 items."""
    for kind, of_class in CLASSES.items():
        [items] = drawn(kind, "train", 1, 1)
        assert len(items) == of_class.items
        assert of_class.least <= min(items) <= max(items) <= of_class.most
    [weibull] = drawn("weibull-100k", "train", 1, 1)
    mean = 45 * math.gamma(1 + 1 / 3)
    assert sum(weibull) / len(weibull) == pytest.approx(mean, abs=0.3)
    for kind, published in (("or3", 5.37), ("weibull-5k", 3.98)):
        [verdict] = judged(task_of(kind, instances=CLASSES[kind].instances), BEST_FIT)
        assert verdict.reward == pytest.approx(-published, abs=0.4)


def test_instances_of_training_testing_and_held_out_are_apart() -> None:
    sets = [
        {tuple(items) for items in drawn("or1", part, seed, 30)}
        for part in ("train", "test", "held out")
        for seed in (0, 1)
    ]
    assert sum(map(len, sets)) == len(set().union(*sets)) == 180
    assert drawn("or1", "train", 0, 5) == drawn("or1", "train", 0, 30)[:5]
    [train, test] = DOMAIN.tasks(BinPackingTaskSettings(split="all", kind=("or3",)), 0)
    assert (Lot.of(train).held_out, Lot.of(test).held_out) == (20, 0)
    assert "held_out" not in (DOMAIN.visible(train).environment or {})


def test_a_search_sees_nothing_of_what_is_held_out() -> None:
    """The reward does not depend on it, and what it earns there is what a task of those instances says."""
    task = task_of("or1", instances=3, held_out=4)
    [whole], [seen] = judged(task, BEST_FIT), judged(Task(**_plain(DOMAIN.visible(task))), BEST_FIT)
    assert whole.reward == seen.reward
    assert seen.held_out_reward is None
    hidden = drawn("or1", "held out", 0, 4)
    bins = sum(plain(BEST_FIT, list(items), 150) for items in hidden)
    least = sum(bound(items, 150) for items in hidden)
    assert whole.held_out_reward == pytest.approx(-100 * (bins - least) / least)


def _plain(task: Task) -> dict[str, object]:
    return {name: getattr(task, name) for name in Task.__dataclass_fields__}


@pytest.mark.parametrize(
    ("program", "language", "why"),
    [
        ("def priority(item, bins): return bins[1:]", "python", "for an item of size 20: "),
        ("def priority(item, bins): return [True] * len(bins)", "python", "finite numbers"),
        ("def priority(item, bins): return [10**400] * len(bins)", "python", "finite numbers"),
        ("def priority(item, bins): return [1 / (item - 30)] * len(bins)", "python", "size 30: ZeroDivisionError"),
        (f"(lambda (lambda (mul $0 {'9' * 200}.0)))".replace("$0", f"(mul $0 {'9' * 200}.0)"), "lambda", "holds inf"),
    ],
)
def test_what_is_no_priority_is_a_failure(program: str, language: str, why: str) -> None:
    if language == "lambda" and not EXECUTABLE.exists():
        pytest.skip("the λ-machine is not built")
    [verdict] = judged(task_of("or1"), program, language=language)
    assert (verdict.status, verdict.reward, verdict.score) == ("error", None, None)
    assert verdict.message is not None
    assert why in verdict.message
    assert Style().of(verdict.outputs) is None


@pytest.mark.parametrize(
    "change", [{"class": "or9"}, {"instances": 0}, {"part": "held out"}, {"seed": "x"}, {"held_out": -1}]
)
def test_a_task_without_instances_is_an_error(change: dict[str, object]) -> None:
    environment = {**(task_of("or1").environment or {}), **change}
    with pytest.raises(InputError, match="environment"):
        DOMAIN.calls(Task("bin-packing/x", "bin-packing", REQUEST, environment=environment))


@pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
def test_evolution_is_the_same_with_any_number_of_workers(tmp_path: Path) -> None:
    run_psynth = Psynth(tmp_path)
    env = {"PSYNTH_PLUGINS": "bin_packing,elites,source,search"}
    words = ("elites", "--method", "map-elites", "--max-evaluations", "16", "--batch", "8", "seeds.jsonl")
    for language in ("python", "lambda"):
        seeds = run_psynth("tasks", "bin-packing", "--class", "or1", "--seeds", language, env=env)
        (tmp_path / "seeds.jsonl").write_text(seeds.stdout)
        one, two = (run_psynth(*words, "-j", jobs, env=env).stdout for jobs in "12")
        records = [[json.loads(line) for line in text.splitlines() if '"header"' not in line] for text in (one, two)]
        assert records[0] == records[1]
        programs = [each["programs"][0] for each in records[0] if each["type"] == "frontier"]
        assert programs
        assert all(program["held_out_reward"] < 0 for program in programs)


def test_a_random_heuristic_is_packed_as_by_the_plain_simulator() -> None:
    rng = Random(0)
    table = {(size, space): rng.randint(0, 3) for size in range(1, 101) for space in range(size, 101)}
    source = f"TABLE = {table}\ndef priority(item, bins): return [TABLE[item, space] for space in bins]"
    [verdict] = judged(task_of("weibull-1k", seed=3), source)
    [items] = drawn("weibull-1k", "train", 3, 1)
    assert verdict.outputs[0].value["bins"] == plain(source, list(items), 100)
