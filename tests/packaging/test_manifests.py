"""The built-in plugins are packages of their own, and the root distribution ships and registers every one of them."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in ROOT.glob("plugins_builtin/*/pyproject.toml"))

each_plugin = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def manifest(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def manifest_of_crate(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "Cargo.toml").read_text(encoding="utf-8"))


def distribution(requirement: str) -> str:
    """The name in a requirement, without its versions and extras."""
    return re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]


@each_plugin
def test_a_plugin_is_a_complete_package(folder: Path) -> None:
    package, name = folder.name, folder.name.removeprefix("psynth_")
    project = manifest(folder)["project"]
    assert project["name"] == f"psynth-{name}"
    assert "psynth" in map(distribution, project["dependencies"])
    assert project["entry-points"] == {"psynth": {name: f"{package}.plugin"}}
    assert project["requires-python"] == manifest(ROOT)["project"]["requires-python"]
    assert manifest(folder)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [f"src/{package}"]
    assert (folder / "src" / package / "plugin.py").is_file()
    assert (folder / "README.md").read_text(encoding="utf-8").strip()


def test_the_root_registers_exactly_the_plugins_there_are() -> None:
    declared = {}
    for folder in FOLDERS:
        declared |= manifest(folder)["project"]["entry-points"]["psynth"]
    assert manifest(ROOT)["project"]["entry-points"].get("psynth", {}) == declared


def test_the_root_ships_exactly_the_plugins_there_are() -> None:
    sources = [f"plugins_builtin/{folder.name}/src" for folder in FOLDERS]
    build = manifest(ROOT)["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["packages"] == [
        "psynth",
        *(f"{s}/{f.name}" for s, f in zip(sources, FOLDERS, strict=True)),
    ]
    assert build["dev-mode-dirs"] == [".", *sources]


@each_plugin
def test_what_a_plugin_needs_the_root_brings(folder: Path) -> None:
    project = manifest(ROOT)["project"]
    brought = {*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)}
    needed = {r for r in manifest(folder)["project"]["dependencies"] if distribution(r) != "psynth"}
    assert needed <= brought


def test_only_the_bindings_know_python() -> None:
    """The Rust engines are tested and compiled without Python, and each without the others."""
    rust = ROOT / "native" / "rust"
    workspace = tomllib.loads((rust / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]
    engines = set(workspace["members"]) - {"bindings"}
    assert engines
    assert {"pyo3", *engines} <= manifest_of_crate(rust / "bindings")["dependencies"].keys()
    for engine in engines:
        needed = manifest_of_crate(rust / engine).get("dependencies", {}).keys()
        assert not needed & {"pyo3", "bindings", *engines}, engine


def test_the_installed_psynth_registers_what_the_root_declares() -> None:
    try:
        installed = importlib.metadata.distribution("psynth")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("psynth is not installed in this environment (make setup)")
    registered = {entry.name: entry.value for entry in installed.entry_points if entry.group == "psynth"}
    declared = manifest(ROOT)["project"]["entry-points"].get("psynth", {})
    assert registered == declared, "the installed psynth is older than pyproject.toml: make setup"
