"""The main job on other people's tasks: what a published system solves is solved, and a library lets more be solved."""

import pytest

from tests.pipeline_command import by_request, psynth, records, solved
from tests.shared_data import shared_data


def test_list_tasks_at_the_published_bound() -> None:
    """The peer solves 30 of these tasks below 16.5 nats; programs below that bound are the same for everybody."""
    lines = shared_data("tasks/list.jsonl").read_bytes().splitlines()
    tasks = by_request(lines, "list(int) -> list(int)")
    found = psynth("enumerate", "--max-cost", "16.5", "--exhaustive", input=tasks).stdout
    assert len(records(found, "frontier")) == 150
    assert {frontier["search"]["programs"] for frontier in records(found, "frontier")} == {3_121}
    assert len(solved(found)) >= 30


@pytest.mark.parametrize(("data", "budget"), [("list", "30000"), ("regex-train", "20000")])
def test_a_library_lets_more_be_solved(data: str, budget: str) -> None:
    tasks = shared_data(f"tasks/{data}.jsonl").read_bytes()
    before = psynth("enumerate", "-j", "2", "--max-programs", budget, input=tasks, timeout=300).stdout
    library = psynth("compress", input=before, timeout=300).stdout
    after = psynth("enumerate", "-j", "2", "--max-programs", budget, input=library, timeout=300).stdout
    assert solved(before) <= solved(library) == solved(before)
    assert len(solved(after)) > len(solved(before))


def test_solutions_solve(tmp_path) -> None:
    """What enumerate calls a solution, evaluate calls right; also after compress has rewritten it."""
    tasks = shared_data("tasks/list.jsonl").read_bytes()
    found = psynth("enumerate", "--max-cost", "15", input=tasks).stdout
    for stream in (found, psynth("compress", input=found).stdout):
        judged = psynth("evaluate", input=stream).stdout
        programs = [program for frontier in records(judged, "frontier") for program in frontier["programs"]]
        assert programs
        assert {(program["status"], program["log_likelihood"], program["score"]) for program in programs} == {
            ("ok", 0.0, 1.0)
        }
