"""The method ``given``: each task gets the programs of the files, once and in their language."""

from __future__ import annotations

from pathlib import Path

import pytest
from psynth_source.given import Given

from psynth.core.errors import InputError, UsageError
from psynth.plugins import Context, End, Frontier, Program, Record, Task


def test_every_task_gets_the_programs_in_files(tmp_path: Path) -> None:
    source, vector, term = tmp_path / "point.py", tmp_path / "point.json", tmp_path / "term.txt"
    source.write_text("def f(x):\n    return x\n")
    vector.write_text("[1, 2]\n")
    term.write_text("(lambda $0)\n")
    old = Program("(lambda $0)", score=0.5)
    given: list[Record] = [Frontier(Task("list/1", "list", "int -> int"), (old,)), Frontier(None), End("complete")]
    first, *rest = Given((source, vector, term, source)).run(iter(given), Context("sample"))
    assert rest == given[1:]
    assert isinstance(first, Frontier)
    added = [(each.program, each.language) for each in first.programs[1:]]
    assert first.programs[0] == old
    assert added == [("def f(x):\n    return x\n", "python"), ("[1, 2]", "json")]


def test_without_a_file_or_a_domain_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--program names one"):
        list(Given().run(iter([]), Context("sample")))
    with pytest.raises(UsageError, match="missing"):
        list(Given((tmp_path / "missing.py",)).run(iter([]), Context("sample")))
    (tmp_path / "f.py").write_text("")
    with pytest.raises(InputError, match="nowhere"):
        list(Given((tmp_path / "f.py",)).run(iter([Frontier(Task("nowhere/1", "nowhere"))]), Context("sample")))
