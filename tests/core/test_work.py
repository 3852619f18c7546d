"""Concurrent work ends in good order."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from psynth.core.work import Stop, Work, in_order


def test_a_reader_that_goes_away_after_an_interrupt_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a signal ends all stages of a pipe: this one is interrupted, and then nobody reads what it had found."""

    def items() -> Iterator[Work[int]]:
        yield Work.done(1)
        yield Work.done(2)
        raise KeyboardInterrupt

    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    stop = Stop()
    results = in_order(items(), jobs=1, stop=stop)
    assert next(results) == 1
    assert stop.is_set()
    results.close()
    del results
    assert lost == []


def test_an_interrupt_is_raised_after_the_results_before_it() -> None:
    def items() -> Iterator[Work[int]]:
        yield Work.done(1)
        yield Work.done(2)
        raise KeyboardInterrupt

    results = in_order(items(), jobs=1, stop=Stop())
    assert [next(results), next(results)] == [1, 2]
    with pytest.raises(KeyboardInterrupt):
        next(results)
