"""psynth report --html and --totals: what the page holds whatever the data, and totals against the tests' own sums."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.psynth_command import Psynth

KAREL = {"PSYNTH_PLUGINS": "karel,list"}
HOSTILE = "</pre><script>alert('x')</script><img src=https://example.org/x onerror=alert(1)>\u202e\x1b[2J"


class Parsed(HTMLParser):
    """The elements of a page, its text, and everything that it would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "data", "srcset")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def frontier(task: str, split: str, solved: bool, programs: int, seconds: float | None, prior: float) -> dict[str, Any]:
    found = {"program": "(lambda $0)", "log_prior": prior, "log_likelihood": 0.0, "score": 1.0}
    return {
        "type": "frontier",
        "task": {
            "id": f"list/{task}",
            "domain": "list",
            "request": "int -> int",
            "examples": [{"inputs": [1], "output": 1}],
            "split": split,
            "descriptions": [HOSTILE],
        },
        "programs": [found] if solved else [],
        "search": {"method": "windows", "programs": programs, "cpu_seconds": seconds, "status": "budget"},
    }


def stream(frontiers: list[dict[str, Any]], learned: int) -> str:
    productions = [{"name": "0", "type": "int", "log_weight": 0.0}]
    productions += [
        {"name": f"fn_{number}", "type": "int -> int", "log_weight": 0.0, "definition": "(lambda $0)"}
        for number in range(learned)
    ]
    header = {"type": "header", "psynth": 1, "provenance": [{"command": "enumerate", "arguments": {"note": HOSTILE}}]}
    library = {"type": "library", "domain": "list", "productions": productions, "log_variable": 0.0}
    records = [header, library, *frontiers, {"type": "end", "status": "complete"}]
    return "".join(f"{json.dumps(record)}\n" for record in records)


@pytest.fixture
def iterations(tmp_path: Path) -> list[str]:
    """The files of two iterations: the second solves one more test task, and one search of it was not timed."""
    first = [frontier("a", "train", True, 10, 0.5, -4.0), frontier("b", "test", True, 7, 0.25, -6.0)]
    first += [frontier("c", "test", False, 100, 1.5, 0.0)]
    second = [frontier("a", "train", True, 9, 0.5, -2.0), frontier("b", "test", True, 5, 0.25, -3.0)]
    second += [frontier("c", "test", True, 50, None, -5.0)]
    (tmp_path / "0.jsonl").write_text(stream(first, 0))
    (tmp_path / "1.jsonl").write_text(stream(second, 2))
    return ["0.jsonl", "1.jsonl"]


def test_totals_are_those_of_each_file(psynth: Psynth, tmp_path: Path, iterations: list[str]) -> None:
    done = psynth("report", "--totals", "totals.jsonl", "--label", "seed=7", *iterations)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in (tmp_path / "totals.jsonl").read_text().splitlines()]
    metrics = {
        (each["step"], each["labels"].get("split"), each["name"]): each["value"]
        for each in records
        if each["type"] == "metric"
    }
    assert metrics == {
        (0, "train", "searched"): 1,
        (0, "train", "solved"): 1,
        (0, "train", "solved_share"): 1.0,
        (0, "train", "programs"): 10,
        (0, "train", "cpu_seconds"): 0.5,
        (0, "train", "cost"): 4.0,
        (0, "test", "searched"): 2,
        (0, "test", "solved"): 1,
        (0, "test", "solved_share"): 0.5,
        (0, "test", "programs"): 107,
        (0, "test", "cpu_seconds"): 1.75,
        (0, "test", "cost"): 6.0,
        (0, None, "abstractions"): 0,
        (1, "train", "searched"): 1,
        (1, "train", "solved"): 1,
        (1, "train", "solved_share"): 1.0,
        (1, "train", "programs"): 9,
        (1, "train", "cpu_seconds"): 0.5,
        (1, "train", "cost"): 2.0,
        (1, "test", "searched"): 2,
        (1, "test", "solved"): 2,
        (1, "test", "solved_share"): 1.0,
        (1, "test", "programs"): 55,
        (1, "test", "cost"): 4.0,
        (1, None, "abstractions"): 2,
    }
    assert {each["labels"]["seed"] for each in records if each["type"] == "metric"} == {"7"}


