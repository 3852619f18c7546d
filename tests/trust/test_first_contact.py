"""What a new user met: nothing is wrong without a word, and no healthy work is called broken."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.psynth_command import Psynth

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
BUILT_IN = {"PSYNTH_PLUGINS": "formats,karel,library,list,search"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs psynth in a folder with a small library and what was found with it."""
    made = Run(tmp_path_factory.mktemp("first-contact"))
    made("tasks", "list", "-o", "tasks.jsonl")
    made("enumerate", "--max-cost", "12", "tasks.jsonl", "-o", "found.jsonl")
    made("compress", "found.jsonl", "-o", "learned.jsonl")
    return made


class Run:
    """Runs psynth with the built-in plugins in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._psynth = Psynth(folder)

    def __call__(self, *words: str, input: str = "", status: int = 0) -> tuple[str, str]:
        """The output and the messages of a command with this exit status."""
        done = self._psynth(*words, input=input, env=BUILT_IN)
        assert done.returncode == status, (words, done.returncode, done.stderr)
        assert all(line.startswith(("psynth ", "psynth: ")) for line in done.stderr.splitlines()), done.stderr
        return done.stdout, done.stderr

    def lines(self, name: str) -> list[str]:
        """The lines of a file."""
        return (self.folder / name).read_text().splitlines(keepends=True)


def frontiers(output: str) -> dict[str, dict[str, Any]]:
    """The frontiers of a stream by task."""
    found = [json.loads(line) for line in output.splitlines()]
    return {each["task"]["id"]: each for each in found if each["type"] == "frontier"}


SEARCH = ("enumerate", "--max-cost", "11")


@pytest.mark.parametrize("order", ["sort", "tac", "shuf"])
def test_a_library_that_stands_later_is_used(run: Run, order: str) -> None:
    lines = run.lines("learned.jsonl")
    wanted = frontiers(run(*SEARCH, input="".join(lines))[0])
    changed = {"sort": sorted(lines), "tac": lines[::-1], "shuf": random.Random(1).sample(lines, len(lines))}[order]
    output, said = run(*SEARCH, input="".join(changed))
    assert frontiers(output) == wanted
    assert "stood before the library of list, which is used for them too" in said
    # What is written has its library first, so that the next stage need not wait.
    assert run("evaluate", input=output)[1] == ""


def test_frontiers_of_an_earlier_stage_without_a_library_are_told(run: Run) -> None:
    lines = run.lines("learned.jsonl")
    piece = "".join(lines[-40:])
    _, said = run(*SEARCH, input=piece)
    assert "39 frontiers of list from an earlier stage, but no library of it: the domain's own is used" in said
    assert "(--library FILE names another)" in said
    assert run(*SEARCH, "--library", "learned.jsonl", input=piece)[1] == ""


def test_a_library_of_another_domain_is_refused(run: Run) -> None:
    for words in (("-d", "karel"), ("karel.jsonl",)):
        run("tasks", "karel", "-o", "karel.jsonl")
        _, said = run("search", "--max-evaluations", "5", "--library", "learned.jsonl", *words, status=2)
        assert "--library: the file holds a library of list" in said


@pytest.mark.parametrize(
    "command",
    ["evaluate", "enumerate --max-cost 7", "compress", "mutate --on-error keep", "search --max-evaluations 5"],
)
def test_unknown_names_are_told_once_with_their_number_and_first_place(run: Run, command: str) -> None:
    lines = [line for line in run.lines("learned.jsonl") if '"frontier"' in line]
    (run.folder / "piece.jsonl").write_text("".join(lines))
    users = [number for number, line in enumerate(lines, 1) if "(fn_" in line]
    count = sum(each["program"].count("fn_") > 0 for line in lines for each in json.loads(line)["programs"])
    _, said = run(*command.split(), "piece.jsonl")
    [told] = [line for line in said.splitlines() if "no library in force defines" in line]
    assert f"warning: {count} program" in told
    assert f"piece.jsonl:{users[0]}: task list/" in told
    assert "fn_" in told


def test_report_counts_failures_and_keeps_experiments_apart(run: Run) -> None:
    run(*SEARCH, "learned.jsonl", "-o", "again.jsonl")
    report = json.loads(run("report", "--json", "again.jsonl", "learned.jsonl")[0])
    assert {row["method"] for row in report["table"]} == {"windows (again)", "windows (learned)"}
    for row in report["table"]:
        assert (row["runs"], row["score"]["runs"]) == (1, 1)
        assert row["solved"]["mean"] or row["score"]["mean"] < 1
    assert all(curve["runs"] == 1 for curve in report["curves"])
    splits = report["reuse"][0]["splits"]
    assert {name: split["searched"] for name, split in splits.items()} == {"train (again)": 122, "train (learned)": 122}
    assert [(total["tasks"], total["runs"]) for total in report["total"]] == [(122, 122), (122, 122)]
    assert "learned.jsonl is not averaged with again.jsonl" in report["notes"][0]
    text, _ = run("report", "again.jsonl", "learned.jsonl")
    assert "all 122 tasks" in text
    assert "is not averaged with" in text
    both = json.loads(run("report", "--json", "again.jsonl", "again.jsonl")[0])
    assert both["table"][0]["runs"] == 2


def test_a_lost_shard_shows_in_every_summary_and_a_later_one_mends_it(run: Run) -> None:
    for shard in ("1/3", "2/3", "3/3"):
        run("enumerate", "--max-cost", "7", "--shard", shard, "tasks.jsonl", "-o", f"{shard[0]}.jsonl")
    run("enumerate", "--max-cost", "7", "tasks.jsonl", "-o", "whole.jsonl")
    missing = "only shards 1/3, 2/3 of psynth enumerate; missing: shard 3/3"
    part, said = run("merge", "1.jsonl", "2.jsonl")
    assert missing in said
    (run.folder / "part.jsonl").write_text(part)
    for words in (("check",), ("show", "--summary"), ("report",)):
        assert missing in run(*words, "part.jsonl")[0], words
        assert missing in run(*words, "1.jsonl", "2.jsonl")[0], words
        assert "missing" not in run(*words, "1.jsonl", "2.jsonl", "3.jsonl")[0], words
    for words in (("check", "--strict", "part.jsonl"), ("merge", "--strict", "1.jsonl", "2.jsonl")):
        run(*words, status=4)
    assert run("merge", "part.jsonl", "3.jsonl")[0] == "".join(run.lines("whole.jsonl"))


def test_an_interruption_shows_in_every_summary(run: Run) -> None:
    lines = [line.replace('"status":"budget"', '"status":"interrupted"') for line in run.lines("found.jsonl")]
    (run.folder / "x.jsonl").write_text("".join(lines))
    cut = sum('"interrupted"' in line and '"frontier"' in line for line in lines)
    checked, _ = run("check", "x.jsonl")
    assert "interrupted  end" in checked
    assert f"{cut}  searches interrupted" in checked
    assert "interrupted" in run("show", "--summary", "x.jsonl")[0]
    assert f"x.jsonl was interrupted, after which {cut} searches had no result" in run("report", "x.jsonl")[0]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("compress --cost mapp=5 found.jsonl", "no library here has a primitive 'mapp' (did you mean 'map'?)"),
        ("sample --count 1 --request int->foo tasks.jsonl", "'foo' is no type of list"),
        ("sample --count 1 --request int->lst(int) tasks.jsonl", "(did you mean 'list'?)"),
        ("show --task nosuch tasks.jsonl", "no task matches 'nosuch'"),
        ("show --task rain-011 --summary tasks.jsonl", "(did you mean '*rain-011*'?)"),
        ("evaluate --resume nosuch.jsonl found.jsonl", "--resume nosuch.jsonl: no such file"),
        ("evaluate --resume learned.jsonl found.jsonl", "made by psynth compress, not by psynth evaluate"),
        ("help tasks lst", "(did you mean 'list'?)"),
        ("help import stitc", "(did you mean 'stitch'?)"),
        ("help search hill-clim", "(did you mean 'hill-climb'?)"),
        ("help merge foo", "has nothing to explain by name"),
    ],
)
def test_misspelled_names_are_refused_with_the_nearest(run: Run, command: str, said: str) -> None:
    output, told = run(*command.split(), status=2)
    assert said in told
    assert told.count("\n") == 1
    assert "help" not in command or output == ""


@pytest.mark.parametrize("command", ["compress", "mutate", "evaluate"])
def test_a_stream_without_a_program_is_told(run: Run, command: str) -> None:
    assert "122 frontiers without a program" in run(command, "tasks.jsonl")[1]


def test_a_poorer_search_does_not_hide_a_better_one(run: Run) -> None:
    first = frontiers("".join(run.lines("found.jsonl")))
    later = frontiers(run("enumerate", "--max-cost", "7", "found.jsonl")[0])
    assert {task: each["search"] for task, each in later.items()} == {
        task: each["search"] for task, each in first.items()
    }
    further = frontiers(run("enumerate", "--max-cost", "12.5", "found.jsonl")[0])
    budgets = [each["search"]["max_cost"] for each in further.values() if each["search"]["status"] == "budget"]
    assert budgets
    assert set(budgets) == {12.5}


def test_help_knows_methods_by_name(run: Run) -> None:
    assert "Method hill-climb" in run("help", "search", "hill-climb")[0]


def test_what_was_written_by_hand_or_selected_is_not_called_broken(run: Run) -> None:
    lines = run.lines("tasks.jsonl")
    selected = "".join(line for line in lines if '"frontier"' in line)
    for words in (
        ("sample", "--count", "1", "--strict"),
        (*SEARCH, "--on-error", "skip"),
        ("check", "--strict"),
        ("merge", "--strict"),
    ):
        output, said = run(*words, input=selected)
        assert said == "", words
        assert "interrupted" not in output
    cut = "".join(lines[:-1])
    for words in (("evaluate",), ("check",)):
        assert "no end record" in run(*words, input=cut)[1]
        assert "no end record" in run(*words, "--strict", input=cut, status=4)[1]


def test_task_means_the_same_to_whatever_reads_a_stream(run: Run) -> None:
    """Entry 16: with reports, too, which leave out the metrics of other tasks."""
    run("search", "-d", "karel", "--max-evaluations", "5", "-o", "karel.jsonl")
    only = "karel/prog-policies/maze-12x12"
    report = json.loads(run("report", "--json", "--task", "maze", "karel.jsonl")[0])
    assert {row["task"] for row in [*report["table"], *report["curves"]]} == {only}
    checked = json.loads(run("check", "--json", "--task", "maze", "karel.jsonl")[0])
    assert checked["records"]["frontier"] == 1
    assert "metric" in checked["records"]
    merged, _ = run("merge", "--task", "*head*", "--task", "maze", "karel.jsonl", "found.jsonl")
    assert only in frontiers(merged)
    assert all(task == only or "head" in task for task in frontiers(merged))
    assert json.loads(merged.splitlines()[0])["provenance"][-1]["arguments"] == {"task": ["*head*", "maze"]}
    for words in (("report",), ("check",), ("merge", "karel.jsonl")):
        assert "--task: no task matches 'maez'" in run(*words, "--task", "maez", "karel.jsonl", status=2)[1]


def test_resume_names_every_option_that_differs(run: Run) -> None:
    """Entry 17."""
    _, said = run("mutate", "--resume", "mutants.jsonl", "-o", "mutants.jsonl", "found.jsonl")
    assert said == ""
    _, said = run(
        "mutate",
        "--count",
        "3",
        "--max-size",
        "50",
        "--seed",
        "2",
        "--resume",
        "mutants.jsonl",
        "found.jsonl",
        status=2,
    )
    assert "made with --count 1 --max-size 100 --seed 0, not with --count 3 --max-size 50 --seed 2" in said


def test_a_task_without_anything_to_search_by_is_told(run: Run) -> None:
    empty = '{"type":"frontier","task":{"id":"list/a","domain":"list","request":"int -> int"}}\n'
    assert "it has no examples" in run("enumerate", input=empty, status=3)[1]
    output, said = run("check", input=empty)
    assert "1  tasks without examples or an environment" in output
    assert "warning: 1 task has no programs, and no examples or environment to search for them by" in said
    assert json.loads(run("check", "--json", input=empty)[0])["without_criterion"] == 1
    # A corpus that was imported has programs, and is no mistake.
    corpus = empty.replace("}}\n", '},"programs":[{"program":"(lambda $0)"}]}\n')
    assert run("check", input=corpus)[1] == ""
    assert "without_criterion" not in json.loads(run("check", "--json", "tasks.jsonl")[0])


@pytest.mark.parametrize("name", ["", " "])
def test_a_subcommand_without_a_name_is_told(run: Run, name: str) -> None:
    assert run(name, status=2)[1] == f"psynth: there is no subcommand {name!r}; psynth --help lists them\n"


def test_a_record_over_several_lines_is_told_to_be_one(run: Run) -> None:
    """Entry 19: wherever the line ends."""
    cut = ['{"type":', '{"type', '{"type":"future","x":[1,', '{"type":"future","x":tru', "[", '{"type":"future",']
    _, said = run("evaluate", "--on-error", "skip", input="".join(f"{line}\n" for line in cut))
    told = "not JSON: the line ends within a value; a record is one whole line (jq -c writes it so) (left out)"
    for number in range(1, len(cut) + 1):
        assert f"<stdin>:{number}: {told}\n" in said
    # What is wrong in the middle of a line is no matter of lines.
    assert "jq" not in run("evaluate", input='{"type" 1}\n', status=3)[1]


def test_a_stream_of_unknown_types_has_the_name_of_its_file(run: Run) -> None:
    """Entry 18."""
    (run.folder / "future.jsonl").write_text('{"type":"future"}\n')
    assert "future.jsonl" in run("show", "future.jsonl")[0]
    assert "<stdin>" in run("show", input='{"type":"future"}\n')[0]
