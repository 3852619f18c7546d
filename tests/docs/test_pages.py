"""The documentation is true: generated pages are up to date, and every example gives what the page says."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_layers import missing

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ["docs/write-a-domain.md", "docs/write-a-method.md", "docs/sandbox.md", "docs/your-own-tasks.md"]
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_generated_pages_are_up_to_date() -> None:
    specification = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    generate = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(generate)
    written = {path.name: path.read_text() for path in (ROOT / "docs" / "commands").glob("*.md")}
    assert written == generate.pages(), "run `python docs/generate.py`"


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", ["README.md", *TUTORIALS])
def test_examples_give_what_the_page_says(page: str, tmp_path: Path) -> None:
    """Blocks with ``file=`` are written; each ``$ command`` of a console block must print the lines after it.

    With PSYNTH_UPDATE_CASES=1 the lines are written anew, and ``git diff`` is the review.
    """
    if page in ("docs/sandbox.md", "docs/write-a-domain.md") and missing("user", "mount"):
        pytest.skip(missing("user", "mount"))
    text = (ROOT / page).read_text()
    for _, name, content in BLOCK.findall(text):
        if name:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    _pretend_installed(tmp_path)
    ran = 0
    for command, expected in _commands(text):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=tmp_path,
            env=_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=120,
        )
        if os.environ.get("PSYNTH_UPDATE_CASES") == "1":
            text = text.replace(f"{command}\n{expected}", f"{command}\n{_plain(done.stdout)}")
            (ROOT / page).write_text(text)
        else:
            assert (_plain(done.stdout), command) == (expected, command), done.stderr
        ran += 1
    assert ran


def _plain(output: str) -> str:
    """Output as a page can hold it: without blanks at the ends of lines, and without blank lines at the end."""
    lines = "\n".join(line.rstrip() for line in output.splitlines()).rstrip("\n")
    return f"{lines}\n" if lines else ""


def _commands(text: str) -> Iterator[tuple[str, str]]:
    for language, _, content in BLOCK.findall(text):
        if language == "console":
            for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                command, _, expected = part.partition("\n")
                yield command, expected


def _pretend_installed(folder: Path) -> None:
    """What pip would write for the package in ``folder``, so that its entry points are found on the path."""
    manifest = folder / "pyproject.toml"
    if manifest.exists():
        import tomllib

        project = tomllib.loads(manifest.read_text())["project"]
        metadata = folder / "src" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        metadata.mkdir()
        points = "\n".join(f"{name} = {value}" for name, value in project["entry-points"]["psynth"].items())
        (metadata / "entry_points.txt").write_text(f"[psynth]\n{points}\n")
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )


def _environment(folder: Path) -> dict[str, str]:
    scripts = folder / "bin"
    if not scripts.exists():
        scripts.mkdir()
        psynth = scripts / "psynth"
        psynth.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m psynth "$@"\n')
        psynth.chmod(0o755)
    assert shutil.which("bash")
    return {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(folder / "src"), *sys.path]),
        "COLUMNS": "100",
        "TERM": "dumb",
    }