def test_totals_of_several_seeds_are_averaged(psynth: Psynth, tmp_path: Path, iterations: list[str]) -> None:
    for seed, order in (("1", iterations), ("2", iterations[::-1])):
        psynth("report", "--totals", f"{seed}.totals", "--label", f"seed={seed}", *order)
    told = json.loads(psynth("report", "--json", "--metric", "solved", "1.totals", "2.totals").stdout)
    test = next(each for each in told["curves"] if "split=test" in each["series"])
    assert (test["runs"], test["steps"], test["mean"]) == (2, [0, 1], [1.5, 1.5])


def test_a_page_needs_nothing_else_and_data_cannot_change_it(
    psynth: Psynth, tmp_path: Path, iterations: list[str]
) -> None:
    done = psynth("report", "--by", "file", "--html", "page.html", *iterations)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "page.html").read_text()
    page = Parsed(text)
    assert not page.open, "every element is closed"
    assert page.elements["script"] == page.elements["link"] == page.elements["iframe"] == 0
    assert not page.handlers
    assert all(url.startswith(("data:image/", "#")) for url in page.loaded)
    assert not {"\u202e", "\x1b"} & {*text}
    assert page.text.count("<script>alert('x')</script>") >= 5, "descriptions and settings are shown as they are"
    assert page.elements["img"] == 2, "curves by programs, and by CPU seconds where all was timed"
    for part in ("all 3 tasks", "3/3", "fn_1", "list/c", "psynth enumerate"):
        assert part in page.text
    assert "±0" not in page.text, "of a single run there is no deviation"
    psynth("report", "--by", "file", "--html", "again.html", *iterations)
    assert (tmp_path / "again.html").read_text() == text


def test_a_page_has_the_history_of_each_stream_of_a_file(psynth: Psynth, tmp_path: Path, iterations: list[str]) -> None:
    first, second = (tmp_path / name for name in iterations)
    (tmp_path / "both.jsonl").write_text(first.read_text() + second.read_text().replace('"enumerate"', '"search"'))
    done = psynth("report", "--html", "page.html", "both.jsonl")
    assert done.returncode == 0, done.stderr
    text = Parsed((tmp_path / "page.html").read_text()).text
    assert "psynth enumerate" in text
    assert "psynth search" in text


def test_a_page_shows_programs_at_work(psynth: Psynth, solved: Path, tmp_path: Path) -> None:
    done = psynth("report", "--html", "page.html", "--pictures", "2", str(solved), env=KAREL)
    assert done.returncode == 0, done.stderr
    page = Parsed((tmp_path / "page.html").read_text())
    assert page.elements["img"] == 2
    assert "DEF run m(" in page.text


def test_what_the_page_needs_is_said_before_anything_is_read(
    psynth: Psynth, without: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    missing = psynth("report", "--html", "page.html", "none.jsonl", env=without("jinja2"))
    assert missing.returncode == 2
    assert "--html needs Jinja2" in missing.stderr
    assert "pictures" in missing.stderr
    for words, said in (
        (["--html", "page.pdf"], "write FILE.html"),
        (["--label", "seed=1"], "give both"),
        (["--totals", "a", "--label", "seed"], "write NAME=VALUE"),
        (["--totals", "a", "--label", "split=train"], "a label split already"),
        (["--totals", "a", "--label", "a=1", "--label", "a=2"], "a label a already"),
        (["--totals", "-"], "give the name of a file"),
        (["--totals", "a.html", "--html", "./a.html"], "writes this file, too"),
        (["--totals", "./none.jsonl"], "a file that is read"),
        (["--baseline", "base.jsonl", "--totals", "base.jsonl"], "a file that is read"),
    ):
        refused = psynth("report", *words, "none.jsonl")
        assert refused.returncode == 2
        assert said in refused.stderr
    # An input is never replaced by what is made of it.
    (tmp_path / "kept.jsonl").write_text(stream([], 0))
    before = (tmp_path / "kept.jsonl").read_bytes()
    assert psynth("report", "kept.jsonl", "--totals", "kept.jsonl").returncode == 2
    assert (tmp_path / "kept.jsonl").read_bytes() == before
    assert not any(tmp_path.glob("*.html"))
