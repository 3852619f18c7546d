"""What all tests share: signals as in the foreground, examples without deadlines, fixtures that are slow to make."""

import signal

import pytest
from hypothesis import HealthCheck, settings

from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.languages import languages, machine, registry

__all__ = ["languages", "machine", "registry"]

# A job that a script starts in the background ignores SIGINT, and so does every process it starts. Tests that interrupt
# a command would then wait forever, or gather its output without end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes depends on what else the machine does; a slow one is no failure.
settings.register_profile("psynth", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("psynth")


@pytest.fixture(scope="session")
def lambda_machine() -> None:
    """Skip where the λ-machine has not been built."""
    if not EXECUTABLE.exists():
        pytest.skip(f"the λ-machine is not built: {EXECUTABLE.name} is missing")
