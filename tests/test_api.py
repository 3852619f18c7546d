"""The Python API: the examples in its docstrings run, and it gives what the commands give."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

import pytest

import psynth
from psynth import api
from psynth.core.errors import UsageError
from psynth.core.stream.records import Header
from tests.pipeline_command import psynth as command
from tests.pipeline_command import records

pytestmark = pytest.mark.usefixtures("lambda_machine")


@pytest.mark.parametrize("function", [getattr(api, name) for name in psynth.__all__ if name != "Stream"])
def test_every_function_has_an_example_that_runs(function: object) -> None:
    [case] = doctest.DocTestFinder(recurse=False).find(function, globs={})
    assert case.examples
    failed, _ = doctest.DocTestRunner().run(case)
    assert failed == 0


def test_functions_give_what_the_commands_write(tmp_path: Path) -> None:
    words = ("--max-cost", "14")
    tasks = command("tasks", "list", "--count", "12").stdout
    found = command("enumerate", *words, input=tasks).stdout
    learned = command("compress", "--iterations", "2", input=found).stdout
    stream = psynth.compress(psynth.enumerate(psynth.tasks("list", count=12), max_cost=14.0), iterations=2)
    lines = [record.to_json() for record in stream if not isinstance(record, Header)]
    assert lines == [record for record in records(learned) if record["type"] not in ("header", "end")]
    assert stream.status == records(learned, "end")[0]["status"]


def test_a_wrong_setting_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no setting 'max_const' \(did you mean 'max_cost'\?\)"):
        psynth.enumerate([], max_const=3)


@pytest.mark.parametrize("given", ["tasks.jsonl", [{"type": "frontier"}]])
def test_what_is_no_record_is_refused(given: Any) -> None:
    with pytest.raises(UsageError, match=r"evaluate takes records, as psynth\.read returns them, not (str|dict)"):
        psynth.evaluate(given)


def test_the_face_declares_what_there_is() -> None:
    import psynth.plugins

    for name in psynth.plugins.__all__:
        assert getattr(psynth.plugins, name) is not None
    with pytest.raises(AttributeError):
        _ = psynth.plugins.nothing  # type: ignore[attr-defined]
