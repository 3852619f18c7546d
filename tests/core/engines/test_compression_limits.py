"""Limits and callbacks of compression as Python gives them: their units, and that nothing is copied."""

from collections.abc import Sequence
from typing import NoReturn

from psynth.core.engines.compression import CompressionSettings, JointSearch, compress

TASKS = [[f"(s {' '.join(steps)} {end})"] for end in "xyz" for steps in (["h", "t", "(r 1)"] * 20, ["t", "(l 2)"] * 25)]


def test_a_memory_limit_is_in_megabytes() -> None:
    """A search of a few programs holds some kilobytes."""
    unlimited = compress(TASKS, CompressionSettings())
    assert unlimited.abstractions
    assert compress(TASKS, CompressionSettings(memory_limit=1)) == unlimited


class Owner:
    """Has the callback, and much else that must not be copied with it."""

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise AssertionError("the search copies what its callback belongs to")

    def misfit(self, definitions: Sequence[tuple[str, str]]) -> int | None:
        self.definitions = definitions
        return None


def test_a_search_over_libraries_calls_back_what_it_is_given() -> None:
    owner = Owner()
    found = compress(TASKS, CompressionSettings(), joint=JointSearch("description-length", 0, misfit=owner.misfit))
    assert len(owner.definitions) == len(found.abstractions) > 0
