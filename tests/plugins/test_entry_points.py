"""Installed entry points, compared with those that importlib.metadata finds."""

import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from psynth.plugins.entry_points import InstalledEntryPoint, installed_entry_points


def expected(group: str) -> list[InstalledEntryPoint]:
    return sorted((InstalledEntryPoint.of(each) for each in entry_points(group=group)), key=repr)


def found(group: str) -> list[InstalledEntryPoint]:
    return sorted(installed_entry_points(group), key=repr)


def distribution(folder: Path, name: str, text: str, metadata: str = "METADATA") -> None:
    info = folder / name
    info.mkdir(parents=True)
    (info / metadata).write_text("Metadata-Version: 2.1\nName: Spiral.Tiles\nVersion: 2.0\n\nName: not this\n")
    (info / "entry_points.txt").write_text(text)


@pytest.mark.parametrize("group", ["psynth", "console_scripts", "pytest11", "nobody"])
def test_this_environment(group: str) -> None:
    assert found(group) == expected(group)


TEXT = """
[console_scripts]
psynth = elsewhere
[psynth]
# a comment = no.entry
tiles = spiral_tiles.plugin
 spaced  =  spiral_tiles : hooks [extra]
[other]
psynth = x
"""


def test_metadata_folders_of_all_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path / "first", "spiral_tiles-2.0.dist-info", TEXT)
    # The same distribution once more: Python uses the first.
    distribution(tmp_path / "second", "Spiral.Tiles-1.0.dist-info", "[psynth]\nold = old\n")
    distribution(tmp_path / "second", "egg.egg-info", "[psynth]\negg = egg\n", "PKG-INFO")
    (tmp_path / "second" / "broken-1.0.dist-info").write_text("a file, not a folder")
    for folder in ("absent", "second", "first"):
        monkeypatch.syspath_prepend(str(tmp_path / folder))
    assert found("psynth") == expected("psynth")
    assert {each.name for each in found("psynth")} >= {"tiles", "spaced", "egg"}
    assert "old" not in {each.name for each in found("psynth")}


def test_a_distribution_in_a_zip_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "zipped.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped\nVersion: 1.0\n")
        file.writestr("zipped-1.0.dist-info/entry_points.txt", "[psynth]\nzipped = zipped\n")
    monkeypatch.syspath_prepend(str(archive))
    assert InstalledEntryPoint("zipped", "zipped", "zipped", "1.0") in installed_entry_points("psynth")
    assert found("psynth") == expected("psynth")


def test_loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spiral.py").write_text("class hooks:\n    inner = 7\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert InstalledEntryPoint("a", "spiral:hooks.inner").load() == 7
    assert InstalledEntryPoint("a", "spiral [extra]").load() is sys.modules["spiral"]
    with pytest.raises(ValueError, match="a = spiral hooks is not"):
        InstalledEntryPoint("a", "spiral hooks").load()
