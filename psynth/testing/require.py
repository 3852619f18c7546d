"""The assertions of all checks: each failure is one clear sentence on the contract that is broken."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NoReturn


def require(kept: bool, broken: str) -> None:
    """Raise AssertionError with the sentence ``broken`` unless a contract is ``kept``."""
    if not kept:
        fail(broken)


def fail(broken: str) -> NoReturn:
    """Raise AssertionError with a sentence; pytest does not show this frame."""
    __tracebackhide__ = True
    raise AssertionError(broken)


@contextlib.contextmanager
def no_exception(what: str) -> Iterator[None]:
    """Convert an exception of plugin code to an AssertionError that says what ``what`` raised."""
    try:
        yield
    except AssertionError:
        raise
    except Exception as error:  # a plugin may raise any exception
        raise AssertionError(f"{what} raises {type(error).__name__}: {error}") from error


def require_text(value: object, what: str) -> None:
    """Raise AssertionError unless ``value`` is one non-empty line of text."""
    kept = isinstance(value, str) and value.strip() == value and value != "" and "\n" not in value
    require(kept, f"{what} is one line of text, not {value!r}")
