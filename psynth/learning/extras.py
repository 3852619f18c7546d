"""The check that the packages of an optional extra are installed, with the command that installs them."""

from __future__ import annotations

import importlib.util

from psynth.core.errors import UsageError
from psynth.core.extras import installation


def require(what: str, *packages: str, extra: str = "neural") -> None:
    """Raise `UsageError`, with the command to install ``extra``, unless all of ``packages`` are installed.

    ``what`` is the command or option that needs the packages, as the user types it.
    """
    missing = [package for package in packages if not _installed(package)]
    if missing:
        raise UsageError(f"{what} needs {' and '.join(missing)}: {installation(extra)}")


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False
