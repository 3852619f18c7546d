"""Where ``export -o`` writes: whole or not at all, compressed by suffix, through links and into devices."""

from pathlib import Path

import pytest

from tests.pipeline_command import psynth

PROGRAMS = b'["(lambda (+ 1 $0))", "(lambda (+ 2 $0))"]'


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_what_is_exported_can_be_imported(tmp_path: Path, suffix: str) -> None:
    stream = psynth("import", "stitch", "-", input=PROGRAMS).stdout
    written = tmp_path / f"programs.json{suffix}"
    psynth("export", "stitch", "-o", written, input=stream)
    assert written.read_bytes().startswith({"": b"[", ".gz": b"\x1f\x8b", ".zst": b"\x28\xb5"}[suffix])
    again = psynth("import", "stitch", written).stdout
    assert again.splitlines()[1:] == stream.splitlines()[1:]


def test_a_link_stays_one_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    stream = psynth("import", "stitch", "-", input=PROGRAMS).stdout
    link, file = tmp_path / "link.json", tmp_path / "file.json"
    file.write_bytes(b"before")
    link.symlink_to(file)
    psynth("export", "stitch", "-o", link, input=b"nonsense\n", status=3)
    assert file.read_bytes() == b"before"
    psynth("export", "stitch", "-o", link, input=stream)
    assert link.is_symlink()
    assert file.read_bytes().startswith(b"[")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.json", "link.json"]


def test_a_place_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    stream = psynth("import", "stitch", "-", input=PROGRAMS).stdout
    missing = tmp_path / "missing" / "x.json"
    done = psynth("export", "stitch", "-o", missing, input=stream, status=2)
    assert done.stderr.decode() == f"psynth export: {missing}: No such file or directory\n"
    done = psynth("export", "stitch", "-o", tmp_path, input=stream, status=2)
    assert done.stderr.decode() == f"psynth export: {tmp_path}: Is a directory\n"
    assert psynth("export", "stitch", "-o", "/dev/stdout", input=stream).stdout.startswith(b"[")
