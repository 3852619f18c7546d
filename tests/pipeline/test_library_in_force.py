"""Which library a program is written in: the nearest of its task's domain, whatever stands between."""

from __future__ import annotations

import io
from dataclasses import replace

import orjson
import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Context, End, Frontier, Metric, Production, Program, Record, Task
from psynth.plugins.checking import Report, check
from tests.toys.registered import everything

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

KNOWN = everything()
LIST, REGEX = KNOWN.domain("list").library("rich"), KNOWN.domain("regex").library()
ADDS = Program("(lambda (map (lambda (+ 1 $0)) $0))")
"""A program of the list domain, which no other has the primitives for."""
LEARNED = replace(
    LIST,
    productions=(*LIST.productions, Production("fn_0", "list(int) -> list(int)", 0.0, "(lambda (map (+ 1) $0))")),
)
SHORT = Program("(lambda (fn_0 $0))")


def list_task(number: int, *programs: Program) -> Frontier:
    """A task of the list domain with programs."""
    return Frontier(Task(f"list/{number:03}", "list", "list(int) -> list(int)"), programs)


def test_programs_without_a_task_are_checked_under_the_nearest_library() -> None:
    report = Report()
    check([LIST, REGEX, LIST, Frontier(None, (ADDS,))], Context("check"), report)
    assert report.problems == []
    wrong = Report()
    check([LIST, REGEX, Frontier(None, (ADDS,))], Context("check"), wrong)
    assert wrong.wrong == 1


def test_programs_with_a_task_are_checked_under_the_nearest_library_of_its_domain() -> None:
    report = Report()
    check([LEARNED, REGEX, list_task(0, SHORT)], Context("check"), report)
    assert report.problems == []


def compressed(*records: Record) -> list[Record]:
    """What compress makes of records."""
    method = KNOWN.method("compress", "stitch")()
    return list(method.run(iter([*records, End("complete")]), Context("compress")))


def test_compress_counts_programs_without_a_task_under_the_nearest_library() -> None:
    output = compressed(LIST, REGEX, LIST, Frontier(None, (ADDS,)))
    costs = {
        record.labels["domain"]: record.value
        for record in output
        if isinstance(record, Metric) and record.name == "compress.cost"
    }
    assert costs.keys() == {"list", "regex"}
    assert costs["regex"] == 0
    assert costs["list"] > 300


def exported(name: str, *records: Record, **settings: object) -> object:
    """The JSON that a format writes."""
    stream = io.BytesIO()
    format = KNOWN.format(name)(**settings)
    format.write(iter([*records, End("complete")]), stream, Context("export", registry=KNOWN))
    return orjson.loads(stream.getvalue())


def test_stitch_expands_with_the_library_of_the_domain() -> None:
    plain = "(lambda (map (+ 1) $0))"
    assert exported("stitch", LEARNED, REGEX, list_task(0, SHORT), expand=True) == [plain]
    other = replace(
        REGEX, productions=(*REGEX.productions, Production("fn_0", "tfullstr -> tfullstr", 0.0, "(lambda $0)"))
    )
    edit = Frontier(Task("regex/0", "regex", "tfullstr -> tfullstr"), (SHORT,))
    records = (LEARNED, other, list_task(0, SHORT), edit, list_task(1, SHORT))
    assert exported("stitch", *records, expand=True) == [plain, "(lambda $0)", plain]


def test_stitch_expands_with_the_newest_library_of_the_domain() -> None:
    newer = replace(LIST, productions=(*LIST.productions, replace(LEARNED.productions[-1], definition="reverse")))
    records = (LEARNED, list_task(0, SHORT), newer, REGEX, list_task(1, SHORT))
    assert exported("stitch", *records, expand=True) == ["(lambda (map (+ 1) $0))", "(lambda (reverse $0))"]


def test_results_tell_the_abstractions_of_every_domain() -> None:
    result = exported("stitch", LEARNED, REGEX, list_task(0, SHORT), what="result", expand=True)
    assert isinstance(result, dict)
    assert [each["name"] for each in result["abstractions"]] == ["fn_0"]
    assert (result["original"], result["rewritten"]) == (["(lambda (map (+ 1) $0))"], [SHORT.program])


@pytest.mark.parametrize("name", ["lilo"])
def test_other_formats_write_abstractions_of_the_library_of_the_domain(name: str) -> None:
    assert "(map (+ 1) " in orjson.dumps(exported(name, LEARNED, REGEX, list_task(0, SHORT))).decode()
