"""The numbers of programs below a cost are exact: the published ones, as the command line reports them."""

import pytest

from tests.pipeline_command import psynth, records, stream

LIST = {
    "id": "list/count",
    "domain": "list",
    "request": "list(int) -> list(int)",
    "examples": [{"inputs": [[1, 2]], "output": [99, 98, 97]}],
}
REGEX = {
    "id": "regex/count",
    "domain": "regex",
    "request": "tfullstr -> tfullstr",
    "examples": [{"inputs": ["ab"], "output": "no such word"}],
}


@pytest.mark.parametrize(
    ("task", "max_cost", "programs"),
    [
        (LIST, 15, 1_872),
        (LIST, 16.5, 3_121),
        (LIST, 18, 15_877),
        (LIST, 21, 125_660),
        (REGEX, 15, 3_781),
        (REGEX, 16.5, 16_885),
    ],
)
def test_programs_below_a_cost(task: dict, max_cost: float, programs: int) -> None:
    frontier = stream({"type": "frontier", "task": task, "programs": []})
    done = psynth("enumerate", "--method", "windows", "--max-cost", str(max_cost), "--exhaustive", input=frontier)
    [found] = records(done.stdout, "frontier")
    assert found["search"] == {
        "method": "windows",
        "programs": programs,
        "max_cost": max_cost,
        "status": "budget",
    }
