"""psynth new: the package that it writes, which names it refuses, and that the package works."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from psynth.cli.new import KINDS
from tests.psynth_command import ROOT, Psynth

FILES = {"pyproject.toml", "README.md", "src/psynth_maze/__init__.py", "src/psynth_maze/plugin.py"}
#: What the templates import; `psynth.testing` is written together with the names that psynth.plugins exports.
FACE = importlib.util.find_spec("psynth.testing")


#: Kinds of packages, with the options that give them.
PACKAGES = {**{kind: (kind,) for kind in KINDS}, "domain of Python": ("domain", "--language", "python")}


def written(psynth: Psynth, package: str) -> Path:
    """The package of a plugin called maze."""
    kind, *options = PACKAGES[package]
    done = psynth("new", kind, "maze", *options)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "wrote psynth-maze; next: cd psynth-maze" in done.stderr
    return psynth.folder / "psynth-maze"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_complete_package_is_written(psynth: Psynth, package: str) -> None:
    folder, kind = written(psynth, package), PACKAGES[package][0]
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {*FILES, f"src/psynth_maze/{kind}.py", f"tests/test_{kind}.py"}
    for name in files:
        text = (folder / name).read_text()
        assert not re.search(r"\{\{|PACKAGE", text), name
        if name.endswith(".py"):
            compile(text, name, "exec")
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    assert (project["name"], project["entry-points"]["psynth"]) == ("psynth-maze", {"maze": "psynth_maze.plugin"})
    plugin = (folder / "src/psynth_maze/plugin.py").read_text()
    class_name = f"Maze{kind.capitalize()}"
    assert f'"psynth_maze.{kind}:{class_name}"' in plugin
    assert f"class {class_name}(" in (folder / f"src/psynth_maze/{kind}.py").read_text()


def test_output_names_the_folder(psynth: Psynth) -> None:
    assert psynth("new", "domain", "two_words", "--output", "here").returncode == 0
    assert (psynth.folder / "here/src/psynth_two_words/domain.py").exists()
    assert "class TwoWordsDomain(" in (psynth.folder / "here/src/psynth_two_words/domain.py").read_text()
    assert 'name = "psynth-two-words"' in (psynth.folder / "here/pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["domian", "maze"], "'domian' is not one of domain, method, format (did you mean 'domain'?)"),
        (["domain", "Maze"], "'Maze' is not a name: lower-case letters, digits and _, no Python keyword"),
        (["domain", "../maze"], "'../maze' is not a name: lower-case letters, digits and _, no Python keyword"),
        (["method", "import"], "'import' is not a name: lower-case letters, digits and _, no Python keyword"),
        (["domain", "toy"], "the domain 'toy' already exists, in the plugin 'toy'; choose another name"),
        (["domain", "list"], "the package psynth_list already exists; choose another name"),
        (["domain", "python"], "the class PythonDomain would hide one of psynth's; choose another name"),
        (["domain", "maze", "-o", "taken"], "taken: already exists; choose another folder with --output"),
        (["method", "maze", "--language", "python"], "--language python is for domains; a method has no language"),
        (
            ["domain", "source", "--language", "python"],
            "the package psynth_source already exists; choose another name",
        ),
        (["domain"], "NAME is missing; usage: psynth new [OPTIONS] KIND NAME"),
    ],
)
def test_what_is_refused(psynth: Psynth, words: list[str], message: str) -> None:
    (psynth.folder / "taken").mkdir()
    done = psynth("new", *words)
    assert (done.returncode, done.stderr) == (2, f"psynth new: {message}\n")
    assert [path.name for path in psynth.folder.iterdir()] == ["taken"]
    assert list((psynth.folder / "taken").iterdir()) == []


@pytest.mark.skipif(FACE is None, reason="needs psynth.testing")
@pytest.mark.parametrize("package", PACKAGES)
def test_the_package_s_own_tests_pass(psynth: Psynth, package: str) -> None:
    folder = written(psynth, package)
    path = os.pathsep.join([str(ROOT), str(folder / "src"), *sys.path])
    environment = {key: value for key, value in os.environ.items() if key != "PSYNTH_PLUGINS"} | {"PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_domain_works_in_a_pipe(psynth: Psynth) -> None:
    """With the names that it imports, which psynth.plugins is to export."""
    if FACE is None:
        pytest.skip("needs what psynth.plugins is to export")
    source = written(psynth, "domain") / "src"
    metadata = source / "psynth_maze-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: psynth-maze\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text("[psynth]\nmaze = psynth_maze.plugin\n")
    environment = {"PSYNTH_PLUGINS": "maze,search", "PYTHONPATH": os.pathsep.join([str(ROOT), str(source), *sys.path])}
    tasks = psynth("tasks", "maze", "--split", "all", env=environment)
    assert tasks.stdout.count('"frontier"') == 4, tasks.stderr
    solved = psynth("enumerate", "--max-cost", "12", input=tasks.stdout, env=environment)
    assert solved.stdout.count('"status":"solved"') >= 3, solved.stderr
