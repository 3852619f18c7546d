"""psynth export: turn a stream into another format."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli.filters import ERRORS, LIMIT, OUTPUT, SHARD, STRICT, TALK, doc, first_known
from psynth.cli.subcommand import Argument, Group, Parsed, Subcommand
from psynth.plugins.registry import default_registry

HELP = """Turn a stream into a file of another format, on standard output or in -o FILE.

The format's own settings are options too: psynth help export FORMAT.

    psynth export stitch library.jsonl > programs.json
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the format that ``words`` name."""
    registry = default_registry()
    known = tuple(registry.offers("format"))
    name = first_known(words, known)
    arguments = [
        Argument("format", "FORMAT", "the format; psynth plugins lists them", required=True, known=known),
        Argument("files", "FILE", "streams to read in this order; none or -: standard input", repeated=True),
    ]
    groups = [LIMIT, SHARD, ERRORS, STRICT, OUTPUT, TALK]
    text = HELP
    if name is not None:
        found = registry.format(name)
        groups.insert(0, Group(f"Settings of the format {name}", found, "export"))
        text = f"{HELP.strip()}\n\nFormat {name}: {doc(found) or found.help}"
    return Subcommand("export", text, run, arguments, groups)


def run(parsed: Parsed) -> int:
    """Read records and write the file."""
    from psynth.cli.pipeline import Pipeline

    registry = default_registry()
    [name] = parsed.arguments["format"]
    Pipeline("export", parsed).exported(parsed.of(registry.format(name)))
    return 0
