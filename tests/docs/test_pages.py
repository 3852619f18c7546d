"""The documentation is true: generated pages are up to date, and every example gives what the page says."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from psynth.cli.table import TABLE
from tests.docs.examples import (
    FENCED,
    FILES,
    NOT_RUN,
    ROOT,
    STOCK,
    Block,
    blocks,
    consoles,
    pages,
    pretend_installed,
    programs,
    run,
    streams,
    write_files,
)
from tests.sandbox_layers import missing

WITH_CONSOLES = [page for page in pages() if "```console" in (ROOT / page).read_text()]
NEED_LAYERS = (
    *("docs/sandbox.md", "docs/write-a-domain.md"),
    *(
        f"docs/domains/{name}.md"
        for name in (
            *("puzzles", "function", "sodarace", "openevolve", "circle-packing", "bin-packing", "parity"),
            *("image", "symbolic"),
        )
    ),
)
ALL_BLOCKS = [block for block in blocks() if block.why_not is None]
ALL_SCRIPTS = [
    *(block.script for block in blocks()),
    *(command for page in pages() for command, _ in consoles((ROOT / page).read_text())),
]


def test_generated_pages_are_up_to_date() -> None:
    specification = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    generate = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(generate)
    for folder, wanted in (
        ("commands", generate.pages()),
        ("domains", generate.domain_pages()),
        ("man", generate.manual_pages()),
    ):
        written = {path.name: path.read_text() for path in (ROOT / "docs" / folder).iterdir()}
        assert written == wanted, "run `python docs/generate.py`"
    page = generate.reproductions_page()
    assert generate.REPRODUCTIONS.read_text() == page, "run `python docs/generate.py`"


def test_links_lead_somewhere() -> None:
    for page in pages():
        path = ROOT / page
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", FENCED.sub("", path.read_text())):
            assert (path.parent / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", WITH_CONSOLES)
def test_examples_give_what_the_page_says(page: str, tmp_path: Path) -> None:
    """Blocks with ``file=`` are written; each ``$ command`` of a console block must print the lines after it.

    With PSYNTH_UPDATE_CASES=1 the lines are written anew, and ``git diff`` is the review.
    """
    if page in NEED_LAYERS and missing("user", "mount"):
        pytest.skip(missing("user", "mount"))
    text = (ROOT / page).read_text()
    write_files(text, tmp_path)
    ran = 0
    for command, expected in consoles(text):
        done = run(command, tmp_path)
        if os.environ.get("PSYNTH_UPDATE_CASES") == "1":
            text = text.replace(f"{command}\n{expected}", f"{command}\n{_plain(done.stdout)}")
            (ROOT / page).write_text(text)
        else:
            assert (_plain(done.stdout), command) == (expected, command), done.stderr
        ran += 1
    assert ran


@pytest.mark.parametrize("page", [page for page in pages() if programs(page)])
def test_python_examples_run(page: str, tmp_path: Path) -> None:
    write_files((ROOT / page).read_text(), tmp_path)
    for program in programs(page):
        if "import gymnasium" in program:
            pytest.importorskip("gymnasium", reason="gymnasium is not installed (the extra gym)")
        (tmp_path / "example.py").write_text(program)
        done = run(f"{shlex.quote(sys.executable)} example.py", tmp_path)
        assert done.returncode == 0, f"{program}\n{done.stderr}"


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that examples read, and the example plugin installed."""
    folder = tmp_path_factory.mktemp("examples")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    plugin = ROOT / "examples" / "plugin"
    shutil.copytree(plugin / "src", folder / "src")
    pretend_installed(plugin, folder)
    done = run(STOCK, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    "block",
    [pytest.param(each, marks=[pytest.mark.slow] if each.is_slow else [], id=str(each)) for each in ALL_BLOCKS],
)
def test_shell_examples_succeed(block: Block, stocked: Path, tmp_path: Path) -> None:
    """In a copy of the stock, so that no example reads what another wrote."""
    folder = tmp_path / "folder"
    shutil.copytree(stocked, folder)
    done = run(block.script, folder, timeout=3600 if block.is_slow else 120)
    assert done.returncode == 0, f"{block.script}\n{done.stderr}"


def test_most_examples_are_run() -> None:
    assert len(ALL_BLOCKS) >= 30
    assert all(len(why) > 10 for why in NOT_RUN.values())


@pytest.mark.parametrize("page", [page for page in pages() if any(streams(page))])
def test_streams_that_pages_show_are_sound(page: str, tmp_path: Path) -> None:
    for number, stream in enumerate(streams(page)):
        (tmp_path / f"{number}.jsonl").write_text(stream)
        done = run(f"psynth check {number}.jsonl", tmp_path)
        assert done.returncode == 0, f"{stream}\n{done.stdout}"


@pytest.mark.parametrize("name", TABLE)
def test_options_of_examples_are_in_the_tables_of_their_pages(name: str) -> None:
    text = (ROOT / "docs" / "commands" / f"{name}.md").read_text()
    for script in ALL_SCRIPTS:
        for words in re.findall(rf"\bpsynth {name}((?: (?:'[^']*'|[^|;>&\n'])*)?)", script):
            method = re.search(r"--method (\S+)", words)
            if method and f"## Method `{method[1]}`" not in text:
                continue  # of a plugin that the page's reader writes
            for flag in re.findall(r"(?<= )--?[a-z][a-z-]*", re.sub(r"'[^']*'", "", words.split(" -- ")[0])):
                known = flag, flag.replace("--no-", "--")
                assert any(re.search(rf"`{each}[` =\[]", text) for each in known), f"psynth {name}{words}"


def _plain(output: str) -> str:
    """Output as a page can hold it: without blanks at the ends of lines, and without blank lines at the end."""
    lines = "\n".join(line.rstrip() for line in output.splitlines()).rstrip("\n")
    return f"{lines}\n" if lines else ""


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in pages() if "file=pyproject.toml" in (ROOT / page).read_text()])
def test_tutorials_have_sound_types(page: str, tmp_path: Path) -> None:
    write_files((ROOT / page).read_text(), tmp_path)
    done = strictly(tmp_path / "src")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("words", ["domain", "domain --language python", "method", "format"])
def test_new_packages_have_sound_types(words: str, tmp_path: Path) -> None:
    new = [sys.executable, "-m", "psynth", "new", *words.split(), "maze", "-o", str(tmp_path / "maze")]
    subprocess.run(new, check=True, capture_output=True)
    done = strictly(tmp_path / "maze" / "src")
    assert done.returncode == 0, done.stdout


def strictly(folder: Path) -> "subprocess.CompletedProcess[str]":
    """The packages in a folder under mypy --strict, without the settings of psynth's own sources."""
    packages = [path.name for path in folder.iterdir() if (path / "__init__.py").exists()]
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--explicit-package-bases", *packages]
    paths = {"PYTHONPATH": str(ROOT), "MYPYPATH": "", "PATH": os.environ["PATH"]}
    return subprocess.run(words, cwd=folder, env=paths, capture_output=True, text=True, check=False)
