"""No damaged stream makes any subcommand fail in another way than documented, in any domain.

A failure names its seed: PSYNTH_FUZZ_SEEDS=7 (or 7-99) runs these alone.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins.registry import GROUP, Registry, default_registry
from tests.robustness.campaign import attack, commands, stream_of
from tests.toys.registered import all_installed

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
BUILT_IN = sorted(Registry(entry_points(group=GROUP), environ={}).offers("domain"))
OTHERS = ("tiles", "toy-source", "toy-vectors")


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    """The built-in plugins, the example and the toys, as installed ones are found."""
    with all_installed():
        yield


def campaign(domain: str, seeds: range, folder: Path, every: int) -> list[str]:
    """What breaks; of the commands, each seed takes one in ``every``, so that all of them are met in turn."""
    chosen = os.environ.get("PSYNTH_FUZZ_SEEDS")
    if chosen:
        first, _, last = chosen.partition("-")
        seeds, every = range(int(first), int(last or first) + 1), 1
    sound = stream_of(default_registry().domain(domain))
    found: list[str] = []
    for number, words in enumerate(commands(default_registry(), folder)):
        for seed in seeds:
            if (number + seed + zlib.crc32(domain.encode())) % every == 0:
                found += [f"seed {seed}, psynth {' '.join(words)}: {why}" for why in attack(words, sound, seed, folder)]
    return found


@pytest.mark.parametrize("domain", [*BUILT_IN, *OTHERS])
def test_damaged_streams(domain: str, tmp_path: Path) -> None:
    found = campaign(domain, range(4), tmp_path, every=8)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("domain", [*BUILT_IN, *OTHERS])
def test_many_damaged_streams(domain: str, tmp_path: Path) -> None:
    found = campaign(domain, range(100, 160), tmp_path, every=1)
    assert not found, "\n".join(found)
