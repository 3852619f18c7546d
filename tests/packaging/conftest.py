"""What the packaging tests build once and share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def build_wheel(source: Path, folder: Path, env: dict[str, str] | None = None) -> Path:
    """Builds the wheel of a source tree or archive with pip, as a user would, but downloads no build tools."""
    options = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--wheel-dir", str(folder)]
    finished = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(source)],
        env={**os.environ, **(env or {})},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(ROOT, tmp_path_factory.mktemp("built") / "wheels")


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive of this checkout; making it compiles nothing."""
    folder = tmp_path_factory.mktemp("sdist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (archive,) = folder.glob("*.tar.gz")
    return archive


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources unpacked elsewhere compile into one folder that is kept, so that PyO3 is not compiled in every run."""
    target = ROOT / "native" / "rust" / "target" / "elsewhere"
    # All files of an archive have one time, from which cargo would conclude that our own crates have not changed.
    for manifest in (ROOT / "native" / "rust").glob("*/Cargo.toml"):
        for known in target.glob(f"*/.fingerprint/{manifest.parent.name}-*"):
            shutil.rmtree(known)
    monkeypatch.setenv("CARGO_TARGET_DIR", str(target))


@pytest.fixture
def unpacked(sdist: Path, tmp_path: Path) -> Path:
    """The source archive, unpacked."""
    (tmp_path / "sources").mkdir()
    subprocess.run(["tar", "-xzf", sdist, "-C", tmp_path / "sources"], check=True)
    (folder,) = (tmp_path / "sources").iterdir()
    return folder
