"""Makes virtual environments to install packages into, without a network: they borrow the dependencies of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class FreshEnvironment:
    """A virtual environment in ``folder`` that sees this environment's packages, but not this environment's psynth.

    What this environment imports through a ``.pth`` file — an editable psynth — stays hidden, because Python reads such
    files only in an environment's own folder. What is installed here comes before what is borrowed.
    """

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.scripts = folder / "bin"
        self.python = self.scripts / "python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        borrowed = [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
        (folder / "lib" / version / "site-packages" / "borrowed.pth").write_text(
            "".join(f"{path}\n" for path in borrowed), encoding="utf-8"
        )

    def install(self, *arguments: str | Path, cwd: Path | None = None) -> None:
        """Installs with pip, from what is on this machine; building finds hatchling among the borrowed packages."""
        offline = ["--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "install", *offline, *map(str, arguments)]
        finished = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stdout + finished.stderr

    def run(
        self, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command with this environment's scripts first on the path; ``cwd`` should be outside of a checkout."""
        environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}} | dict(env or {})
        environment["PATH"] = f"{self.scripts}{os.pathsep}{environment.get('PATH', '')}"
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
