"""psynth doctor: check the installation and say what to mend."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from psynth.cli.options import JsonOption
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core.errors import EngineError

HELP = """Check the installation: versions, the native engines, the plugins and the optional extras.

Exit status 0 when all that is installed works, 5 when something is broken; what is merely not installed is no fault.
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand's arguments, options and function."""
    return Subcommand("doctor", HELP, run, groups=[Group("Options", JsonOption)])


def run(parsed: Parsed) -> int:
    """Print each finding, and what to do about those that are faults."""
    from psynth.plugins.health import findings

    found = list(findings())
    if parsed.of(JsonOption).json:
        import orjson

        rows = [{"subject": each.subject, "state": each.state, "detail": each.detail} for each in found]
        sys.stdout.buffer.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        width = max(len(each.subject) for each in found)
        for each in found:
            print(f"{each.state:<7}  {each.subject:<{width}}  {each.detail}".rstrip())
    faults = sum(each.state == "broken" for each in found)
    if faults:
        sys.stdout.flush()
        raise EngineError(f"{faults} {'thing is' if faults == 1 else 'things are'} broken")
    return 0
