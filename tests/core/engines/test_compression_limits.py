"""Limits of compression as Python gives them: their units."""

from psynth.core.engines.compression import CompressionSettings, compress

TASKS = [[f"(s {' '.join(steps)} {end})"] for end in "xyz" for steps in (["h", "t", "(r 1)"] * 20, ["t", "(l 2)"] * 25)]


def test_a_memory_limit_is_in_megabytes() -> None:
    """A search of a few programs holds some kilobytes."""
    unlimited = compress(TASKS, CompressionSettings())
    assert unlimited.abstractions
    assert compress(TASKS, CompressionSettings(memory_limit=1)) == unlimited
