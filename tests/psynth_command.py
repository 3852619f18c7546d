"""Runs psynth as a process of its own, with the toy plugin on the path."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "tests" / "toy"


@dataclass(frozen=True)
class Psynth:
    """Runs psynth with only the toy plugin, in a folder of the test's own."""

    folder: Path

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of every run."""
        path = os.pathsep.join([str(ROOT), str(TOY), os.environ.get("PYTHONPATH", "")])
        fixed = {"PYTHONPATH": path, "PSYNTH_PLUGINS": "toy", "COLUMNS": "100", "TERM": "dumb"}
        return {**os.environ, **fixed, **(extra or {})}

    def command(self, *words: str) -> list[str]:
        """The words that start psynth."""
        return [sys.executable, "-m", "psynth", *words]

    def __call__(
        self, *words: str, input: str | bytes = "", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end, with ``input`` on standard input."""
        data = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            self.command(*words),
            input=data,
            capture_output=True,
            cwd=self.folder,
            env=self.environment(env),
            timeout=60,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode()
        )

    def start(self, *words: str, env: Mapping[str, str] | None = None, **options: object) -> subprocess.Popen[bytes]:
        """Start and return the process."""
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            self.command(*words), cwd=self.folder, env=self.environment(env), **options
        )

    def pipe(self, *stages: Sequence[str]) -> str:
        """The output of stages joined by pipes, one after the other."""
        text = ""
        for stage in stages:
            done = self(*stage, input=text)
            assert done.returncode == 0, done.stderr
            text = done.stdout
        return text
