"""Golden cases: each folder of tests/cases holds a command line, what it reads and everything that it says.

``cmd`` is run by bash in a folder of its own, with ``input`` (if there is one) as standard input and the other files of
the case beside it. ``expected`` is its standard output, then what it wrote on standard error and its exit status where
there is any. ``needs`` (optional) names installed plugins to load besides the toy, ``lambda-machine``, ``compression``.

PSYNTH_UPDATE_CASES=1 writes ``expected`` anew; ``git diff`` is the review.
"""

import importlib.util
import os
import shlex
import shutil
import subprocess
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from psynth import __version__
from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.psynth_command import Psynth

CASES = Path(__file__).parent / "cases"
SPECIAL = {"cmd", "expected", "input", "needs"}


def plugins_needed(case: Path) -> list[str]:
    """The plugins that a case needs; skips the test where something that it needs is not there."""
    needs = (case / "needs").read_text().split() if (case / "needs").exists() else []
    plugins = [need for need in needs if need not in ("lambda-machine", "compression")]
    if "lambda-machine" in needs and not EXECUTABLE.exists():
        pytest.skip("needs the λ-machine, which is not built")
    if "compression" in needs and importlib.util.find_spec("psynth._native") is None:
        pytest.skip("needs the compression engine, which is not built")
    missing = set(plugins) - {entry_point.name for entry_point in entry_points(group="psynth")}
    if missing:
        pytest.skip(f"needs plugins that are not installed: {', '.join(sorted(missing))}")
    return ["toy", *plugins]


def outcome_of(case: Path, folder: Path) -> str:
    """Run a case in ``folder`` and return what it said."""
    for file in case.iterdir():
        if file.name not in SPECIAL:
            shutil.copy(file, folder)
    psynth = Psynth(folder)
    environment = psynth.environment({"PSYNTH_PLUGINS": ",".join(plugins_needed(case)), "LC_ALL": "C.UTF-8"})
    script = f'psynth() {{ {shlex.join(psynth.command())} "$@"; }}\n{(case / "cmd").read_text()}'
    data = (case / "input").read_bytes() if (case / "input").exists() else b""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        input=data,
        capture_output=True,
        cwd=folder,
        env=environment,
        timeout=120,
    )
    text = done.stdout.decode()
    if done.stderr:
        text += f"--- standard error\n{done.stderr.decode()}"
    if done.returncode:
        text += f"--- exit status {done.returncode}\n"
    return text.replace(f'"version":"{__version__}"', '"version":"VERSION"')


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_case(case: Path, tmp_path: Path) -> None:
    said = outcome_of(case, tmp_path)
    if os.environ.get("PSYNTH_UPDATE_CASES") == "1":
        (case / "expected").write_text(said)
    assert said == (case / "expected").read_text()
