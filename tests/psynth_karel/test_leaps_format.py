"""LEAPS' data set is written as it is laid out there, read back the same, and damage to it is said with its place."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from psynth_karel.domain import Karel
from psynth_karel.environment import Environment
from psynth_karel.leaps_format import Leaps
from psynth_karel.machine import Instances, Stepper, actions, to_term, to_tokens
from psynth_karel.tokens import PAD, TOKENS, numbers_of, text_of

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.errors import InputError, UsageError
from psynth.core.extras import installation
from psynth.core.stream.records import Frontier
from psynth.plugins.method import Context
from tests.pipeline_command import psynth, records

h5py = pytest.importorskip("h5py")
np = pytest.importorskip("numpy")
pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

KAREL = Karel()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stream of 25 demonstrated programs."""
    path = tmp_path_factory.mktemp("leaps") / "drawn.jsonl"
    words = ("--count", "25", "--demonstrations", "4", "--cover-branches", "--outputs", "-o", path)
    psynth("sample", "-d", "karel", "--primitives", "leaps", *words)
    return path


@pytest.fixture(scope="module")
def folder(drawn: Path) -> Path:
    """The same as LEAPS' data set."""
    path = drawn.parent / "data"
    psynth("export", "leaps", drawn, "-o", path)
    return path


def test_tokens_are_numbered_as_in_the_published_vocabulary() -> None:
    assert len(TOKENS) == len({*TOKENS}) == PAD == 50
    # The numbers of some tokens in the published table, its end among them.
    known = {"DEF": 0, "move": 4, "turnRight": 5, "r(": 9, "R=0": 11, "R=19": 30, "REPEAT": 31, "not": 46, "WHILE": 49}
    assert {token: TOKENS.index(token) for token in known} == known
    text = "DEF run m( WHILE c( not c( frontIsClear c) c) w( REPEAT R=7 r( move r) w) m)"
    assert text_of(numbers_of(text)) == text
    with pytest.raises(ValueError, match="token 1 is 50, and there are 50"):
        text_of([0, 50])


def test_the_layout_is_the_published_one(drawn: Path, folder: Path) -> None:
    frontiers = records(drawn.read_bytes(), "frontier")
    names = (folder / "id.txt").read_text().split()
    with h5py.File(folder / "data.hdf5") as file:
        assert {*file} == {*names, "data_info"}
        info = {name: file["data_info"][name][()] for name in file["data_info"]}
        assert (info["num_demo_per_program"], info["num_program_tokens"], info["num_action_tokens"]) == (4, 50, 5)
        assert info["num_train"] + info["num_val"] + info["num_test"] == len(names) == 25
        for number, (name, frontier) in enumerate(zip(names, frontiers, strict=True)):
            group, [program] = file[name], frontier["programs"]
            tokens = to_tokens(program["program"])
            lengths = [len(done) + 1 for done in program["outputs"]]
            assert name == f"no_{number}_prog_len_{len(tokens.split())}_max_s_h_len_{max(lengths)}"
            assert text_of(group["program"][()].tolist()) == tokens
            assert group["s_h_len"][()].tolist() == lengths
            assert group["a_h_len"][()].tolist() == [length - 1 for length in lengths]
            assert [group[each].dtype for each in ("program", "s_h_len", "a_h_len", "s_h", "a_h")] == [
                *(np.int8, np.int16, np.int16, np.bool_, np.int8)
            ]
            assert group["s_h"].shape == (4, max(lengths), 8, 8, 16)
            instances = Environment.from_json(frontier["task"]["environment"]).instances()
            states_are_those_of_a_stepper(group, instances, program["outputs"])
        assert info["max_demo_length"] == max(file[name]["s_h"].shape[1] for name in names)


def states_are_those_of_a_stepper(group, instances: Instances, outputs: list[list[str]]) -> None:
    """Replay the recorded actions from outside, and compare all states; what is beyond the end is zero."""
    stepper = Stepper(instances)
    for step in range(group["s_h"].shape[1]):
        features = stepper.features().transpose(0, 2, 3, 1)
        chosen = []
        for world, done in enumerate(outputs):
            if step <= len(done):
                assert (group["s_h"][world, step] == features[world]).all()
            else:
                assert not group["s_h"][world, step].any()
            if step < group["a_h"].shape[1]:
                assert group["a_h"][world, step] == (actions().index(done[step]) if step < len(done) else 0)
            chosen.append(actions().index(done[step]) if step < len(done) else 5)
        stepper.step(bytes(chosen))
    wall, unmarked = group["s_h"][0, 0][:, :, 4], group["s_h"][0, 0][:, :, 5]
    assert wall[0].all()
    assert unmarked[wall].all()


def test_what_was_written_is_read_back(drawn: Path, folder: Path) -> None:
    done = psynth("import", "leaps", folder)
    assert done.stderr == b""
    before, after = records(drawn.read_bytes(), "frontier"), records(done.stdout, "frontier")
    assert len(after) == 25
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        assert new["task"]["id"] == f"karel/leaps/{number:06}"
        [was], [program] = old["programs"], new["programs"]
        assert program["program"] == to_term(to_tokens(was["program"]))
        assert (program["log_likelihood"], program["score"]) == (0.0, 1.0)
        drawn_worlds = Environment.from_json(old["task"]["environment"]).instances().pictures()
        assert list(Environment.from_json(new["task"]["environment"]).worlds) == drawn_worlds
    # Written again it is the same, from a folder or through pipes.
    again = psynth("export", "leaps", input=done.stdout).stdout
    assert psynth("export", "leaps", input=done.stdout).stdout == again
    assert records(psynth("import", "leaps", "-", input=again).stdout, "frontier") == after
    plain = psynth("export", "leaps", "--compression", "none", drawn).stdout
    assert len(plain) > 3 * len(again)
    assert records(psynth("import", "leaps", "-", input=plain).stdout, "frontier") == after
    evaluated = psynth("evaluate", input=done.stdout).stdout
    assert b"25  frontiers solved" in psynth("check", input=evaluated).stdout
    assert b'"definition"' in psynth("compress", input=done.stdout).stdout
    assert "██".encode() in psynth("show", input=done.stdout).stdout


