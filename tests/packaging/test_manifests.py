"""The root distribution ships and registers every built-in plugin, and nothing else."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in ROOT.glob("plugins_builtin/*/__init__.py"))

each_plugin = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def manifest() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def manifest_of_crate(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "Cargo.toml").read_text(encoding="utf-8"))


@each_plugin
def test_a_plugin_is_a_complete_package(folder: Path) -> None:
    assert folder.name.startswith("psynth_"), "the wheel includes plugins_builtin/psynth_*"
    assert (folder / "plugin.py").is_file()
    assert (folder / "README.md").read_text(encoding="utf-8").startswith(f"# {folder.name}\n")


def test_the_root_registers_exactly_the_plugins_there_are() -> None:
    expected = {folder.name.removeprefix("psynth_"): f"{folder.name}.plugin" for folder in FOLDERS}
    assert manifest()["project"]["entry-points"]["psynth"] == expected


EXTENSIONS = {"bindings": {"archive", "compression", "karel", "packing", "physics"}, "zygote": {"sandbox"}}
"""The crates that are extension modules, with the engines that each offers to Python."""


def test_only_the_bindings_know_python() -> None:
    """The Rust engines are tested and compiled without Python, and each without the others."""
    rust = ROOT / "native" / "rust"
    workspace = tomllib.loads((rust / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]
    engines = set(workspace["members"]) - EXTENSIONS.keys()
    assert engines == set().union(*EXTENSIONS.values())
    for extension, offered in EXTENSIONS.items():
        needed = manifest_of_crate(rust / extension)["dependencies"].keys()
        assert needed & {"pyo3", *workspace["members"]} == {"pyo3", *offered}, extension
    for engine in engines:
        needed = manifest_of_crate(rust / engine).get("dependencies", {}).keys()
        assert not needed & {"pyo3", *workspace["members"]}, engine


def test_the_installed_psynth_registers_what_the_root_declares() -> None:
    name = manifest()["project"]["name"]
    try:
        installed = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("psynth is not installed in this environment (make setup)")
    registered = {entry.name: entry.value for entry in installed.entry_points if entry.group == "psynth"}
    declared = manifest()["project"]["entry-points"]["psynth"]
    assert registered == declared, "the installed psynth is older than pyproject.toml: make setup"
