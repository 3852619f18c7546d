"""Work in order: closing the iterator ends it, whatever came before."""

from collections.abc import Iterator

import pytest

from psynth.core.work import Stop, Work, in_order


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
