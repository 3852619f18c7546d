"""What all checks share: one clear sentence on the contract that is broken, and names turned into what they name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NoReturn


def require(kept: bool, broken: str) -> None:
    """AssertionError with the sentence ``broken`` unless a contract is ``kept``."""
    if not kept:
        fail(broken)


def fail(broken: str) -> NoReturn:
    """AssertionError with a sentence; pytest does not show this frame."""
    __tracebackhide__ = True
    raise AssertionError(broken)


@contextlib.contextmanager
def no_exception(what: str) -> Iterator[None]:
    """Turn an exception of plugin code into the AssertionError that ``what`` raised it."""
    try:
        yield
    except AssertionError:
        raise
    except Exception as error:  # a plugin may raise anything at all
        raise AssertionError(f"{what} raises {type(error).__name__}: {error}") from error


def require_text(value: object, what: str) -> None:
    """AssertionError unless ``value`` is one line of text that says something."""
    kept = isinstance(value, str) and value.strip() == value and value != "" and "\n" not in value
    require(kept, f"{what} is one line of text, not {value!r}")
