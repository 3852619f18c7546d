"""The exit statuses of psynth, in the one table that help, manual and documentation print."""

from __future__ import annotations

from collections.abc import Collection, Mapping

EXIT_STATUSES: Mapping[int, str] = {
    0: "success, even if nothing was found",
    1: "with --exit-status: nothing was found",
    2: "usage error: an unknown option, a missing file, a value out of range",
    3: "bad input; the message names file, line and task",
    4: "with --strict: incomplete, because a budget ran out, the input was cut short or shards are missing",
    5: "internal error, or an error in a plugin; PSYNTH_DEBUG=1 shows the traceback",
    130: "interrupted by Ctrl-C (143 by SIGTERM, 129 by SIGHUP); what was found until then is kept",
    141: "the reader of the output is gone",
}
"""The meaning of each exit status."""

_NEEDS: Mapping[int, str] = {1: "--exit-status", 4: "--strict"}


def exit_rows(flags: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The exit statuses of a subcommand with these options."""
    return tuple((str(code), text) for code, text in EXIT_STATUSES.items() if _NEEDS.get(code, "--help") in flags)
