"""The example plugin, installed beside psynth in a fresh environment, goes through every subcommand of a pipeline."""

import json

import pytest

from psynth.core.calculus.terms import names_in, parse_term
from tests.example_plugin.example_plugin import PLUGIN, ROOT
from tests.fresh_environment import FreshEnvironment

pytestmark = [pytest.mark.install, pytest.mark.slow]


@pytest.fixture(scope="module")
def psynth(tmp_path_factory):
    """Return a function that runs psynth where psynth and the example are installed, and gives its output."""
    folder = tmp_path_factory.mktemp("installed")
    environment = FreshEnvironment(folder / "environment")
    environment.install(ROOT)
    environment.install(PLUGIN)
    (folder / "work").mkdir()

    def run(*words, input="", status=0):
        done = environment.run(["psynth", *words], cwd=folder / "work", stdin=input)
        assert done.returncode == status, done.stderr
        return done.stdout

    return run


def frontiers(stream):
    return [record for record in map(json.loads, stream.splitlines()) if record["type"] == "frontier"]


def library(stream):
    *_, last = [record for record in map(json.loads, stream.splitlines()) if record["type"] == "library"]
    return last


def solved(stream):
    return {
        frontier["task"]["id"]: frontier["programs"][0]["program"]
        for frontier in frontiers(stream)
        if any(program.get("log_likelihood") == 0 for program in frontier["programs"])
    }


def test_psynth_lists_it_and_finds_it_sound(psynth):
    plugins = {plugin["name"]: plugin for plugin in json.loads(psynth("plugins", "--json"))}
    assert plugins["tiles"]["distribution"] == "psynth-example-tiles"
    assert "tiles" in psynth("doctor")
    assert "--examples" in psynth("help", "tasks", "tiles")
    assert "--max-depth" in psynth("help", "enumerate", "--method", "random")


def test_it_goes_through_tasks_enumerate_evaluate_compress(psynth, tmp_path):
    tasks = psynth("tasks", "tiles")
    assert len(frontiers(tasks)) == 10
    found = psynth("enumerate", "--max-cost", "13", input=tasks)
    before = solved(found)
    assert before["tiles/train-00-copy-right"] == "(lambda (beside $0 $0))"
    assert len(before) == 8
    judged = psynth("evaluate", input=found)
    assert solved(judged).keys() == before.keys()
    assert all(program["status"] == "ok" for frontier in frontiers(judged) for program in frontier["programs"])
    compressed = psynth("compress", "--iterations", "3", input=judged)
    learned = {each["name"] for each in library(compressed)["productions"] if each.get("definition")}
    assert learned
    after = solved(compressed)
    assert after.keys() == before.keys()
    assert any(names_in(parse_term(program)) & learned for program in after.values())
    again = psynth("evaluate", input=compressed)
    assert solved(again).keys() == before.keys(), "rewritten programs must do what they did"
    assert all(program["score"] == 1.0 for frontier in frontiers(again) for program in frontier["programs"])
    (tmp_path / "library.jsonl").write_text(compressed)
    tests = psynth("tasks", "tiles", "--split", "test")
    without = solved(psynth("enumerate", "--max-cost", "13", input=tests))
    better = solved(psynth("enumerate", "--max-cost", "13", "--library", str(tmp_path / "library.jsonl"), input=tests))
    assert without.keys() < better.keys(), "what was learned must help"


def test_its_method_searches_every_domain(psynth):
    found = psynth(
        "enumerate", "--method", "random", "--max-programs", "300", input=psynth("tasks", "list", "--count", "3")
    )
    assert [frontier["search"]["method"] for frontier in frontiers(found)] == ["random"] * 3
    assert "list/train-000-head" in solved(found)


def test_one_program_can_be_run_and_tasks_are_shown(psynth):
    tile = json.dumps(["#.", "##"])
    assert json.loads(psynth("evaluate", "-d", "tiles", "-e", "(lambda (flip $0))", tile)) == [".#", "##"]
