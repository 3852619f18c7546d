"""psynth doctor: checks the installation and says how to fix it."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli.json_output import print_json
from psynth.cli.options import JSON, JsonOption
from psynth.cli.subcommand import Parsed, Subcommand
from psynth.core import standard
from psynth.core.errors import EngineError
from psynth.plugins.registry import Registration

DETAILS = """\
The versions, the native engines, the plugins and the optional extras are checked. Exit status 0 if everything that is
installed works, 5 if something is broken; an optional part that is not installed is not an error.
"""


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand("doctor", f"{help}\n\n{DETAILS}", run, groups=[JSON])


def usable(offer: Registration) -> None:
    """Build the options of what a plugin offers; an exception says why the command line cannot use it."""
    from psynth.cli.dispatch import subcommand as found
    from psynth.cli.table import TABLE

    if offer.kind == "command" and offer.name in TABLE:
        raise EngineError(f"{offer.title} is never reached: psynth has a subcommand of this name")
    if offer.kind == "method" and offer.subcommand in TABLE and TABLE[offer.subcommand].module:
        raise EngineError(f"{offer.title} is never reached: this subcommand has no methods")
    if offer.kind == "method":
        found(offer.subcommand, ["--method", offer.name])
    elif offer.kind == "command":
        found(offer.name)
    elif offer.kind == "format":
        for verb in ("import", "export"):
            found(verb, [offer.name])


def run(parsed: Parsed) -> int:
    """Print each finding, and how to fix what is broken."""
    from psynth.plugins.health import findings

    found = list(findings(usable=usable))
    if parsed.of(JsonOption).json:
        rows = [{"subject": each.subject, "state": each.state, "detail": each.detail} for each in found]
        print_json(rows)
    else:
        width = max(len(each.subject) for each in found)
        for each in found:
            print(f"{each.state:<7}  {each.subject:<{width}}  {each.detail}".rstrip(), file=standard.out())
    faults = sum(each.state == "broken" for each in found)
    if faults:
        standard.out().flush()
        raise EngineError(f"{faults} {'part is' if faults == 1 else 'parts are'} broken")
    return 0
