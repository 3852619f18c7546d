"""Files and folders replaced as a whole, JSON read with its place, digests."""

import fcntl
import gzip
import hashlib
import os
import stat

import pytest

from psynth.core.errors import InputError, UsageError
from psynth.core.files import part_of, read_json, sha256, whole_file, whole_folder


def test_a_file_gets_its_name_when_it_is_whole_and_keeps_its_mode(tmp_path):
    path = tmp_path / "figures"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with whole_file(path) as file:
        file.write(b"new, and longer")
        file.flush()
        assert path.read_bytes() == b"old"
        file.seek(0)
        file.write(b"NEW")
    assert path.read_bytes() == b"NEW, and longer"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["figures"]


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "figures"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), whole_file(path) as file:
        file.writelines([b"new", None])
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["figures"]


def test_what_a_killed_process_left_is_not_in_the_new_file(tmp_path):
    path = tmp_path / "figures"
    (tmp_path / "figures.part").write_bytes(b"a longer text than the new one")
    with whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def test_a_link_stays_a_link_and_a_device_is_written_directly(tmp_path):
    path, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(path)
    with whole_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    with whole_file("/dev/null") as file:
        file.write(b"new")
    assert not os.path.exists(part_of("/dev/null"))


def test_two_writers_of_one_file_are_an_error(tmp_path):
    path = tmp_path / "figures"
    with open(part_of(path), "wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another process is writing it"), whole_file(path):
            pass
    with pytest.raises(UsageError, match="No such file"), whole_file(tmp_path / "none" / "figures"):
        pass


def test_a_folder_gets_its_name_when_it_is_whole(tmp_path):
    real, target = tmp_path / "real", tmp_path / "target"
    real.mkdir(mode=0o750)
    target.symlink_to(real)
    with whole_folder(target) as folder:
        (folder / "inner").mkdir()
        (folder / "inner" / "file").write_bytes(b"new")
        assert not any(real.iterdir())
    assert (real / "inner" / "file").read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o750
    assert target.is_symlink()
    with pytest.raises(UsageError, match="already exists"), whole_folder(target):
        pass
    with pytest.raises(KeyError), whole_folder(tmp_path / "other"):
        raise KeyError
    assert sorted(os.listdir(tmp_path)) == ["real", "target"]


def test_json_is_read_compressed_or_not(tmp_path):
    path = tmp_path / "figures"
    path.write_bytes(b'\xef\xbb\xbf{"a": [1, -Infinity]}')
    assert read_json(path, constants=True) == {"a": [1, float("-inf")]}
    path.write_bytes(gzip.compress(b'{"a": null}'))
    assert read_json(path) == {"a": None}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{\n "a": }', r"figures:2: not JSON: Expecting value at column 7"),
        (b"[NaN]", "figures: not JSON: NaN"),
        (b"\xff", "figures: not UTF-8 at byte 1"),
        (gzip.compress(b"[]", mtime=0)[:-4], "figures: the gzip data is cut short"),
        (b"[" * 100_000, "figures: nested too deeply"),
    ],
)
def test_what_is_not_json_is_named_with_its_place(tmp_path, content, message):
    path = tmp_path / "figures"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_json(path)


def test_digests_tell_contents_and_names_apart(tmp_path):
    folder = tmp_path / "model"
    (folder / "inner").mkdir(parents=True)
    first, second = folder / "a", folder / "inner" / "b"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    assert sha256(first) == hashlib.sha256(b"1").hexdigest()
    before = sha256(folder)
    second.rename(folder / "inner" / "c")
    renamed = sha256(folder)
    (folder / "inner" / "c").write_bytes(b"3")
    assert len({before, renamed, sha256(folder)}) == 3
    with pytest.raises(InputError, match="none: cannot be read"):
        sha256(tmp_path / "none")
