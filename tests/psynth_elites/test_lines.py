"""The engine reads lines of frontiers as psynth's reader does, or leaves them to that."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psynth.core.engines.archive import Elites, Status, objective_of
from psynth.core.errors import InputError
from psynth.core.stream.records import Archive, Dimension, Foreign, Frontier, Place, Program, decode, encode
from tests.core.stream import generated_records as generated

ARCHIVE = Archive("grid", (Dimension("x", 0.0, 4.0, 4), Dimension("y", -1.0, 1.0, 2)))

small = st.sampled_from([-3.0, -1.0, -0.0, 0.0, 0.5, 1, 2, 3.999, 4.0, 9e300])
plain = st.builds(
    Program,
    st.sampled_from(["a", "b", "(lambda $0)", "\n", "é"]),
    st.sampled_from(["lambda", "python"]),
    score=st.none() | st.floats(0, 1),
    reward=st.none() | small,
    status=st.none() | st.just("ok"),
    descriptor=st.none() | st.tuples(small, small),
    origin=st.none() | generated.origin,
)
frontiers = st.builds(Frontier, generated.tasks, st.tuples(plain) | st.lists(generated.program, max_size=2).map(tuple))


def mutilated(line: bytes, place: int, what: bytes) -> bytes:
    """A line with some of its bytes replaced."""
    place %= len(line) + 1
    return line[:place] + what + line[place + 1 :]


lines = st.builds(
    mutilated,
    frontiers.map(Frontier.encode),
    st.integers(0, 2000),
    st.sampled_from([b"", b"0", b"-", b'"', b"null", b"1e999", b"NaN", b"}", b",", b"\\ud800", b"true", b"[", b"\xff"]),
) | frontiers.map(Frontier.encode)


@settings(max_examples=150)
@given(lines, st.sampled_from(["gain", "reward", "score", "log-likelihood", "log-prior"]))
def test_what_the_engine_takes_the_reader_takes_in_the_same_way(line: bytes, objective: str) -> None:
    elites = Elites(replace(ARCHIVE, objective=objective))
    status = elites.offer_line(line)
    if status is None:
        return
    frontier = Frontier.from_json(decode(line), line=line)
    assert frontier.task is not None
    [program] = frontier.programs
    figure = objective_of(program, objective)
    if status == "no objective":
        assert figure is None or not math.isfinite(figure)
        return
    assert figure is not None
    if status == "no descriptor":
        assert program.descriptor is None
        return
    assert status == "new"
    [elite] = elites.all(frontier.task.id)
    assert (elite.gain, elite.descriptor) == (figure, list(program.descriptor or ()))
    assert (elite.language, elite.program, elite.line) == (program.language, program.program, line)
    other = Elites(replace(ARCHIVE, objective=objective))
    assert [each[0] for each in other.offer(frontier)] == ["new"]
    assert other.all(frontier.task.id) == [elite]


@given(frontiers.filter(lambda frontier: len(frontier.programs) == 1))
def test_usual_frontiers_are_read_by_the_engine(frontier: Frontier) -> None:
    assert frontier.task is not None
    plain_task = replace(frontier.task, examples=(), origin=None)
    [program] = frontier.programs
    descriptor = None if program.descriptor is None else (1.0, 0.5)
    step = None if program.step is None else program.step % 1000
    origin = None if program.origin is None else replace(program.origin, evaluations=7)
    usual = replace(program, descriptor=descriptor, origin=origin, step=step)
    line = replace(frontier, task=plain_task, programs=(usual,)).encode()
    # Integers beyond what the engine reads, and half surrogates, are the reader's.
    odd = b"\\u" in line or any(len(word) > 15 and word.isdigit() for word in _words(line))
    assert odd or Elites(ARCHIVE).offer_line(line) is not None


def _words(line: bytes) -> list[bytes]:
    return b"".join(bytes([byte]) if chr(byte).isdigit() else b" " for byte in line).split()


def test_a_line_that_is_no_frontier_is_named_with_its_place() -> None:
    line = b'{"type":"frontier","task":{"id":"t","domain":"d"},"programs":[{"program":1}]}'
    record = Foreign("frontier", line, Place("file.jsonl", 7))
    with pytest.raises(InputError, match=r"^file\.jsonl:7: task t: programs\[0\]\.program: expected a string"):
        Elites(ARCHIVE).offer(record)


def test_several_programs_are_offered_one_by_one() -> None:
    task = {"id": "t", "domain": "d"}
    programs = [
        {"program": name, "language": "lambda", "reward": 1.0, "descriptor": [place, 0.0]}
        for name, place in (("a", 0.5), ("b", 2.5), ("c", 9))
    ]
    line = encode({"type": "frontier", "task": task, "programs": programs, "x": 1})
    elites = Elites(ARCHIVE)
    statuses: list[Status] = [status for status, _ in elites.offer(Foreign("frontier", line))]
    assert statuses == ["new", "new", "new"]
    assert [json.loads(elite.line)["programs"] for elite in elites.all("t")] == [[each] for each in programs]
    assert all(json.loads(elite.line)["x"] == 1 for elite in elites.all("t"))
    assert elites.clipped == 1
