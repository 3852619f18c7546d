"""What a new user met at the terminal: nothing is cut in a pipe, and on a terminal everything fits and says enough."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.stream.task_names import names_task
from psynth.views.shortening import LEAST, least_width, shortened
from tests.psynth_command import Psynth
from tests.terminal import ERASE, on_terminal, screen

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
BUILT_IN = {"PSYNTH_PLUGINS": "formats,karel,library,list,search"}
LONG = "karel-policies-of-a-long-search-with-seed-"


class Shell:
    """Runs psynth with the built-in plugins in one folder, in pipes and on terminals."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._psynth = folder, Psynth(folder)

    def __call__(self, words: str, input: str = "", status: int = 0, env: dict[str, str] | None = None) -> str:
        """Standard output of a command with this exit status, followed by its messages."""
        done = self._psynth(*shlex.split(words), input=input, env={**BUILT_IN, **(env or {})})
        assert done.returncode == status, (words, done.returncode, done.stderr)
        return done.stdout + done.stderr

    def terminal(self, words: str, columns: int) -> list[str]:
        """The screen after a command on a terminal; ``psynth`` stands for the command, also in a pipe."""
        return screen(self.written(words, columns), columns)

    def written(self, words: str, columns: int) -> str:
        """What a command writes to a terminal."""
        command = words.replace("psynth ", shlex.join(self._psynth.command()) + " ")
        environment = {k: v for k, v in self._psynth.environment(BUILT_IN).items() if k != "COLUMNS"}
        status, written = on_terminal(command, columns, self.folder, environment)
        assert status == 0, written
        return written

    def start(self, words: str) -> subprocess.Popen[bytes]:
        """A command that runs on."""
        return self._psynth.start(*shlex.split(words), env=BUILT_IN, stderr=subprocess.PIPE)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder with solved tasks of two domains, under names that differ at their ends."""
    made = Shell(tmp_path_factory.mktemp("terminal"))
    made("search -d karel --task maze --task harvester --max-evaluations 300 -o policies.jsonl")
    made("enumerate -d list --max-cost 9 -o found.jsonl")
    text = (made.folder / "policies.jsonl").read_text()
    for seed in "12":
        (made.folder / f"{LONG}{seed}.jsonl").write_text(text)
    return made


@pytest.mark.parametrize(
    "words",
    [
        "show policies.jsonl",
        "show --summary policies.jsonl found.jsonl",
        "show --only library found.jsonl",
        "show --animate --frames 3 --task maze policies.jsonl",
        "report policies.jsonl",
        "check policies.jsonl",
        "help search",
        "help exit-status",
        "plugins",
    ],
)
def test_a_pipe_gets_whole_lines_without_padding(run: Shell, words: str) -> None:
    lines = run(words, env={"COLUMNS": "20"}).splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert "…" not in "".join(lines).replace("/…", "").replace("[FILE]…", "")
    assert max(map(len, lines)) > 20 or words.startswith("check")


def test_a_pipe_gets_whole_programs(run: Shell) -> None:
    programs = [
        program["program"]
        for record in map(json.loads, (run.folder / "policies.jsonl").read_text().splitlines())
        for program in record.get("programs", [])[:1]
    ]
    shown = run("show --only frontier policies.jsonl")
    assert all(f"  {program}  " in shown or f"  {program}\n" in shown for program in programs)
    assert all(line.endswith("m)") for line in shown.splitlines() if "DEF run m(" in line)
    assert shown.count("DEF run m(") == len(programs)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_what_tells_rows_apart_remains_at_any_width(run: Shell, columns: int) -> None:
    names = [f"{LONG}{seed}.jsonl" for seed in "12"]
    for words in (f"show --summary {' '.join(names)}", f"report --by file {' '.join(names)}"):
        shown = run.terminal(f"psynth {words}", columns)
        assert max(map(len, shown)) <= columns
        text = " ".join(" ".join(shown).split())
        assert all(re.search(rf"seed-{seed}\b", text) for seed in "12"), shown
        assert "reward" in text or "tried" in text
    for words in ("help search", "search --help", "search -h", "--help"):
        shown = run.terminal(f"psynth {words}", columns)
        flags = set(re.findall(r"--[a-z-]+", run(words)))
        assert flags <= set(re.findall(r"--[a-z-]+", "\n".join(shown))), words


@given(st.lists(st.text("ab-/", min_size=1, max_size=40), min_size=1, max_size=6), st.integers(LEAST, 40))
def test_shortened_names_are_as_distinct_as_before(names: list[str], width: int) -> None:
    found = shortened(names, width)
    if found is None:
        assert width < least_width(names)
        return
    assert max(map(len, found)) <= width
    assert len(set(found)) == len(set(names))
    for name, short in zip(names, found, strict=True):
        assert short == name or (len(name) > width and "…" in short)
        assert all(part in name for part in short.split("…"))


def test_two_stages_of_a_pipe_share_the_terminal(run: Shell) -> None:
    written = run.written("psynth search -d karel --max-evaluations 2500 | psynth evaluate -o judged.jsonl", 80)
    frames = [frame for frame in written.split(ERASE) if frame.strip("\r\n\x1b[1A")]
    lines = [line.strip("\r") for frame in frames for line in frame.replace("\x1b[1A", "").split("\n")]
    assert all(re.match(r"(search|evaluate)  ", line) for line in lines if line), lines
    assert any(frame.count("search  ") == frame.count("evaluate  ") == 1 for frame in frames), frames
    assert any(re.search(r"\b\d+/10 tasks, \d+ solved  0:\d\d", line) for line in lines)
    assert max(map(len, lines)) < 80
    assert not "".join(screen(written, 80)).strip()


def test_progress_does_not_begin_again_at_a_batch(run: Shell) -> None:
    written = run.written("psynth enumerate -d list --batch 30 --max-cost 13 -o batches.jsonl", 80)
    counts = [int(done) for done in re.findall(r" (\d+)/122 tasks", written)]
    assert counts == sorted(counts)


def test_an_interruption_says_how_to_go_on(run: Shell) -> None:
    whole = "search -d karel --max-evaluations 4000 --no-shorten"
    process = run.start(f"{whole} -o cut.jsonl")
    part = run.folder / "cut.jsonl.part"
    deadline = time.monotonic() + 60
    while not (part.exists() and b'"frontier"' in part.read_bytes()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    told = re.fullmatch(
        r"psynth search: interrupted after (\d+) frontiers?, which are in cut\.jsonl\.part; "
        r"continue with: psynth (.*)\n",
        said.decode(),
    )
    assert told, said
    assert int(told[1]) >= 1
    run(told[2])
    run(f"{whole} -o whole.jsonl")
    cut, uncut = ((run.folder / name).read_text().replace(name, "") for name in ("cut.jsonl", "whole.jsonl"))
    assert cut == uncut
    assert "it was made with --max-evaluations 4000, not with --max-evaluations 5" in run(
        "search -d karel --no-shorten --max-evaluations 5 --resume cut.jsonl", status=2
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("enumerate -d list --max-cost 9", "of 25 tasks solved below 7.5 nats; list/"),
        ("search -d karel --task maze --max-evaluations 50", "maze-12x12: reward "),
        ("evaluate found.jsonl", "read 1 header, 1 library, 122 frontiers; wrote 1 header"),
        ("mutate found.jsonl", "wrote 1 header, 1 library, 122 frontiers"),
        ("compress found.jsonl", "wrote 1 header, 1 library"),
        ("merge found.jsonl", "wrote 1 header, 1 library, 122 frontiers"),
        ("check found.jsonl", "read 1 header, 1 library, 122 frontiers"),
        ("show --summary found.jsonl", "read 1 header, 1 library, 122 frontiers"),
        ("report found.jsonl", "read 1 header, 1 library, 122 frontiers"),
        ("export lilo found.jsonl --on-error skip", "read 1 header, 1 library, 122 frontiers"),
        ("tasks list", "wrote 1 header, 1 library, 122 frontiers"),
    ],
)
def test_verbose_says_something_everywhere(run: Shell, words: str, said: str) -> None:
    assert said in run(f"{words} -v")


@pytest.mark.parametrize(
    ("name", "task", "means"),
    [
        ("maze", "karel/prog-policies/maze-12x12", True),
        ("karel/*", "karel/prog-policies/maze-12x12", True),
        ("maze-*", "karel/prog-policies/maze-12x12", True),
        ("*maze*", "karel/prog-policies/maze-12x12", True),
        ("maz", "karel/prog-policies/maze-12x12", False),
        ("karel", "karel/prog-policies/maze-12x12", False),
        ("stair-climber", "karel/leaps/stair-climber-12x12", True),
        ("train-109", "list/train-109-repeat-k-3", True),
        ("list/train-10*", "list/train-109-repeat-k-3", True),
    ],
)
def test_one_meaning_of_task(name: str, task: str, means: bool) -> None:
    assert names_task(name, task) == means


def test_task_selects_in_every_stage(run: Shell) -> None:
    expected = ["karel/prog-policies/maze-12x12"]
    for words in (
        "tasks karel --task maze",
        "tasks -d karel --task maze-*",
        "evaluate policies.jsonl --task maze",
        "mutate policies.jsonl --task '*maze*'",
        "search -d karel --task 'karel/*/maze-*' --max-evaluations 5",
    ):
        records = map(json.loads, run(words).splitlines())
        assert [each["task"]["id"] for each in records if each["type"] == "frontier"] == expected, words
    for words in ("tasks karel", "show policies.jsonl", "evaluate policies.jsonl", "export stitch policies.jsonl"):
        assert "--task: no task matches 'maez' (did you mean 'maze'?)" in run(f"{words} --task maez", status=2)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("enumerate found.jsonl -e", 2, "-e: short for --program, which only psynth evaluate has; write --exit-status"),
        ("enumerate -d list --split test", 2, "--split is an option of psynth tasks list, not of psynth enumerate"),
        ("tasks karel --max-value 3", 2, "--max-value is an option of psynth tasks list, not of psynth tasks karel"),
        ("mutate --mates stream found.jsonl", 2, "--mates belongs to --method crossover"),
        ("tasks list -d karel", 2, "are two domains"),
        ("help tasks list --method x", 2, "psynth tasks has no methods"),
        ("help exit-status foo", 2, "'foo' is too much"),
        ("help search hill-climb --method scheduled", 2, "two methods"),
        ("enumerate list", 2, "list: no such file; the tasks of the domain list are -d list"),
        ("import stitch nosuch", 2, "nosuch: no such file"),
        ("report --published nosuch found.jsonl", 2, "nosuch: no such file"),
        ("check nosuch", 2, "nosuch: no such file"),
        ("enumerate --library '' found.jsonl", 2, "--library: a path is not empty"),
        ("compress found.jsonl -o ''", 2, "--output: a path is not empty"),
        ("compress --weights nosuch found.jsonl", 2, "nosuch: no such file"),
        ("evaluate -d list --file nosuch 1", 2, "nosuch: no such file"),
        ("import stitch --types nosuch list.json", 2, "nosuch: no such file"),
        ("import stitch /", 2, "/: is a folder, not a file"),
        ("import table /", 2, "/: is a folder, not a file"),
        ("import stitch --types / found.jsonl", 2, "--types: /: is a folder, not a file"),
        ("compress --weights / found.jsonl", 2, "--weights: /: is a folder, not a file"),
        ("evaluate -d list -e '(lambda (car $0))' [1] [2]", 3, "the program takes 1 argument, 2 given"),
        ("evaluate -d list -e '(lambda (car $0))'", 3, "the program takes 1 argument, 0 given"),
        ("tasks nosuch --split train", 2, "psynth tasks: unknown domain 'nosuch'; known: "),
        ("tasks --split=train -d nosuch", 2, "psynth tasks: unknown domain 'nosuch'; known: "),
        ("tasks --split train", 2, "psynth tasks: --split is an option of psynth tasks "),
        ("import nosuch --split train", 2, "psynth import: unknown format 'nosuch'; known: "),
        ("export stitch -o nosuch/stitch.json found.jsonl", 2, "nosuch/stitch.json: No such file or directory"),
        ("new domain x -o nosuch/x", 2, "psynth new: nosuch: no such folder"),
        ("report --published published.json policies.jsonl", 2, "no task matches '*/labyrinth-*'"),
    ],
)
def test_a_wrong_line_is_told_what_to_type(run: Shell, words: str, status: int, said: str) -> None:
    (run.folder / "list.json").write_text('["(f a)"]')
    (run.folder / "published.json").write_text('{"*/maze-*": 1, "*/labyrinth-*": 0.5}')
    told = run(words, status=status)
    assert said in told
    assert told.count("\n") == 1


def test_json_over_several_lines_is_told_to_be_one(run: Shell) -> None:
    pretty = json.dumps(json.loads((run.folder / "found.jsonl").read_text().splitlines()[1]), indent=2)
    assert "<stdin>:1: not JSON: the line ends within a value; a record is one whole line (jq -c" in run(
        "evaluate", input=pretty, status=3
    )


GRAMMAR = '{"logVariable":0,"productions":[{"expression":"+","logProbability":0}]}'
INT = '{"constructor":"int","arguments":[]}'
ENTRY = f'{{"task":"%s","request":{INT},"programs":[{{"program":"%s","logLikelihood":0}}]}}'


@pytest.mark.parametrize(
    ("format", "name", "text", "kept", "said"),
    [
        ("stitch", "a.json", '["(+ 1 2)", "(+ 1", 5, "(f 1)"]', 2, ["a.json: [1]: not a program", "a.json: [2]: "]),
        (
            "dreamcoder",
            "b.json",
            f'{{"DSL":{GRAMMAR},"frontiers":[{ENTRY % ("a", "1")},{ENTRY % ("b", "(+")},{ENTRY % ("c", "1")}]}}',
            2,
            ["b.json: frontiers[1].programs[0].program: "],
        ),
        (
            "jsonl",
            "c.jsonl",
            '{"name":"a","examples":[[[1],2]]}\n{"name":"b","examples":3}\n{\n[]\n{"name":"c","examples":[[[1],3]]}\n',
            2,
            ["c.jsonl:2: ", "c.jsonl:3: not JSON", "c.jsonl:4: "],
        ),
        (
            "table --task-column name",
            "d.csv",
            "name,x,y\na,1,2\nb,1,\nc,1,2,3\nd,3,4\n",
            2,
            ["d.csv:3: the cell in column 'y' is empty", "d.csv:4: 4 cells in a table of 3 columns"],
        ),
        (
            "lilo",
            "e.json",
            '[{"name":"a","examples":[[["a"],["b"]]]},{"name":"b","examples":[[["a"]]]}]',
            1,
            ["e.json: [1].examples[0]: "],
        ),
    ],
)
def test_an_import_loses_bad_records_alone(
    run: Shell, format: str, name: str, text: str, kept: int, said: list[str]
) -> None:
    (run.folder / name).write_text(text)
    plugins = {"PSYNTH_PLUGINS": "formats,list,regex"}
    for choice in ("skip", "keep"):
        told = run(f"import {format} --on-error {choice} {name}", env=plugins)
        assert told.count('"type":"frontier"') == kept
        assert all(f"psynth import: warning: {each}" in told for each in said), told
    told = run(f"import {format} {name}", status=3, env=plugins)
    assert any(f"psynth import: {each}" in told for each in said)


def test_show_begins_with_the_answer(run: Shell) -> None:
    shown = run("show policies.jsonl").splitlines()
    assert shown[0].startswith(("✔ karel/", "· karel/"))
    assert sum("metrics: " in line for line in shown) == 1
    assert len(shown) < 60
    assert run("show --animate found.jsonl").count("cannot animate programs; 122 frontiers skipped") == 1
    assert "this stream" not in run("show", input='{"type":"future"}\n')
