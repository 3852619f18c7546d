"""Diffs: what difflib writes is applied exactly, wherever the lines have gone; what cannot be applied says why."""

from __future__ import annotations

import difflib
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psynth_source.diff import ApplyDiffs
from psynth_source.python_ast import PythonAst

from psynth.core.diffs import Fault, applied, difference
from psynth.plugins import Context, Frontier, Program, Task

TEXTS = st.text("ab-+ @\\\r\f\n", max_size=40) | st.lists(
    st.sampled_from(["def f():", "    x = 1", "", "    return x", "-- a", "++ b", "@@ -1 +1 @@", "\\ No"]), max_size=12
).map("\n".join)


@settings(max_examples=200, deadline=None)
@given(before=TEXTS, after=TEXTS)
@example("a", "a\n")
@example("a\n", "a")
@example("", "a")
@example("a\nb", "a")
def test_what_is_written_is_applied_exactly(before: str, after: str) -> None:
    result = applied(difference(before, after), before)
    if before == after:
        assert result.text is None
    else:
        assert (result.text, result.faults) == (after, ())


@settings(max_examples=60, deadline=None)
@given(before=TEXTS, after=TEXTS, context=st.integers(1, 4), above=st.integers(0, 5))
def test_line_numbers_are_not_needed(before: str, after: str, context: int, above: int) -> None:
    """The reference is difflib's own diff; the parent is moved down by lines that occur nowhere else."""
    old, new = [each.split("\n") for each in (before, after)]
    lines = list(difflib.unified_diff(old, new, lineterm="", n=max(context, len(old))))  # one hunk that has all lines
    prefix = [f"# {number}" for number in range(above)]
    result = applied("\n".join(lines), "\n".join([*prefix, *old]) + "\n")
    if old != new:
        assert result.text == "\n".join([*prefix, *new]) + "\n"
        assert (Fault.BAD_LINE_NUMBERS in result.faults) == (above > 0)


@settings(max_examples=10, deadline=None)
@given(before=st.text("ab \n", max_size=30), after=st.text("ab \n", max_size=30))
def test_patch_reads_what_is_written(before: str, after: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    if before == after or not before:
        return
    folder: Path = tmp_path_factory.mktemp("patch")
    (folder / "parent").write_text(before)
    try:
        subprocess.run(["patch", "-s", "parent"], input=difference(before, after), text=True, cwd=folder, check=True)
    except FileNotFoundError:
        pytest.skip("there is no patch on this machine")
    assert (folder / "parent").read_text() == after if after else not (folder / "parent").read_text()


PARENT = "def f(x):\n    y = x\n    return y\n"
CASES = {
    "no hunk": ("nothing to see", None, ["bad-format"]),
    "no change": ("@@ -1,1 +1,1 @@\n def f(x):", None, ["bad-format"]),
    "other text": ("@@ -1,2 +1,2 @@\n def g(x):\n-    y = x\n+    y = 2", None, ["bad-text"]),
    "what is there": ("@@ -2,1 +2,1 @@\n-    y = x\n+    y = x", None, ["bad-format"]),
    "other numbers": ("@@ -20,1 +20,1 @@\n-    y = x\n+    y = 2", "y = 2", ["bad-line-numbers"]),
    "other counts": ("@@ -2,9 +2,9 @@\n-    y = x\n+    y = 2", "y = 2", ["bad-line-numbers"]),
    "no numbers": ("```diff\n@@ ... @@\n-    y = x\n+    y = 2\n```", "y = 2", ["bad-line-numbers"]),
    "blanks": ("@@ -2,1 +2,1 @@\n-    y = x  \n+    y = 2", "y = 2", None),
    "a line put in": ("@@ -2,0 +3 @@\n+    y += 1", "y = x\n    y += 1\n    return", None),
    "beyond the end": ("@@ -99,0 +99 @@\n+    y += 1", None, ["bad-text"]),
}


@pytest.mark.parametrize("name", CASES)
def test_faults_are_told(name: str) -> None:
    diff, expected, faults = CASES[name]
    said: list[str] = []
    frontier = Frontier(Task("toy/1", "toy"), (Program(PARENT, "python"), Program(diff, "text")))
    [made] = list(ApplyDiffs().run(iter([frontier]), Context("mutate", warn=said.append)))
    assert isinstance(made, Frontier)
    [program] = made.programs
    assert program.origin is not None
    assert program.origin.extra.get("faults") == faults
    if expected is None:
        assert (program.program, program.language, program.status) == (diff, "text", "error")
        assert said == [f"1 diff: 0 applied, 1 failed; {faults[0]} 1" if faults else ""]
    else:
        assert expected in program.program
        assert (program.language, program.status, program.origin.from_) == ("python", None, (PARENT,))


@pytest.mark.parametrize("place", range(5))
def test_of_several_places_the_nearest_is_taken(place: int) -> None:
    lines = ["same"] * 5
    result = applied(f"@@ -{place + 1},1 +{place + 1},1 @@\n-same\n+other\n", "\n".join(lines))
    lines[place] = "other"
    assert (result.text, result.faults) == ("\n".join(lines), ())


def test_the_diffs_of_mutants_make_the_mutants() -> None:
    source = Frontier(Task("toy/1", "toy"), (Program(PARENT, "python", score=0.5),))
    [mutants] = list(PythonAst(count=20, diffs=True).run(iter([source]), Context("mutate")))
    assert isinstance(mutants, Frontier)
    [again] = list(ApplyDiffs().run(iter([mutants]), Context("mutate")))
    assert isinstance(again, Frontier)
    assert [each.program for each in again.programs] == [each.program for each in mutants.programs]
    assert len(again.programs) == 20


def test_a_diff_without_a_parent_says_so() -> None:
    said: list[str] = []
    diff = difference("a\n", "b\n")
    given_parent = Program.read_fields({"program": diff, "language": "text", "origin": {"from": ["a\n"]}})
    [made] = list(
        ApplyDiffs().run(
            iter([Frontier(None, (Program(diff, "text"), given_parent))]), Context("mutate", warn=said.append)
        )
    )
    assert isinstance(made, Frontier)
    assert {(each.program, each.status) for each in made.programs} == {(diff, "error"), ("b\n", None)}
    assert said == ["2 diffs: 1 applied, 1 failed; no-parent 1"]
