"""Fixtures of the domain tests."""

import pytest

from psynth.core.lambda_machine import EXECUTABLE


@pytest.fixture(scope="session")
def lambda_machine():
    """Skip where the λ-machine has not been built."""
    if not EXECUTABLE.exists():
        pytest.skip(f"the λ-machine is not built: {EXECUTABLE.name} is missing")
