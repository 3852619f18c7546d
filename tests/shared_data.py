"""Where tests find other people's data, which is never committed: they skip, with the reason, where it is absent."""

import os
from pathlib import Path

import pytest


def shared_data(relative: str) -> Path:
    """Return the path of ``relative`` below the shared data folder, or skip the calling test."""
    root = Path(os.environ.get("PSYNTH_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    path = root / relative
    if not path.exists():
        pytest.skip(f"real data {relative} is not here: set PSYNTH_SHARED_DATA to the folder that holds it")
    return path
