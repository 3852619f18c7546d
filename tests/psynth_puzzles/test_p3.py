"""The format p3: what becomes of an entry of the file, and P3's own puzzles and published solutions."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from psynth_puzzles.domain import Puzzles
from psynth_puzzles.literals import holds_in_json, with_short_integers
from psynth_puzzles.p3 import P3

from psynth.core.python_source import syntax_fault
from psynth.plugins import Budget, Context, Frontier, InputError, Task, UsageError, Verdict
from psynth.plugins.evaluator import Job
from tests.psynth_puzzles.defaults import defaults
from tests.shared_data import shared_data

ENTRY = {
    "name": "Between:0",
    "sat": "def sat(x: List[int], low=3, names={'a': 1}, high=[5]):\n    return [low] < x < high",
    "ans_type": "List[int]",
    "sol_header": "def sol(high=[5], low=3, names={'a': 1}):",
    "sol_docstring": '    """\n    Find a list between two.\n\n    Neither of them.\n    """',
    "sol_bodies": ["    return [low + 1]", "    return high"],
    "notes": "",
}
LONG_INTEGERS = {"puzzles/p3-FivePowers:0", "puzzles/p3-ExponentialCoinMoves:0"}
"""Puzzles with integers of so many digits that Python by default does not write them."""


def read(path: Path, **settings: Any) -> list[Frontier]:
    """The frontiers of a file."""
    return [each for each in P3(**settings).read([str(path)], Context("import")) if isinstance(each, Frontier)]


def written(folder: Path, *entries: Any) -> Path:
    """A file of entries."""
    path = folder / "puzzles.json.gz"
    path.write_bytes(gzip.compress(json.dumps(entries).encode()))
    return path


def judged(jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
    """The verdicts on programs, with ample time."""
    domain = Puzzles()
    with domain.evaluator(domain.library(), Budget(seconds=60.0), language="python", jobs=2) as evaluator:
        return evaluator.judge(jobs)


def test_an_entry_is_a_task_with_inputs_in_the_order_of_its_solutions(tmp_path: Path) -> None:
    [frontier] = read(written(tmp_path, ENTRY), solutions=True)
    task = frontier.task
    assert task is not None
    assert (task.id, task.meta) == ("puzzles/p3-Between:0", {"problem": "Between", "source": "P3"})
    assert task.descriptions == ("Find a list between two.\n\nNeither of them.",)
    assert task.environment is not None
    assert task.environment["inputs"] == [[5], 3, {"a": 1}]
    assert [(program.language, program.log_likelihood) for program in frontier.programs] == [("python", None)] * 2
    [verdicts] = judged([(task, [program.program for program in frontier.programs])])
    assert [verdict.solved for verdict in verdicts] == [True, False]
    assert read(written(tmp_path, ENTRY)) == [Frontier(task)]


def test_inputs_that_json_cannot_hold_stay_in_the_source(tmp_path: Path) -> None:
    long = "9" * 5000
    entry = {
        **ENTRY,
        "sat": f"def sat(x: int, n={long}, ways={{1: 2}}):\n    return x == n and x % 10 == 9 and ways[1] == 2",
        "ans_type": "int",
        "sol_header": f"def sol(n={long}, ways={{1: 2}}):",
        "sol_bodies": [f"    assert n == {long}\n    return n % 10**9", "    return ways[1]"],
    }
    [frontier] = read(written(tmp_path, entry), solutions=True)
    assert frontier.task is not None
    assert (frontier.task.environment or {})["inputs"] == []
    [[first, second]] = judged([(frontier.task, [program.program for program in frontier.programs])])
    assert (first.outputs[0].value, second.outputs[0].value) == (10**9 - 1, 2)
    assert (first.message, second.message) == ("the checker returned False",) * 2


def test_long_integers_are_written_in_hexadecimal_and_nothing_else_changes() -> None:
    long, short = "1" + "0" * 4300, "7" * 4300
    source = f"x = [{long}, {short}, '{long}', {long}]  # {long}\n"
    changed = with_short_integers(source)
    value = hex(10**4300)
    assert changed == f"x = [{value}, {short}, '{long}', {value}]  # {long}\n"
    assert syntax_fault(changed) is None
    assert with_short_integers(f"(\n{long}") == f"(\n{long}"


def test_what_json_holds() -> None:
    assert all(map(holds_in_json, [1, True, None, "a", 0.5, [[1]], {"a": [1]}, -(10**307)]))
    assert not any(map(holds_in_json, [{1: 1}, [10**308], (1,), {"a": {2}}, float("inf"), [b""]]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sat": 3}, r"sat: expected a text"),
        ({"sat": "def sat(x: int:"}, r"sat: not Python"),
        ({"sat": "x = 3"}, r"sat: expected a function"),
        ({"sat": "def sat(x: int, y): return True"}, r"sat: expected a default"),
        ({"sat": "def sat(x: int, low=f(), names={}, high=3): return True"}, r"sat: expected literals"),
        ({"sol_header": "def sol(low=3):"}, r"sol_header: expected the arguments"),
        ({"sol_bodies": "return 1"}, r"sol_bodies: expected a list"),
        ({"ans_type": "Set[int]"}, r"ans_type: 'Set\[int\]' is no type"),
    ],
)
def test_what_is_wrong_with_an_entry(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=rf"\[1\]: task Between:0: {message}"):
        read(written(tmp_path, ENTRY, {**ENTRY, **change}))


def test_splits(tmp_path: Path) -> None:
    path = written(tmp_path, ENTRY, {**ENTRY, "name": "Other:0"}, {**ENTRY, "name": "Other:1"})
    splits = tmp_path / "split.json"
    splits.write_text('{"train": ["Other"], "test": ["Unknown"]}')
    assert [frontier.task and frontier.task.split for frontier in read(path, split_file=splits)] == [
        None,
        "train",
        "train",
    ]
    assert [len(read(path, split_file=splits, split=split)) for split in ("train", "test", "all")] == [2, 0, 3]
    with pytest.raises(UsageError, match="needs --split-file"):
        read(path, split="test")
    splits.write_text("[]")
    with pytest.raises(InputError, match=r"split\.json: expected an object"):
        read(path, split_file=splits)


def test_p3_has_as_many_problems_and_instances_as_the_help_says() -> None:
    frontiers = read(shared_data("p3/puzzles.json.gz"), split_file=shared_data("p3/split.json"), solutions=True)
    tasks = [frontier.task for frontier in frontiers if frontier.task is not None]
    instances = Counter(task.split for task in tasks)
    problems = Counter(split for split, _ in {(task.split, (task.meta or {})["problem"]) for task in tasks})
    assert instances == {"train": 636, "test": 1009, None: 70}
    assert problems == {"train": 155, "test": 228, None: 14}
    assert len({task.id for task in tasks}) == 1715
    assert sum(len(frontier.programs) for frontier in frontiers) == 1698
    assert sum(bool(frontier.programs) for frontier in frontiers) == 1661
    described = " ".join((P3.__doc__ or "").split())
    assert "1,715 instances has 397 problems" in described
    assert "155 problems with 636 instances into train and 228 problems with 1,009 instances into test" in described


@pytest.mark.parametrize("step", [29, pytest.param(1, marks=pytest.mark.slow)])
def test_published_solutions_solve_their_puzzles_and_types_alone_do_not(step: int) -> None:
    frontiers = read(shared_data("p3/puzzles.json.gz"), solutions=True)[::step]
    jobs = []
    for frontier in frontiers:
        assert frontier.task is not None
        values = defaults((frontier.task.environment or {})["answer"])
        blind = [f"def sol(*inputs): return {value!r}" for value in values]
        jobs.append((frontier.task, [*blind, *(program.program for program in frontier.programs)]))
    accepted = 0
    for (task, programs), verdicts, truths in zip(jobs, judged(jobs), checked(jobs), strict=True):
        blind = [verdict.solved for verdict in verdicts[: len(truths)]]
        assert blind == truths, task.id
        accepted += any(truths)
        for program, verdict in zip(programs[len(truths) :], verdicts[len(truths) :], strict=True):
            excused = task.id in LONG_INTEGERS and "digits" in (verdict.message or "")
            assert verdict.solved or excused, (task.id, program, verdict.message)
    assert accepted < 0.1 * len(jobs)


def checked(jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[bool]]:
    """For each task what its checker, as a program of its own, says of the values of its type."""
    domain = Puzzles()
    answers = []
    domain.function = "sat"  # type: ignore[misc]
    with domain.evaluator(domain.library(), Budget(seconds=60.0), language="python", jobs=2) as evaluator:
        environments = [task.environment or {} for task, _ in jobs]
        calls = [[[value] for value in defaults(each["answer"])] for each in environments]
        found = evaluator.run_all(
            [Job(each["checker"], inputs) for each, inputs in zip(environments, calls, strict=True)]
        )
        for outcomes in found:
            assert isinstance(outcomes, list)
            answers.append([outcome.status == "ok" and outcome.value is True for outcome in outcomes])
    return answers
