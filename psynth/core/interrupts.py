"""The signals that end a command: at once while it starts, then as KeyboardInterrupt where that is safe; never lost."""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNALED = 128
"""Added to the number of a signal, the exit status of a command that it ended: 130 for SIGINT."""
_AGAIN = 0.01
"""Seconds after which a signal that came at a bad moment comes again."""

Handler = Callable[[int, FrameType | None], Any]


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: ends a command like Ctrl-C."""


class _State:
    """What this process has met."""

    caught: int | None = None
    """The signal that ends this command."""
    delayed: list[int] | None = None
    """The signals that came while they were delayed; None if they are not."""
    outlived: bool = False
    """Whether an interrupt was outlived."""


def end_at_once() -> None:
    """From here on, a signal ends the process with its status and without a word: there is nothing to clean up."""
    _handle(_leave)


def caught() -> int:
    """The signal that raised KeyboardInterrupt; SIGINT if none did, but a plugin of its own accord."""
    return signal.SIGINT if _State.caught is None else _State.caught


@contextlib.contextmanager
def raised() -> Iterator[None]:
    """Within the block, a signal raises KeyboardInterrupt, but not during an import, and it cannot be swallowed.

    An import that is interrupted may leave native modules half initialized. An exception that is raised in a
    destructor or in the callback of a weak reference is lost; the signal then comes again.
    """
    _State.caught, _State.outlived = None, False
    before = {number: signal.getsignal(number) for number in SIGNALS}
    hook = sys.unraisablehook

    def unraisable(lost: sys.UnraisableHookArgs) -> None:
        if isinstance(lost.exc_value, KeyboardInterrupt) and _State.caught is not None:
            _come_again(_State.caught)
        else:
            hook(lost)

    sys.unraisablehook = unraisable
    _handle(_raise)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is _raise:
                signal.signal(number, handler)
        sys.unraisablehook = hook


def outlive(interrupt: KeyboardInterrupt) -> bool:
    """Whether to go on after an interrupt that came while waiting for a pipe: the first Ctrl-C, no other signal.

    A terminal sends Ctrl-C to all stages of a pipe. Those before this one are ending, and hand over what they found;
    a stage that ended now would lose it. Its exit status is that of an interrupted command nevertheless.
    """
    if isinstance(interrupt, Terminated) or _State.outlived or not _in_foreground():
        return False
    _State.outlived = True
    return True


def outlived() -> bool:
    """Whether an interrupt was outlived."""
    return _State.outlived


def _in_foreground() -> bool:
    """Whether this process is one of those that a terminal sends Ctrl-C to."""
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:  # there is no terminal
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


@contextlib.contextmanager
def delayed() -> Iterator[None]:
    """Within the block no signal interrupts the main thread; one that comes does so at the end of the block."""
    import threading

    if threading.current_thread() is not threading.main_thread() or _State.delayed is not None:
        yield
        return
    # Where psynth is a library, the handler is Python's own.
    foreign = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    came: list[int] = []
    _State.delayed = came
    if foreign:
        signal.signal(signal.SIGINT, _raise)
    try:
        yield
    finally:
        _State.delayed = None
        if foreign:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in came[:1]:
            signal.raise_signal(number)


def _handle(handler: Handler) -> None:
    """Set a handler for the signals that this process was not told to ignore."""
    for number in SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler, _leave):
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(SIGNALED + number)


def _raise(number: int, frame: FrameType | None) -> None:
    if _State.delayed is not None:
        _State.delayed.append(number)
        return
    _State.caught = number
    if _imports(frame):
        _come_again(number)
        return
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated


def _imports(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _come_again(number: int) -> None:
    def send() -> None:
        time.sleep(_AGAIN)
        os.kill(os.getpid(), number)

    _thread.start_new_thread(send, ())