def changed(folder: Path, target: Path, change) -> Path:
    """A copy of the data set with its first program's group changed."""
    target.write_bytes((folder / "data.hdf5").read_bytes())
    with h5py.File(target, "r+") as file:
        change(file, (folder / "id.txt").read_text().split()[0])
    return target


def replaced(name: str, make):
    def change(file, group: str) -> None:
        data = make(file[group][name][()])
        del file[group][name]
        if data is not None:
            file[group][name] = data

    return change


WRONG = [
    ("program", lambda data: None, "there is no data set program"),
    ("program", lambda data: np.where(data == 0, 77, data), "program: token 0 is 77, and there are 50"),
    ("program", lambda data: data[:-1], "program: the program ends where a statement should stand"),
    ("program", lambda data: data.astype(float), "program has 1 dimensions of float64"),
    ("s_h", lambda data: data[..., :8], "s_h has the shape"),
    ("s_h", lambda data: data[0], "s_h has 4 dimensions"),
    ("s_h", lambda data: np.zeros_like(data), "the first state of demonstration 0 has 0 agents"),
    ("s_h", lambda data: data & (np.arange(16) != 4), "world 0: "),
    ("a_h", lambda data: data[:2], "there are 4 worlds, but 2 rows of a_h"),
    ("a_h", lambda data: np.full_like(data, 5), "invalid action numbers"),
    ("a_h_len", lambda data: data + 100, "a_h_len is 1"),
]


@pytest.mark.parametrize(("name", "make", "message"), WRONG, ids=[f"{name}: {message}" for name, _, message in WRONG])
def test_a_wrong_group_is_named_and_can_be_left_out(name, make, message, folder: Path, tmp_path: Path) -> None:
    path = str(changed(folder, tmp_path / "wrong.hdf5", replaced(name, make)))
    group = (folder / "id.txt").read_text().split()[0]
    with pytest.raises(InputError) as raised:
        list(Leaps().read([path], Context("import")))
    assert str(raised.value).startswith(f"{path}: group {group}: ")
    assert message in str(raised.value)
    told: list[InputError] = []
    skipping = Context("import", bad_input=lambda error: bool(told.append(error)))
    assert sum(isinstance(record, Frontier) for record in Leaps().read([path], skipping)) == 24
    assert len(told) == 1


def test_actions_that_our_machine_does_not_do_are_counted(folder: Path, tmp_path: Path) -> None:
    other = changed(folder, tmp_path / "other.hdf5", replaced("a_h", lambda data: (data + 1) % 5))
    done = psynth("import", "leaps", other)
    assert b"1 of 25 programs act differently" in done.stderr
    first, second, *_ = records(done.stdout, "frontier")
    assert "log_likelihood" not in first["programs"][0]
    assert second["programs"][0]["log_likelihood"] == 0.0


def test_files_that_are_none(folder: Path, tmp_path: Path) -> None:
    whole = (folder / "data.hdf5").read_bytes()
    cut = tmp_path / "cut.hdf5"
    cut.write_bytes(whole[: len(whole) // 2])
    for path, message in ((cut, "cannot be read as HDF5"), (tmp_path, "cannot be read as HDF5"), ("-", "HDF5")):
        assert message in psynth("import", "leaps", path, status=3).stderr.decode()
    (tmp_path / "data.hdf5").write_bytes(whole)
    (tmp_path / "id.txt").write_text("no_99_prog_len_5_max_s_h_len_9\n")
    assert "group no_99_prog" in psynth("import", "leaps", tmp_path, status=3).stderr.decode()


def test_what_cannot_be_written(drawn: Path, folder: Path, tmp_path: Path) -> None:
    def wrong(*words: str | Path, message: str, input: bytes = b"") -> None:
        done = psynth("export", "leaps", *words, "-o", tmp_path / "none", input=input, status=None)
        assert done.returncode in (2, 3)
        assert message in done.stderr.decode()
        assert not list(tmp_path.iterdir())

    tasks = psynth("enumerate", "-d", "karel", "--limit", "1", "--max-programs", "50").stdout
    wrong(input=tasks, message="only programs of karel with demonstrations can be written")
    lines = drawn.read_bytes().splitlines(keepends=True)
    other = psynth("sample", "-d", "karel", "--count", "1", "--demonstrations", "3").stdout.splitlines(keepends=True)
    wrong(input=b"".join([*lines[:-1], *other[2:]]), message="there are 3 worlds of 8 by 8 and 4 worlds of 8 by 8")
    wrong(input=drawn.read_bytes().replace(b'"leaps"', b'"hprl"'), message="of the profile leaps, not of hprl")
    assert b"already exists" in psynth("export", "leaps", drawn, "-o", folder, status=2).stderr


def test_without_h5py_what_to_install_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UsageError, match=re.escape(installation("hdf5"))):
        next(Leaps().read(["data"], Context("import")))
