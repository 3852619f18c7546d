"""The set of texts that `check` remembers."""

import tracemalloc

from psynth.core.stream.seen import Seen


def test_it_is_a_set_of_texts() -> None:
    seen = Seen()
    texts = [f"list/{number % 30_000}" for number in range(45_000)] + ["\ud800", "", "\ud800", ""]
    known: set[str] = set()
    for text in texts:
        assert seen.add(text) == (text not in known)
        known.add(text)


def test_a_text_takes_at_most_32_bytes() -> None:
    tracemalloc.start()
    seen = Seen()
    for number in range(40_000):
        seen.add(f"list/{number}")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 32 * 40_000 + 4096
