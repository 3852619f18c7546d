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


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_closed_iterator_yields_no_more(interrupted: bool) -> None:
    """The rest of the results is dropped, after an interrupt too: a generator must not ignore that it is closed."""
    stop = Stop()

    def items() -> Iterator[Work[int]]:
        yield Work.done(1)
        yield Work(lambda: iter((2, 3)))
        if interrupted:
            raise KeyboardInterrupt
        yield Work.done(4)

    results = in_order(items(), jobs=1, stop=stop)
    assert next(results) == 1
    assert next(results) == 2
    results.close()
    assert stop.is_set()
    assert list(results) == []
