"""Reading: types routed, errors placed, policies kept, truncation seen, whatever the bytes."""

import gzip
import io
import itertools
import os
import sys

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.errors import InputError, UsageError
from psynth.core.stream.reading import ReadReport, read_records, with_end, with_provenance
from psynth.core.stream.records import (
    END_STATUSES,
    End,
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Place,
    Provenance,
    decode,
)

HEADER = b'{"type":"header","psynth":1,"provenance":[]}'
METRIC = b'{"type":"metric","name":"loss","value":0.5}'
FRONTIER = b'{"type":"frontier","task":{"id":"d/1","domain":"d"},"programs":[]}'
END = b'{"type":"end","status":"complete"}'


def stream(*lines: bytes) -> io.BytesIO:
    return io.BytesIO(b"".join(line + b"\n" for line in lines))


def read(source, wanted=None, **options):
    """Return the lines of all records, and the report."""
    report = ReadReport()
    return [record.encode() for record in read_records([source], wanted, report=report, **options)], report


def failure(data, wanted=None):
    """Return the error that stops reading ``data``, if any."""
    try:
        read(io.BytesIO(data), wanted)
    except InputError as error:
        return error
    return None


class Trickle(io.RawIOBase):
    """A pipe that gives ``size`` bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self.left, self.size = data, size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        give, self.left = self.left[: self.size], self.left[self.size :]
        return give


def test_records_come_in_order_with_their_place_and_without_the_end():
    source = stream(HEADER, METRIC, b'{"type":"odd"}', FRONTIER, END)
    source.name = "a.jsonl"
    report = ReadReport()
    header, metric, odd, frontier = read_records([source], report=report)
    assert isinstance(header, Header)
    assert isinstance(metric, Metric)
    assert odd == Foreign("odd", b'{"type":"odd"}')
    assert isinstance(frontier, Frontier)
    assert frontier.place == Place("a.jsonl", 4)
    assert (report.records, report.truncated, report.status) == (5, [], "complete")


def test_what_is_not_wanted_is_not_decoded():
    broken_inside = b'{"type":"metric","name":7,"val}'
    records = list(read_records([stream(HEADER, METRIC, METRIC, broken_inside, FRONTIER, END)], (Frontier,)))
    assert [type(record) for record in records] == [Header, Foreign, Foreign, Foreign, Frontier]
    assert records[3] == Foreign("metric", broken_inside)


@pytest.mark.parametrize("wanted", [None, (Library,)])
@pytest.mark.parametrize(
    "line", [b'{ "name" : "n", "value":1, "type" : "metric" }', b'{"type":"m\\u0065tric","name":"n","value":1}']
)
def test_a_type_is_found_however_it_is_written(wanted, line):
    (record,) = read_records([stream(line, END)], wanted)
    assert isinstance(record, Foreign if wanted else Metric)
    assert getattr(record, "type", "metric") == "metric"
    assert record.encode() == line


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_the_size_of_blocks_does_not_matter(size):
    data = b"\n".join([HEADER, METRIC, METRIC, '{"type":"ödd"}'.encode(), FRONTIER, END]) + b"\n"
    lines, report = read(Trickle(data, size), (Library,))
    assert lines == [HEADER, METRIC, METRIC, '{"type":"ödd"}'.encode(), FRONTIER]
    assert report.truncated == []


def test_a_byte_order_mark_blank_lines_and_carriage_returns_are_no_errors():
    source = io.BytesIO(b"\xef\xbb\xbf" + HEADER + b"\r\n\r\n  \n" + METRIC + b"\r\n" + METRIC + b"\r\n" + END)
    lines, report = read(source, (Library,))
    assert lines == [HEADER + b"\r", METRIC + b"\r", METRIC + b"\r"]
    assert (report.records, report.truncated) == (4, [])


def test_a_byte_order_mark_elsewhere_is_an_error():
    with pytest.raises(InputError, match="<stdin>:2: not JSON"):
        read(stream(HEADER, b"\xef\xbb\xbf" + METRIC))


@pytest.mark.parametrize("wanted", [None, (Library,)])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"hello", "not JSON"),
        (b"[]", "not a record"),
        (b"{}", 'no "type"'),
        (b'{"type":7}', 'the "type" is not a string'),
        (b'{"type":"metric","name":"\0","value":1}', "not JSON: a NUL byte at byte 26"),
        (b'{"type":"metric","name":"\xff","value":1}', "not JSON: not UTF-8 at byte 26"),
        (b'{"type":"metric","name":"a"', "not JSON"),
        (b'{"type":"', "not JSON"),
        (b'{"type":"end","status":"odd"}', "status: expected"),
        (b"[" * 100_000, "not JSON"),
        (b'{"type":"future" 1}', "not JSON"),
    ],
)
def test_bad_lines_stop_are_skipped_or_kept(bad, message, wanted):
    lines = (METRIC, METRIC, bad, METRIC, END)
    with pytest.raises(InputError) as caught:
        read(stream(*lines), wanted)
    assert str(caught.value).startswith(f"<stdin>:3: {message}")

    heard: list[InputError] = []
    left, report = read(stream(*lines), wanted, on_error="skip", on_bad=heard.append)
    assert left == [METRIC, METRIC, METRIC]
    assert (report.records, report.skipped, report.kept) == (4, 1, 0)
    assert [error.line for error in heard] == [3]

    left, report = read(stream(*lines), wanted, on_error="keep")
    assert left == [METRIC, METRIC, bad, METRIC]
    assert (report.records, report.skipped, report.kept) == (4, 0, 1)


def test_a_record_of_the_wrong_shape_is_a_bad_line_that_names_its_task():
    bad = b'{"type":"frontier","task":{"id":"d/7"},"programs":[]}'
    with pytest.raises(InputError, match=r"<stdin>:1: task d/7: task.domain: missing"):
        read(stream(bad))
    assert read(stream(bad, END), on_error="keep")[0] == [bad]
    # Where nobody looks inside, nothing is wrong.
    assert read(stream(bad, END), (Library,))[0] == [bad]


def test_no_line_of_an_undocumented_type_is_unchecked():
    good, bad = b'{"type":"future","a":1}', b'{"type":"future" 1}'
    with pytest.raises(InputError, match="<stdin>:3: not JSON"):
        read(stream(good, good, bad, good, END), (Library,))


def test_a_bad_line_that_was_kept_is_foreign_without_a_type():
    assert list(read_records([stream(b"oops", END)], on_error="keep")) == [Foreign(None, b"oops")]


@pytest.mark.parametrize("wanted", [None, (Library,)])
def test_a_torn_last_line(wanted):
    torn = FRONTIER[:-7]
    source = METRIC + b"\n" + torn
    with pytest.raises(InputError, match="<stdin>:2: the last line is cut off"):
        read(io.BytesIO(source), wanted)
    left, report = read(io.BytesIO(source), wanted, on_error="skip")
    assert (left, report.skipped, report.truncated) == ([METRIC], 1, ["<stdin>"])
    left, report = read(io.BytesIO(source), wanted, on_error="keep")
    assert (left, report.kept, report.status) == ([METRIC, torn], 1, "interrupted")


@pytest.mark.parametrize("wanted", [None, (Library,)])
def test_a_torn_line_after_the_end_is_noticed(wanted):
    source = METRIC + b"\n" + END + b"\n" + FRONTIER[:-7]
    with pytest.raises(InputError, match="<stdin>:3: the last line is cut off"):
        read(io.BytesIO(source), wanted)
    left, report = read(io.BytesIO(source), wanted, on_error="skip")
    assert (left, report.truncated, report.status) == ([METRIC], ["<stdin>"], "interrupted")


def test_a_last_line_without_its_newline_is_a_record_where_it_is_whole():
    assert read(io.BytesIO(METRIC + b"\n" + END))[1].truncated == []
    assert read(io.BytesIO(METRIC), (Library,))[0] == [METRIC]


def test_a_last_line_torn_where_braces_close_is_noticed_though_nobody_wants_it():
    with pytest.raises(InputError, match="cut off"):
        read(io.BytesIO(b'{"type":"frontier","task":{"id":"d/1","domain":"d"}'), (Library,))


@pytest.mark.parametrize(
    ("lines", "truncated"),
    [
        ((), True),
        ((HEADER, METRIC), True),
        ((HEADER, METRIC, END), False),
        # sorted, as `sort` leaves them
        ((END, FRONTIER, HEADER, METRIC), False),
        # shuffled so that the end comes just before the header
        ((METRIC, END, HEADER, FRONTIER), False),
        # written by hand, or selected by grep
        ((FRONTIER, METRIC), False),
        # whole streams joined, and the second one cut
        ((HEADER, METRIC, END, HEADER, METRIC, END), False),
        ((HEADER, METRIC, END, HEADER, METRIC), True),
    ],
)
@pytest.mark.parametrize("wanted", [None, (Library,)])
def test_a_missing_end_is_seen(lines, truncated, wanted):
    report = read(stream(*lines), wanted)[1]
    assert report.truncated == (["<stdin>"] if truncated else [])


def test_each_source_needs_an_end(tmp_path):
    (tmp_path / "a").write_bytes(HEADER + b"\n" + METRIC + b"\n")
    (tmp_path / "b").write_bytes(METRIC + b"\n" + END)
    report = ReadReport()
    assert len(list(read_records([tmp_path / "a", str(tmp_path / "b")], report=report))) == 3
    assert report.truncated == [str(tmp_path / "a")]


@pytest.mark.parametrize("statuses", list(itertools.product(END_STATUSES, repeat=2)))
def test_the_worst_of_several_ends_is_the_one_that_follows_the_records(statuses):
    ends = [End(status, extra={"a": number, f"x{number}": 0}) for number, status in enumerate(statuses)]
    report = ReadReport()
    records = read_records([stream(METRIC, *(end.encode() for end in ends))], report=report)
    *_, end = with_end(records, report)
    worst = max(statuses, key=END_STATUSES.index)
    assert end == End(worst, extra={"a": 0, "x0": 0, "x1": 0})
    assert report.status == worst


def test_the_end_of_a_stream_that_was_cut_short_is_interrupted():
    report = ReadReport()
    assert [record.encode() for record in with_end(read_records([stream(HEADER, METRIC)], report=report), report)] == [
        HEADER,
        METRIC,
        b'{"type":"end","status":"interrupted"}',
    ]


def compressed(name: str, data: bytes) -> bytes:
    return gzip.compress(data) if name.endswith("gz") else zstandard.compress(data)


@pytest.mark.parametrize("name", ["a.gz", "a.zst"])
def test_compressed_streams_are_read_by_suffix_and_by_magic_bytes(name, tmp_path, monkeypatch):
    half = [compressed(name, METRIC + b"\n"), compressed(name, METRIC + b"\n" + END + b"\n")]
    data = half[0] + half[1]
    (tmp_path / name).write_bytes(data)
    assert [record.encode() for record in read_records([tmp_path / name])] == [METRIC, METRIC]
    assert read(io.BytesIO(data))[0] == [METRIC, METRIC]
    assert read(Trickle(data, 1))[0] == [METRIC, METRIC]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert [record.encode() for record in read_records(["-"])] == [METRIC, METRIC]


@pytest.mark.parametrize("name", ["a.gz", "a.zst"])
def test_compressed_data_cut_short_gives_all_that_came_before(name, tmp_path):
    lines = [b'{"type":"metric","name":"%d","value":%d}' % (number, number**7) for number in range(20_000)]
    data = compressed(name, b"\n".join([*lines, END]) + b"\n")
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    source = tmp_path / name

    seen: list[bytes] = []
    with pytest.raises(InputError) as caught:
        seen.extend(record.encode() for record in read_records([source], (Library,)))
    assert 0 < len(seen) < 20_000
    assert seen == lines[: len(seen)]
    assert str(caught.value).startswith(
        f"{source}:{len(seen) + 1}: the {'gzip' if name.endswith('gz') else 'zstd'} data is cut short"
    )

    report = ReadReport()
    assert [record.encode() for record in read_records([source], report=report, on_error="skip")] == seen
    assert (report.skipped, report.truncated) == (1, [str(source)])
    kept = [record.encode() for record in read_records([source], on_error="keep")]
    assert kept[: len(seen)] == seen
    assert len(kept) <= len(seen) + 1


@pytest.mark.parametrize("name", ["a.gz", "a.zst"])
def test_data_that_is_not_what_its_suffix_says_is_an_error(name, tmp_path):
    (tmp_path / name).write_bytes(METRIC)
    with pytest.raises(InputError, match="1: damaged"):
        list(read_records([tmp_path / name]))


@given(st.lists(st.binary(max_size=30) | st.sampled_from([METRIC, END, HEADER])), st.sampled_from([None, (Library,)]))
def test_whatever_the_bytes_nothing_is_lost_and_nothing_fails(lines, wanted):
    data = b"\n".join(lines)
    # Compressed data is another matter, and so is a byte order mark, which is dropped.
    if data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xef\xbb\xbf")):
        data = b" " + data
    kept, report = read(io.BytesIO(data), wanted, on_error="keep")
    lines = data.split(b"\n")
    ends = [line for line in lines if line == END]
    assert kept == [line for line in lines if line.strip() and line not in ends]
    assert report.records + report.kept == len(kept) + len(ends)
    skipped, report = read(io.BytesIO(data), wanted, on_error="skip")
    assert len(skipped) == report.records - len(ends)
    error = failure(data, wanted)
    assert (error is not None) == (report.skipped > 0)
    assert error is None or error.line is not None


@given(st.binary(max_size=60), st.sampled_from([b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd"]))
def test_damaged_compression_never_fails_otherwise(data, magic):
    error = failure(magic + data)
    assert error is None or error.line is not None
    assert isinstance(read(io.BytesIO(magic + data), on_error="skip")[1], ReadReport)


def test_a_long_line_is_read_and_one_beyond_the_limit_refused():
    long = b'{"type":"metric","name":"' + b"x" * 3_000_000 + b'","value":1}'
    assert read(stream(METRIC, long, METRIC, END))[0] == [METRIC, long, METRIC]
    for on_error in ("stop", "skip", "keep"):
        with pytest.raises(InputError, match="<stdin>:2: a line of more than 1 MiB"):
            read(stream(METRIC, long, METRIC, END), on_error=on_error, max_line=1 << 20)


@pytest.mark.slow
def test_a_line_of_100_megabytes():
    good = b'{"type":"metric","name":"' + b"x" * 100_000_000 + b'","value":1}'
    assert read(stream(good, END))[0] == [good]
    assert read(stream(good, END), (Library,))[0] == [good]
    with pytest.raises(InputError) as caught:
        read(stream(METRIC, b"x" * 100_000_000))
    assert len(str(caught.value)) < 120


def test_paths_that_cannot_be_read_are_usage_errors_before_anything_is_read(tmp_path):
    (tmp_path / "a").write_bytes(METRIC)
    with pytest.raises(UsageError, match="no such file"):
        read_records([tmp_path / "a", tmp_path / "absent"])
    with pytest.raises(UsageError, match="is a folder"):
        read_records([tmp_path])


def test_a_folder_as_standard_input_is_an_input_error(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    with os.fdopen(os.dup(os.open("/dev/null", os.O_RDONLY)), "rb", buffering=0) as source:
        os.dup2(descriptor, source.fileno())
        with pytest.raises(InputError, match="<stdin>:1: cannot read: Is a directory"):
            read(source)


def test_each_header_gets_the_stage_and_a_missing_one_is_made():
    stage = Provenance("sort", seed=0)
    first, second = (
        list(with_provenance(read_records([stream(*lines)]), stage))
        for lines in ((METRIC,), (HEADER, METRIC, END, HEADER))
    )
    assert [type(record) for record in first] == [Header, Metric]
    assert decode(first[0].encode())["provenance"] == [{"command": "sort", "seed": 0}]
    assert [getattr(record, "provenance", None) for record in second] == [(stage,), None, (stage,)]
    assert list(with_provenance([], stage)) == [Header(provenance=(stage,))]


def test_without_a_stage_headers_stay_as_they_are():
    assert [record.encode() for record in with_provenance(read_records([stream(HEADER + b" ", METRIC)]), None)] == [
        HEADER + b" ",
        METRIC,
    ]
    assert list(with_provenance([], None)) == [Header()]
