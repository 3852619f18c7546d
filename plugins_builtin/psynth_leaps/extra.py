"""Asks for the packages of the extra ``neural`` and says how to get them where they are missing."""

from __future__ import annotations

import importlib.util

from psynth.core.errors import UsageError


def require(what: str, *packages: str) -> None:
    """UsageError that names the extra if one of ``packages`` is not installed."""
    missing = [package for package in packages if _absent(package)]
    if missing:
        raise UsageError(f"{what} needs {' and '.join(missing)}: pip install 'psynth[neural]'")


def _absent(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is None
    except (ImportError, ValueError):
        return True
