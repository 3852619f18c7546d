"""Without Gymnasium the environments say what to install, and the rest of the domain works."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = """
import importlib.util, sys
known = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "gymnasium" else known(name, *rest)
sys.modules["gymnasium"] = None
import psynth_karel.domain
try:
    import psynth_karel.gym
except Exception as error:
    print(type(error).__name__, error)
"""


def test_the_extra_is_named() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("UsageError psynth_karel.gym needs gymnasium: ")
    assert "gym" in done.stdout.split("gymnasium: ")[1]
