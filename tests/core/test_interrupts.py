"""Signals that come at bad moments: none is lost, and none interrupts what must be whole."""

import importlib
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from psynth.core import interrupts

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
HEARD = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
"""Without SIGHUP where the tests run under nohup, which psynth heeds."""


def _interrupted(work: Callable[[], None]) -> None:
    """Assert that ``work`` is interrupted."""
    with pytest.raises(KeyboardInterrupt), interrupts.raised():
        work()


@pytest.mark.parametrize("how", HEARD)
def test_a_signal_in_a_destructor_is_raised_after_it(how: signal.Signals) -> None:
    class Doomed:
        def __del__(self) -> None:
            signal.raise_signal(how)

    def work() -> None:
        Doomed()
        time.sleep(5)

    _interrupted(work)
    assert interrupts.caught() == how


def test_an_import_is_not_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "interrupted_module.py").write_text("import signal\nsignal.raise_signal(2)\nwhole = True\n")
    monkeypatch.syspath_prepend(tmp_path)

    def work() -> None:
        importlib.import_module("interrupted_module")
        time.sleep(5)

    _interrupted(work)
    assert sys.modules.pop("interrupted_module").whole


@pytest.mark.parametrize("how", HEARD)
def test_a_delayed_signal_comes_at_the_end_of_the_block(how: signal.Signals) -> None:
    reached = []

    def work() -> None:
        with interrupts.delayed():
            signal.raise_signal(how)
            reached.append(True)
        time.sleep(5)

    _interrupted(work)
    assert reached


def test_handlers_are_as_before() -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}, sys.unraisablehook
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts.raised(), interrupts.delayed():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, "nohup would have no effect"
    finally:
        signal.signal(signal.SIGHUP, before[0][signal.SIGHUP])
    assert ({number: signal.getsignal(number) for number in SIGNALS}, sys.unraisablehook) == before
