"""Every way to install psynth gives the same package: both engines, every built-in plugin, nothing that is stale."""

from __future__ import annotations

import json
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from tests.fresh_environment import FreshEnvironment

from .conftest import ROOT, build_wheel

pytestmark = pytest.mark.install

PLUGINS = sorted(path.parent.name for path in ROOT.glob("plugins_builtin/*/__init__.py"))
ENGINES = {"psynth/_native.abi3.so", "psynth/_bin/psynth-lambda"}

WHERE_FROM = """
import importlib, importlib.metadata, json, psynth, psynth._native, psynth.core.engines.lambda_machine as client
entries = importlib.metadata.distribution("psynth-toolkit").entry_points
plugins = {e.name: e.load().__file__ for e in entries if e.group == "psynth"}
with client.LambdaMachine() as machine:
    primitives = len(machine.primitives())
files = {"psynth": psynth.__file__, "native": psynth._native.__file__, "plugins": plugins}
print(json.dumps(files | {"primitives": primitives}))
"""


def check_works(environment: FreshEnvironment, cwd: Path, under: Path) -> None:
    """Asserts that psynth, its engines and its plugins run, and come from below ``under``."""
    finished = environment.run([environment.python, "-c", WHERE_FROM], cwd=cwd)
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["primitives"] > 0
    assert sorted(f"psynth_{name}" for name in found["plugins"]) == PLUGINS
    for file in [found["psynth"], found["native"], *found["plugins"].values()]:
        assert Path(file).resolve().is_relative_to(under.resolve())
    assert environment.run(["psynth", "--help"], cwd=cwd).returncode == 0


def interpreter_of(executable: bytes) -> bool:
    """Whether an ELF file (64 bits, little endian) asks for a dynamic linker: a PT_INTERP among its program headers."""
    assert executable[:6] == b"\x7fELF\x02\x01"
    start, size, count = struct.unpack_from("<Q14xHH", executable, 32)
    return any(struct.unpack_from("<I", executable, start + size * i)[0] == 3 for i in range(count))


def test_the_wheel_holds_the_engines_and_every_plugin(wheel: Path) -> None:
    python, abi, platform = wheel.stem.split("-")[-3:]
    assert (python, abi) == ("cp311", "abi3")
    assert platform != "any"
    with zipfile.ZipFile(wheel) as archive:
        members = {member.filename: member for member in archive.infolist()}
        assert members.keys() >= ENGINES
        for engine in ENGINES:
            assert stat.S_IMODE(members[engine].external_attr >> 16) == 0o755
        if "linux" in platform:
            assert not interpreter_of(archive.read("psynth/_bin/psynth-lambda"))
    manuals = {Path(name).name for name in members if ".data/data/share/man/man1/" in name}
    assert manuals == {path.name for path in (ROOT / "docs" / "man").iterdir()}
    packages = {name.split("/")[0] for name in members if not name.split("/")[0].endswith((".dist-info", ".data"))}
    assert packages == {"psynth", *PLUGINS}
    assert "psynth/py.typed" in members
    assert not [name for name in members if "__pycache__" in name]


def test_a_wheel_made_from_the_source_archive_works(sdist: Path, tmp_path: Path, elsewhere: None) -> None:
    environment = FreshEnvironment(tmp_path / "environment")
    environment.install(build_wheel(sdist, tmp_path / "wheels"))
    check_works(environment, tmp_path, under=tmp_path / "environment")


def test_a_wheel_works_wherever_it_is_moved_to(wheel: Path, tmp_path: Path) -> None:
    moved = tmp_path / "another place" / wheel.name
    moved.parent.mkdir()
    moved.write_bytes(wheel.read_bytes())
    environment = FreshEnvironment(tmp_path / "environment")
    environment.install(moved)
    check_works(environment, tmp_path, under=tmp_path / "environment")


def test_an_editable_install_runs_from_the_sources(unpacked: Path, tmp_path: Path, elsewhere: None) -> None:
    environment = FreshEnvironment(tmp_path / "environment")
    environment.install("--editable", unpacked)
    check_works(environment, tmp_path, under=unpacked)
    init = unpacked / "psynth" / "__init__.py"
    init.write_text(init.read_text(encoding="utf-8") + "\nedited = 'seen at once'\n", encoding="utf-8")
    finished = environment.run([environment.python, "-c", "import psynth; print(psynth.edited)"], cwd=tmp_path)
    assert finished.stdout == "seen at once\n"
