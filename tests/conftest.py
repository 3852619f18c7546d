"""Gives the tests the signals of a command in the foreground.

A job that a script starts in the background ignores SIGINT, and so does every process it starts. Tests that interrupt a
command would then wait for ever, or gather its output without end.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.languages import languages, machine, registry

__all__ = ["languages", "machine", "registry"]


@pytest.fixture(scope="session")
def lambda_machine() -> None:
    """Skip where the λ-machine has not been built."""
    if not EXECUTABLE.exists():
        pytest.skip(f"the λ-machine is not built: {EXECUTABLE.name} is missing")
